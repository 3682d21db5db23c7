//! All documents of a workspace, indexed by id, CVE and bug.
//!
//! Knows no git and no output. The order is stable: by kind, then by id.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::config::Config;
use crate::host;
use crate::mention::{self, Subject};
use crate::model::{Document, Kind, Text};

/// The documents with their indexes.
#[derive(Debug, Default)]
pub struct Corpus {
    documents: Vec<Document>,
    by_id: BTreeMap<String, Vec<usize>>,
    by_cve: BTreeMap<String, Vec<usize>>,
    by_bug: BTreeMap<String, Vec<usize>>,
}

impl Corpus {
    /// Indexes documents.
    pub fn new(mut documents: Vec<Document>) -> Corpus {
        documents.sort_by(|a, b| (a.kind, &a.id, a.file).cmp(&(b.kind, &b.id, b.file)));
        let mut corpus = Corpus::default();
        let bugs = |document: &Document| -> Vec<String> {
            let bugs = document.issues.iter();
            bugs.filter_map(|link| Some(host::recognise(link.url())?.key))
                .collect()
        };
        let bugs: Vec<Vec<String>> = documents.par_iter().map(bugs).collect();
        for (at, document) in documents.iter().enumerate() {
            corpus
                .by_id
                .entry(document.name().to_owned())
                .or_default()
                .push(at);
            for cve in document.cves() {
                add_once(&mut corpus.by_cve, cve, at);
            }
            for bug in &bugs[at] {
                add_once(&mut corpus.by_bug, bug, at);
            }
        }
        corpus.documents = documents;
        corpus
    }

    /// Returns every document, by kind and id.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// Returns the documents with an id; more than one is an error that a rule reports.
    pub fn with_id(&self, id: &str) -> impl Iterator<Item = &Document> {
        self.list(&self.by_id, id)
    }

    /// Returns the documents that name a CVE.
    pub fn with_cve(&self, cve: &str) -> impl Iterator<Item = &Document> {
        self.list(&self.by_cve, cve)
    }

    /// Returns the documents that name a bug, by the key of its reference (`host::Reference::key`).
    pub fn with_bug(&self, key: &str) -> impl Iterator<Item = &Document> {
        self.list(&self.by_bug, key)
    }

    /// Returns the numbers taken in a year, or by all where a kind is not numbered by year.
    pub fn numbers(&self, kind: Kind, year: Option<i32>) -> Vec<u32> {
        let mut numbers: Vec<u32> = self
            .documents
            .iter()
            .filter(|document| document.kind == kind)
            .filter_map(|document| document.id.as_ref())
            .filter(|id| id.year == year)
            .map(|id| id.number)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn list<'a>(
        &'a self,
        index: &'a BTreeMap<String, Vec<usize>>,
        key: &str,
    ) -> impl Iterator<Item = &'a Document> {
        index
            .get(key)
            .into_iter()
            .flatten()
            .map(|at| &self.documents[*at])
    }
}

/// How a document has to do with another one. The strongest reason is kept, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Both carry a CVE.
    SameCve,
    /// Both carry a bug.
    SameBug,
    /// It speaks of the other one, or of its CVE or bug.
    Names,
    /// The other one speaks of it.
    NamedBy,
}

/// What documents have to do with each other, by their places in [`Corpus::documents`].
#[derive(Debug)]
pub struct Relations(Vec<(usize, usize, Relation)>);

impl Relations {
    /// Returns the documents that one has to do with, the strongest reason first.
    pub fn of(&self, place: usize) -> impl Iterator<Item = (usize, Relation)> {
        let first = self.0.partition_point(|(from, ..)| *from < place);
        let own = self.0[first..].iter();
        let own = own.take_while(move |(from, ..)| *from == place);
        own.map(|(_, to, relation)| (*to, *relation))
    }
}

impl Corpus {
    /// Returns what the documents have to do with each other.
    pub fn relations(&self, config: &Config) -> Relations {
        // From where, to where, why.
        let mut found: Vec<(usize, usize, Relation)> = Vec::new();
        for (index, relation) in [
            (&self.by_cve, Relation::SameCve),
            (&self.by_bug, Relation::SameBug),
        ] {
            for sharing in index.values() {
                for from in sharing {
                    found.extend(sharing.iter().map(|to| (*from, *to, relation)));
                }
            }
        }
        let named = |(from, document): (usize, &Document)| -> Vec<(usize, usize)> {
            let texts = texts(document).into_iter();
            let mentions = texts.flat_map(|text| mention::find(&text.value, config));
            let places = mentions.flat_map(|mention| self.places(&mention.subject));
            places.map(|to| (from, *to)).collect()
        };
        let named: Vec<(usize, usize)> = self
            .documents
            .par_iter()
            .enumerate()
            .flat_map_iter(named)
            .collect();
        for (from, to) in named {
            found.push((from, to, Relation::Names));
            found.push((to, from, Relation::NamedBy));
        }
        found.retain(|(from, to, _)| from != to);
        // The strongest reason comes first and stays.
        found.sort_unstable();
        found.dedup_by_key(|(from, to, _)| (*from, *to));
        found.sort_by_key(|(from, _, relation)| (*from, *relation));
        Relations(found)
    }

    /// The places of the documents that a subject is about.
    fn places(&self, subject: &Subject) -> &[usize] {
        let found = match subject {
            Subject::Document(id) => self.by_id.get(id),
            Subject::Cve(id) => self.by_cve.get(id),
            Subject::Bug(key) => self.by_bug.get(key),
        };
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// Returns the texts of a document that may speak of another one.
pub fn texts(document: &Document) -> Vec<&Text> {
    let mut texts: Vec<&Text> = vec![&document.title];
    texts.extend(document.prose().into_iter().map(|(_, text)| text));
    texts.extend(document.issues.iter().map(|link| &link.text));
    texts.extend(
        document
            .vulnerabilities
            .iter()
            .filter_map(|entry| entry.note.as_ref()),
    );
    texts.extend(document.all_reviews().map(|(_, review)| &review.link.text));
    if let Some(note) = document.note() {
        let references = note.references.iter();
        texts.extend(
            references.flat_map(|reference| reference.description.iter().chain([&reference.url])),
        );
    }
    texts
}

fn add_once(index: &mut BTreeMap<String, Vec<usize>>, key: &str, at: usize) {
    let list = index.entry(key.to_owned()).or_default();
    if list.last() != Some(&at) {
        list.push(at);
    }
}
