//! `review-repeated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host;
use crate::model::Document;
use crate::model::{Review, ReviewGroup};

/// The same review stands in two places.
pub(super) static CODE: Code = Code {
    id: "review-repeated",
    severity: Severity::Error,
    summary: "the same review stands in two places",
    explanation: "A change is made for one branch of one repository. The same number under two branches or \
        two products means that one patch is missing and another is offered to people whom it \
        does not help.",
    since: None,
    example: Some(Example::advisory(
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000001]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: Vec<(String, &Review, &ReviewGroup)> = Vec::new();
    for (group, review) in document.all_reviews() {
        let Some(reference) = host::recognise(review.link.url()) else {
            continue;
        };
        // A search for a Change-Id finds the change of every branch.
        if reference.url.contains("/q/") {
            continue;
        }
        match seen.iter().find(|(key, ..)| *key == reference.key) {
            Some((_, first, other)) => found.push(
                CODE.at(
                    review.link.text.span,
                    format!(
                        "review {} stands under `{}`, too",
                        reference.number, other.key.value
                    ),
                )
                .related(first.link.text.span, "here")
                .help("find the change that belongs here"),
            ),
            None => seen.push((reference.key, review, group)),
        }
    }
    found
}
