//! The page of a product: its documents, a timeline, its releases by line.

use rayon::prelude::*;
use serde::Serialize;

use super::{FeedLink, Page, Pages, Release, Row, release};
use crate::render::{feeds, picture};
use crate::template::TemplateError;
use crate::view::{Audience, ProductView};

#[derive(Serialize)]
struct ProductPage<'a> {
    page: Page<'a>,
    name: &'a str,
    title: &'a str,
    /// Its documents, the newest first.
    rows: Vec<Row>,
    /// Documents for which there is no room.
    older: usize,
    timeline: String,
    lines: Vec<Line>,
    repository: Option<&'a str>,
    pypi: Option<&'a str>,
}

/// The releases of a line, the newest first.
#[derive(Serialize)]
struct Line {
    name: String,
    releases: Vec<LineRelease>,
    /// Its newest release, and how many documents that has against it.
    newest: Release,
    affected_by: usize,
    unknown_by: usize,
}

#[derive(Serialize)]
struct LineRelease {
    release: Release,
    affected_by: usize,
    unknown_by: usize,
    fixes: Vec<String>,
}

/// Renders a page a product.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    pages
        .view
        .products
        .par_iter()
        .enumerate()
        .try_for_each(|(at, product)| {
            let key = pages.out.keys.product(at);
            pages.file("site/product.html", &product.path, key, || {
                value(product, pages)
            })
        })
}

fn value<'v, A: Audience>(
    product: &'v ProductView<'_>,
    pages: &'v Pages<'_, A>,
) -> ProductPage<'v> {
    let (rows, older) = pages.newest(&product.documents);
    let feed = feeds::of_product(product);
    let mut page = pages.page(
        &product.path,
        &product.title,
        format!(
            "Releases of {} and the security documents that concern them.",
            product.title
        ),
    );
    page.feeds.push(FeedLink {
        title: feed.title,
        path: feed.path,
    });
    let known = pages.config().product(product.name);
    let documents = &pages.view.documents;
    let years = picture::count_by_year(product.documents.iter().map(|at| &documents[*at]));
    ProductPage {
        page,
        name: product.name,
        title: &product.title,
        rows,
        older,
        timeline: picture::years(&years, &format!("Documents on {} by year", product.title)),
        lines: lines(product, pages),
        repository: known.and_then(|known| known.repository.as_deref()),
        pypi: known.map(|known| known.pypi.as_str()),
    }
}

/// The lines, the newest first.
fn lines<A: Audience>(product: &ProductView<'_>, pages: &Pages<'_, A>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for found in product.releases.iter().rev() {
        let shown = LineRelease {
            release: release(&found.release, product.name),
            affected_by: found.affected_by.len(),
            unknown_by: found.unknown_by.len(),
            fixes: found
                .fixes
                .iter()
                .map(|at| pages.view.documents[*at].id.clone())
                .collect(),
        };
        let name = shown.release.line.clone();
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.releases.push(shown),
            None => lines.push(Line {
                name,
                newest: shown.release.clone(),
                affected_by: shown.affected_by,
                unknown_by: shown.unknown_by,
                releases: vec![shown],
            }),
        }
    }
    lines
}
