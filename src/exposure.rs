//! Whether a version of a product is affected, by which documents, and where to go (pure).
//!
//! The tags decide where releases.lock has them; else the range that a document declares does. A
//! look-up that fails is *cannot say*, never *not affected*.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::config::Config;
use crate::diagnostic::FileId;
use crate::model::Document;
use crate::release::lock::{Entry, Lock, LockedProduct, LockedRelease};
use crate::release::verdict::{self, Basis, Status};
use crate::release::{self, Pair, State};
use crate::version::Version;
use crate::version::claim::{Claim, Gap};

/// Documents by product, with what was resolved of them.
#[derive(Debug)]
pub struct Exposure<'a> {
    config: &'a Config,
    lock: &'a Lock,
    products: BTreeMap<&'a str, Vec<Arc<Concern<'a>>>>,
    /// Product and place there of what each document says.
    by_document: HashMap<FileId, Vec<(&'a str, usize)>>,
    /// What withdrawn documents said.
    withdrawn: HashMap<FileId, Vec<Concern<'a>>>,
}

/// A document that concerns a product.
#[derive(Debug)]
pub struct Concern<'a> {
    /// The document and its claim.
    pub pair: Pair<'a>,
    /// What was resolved.
    pub entry: Option<&'a Entry>,
    /// Its place among the products that the document names.
    place: usize,
    releases: &'a [LockedRelease],
    /// What holds for each release, worked out once when it is first asked for.
    statuses: OnceLock<Vec<(Status, Basis)>>,
}

impl Concern<'_> {
    /// Returns whether the document says anything of versions.
    pub fn is_stated(&self) -> bool {
        self.pair.claim != Claim::Unknown(Gap::Unstated)
    }

    /// Returns whether a release is the first of its line with the fix that earlier ones lack.
    pub fn is_first_fixed(&self, release: &LockedRelease) -> bool {
        let outcome = self.entry.and_then(|entry| entry.line(&release.line));
        outcome.is_some_and(|outcome| {
            outcome.state == State::Fixed
                && outcome.partial.is_none()
                && outcome.first.as_deref() == Some(release.version.as_str())
        })
    }

    /// Returns the lines with an affected release, each once or more.
    pub fn affected_lines(&self) -> impl Iterator<Item = &str> {
        let all = self.releases.iter().zip(self.statuses());
        all.filter(|(_, status)| status.0 == Status::Affected)
            .map(|(release, _)| release.line.as_str())
    }

    /// Says why nothing is known of the releases of a line; without a line, of any.
    pub fn why_unknown_on(&self, line: Option<&str>) -> String {
        let outcome = line.and_then(|line| self.entry?.line(line));
        let partial = outcome.and_then(|outcome| outcome.partial);
        let reason = outcome.and_then(|outcome| outcome.reason.clone());
        match (&self.pair.claim, partial, reason) {
            (_, Some((held, all)), _) => {
                format!("the line holds {held} of {all} changes of the fix")
            }
            (_, _, Some(reason)) => reason,
            (Claim::Unknown(gap), ..) => gap.to_string(),
            (Claim::Loose(_), ..) => {
                "the document names no end of the range, and the tags do not tell".into()
            }
            (Claim::Set(_), ..) => "the tags do not tell".into(),
        }
    }

    /// Says what holds for a release of the product, one of [`Exposure::releases`].
    pub fn status(&self, release: &LockedRelease) -> (Status, Basis) {
        let at = self
            .releases
            .binary_search_by(|other| other.version.cmp(&release.version));
        at.map_or_else(|_| status(self, release), |at| self.statuses()[at])
    }

    /// Says what holds for each of [`Exposure::releases`] in turn.
    pub fn statuses(&self) -> &[(Status, Basis)] {
        self.statuses.get_or_init(|| {
            let releases = self.releases.iter();
            releases.map(|release| status(self, release)).collect()
        })
    }
}

/// What holds for a version, by one document.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The document.
    pub document: &'a Document,
    /// What holds.
    pub status: Status,
    /// What that rests on.
    pub basis: Basis,
    /// Whether the document says anything of versions.
    pub stated: bool,
    /// Why nothing more can be said.
    pub remark: Option<String>,
    /// The nearest later release of the same line with the fix.
    pub same_line: Option<&'a LockedRelease>,
    /// The newest release, where it holds the fix.
    pub newest: Option<&'a LockedRelease>,
}

/// What holds for a version of a product.
#[derive(Debug)]
pub struct Report<'a> {
    /// Canonical name.
    pub product: &'a str,
    /// The version that was judged.
    pub version: Version,
    /// The release that it is, where the tags know it.
    pub release: Option<&'a LockedRelease>,
    /// An answer for each document that concerns the product, newest document first.
    pub answers: Vec<Answer<'a>>,
    /// The nearest later release of the same line that no document affects, and of which nothing is
    /// unclear that is clear of the version.
    pub same_line: Option<&'a LockedRelease>,
    /// The newest such release.
    pub newest: Option<&'a LockedRelease>,
}

impl Report<'_> {
    /// Returns how many answers have a status. A document that says nothing of versions and that the
    /// tags do not judge is no answer to a question about a version.
    pub fn count(&self, status: Status) -> usize {
        let counts = |answer: &&Answer<'_>| {
            answer.status == status && (status != Status::Unknown || answer.stated)
        };
        self.answers.iter().filter(counts).count()
    }
}

impl<'a> Exposure<'a> {
    /// Indexes documents. A withdrawn one concerns nobody.
    pub fn new(
        documents: impl IntoIterator<Item = &'a Document>,
        config: &'a Config,
        lock: &'a Lock,
    ) -> Exposure<'a> {
        let mut products: BTreeMap<&str, Vec<Arc<Concern<'a>>>> = BTreeMap::new();
        let mut withdrawn = HashMap::new();
        let documents: Vec<&Document> = documents.into_iter().collect();
        let concerns = documents
            .par_iter()
            .map(|document| concerns_of(document, config, lock));
        let concerns: Vec<Vec<Concern<'a>>> = concerns.collect();
        for (document, concerns) in documents.into_iter().zip(concerns) {
            if document.withdrawn.is_some() {
                withdrawn.insert(document.file, concerns);
                continue;
            }
            for concern in concerns {
                let of_product = products.entry(concern.pair.product).or_default();
                of_product.push(Arc::new(concern));
            }
        }
        for concerns in products.values_mut() {
            concerns.sort_by(|a, b| {
                let key = |concern: &Concern<'a>| {
                    let document = concern.pair.document;
                    (document.date.day, &document.id)
                };
                key(b).cmp(&key(a))
            });
        }
        let mut by_document: HashMap<FileId, Vec<(&str, usize)>> = HashMap::new();
        for (product, concerns) in &products {
            for (at, concern) in concerns.iter().enumerate() {
                let of_document = by_document.entry(concern.pair.document.file).or_default();
                of_document.push((product, at));
            }
        }
        Exposure {
            config,
            lock,
            products,
            by_document,
            withdrawn,
        }
    }

    /// Returns the products that a document concerns or whose releases are known, by name.
    pub fn products(&self) -> Vec<&'a str> {
        let mut names: Vec<&'a str> = self.products.keys().copied().collect();
        let known = self.lock.products.keys().map(String::as_str);
        names.extend(known.filter(|name| self.config.product(name).is_some()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Returns the documents that concern a product, newest first.
    pub fn concerns(&self, product: &str) -> &[Arc<Concern<'a>>] {
        self.products
            .get(product)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns what a document says of each product, in the order that it names them.
    pub fn of_document(&self, document: &Document) -> Vec<&Concern<'a>> {
        self.concerns_of(document)
            .into_iter()
            .map(AsRef::as_ref)
            .collect()
    }

    /// Returns the same to keep.
    pub fn share(&self, document: &Document) -> Vec<Arc<Concern<'a>>> {
        self.concerns_of(document).into_iter().cloned().collect()
    }

    fn concerns_of(&self, document: &Document) -> Vec<&Arc<Concern<'a>>> {
        let places = self.by_document.get(&document.file);
        let concern = |(product, at): &(&'a str, usize)| &self.products[product][*at];
        let mut found: Vec<&Arc<Concern<'a>>> = places.into_iter().flatten().map(concern).collect();
        found.sort_by_key(|concern| concern.place);
        found
    }

    /// Returns the same for a document that may be withdrawn: that one concerns nobody any more, but it
    /// still says what it said.
    pub fn said_by(&self, document: &Document) -> Vec<&Concern<'a>> {
        match self.withdrawn.get(&document.file) {
            Some(concerns) => concerns.iter().collect(),
            None => self.of_document(document),
        }
    }

    /// Returns the releases of a product.
    pub fn releases(&self, product: &str) -> &'a [LockedRelease] {
        self.lock
            .product(product)
            .map(|locked| locked.releases.as_slice())
            .unwrap_or_default()
    }

    /// Says what holds for a version of a product, by its canonical name.
    pub fn report(&self, product: &'a str, version: Version) -> Report<'a> {
        let locked = self.lock.product(product);
        let release = locked.and_then(|locked| locked.release(&version));
        // The tags place a version before the years that its number alone does not.
        let version = release.map_or(version, |release| release.version.clone());
        let answers: Vec<Answer<'a>> = self
            .concerns(product)
            .iter()
            .map(|concern| answer(concern, locked, release, &version))
            .collect();
        // One old document without an end must not hide where all others are fixed.
        let clean = |candidate: &&LockedRelease| {
            let mut all = self.concerns(product).iter().zip(&answers);
            all.all(|(concern, answer)| match concern.status(candidate).0 {
                Status::Affected => false,
                Status::Unknown => !concern.is_stated() || answer.status == Status::Unknown,
                Status::Fixed | Status::NotAffected => true,
            })
        };
        let releases = self.releases(product);
        let same_line = later_of_line(locked, release, &version).find(clean);
        Report {
            product,
            same_line,
            newest: releases
                .iter()
                .rev()
                .find(clean)
                .filter(|newest| newest.version > version),
            version,
            release,
            answers,
        }
    }
}

fn concerns_of<'a>(document: &'a Document, config: &'a Config, lock: &'a Lock) -> Vec<Concern<'a>> {
    let concern = |(place, pair): (usize, Pair<'a>)| {
        let locked = lock.product(pair.product);
        Concern {
            entry: lock.entry(document.name(), pair.product),
            releases: locked.map_or(&[], |locked| locked.releases.as_slice()),
            pair,
            place,
            statuses: OnceLock::new(),
        }
    };
    let pairs = release::pairs(document, config).into_iter();
    pairs.enumerate().map(concern).collect()
}

fn status(concern: &Concern<'_>, release: &LockedRelease) -> (Status, Basis) {
    let published = concern.pair.document.date.day;
    match concern.entry {
        Some(entry) if entry.resolution.unresolved.is_none() => {
            verdict::status(entry, &concern.pair.claim, published, release)
        }
        _ => verdict::declared(
            &concern.pair.claim,
            &release.version,
            published,
            Some(release.day),
        ),
    }
}

/// Judges a version that is no release. A candidate or development version lacks what its release
/// lacks; that its release is fixed proves nothing for it.
fn unreleased(
    concern: &Concern<'_>,
    locked: Option<&LockedProduct>,
    version: &Version,
) -> (Status, Basis) {
    let published = concern.pair.document.date.day;
    let said = verdict::declared(&concern.pair.claim, version, published, None);
    let Some(locked) = locked else {
        return said;
    };
    let below = locked
        .releases
        .iter()
        .rev()
        .find(|other| other.version < *version);
    if !version.is_prerelease() {
        // A version that no tag has, right behind an affected one: nobody can call it safe.
        let doubtful = said.0 == Status::NotAffected
            && below.is_some_and(|below| concern.status(below).0 == Status::Affected);
        return match doubtful {
            true => (Status::Unknown, Basis::Tags),
            false => said,
        };
    }
    let base = locked.release(&version.base());
    let line = base.or(below).map(|release| release.line.as_str());
    let judged = base.map(|base| concern.status(base));
    if let Some(said) = judged.filter(|said| said.0 != Status::Fixed) {
        return said;
    }
    let basis = judged.map_or(said.1, |said| said.1);
    let outcome = line.and_then(|line| concern.entry?.line(line));
    let first = outcome.and_then(|outcome| Version::parse(outcome.first_tag.as_deref()?));
    if first.is_some_and(|first| first <= *version) {
        return (Status::Fixed, basis);
    }
    // `2.1.1.dev3` follows 2.1.0 on a branch; `2.2.0.dev3` may lie on the development branch, which
    // holds the first tag of the line for certain and no later one.
    let on_branch = version.components().iter().skip(2).any(|part| *part > 0);
    let mut of_line = line.into_iter().flat_map(|line| locked.of_line(line));
    let held = match on_branch {
        true => of_line.rfind(|other| other.version < *version),
        false => of_line.next().filter(|first| first.version < *version),
    };
    if let Some(held) = held.filter(|_| version.is_development()) {
        return match concern.status(held) {
            (Status::Affected, basis) if !on_branch => (Status::Unknown, basis),
            said => said,
        };
    }
    // What began with the line before is in everything that follows it.
    let before = base.and_then(|base| {
        let earlier = locked.releases.iter().rev();
        let mut earlier =
            earlier.filter(|other| other.version < base.version && other.line != base.line);
        let before = earlier.next()?;
        locked.of_line(&before.line).next()
    });
    match before.map(|before| concern.status(before).0) {
        Some(Status::Fixed) => (Status::Fixed, basis),
        _ => (Status::Unknown, basis),
    }
}

/// The later releases of the line of a version: of its own, or of the release that it comes before
/// or after.
fn later_of_line<'a>(
    locked: Option<&'a LockedProduct>,
    release: Option<&'a LockedRelease>,
    version: &Version,
) -> impl Iterator<Item = &'a LockedRelease> + use<'a> {
    let known = |locked: &'a LockedProduct| {
        let before = || {
            locked
                .releases
                .iter()
                .rev()
                .find(|other| other.version < *version)
        };
        locked.release(&version.base()).or_else(before)
    };
    let line = release
        .or_else(|| known(locked?))
        .map(|release| release.line.as_str());
    let releases = locked
        .map(|locked| locked.releases.as_slice())
        .unwrap_or_default();
    let version = version.clone();
    releases
        .iter()
        .filter(move |other| Some(other.line.as_str()) == line && other.version > version)
}

fn answer<'a>(
    concern: &Concern<'a>,
    locked: Option<&'a LockedProduct>,
    release: Option<&'a LockedRelease>,
    version: &Version,
) -> Answer<'a> {
    let document = concern.pair.document;
    let (status, basis) = match release {
        Some(release) => concern.status(release),
        None => unreleased(concern, locked, version),
    };
    let is_fixed = |other: &&LockedRelease| {
        concern.status(other).0 != Status::Affected && concern.status(other).0 != Status::Unknown
    };
    let releases = locked
        .map(|locked| locked.releases.as_slice())
        .unwrap_or_default();
    let needs_help = matches!(status, Status::Affected | Status::Unknown);
    let same_line =
        later_of_line(locked, release, version).find(|other| needs_help && is_fixed(other));
    let newest = releases
        .last()
        .filter(|newest| needs_help && newest.version > *version && is_fixed(newest));
    Answer {
        document,
        status,
        basis,
        stated: concern.is_stated(),
        remark: (status == Status::Unknown).then(|| match release {
            None if !concern.releases.is_empty() => "no tag has this version".into(),
            _ => concern.why_unknown_on(release.map(|release| release.line.as_str())),
        }),
        same_line,
        newest,
    }
}
