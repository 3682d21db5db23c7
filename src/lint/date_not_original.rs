//! `date-not-original`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The date is not that of the original version.
pub(super) static CODE: Code = Code {
    id: "date-not-original",
    severity: Severity::Warning,
    summary: "the date is not that of the original version",
    explanation: "`date` is the day of first publication and never changes; errata have their own lines in \
        the history. Where the line of the original version says another day, one of the two is \
        wrong.",
    since: None,
    example: Some(Example::advisory(
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-04 - Original Version\n",
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let original = document
        .errata_history
        .iter()
        .find(|revision| revision.is_original());
    let (Some(revision), Some(day)) = (original, document.date.day) else {
        return Vec::new();
    };
    match revision.day {
        Some(first) if first != day => {
            vec![
                CODE.at(
                    document.date.text.span,
                    format!("the history says {first}, the date {day}"),
                )
                .related(revision.text.span, "the original version")
                .help("correct one of the two"),
            ]
        }
        _ => Vec::new(),
    }
}
