//! `note-repeated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::collections::BTreeSet;

/// Two notes say the same.
pub(super) static CODE: Code = Code {
    id: "note-repeated",
    severity: Severity::Warning,
    summary: "two notes say the same",
    explanation: "Readers look for the difference between them and find none. Join the two into one.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  - Patches for unmaintained branches are provided as a courtesy.\n  - 'Patches for unmaintained branches are provided as a courtesy:'\n",
        "notes:\n  - Patches for unmaintained branches are provided as a courtesy.\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(body) = document.advisory() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (at, note) in body.notes.iter().enumerate() {
        let first = body.notes[..at]
            .iter()
            .find(|other| alike(&note.value, &other.value));
        if let Some(first) = first {
            found.push(
                CODE.at(note.span, "a note before it says the same")
                    .related(first.span, "this one")
                    .help("join the two"),
            );
        }
    }
    found
}

/// Whether two texts of at least five words share nine in ten of them.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let split = text.split(|c: char| !c.is_alphanumeric() && c != '.');
        split
            .map(|word| word.trim_matches('.').to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    let (a, b) = (words(a), words(b));
    let (shared, all) = (a.intersection(&b).count(), a.union(&b).count());
    all >= 5 && shared * 10 >= all * 9
}
