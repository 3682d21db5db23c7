//! Releases of a document as readers see them: the lines with what is affected and where to go.

use chrono::NaiveDate;

use crate::config::Config;
use crate::exposure::Concern;
use crate::release::lock::{Lock, LockedRelease};
use crate::release::verdict::Status;
use crate::release::{Outcome, State};

use super::map::{self, ReleaseMap};
use super::product::product_path;

/// The releases of a product, by one document.
#[derive(Debug, Clone)]
pub struct ReleasesView {
    /// Canonical name of the product.
    pub name: String,
    /// Name of the product for readers.
    pub product: String,
    /// Address of its page, without the base address.
    pub path: String,
    /// Lines with affected releases, the newest first.
    pub lines: Vec<LineView>,
    /// The first release of the oldest line that held the fix from its beginning.
    pub since: Option<ReleaseName>,
    /// Whether the tags told; where not, the declared range is all there is.
    pub resolved: bool,
    /// The same, release by release.
    pub map: ReleaseMap,
}

/// A release for readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseName {
    /// Version.
    pub version: String,
    /// Day of its tag.
    pub day: NaiveDate,
    /// Label of its line.
    pub line: String,
}

impl ReleaseName {
    pub(super) fn of(release: &LockedRelease) -> ReleaseName {
        ReleaseName {
            version: release.version.to_string(),
            day: release.day,
            line: release.line.clone(),
        }
    }
}

/// A line with affected releases.
#[derive(Debug, Clone)]
pub struct LineView {
    /// Its label.
    pub line: String,
    /// The affected releases: `30.0.0 to 30.2.1, 30.4.0`.
    pub affected: String,
    /// The releases of which nobody can say.
    pub unknown: String,
    /// The first release of the line with the fix.
    pub fixed: Option<ReleaseName>,
    /// Where the line has none: the nearest newer line that has one.
    pub instead: Option<ReleaseName>,
    /// Whether a branch of the line holds the fix that no release does.
    pub branch_only: bool,
}

/// Returns the label of a line for readers: lines without a series are named after the numbers that
/// their releases begin with.
pub fn line_label(line: &str) -> String {
    let is_number = line.split('.').all(|part| part.parse::<u32>().is_ok());
    match is_number {
        true => format!("{line}.x"),
        false => line.to_owned(),
    }
}

/// Returns what is shown of the releases of a document, product by product.
pub(super) fn of_document(
    concerns: &[&Concern<'_>],
    config: &Config,
    lock: &Lock,
) -> Vec<ReleasesView> {
    concerns
        .iter()
        .filter_map(|concern| of_concern(concern, config, lock))
        .collect()
}

fn of_concern(concern: &Concern<'_>, config: &Config, lock: &Lock) -> Option<ReleasesView> {
    let (entry, product) = (concern.entry?, concern.pair.product);
    let locked = lock.product(product)?;
    let resolved = entry.resolution.unresolved.is_none();
    let title = config
        .product(product)
        .map_or_else(|| product.to_owned(), |found| found.title.clone());
    let find = |line: &str, version: &str| {
        locked
            .of_line(line)
            .find(|release| release.version.as_str() == version)
            .map(ReleaseName::of)
    };
    let outcomes = &entry.resolution.lines;
    let mut lines: Vec<LineView> = Vec::new();
    for (at, outcome) in outcomes.iter().enumerate() {
        let places = locked.places_of_line(&outcome.line);
        let of_status = |status: Status| {
            let has = |place: usize| concern.statuses()[place].0 == status;
            runs(places, &locked.releases, has)
        };
        let (affected, unknown) = (of_status(Status::Affected), of_status(Status::Unknown));
        if affected.is_empty() && unknown.is_empty() {
            continue;
        }
        let fixed = whole_first(outcome).and_then(|first| find(&outcome.line, first));
        let newer = || {
            outcomes[at + 1..]
                .iter()
                .find_map(|other| find(&other.line, whole_first(other)?))
        };
        lines.push(LineView {
            line: line_label(&outcome.line),
            affected,
            unknown,
            instead: if fixed.is_none() { newer() } else { None },
            fixed,
            branch_only: outcome.state == State::BranchOnly,
        });
    }
    let mut lines = joined(lines);
    lines.reverse();
    let since = outcomes
        .iter()
        .find(|outcome| outcome.state == State::FromStart && outcome.partial.is_none());
    Some(ReleasesView {
        name: product.to_owned(),
        product: title,
        path: product_path(product),
        lines,
        since: since.and_then(|outcome| find(&outcome.line, whole_first(outcome)?)),
        resolved,
        map: map::of_concern(concern, &locked.releases),
    })
}

/// Joins old lines that follow each other and for which the same holds: wholly affected, no fix, the
/// same place to go. Twenty such rows would hide the ones that matter.
fn joined(lines: Vec<LineView>) -> Vec<LineView> {
    let mut joined: Vec<LineView> = Vec::new();
    let is_plain = |line: &LineView| {
        line.fixed.is_none()
            && !line.branch_only
            && line.unknown.is_empty()
            && !line.affected.contains(", ")
    };
    for line in lines {
        match joined.last_mut() {
            Some(last) if is_plain(last) && is_plain(&line) && last.instead == line.instead => {
                let first = |text: &str| text.split(" to ").next().unwrap_or_default().to_owned();
                let end = |text: &str| text.rsplit(" to ").next().unwrap_or_default().to_owned();
                last.line = format!("{} to {}", first(&last.line), line.line);
                last.affected = format!("{} to {}", first(&last.affected), end(&line.affected));
            }
            _ => joined.push(line),
        }
    }
    joined
}

/// The first release of a line with the fix, where the line holds all of it.
fn whole_first(outcome: &Outcome) -> Option<&str> {
    outcome
        .first
        .as_deref()
        .filter(|_| outcome.partial.is_none())
}

/// Names the releases of a line that are chosen, those that follow each other as `FIRST to LAST`.
fn runs(places: &[usize], releases: &[LockedRelease], chosen: impl Fn(usize) -> bool) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let places_in_line = places.iter().enumerate();
    for (at, _) in places_in_line.filter(|(_, place)| chosen(**place)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => runs.push((at, at)),
        }
    }
    let name = |at: usize| releases[places[at]].version.as_str();
    let shown = runs.into_iter().map(|(first, last)| match first == last {
        true => name(first).to_owned(),
        false => format!("{} to {}", name(first), name(last)),
    });
    shown.collect::<Vec<_>>().join(", ")
}
