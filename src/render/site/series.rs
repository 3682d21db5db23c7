//! The page of a series: the state of every product in it.

use rayon::prelude::*;
use serde::Serialize;

use super::{Day, FeedLink, Page, Pages, Release, Row, day, release};
use crate::render::feeds;
use crate::template::TemplateError;
use crate::view::{Audience, SeriesView};

#[derive(Serialize)]
struct SeriesPage<'a> {
    page: Page<'a>,
    label: &'a str,
    released: Day,
    maintained_until: Day,
    end_of_life: Day,
    products: Vec<ProductState<'a>>,
    /// Its documents, the newest first.
    rows: Vec<Row>,
    /// Documents for which there is no room.
    older: usize,
}

/// A product in a series.
#[derive(Serialize)]
struct ProductState<'a> {
    title: &'a str,
    path: &'a str,
    newest: Release,
    /// Documents that affect its newest release of the series.
    open: usize,
    unknown: usize,
    /// Documents that were fixed in a release of the series.
    fixed: usize,
}

/// Renders a page a series.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    pages.view.series.par_iter().try_for_each(|series| {
        let key = pages.out.keys.series(pages.view, series);
        pages.file("site/series.html", &series.path, key, || {
            value(series, pages)
        })
    })
}

fn value<'v, A: Audience>(series: &'v SeriesView<'_>, pages: &'v Pages<'_, A>) -> SeriesPage<'v> {
    let (rows, older) = pages.newest(&series.documents);
    let feed = feeds::of_series(series);
    let mut page = pages.page(
        &series.path,
        series.label.clone(),
        format!("Security of every product in {}.", series.label),
    );
    page.feeds.push(FeedLink {
        title: feed.title,
        path: feed.path,
    });
    let products = series.products.iter().map(|(at, _, newest)| {
        let product = &pages.view.products[*at];
        let newest = &product.releases[*newest];
        let of_line = product
            .releases
            .iter()
            .filter(|found| found.release.line == series.label);
        ProductState {
            title: &product.title,
            path: &product.path,
            newest: release(&newest.release, product.name),
            open: newest.affected_by.len(),
            unknown: newest.unknown_by.len(),
            fixed: of_line.map(|found| found.fixes.len()).sum(),
        }
    });
    SeriesPage {
        page,
        label: &series.label,
        released: day(series.series.released),
        maintained_until: day(pages.config().maintained_until(series.series)),
        end_of_life: day(series.series.end_of_life),
        products: products.collect(),
        rows,
        older,
    }
}
