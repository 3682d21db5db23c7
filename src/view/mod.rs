//! What readers see of a document: names, labels and addresses, in the order to show them.
//!
//! Knows neither HTML nor mail. A [`View`] says for whom: `View<Public>` has one constructor, which
//! leaves private documents out, and everything that is published takes that type. So a private
//! document in a public output is a compile error, not a forgotten condition.

mod content;
pub mod intervals;
mod links;
pub mod map;
pub mod patches;
pub mod people;
pub mod product;
pub mod releases;
mod severity;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::config::Config;
use crate::corpus::{Corpus, Relation};
use crate::exposure::{Concern, Exposure};
use crate::host;
use crate::mention::Subject;
use crate::model::branch::BranchKind;
use crate::model::{Branch, Document, Kind, Revision};
use crate::prose;
use crate::release::lock::Lock;

pub use crate::prose::text::one_line;

use links::{review_link, short};

pub use content::{
    AffectedView, Content, CreditView, LinkView, PatchesView, Section, VulnerabilityView,
};
pub use patches::ProductPatchesView;
pub use product::{ProductView, SeriesView};
pub use releases::{ReleaseName, ReleasesView};
pub use severity::Severity;

/// Most documents whose content is kept: some 20 KB each.
const KEPT: usize = 1000;

/// Whom a view is for.
pub trait Audience: Send + Sync {
    /// Whether private documents may be in it.
    const PRIVATE: bool;
}

/// Everybody.
#[derive(Debug)]
pub enum Public {}

/// The team that drafts.
#[derive(Debug)]
pub enum Team {}

impl Audience for Public {
    const PRIVATE: bool = false;
}

impl Audience for Team {
    const PRIVATE: bool = true;
}

/// Documents as an audience may see them, the newest first.
#[derive(Debug)]
pub struct View<'a, A> {
    /// The documents.
    pub documents: Vec<DocumentView<'a>>,
    /// The products that they concern, or whose releases are known, by title.
    pub products: Vec<ProductView<'a>>,
    /// The series that they or those releases belong to, the newest first.
    pub series: Vec<SeriesView<'a>>,
    /// What holds for versions of products, by these documents.
    pub exposure: Exposure<'a>,
    /// Places in `documents` of what a text may speak of.
    subjects: HashMap<Subject, usize>,
    /// Places in `products` by title.
    titles: HashMap<String, usize>,
    audience: PhantomData<A>,
}

impl<'a> View<'a, Public> {
    /// The documents that everybody may see.
    pub fn public(corpus: &'a Corpus, config: &'a Config, lock: &'a Lock) -> View<'a, Public> {
        View::of(corpus, config, lock)
    }
}

impl<'a> View<'a, Team> {
    /// All documents, private ones included.
    pub fn team(corpus: &'a Corpus, config: &'a Config, lock: &'a Lock) -> View<'a, Team> {
        View::of(corpus, config, lock)
    }
}

impl<'a, A: Audience> View<'a, A> {
    fn of(corpus: &'a Corpus, config: &'a Config, lock: &'a Lock) -> View<'a, A> {
        let all = corpus.documents();
        let relations = corpus.relations(config);
        let is_seen = |document: &Document| A::PRIVATE || !document.is_private();
        let mut places: Vec<usize> = (0..all.len()).filter(|at| is_seen(&all[*at])).collect();
        let rank = |at: &usize| {
            let document = &all[*at];
            (document.date.day, document.kind, &document.id)
        };
        places.sort_by(|a, b| rank(b).cmp(&rank(a)));
        let exposure = Exposure::new(places.iter().map(|at| &all[*at]), config, lock);
        let documents: Vec<DocumentView<'a>> = places
            .par_iter()
            .map(|at| {
                let related = relations.of(*at);
                let related = related.map(|(other, relation)| (&all[other], relation));
                let related = related.filter(|(other, _)| is_seen(other));
                let related =
                    related.map(|(other, relation)| RelatedView::new(other, relation, config));
                DocumentView::new(&all[*at], related.collect(), &exposure, (config, lock))
            })
            .collect();
        let places = places.iter().enumerate();
        let places = places.map(|(at, place)| (all[*place].file, at)).collect();
        let subjects = subjects(&documents);
        let products = product::products(&exposure, config, &places);
        let mut titles = HashMap::new();
        for (at, product) in products.iter().enumerate() {
            titles.entry(product.title.clone()).or_insert(at);
        }
        View {
            subjects,
            titles,
            series: product::series(config, &products, &documents),
            documents,
            products,
            exposure,
            audience: PhantomData,
        }
    }

    /// Returns the document of this view that a text speaks of.
    pub fn subject(&self, subject: &Subject) -> Option<&DocumentView<'a>> {
        self.subjects.get(subject).map(|at| &self.documents[*at])
    }

    /// Returns whether what is worked out of its documents may be kept.
    pub fn is_small(&self) -> bool {
        self.documents.len() <= KEPT
    }

    /// Returns a document for those who ask for its content and pass on to the next: of a few documents
    /// the content is kept, of many it goes with what is returned, so that it is never in memory of all.
    pub fn passing<'v>(&self, document: &'v DocumentView<'a>) -> Cow<'v, DocumentView<'a>> {
        match self.is_small() {
            true => Cow::Borrowed(document),
            false => Cow::Owned(document.clone()),
        }
    }

    /// Returns the product with a title.
    pub fn product_titled(&self, title: &str) -> Option<&ProductView<'a>> {
        self.titles.get(title).map(|at| &self.products[*at])
    }

    /// Returns all that a text may speak of, with the document that it leads to, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = (&Subject, &DocumentView<'a>)> {
        let subjects = self.subjects.iter();
        subjects.map(|(subject, at)| (subject, &self.documents[*at]))
    }

    /// Returns the document with an id; case does not count.
    pub fn find(&self, id: &str) -> Option<&DocumentView<'a>> {
        self.documents
            .iter()
            .find(|document| document.id.eq_ignore_ascii_case(id))
    }
}

/// Another document that one has to do with.
#[derive(Debug, Clone)]
pub struct RelatedView {
    /// Its id.
    pub id: String,
    /// Its title in plain text.
    pub title: String,
    /// Address of its page, without the base address.
    pub path: String,
    /// Why.
    pub reason: &'static str,
}

impl RelatedView {
    fn new(document: &Document, relation: Relation, config: &Config) -> RelatedView {
        RelatedView {
            id: document.name().to_owned(),
            title: one_line(&document.title.value),
            path: page_path(document, config),
            reason: match relation {
                Relation::SameCve => "the same CVE",
                Relation::SameBug => "the same bug",
                Relation::Names => "named here",
                Relation::NamedBy => "names this one",
            },
        }
    }
}

/// A document as shown.
#[derive(Debug)]
pub struct DocumentView<'a> {
    /// The document itself.
    pub document: &'a Document,
    /// Id.
    pub id: String,
    /// Title in plain text.
    pub title: String,
    /// Day of publication.
    pub date: Option<NaiveDate>,
    /// Address on the site, without the base address.
    pub path: String,
    /// Whether it is private.
    pub draft: bool,
    /// Day of withdrawal.
    pub withdrawn: Option<NaiveDate>,
    /// Names of the products for readers, each once.
    pub products: Vec<String>,
    /// Canonical names of the products that it concerns.
    pub product_names: Vec<&'a str>,
    /// Labels of the series that it concerns, the newest first.
    pub series: Vec<String>,
    /// The last day on which it changed.
    pub updated: Option<NaiveDate>,
    /// The gravest of its vulnerabilities, where a CVSS vector says it.
    pub severity: Option<Severity>,
    /// Other documents that it has to do with.
    pub related: Vec<RelatedView>,
    /// What it says of each product.
    concerns: Vec<Arc<Concern<'a>>>,
    config: &'a Config,
    lock: &'a Lock,
    content: OnceLock<Box<Content>>,
}

impl<'a> DocumentView<'a> {
    fn new(
        document: &'a Document,
        related: Vec<RelatedView>,
        exposure: &Exposure<'a>,
        (config, lock): (&'a Config, &'a Lock),
    ) -> DocumentView<'a> {
        let concerns = exposure.share(document);
        DocumentView {
            id: document.name().to_owned(),
            path: page_path(document, config),
            title: one_line(&document.title.value),
            date: document.date.day,
            draft: document.is_private(),
            withdrawn: document.withdrawn.as_ref().and_then(|date| date.day),
            products: products(document, config),
            product_names: concerns
                .iter()
                .map(|concern| concern.pair.product)
                .collect(),
            series: series_of(document, &concerns, config),
            updated: updated(document),
            severity: severity::severity(document),
            related,
            concerns,
            config,
            lock,
            content: OnceLock::new(),
            document,
        }
    }

    /// Returns all that it says, which is worked out when it is first asked for and then kept.
    pub fn content(&self) -> &Content {
        self.content.get_or_init(|| {
            let concerns: Vec<&Concern<'_>> = self.concerns.iter().map(AsRef::as_ref).collect();
            let content = Content::of(self.document, &concerns, self.config, self.lock);
            Box::new(content)
        })
    }

    /// Returns the word for the kind of document.
    pub fn kind(&self) -> Kind {
        self.document.kind
    }

    /// Returns when it changed, the newest first.
    pub fn history(&self) -> &'a [Revision] {
        &self.document.errata_history
    }

    /// Returns the CVE ids that are assigned.
    pub fn cves(&self) -> impl Iterator<Item = &str> {
        self.document.cves()
    }

    /// Returns a short description in plain text, cut at a word.
    pub fn summary(&self, length: usize) -> String {
        let text = match self.content.get() {
            Some(content) => {
                let first = content.sections.first();
                first.map(|section| prose::plain(&section.blocks))
            }
            None => Some(prose::plain(&content::opening(self.document))),
        };
        shortened(&text.unwrap_or_default(), length)
    }
}

/// A copy has nothing kept.
impl Clone for DocumentView<'_> {
    fn clone(&self) -> Self {
        DocumentView {
            document: self.document,
            id: self.id.clone(),
            title: self.title.clone(),
            date: self.date,
            path: self.path.clone(),
            draft: self.draft,
            withdrawn: self.withdrawn,
            products: self.products.clone(),
            product_names: self.product_names.clone(),
            series: self.series.clone(),
            updated: self.updated,
            severity: self.severity,
            related: self.related.clone(),
            concerns: self.concerns.clone(),
            config: self.config,
            lock: self.lock,
            content: OnceLock::new(),
        }
    }
}

/// The last day that the document itself names: of publication, of an erratum, of its withdrawal.
fn updated(document: &Document) -> Option<NaiveDate> {
    let withdrawn = document.withdrawn.as_ref().and_then(|date| date.day);
    let history = document.errata_history.iter().filter_map(|line| line.day);
    history.chain(document.date.day).chain(withdrawn).max()
}

/// The series with a patch, and those with a release that is affected.
fn series_of(document: &Document, concerns: &[Arc<Concern<'_>>], config: &Config) -> Vec<String> {
    let patched: Vec<&str> = document
        .reviews
        .iter()
        .filter_map(|group| config.series(group.branch.series()?))
        .map(|series| series.name.as_str())
        .collect();
    let affected: HashSet<&str> = concerns
        .iter()
        .flat_map(|concern| concern.affected_lines())
        .collect();
    let all = config
        .series
        .iter()
        .rev()
        .map(|series| (series, series.label()));
    all.filter(|(series, label)| {
        patched.contains(&series.name.as_str()) || affected.contains(label.as_str())
    })
    .map(|(_, label)| label)
    .collect()
}

/// Says which document each id, CVE and bug leads to: the oldest that carries it.
fn subjects(documents: &[DocumentView<'_>]) -> HashMap<Subject, usize> {
    let mut subjects = HashMap::new();
    for (at, view) in documents.iter().enumerate() {
        subjects.insert(Subject::Document(view.id.clone()), at);
        for cve in view.document.cves() {
            subjects.insert(Subject::Cve(cve.to_owned()), at);
        }
        for bug in view
            .document
            .issues
            .iter()
            .filter_map(|link| host::recognise(link.url()))
        {
            subjects.insert(Subject::Bug(bug.key), at);
        }
    }
    subjects
}

/// Returns the address of a document's page, without the base address.
pub fn page_path(document: &Document, config: &Config) -> String {
    let prefix = config.kind(document.kind).prefix.to_lowercase();
    format!("{prefix}/{}.html", document.name())
}

/// Returns the address of a CVE record.
pub fn cve_url(id: &str) -> String {
    format!("https://www.cve.org/CVERecord?id={id}")
}

/// Cuts a text at a word, so that it has at most so many characters.
pub fn shortened(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let cut: String = text.chars().take(length.saturating_sub(1)).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', '.', ':']))
}

fn product_title(name: &str, config: &Config) -> String {
    config
        .product(name)
        .map_or_else(|| name.trim().to_owned(), |product| product.title.clone())
}

fn products(document: &Document, config: &Config) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for entry in &document.affected {
        for name in entry
            .product
            .value
            .split([',', ';'])
            .filter(|name| !name.trim().is_empty())
        {
            let title = product_title(name, config);
            if !names.contains(&title) {
                names.push(title);
            }
        }
    }
    names
}

/// Writes a branch as people write it today, where it is known.
fn branch_label(branch: &Branch, config: &Config) -> String {
    match &branch.kind {
        BranchKind::Series { number, name } => {
            let known = [name, number]
                .into_iter()
                .flatten()
                .find_map(|text| config.series(text));
            known.map_or_else(|| branch.bare.clone(), |series| series.label())
        }
        _ => branch.bare.clone(),
    }
}
