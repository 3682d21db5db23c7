//! `clause-spacing`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::FaultKind;

/// Blanks in a version expression are not where the others have them.
pub(super) static CODE: Code = Code {
    id: "clause-spacing",
    severity: Severity::Advice,
    summary: "blanks in a version expression are not where the others have them",
    explanation: "No blank between operator and version, one between the bounds of a range, a comma and a \
        blank between ranges: then scripts that cut at blanks and commas work. `--fix` sets \
        them.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '>= 30.0.0 <32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '>=30.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    context.misspelt(document, FaultKind::Spacing, |place| {
        CODE.at(place, "blanks are missing or too many here")
            .help("write it like `>=30.0.0 <30.2.2, ==31.0.0`")
    })
}
