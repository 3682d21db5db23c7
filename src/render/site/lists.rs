//! Lists: documents of both kinds and of each, products, series, feeds; and pages that scripts fill.

use std::collections::HashSet;

use serde::Serialize;

use super::{
    DOCUMENTS, FEEDS, FeedLink, PRODUCTS, Page, Pages, Release, Row, SERIES, heading, list_path,
    release, row,
};
use crate::model::Kind;
use crate::render::feeds;
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView};

/// The page that answers for a version.
const AFFECTED: &str = "affected.html";

#[derive(Serialize)]
struct ListPage<'a> {
    page: Page<'a>,
    heading: &'static str,
    years: Vec<Year>,
    count: usize,
    choices: Choices,
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
    documents(pages, None)?;
    for kind in Kind::ALL {
        documents(pages, Some(kind))?;
    }
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

fn documents<A: Audience>(pages: &Pages<'_, A>, kind: Option<Kind>) -> Result<(), TemplateError> {
    let title = kind.map_or("All documents", heading);
    let path = kind.map_or(DOCUMENTS.to_owned(), |kind| list_path(pages.config(), kind));
    pages.file("site/list.html", &path, pages.out.keys.lists(), || {
        let shown: Vec<&DocumentView<'_>> = pages
            .view
            .documents
            .iter()
            .filter(|document| kind.is_none_or(|kind| document.kind() == kind))
            .collect();
        ListPage {
            page: pages.page(
                &path,
                title,
                format!("{title} of {}", pages.config().site_title),
            ),
            heading: title,
            count: shown.len(),
            choices: choices(pages, kind, &shown),
            years: by_year(&shown),
        }
    })
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
