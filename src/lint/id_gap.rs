//! `id-gap`.

use std::collections::BTreeMap;

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::{Id, Kind};

/// Numbers are missing before this id.
pub(super) static CODE: Code = Code {
    id: "id-gap",
    severity: Severity::Advice,
    summary: "numbers are missing before this id",
    explanation: "Numbers are given in sequence, so a gap is a document that is missing here: not yet \
        published, withdrawn before publication, or lost. Gaps are never filled later. Numbers in \
        `reservations/` are no gaps.",
    since: None,
    example: Some(Example::advisory("", "").beside("id: OSSA-2026-890\nvulnerabilities:\n  - cve-id: CVE-2026-12399\nreporters:\n  - name: A Name\n    affiliation: An Org\nissues:\n  links: [https://launchpad.net/bugs/1000099]\nreviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000011]\n  2025.2/flamingo: [https://review.opendev.org/1000012]\n  2025.1/epoxy: [https://review.opendev.org/1000013]\n  2024.2/dalmatian: [https://review.opendev.org/1000014]\n")),
};

/// Checks all documents.
pub(super) fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut numbers: BTreeMap<(Kind, Option<i32>), Vec<u32>> = BTreeMap::new();
    for document in context.corpus.documents() {
        let Some(id) = &document.id else { continue };
        // They are the same for all of a year.
        let numbers = numbers
            .entry((document.kind, id.year))
            .or_insert_with(|| context.corpus.numbers(document.kind, id.year));
        let place = numbers.partition_point(|number| *number < id.number);
        let before = place.checked_sub(1).map(|at| numbers[at]);
        // What comes before the first of a folder may lie in an archive.
        let Some(before) = before.filter(|before| before + 1 < id.number) else {
            continue;
        };
        // What is reserved is not lost, and nobody needs to know what it waits for.
        let reserved = |number: &u32| {
            let same = |other: &Id| {
                (&other.prefix, other.year, other.number) == (&id.prefix, id.year, *number)
            };
            context.reserved.iter().any(same)
        };
        let gaps: Vec<u32> = (before + 1..id.number)
            .filter(|number| !reserved(number))
            .collect();
        let missing = match gaps.as_slice() {
            [] => continue,
            [number] => format!("number {number} is missing"),
            [first, .., last] => format!("numbers {first} to {last} are missing"),
        };
        found.push(
            CODE.at(document.id_text.span, missing)
                .help("see whether they are published elsewhere"),
        );
    }
    found
}
