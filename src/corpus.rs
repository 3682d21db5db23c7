//! All documents of a workspace, indexed by id, CVE and bug.
//!
//! Knows no git and no output. The order is stable: by kind, then by id.

use std::collections::BTreeMap;

use crate::host;
use crate::model::{Document, Kind};

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
        for (at, document) in documents.iter().enumerate() {
            corpus
                .by_id
                .entry(document.name().to_owned())
                .or_default()
                .push(at);
            for cve in document.cves() {
                add_once(&mut corpus.by_cve, cve, at);
            }
            for bug in document
                .issues
                .iter()
                .filter_map(|link| host::recognise(&link.url))
            {
                add_once(&mut corpus.by_bug, &bug.key, at);
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

fn add_once(index: &mut BTreeMap<String, Vec<usize>>, key: &str, at: usize) {
    let list = index.entry(key.to_owned()).or_default();
    if list.last() != Some(&at) {
        list.push(at);
    }
}
