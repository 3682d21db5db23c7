//! Sets made of two expressions: the laws of set algebra, and the form that is shown reads back.

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

fuzz_target!(|texts: (&str, &str)| {
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
        assert_eq!(set(&a.to_string()), Some(a));
    }
});
