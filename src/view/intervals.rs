//! What is affected as runs of versions, in the order in which readers of PEP 440 compare.
//!
//! Such a reader takes 2015.1.0 for newer than 33.0.0, so a run never reaches over a release that it
//! should not hold, nor from one scheme of numbers into the other.

use crate::exposure::Concern;
use crate::release::lock::LockedRelease;
use crate::release::verdict::Status;
use crate::version::claim::Claim;

/// A run of affected versions in the order of PEP 440.
#[derive(Debug, PartialEq, Eq)]
pub struct Interval {
    /// The first version of the run; `0` where nothing is older.
    pub introduced: String,
    /// Where it ends.
    pub end: End,
    /// Whether its versions are numbered by year.
    pub by_year: bool,
    /// Places of the releases in it, in the order of PEP 440.
    pub places: Vec<usize>,
}

/// Where a run ends.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing newer is known.
    Open,
    /// The next release holds the fix.
    Fixed(String),
    /// The next release is not said to hold the fix.
    LastAffected(String),
}

/// The runs of releases of a product for which something holds, by a document; without known tags the
/// ranges that it declares. No run holds releases of both schemes of numbers.
pub fn intervals(
    concern: &Concern<'_>,
    releases: &[LockedRelease],
    wanted: Status,
) -> Vec<Interval> {
    let statuses: Vec<Status> = concern.statuses().iter().map(|status| status.0).collect();
    match (releases, wanted) {
        ([], Status::Affected) => declared(&concern.pair.claim),
        _ => runs(releases, &statuses, wanted),
    }
}

fn runs(releases: &[LockedRelease], statuses: &[Status], wanted: Status) -> Vec<Interval> {
    let mut order: Vec<usize> = (0..releases.len()).collect();
    order.sort_by(|a, b| releases[*a].version.cmp_pep440(&releases[*b].version));
    let mut found: Vec<Interval> = Vec::new();
    let by_year = |at: usize| releases[at].version.is_year_based();
    let scheme = |at: usize| {
        (
            by_year(at),
            releases[at].version.components().first() == Some(&2010),
        )
    };
    let text = |at: usize| releases[at].version.to_string();
    let mut place = 0;
    while place < order.len() {
        let first = order[place];
        if statuses[first] != wanted {
            place += 1;
            continue;
        }
        let run = order[place..]
            .iter()
            .take_while(|at| statuses[**at] == wanted && scheme(**at) == scheme(first))
            .count();
        let last = order[place + run - 1];
        let end = match order.get(place + run) {
            Some(next) if statuses[*next] == Status::Fixed && by_year(*next) == by_year(first) => {
                End::Fixed(text(*next))
            }
            None if !by_year(first) => End::Open,
            _ => End::LastAffected(text(last)),
        };
        let introduced = match place {
            0 => "0".to_owned(),
            _ => text(first),
        };
        found.push(Interval {
            introduced,
            end,
            by_year: by_year(first),
            places: order[place..place + run].to_vec(),
        });
        place += run;
    }
    found
}

/// The intervals that a document declares of a product without known tags. One whose ends are not
/// both in one scheme of numbers, or that excludes its lower end, cannot be said in OSV.
fn declared(claim: &Claim) -> Vec<Interval> {
    let Claim::Set(set) = claim else {
        return Vec::new();
    };
    let interval = |interval: crate::version::expression::Interval| {
        let upper = interval.upper?;
        let introduced = match &interval.lower {
            Some(lower) if lower.inclusive => lower.version.to_string(),
            None if !upper.version.is_year_based() => "0".to_owned(),
            _ => return None,
        };
        let mixed = interval
            .lower
            .as_ref()
            .is_some_and(|lower| lower.version.is_year_based() != upper.version.is_year_based());
        let end = match upper.inclusive {
            true => End::LastAffected(upper.version.to_string()),
            false => End::Fixed(upper.version.to_string()),
        };
        (!mixed).then_some(Interval {
            introduced,
            end,
            by_year: upper.version.is_year_based(),
            places: Vec::new(),
        })
    };
    let all: Option<Vec<Interval>> = set.intervals().into_iter().map(interval).collect();
    all.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::version::Version;

    fn shown(tags: &[(&str, Status)]) -> String {
        let releases: Vec<LockedRelease> = tags
            .iter()
            .map(|(version, _)| LockedRelease {
                version: Version::parse(version).expect("a version"),
                day: NaiveDate::default(),
                line: "x".into(),
            })
            .collect();
        let statuses: Vec<Status> = tags.iter().map(|(_, status)| *status).collect();
        let found = runs(&releases, &statuses, Status::Affected);
        let shown = found.iter().map(|interval| match &interval.end {
            End::Open => format!("{}..", interval.introduced),
            End::Fixed(version) => format!("{}..{version}", interval.introduced),
            End::LastAffected(version) => format!("{}..={version}", interval.introduced),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn intervals_never_reach_over_what_is_not_affected() {
        use Status::{Affected as A, Fixed as F, NotAffected as N, Unknown as U};
        assert_eq!(
            shown(&[("1.0", A), ("1.1", F), ("2.0", A), ("2.1", F)]),
            "0..1.1 2.0..2.1"
        );
        // Year-based releases are the older ones, and the newer ones for PEP 440.
        assert_eq!(
            shown(&[("2014.1", A), ("2015.1.0", A), ("12.0.0", A), ("12.0.1", F)]),
            "0..12.0.1 2014.1..=2015.1.0"
        );
        assert_eq!(
            shown(&[("2014.1", F), ("12.0.0", N), ("13.0.0", A)]),
            "13.0.0..=13.0.0"
        );
        assert_eq!(shown(&[("1.0", N), ("2.0", A)]), "2.0..");
        assert_eq!(shown(&[("1.0", A), ("1.1", U), ("1.2", F)]), "0..=1.0");
        assert_eq!(shown(&[("1.0", U)]), "");
    }
}
