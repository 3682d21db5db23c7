//! `embargo-dates`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use chrono::DateTime;

/// The dates of an embargo contradict each other.
pub(super) static CODE: Code = Code {
    id: "embargo-dates",
    severity: Severity::Error,
    summary: "the dates of an embargo contradict each other",
    explanation: "The disclosure lies behind the reception, on the day that `date` gives, and is a moment \
        in UTC: recipients rely on it to the hour.",
    since: None,
    example: Some(Example::advisory(
        "embargo:\n  received: 2026-02-03\n  disclosure: 2026-03-04T15:00:00Z\n",
        "embargo:\n  received: 2026-02-03\n  disclosure: 2026-03-03T15:00:00Z\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(embargo) = &document.embargo else {
        return Vec::new();
    };
    let Some(text) = &embargo.disclosure else {
        return Vec::new();
    };
    let Ok(moment) = DateTime::parse_from_rfc3339(text.value.trim()) else {
        return vec![
            CODE.at(text.span, format!("`{}` is no moment", text.value.trim()))
                .help("write it like 2026-11-24T15:00:00Z"),
        ];
    };
    let day = moment.to_utc().date_naive();
    let mut found = Vec::new();
    if let Some(received) = embargo.received.as_ref()
        && received.day.is_some_and(|received| received > day)
    {
        found.push(
            CODE.at(text.span, "the disclosure lies before the reception")
                .related(received.text.span, "received"),
        );
    }
    if document.date.day.is_some_and(|date| date != day) {
        found.push(
            CODE.at(
                document.date.text.span,
                "the date is not the day of the disclosure",
            )
            .related(text.span, "the disclosure")
            .help(format!("write {day}, or move the disclosure")),
        );
    }
    found
}
