//! The front page: what a deployer wants to know first.

use serde::Serialize;

use super::{Page, Pages, Row, row};
use crate::render::picture;
use crate::template::TemplateError;
use crate::view::Audience;

/// Documents that it shows.
const NEWEST: usize = 10;

/// Years that the picture shows.
const YEARS: usize = 10;

#[derive(Serialize)]
struct IndexPage<'a> {
    page: Page<'a>,
    newest: Vec<Row>,
    products: Vec<Choice>,
    years: String,
    advisories: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// Renders the front page.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let documents = &pages.view.documents;
    let years = picture::count_by_year(documents.iter());
    let first = years.len().saturating_sub(YEARS);
    let of_kind = |kind| {
        documents
            .iter()
            .filter(|document| document.kind() == kind)
            .count()
    };
    let value = || IndexPage {
        page: pages.page(
            "index.html",
            &pages.config().site_title,
            &pages.config().site_description,
        ),
        newest: documents.iter().take(NEWEST).map(row).collect(),
        products: pages
            .view
            .products
            .iter()
            .map(|product| Choice {
                value: product.name.to_owned(),
                label: product.title.clone(),
            })
            .collect(),
        years: picture::years(&years[first..], "Documents by year"),
        advisories: of_kind(crate::model::Kind::Advisory),
        notes: of_kind(crate::model::Kind::Note),
    };
    pages.file(
        "site/index.html",
        "index.html",
        pages.out.keys.lists(),
        value,
    )
}
