//! The site for deployers. One file a kind of page; what pages share is here.
//!
//! Pages are plain HTML that needs no script: scripts of the site add search, filters and the
//! affected check.

mod cve;
mod document;
mod index;
mod lists;
mod product;
mod prose;
mod redirect;
mod release;
mod series;

use chrono::{Datelike as _, NaiveDate};
use rayon::prelude::*;
use serde::Serialize;

use super::{Out, RenderDocument, Setting};
use crate::config::Config;
use crate::key::Key;
use crate::model::Kind;
use crate::prose as text;
use crate::template::{Converted, Shared, TemplateError};
use crate::view::{Audience, DocumentView, LinkView, ReleaseName, View};

/// The list of everything.
const DOCUMENTS: &str = "documents.html";

/// The list of products.
pub(super) const PRODUCTS: &str = "products.html";

/// The list of series.
pub(super) const SERIES: &str = "series.html";

/// The page that lists feeds.
pub(super) const FEEDS: &str = "feeds.html";

pub(super) use cve::path as cve_path;
pub(super) use lists::list_paths;

/// Documents that a page lists, half a megabyte of HTML. A list is cut between years only.
const ROWS: usize = 1000;

/// Level of the heading above prose.
const PROSE_LEVEL: u8 = 2;

/// The page for addresses that lead nowhere.
const NOT_FOUND: &str = "404.html";

/// What is the same on every page.
#[derive(Debug, Serialize)]
struct Site<'a> {
    title: &'a str,
    description: &'a str,
    organisation: &'a str,
    team: &'a str,
    team_url: Option<&'a str>,
    base_url: &'a str,
    navigation: Vec<NavigationLink>,
    pages: Vec<NavigationLink>,
}

#[derive(Debug, Serialize)]
struct NavigationLink {
    path: String,
    title: String,
}

/// What every page has.
#[derive(Debug, Serialize)]
struct Page<'a> {
    /// Address of the page, without the base address.
    path: &'a str,
    /// Leads from the page to the root: empty, `../` or `../../`.
    root: String,
    canonical: String,
    title: String,
    description: String,
    /// `website` or `article` (Open Graph protocol).
    kind: &'static str,
    /// Feeds of this page, besides those of the whole site.
    feeds: Vec<FeedLink>,
    /// Hash of the page's structured data, for the content security policy.
    data_hash: Option<String>,
}

#[derive(Debug, Serialize)]
struct FeedLink {
    title: String,
    /// Address without `.atom` or `.json`, without the base address.
    path: String,
}

/// A document in a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    id: String,
    kind: &'static str,
    title: String,
    path: String,
    date: Day,
    products: Vec<String>,
    product_names: Vec<String>,
    series: Vec<String>,
    severity: Option<Severity>,
    cves: Vec<String>,
    draft: bool,
    withdrawn: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Severity {
    score: String,
    word: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Day {
    iso: String,
    long: String,
}

#[derive(Debug, Serialize)]
struct Link {
    label: String,
    url: Option<String>,
    remark: Option<String>,
}

/// A release with the address of its page.
#[derive(Debug, Clone, Serialize)]
struct Release {
    version: String,
    date: Day,
    line: String,
    path: String,
}

/// What the pages are made from.
struct Pages<'a, A: Audience> {
    setting: &'a Setting<'a>,
    view: &'a View<'a, A>,
    out: &'a Out<'a>,
    /// What templates know as `site`.
    site: Shared,
}

impl<'a, A: Audience> Pages<'a, A> {
    fn new(setting: &'a Setting<'a>, view: &'a View<'a, A>, out: &'a Out<'a>) -> Pages<'a, A> {
        Pages {
            setting,
            view,
            out,
            site: Shared::new("site", &site(setting, view)),
        }
    }

    fn config(&self) -> &'a Config {
        self.setting.config
    }

    /// Makes what every page has.
    fn page<'p>(
        &'p self,
        path: &'p str,
        title: impl Into<String>,
        description: impl Into<String>,
    ) -> Page<'p> {
        let address = if path == "index.html" { "" } else { path };
        Page {
            path,
            root: match path {
                // It is shown at any address, so its links start at the top of the host.
                NOT_FOUND => top_of(&self.config().base_url),
                _ => "../".repeat(path.matches('/').count()),
            },
            canonical: format!("{}{address}", self.config().base_url),
            title: title.into(),
            description: description.into(),
            kind: "website",
            feeds: Vec::new(),
            data_hash: None,
        }
    }

    /// Offers a page: a template, and what it is filled with.
    fn file<V: Serialize>(
        &self,
        template: &str,
        path: &str,
        key: Key,
        value: impl Fn() -> V + Sync,
    ) -> Result<(), TemplateError> {
        self.out.file(path, (template, key), || {
            let templates = self.setting.templates;
            let html = templates.render_with(template, &value(), &self.site)?;
            Ok(html.into_bytes())
        })
    }

    fn rows(&self, places: &[usize]) -> Vec<Row> {
        places
            .iter()
            .map(|at| row(&self.view.documents[*at]))
            .collect()
    }

    /// Rows of the newest documents that a page has room for, and how many older ones there are.
    fn newest(&self, places: &[usize]) -> (Vec<Row>, usize) {
        let shown = &places[..places.len().min(ROWS)];
        (self.rows(shown), places.len() - shown.len())
    }
}

/// Renders the pages of a kind.
type RenderPages<A> = fn(&Pages<'_, A>) -> Result<(), TemplateError>;

/// Renders the page of each release.
pub(super) fn render_releases<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    if view
        .products
        .iter()
        .all(|product| product.releases.is_empty())
    {
        return Ok(());
    }
    release::render(&Pages::new(setting, view, out), &links(setting, view)?)
}

/// Renders the page of each document.
pub(super) fn documents<'s, A: Audience>(
    setting: &'s Setting<'s>,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> RenderDocument<'s> {
    let pages = Pages::new(setting, view, out);
    Box::new(move |document| document::render(&pages, document))
}

/// Renders every other page but those of releases, of which there are thousands.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let pages = &Pages::new(setting, view, out);
    let kinds: [RenderPages<A>; 7] = [
        product::render,
        series::render,
        cve::render,
        lists::render,
        index::render,
        prose::render,
        redirect::render,
    ];
    kinds.into_par_iter().try_for_each(|render| render(pages))
}

fn site<'a, A: Audience>(setting: &Setting<'a>, view: &View<'_, A>) -> Site<'a> {
    let config = setting.config;
    let link = |path: &str, title: &str| NavigationLink {
        path: path.into(),
        title: title.into(),
    };
    let mut navigation = vec![link("affected.html", "Am I affected?")];
    navigation.extend(Kind::ALL.map(|kind| link(&list_path(config, kind), short_heading(kind))));
    navigation.push(link(PRODUCTS, "Products"));
    if !view.series.is_empty() {
        navigation.push(link(SERIES, "Series"));
    }
    Site {
        title: &config.site_title,
        description: &config.site_description,
        organisation: &config.organisation,
        team: &config.team,
        team_url: config.team_url.as_deref(),
        base_url: &config.base_url,
        navigation,
        pages: setting
            .pages
            .iter()
            .filter(|page| !matches!(page.place, super::Place::Chapter(_)))
            .map(|page| link(&page.path, &page.title))
            .chain([link(FEEDS, "Feeds")])
            .collect(),
    }
}

/// Renders the link to each document as HTML, seen from a release page, in the order of the view:
/// those pages repeat it thousands of times.
fn links<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Converted>, TemplateError> {
    #[derive(Serialize)]
    struct LinkTo {
        row: Row,
    }
    let one = |document: &DocumentView<'_>| {
        let html = setting
            .templates
            .render("site/link.html", &LinkTo { row: row(document) })?;
        Ok(Converted::new(&html.trim_end()))
    };
    view.documents.par_iter().map(one).collect()
}

pub(super) fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Advisory => "Security advisories",
        Kind::Note => "Security notes",
    }
}

fn short_heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Advisory => "Advisories",
        Kind::Note => "Notes",
    }
}

/// `/ossalist.html` is the address that the site of sixteen years has.
pub(super) fn list_path(config: &Config, kind: Kind) -> String {
    format!("{}list.html", config.kind(kind).prefix.to_lowercase())
}

pub(super) fn row(document: &DocumentView<'_>) -> Row {
    Row {
        id: document.id.clone(),
        kind: document.kind().name(),
        title: document.title.clone(),
        path: document.path.clone(),
        date: day(document.date),
        products: document.products.clone(),
        product_names: document
            .product_names
            .iter()
            .map(|name| (*name).to_owned())
            .collect(),
        series: document
            .series
            .iter()
            .map(|label| label.rsplit('/').next().unwrap_or(label).to_owned())
            .collect(),
        severity: document.severity.map(severity),
        cves: document.cves().map(str::to_owned).collect(),
        draft: document.draft,
        withdrawn: document.withdrawn.is_some(),
    }
}

fn severity(severity: crate::view::Severity) -> Severity {
    Severity {
        score: format!("{:.1}", severity.score),
        word: severity.word,
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn day(day: Option<NaiveDate>) -> Day {
    let Some(day) = day else {
        return Day {
            iso: String::new(),
            long: String::new(),
        };
    };
    Day {
        iso: day.to_string(),
        long: format!(
            "{} {} {}",
            day.day(),
            MONTHS[day.month0() as usize],
            day.year()
        ),
    }
}

fn release(name: &ReleaseName, product: &str) -> Release {
    Release {
        version: name.version.clone(),
        date: day(Some(name.day)),
        line: crate::view::releases::line_label(&name.line),
        path: crate::view::product::release_path(product, &name.version),
    }
}

/// An address that is none (`openstack-discuss@…`, a bare CVE) is shown and not linked.
fn link(link: &LinkView) -> Link {
    let url = text::safe_link(&link.url).map(str::to_owned);
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

/// The path of an address: `/` or `/security/`.
pub(super) fn top_of(base_url: &str) -> String {
    crate::host::Url::parse(base_url).map_or_else(|_| "/".to_owned(), |url| url.path.to_owned())
}
