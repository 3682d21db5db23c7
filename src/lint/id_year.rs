//! `id-year`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use chrono::Datelike as _;

/// The year of the id is not that of the date.
pub(super) static CODE: Code = Code {
    id: "id-year",
    severity: Severity::Error,
    summary: "the year of the id is not that of the date",
    explanation: "The id carries the year of publication. Where they differ, the id was copied, or the \
        date was.",
    since: None,
    example: Some(Example::advisory(
        "date: 2025-03-03\naffected-products:\n  - product: nova\n    version: '<30.0.1'\nreviews:\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n  2024.1/caracal: [https://review.opendev.org/1000005]\n  2023.2/bobcat: [https://review.opendev.org/1000006]\nvulnerabilities:\n  - cve-id: CVE-2025-12345\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
        "date: 2026-03-03\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let (Some(of_id), Some(day)) = (
        document.id.as_ref().and_then(|id| id.year),
        document.date.day,
    ) else {
        return Vec::new();
    };
    if of_id == day.year() {
        return Vec::new();
    }
    vec![
        CODE.at(
            document.date.text.span,
            format!("the id is of {of_id}, the date of {}", day.year()),
        )
        .related(document.id_text.span, "the id")
        .help("correct one of the two"),
    ]
}
