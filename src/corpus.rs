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

impl Corpus {
    /// Returns for each document, in the order of [`Corpus::documents`], those that it has to do with.
    pub fn relations(&self, config: &Config) -> Vec<BTreeMap<usize, Relation>> {
        let mut related: Vec<BTreeMap<usize, Relation>> =
            vec![BTreeMap::new(); self.documents.len()];
        let mut relate = |from: usize, to: usize, relation: Relation| {
            if from != to {
                let known = related[from].entry(to).or_insert(relation);
                *known = (*known).min(relation);
            }
        };
        for (index, relation) in [
            (&self.by_cve, Relation::SameCve),
            (&self.by_bug, Relation::SameBug),
        ] {
            for sharing in index.values() {
                for from in sharing {
                    sharing.iter().for_each(|to| relate(*from, *to, relation));
                }
            }
        }
        let named = |document: &Document| -> Vec<usize> {
            let texts = texts(document).into_iter();
            let mentions = texts.flat_map(|text| mention::find(&text.value, config));
            mentions
                .flat_map(|mention| self.places(&mention.subject))
                .copied()
                .collect()
        };
        let named: Vec<Vec<usize>> = self.documents.par_iter().map(named).collect();
        for (from, named) in named.into_iter().enumerate() {
            for to in named {
                relate(from, to, Relation::Names);
                relate(to, from, Relation::NamedBy);
            }
        }
        related
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
