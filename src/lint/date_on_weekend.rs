//! `date-on-weekend`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use chrono::{Datelike as _, Weekday};

/// A document is dated on a weekend.
pub(super) static CODE: Code = Code {
    id: "date-on-weekend",
    severity: Severity::Advice,
    summary: "a document is dated on a weekend",
    explanation: "Those who have to act on it are at work from Monday to Friday. The process of the team \
        publishes from Tuesday to Thursday.",
    since: None,
    example: Some(Example::advisory(
        "date: 2026-03-01\n",
        "date: 2026-03-03\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    match document.date.day {
        Some(day) if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) => {
            vec![
                CODE.at(
                    document.date.text.span,
                    format!("{day} is a {}", day.format("%A")),
                )
                .help("see whether the day is right"),
            ]
        }
        _ => Vec::new(),
    }
}
