//! Sets of versions: what a claim covers, in a normal form, with the algebra to compare claims.
//!
//! A set is a sorted list of runs that neither touch nor overlap. Ends of runs are cuts *between*
//! versions, so open and closed bounds need no case of their own.

use std::fmt;

use super::Version;
use super::expression::{Bound, Interval};

/// A place in the order of versions that is no version itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// Before every version.
    Start,
    /// Directly before or after a version: `false` is before.
    At(Version, bool),
    /// After every version.
    End,
}

/// A set of versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionSet {
    runs: Vec<(Cut, Cut)>,
}

impl VersionSet {
    /// Returns the set of every version.
    pub fn all() -> VersionSet {
        VersionSet {
            runs: vec![(Cut::Start, Cut::End)],
        }
    }

    /// Returns the union of intervals in any order; they may overlap.
    pub fn of<'a>(intervals: impl IntoIterator<Item = &'a Interval>) -> VersionSet {
        let run = |interval: &Interval| {
            let lower = match &interval.lower {
                Some(bound) => Cut::At(bound.version.clone(), !bound.inclusive),
                None => Cut::Start,
            };
            let upper = match &interval.upper {
                Some(bound) => Cut::At(bound.version.clone(), bound.inclusive),
                None => Cut::End,
            };
            (lower, upper)
        };
        VersionSet::normal(intervals.into_iter().map(run).collect())
    }

    /// Sorts runs, drops empty ones and joins those that touch.
    fn normal(mut runs: Vec<(Cut, Cut)>) -> VersionSet {
        runs.retain(|(start, end)| start < end);
        runs.sort();
        let mut joined: Vec<(Cut, Cut)> = Vec::with_capacity(runs.len());
        for (start, end) in runs {
            match joined.last_mut() {
                Some(last) if start <= last.1 => {
                    if end > last.1 {
                        last.1 = end;
                    }
                }
                _ => joined.push((start, end)),
            }
        }
        VersionSet { runs: joined }
    }

    /// Returns whether no version is in the set.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Returns whether every version is in the set.
    pub fn is_all(&self) -> bool {
        matches!(self.runs.as_slice(), [(Cut::Start, Cut::End)])
    }

    /// Returns whether a version is in the set.
    pub fn contains(&self, version: &Version) -> bool {
        let after = self.runs.partition_point(|(start, _)| match start {
            Cut::Start => true,
            Cut::At(at, above) => at < version || (at == version && !above),
            Cut::End => false,
        });
        after > 0
            && match &self.runs[after - 1].1 {
                Cut::Start => false,
                Cut::At(at, above) => version < at || (version == at && *above),
                Cut::End => true,
            }
    }

    /// Returns what is in either set.
    #[must_use]
    pub fn union(&self, other: &VersionSet) -> VersionSet {
        VersionSet::normal(self.runs.iter().chain(&other.runs).cloned().collect())
    }

    /// Returns what is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &VersionSet) -> VersionSet {
        let mut runs = Vec::new();
        let (mut left, mut right) = (0, 0);
        while let (Some(a), Some(b)) = (self.runs.get(left), other.runs.get(right)) {
            runs.push(((&a.0).max(&b.0).clone(), (&a.1).min(&b.1).clone()));
            if a.1 < b.1 {
                left += 1;
            } else {
                right += 1;
            }
        }
        VersionSet::normal(runs)
    }

    /// Returns what is not in the set.
    #[must_use]
    pub fn complement(&self) -> VersionSet {
        let mut runs = Vec::with_capacity(self.runs.len() + 1);
        let mut from = Cut::Start;
        for (start, end) in &self.runs {
            runs.push((from, start.clone()));
            from = end.clone();
        }
        runs.push((from, Cut::End));
        VersionSet::normal(runs)
    }

    /// Returns what is in this set but not in the other.
    #[must_use]
    pub fn without(&self, other: &VersionSet) -> VersionSet {
        self.intersection(&other.complement())
    }

    /// Returns the lowest bound that the set names; `None` when it is open below or empty.
    pub fn lowest(&self) -> Option<&Version> {
        match &self.runs.first()?.0 {
            Cut::At(version, _) => Some(version),
            Cut::Start | Cut::End => None,
        }
    }

    /// Returns the runs as intervals, lowest first.
    pub fn intervals(&self) -> Vec<Interval> {
        let bound = |cut: &Cut, inclusive: bool| match cut {
            Cut::At(version, _) => Some(Bound {
                version: version.clone(),
                inclusive,
            }),
            Cut::Start | Cut::End => None,
        };
        let interval = |(start, end): &(Cut, Cut)| Interval {
            lower: bound(start, matches!(start, Cut::At(_, false))),
            upper: bound(end, matches!(end, Cut::At(_, true))),
            place: 0..0,
        };
        self.runs.iter().map(interval).collect()
    }
}

/// The canonical comparators, which [`super::expression::Expression::parse`] reads back as the same
/// set; the empty set, which no expression can say, is `none`.
impl fmt::Display for VersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        if self.is_all() {
            return f.write_str("All versions");
        }
        for (at, interval) in self.intervals().iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{interval}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::expression::{Expression, Reading};
    use proptest::prelude::*;

    fn set(text: &str) -> VersionSet {
        match Expression::parse(text).reading {
            Reading::Intervals(intervals) => VersionSet::of(&intervals),
            Reading::All { .. } => VersionSet::all(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn runs_that_touch_are_one() {
        assert_eq!(set("<2.0, >=2.0 <3.0").to_string(), "<3.0");
        assert_eq!(set("<2.0, >2.0").to_string(), "<2.0, >2.0");
        assert_eq!(set("<2.0, ==2.0, >2.0").to_string(), "All versions");
        assert_eq!(
            set("<=1.0").intersection(&set(">=1.0")).to_string(),
            "==1.0"
        );
        assert_eq!(set("<1.0").intersection(&set(">=1.0")).to_string(), "none");
        assert_eq!(
            set("<=2015.1.2, ==12.0.0").complement().to_string(),
            ">2015.1.2 <12.0.0, >12.0.0"
        );
    }

    /// A version of a small world in which bounds meet often.
    fn any_version() -> impl Strategy<Value = Version> {
        prop_oneof!["(2014|2015)\\.[12]", "[0-4]\\.[0-2]", "[0-4]\\.0rc1"]
            .prop_map(|text| Version::parse(&text).expect("a version"))
    }

    fn any_set() -> impl Strategy<Value = VersionSet> {
        let bound = || proptest::option::of((any_version(), any::<bool>()));
        let bound = move || {
            bound().prop_map(|end| end.map(|(version, inclusive)| Bound { version, inclusive }))
        };
        proptest::collection::vec(
            (bound(), bound()).prop_map(|(lower, upper)| Interval {
                lower,
                upper,
                place: 0..0,
            }),
            0..5,
        )
        .prop_map(|intervals| VersionSet::of(&intervals))
    }

    proptest! {
        #[test]
        fn membership_follows_the_algebra(a in any_set(), b in any_set(), v in any_version()) {
            prop_assert_eq!(a.union(&b).contains(&v), a.contains(&v) || b.contains(&v));
            prop_assert_eq!(a.intersection(&b).contains(&v), a.contains(&v) && b.contains(&v));
            prop_assert_eq!(a.without(&b).contains(&v), a.contains(&v) && !b.contains(&v));
            prop_assert_eq!(a.complement().contains(&v), !a.contains(&v));
            let by_interval = a.intervals().iter().any(|interval| interval.contains(&v));
            prop_assert_eq!(by_interval, a.contains(&v));
        }

        #[test]
        fn equal_sets_have_one_form(a in any_set(), b in any_set(), c in any_set()) {
            prop_assert_eq!(a.complement().complement(), a.clone());
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
            prop_assert_eq!(a.union(&b).complement(), a.complement().intersection(&b.complement()));
            prop_assert_eq!(
                a.intersection(&b.union(&c)),
                a.intersection(&b).union(&a.intersection(&c))
            );
            prop_assert_eq!(a.union(&a.complement()), VersionSet::all());
            prop_assert!(a.intersection(&a.complement()).is_empty());
        }

        #[test]
        fn what_is_displayed_reads_back(a in any_set()) {
            prop_assume!(!a.is_empty());
            prop_assert_eq!(set(&a.to_string()), a);
        }
    }
}
