//! The page of a release: what affects it, what it fixed, where to go.

use std::sync::OnceLock;

use rayon::prelude::*;
use serde::Serialize;

use super::{Page, Pages, release};
use crate::template::{Converted, TemplateError};
use crate::view::product::{ConcernView, ProductReleaseView};
use crate::view::{Audience, ProductView};

#[derive(Serialize)]
struct ReleasePage<'a> {
    page: Page<'a>,
    name: &'a str,
    title: &'a str,
    product_path: &'a str,
    release: &'a Converted,
    affected: Vec<Concern<'a>>,
    unknown: Vec<Concern<'a>>,
    fixes: Vec<&'a Converted>,
    same_line: Option<&'a Converted>,
    newest: Option<&'a Converted>,
    before: Option<&'a Converted>,
    after: Option<&'a Converted>,
    /// Address of the page of its series.
    series_path: Option<&'a str>,
}

#[derive(Serialize)]
struct Concern<'a> {
    /// Link to the document, seen from the root.
    link: &'a Converted,
    /// The next release of the line that is free of it.
    same_line: Option<&'a str>,
    /// The newest release, where the line has none.
    newest: Option<&'a str>,
}

/// Renders a page a release.
pub(super) fn render<A: Audience>(
    pages: &Pages<'_, A>,
    links: &[Converted],
) -> Result<(), TemplateError> {
    let products = pages.view.products.par_iter().enumerate();
    products.try_for_each(|(place, product)| {
        let key = pages.out.keys.product(place);
        // Each is shown on the pages of its neighbours as well.
        let named = OnceLock::new();
        let name = || -> Vec<Converted> {
            let releases = product.releases.iter();
            releases
                .map(|view| Converted::new(&release(&view.release, product.name)))
                .collect()
        };
        (0..product.releases.len())
            .into_par_iter()
            .try_for_each(|at| {
                let path = &product.releases[at].path;
                pages.file("site/release.html", path, key, || {
                    value(product, at, pages, links, named.get_or_init(name))
                })
            })
    })
}

fn value<'v, A: Audience>(
    product: &'v ProductView<'_>,
    at: usize,
    pages: &'v Pages<'_, A>,
    links: &'v [Converted],
    named: &'v [Converted],
) -> ReleasePage<'v> {
    let found = &product.releases[at];
    let line = &found.release.line;
    let of_line = |other: &ProductReleaseView| other.release.line == *line;
    let named = |at: usize| &named[at];
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
        fixes: found.fixes.iter().map(|at| &links[*at]).collect(),
        same_line: found.same_line.map(named),
        newest: found.newest.map(named),
        before: earlier.iter().rposition(of_line).map(named),
        after: later[1..]
            .iter()
            .position(of_line)
            .map(|ahead| named(at + 1 + ahead)),
        series_path: series.map(|series| series.path.as_str()),
    }
}
