//! `history-without-errata`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The history has errata, but nothing says what changed.
pub(super) static CODE: Code = Code {
    id: "history-without-errata",
    severity: Severity::Warning,
    summary: "the history has errata, but nothing says what changed",
    explanation: "A line such as `Errata 1` makes readers compare two versions by hand. `errata` says what \
        changed, in a sentence or two.",
    since: None,
    example: Some(Example::advisory(
        "errata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let revised = document
        .errata_history
        .iter()
        .find(|revision| !revision.is_original());
    match revised {
        Some(revision)
            if document
                .errata
                .as_ref()
                .is_none_or(|errata| errata.is_blank()) =>
        {
            vec![
                CODE.at(revision.text.span, "nothing says what changed")
                    .help("add `errata`"),
            ]
        }
        _ => Vec::new(),
    }
}
