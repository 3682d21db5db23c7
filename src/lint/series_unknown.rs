//! `series-unknown`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::branch::BranchKind;

/// A release series that vmt.toml does not know.
pub(super) static CODE: Code = Code {
    id: "series-unknown",
    severity: Severity::Error,
    summary: "a release series that vmt.toml does not know",
    explanation: "Readers look for the series that they run. A misspelt one is not found by them or by any \
        filter. `--fix` corrects it when there is one near enough; a new series gets a row in \
        `[[series]]`.",
    since: None,
    example: Some(Example::advisory(
        "reviews:\n  2026.1/gazpach: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in &document.reviews {
        let BranchKind::Series { number, name } = &group.branch.kind else {
            continue;
        };
        let written = name.as_deref().or(number.as_deref()).unwrap_or_default();
        // Old documents put a product where the series belongs; that is `branch-dialect`.
        let known =
            context.config.series(written).is_some() || context.config.product(written).is_some();
        if known || written.is_empty() {
            continue;
        }
        let at = group.key.value.to_lowercase().find(written).unwrap_or(0);
        let start = group
            .key
            .value
            .get(at..at + written.len())
            .map_or(0, |_| at);
        let place = context.place(
            &group.key,
            start..(start + written.len()).min(group.key.value.len()),
        );
        let problem = CODE.at(place, format!("there is no series `{written}`"));
        if written == "links" {
            // The key of `issues`, slipped in here: reviews without a branch.
            found.push(problem.help("name the branch that each review is for"));
            continue;
        }
        found.push(match context.config.series_like(written) {
            Some(near) => problem
                .help(format!("did you mean `{}`?", near.label()))
                .replace(place, &near.name, format!("write `{}`", near.name)),
            None => problem.help("correct it, or add it to [[series]] in vmt.toml"),
        });
    }
    found
}
