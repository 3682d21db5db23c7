//! `empty-range`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::FaultKind;

/// A range holds no version at all.
pub(super) static CODE: Code = Code {
    id: "empty-range",
    severity: Severity::Error,
    summary: "a range holds no version at all",
    explanation: "The lower bound lies at or above the upper one, so the clause says that nothing is \
        affected. Most often two digits were swapped, or a bound was copied from another line.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '>=32.1.1 <30.0.0'\n",
        "affected-products:\n  - product: nova\n    version: '>=30.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    context.faults(document, FaultKind::Empty, |place, words| {
        CODE.at(place, format!("`{words}` holds no version"))
            .help("correct one of the two bounds")
    })
}
