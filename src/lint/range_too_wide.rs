//! `range-too-wide`.

use super::{Context, SAMPLE_LOCK, by_line, some_of};
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A release with the fix is declared.
pub(super) static CODE: Code = Code {
    id: "range-too-wide",
    severity: Severity::Warning,
    summary: "a release that holds the fix is declared as affected",
    explanation: "The tags of the product show releases with the whole fix inside the declared range. \
        Readers would move away from a safe release, and scanners would report it for ever. Narrow the \
        range. Where the fix was incomplete, name the later commits under `fixes`, or waive the finding \
        with the reason.",
    since: None,
    example: Some(
        Example::advisory(
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <=30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
        )
        .resolved(SAMPLE_LOCK),
    ),
};

/// Checks one document.
pub(super) fn check<'a>(context: &Context<'a>, document: &'a Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for resolved in context.resolved(document) {
        for (line, releases) in by_line(&resolved.verdict.unaffected) {
            let (product, many) = (resolved.product_name, releases.len() > 1);
            let message = format!(
                "{product} {} {} the fix and {} declared affected",
                some_of(&releases),
                if many { "hold" } else { "holds" },
                if many { "are" } else { "is" },
            );
            let span = resolved.affected.version.span;
            found.push(CODE.at(span, message).help(resolved.first_fixed(line)));
        }
    }
    found
}
