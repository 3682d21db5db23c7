//! `overlapping-ranges`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::FaultKind;

/// Two ranges share versions.
pub(super) static CODE: Code = Code {
    id: "overlapping-ranges",
    severity: Severity::Error,
    summary: "two ranges share versions",
    explanation: "Ranges of one expression stand for different release lines and never meet. Where they \
        do, one of them has a wrong bound, or says again what the other said.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<31.2.1, >=31.1.0 <32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '<31.2.1, >=32.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    context.faults(document, FaultKind::Overlap, |place, words| {
        CODE.at(
            place,
            format!("`{words}` shares versions with a range before it"),
        )
        .help("correct a bound, or join the two")
    })
}
