//! releases.lock: what was resolved, as a reviewed file that reads well in a diff.
//!
//! JSON (RFC 8259), sorted, a release or a line of a product to a line of text. The site, the
//! exports and `vmt affected` read it; clones are needed only to refresh it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Outcome, Resolution, State, Universe};
use crate::diagnostic::{Code, Diagnostic, FileId, Severity, Span};
use crate::version::Version;

/// Name of the file.
pub const LOCK_FILE: &str = "releases.lock";

/// The form that this version of vmt writes and reads.
const FORMAT: u32 = 1;

/// A releases.lock that cannot be used.
pub static LOCK_UNREADABLE: Code = Code {
    id: "lock-unreadable",
    severity: Severity::Error,
    summary: "releases.lock cannot be read",
    explanation: "The file is made by `vmt releases resolve` and is not for editing. It is broken, as \
        after a merge with conflicts, or was written by a newer vmt. Delete it and run `vmt releases \
        resolve`, or take either side of the merge and do the same.",
    since: None,
    example: None,
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&LOCK_UNREADABLE];

/// A final release as locked.
#[derive(Debug, Clone)]
pub struct LockedRelease {
    /// The version, in release order.
    pub version: Version,
    /// The day of its tag.
    pub day: NaiveDate,
    /// Label of its line.
    pub line: String,
}

/// The releases of a product.
#[derive(Debug, Clone)]
pub struct LockedProduct {
    /// Digest of the refs that they were read from.
    pub refs: String,
    /// Final releases in release order.
    pub releases: Vec<LockedRelease>,
    /// The releases of each line, by their places.
    by_line: HashMap<String, Vec<usize>>,
}

impl LockedProduct {
    fn of(refs: String, releases: Vec<LockedRelease>) -> LockedProduct {
        let mut by_line: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, release) in releases.iter().enumerate() {
            by_line.entry(release.line.clone()).or_default().push(at);
        }
        LockedProduct {
            refs,
            releases,
            by_line,
        }
    }

    /// Takes the final releases of a universe.
    pub fn new(refs: String, universe: &Universe) -> LockedProduct {
        let finals = universe.releases.iter().filter(|release| release.is_final);
        let releases = finals.map(|release| LockedRelease {
            version: release.version.clone(),
            day: release.day,
            line: release.line.clone(),
        });
        LockedProduct::of(refs, releases.collect())
    }

    /// Returns the release of a version.
    pub fn release(&self, version: &Version) -> Option<&LockedRelease> {
        let find = |version: &Version| {
            let found = self
                .releases
                .binary_search_by(|release| release.version.cmp(version));
            found.ok().map(|at| &self.releases[at])
        };
        // A version that nobody placed before the years is meant where only such a tag exists.
        find(version).or_else(|| find(&version.clone().before_years()))
    }

    /// Returns the releases of a line, in release order.
    pub fn of_line(&self, line: &str) -> impl DoubleEndedIterator<Item = &LockedRelease> + use<'_> {
        let places = self.places_of_line(line).iter();
        places.map(|at| &self.releases[*at])
    }

    /// Returns the places of the releases of a line.
    pub fn places_of_line(&self, line: &str) -> &[usize] {
        let places = self.by_line.get(line);
        places.map(Vec::as_slice).unwrap_or_default()
    }
}

/// What was resolved for a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Digest of what the document and vmt.toml say that the outcome depends on.
    pub inputs: String,
    /// The outcome.
    pub resolution: Resolution,
}

impl Entry {
    /// Returns the outcome for a line.
    pub fn line(&self, name: &str) -> Option<&Outcome> {
        self.resolution
            .lines
            .iter()
            .find(|outcome| outcome.line == name)
    }
}

/// The whole file.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// Products by canonical name.
    pub products: BTreeMap<String, LockedProduct>,
    /// Entries by document id, then by product.
    pub documents: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
struct LockFile {
    lock: u32,
    products: BTreeMap<String, ProductPart>,
    documents: BTreeMap<String, BTreeMap<String, EntryPart>>,
}

#[derive(Deserialize)]
struct ProductPart {
    refs: String,
    releases: Vec<String>,
}

#[derive(Deserialize)]
struct EntryPart {
    inputs: String,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    changes: Vec<String>,
    #[serde(default)]
    unresolved: Option<String>,
    #[serde(default)]
    lines: Vec<LinePart>,
}

#[derive(Serialize, Deserialize)]
struct LinePart {
    line: String,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_tag: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    affected: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    commits: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partial: Option<(usize, usize)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Lock {
    /// Returns the entry of a pair.
    pub fn entry(&self, document: &str, product: &str) -> Option<&Entry> {
        self.documents.get(document)?.get(product)
    }

    /// Returns the releases of a product.
    pub fn product(&self, product: &str) -> Option<&LockedProduct> {
        self.products.get(product)
    }

    /// Reads the text of a releases.lock.
    ///
    /// # Errors
    /// `lock-unreadable`, with its place.
    pub fn parse(file: FileId, text: &str) -> Result<Lock, Box<Diagnostic>> {
        let broken = |at: usize, why: String| {
            let end = (at + 1).min(text.len());
            Box::new(
                LOCK_UNREADABLE
                    .at(Span::new(file, at.min(end)..end), why)
                    .help("delete the file and run `vmt releases resolve`"),
            )
        };
        let read: LockFile = serde_json::from_str(text).map_err(|error| {
            let at = offset(text, error.line(), error.column());
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or_default().to_owned();
            broken(at, format!("the file is broken here: {why}"))
        })?;
        if read.lock != FORMAT {
            return Err(broken(
                0,
                format!("the file has form {}, this vmt reads {FORMAT}", read.lock),
            ));
        }
        // A value that fits the form of the file but not its meaning is found again by its text.
        let odd = |what: &str| {
            let at = text
                .find(&serde_json::Value::from(what).to_string())
                .unwrap_or(0);
            broken(
                at,
                format!("`{what}` is not what `vmt releases resolve` writes"),
            )
        };
        let mut lock = Lock::default();
        for (name, part) in read.products {
            let mut releases = Vec::with_capacity(part.releases.len());
            for text in &part.releases {
                releases.push(read_release(text).ok_or_else(|| odd(text))?);
            }
            place_before_years(&mut releases);
            let refs = part.refs;
            lock.products
                .insert(name, LockedProduct::of(refs, releases));
        }
        for (id, entries) in read.documents {
            let mut kept = BTreeMap::new();
            for (product, part) in entries {
                let releases = lock.product(&product);
                let mut lines = Vec::with_capacity(part.lines.len());
                for line in part.lines {
                    lines.push(read_line(line, releases).map_err(|text| odd(&text))?);
                }
                let resolution = Resolution {
                    evidence: part.evidence,
                    changes: part.changes,
                    lines,
                    unresolved: part.unresolved,
                };
                let inputs = part.inputs;
                kept.insert(product, Entry { inputs, resolution });
            }
            lock.documents.insert(id, kept);
        }
        Ok(lock)
    }

    /// Renders the file: the same lock gives the same bytes.
    pub fn render(&self) -> String {
        let mut text = format!("{{\n\"lock\": {FORMAT},\n\"products\": {{");
        for (at, (name, product)) in self.products.iter().enumerate() {
            let releases: Vec<String> = product
                .releases
                .iter()
                .map(|release| {
                    quoted(&format!(
                        "{} {} {}",
                        release.version, release.day, release.line
                    ))
                })
                .collect();
            let _ = write!(
                text,
                "{}\n  {}: {{\"refs\": {}, \"releases\": [\n    {}]}}",
                comma(at),
                quoted(name),
                quoted(&product.refs),
                releases.join(",\n    ")
            );
        }
        text.push_str("},\n\"documents\": {");
        for (at, (id, entries)) in self.documents.iter().enumerate() {
            let _ = write!(text, "{}\n  {}: {{", comma(at), quoted(id));
            for (at, (product, entry)) in entries.iter().enumerate() {
                let _ = write!(text, "{}\n    {}: ", comma(at), quoted(product));
                self.render_entry(entry, product, &mut text);
            }
            text.push('}');
        }
        text.push_str("}\n}\n");
        text
    }

    fn render_entry(&self, entry: &Entry, product: &str, text: &mut String) {
        let resolution = &entry.resolution;
        let list = |items: &[String]| serde_json::Value::from(items).to_string();
        let _ = write!(text, "{{\"inputs\": {}", quoted(&entry.inputs));
        if !resolution.evidence.is_empty() {
            let _ = write!(text, ", \"evidence\": {}", list(&resolution.evidence));
        }
        if !resolution.changes.is_empty() {
            let _ = write!(text, ", \"changes\": {}", list(&resolution.changes));
        }
        if let Some(reason) = &resolution.unresolved {
            let _ = write!(text, ", \"unresolved\": {}", quoted(reason));
        }
        if !resolution.lines.is_empty() {
            text.push_str(", \"lines\": [");
            for (at, outcome) in resolution.lines.iter().enumerate() {
                let part = LinePart {
                    line: outcome.line.clone(),
                    state: outcome.state.name().to_owned(),
                    first: outcome.first.clone(),
                    first_tag: outcome.first_tag.clone(),
                    affected: runs(&outcome.affected, &outcome.line, self.product(product)),
                    commits: outcome.commits.clone(),
                    partial: outcome.partial,
                    reason: outcome.reason.clone(),
                };
                let part = serde_json::to_string(&part).unwrap_or_default();
                let _ = write!(text, "{}\n      {part}", comma(at));
            }
            text.push(']');
        }
        text.push('}');
    }
}

fn comma(at: usize) -> &'static str {
    if at > 0 { "," } else { "" }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The byte at a line and column as serde_json counts them.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn read_release(text: &str) -> Option<LockedRelease> {
    let mut parts = text.splitn(3, ' ');
    Some(LockedRelease {
        version: Version::parse(parts.next()?)?,
        day: parts.next()?.parse().ok()?,
        line: parts.next()?.to_owned(),
    })
}

/// Marks the versions from before a product numbered its releases by year: the file has them first.
fn place_before_years(releases: &mut [LockedRelease]) {
    let first = releases
        .iter()
        .position(|release| release.version.is_year_based());
    for release in &mut releases[..first.unwrap_or(0)] {
        release.version = release.version.clone().before_years();
    }
}

/// Writes releases that follow each other on a line as `FIRST - LAST`.
fn runs(affected: &[String], line: &str, product: Option<&LockedProduct>) -> Vec<String> {
    let all: Vec<&str> = product
        .map(|product| {
            product
                .of_line(line)
                .map(|release| release.version.as_str())
                .collect()
        })
        .unwrap_or_default();
    let mut runs: Vec<(&str, &str, usize)> = Vec::new();
    for version in affected {
        let at = all
            .iter()
            .position(|other| other == version)
            .unwrap_or(usize::MAX - 1);
        match runs.last_mut() {
            Some((_, last, before)) if *before + 1 == at => (*last, *before) = (version, at),
            _ => runs.push((version, version, at)),
        }
    }
    let show = |(first, last, _): (&str, &str, usize)| match first == last {
        true => first.to_owned(),
        false => format!("{first} - {last}"),
    };
    runs.into_iter().map(show).collect()
}

fn read_line(part: LinePart, product: Option<&LockedProduct>) -> Result<Outcome, String> {
    let state = State::from_name(&part.state).ok_or(part.state)?;
    let all: Vec<&str> = product
        .map(|product| {
            product
                .of_line(&part.line)
                .map(|release| release.version.as_str())
                .collect()
        })
        .unwrap_or_default();
    if let Some(first) = part
        .first
        .as_ref()
        .filter(|first| !all.contains(&first.as_str()))
    {
        return Err(first.clone());
    }
    let mut affected = Vec::new();
    for run in &part.affected {
        let (first, last) = run.split_once(" - ").unwrap_or((run, run));
        let place = |version: &str| all.iter().position(|other| *other == version);
        let (Some(first), Some(last)) = (place(first), place(last)) else {
            return Err(run.clone());
        };
        if first > last {
            return Err(run.clone());
        }
        affected.extend(
            all.get(first..=last)
                .unwrap_or_default()
                .iter()
                .map(|version| (*version).to_owned()),
        );
    }
    Ok(Outcome {
        line: part.line,
        state,
        first: part.first,
        first_tag: part.first_tag,
        affected,
        commits: part.commits,
        partial: part.partial,
        reason: part.reason,
    })
}
