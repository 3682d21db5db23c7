//! `date-in-future`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A document without embargo has a day in the future.
pub(super) static CODE: Code = Code {
    id: "date-in-future",
    severity: Severity::Warning,
    summary: "a document without embargo has a day in the future",
    explanation: "A public document that is dated ahead is on the site before its day. Either the date is \
        wrong, or the document is still private and needs an `embargo` block.",
    since: None,
    example: Some(Example::advisory(
        "date: 2026-12-24\nvulnerabilities:\n  - cve-id: CVE-2026-12345\nreviews: {}\n",
        "date: 2026-03-03\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    match document.date.day {
        Some(day) if day > context.today && !document.is_private() => {
            vec![
                CODE.at(document.date.text.span, format!("{day} is in the future"))
                    .help("correct it, or add an `embargo` block while the document is private"),
            ]
        }
        _ => Vec::new(),
    }
}
