//! The site: a page a document, a list a kind, the index and the page for what is not there.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Artifact, Setting};
use crate::config::Config;
use crate::mention;
use crate::model::Kind;
use crate::prose::{Block, html, link};
use crate::template::TemplateError;
use crate::view::{
    Audience, CreditView, DocumentView, LinkView, PatchesView, ProductView, ReleaseName,
    ReleasesView, View,
};

/// Documents that the index shows.
const NEWEST: usize = 10;

/// The list of products.
const PRODUCTS: &str = "products.html";

/// Level of the heading above prose.
const PROSE_LEVEL: u8 = 2;

#[derive(Serialize)]
struct Site<'a> {
    title: &'a str,
    description: &'a str,
    organisation: &'a str,
    team: &'a str,
    team_url: Option<&'a str>,
    lists: Vec<ListLink>,
}

#[derive(Serialize)]
struct ListLink {
    path: String,
    title: &'static str,
}

/// What every page has.
#[derive(Serialize)]
struct Page<'a> {
    site: &'a Site<'a>,
    /// Leads from the page to the root: empty, or `../`.
    root: &'static str,
    canonical: String,
    title: String,
    description: String,
}

#[derive(Serialize)]
struct DocumentPage<'a> {
    page: Page<'a>,
    document: DocumentData,
}

#[derive(Serialize)]
struct ListPage<'a> {
    page: Page<'a>,
    heading: &'static str,
    years: Vec<Year>,
    count: usize,
}

#[derive(Serialize)]
struct IndexPage<'a> {
    page: Page<'a>,
    newest: Vec<Row>,
}

#[derive(Serialize)]
struct ProductsPage<'a> {
    page: Page<'a>,
    products: Vec<ProductRow>,
}

#[derive(Serialize)]
struct ProductRow {
    title: String,
    path: String,
    documents: usize,
    newest: Option<Release>,
}

#[derive(Serialize)]
struct ProductPage<'a> {
    page: Page<'a>,
    title: &'a str,
    rows: Vec<Row>,
    releases: Vec<ProductRelease>,
}

/// A release on the page of its product.
#[derive(Serialize)]
struct ProductRelease {
    release: Release,
    affected_by: Vec<IdLink>,
    fixes: Vec<IdLink>,
}

#[derive(Serialize)]
struct IdLink {
    id: String,
    path: String,
}

#[derive(Serialize)]
struct Release {
    version: String,
    date: Day,
    line: String,
}

/// What the tags say of a product, on the page of a document.
#[derive(Serialize)]
struct Releases {
    product: String,
    path: String,
    lines: Vec<ReleaseLine>,
    since: Option<Release>,
    resolved: bool,
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
struct BarePage<'a> {
    page: Page<'a>,
}

#[derive(Serialize)]
struct Year {
    year: String,
    rows: Vec<Row>,
}

/// A document in a list.
#[derive(Serialize)]
struct Row {
    id: String,
    kind: &'static str,
    title: String,
    path: String,
    date: Day,
    products: Vec<String>,
    cves: Vec<String>,
    draft: bool,
    withdrawn: bool,
}

#[derive(Serialize)]
struct Day {
    iso: String,
    long: String,
}

#[derive(Serialize)]
struct Link {
    label: String,
    url: Option<String>,
    remark: Option<String>,
}

#[derive(Serialize)]
struct Patches {
    branch: String,
    product: Option<String>,
    remark: Option<String>,
    changes: Vec<Link>,
}

#[derive(Serialize)]
struct Section {
    anchor: &'static str,
    title: &'static str,
    html: String,
}

#[derive(Serialize)]
struct Affected {
    product: String,
    versions: String,
}

#[derive(Serialize)]
struct Vulnerability {
    cve: Option<String>,
    url: Option<String>,
    cvss: Option<String>,
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

/// A document on its page; prose is safe HTML.
#[derive(Serialize)]
struct DocumentData {
    id: String,
    kind: &'static str,
    title: String,
    date: Day,
    draft: bool,
    withdrawn: Option<Day>,
    affected: Vec<Affected>,
    releases: Vec<Releases>,
    services_html: String,
    vulnerabilities: Vec<Vulnerability>,
    sections: Vec<Section>,
    notes_html: Vec<String>,
    errata_html: String,
    history: Vec<Revision>,
    patches: Vec<Patches>,
    credits: Vec<Person>,
    authors: Vec<Person>,
    bugs: Vec<Link>,
    references: Vec<Link>,
    related: Vec<Related>,
    text_name: String,
}

/// Renders every page.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Artifact>, TemplateError> {
    let config = setting.config;
    let site = Site {
        title: &config.site_title,
        description: &config.site_description,
        organisation: &config.organisation,
        team: &config.team,
        team_url: config.team_url.as_deref(),
        lists: Kind::ALL
            .map(|kind| ListLink {
                path: list_path(config, kind),
                title: heading(kind),
            })
            .into_iter()
            .chain([ListLink {
                path: PRODUCTS.into(),
                title: "Products",
            }])
            .collect(),
    };
    let mut artifacts = Vec::new();
    let mut add = |path: String, html: String| {
        artifacts.push(Artifact {
            path,
            bytes: html.into_bytes(),
        });
    };
    for document in &view.documents {
        let value = DocumentPage {
            page: Page {
                site: &site,
                root: "../",
                canonical: format!("{}{}", config.base_url, document.path),
                title: format!("{}: {}", document.id, document.title),
                description: document.summary(155),
            },
            document: document_data(
                document,
                &Linker {
                    view,
                    config,
                    own: document,
                },
            ),
        };
        add(
            document.path.clone(),
            setting.templates.render("site/document.html", &value)?,
        );
    }
    let top = |path: &str, title: String, description: String| Page {
        site: &site,
        root: "",
        canonical: format!("{}{path}", config.base_url),
        title,
        description,
    };
    for kind in Kind::ALL {
        let path = list_path(config, kind);
        let rows: Vec<&DocumentView<'_>> = view
            .documents
            .iter()
            .filter(|document| document.kind() == kind)
            .collect();
        let value = ListPage {
            page: top(
                &path,
                heading(kind).into(),
                format!("{} of {}", heading(kind), site.title),
            ),
            heading: heading(kind),
            count: rows.len(),
            years: by_year(&rows),
        };
        add(path, setting.templates.render("site/list.html", &value)?);
    }
    for product in &view.products {
        let page = Page {
            root: "../",
            ..top(
                &product.path,
                product.title.clone(),
                format!(
                    "Releases of {} and the documents that concern them.",
                    product.title
                ),
            )
        };
        let value = product_page(product, page, view);
        add(
            product.path.clone(),
            setting.templates.render("site/product.html", &value)?,
        );
    }
    let products = ProductsPage {
        page: top(
            PRODUCTS,
            "Products".into(),
            format!("Products of {}, with their releases.", site.organisation),
        ),
        products: view
            .products
            .iter()
            .map(|product| ProductRow {
                title: product.title.clone(),
                path: product.path.clone(),
                documents: product.documents.len(),
                newest: product
                    .releases
                    .first()
                    .map(|newest| release(&newest.release)),
            })
            .collect(),
    };
    add(
        PRODUCTS.into(),
        setting.templates.render("site/products.html", &products)?,
    );
    let index = IndexPage {
        page: top("", site.title.to_owned(), site.description.to_owned()),
        newest: view.documents.iter().take(NEWEST).map(row).collect(),
    };
    add(
        "index.html".into(),
        setting.templates.render("site/index.html", &index)?,
    );
    let missing = BarePage {
        page: top(
            "404.html",
            "Not found".into(),
            "There is no page here.".into(),
        ),
    };
    add(
        "404.html".into(),
        setting.templates.render("site/not-found.html", &missing)?,
    );
    Ok(artifacts)
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Advisory => "Security advisories",
        Kind::Note => "Security notes",
    }
}

/// `/ossalist.html` is the address that the site of sixteen years has.
fn list_path(config: &Config, kind: Kind) -> String {
    format!("{}list.html", config.kind(kind).prefix.to_lowercase())
}

fn by_year(documents: &[&DocumentView<'_>]) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for document in documents {
        let year = document
            .date
            .map_or("Undated".into(), |day| day.format("%Y").to_string());
        match years.last_mut() {
            Some(last) if last.year == year => last.rows.push(row(document)),
            _ => years.push(Year {
                year,
                rows: vec![row(document)],
            }),
        }
    }
    years
}

fn row(document: &DocumentView<'_>) -> Row {
    Row {
        id: document.id.clone(),
        kind: document.kind().name(),
        title: document.title.clone(),
        path: document.path.clone(),
        date: day(document.date),
        products: document.products.clone(),
        cves: document.cves().map(str::to_owned).collect(),
        draft: document.draft,
        withdrawn: document.withdrawn.is_some(),
    }
}

fn day(day: Option<NaiveDate>) -> Day {
    let format = |form: &str| {
        day.map(|day| day.format(form).to_string())
            .unwrap_or_default()
    };
    Day {
        iso: format("%Y-%m-%d"),
        long: format("%-d %B %Y"),
    }
}

/// Makes links of what the prose of a document says of other documents of the same view.
struct Linker<'a, A: Audience> {
    view: &'a View<'a, A>,
    config: &'a Config,
    own: &'a DocumentView<'a>,
}

impl<A: Audience> Linker<'_, A> {
    fn html(&self, blocks: &[Block]) -> String {
        let find = |text: &str| {
            let mentions = mention::find(text, self.config).into_iter();
            let linked = mentions.filter_map(|mention| {
                let other = self.view.subject(&mention.subject)?;
                (other.id != self.own.id).then(|| (mention.place, format!("../{}", other.path)))
            });
            linked.collect()
        };
        html::render(&link::add(blocks, &find), PROSE_LEVEL)
    }
}

fn document_data<A: Audience>(document: &DocumentView<'_>, linker: &Linker<'_, A>) -> DocumentData {
    DocumentData {
        id: document.id.clone(),
        kind: document.kind().name(),
        title: document.title.clone(),
        date: day(document.date),
        draft: document.draft,
        withdrawn: document.withdrawn.map(|withdrawn| day(Some(withdrawn))),
        affected: document
            .affected
            .iter()
            .map(|line| Affected {
                product: line.product.clone(),
                versions: line.versions.clone(),
            })
            .collect(),
        releases: document.releases.iter().map(releases).collect(),
        services_html: linker.html(&document.services),
        vulnerabilities: document
            .vulnerabilities
            .iter()
            .map(|entry| Vulnerability {
                url: entry.cve.as_deref().map(crate::view::cve_url),
                cve: entry.cve.clone(),
                cvss: entry.cvss.clone(),
                cwe: entry.cwe.clone(),
                note: entry.note.clone(),
            })
            .collect(),
        sections: document
            .sections
            .iter()
            .map(|section| Section {
                anchor: section.anchor,
                title: section.title,
                html: linker.html(&section.blocks),
            })
            .collect(),
        notes_html: document
            .notes
            .iter()
            .map(|note| linker.html(note))
            .collect(),
        errata_html: linker.html(&document.errata),
        history: document
            .history
            .iter()
            .map(|line| Revision {
                date: day(line.day),
                label: line.label.clone(),
            })
            .collect(),
        patches: document.patches.iter().map(patches).collect(),
        credits: document.credits.iter().map(person).collect(),
        authors: document.authors.iter().map(person).collect(),
        bugs: document.bugs.iter().map(self::link).collect(),
        references: document.references.iter().map(self::link).collect(),
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
    }
}

fn releases(view: &ReleasesView) -> Releases {
    Releases {
        product: view.product.clone(),
        path: view.path.clone(),
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
    }
}

fn release(name: &ReleaseName) -> Release {
    Release {
        version: name.version.clone(),
        date: day(Some(name.day)),
        line: name.line.clone(),
    }
}

fn product_page<'a, A: Audience>(
    product: &'a ProductView<'_>,
    page: Page<'a>,
    view: &View<'_, A>,
) -> ProductPage<'a> {
    let id_link = |id: &String| {
        let path = view.find(id).map(|document| document.path.clone());
        path.map(|path| IdLink {
            id: id.clone(),
            path,
        })
    };
    ProductPage {
        page,
        title: &product.title,
        rows: product
            .documents
            .iter()
            .filter_map(|id| view.find(id))
            .map(row)
            .collect(),
        releases: product
            .releases
            .iter()
            .map(|found| ProductRelease {
                release: release(&found.release),
                affected_by: found.affected_by.iter().filter_map(id_link).collect(),
                fixes: found.fixes.iter().filter_map(id_link).collect(),
            })
            .collect(),
    }
}

fn patches(patches: &PatchesView) -> Patches {
    Patches {
        branch: patches.branch.clone(),
        product: patches.product.clone(),
        remark: patches.remark.clone(),
        changes: patches.changes.iter().map(self::link).collect(),
    }
}

fn person(person: &CreditView) -> Person {
    Person {
        name: person.name.clone(),
        affiliation: person.affiliation.clone(),
        cves: person.cves.clone(),
    }
}

/// An address that is none (`openstack-discuss@…`, a bare CVE) is shown and not linked.
fn link(link: &LinkView) -> Link {
    let url = crate::prose::safe_link(&link.url).map(str::to_owned);
    let label = match &url {
        None if !link.label.contains(&link.url) => format!("{}: {}", link.label, link.url),
        _ => link.label.clone(),
    };
    Link {
        label,
        url,
        remark: link.remark.clone(),
    }
}
