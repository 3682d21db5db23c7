//! The releases of a product as a map: a row a line, a mark a release.

use chrono::NaiveDate;

use crate::exposure::Concern;
use crate::release::lock::LockedRelease;
use crate::release::verdict::Status;

/// What is drawn for a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It lacks the fix.
    Affected,
    /// The first of its line with the fix.
    FirstFixed,
    /// It holds the fix.
    Fixed,
    /// The flaw is not in it.
    NotAffected,
    /// Nobody can say.
    Unknown,
}

impl Mark {
    /// Every mark, in the order of the legend.
    pub const ALL: [Mark; 5] = [
        Mark::Affected,
        Mark::FirstFixed,
        Mark::Fixed,
        Mark::NotAffected,
        Mark::Unknown,
    ];

    /// Returns the words for it.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Affected => "affected",
            Mark::FirstFixed => "first with the fix",
            Mark::Fixed => "has the fix",
            Mark::NotAffected => "not affected",
            Mark::Unknown => "cannot say",
        }
    }
}

/// A release on the map.
#[derive(Debug, Clone)]
pub struct MapRelease {
    /// Version.
    pub version: String,
    /// Day of its tag.
    pub day: NaiveDate,
    /// What is drawn.
    pub mark: Mark,
}

/// A line on the map.
#[derive(Debug, Clone)]
pub struct MapRow {
    /// Label of the line.
    pub line: String,
    /// Its releases in release order.
    pub releases: Vec<MapRelease>,
}

impl MapRow {
    /// Returns whether every release has a mark.
    pub fn all(&self, mark: Mark) -> bool {
        self.releases.iter().all(|release| release.mark == mark)
    }
}

/// The map of a product, by one document.
#[derive(Debug, Clone, Default)]
pub struct ReleaseMap {
    /// Lines that are worth a look, the newest first.
    pub rows: Vec<MapRow>,
    /// Old lines that are affected throughout and got no fix, the newest first.
    pub older: Vec<MapRow>,
}

/// Old lines that are shown although they are affected throughout.
const KEPT: usize = 2;

/// Draws up the map. Lines before the flaw, and those after the first that had the fix from its
/// beginning, say nothing new and are left out.
pub(super) fn of_concern(concern: &Concern<'_>, releases: &[LockedRelease]) -> ReleaseMap {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (release, (status, _)) in releases.iter().zip(concern.statuses()) {
        let found = (release, mark(concern, release, *status));
        // Releases of a line mostly follow each other.
        match rows.iter_mut().rfind(|row| row.line == release.line) {
            Some(row) => row.releases.push(found),
            None => rows.push(Row {
                line: &release.line,
                releases: vec![found],
            }),
        }
    }
    let says = |row: &Row<'_>| !row.all(Mark::Fixed) && !row.all(Mark::NotAffected);
    let (Some(first), Some(last)) = (rows.iter().position(says), rows.iter().rposition(says))
    else {
        return ReleaseMap::default();
    };
    rows.truncate(last + 2);
    rows.drain(..first);
    if rows.iter().all(|row| row.all(Mark::Unknown)) {
        return ReleaseMap::default();
    }
    let plain = rows
        .iter()
        .take_while(|row| row.all(Mark::Affected))
        .count();
    let older = match plain {
        count if count > KEPT + 1 => rows.drain(..count - KEPT).rev().map(Row::shown).collect(),
        _ => Vec::new(),
    };
    ReleaseMap {
        rows: rows.into_iter().rev().map(Row::shown).collect(),
        older,
    }
}

/// A line in the making: most are left out.
struct Row<'r> {
    line: &'r str,
    releases: Vec<(&'r LockedRelease, Mark)>,
}

impl Row<'_> {
    fn all(&self, mark: Mark) -> bool {
        self.releases.iter().all(|(_, other)| *other == mark)
    }

    fn shown(self) -> MapRow {
        let shown = |(release, mark): (&LockedRelease, Mark)| MapRelease {
            version: release.version.to_string(),
            day: release.day,
            mark,
        };
        MapRow {
            line: self.line.to_owned(),
            releases: self.releases.into_iter().map(shown).collect(),
        }
    }
}

fn mark(concern: &Concern<'_>, release: &LockedRelease, status: Status) -> Mark {
    match status {
        Status::Affected => Mark::Affected,
        Status::NotAffected => Mark::NotAffected,
        Status::Unknown => Mark::Unknown,
        Status::Fixed if concern.is_first_fixed(release) => Mark::FirstFixed,
        Status::Fixed => Mark::Fixed,
    }
}
