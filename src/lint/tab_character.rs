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
        let mut end = 0;
        for (at, _) in text.value.match_indices('\t') {
            if at < end {
                continue;
            }
            // Tabs side by side are one slip.
            let rest = &text.value[at..];
            let tabs = rest.len() - rest.trim_start_matches('\t').len();
            end = at + tabs;
            let place = context.place(text, at..end);
            let (what, help) = match tabs {
                1 => ("a tab", "write four blanks"),
                _ => ("tabs", "write four blanks for each"),
            };
            let blanks = "    ".repeat(tabs);
            found.push(CODE.at(place, what).replace(place, &blanks, help));
        }
    }
    found
}
