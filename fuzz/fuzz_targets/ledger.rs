//! Files that remember, edited by hand or damaged: entries of what was sent, messages of the outbox, plans of
//! publications, one JSON a line. What is read is written as it was, names a file inside of its folder, and two
//! entries for one mail join without loss.

#![no_main]

use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use vmt::embargo::publication::Plan;
use vmt::ledger::{Entry, Ledger};
use vmt::outbox::About;

/// Holds a path to its folder: it leads neither up nor elsewhere.
fn check_inside(path: &Path) {
    for part in path.components() {
        assert!(matches!(part, Component::Normal(_)), "{}", path.display());
    }
}

fuzz_target!(|text: &str| {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Ok(entry) = serde_json::from_str::<Entry>(line) {
            let again: Entry = serde_json::from_str(&entry.to_json()).expect("our own JSON");
            assert_eq!(again, entry);
            check_inside(&entry.path());
            assert_eq!(entry.path().components().count(), 2);
            entries.push(entry);
        }
        if let Ok(about) = serde_json::from_str::<About>(line) {
            let written = serde_json::to_string(&about).expect("our own JSON");
            assert_eq!(
                serde_json::from_str::<About>(&written).ok(),
                Some(about.clone())
            );
            check_inside(Path::new(&about.name()));
            assert_eq!(Path::new(&about.name()).components().count(), 1);
        }
        if let Ok(plan) = serde_json::from_str::<Plan>(line) {
            let again: Plan = serde_json::from_str(&plan.to_json()).expect("our own JSON");
            check_inside(&Plan::path(&plan.draft));
            assert_eq!(again, plan);
        }
    }
    if let [first, second, ..] = entries.as_slice() {
        let joined = second.clone().joined(first);
        for entry in [first, second] {
            assert!(
                entry
                    .recipients
                    .iter()
                    .all(|one| joined.recipients.contains(one))
            );
            assert!(
                entry
                    .evidence
                    .iter()
                    .all(|one| joined.evidence.contains(one))
            );
            assert!(joined.moment <= entry.moment);
        }
        assert_eq!(joined.clone().joined(&joined), joined);
        assert_eq!(joined.clone().joined(first), joined);
    }
    let count = entries.len();
    let ledger = Ledger::of(entries);
    assert_eq!(ledger.entries().len(), count);
    for entry in ledger.entries() {
        let (first, last) = (
            ledger
                .first(&entry.document, &entry.kind)
                .expect("an entry"),
            ledger.last(&entry.document, &entry.kind).expect("an entry"),
        );
        assert!(first.revision <= entry.revision || first.document != entry.document);
        assert!(last.revision >= entry.revision || last.document != entry.document);
        assert!(ledger.of_document(&entry.document).any(|one| one == entry));
    }
});
