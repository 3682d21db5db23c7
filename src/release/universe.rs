//! The releases of a product and the lines that they belong to, from its tags and branches.
//!
//! A release is a tag that reads as a PEP 440 version; `2025.1-eol`, `folsom-2` or `bugfix-26.0-eol`
//! are none, though their commits belong to a line.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};

use super::reach::Reach;
use super::{Line, Release, Universe};
use crate::config::{Config, Series};
use crate::git::{CommitIndex, History, RefKind};
use crate::version::Version;

/// Endings of tags that mark the end of a line.
const ENDS: [&str; 4] = ["-eol", "-em", "-eom", "-last"];

/// Folders of branches that carry a line.
const BRANCHES: [&str; 3] = ["stable/", "unmaintained/", "proposed/"];

/// Names of the branch where development goes on.
const MASTER: [&str; 3] = ["master", "main", "trunk"];

impl Universe {
    /// Finds the releases and lines of a product.
    pub fn new(history: &History, config: &Config, product: &str) -> Universe {
        let mut releases = releases(history);
        let mut lines: BTreeMap<String, Line> = BTreeMap::new();
        label(&mut releases, history, config, product);
        for (at, release) in releases.iter().enumerate() {
            let line = lines
                .entry(release.line.clone())
                .or_insert_with(|| Line::new(&release.line));
            line.releases.push(at);
            line.tips.push(release.commit);
            // Old releases were tagged long after they were made.
            line.opened = line
                .opened
                .min(release.time)
                .min(history.time(release.commit));
            line.last = line.last.max(release.time);
        }
        let key = |name: &str| line_named(name, &releases, config, product);
        for found in &history.refs {
            let name = match found.kind {
                RefKind::Branch => branch_line(&found.name),
                RefKind::Tag => ENDS.iter().find_map(|end| found.name.strip_suffix(end)),
            };
            let Some(line) = name.and_then(key).and_then(|key| lines.get_mut(&key)) else {
                continue;
            };
            line.tips.push(found.commit);
            line.last = line.last.max(found.time);
            line.has_branch |= found.kind == RefKind::Branch;
        }
        // What the newest line has not released yet lies on the development branch.
        let master = history
            .refs
            .iter()
            .find(|found| found.kind == RefKind::Branch && MASTER.contains(&found.name.as_str()))
            .map(|found| found.commit);
        let mut lines: Vec<Line> = lines.into_values().collect();
        lines.sort_by_key(|line| line.releases.first().copied());
        if let (Some(line), Some(master)) = (lines.last_mut(), master)
            && !line.has_branch
        {
            line.tips.push(master);
        }
        for line in &mut lines {
            line.tips.sort_unstable();
            line.tips.dedup();
        }
        Universe {
            releases,
            lines,
            master,
        }
    }
}

/// The line that a branch carries: `stable/2025.1` and `unmaintained/zed` by series, `bugfix/26.0`
/// by the releases that begin so.
fn branch_line(name: &str) -> Option<&str> {
    let folder = BRANCHES.iter().find_map(|folder| name.strip_prefix(folder));
    folder.or_else(|| name.starts_with("bugfix/").then_some(name))
}

/// Returns the key of the line with a name: a series by name or number, a bug-fix branch by the
/// line of its releases, else the text itself.
fn line_named(name: &str, releases: &[Release], config: &Config, product: &str) -> Option<String> {
    let bugfix = name
        .strip_prefix("bugfix/")
        .or(name.strip_prefix("bugfix-"));
    if let Some(version) = bugfix {
        let version = Version::parse(version)?;
        let wanted = version.components();
        let found = releases
            .iter()
            .find(|release| release.version.components().starts_with(wanted));
        return found.map(|release| release.line.clone());
    }
    match config.series(name) {
        Some(series) => Some(series.label()),
        None => {
            // `stable/1.2` of a product without series.
            let version = Version::parse(name)?;
            config
                .series
                .iter()
                .all(|series| config.releases_of(series, product).is_none())
                .then_some(())?;
            let wanted = version.components();
            let found = releases
                .iter()
                .find(|release| release.version.components().starts_with(wanted));
            found.map(|release| release.line.clone())
        }
    }
}

/// Every release, pre-releases included, in release order.
fn releases(history: &History) -> Vec<Release> {
    let tags = history
        .refs
        .iter()
        .filter(|found| found.kind == RefKind::Tag);
    let mut releases: Vec<Release> = tags
        .filter_map(|tag| {
            let version = Version::parse(&tag.name)?;
            Some(Release {
                is_final: !version.is_prerelease(),
                version,
                day: day(tag.time)?,
                time: tag.time,
                commit: tag.commit,
                line: String::new(),
            })
        })
        .collect();
    // A commit is never younger than its tag, and old tags were made late.
    let made = |release: &Release| history.time(release.commit);
    let years = releases
        .iter()
        .filter(|release| release.version.is_year_based());
    if let Some(first) = years.map(made).min() {
        for release in &mut releases {
            if made(release) < first && release.version.components().first() == Some(&0) {
                release.version = release.version.clone().before_years();
            }
        }
    }
    releases.sort_by(|a, b| (&a.version, a.time).cmp(&(&b.version, b.time)));
    // `1.0` and `1.0.0` are one version: the first tag stands for it.
    releases.dedup_by(|later, first| later.version == first.version);
    releases
}

fn day(time: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(time, 0).map(|moment| moment.date_naive())
}

/// Gives each release its line: the series of vmt.toml, else the nearest branch or end-of-life tag
/// that holds it, else its first number.
fn label(releases: &mut [Release], history: &History, config: &Config, product: &str) {
    let series: Vec<(&Series, _)> = config
        .series
        .iter()
        .filter_map(|series| Some((series, config.releases_of(series, product)?)))
        .collect();
    for release in &mut *releases {
        let base = release.version.base();
        if let Some((found, _)) = series.iter().find(|(_, interval)| interval.contains(&base)) {
            release.line = found.label();
        }
    }
    let major = |release: &Release| {
        let numbers = release.version.components();
        numbers.first().map(ToString::to_string).unwrap_or_default()
    };
    let rest: Vec<usize> = (0..releases.len())
        .filter(|at| releases[*at].line.is_empty())
        .collect();
    if !series.is_empty() {
        // Older than the first series: branches tell nothing, every one of them holds it.
        for at in rest {
            releases[at].line = major(&releases[at]);
        }
        return;
    }
    let commits: Vec<CommitIndex> = rest.iter().map(|at| releases[*at].commit).collect();
    let reach = Reach::new(history, &commits);
    let mut carriers: Vec<(usize, i64, &str, CommitIndex)> = history
        .refs
        .iter()
        .filter_map(|found| {
            let name = match found.kind {
                RefKind::Branch => branch_line(&found.name)?,
                RefKind::Tag => ENDS.iter().find_map(|end| found.name.strip_suffix(end))?,
            };
            let held = (0..commits.len())
                .filter(|bit| reach.holds(found.commit, *bit))
                .count();
            Some((held, history.time(found.commit), name, found.commit))
        })
        .collect();
    carriers.sort_unstable();
    for (bit, at) in rest.into_iter().enumerate() {
        let carrier = carriers
            .iter()
            .find(|(.., commit)| reach.holds(*commit, bit));
        let named = carrier.map(|(_, _, name, _)| match config.series(name) {
            Some(series) => series.label(),
            None => (*name).to_owned(),
        });
        releases[at].line = named.unwrap_or_else(|| major(&releases[at]));
    }
}
