//! What readers see of a document: names, labels and addresses, in the order to show them.
//!
//! Knows neither HTML nor mail. A [`View`] says for whom: `View<Public>` has one constructor, which
//! leaves private documents out, and everything that is published takes that type. So a private
//! document in a public output is a compile error, not a forgotten condition.

pub mod intervals;
mod links;
pub mod map;
pub mod patches;
pub mod people;
pub mod product;
pub mod releases;
mod severity;

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::config::Config;
use crate::corpus::{Corpus, Relation};
use crate::diagnostic::FileId;
use crate::exposure::Exposure;
use crate::host;
use crate::mention::Subject;
use crate::model::branch::BranchKind;
use crate::model::{Branch, Document, Kind, ReviewGroup, Text};
use crate::prose::{self, Block};
use crate::release::lock::Lock;
use crate::version::expression::{Expression, Reading};

pub use crate::prose::text::one_line;

use links::{bugs, references, review_link, short};

pub use patches::ProductPatchesView;
pub use product::{ProductView, SeriesView};
pub use releases::{ReleaseName, ReleasesView};
pub use severity::Severity;

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
        let relations = related(corpus, config);
        let mut documents: Vec<&Document> = corpus
            .documents()
            .iter()
            .filter(|document| A::PRIVATE || !document.is_private())
            .collect();
        documents.sort_by(|a, b| (b.date.day, b.kind, &b.id).cmp(&(a.date.day, a.kind, &a.id)));
        let exposure = Exposure::new(documents.iter().copied(), config, lock);
        let places = documents
            .iter()
            .enumerate()
            .map(|(at, document)| (document.file, at))
            .collect();
        let documents: Vec<DocumentView<'a>> = documents
            .into_par_iter()
            .map(|document| {
                let mut view = DocumentView::new(document, config);
                view.related = relations
                    .get(&document.file)
                    .into_iter()
                    .flatten()
                    .filter(|(other, _)| A::PRIVATE || !other.is_private())
                    .map(|(other, relation)| RelatedView::new(other, *relation, config))
                    .collect();
                let concerns = exposure.of_document(document);
                view.product_names = concerns
                    .iter()
                    .map(|concern| concern.pair.product)
                    .collect();
                view.releases = releases::of_document(&concerns, config, lock);
                view.series = series_of(document, &concerns, config);
                view
            })
            .collect();
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

/// A product with what is affected of it.
#[derive(Debug, Clone)]
pub struct AffectedView {
    /// Name for readers.
    pub product: String,
    /// The expression in words for readers: canonical comparators, or what the author wrote.
    pub versions: String,
}

/// A labelled address.
#[derive(Debug, Clone)]
pub struct LinkView {
    /// What it leads to.
    pub label: String,
    /// Where.
    pub url: String,
    /// What the author wrote beside it.
    pub remark: Option<String>,
}

/// The patches of a branch.
#[derive(Debug, Clone)]
pub struct PatchesView {
    /// `2026.1/gazpacho`.
    pub branch: String,
    /// Product, where the branch key says it.
    pub product: Option<String>,
    /// `unmaintained`, `development`.
    pub remark: Option<String>,
    /// The changes in the order to apply them.
    pub changes: Vec<LinkView>,
}

/// A vulnerability as shown.
#[derive(Debug, Clone)]
pub struct VulnerabilityView {
    /// Its CVE; `None` while one is awaited.
    pub cve: Option<String>,
    /// CVSS vector.
    pub cvss: Option<String>,
    /// Weakness ids.
    pub cwe: Vec<String>,
    /// Author's remark.
    pub note: Option<String>,
}

/// Someone credited.
#[derive(Debug, Clone)]
pub struct CreditView {
    /// Name.
    pub name: String,
    /// Organisation.
    pub affiliation: Option<String>,
    /// CVEs that the person reported, when the document has several.
    pub cves: Vec<String>,
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

/// A line of the history.
#[derive(Debug, Clone)]
pub struct RevisionView {
    /// Day.
    pub day: Option<NaiveDate>,
    /// What happened.
    pub label: String,
}

/// A titled piece of prose.
#[derive(Debug, Clone)]
pub struct Section {
    /// Anchor on the page.
    pub anchor: &'static str,
    /// Heading.
    pub title: &'static str,
    /// The prose.
    pub blocks: Vec<Block>,
}

/// A document as shown.
#[derive(Debug, Clone)]
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
    /// Products and versions.
    pub affected: Vec<AffectedView>,
    /// What the tags say of its releases, product by product.
    pub releases: Vec<ReleasesView>,
    /// What a note says is affected, in its author's words.
    pub services: Vec<Block>,
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
    /// Vulnerabilities.
    pub vulnerabilities: Vec<VulnerabilityView>,
    /// Prose in reading order.
    pub sections: Vec<Section>,
    /// Remarks at the end.
    pub notes: Vec<Vec<Block>>,
    /// What changed.
    pub errata: Vec<Block>,
    /// When it changed, newest first.
    pub history: Vec<RevisionView>,
    /// Patches in the order written.
    pub patches: Vec<PatchesView>,
    /// The same by product and series.
    pub patches_by_product: Vec<ProductPatchesView>,
    /// People to thank.
    pub credits: Vec<CreditView>,
    /// Authors of a note.
    pub authors: Vec<CreditView>,
    /// Bugs; of a note, those that its references do not describe.
    pub bugs: Vec<LinkView>,
    /// Further reading.
    pub references: Vec<LinkView>,
    /// Other documents that it has to do with.
    pub related: Vec<RelatedView>,
}

impl<'a> DocumentView<'a> {
    fn new(document: &'a Document, config: &Config) -> DocumentView<'a> {
        let id = document.name().to_owned();
        let several = document.vulnerabilities.len() > 1;
        DocumentView {
            path: page_path(document, config),
            title: one_line(&document.title.value),
            date: document.date.day,
            draft: document.is_private(),
            withdrawn: document.withdrawn.as_ref().and_then(|date| date.day),
            affected: affected(document, config),
            releases: Vec::new(),
            services: services(document),
            products: products(document, config),
            product_names: Vec::new(),
            series: Vec::new(),
            updated: updated(document),
            severity: severity::severity(document),
            vulnerabilities: vulnerabilities(document),
            sections: sections(document),
            notes: document
                .advisory()
                .map(|body| {
                    body.notes
                        .iter()
                        .map(|note| prose::parse(&note.value))
                        .collect()
                })
                .unwrap_or_default(),
            errata: document
                .errata
                .as_ref()
                .map(|text| prose::parse(&text.value))
                .unwrap_or_default(),
            history: document
                .errata_history
                .iter()
                .map(|line| RevisionView {
                    day: line.day,
                    label: line.label.clone(),
                })
                .collect(),
            patches: document
                .reviews
                .iter()
                .map(|group| patches(group, config))
                .collect(),
            patches_by_product: patches::by_product(document, config),
            credits: people::credits(document, several),
            authors: people::authors(document),
            bugs: bugs(document),
            references: references(document),
            related: Vec::new(),
            id,
            document,
        }
    }

    /// Returns the word for the kind of document.
    pub fn kind(&self) -> Kind {
        self.document.kind
    }

    /// Returns the CVE ids that are assigned.
    pub fn cves(&self) -> impl Iterator<Item = &str> {
        self.vulnerabilities
            .iter()
            .filter_map(|entry| entry.cve.as_deref())
    }

    /// Returns a short description in plain text, cut at a word.
    pub fn summary(&self, length: usize) -> String {
        let text = self
            .sections
            .first()
            .map(|section| prose::plain(&section.blocks))
            .unwrap_or_default();
        shortened(&text, length)
    }
}

/// The last day that the document itself names: of publication, of an erratum, of its withdrawal.
fn updated(document: &Document) -> Option<NaiveDate> {
    let withdrawn = document.withdrawn.as_ref().and_then(|date| date.day);
    let history = document.errata_history.iter().filter_map(|line| line.day);
    history.chain(document.date.day).chain(withdrawn).max()
}

/// The series with a patch, and those with a release that is affected.
fn series_of(
    document: &Document,
    concerns: &[&crate::exposure::Concern<'_>],
    config: &Config,
) -> Vec<String> {
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
            .filter_map(|link| host::recognise(&link.url))
        {
            subjects.insert(Subject::Bug(bug.key), at);
        }
    }
    subjects
}

type Relations<'a> = HashMap<FileId, Vec<(&'a Document, Relation)>>;

/// Returns what each document has to do with, the strongest reason first.
fn related<'a>(corpus: &'a Corpus, config: &Config) -> Relations<'a> {
    let documents = corpus.documents();
    let relations = corpus.relations(config);
    let of_one = |(document, others): (&Document, std::collections::BTreeMap<usize, Relation>)| {
        let mut others: Vec<(&Document, Relation)> = others
            .into_iter()
            .map(|(at, relation)| (&documents[at], relation))
            .collect();
        others.sort_by_key(|(_, relation)| *relation);
        (document.file, others)
    };
    documents.iter().zip(relations).map(of_one).collect()
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

fn affected(document: &Document, config: &Config) -> Vec<AffectedView> {
    let mut lines = Vec::new();
    for entry in &document.affected {
        let text = one_line(&entry.version.value);
        let expression = Expression::parse(&text);
        match &expression.reading {
            Reading::Several(parts) => {
                for (name, part) in parts {
                    let versions = part.canonical().unwrap_or_else(|| text.clone());
                    lines.push(AffectedView {
                        product: product_title(name, config),
                        versions,
                    });
                }
            }
            _ => lines.push(AffectedView {
                product: product_title(&entry.product.value, config),
                versions: expression.canonical().unwrap_or(text),
            }),
        }
    }
    lines
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

fn services(document: &Document) -> Vec<Block> {
    let Some(note) = document.note() else {
        return Vec::new();
    };
    match note.services.as_slice() {
        [] => Vec::new(),
        [one] => prose::parse(&one.value),
        many => {
            let items = many.iter().map(|item| prose::parse(&item.value)).collect();
            vec![Block::List { start: None, items }]
        }
    }
}

fn vulnerabilities(document: &Document) -> Vec<VulnerabilityView> {
    let value = |text: &Option<Text>| text.as_ref().map(|text| one_line(&text.value));
    let mut found: Vec<VulnerabilityView> = document
        .vulnerabilities
        .iter()
        .map(|entry| VulnerabilityView {
            cve: entry.cve.id().map(str::to_owned),
            cvss: value(&entry.cvss),
            cwe: entry.cwe.iter().map(|cwe| one_line(&cwe.value)).collect(),
            note: value(&entry.note),
        })
        .collect();
    if found.is_empty() && document.awaits_cve() {
        found.push(VulnerabilityView {
            cve: None,
            cvss: None,
            cwe: Vec::new(),
            note: None,
        });
    }
    found
}

fn sections(document: &Document) -> Vec<Section> {
    let section = |anchor, title, text: &Text| Section {
        anchor,
        title,
        blocks: prose::parse(&text.value),
    };
    let mut found = Vec::new();
    if let Some(body) = document.advisory() {
        found.push(section("description", "Description", &body.description));
        found.extend(
            body.workarounds
                .iter()
                .map(|text| section("workarounds", "Workarounds", text)),
        );
    }
    let check = document
        .how_to_check
        .iter()
        .map(|text| section("check", "How to check", text));
    if document.advisory().is_some() {
        found.extend(check.clone());
    }
    if let Some(body) = document.note() {
        found.push(section("summary", "Summary", &body.summary));
        found.push(section("discussion", "Discussion", &body.discussion));
        found.extend(check);
        found.push(section("actions", "Recommended actions", &body.actions));
    }
    found.retain(|section| !section.blocks.is_empty());
    found
}

fn patches(group: &ReviewGroup, config: &Config) -> PatchesView {
    PatchesView {
        branch: branch_label(&group.branch, config),
        product: group
            .branch
            .product()
            .map(|name| product_title(name, config)),
        remark: group.branch.remark().map(str::to_owned),
        changes: group.reviews.iter().map(review_link).collect(),
    }
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
