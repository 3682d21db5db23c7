//! The page of a release: what affects it, what it fixed, where to go.

use rayon::prelude::*;
use serde::Serialize;

use super::{Page, Pages, Release, release};
use crate::template::TemplateError;
use crate::view::product::{ConcernView, ProductReleaseView};
use crate::view::{Audience, ProductView};

#[derive(Serialize)]
struct ReleasePage<'a> {
    page: Page<'a>,
    name: &'a str,
    title: &'a str,
    product_path: &'a str,
    release: Release,
    affected: Vec<Concern<'a>>,
    unknown: Vec<Concern<'a>>,
    fixes: Vec<&'a str>,
    same_line: Option<Release>,
    newest: Option<Release>,
    before: Option<Release>,
    after: Option<Release>,
    /// Address of the page of its series.
    series_path: Option<&'a str>,
}

#[derive(Serialize)]
struct Concern<'a> {
    /// Link to the document, seen from the root.
    link: &'a str,
    /// The next release of the line that is free of it.
    same_line: Option<&'a str>,
    /// The newest release, where the line has none.
    newest: Option<&'a str>,
}

/// Renders a page a release.
pub(super) fn render<A: Audience>(
    pages: &Pages<'_, A>,
    links: &[String],
) -> Result<(), TemplateError> {
    let products = pages.view.products.par_iter().enumerate();
    products.try_for_each(|(place, product)| {
        let key = pages.out.keys.product(place);
        (0..product.releases.len())
            .into_par_iter()
            .try_for_each(|at| {
                let path = &product.releases[at].path;
                pages.file("site/release.html", path, key, || {
                    value(product, at, pages, links)
                })
            })
    })
}

fn value<'v, A: Audience>(
    product: &'v ProductView<'_>,
    at: usize,
    pages: &'v Pages<'_, A>,
    links: &'v [String],
) -> ReleasePage<'v> {
    let found = &product.releases[at];
    let line = &found.release.line;
    let of_line = |other: &&ProductReleaseView| other.release.line == *line;
    let named = |at: usize| release(&product.releases[at].release, product.name);
    let version = |at: usize| product.releases[at].release.version.as_str();
    let concerns = |views: &'v [ConcernView]| -> Vec<Concern<'v>> {
        let one = |view: &ConcernView| Concern {
            link: &links[view.document],
            same_line: view.same_line.map(version),
            newest: view
                .newest
                .filter(|_| view.same_line.is_none())
                .map(version),
        };
        views.iter().map(one).collect()
    };
    let title = format!("{} {}", product.title, found.release.version);
    let description = match found.affected_by.len() {
        0 => format!("No published document affects {title}."),
        1 => format!("One document affects {title}: which, and where to upgrade."),
        count => format!("{count} documents affect {title}: which, and where to upgrade."),
    };
    let series = pages
        .view
        .series
        .iter()
        .find(|series| series.label == *line);
    let (earlier, later) = product.releases.split_at(at);
    ReleasePage {
        page: pages.page(&found.path, title, description),
        name: product.name,
        title: &product.title,
        product_path: &product.path,
        release: named(at),
        affected: concerns(&found.affected_by),
        unknown: concerns(&found.unknown_by),
        fixes: found.fixes.iter().map(|at| links[*at].as_str()).collect(),
        same_line: found.same_line.map(named),
        newest: found.newest.map(named),
        before: earlier
            .iter()
            .rfind(of_line)
            .map(|view| release(&view.release, product.name)),
        after: later[1..]
            .iter()
            .find(of_line)
            .map(|view| release(&view.release, product.name)),
        series_path: series.map(|series| series.path.as_str()),
    }
}
