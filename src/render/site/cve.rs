//! The page of a CVE, which leads to its documents.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use super::{Page, Pages, Row};
use crate::template::TemplateError;
use crate::view::{Audience, cve_url};

#[derive(Serialize)]
struct CvePage<'a> {
    page: Page<'a>,
    cve: &'a str,
    record: String,
    rows: Vec<Row>,
}

/// Returns the address of a CVE's page, without the base address.
pub(in crate::render) fn path(cve: &str) -> String {
    format!("cve/{cve}.html")
}

/// Renders a page a CVE.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let mut by_cve: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, document) in pages.view.documents.iter().enumerate() {
        for cve in document.cves() {
            let places = by_cve.entry(cve).or_default();
            if places.last() != Some(&at) {
                places.push(at);
            }
        }
    }
    let one = |(cve, places): (&str, Vec<usize>)| {
        let path = path(cve);
        let key = pages.out.keys.shown(pages.view, &places);
        pages.file("site/cve.html", &path, key, || {
            let rows = pages.rows(&places);
            let named: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            CvePage {
                page: pages.page(&path, cve, format!("{cve}: see {}.", named.join(", "))),
                cve,
                record: cve_url(cve),
                rows,
            }
        })
    };
    by_cve.into_par_iter().try_for_each(one)
}
