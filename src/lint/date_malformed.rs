//! `date-malformed`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A day that is none.
pub(super) static CODE: Code = Code {
    id: "date-malformed",
    severity: Severity::Error,
    summary: "a day that is none",
    explanation: "Lists, feeds and data files are sorted by the day of publication. It is written as ISO \
        8601 has it, year first: 2026-11-24.",
    since: None,
    example: Some(Example::advisory(
        "date: 24.11.2026\n",
        "date: 2026-03-03\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let received = document
        .embargo
        .as_ref()
        .and_then(|embargo| embargo.received.as_ref());
    let dates = [Some(&document.date), document.withdrawn.as_ref(), received];
    dates
        .into_iter()
        .flatten()
        .filter(|date| date.day.is_none() && !date.text.is_blank())
        .map(|date| {
            CODE.at(
                date.text.span,
                format!("`{}` is no day", date.text.value.trim()),
            )
            .help("write it like 2026-11-24")
        })
        .collect()
}
