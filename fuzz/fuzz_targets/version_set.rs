//! Sets made of two expressions, one a line: the laws of set algebra, and the form that is shown reads back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::version::expression::{Expression, Reading};
use vmt::version::set::VersionSet;

fn set(text: &str) -> Option<VersionSet> {
    match Expression::parse(text).reading {
        Reading::Intervals(intervals) => Some(VersionSet::of(&intervals)),
        Reading::All { .. } => Some(VersionSet::all()),
        _ => None,
    }
}

fuzz_target!(|text: &str| {
    let texts = text.split_once('\n').unwrap_or((text, ">=1.0"));
    let (Some(a), Some(b)) = (set(texts.0), set(texts.1)) else {
        return;
    };
    assert_eq!(a.complement().complement(), a);
    assert_eq!(a.union(&b), b.union(&a));
    assert_eq!(
        a.union(&b).complement(),
        a.complement().intersection(&b.complement())
    );
    assert!(a.without(&b).intersection(&b).is_empty());
    if !a.is_empty() {
        assert_eq!(set(&a.to_string()), Some(a.clone()));
    }
    // A version is in a set exactly where it is not in what is left.
    let ends = [&a, &b].map(|set| set.intervals());
    for interval in ends.iter().flatten() {
        for bound in [&interval.lower, &interval.upper].into_iter().flatten() {
            let version = &bound.version;
            assert_ne!(a.contains(version), a.complement().contains(version));
            assert_eq!(
                a.union(&b).contains(version),
                a.contains(version) || b.contains(version)
            );
            assert_eq!(
                a.intersection(&b).contains(version),
                a.contains(version) && b.contains(version)
            );
        }
    }
});
