//! `history-malformed`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A line of the history does not start with a day.
pub(super) static CODE: Code = Code {
    id: "history-malformed",
    severity: Severity::Warning,
    summary: "a line of the history does not start with a day",
    explanation: "The history becomes revision entries of data formats, which need a day. A line is \
        `2026-11-25 - Errata 1`.",
    since: None,
    example: Some(Example::advisory(
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05\n  - 2026-03-03 - Original Version\n",
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    document
        .errata_history
        .iter()
        .filter(|revision| revision.day.is_none() || revision.label.is_empty())
        .map(|revision| {
            CODE.at(
                revision.text.span,
                format!("`{}` has no day or no label", revision.text.value.trim()),
            )
            .help("write it like `2026-11-25 - Errata 1`")
        })
        .collect()
}
