//! Two sites held against each other, as `check --against` does: the files of the one, a line each, an empty line, the
//! files of the other. A site keeps its promises to itself, and only what was published before is complained of.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::gate::{Published, breaches};
use vmt::render::Artifact;

/// Lines as files: the first is the list of documents, the others are records.
fn site(text: &str) -> Option<Published> {
    let path = |at: usize| match at {
        0 => "advisories.json".to_owned(),
        at => format!("osv/{at}.json"),
    };
    let files: Vec<Artifact> = text
        .lines()
        .enumerate()
        .map(|(at, line)| Artifact {
            path: path(at),
            bytes: line.into(),
        })
        .collect();
    Published::read(&files).ok()
}

fuzz_target!(|text: &str| {
    let (before, after) = text.split_once("\n\n").unwrap_or((text, text));
    let (Some(before), Some(after)) = (site(before), site(after)) else {
        return;
    };
    assert_eq!(breaches(&before, &before), []);
    assert_eq!(breaches(&Published::default(), &after), []);
    assert_eq!(breaches(&before, &Published::default()).len(), before.len());
    let found = breaches(&before, &after);
    assert!(found.is_sorted_by_key(|breach| &breach.id));
    for breach in &found {
        assert!(
            text.contains(breach.id.as_str()) || text.contains('\\'),
            "{breach:?}"
        );
    }
});
