//! `text-empty`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A text that every document has is empty.
pub(super) static CODE: Code = Code {
    id: "text-empty",
    severity: Severity::Error,
    summary: "a text that every document has is empty",
    explanation: "The page and the mail would have a heading with nothing below it.",
    since: None,
    example: Some(Example::advisory(
        "title: ' '\n",
        "title: Nova example flaw\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut texts = vec![("title", &document.title)];
    if let Some(body) = document.advisory() {
        texts.push(("description", &body.description));
    }
    if let Some(body) = document.note() {
        texts.extend([
            ("summary", &body.summary),
            ("discussion", &body.discussion),
            ("recommended-actions", &body.actions),
        ]);
    }
    texts
        .into_iter()
        // A field that is not there at all is `missing-field`.
        .filter(|(_, text)| text.is_blank() && text.span.start != text.span.end)
        .map(|(field, text)| CODE.at(text.span, format!("`{field}` is empty")))
        .collect()
}
