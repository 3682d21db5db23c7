//! Documents held against releases.lock: which releases hold which fix, and how findings name them.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::config::Config;
use crate::corpus::Corpus;
use crate::diagnostic::FileId;
use crate::model::{Affected, Document};
use crate::release::lock::{Entry, Lock, LockedProduct, LockedRelease};
use crate::release::verdict::{Verdict, verdict};
use crate::release::{self, Pair};

/// The pairs of a document.
#[derive(Debug, Default)]
pub(super) struct PairsOf<'a> {
    /// Those that the lock has.
    pub(super) resolved: Vec<Resolved<'a>>,
    /// All of them, with what the lock has.
    pub(super) all: Vec<(Pair<'a>, Option<&'a Entry>)>,
}

/// A pair with what was resolved of it.
#[derive(Debug)]
pub(super) struct Resolved<'a> {
    pub(super) product_name: &'a str,
    /// Whether the claim says anything that can be compared.
    pub(super) says_versions: bool,
    pub(super) affected: &'a Affected,
    pub(super) entry: &'a Entry,
    pub(super) product: &'a LockedProduct,
    pub(super) verdict: Verdict<'a>,
}

impl Resolved<'_> {
    /// Says which release of a line is the first with the fix, for the help of a finding.
    pub(super) fn first_fixed(&self, line: &str) -> String {
        let first = self
            .entry
            .line(line)
            .filter(|outcome| outcome.partial.is_none())
            .and_then(|outcome| outcome.first.as_deref());
        let release = first.and_then(|first| {
            self.product
                .of_line(line)
                .find(|release| release.version.as_str() == first)
        });
        match release {
            Some(release) => {
                format!(
                    "the first release of {line} with the fix is {} ({})",
                    release.version, release.day
                )
            }
            None => {
                let lines = self.entry.resolution.lines.iter();
                let newer = lines.skip_while(|outcome| outcome.line != line).skip(1);
                let mut fixed =
                    newer.filter_map(|outcome| Some((&outcome.line, outcome.first.as_deref()?)));
                match fixed.next() {
                    Some((next, first)) => {
                        format!(
                            "no release of {line} holds the fix; the nearest newer one is {first} of {next}"
                        )
                    }
                    None => format!("no release of {line} or of a newer line holds the fix"),
                }
            }
        }
    }
}

/// Holds every pair against releases.lock; none where there is no lock.
pub(super) fn pairs_of<'a>(
    corpus: &'a Corpus,
    config: &'a Config,
    lock: &'a Lock,
) -> HashMap<FileId, PairsOf<'a>> {
    let mut all: HashMap<FileId, PairsOf<'a>> = HashMap::new();
    if lock.documents.is_empty() && lock.products.is_empty() {
        return all;
    }
    all.par_extend(corpus.documents().par_iter().filter_map(|document| {
        let of_document = pairs_of_document(document, config, lock);
        (!of_document.all.is_empty()).then_some((document.file, of_document))
    }));
    all
}

fn pairs_of_document<'a>(
    document: &'a Document,
    config: &'a Config,
    lock: &'a Lock,
) -> PairsOf<'a> {
    let mut of_document = PairsOf::default();
    for pair in release::pairs(document, config) {
        let entry = lock.entry(document.name(), pair.product);
        // Free text is not held to the letter.
        if let (Some(entry), Some(product), Some(affected)) =
            (entry, lock.product(pair.product), pair.affected)
        {
            of_document.resolved.push(Resolved {
                verdict: verdict(entry, &pair.claim, product),
                product_name: pair.product,
                says_versions: pair.claim.set().is_some(),
                affected,
                entry,
                product,
            });
        }
        of_document.all.push((pair, entry));
    }
    of_document
}

/// Groups releases by their lines, in the order given.
pub(super) fn by_line<'a>(
    releases: &[&'a LockedRelease],
) -> Vec<(&'a str, Vec<&'a LockedRelease>)> {
    let mut lines: Vec<(&str, Vec<&LockedRelease>)> = Vec::new();
    for release in releases {
        match lines.iter_mut().find(|(line, _)| *line == release.line) {
            Some((_, found)) => found.push(release),
            None => lines.push((&release.line, vec![release])),
        }
    }
    lines
}

/// Names a few releases and counts the rest: `1.0, 1.1 and 3 more`.
pub(super) fn some_of(releases: &[&LockedRelease]) -> String {
    let named: Vec<&str> = releases
        .iter()
        .take(4)
        .map(|release| release.version.as_str())
        .collect();
    match releases.len() - named.len() {
        0 => named.join(", "),
        rest => format!("{} and {rest} more", named.join(", ")),
    }
}

/// The releases.lock that examples of rules stand on: it agrees with the sound advisory.
pub(super) const SAMPLE_LOCK: &str = r#"{"lock": 1, "products": {"nova": {"refs": "", "releases": [
"30.0.0 2024-10-02 2024.2/dalmatian", "30.2.1 2025-12-01 2024.2/dalmatian", "30.2.2 2026-03-10 2024.2/dalmatian",
"31.0.0 2025-04-02 2025.1/epoxy", "31.1.0 2025-11-01 2025.1/epoxy", "31.2.1 2026-03-10 2025.1/epoxy",
"32.0.0 2025-10-01 2025.2/flamingo", "32.1.1 2026-03-10 2025.2/flamingo"]}},
"documents": {"OSSA-2026-900": {"nova": {"inputs": "", "evidence": ["closes a bug"], "lines": [
{"line": "2024.2/dalmatian", "state": "fixed", "first": "30.2.2", "affected": ["30.0.0 - 30.2.1"]},
{"line": "2025.1/epoxy", "state": "fixed", "first": "31.2.1", "affected": ["31.0.0 - 31.1.0"]},
{"line": "2025.2/flamingo", "state": "fixed", "first": "32.1.1", "affected": ["32.0.0"]}]}}}}"#;
