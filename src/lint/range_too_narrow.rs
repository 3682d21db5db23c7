//! `range-too-narrow`.

use super::{Context, SAMPLE_LOCK, by_line, some_of};
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A vulnerable release is not declared.
pub(super) static CODE: Code = Code {
    id: "range-too-narrow",
    severity: Severity::Error,
    summary: "a release that lacks the fix is not declared as affected",
    explanation: "The tags of the product show releases without the fix that the version expression \
        leaves out: who reads it takes them for safe. Most often a release was tagged shortly before \
        the fix landed, or the first patch release was taken for the fixed one. Widen the range. A \
        finding that is known to be wrong (the first fix was incomplete, the flaw came with a later \
        commit) is waived with the reason, or `fixes` names the right commits.",
    since: None,
    example: Some(
        Example::advisory(
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.1, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
        )
        .resolved(SAMPLE_LOCK),
    ),
};

/// Checks one document.
pub(super) fn check<'a>(context: &Context<'a>, document: &'a Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for resolved in context.resolved(document) {
        for (line, releases) in by_line(&resolved.verdict.undeclared) {
            let (product, many) = (resolved.product_name, releases.len() > 1);
            let message = format!(
                "{product} {} {} the fix and {} not declared affected",
                some_of(&releases),
                if many { "lack" } else { "lacks" },
                if many { "are" } else { "is" },
            );
            let span = resolved.affected.version.span;
            found.push(CODE.at(span, message).help(resolved.first_fixed(line)));
        }
    }
    found
}
