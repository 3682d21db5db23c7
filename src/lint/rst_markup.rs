//! `rst-markup`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::prose::habits;

/// ReStructuredText that Markdown does not know.
pub(super) static CODE: Code = Code {
    id: "rst-markup",
    severity: Severity::Warning,
    summary: "reStructuredText that Markdown does not know",
    explanation: "Prose is Markdown. Links of the form `text <address>` in backquotes with an underscore, \
        directives (`.. note::`) and roles (`:ref:`) are shown to readers as they stand, or \
        differently from what their author meant. `--fix` rewrites links.",
    since: Some("2026-01-01"),
    example: Some(Example::advisory(
        "description: |\n  A Name from An Org reported a flaw in Nova, see\n  `the guide <https://docs.openstack.org/>`_.\n",
        "description: |\n  A Name from An Org reported a flaw in Nova, see\n  [the guide](https://docs.openstack.org/).\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for link in habits::links_in(&text.value) {
            let span = context.place(text, link.place.clone());
            let markdown = habits::markdown_link(&link);
            found.push(
                CODE.at(span, "a reStructuredText link")
                    .help(format!("write {markdown}"))
                    .replace(span, &markdown, format!("write {markdown}")),
            );
        }
        let mut start = 0;
        for line in text.value.split_inclusive('\n') {
            let directive = line.trim_start().starts_with(".. ") && line.contains("::");
            if directive {
                let from = start + line.len() - line.trim_start().len();
                let span = context.place(text, from..start + line.trim_end().len());
                found.push(
                    CODE.at(span, "a reStructuredText directive")
                        .help("write a paragraph"),
                );
            }
            start += line.len();
        }
        for role in [":ref:`", ":doc:`", ":term:`", ":option:`"] {
            for (at, _) in text.value.match_indices(role) {
                let span = context.place(text, at..at + role.len());
                found.push(
                    CODE.at(span, "a reStructuredText role")
                        .help("write the text, or a link"),
                );
            }
        }
    }
    found
}
