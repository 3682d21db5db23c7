//! Products, their releases and the series that these belong to, as readers see them.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::{Config, Series};
use crate::diagnostic::FileId;
use crate::exposure::{Concern, Exposure};
use crate::release::lock::LockedRelease;
use crate::release::verdict::Status;

use super::ReleaseName;

/// A product for readers.
#[derive(Debug, Clone)]
pub struct ProductView<'a> {
    /// Canonical name.
    pub name: &'a str,
    /// Name for readers.
    pub title: String,
    /// Address of its page, without the base address.
    pub path: String,
    /// Places in `View::documents` of those that concern it, the newest first.
    pub documents: Vec<usize>,
    /// Its releases, in release order.
    pub releases: Vec<ProductReleaseView>,
}

/// A release of a product. Other releases are named by their places among those of the product.
#[derive(Debug, Clone)]
pub struct ProductReleaseView {
    /// The release.
    pub release: ReleaseName,
    /// Address of its page, without the base address.
    pub path: String,
    /// The documents that affect it, the newest first.
    pub affected_by: Vec<ConcernView>,
    /// The documents that state versions and of which nobody can say whether they affect it.
    pub unknown_by: Vec<ConcernView>,
    /// Places in `View::documents` of those whose fix it is the first of its line to hold.
    pub fixes: Vec<usize>,
    /// The next release of its line that no document affects, and of which nothing is unclear that
    /// is clear here.
    pub same_line: Option<usize>,
    /// The newest such release.
    pub newest: Option<usize>,
}

/// A document that affects a release.
#[derive(Debug, Clone)]
pub struct ConcernView {
    /// Its place in `View::documents`.
    pub document: usize,
    /// The next release of the same line that it does not affect.
    pub same_line: Option<usize>,
    /// The newest release, where it does not affect that.
    pub newest: Option<usize>,
}

/// A series with the state of each product in it.
#[derive(Debug, Clone)]
pub struct SeriesView<'a> {
    /// The series.
    pub series: &'a Series,
    /// `2025.1/epoxy`.
    pub label: String,
    /// Address of its page, without the base address.
    pub path: String,
    /// Its products: place in `View::products`, places of their first and newest releases there.
    pub products: Vec<(usize, usize, usize)>,
    /// Places in `View::documents` of those that concern it, the newest first.
    pub documents: Vec<usize>,
}

/// Returns the address of a product's page, without the base address.
pub fn product_path(product: &str) -> String {
    format!("product/{product}.html")
}

/// Returns the address of a release's page, without the base address.
pub fn release_path(product: &str, version: &str) -> String {
    format!("release/{product}/{version}.html")
}

/// Returns the address of a series' page, without the base address.
pub fn series_path(series: &Series) -> String {
    format!("series/{}.html", series.name)
}

/// Returns every product that a document concerns, or whose releases are known, by title.
pub(super) fn products<'a>(
    exposure: &Exposure<'a>,
    config: &Config,
    places: &HashMap<FileId, usize>,
) -> Vec<ProductView<'a>> {
    let mut products: Vec<ProductView<'a>> = exposure
        .products()
        .into_par_iter()
        .map(|name| {
            let concerns = exposure.concerns(name);
            let place = |concern: &Arc<Concern<'_>>| places[&concern.pair.document.file];
            ProductView {
                name,
                title: config
                    .product(name)
                    .map_or_else(|| name.to_owned(), |product| product.title.clone()),
                path: product_path(name),
                documents: concerns.iter().map(place).collect(),
                releases: releases(name, exposure, places),
            }
        })
        .collect();
    products.sort_by_key(|product| product.title.to_lowercase());
    products
}

fn releases(
    product: &str,
    exposure: &Exposure<'_>,
    places: &HashMap<FileId, usize>,
) -> Vec<ProductReleaseView> {
    let (all, concerns) = (exposure.releases(product), exposure.concerns(product));
    let statuses: Vec<Vec<Status>> = concerns
        .iter()
        .map(|concern| concern.statuses().iter().map(|status| status.0).collect())
        .collect();
    let is_open = |at: usize, status: Status| match status {
        Status::Affected => true,
        Status::Unknown => concerns[at].is_stated(),
        Status::Fixed | Status::NotAffected => false,
    };
    // For each release the documents that are unclear of it; nothing where one affects it.
    let unclear: Vec<Option<Vec<usize>>> = (0..all.len())
        .map(|release| {
            let is =
                |at: usize, wanted: Status| statuses[at][release] == wanted && is_open(at, wanted);
            match (0..concerns.len()).any(|at| is(at, Status::Affected)) {
                true => None,
                false => Some(
                    (0..concerns.len())
                        .filter(|at| is(*at, Status::Unknown))
                        .collect(),
                ),
            }
        })
        .collect();
    // A place to go to: nothing affects it, and nothing is unclear of it that is clear here.
    let is_better = |from: usize, to: usize| {
        unclear[to].as_ref().is_some_and(|unclear| {
            unclear
                .iter()
                .all(|at| statuses[*at][from] == Status::Unknown)
        })
    };
    let next_of_line = |from: usize, chosen: &dyn Fn(usize) -> bool| {
        let line = &all[from].line;
        (from + 1..all.len()).find(|at| all[*at].line == *line && chosen(*at))
    };
    let is_safe = |at: usize, release: usize| {
        matches!(statuses[at][release], Status::Fixed | Status::NotAffected)
    };
    let view = |(place, release): (usize, &LockedRelease)| {
        let concerned = |wanted: Status| -> Vec<ConcernView> {
            let of_status = (0..concerns.len())
                .filter(|at| statuses[*at][place] == wanted && is_open(*at, wanted));
            of_status
                .map(|at| ConcernView {
                    document: places[&concerns[at].pair.document.file],
                    same_line: next_of_line(place, &|other| is_safe(at, other)),
                    newest: all
                        .len()
                        .checked_sub(1)
                        .filter(|newest| *newest > place && is_safe(at, *newest)),
                })
                .collect()
        };
        let version = release.version.to_string();
        ProductReleaseView {
            path: release_path(product, &version),
            release: ReleaseName::of(release),
            affected_by: concerned(Status::Affected),
            unknown_by: concerned(Status::Unknown),
            fixes: concerns
                .iter()
                .filter(|concern| concern.is_first_fixed(release))
                .map(|concern| places[&concern.pair.document.file])
                .collect(),
            same_line: next_of_line(place, &|other| is_better(place, other)),
            newest: (place + 1..all.len()).rfind(|other| is_better(place, *other)),
        }
    };
    all.iter().enumerate().map(view).collect()
}

/// Returns the series that a release or a document belongs to, the newest first.
pub(super) fn series<'a>(
    config: &'a Config,
    products: &[ProductView<'_>],
    documents: &[super::DocumentView<'_>],
) -> Vec<SeriesView<'a>> {
    let view = |series: &'a Series| {
        let label = series.label();
        let of_product = |(at, product): (usize, &ProductView<'_>)| {
            let of_line = |release: &ProductReleaseView| release.release.line == label;
            let first = product.releases.iter().position(of_line)?;
            Some((at, first, product.releases.iter().rposition(of_line)?))
        };
        let of_series = documents
            .iter()
            .enumerate()
            .filter(|(_, document)| document.series.contains(&label));
        let found = SeriesView {
            path: series_path(series),
            products: products.iter().enumerate().filter_map(of_product).collect(),
            documents: of_series.map(|(at, _)| at).collect(),
            series,
            label,
        };
        (!found.products.is_empty() || !found.documents.is_empty()).then_some(found)
    };
    config.series.iter().rev().filter_map(view).collect()
}
