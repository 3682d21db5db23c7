//! `author-missing`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A note names no author.
pub(super) static CODE: Code = Code {
    id: "author-missing",
    severity: Severity::Warning,
    summary: "a note names no author",
    explanation: "Readers with questions want to know whom to ask, and archives who said it.",
    since: None,
    example: Some(Example::note("author:\n", "author: A Name, An Org\n")),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    match document.note() {
        Some(note) if note.authors.iter().all(|author| author.is_blank()) => {
            vec![
                CODE.at(document.id_text.span, "no author is named")
                    .help("add `author: Name, Organisation`"),
            ]
        }
        _ => Vec::new(),
    }
}
