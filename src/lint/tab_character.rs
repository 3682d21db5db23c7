//! `tab-character`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A text holds a tab.
pub(super) static CODE: Code = Code {
    id: "tab-character",
    severity: Severity::Warning,
    summary: "a text holds a tab",
    explanation: "A tab is as wide as the reader of the mail likes, so what was aligned is not. `--fix` \
        writes four blanks.",
    since: None,
    example: Some(Example::advisory(
        "description: |\n  A Name from An Org reported a flaw in Nova.	It is small.\n",
        "description: |\n  A Name from An Org reported a flaw in Nova. It is small.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for (at, _) in text.value.match_indices('\t') {
            let place = context.place(text, at..at + 1);
            found.push(
                CODE.at(place, "a tab")
                    .replace(place, "    ", "write four blanks"),
            );
        }
    }
    found
}
