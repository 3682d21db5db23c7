//! The whole content of a document: prose as blocks, people, patches, links. It is worked out when a
//! format asks for it, as most builds need that of a few documents only.

use std::sync::OnceLock;

use super::links::{bugs, references, review_link};
use super::patches::{self, ProductPatchesView};
use super::releases::{self, ReleasesView};
use super::{branch_label, one_line, people, product_title};
use crate::config::Config;
use crate::exposure::Concern;
use crate::model::{Document, ReviewGroup, Text};
use crate::prose::markdown::{self, Style};
use crate::prose::{self, Block, text};
use crate::release::lock::Lock;
use crate::version::expression::{Expression, Reading};

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

/// A titled piece of prose.
#[derive(Debug, Clone)]
pub struct Section {
    /// Anchor on the page.
    pub anchor: &'static str,
    /// Heading.
    pub title: &'static str,
    /// The prose.
    pub blocks: Vec<Block>,
    markdown: OnceLock<String>,
    text: OnceLock<String>,
}

/// Columns of mails, and of Markdown and text in data.
const COLUMNS: usize = 72;

impl Section {
    /// Returns the prose as Markdown, at most 72 columns wide. Several formats want it.
    pub fn markdown(&self) -> &str {
        let make = || markdown::render(&self.blocks, COLUMNS, Style::File);
        self.markdown.get_or_init(make)
    }

    /// Returns the prose as plain text, in the same way.
    pub fn text(&self) -> &str {
        let make = || text::render(&self.blocks, COLUMNS);
        self.text.get_or_init(make)
    }
}

/// All that a document says beside what lists show of it.
#[derive(Debug)]
pub struct Content {
    /// Products and versions.
    pub affected: Vec<AffectedView>,
    /// What the tags say of its releases, product by product.
    pub releases: Vec<ReleasesView>,
    /// What a note says is affected, in its author's words.
    pub services: Vec<Block>,
    /// Vulnerabilities.
    pub vulnerabilities: Vec<VulnerabilityView>,
    /// Prose in reading order.
    pub sections: Vec<Section>,
    /// Remarks at the end.
    pub notes: Vec<Vec<Block>>,
    /// What changed.
    pub errata: Vec<Block>,
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
}

impl Content {
    /// Reads a document, with what it says of each of its products.
    pub(super) fn of(
        document: &Document,
        concerns: &[&Concern<'_>],
        config: &Config,
        lock: &Lock,
    ) -> Content {
        let several = document.vulnerabilities.len() > 1;
        let notes = document.advisory().map(|body| body.notes.as_slice());
        let notes = notes.unwrap_or_default().iter();
        let errata = document.errata.as_ref();
        Content {
            affected: affected(document, config),
            releases: releases::of_document(concerns, config, lock),
            services: services(document),
            vulnerabilities: vulnerabilities(document),
            sections: sections(document),
            notes: notes.map(|note| prose::parse(&note.value)).collect(),
            errata: errata
                .map(|text| prose::parse(&text.value))
                .unwrap_or_default(),
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
        }
    }
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

/// Titled texts of a document: anchor, heading and text.
type Titled<'t> = (&'static str, &'static str, &'t Text);

/// Returns the texts that make sections, in reading order.
fn titled(document: &Document) -> Vec<Titled<'_>> {
    let mut found: Vec<Titled<'_>> = Vec::new();
    let check = document.how_to_check.iter();
    let check = check.map(|text| ("check", "How to check", text));
    if let Some(body) = document.advisory() {
        found.push(("description", "Description", &body.description));
        let workarounds = body.workarounds.iter();
        found.extend(workarounds.map(|text| ("workarounds", "Workarounds", text)));
        found.extend(check);
    } else if let Some(body) = document.note() {
        found.push(("summary", "Summary", &body.summary));
        found.push(("discussion", "Discussion", &body.discussion));
        found.extend(check);
        found.push(("actions", "Recommended actions", &body.actions));
    }
    found
}

/// Returns the first section alone, without the work for all others.
pub(super) fn opening(document: &Document) -> Vec<Block> {
    let sections = titled(document).into_iter();
    let mut sections = sections.map(|(.., text)| prose::parse(&text.value));
    sections
        .find(|blocks| !blocks.is_empty())
        .unwrap_or_default()
}

fn sections(document: &Document) -> Vec<Section> {
    let section = |(anchor, title, text): Titled<'_>| Section {
        anchor,
        title,
        blocks: prose::parse(&text.value),
        markdown: OnceLock::new(),
        text: OnceLock::new(),
    };
    let sections = titled(document).into_iter().map(section);
    sections
        .filter(|section| !section.blocks.is_empty())
        .collect()
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
