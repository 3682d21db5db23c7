//! `unordered-ranges`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::FaultKind;

/// Ranges do not ascend.
pub(super) static CODE: Code = Code {
    id: "unordered-ranges",
    severity: Severity::Advice,
    summary: "ranges do not ascend",
    explanation: "Readers look for their release from the oldest to the newest. `--fix` puts the ranges \
        into order.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '>=32.0.0 <32.1.1, >=30.0.0 <31.2.1'\n",
        "affected-products:\n  - product: nova\n    version: '>=30.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    context.misspelt(document, FaultKind::OutOfOrder, |place| {
        CODE.at(place, "this range lies below one before it")
            .help("put the ranges into ascending order")
    })
}
