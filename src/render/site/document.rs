//! The page of a document.

use base64::Engine as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Day, Link, PROSE_LEVEL, Page, Pages, Release, Row, Severity, day, link};
use crate::mention;
use crate::prose::{Block, html, link as prose_link};
use crate::render::picture;
use crate::template::TemplateError;
use crate::view::product::product_path;
use crate::view::releases::line_label;
use crate::view::{Audience, CreditView, DocumentView, ReleaseName, ReleasesView, patches};

#[derive(Serialize)]
struct DocumentPage<'a> {
    page: Page<'a>,
    document: DocumentData,
    /// Structured data for search engines (schema.org), as JSON.
    data: String,
    /// Shapes of the release maps with their names; none without a map.
    legend: Vec<Shape>,
    /// The shapes themselves.
    shapes: String,
}

#[derive(Serialize)]
struct Shape {
    svg: String,
    name: &'static str,
}

/// A document on its page; prose is safe HTML.
#[derive(Serialize)]
struct DocumentData {
    #[serde(flatten)]
    row: Row,
    updated: Day,
    withdrawn_on: Option<Day>,
    products: Vec<Product>,
    services_html: String,
    vulnerabilities: Vec<Vulnerability>,
    sections: Vec<Section>,
    notes_html: Vec<String>,
    errata_html: String,
    history: Vec<Revision>,
    patches: Vec<ProductPatches>,
    credits: Vec<Person>,
    authors: Vec<Person>,
    bugs: Vec<Link>,
    references: Vec<Link>,
    related: Vec<Related>,
    text_name: String,
    /// Forms for machines.
    forms: Vec<Form>,
    cite: String,
}

#[derive(Serialize)]
struct Form {
    name: &'static str,
    path: String,
}

/// What holds for a product.
#[derive(Serialize)]
struct Product {
    title: String,
    /// Address of its page, where it has one.
    path: Option<String>,
    /// The declared ranges.
    versions: Vec<String>,
    /// What the tags say.
    releases: Option<Releases>,
}

#[derive(Serialize)]
struct Releases {
    lines: Vec<ReleaseLine>,
    since: Option<Release>,
    resolved: bool,
    /// The map as SVG; empty where there is none.
    map: String,
    /// The map of old lines that are affected throughout.
    older_map: String,
    older: String,
}

#[derive(Serialize)]
struct ReleaseLine {
    line: String,
    affected: String,
    unknown: String,
    fixed: Option<Release>,
    instead: Option<Release>,
    branch_only: bool,
}

#[derive(Serialize)]
struct Section {
    anchor: &'static str,
    title: &'static str,
    html: String,
}

#[derive(Serialize)]
struct Vulnerability {
    cve: Option<String>,
    path: Option<String>,
    cvss: Option<String>,
    severity: Option<Severity>,
    cwe: Vec<String>,
    note: Option<String>,
}

#[derive(Serialize)]
struct Person {
    name: String,
    affiliation: Option<String>,
    cves: Vec<String>,
}

#[derive(Serialize)]
struct Related {
    id: String,
    title: String,
    path: String,
    reason: &'static str,
}

#[derive(Serialize)]
struct Revision {
    date: Day,
    label: String,
}

#[derive(Serialize)]
struct ProductPatches {
    product: Option<String>,
    branches: Vec<BranchPatches>,
}

#[derive(Serialize)]
struct BranchPatches {
    branch: String,
    remark: Option<String>,
    patches: Vec<Patch>,
}

#[derive(Serialize)]
struct Patch {
    link: Link,
    commit: Option<String>,
    requires: Vec<Link>,
    with: Vec<Link>,
}

/// Renders the page of a document.
pub(super) fn render<A: Audience>(
    pages: &Pages<'_, A>,
    document: &DocumentView<'_>,
) -> Result<(), TemplateError> {
    let key = pages.out.keys.page(document);
    let value = || value(document, pages);
    pages.file("site/document.html", &document.path, key, value)
}

fn value<'v, A: Audience>(
    document: &'v DocumentView<'_>,
    pages: &'v Pages<'_, A>,
) -> DocumentPage<'v> {
    let data = structured_data(document, pages);
    let page = Page {
        kind: "article",
        data_hash: Some(hash(&data)),
        ..pages.page(
            &document.path,
            format!("{}: {}", document.id, document.title),
            document.summary(155),
        )
    };
    let mut maps = document.content().releases.iter();
    let has_map = maps.any(|view| !view.map.rows.is_empty());
    DocumentPage {
        page,
        document: document_data(document, pages),
        data,
        legend: picture::legend()
            .into_iter()
            .filter(|_| has_map)
            .map(|(svg, name)| Shape { svg, name })
            .collect(),
        shapes: match has_map {
            true => picture::shapes(),
            false => String::new(),
        },
    }
}

/// The SHA-256 of an inline block, as the content security policy names it (CSP 3 section 2.3.1).
fn hash(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()))
}

/// Structured data of the page. schema.org has no type for an advisory; TechArticle is the nearest.
fn structured_data<A: Audience>(document: &DocumentView<'_>, pages: &Pages<'_, A>) -> String {
    let config = pages.config();
    let identifiers: Vec<&str> = std::iter::once(document.id.as_str())
        .chain(document.cves())
        .collect();
    let value = serde_json::json!({
        "@context": "https://schema.org",
        "@type": "TechArticle",
        "headline": document.title,
        "identifier": identifiers,
        "url": format!("{}{}", config.base_url, document.path),
        "datePublished": document.date.map(|day| day.to_string()),
        "dateModified": document.updated.map(|day| day.to_string()),
        "publisher": {"@type": "Organization", "name": config.team},
    });
    // A `<` could end the script element.
    value.to_string().replace('<', "\\u003c")
}

/// Renders prose with links to what it says of other documents of the same view.
fn prose<A: Audience>(blocks: &[Block], own: &DocumentView<'_>, pages: &Pages<'_, A>) -> String {
    let find = |text: &str| {
        let mentions = mention::find(text, pages.config()).into_iter();
        let linked = mentions.filter_map(|mention| {
            let other = pages.view.subject(&mention.subject)?;
            (other.id != own.id).then(|| (mention.place, format!("../{}", other.path)))
        });
        linked.collect()
    };
    html::render(&prose_link::add(blocks, &find), PROSE_LEVEL)
}

fn document_data<A: Audience>(document: &DocumentView<'_>, pages: &Pages<'_, A>) -> DocumentData {
    let html = |blocks: &[Block]| prose(blocks, document, pages);
    let config = pages.config();
    let date = document
        .date
        .map(|day| format!(" {day}."))
        .unwrap_or_default();
    DocumentData {
        row: super::row(document),
        updated: day(document
            .updated
            .filter(|updated| Some(*updated) != document.date)),
        withdrawn_on: document.withdrawn.map(|withdrawn| day(Some(withdrawn))),
        products: products(document, pages),
        services_html: html(&document.content().services),
        vulnerabilities: document
            .content()
            .vulnerabilities
            .iter()
            .map(|entry| Vulnerability {
                path: entry.cve.as_deref().map(super::cve::path),
                cve: entry.cve.clone(),
                cvss: entry.cvss.clone(),
                severity: entry.severity().map(super::severity),
                cwe: entry.cwe.clone(),
                note: entry.note.clone(),
            })
            .collect(),
        sections: document
            .content()
            .sections
            .iter()
            .map(|section| Section {
                anchor: section.anchor,
                title: section.title,
                html: html(&section.blocks),
            })
            .collect(),
        notes_html: document
            .content()
            .notes
            .iter()
            .map(|note| html(note))
            .collect(),
        errata_html: html(&document.content().errata),
        history: document
            .history()
            .iter()
            .map(|line| Revision {
                date: day(line.day),
                label: line.label.clone(),
            })
            .collect(),
        patches: document
            .content()
            .patches_by_product
            .iter()
            .map(patches_of)
            .collect(),
        credits: document.content().credits.iter().map(person).collect(),
        authors: document.content().authors.iter().map(person).collect(),
        bugs: document.content().bugs.iter().map(link).collect(),
        references: document.content().references.iter().map(link).collect(),
        related: document
            .related
            .iter()
            .map(|other| Related {
                id: other.id.clone(),
                title: other.title.clone(),
                path: other.path.clone(),
                reason: other.reason,
            })
            .collect(),
        text_name: format!("{}.txt", document.id),
        forms: crate::render::forms_of(document, pages.view, config)
            .into_iter()
            .map(|(name, path)| Form { name, path })
            .collect(),
        cite: format!(
            "{}: {}: {}.{date} {}{}",
            config.team, document.id, document.title, config.base_url, document.path
        ),
    }
}

/// What is declared and what the tags say, product by product.
fn products<A: Audience>(document: &DocumentView<'_>, pages: &Pages<'_, A>) -> Vec<Product> {
    let mut found: Vec<Product> = Vec::new();
    let new = |title: &str, releases: Option<&ReleasesView>| Product {
        title: title.to_owned(),
        path: pages
            .view
            .product_titled(title)
            .map(|product| product_path(product.name)),
        versions: Vec::new(),
        releases: releases.map(self::releases),
    };
    let of = |title: &str| {
        document
            .content()
            .releases
            .iter()
            .find(|view| view.product == title)
    };
    for line in &document.content().affected {
        match found.iter_mut().find(|known| known.title == line.product) {
            Some(known) => known.versions.push(line.versions.clone()),
            None => found.push(Product {
                versions: vec![line.versions.clone()],
                ..new(&line.product, of(&line.product))
            }),
        }
    }
    for view in &document.content().releases {
        if !found.iter().any(|known| known.title == view.product) {
            found.push(new(&view.product, Some(view)));
        }
    }
    found
}

fn releases(view: &ReleasesView) -> Releases {
    let release = |name: &ReleaseName| super::release(name, &view.name);
    let ends = match view.map.older.as_slice() {
        [] => String::new(),
        [newest, .., oldest] => {
            format!(
                "{} to {}",
                line_label(&oldest.line),
                line_label(&newest.line)
            )
        }
        [one] => line_label(&one.line),
    };
    Releases {
        lines: view
            .lines
            .iter()
            .map(|line| ReleaseLine {
                line: line.line.clone(),
                affected: line.affected.clone(),
                unknown: line.unknown.clone(),
                fixed: line.fixed.as_ref().map(release),
                instead: line.instead.as_ref().map(release),
                branch_only: line.branch_only,
            })
            .collect(),
        since: view.since.as_ref().map(release),
        resolved: view.resolved,
        map: picture::release_map(&view.map.rows, &format!("Releases of {}", view.product)),
        older_map: picture::release_map(
            &view.map.older,
            &format!("Older releases of {}", view.product),
        ),
        older: ends,
    }
}

fn patches_of(product: &patches::ProductPatchesView) -> ProductPatches {
    let links = |views: &[crate::view::LinkView]| views.iter().map(link).collect();
    ProductPatches {
        product: product.product.clone(),
        branches: product
            .branches
            .iter()
            .map(|branch| BranchPatches {
                branch: branch.branch.clone(),
                remark: branch.remark.clone(),
                patches: branch
                    .patches
                    .iter()
                    .map(|patch| Patch {
                        link: link(&patch.link),
                        commit: patch.commit.clone(),
                        requires: links(&patch.requires),
                        with: links(&patch.with),
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn person(person: &CreditView) -> Person {
    Person {
        name: person.name.clone(),
        affiliation: person.affiliation.clone(),
        cves: person.cves.clone(),
    }
}
