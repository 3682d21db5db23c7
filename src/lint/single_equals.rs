//! `single-equals`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::FaultKind;

/// `=` stands where `==` is meant.
pub(super) static CODE: Code = Code {
    id: "single-equals",
    severity: Severity::Warning,
    summary: "`=` stands where `==` is meant",
    explanation: "In version comparisons equality is `==` (PEP 440); parsers refuse a single `=`. `--fix` \
        doubles it.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1, =32.2.0'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1, ==32.2.0'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    context.misspelt(document, FaultKind::SingleEquals, |place| {
        CODE.at(place, "`=` is no comparison").help("write `==`")
    })
}
