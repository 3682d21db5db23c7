//! Lists: documents of both kinds and of each, products, series, feeds; and pages that scripts fill.
//!
//! A list of documents is one page until it is too long to read on a telephone; then older years have
//! pages of their own.

use std::collections::HashSet;

use rayon::prelude::*;
use serde::Serialize;

use super::{
    DOCUMENTS, FEEDS, FeedLink, PRODUCTS, Page, Pages, ROWS, Release, Row, SERIES, heading,
    list_path, release, row,
};
use crate::config::Config;
use crate::key::Key;
use crate::model::Kind;
use crate::render::feeds;
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView, View};

/// The page that answers for a version.
const AFFECTED: &str = "affected.html";

#[derive(Serialize)]
struct ListPage<'a> {
    page: Page<'a>,
    heading: String,
    years: Vec<Year>,
    /// Documents on this page.
    count: usize,
    /// Documents of the whole list.
    total: usize,
    choices: Choices,
    /// The other pages of the list, the newest first; empty where it is one page.
    others: Vec<PageLink>,
}

/// A further page of a list.
#[derive(Serialize)]
struct PageLink {
    path: String,
    title: String,
    count: usize,
}

#[derive(Serialize)]
struct Year {
    year: String,
    rows: Vec<Row>,
}

/// What the filters offer.
#[derive(Serialize)]
struct Choices {
    kinds: Vec<Choice>,
    products: Vec<Choice>,
    series: Vec<Choice>,
    severities: Vec<Choice>,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct ProductsPage<'a> {
    page: Page<'a>,
    products: Vec<ProductRow>,
}

#[derive(Serialize)]
struct ProductRow {
    name: String,
    title: String,
    path: String,
    documents: usize,
    newest: Option<Release>,
    /// Documents that affect the newest release.
    open: usize,
}

#[derive(Serialize)]
struct SeriesPage<'a> {
    page: Page<'a>,
    rows: Vec<SeriesRow>,
}

#[derive(Serialize)]
struct SeriesRow {
    label: String,
    path: String,
    released: super::Day,
    maintained_until: super::Day,
    documents: usize,
}

#[derive(Serialize)]
struct FeedsPage<'a> {
    page: Page<'a>,
    whole: Vec<FeedLink>,
    products: Vec<FeedLink>,
    series: Vec<FeedLink>,
}

#[derive(Serialize)]
struct AffectedPage<'a> {
    page: Page<'a>,
    products: Vec<ProductRow>,
}

#[derive(Serialize)]
struct BarePage<'a> {
    page: Page<'a>,
}

/// Renders the lists.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let lists = List::all(pages.config(), &pages.view.documents);
    lists
        .par_iter()
        .try_for_each(|list| documents(pages, list))?;
    let all = pages.out.keys.lists();
    pages.file("site/products.html", PRODUCTS, all, || products(pages))?;
    pages.file("site/series-list.html", SERIES, all, || series(pages))?;
    pages.file("site/feeds.html", FEEDS, all, || self::feeds(pages))?;
    pages.file("site/affected.html", AFFECTED, all, || affected(pages))?;
    for (path, template, title, description) in [
        (
            "search.html",
            "site/search.html",
            "Search",
            "Search all documents.",
        ),
        (
            super::NOT_FOUND,
            "site/not-found.html",
            "Not found",
            "There is no page here.",
        ),
    ] {
        pages.file(template, path, pages.out.keys.common(), || BarePage {
            page: pages.page(path, title, description),
        })?;
    }
    Ok(())
}

fn affected<'p, A: Audience>(pages: &'p Pages<'_, A>) -> AffectedPage<'p> {
    let organisation = &pages.config().organisation;
    AffectedPage {
        page: pages.page(
            AFFECTED,
            "Am I affected?",
            format!("Which advisories affect a version of {organisation}, and where to upgrade."),
        ),
        products: product_rows(pages),
    }
}

/// A list of documents in its pages.
struct List {
    title: &'static str,
    kind: Option<Kind>,
    pages: Vec<ListPart>,
}

/// A page of a list: the first one, or that of a year.
struct ListPart {
    path: String,
    /// `None` on the first one.
    year: Option<String>,
    /// Places of its documents, the newest first.
    places: Vec<usize>,
}

impl List {
    fn new(config: &Config, documents: &[DocumentView<'_>], kind: Option<Kind>) -> List {
        let path = kind.map_or(DOCUMENTS.to_owned(), |kind| list_path(config, kind));
        let folder = path.trim_end_matches(".html").to_owned();
        let mut first = ListPart {
            path,
            year: None,
            places: Vec::new(),
        };
        let mut others: Vec<ListPart> = Vec::new();
        let shown: Vec<usize> = documents
            .iter()
            .enumerate()
            .filter(|(_, document)| kind.is_none_or(|kind| document.kind() == kind))
            .map(|(at, _)| at)
            .collect();
        for of_year in shown.chunk_by(|a, b| year(&documents[*a]) == year(&documents[*b])) {
            // Years stay whole, so that a link to one holds for ever.
            let fits = first.places.len() + of_year.len() <= ROWS;
            if others.is_empty() && (fits || first.places.is_empty()) {
                first.places.extend(of_year);
            } else {
                let year = year(&documents[of_year[0]]);
                others.push(ListPart {
                    path: format!("{folder}/{}.html", year.to_lowercase()),
                    year: Some(year),
                    places: of_year.to_vec(),
                });
            }
        }
        List {
            title: kind.map_or("All documents", heading),
            kind,
            pages: std::iter::once(first).chain(others).collect(),
        }
    }

    /// All lists.
    fn all(config: &Config, documents: &[DocumentView<'_>]) -> [List; 3] {
        let [one, other] = Kind::ALL;
        [None, Some(one), Some(other)].map(|kind| List::new(config, documents, kind))
    }

    /// Links to all its pages but one.
    fn others(&self, but: &ListPart) -> Vec<PageLink> {
        let others = self.pages.iter().filter(|part| part.path != but.path);
        let link = |part: &ListPart| PageLink {
            path: part.path.clone(),
            title: part.year.clone().unwrap_or_else(|| "The newest".into()),
            count: part.places.len(),
        };
        others.map(link).collect()
    }
}

/// Returns the addresses of all lists of documents, without the base address.
pub(in crate::render) fn list_paths<A: Audience>(
    config: &Config,
    view: &View<'_, A>,
) -> Vec<String> {
    let lists = List::all(config, &view.documents).into_iter();
    let parts = lists.flat_map(|list| list.pages);
    parts.map(|part| part.path).collect()
}

fn documents<A: Audience>(pages: &Pages<'_, A>, list: &List) -> Result<(), TemplateError> {
    let total = list.pages.iter().map(|part| part.places.len()).sum();
    let site = &pages.config().site_title;
    list.pages.par_iter().try_for_each(|part| {
        let others = list.others(part);
        let others = others
            .iter()
            .map(|link| format!("{} {}", link.path, link.count));
        let others: Vec<String> = others.collect();
        let key = Key::of("list")
            .key(pages.out.keys.shown(pages.view, &part.places))
            .texts(others.iter().map(String::as_str))
            .done();
        pages.file("site/list.html", &part.path, key, || {
            let shown = part.places.iter().map(|at| &pages.view.documents[*at]);
            let shown: Vec<&DocumentView<'_>> = shown.collect();
            let title = match &part.year {
                None => list.title.to_owned(),
                Some(year) => format!("{}: {year}", list.title),
            };
            ListPage {
                page: pages.page(&part.path, title.clone(), format!("{title} of {site}")),
                heading: title,
                count: shown.len(),
                total,
                choices: choices(pages, list.kind, &shown),
                years: by_year(&shown),
                others: list.others(part),
            }
        })
    })
}

/// The heading under which a document stands.
fn year(document: &DocumentView<'_>) -> String {
    let year = |day: chrono::NaiveDate| day.format("%Y").to_string();
    document.date.map_or("Undated".into(), year)
}

fn choices<A: Audience>(
    pages: &Pages<'_, A>,
    kind: Option<Kind>,
    shown: &[&DocumentView<'_>],
) -> Choices {
    let choice = |value: &str, label: &str| Choice {
        value: value.into(),
        label: label.into(),
    };
    let kinds = Kind::ALL.iter().filter(|_| kind.is_none());
    let named = shown.iter().flat_map(|document| &document.product_names);
    let named: HashSet<&str> = named.copied().collect();
    let products = pages.view.products.iter();
    let products = products.filter(|product| named.contains(product.name));
    let labels = shown.iter().flat_map(|document| &document.series);
    let labels: HashSet<&str> = labels.map(String::as_str).collect();
    let series = pages.view.series.iter();
    let series = series.filter(|series| labels.contains(series.label.as_str()));
    let severities = ["critical", "high", "medium", "low", "none"];
    let severities = severities.into_iter().filter(|word| {
        shown.iter().any(|document| {
            document
                .severity
                .is_some_and(|severity| severity.word == *word)
        })
    });
    Choices {
        kinds: kinds
            .map(|kind| choice(kind.name(), super::short_heading(*kind)))
            .collect(),
        products: products
            .map(|product| choice(product.name, &product.title))
            .collect(),
        series: series
            .map(|series| choice(&series.series.name, &series.label))
            .collect(),
        severities: severities.map(|word| choice(word, word)).collect(),
    }
}

fn by_year(documents: &[&DocumentView<'_>]) -> Vec<Year> {
    let years = documents.chunk_by(|a, b| year(a) == year(b));
    let shown = |of_year: &[&DocumentView<'_>]| Year {
        year: year(of_year[0]),
        rows: of_year.iter().map(|document| row(document)).collect(),
    };
    years.map(shown).collect()
}

fn product_rows<A: Audience>(pages: &Pages<'_, A>) -> Vec<ProductRow> {
    let rows = pages.view.products.iter().map(|product| ProductRow {
        name: product.name.to_owned(),
        title: product.title.clone(),
        path: product.path.clone(),
        documents: product.documents.len(),
        newest: product
            .releases
            .last()
            .map(|newest| release(&newest.release, product.name)),
        open: product
            .releases
            .last()
            .map_or(0, |newest| newest.affected_by.len()),
    });
    rows.collect()
}

fn products<'p, A: Audience>(pages: &'p Pages<'_, A>) -> ProductsPage<'p> {
    ProductsPage {
        page: pages.page(
            PRODUCTS,
            "Products",
            format!(
                "Products of {}, with their releases.",
                pages.config().organisation
            ),
        ),
        products: product_rows(pages),
    }
}

fn series<'p, A: Audience>(pages: &'p Pages<'_, A>) -> SeriesPage<'p> {
    let rows = pages.view.series.iter().map(|series| SeriesRow {
        label: series.label.clone(),
        path: series.path.clone(),
        released: super::day(series.series.released),
        maintained_until: super::day(pages.config().maintained_until(series.series)),
        documents: series.documents.len(),
    });
    SeriesPage {
        page: pages.page(
            SERIES,
            "Series",
            format!(
                "Release series of {} and their state.",
                pages.config().organisation
            ),
        ),
        rows: rows.collect(),
    }
}

fn feeds<'p, A: Audience>(pages: &'p Pages<'_, A>) -> FeedsPage<'p> {
    let link = |feed: feeds::FeedName| FeedLink {
        title: feed.title,
        path: feed.path,
    };
    let (config, view) = (pages.config(), pages.view);
    FeedsPage {
        page: pages.page(FEEDS, "Feeds", "Atom and JSON feeds of all documents."),
        whole: feeds::whole(config).into_iter().map(link).collect(),
        products: view
            .products
            .iter()
            .filter(|product| !product.documents.is_empty())
            .map(|product| link(feeds::of_product(product)))
            .collect(),
        series: view
            .series
            .iter()
            .filter(|series| !series.documents.is_empty())
            .map(|series| link(feeds::of_series(series)))
            .collect(),
    }
}
