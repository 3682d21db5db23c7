//! `branch-empty`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A branch has no review.
pub(super) static CODE: Code = Code {
    id: "branch-empty",
    severity: Severity::Warning,
    summary: "a branch has no review",
    explanation: "The name of a branch without a patch makes readers search for one. Add the review, or \
        delete the branch.",
    since: None,
    example: Some(Example::advisory(
        "reviews:\n  2026.1/gazpacho: []\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    document
        .reviews
        .iter()
        .filter(|group| group.reviews.is_empty())
        .map(|group| {
            CODE.at(
                group.key.span,
                format!("`{}` has no review", group.key.value),
            )
            .help("add one, or delete the branch")
        })
        .collect()
}
