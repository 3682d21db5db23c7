//! `series-number-differs`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::branch::BranchKind;

/// Name and number of a series do not belong together.
pub(super) static CODE: Code = Code {
    id: "series-number-differs",
    severity: Severity::Error,
    summary: "name and number of a series do not belong together",
    explanation: "The number and the name are two names of one series. Where they differ, nobody can tell \
        which branch the patches are for.",
    since: None,
    example: Some(Example::advisory(
        "reviews:\n  2025.2/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in &document.reviews {
        let BranchKind::Series {
            number: Some(number),
            name: Some(name),
        } = &group.branch.kind
        else {
            continue;
        };
        let Some(series) = context.config.series(name) else {
            continue;
        };
        if series.number.as_ref() != Some(number) {
            found.push(
                CODE.at(
                    group.key.span,
                    format!("`{name}` is not the name of {number}"),
                )
                .help(format!("write `{}`, or correct the name", series.label())),
            );
        }
    }
    found
}
