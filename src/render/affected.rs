//! Data for "Am I affected?" in the browser: `data/affected/PRODUCT.json` for each product, and
//! `data/affected/index.json` with the names that products have in lists of software.
//!
//! What the browser answers from it is what [`crate::exposure`] answers; tests hold the two against
//! each other. The files serve the scripts of the site and may change with them.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Out, Setting};
use crate::exposure::Concern;
use crate::inventory::Catalogue;
use crate::release::verdict::{Basis, Status};
use crate::template::TemplateError;
use crate::version::claim::Claim;
use crate::version::expression::Interval;
use crate::view::{Audience, ProductView, View, page_path};

/// Folder of the data files.
const FOLDER: &str = "data/affected";

/// A document that concerns a product.
#[derive(Serialize)]
struct DocumentPart<'a> {
    id: &'a str,
    title: String,
    path: String,
    date: Option<String>,
    /// Whether it says anything of versions.
    stated: bool,
    /// `set`, `loose` or `unknown`.
    claim: &'static str,
    /// Runs of versions: lower end, whether it is included, upper end, whether it is included.
    runs: Vec<(Option<String>, bool, Option<String>, bool)>,
    /// The state of each release in turn, as a letter with a count: see [`letter`].
    states: String,
    /// The first tag with the whole fix, by the place of its line.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    first_tags: BTreeMap<usize, &'a str>,
    /// Why nothing can be said of a line, by its place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    remarks: BTreeMap<usize, String>,
    /// Why nothing can be said elsewhere.
    remark: String,
}

/// Renders a file for each product, and the index.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let products = view.products.par_iter();
    products.try_for_each(|product| {
        let path = format!("{FOLDER}/{}.json", product.name);
        out.plain(
            &path,
            ("affected", out.keys.some(view, &product.documents)),
            || of_product(product, setting, view),
        )
    })?;
    let path = format!("{FOLDER}/index.json");
    out.plain(&path, ("affected index", out.keys.lists()), || {
        index(setting, view)
    })
}

fn of_product<A: Audience>(
    product: &ProductView<'_>,
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Vec<u8> {
    let releases = view.exposure.releases(product.name);
    let mut lines: Vec<&str> = Vec::new();
    for release in releases {
        if !lines.contains(&release.line.as_str()) {
            lines.push(&release.line);
        }
    }
    let place = |line: &str| lines.iter().position(|known| *known == line);
    let rows: Vec<Value> = releases
        .iter()
        .map(|release| {
            let mut row = vec![
                json!(release.version.as_str()),
                json!(release.day.to_string()),
                json!(place(&release.line)),
            ];
            if release.version.is_before_years() {
                row.push(json!(1));
            }
            Value::Array(row)
        })
        .collect();
    let documents: Vec<DocumentPart<'_>> = view
        .exposure
        .concerns(product.name)
        .iter()
        .map(|concern| document(concern, &place, setting))
        .collect();
    let value = json!({
        "product": product.name,
        "title": product.title,
        "lines": lines,
        "releases": rows,
        "documents": documents,
    });
    value.to_string().into_bytes()
}

/// The names of products in lists of software, and the parts that distributions make of them.
fn index<A: Audience>(setting: &Setting<'_>, view: &View<'_, A>) -> Vec<u8> {
    let catalogue = Catalogue::new(setting.config);
    let names: BTreeMap<&str, &str> = catalogue.names().collect();
    let titles: BTreeMap<&str, &str> = view
        .products
        .iter()
        .map(|product| (product.name, product.title.as_str()))
        .collect();
    let value = json!({
        "names": names,
        "parts": crate::inventory::PARTS.as_slice(),
        "prefixes": catalogue.prefixes(),
        "products": titles,
    });
    value.to_string().into_bytes()
}

fn document<'a>(
    concern: &Concern<'a>,
    place: &dyn Fn(&str) -> Option<usize>,
    setting: &Setting<'_>,
) -> DocumentPart<'a> {
    let document = concern.pair.document;
    let outcomes = concern.entry.map(|entry| entry.resolution.lines.as_slice());
    let outcomes = outcomes.unwrap_or_default();
    let claim = &concern.pair.claim;
    let run = |interval: Interval| {
        let end = |bound: Option<crate::version::expression::Bound>| match bound {
            Some(bound) => (Some(bound.version.to_string()), bound.inclusive),
            None => (None, false),
        };
        let ((lower, from), (upper, to)) = (end(interval.lower), end(interval.upper));
        (lower, from, upper, to)
    };
    DocumentPart {
        id: document.name(),
        title: crate::view::one_line(&document.title.value),
        path: page_path(document, setting.config),
        date: document.date.day.map(|day| day.to_string()),
        stated: concern.is_stated(),
        claim: match claim {
            Claim::Set(_) => "set",
            Claim::Loose(_) => "loose",
            Claim::Unknown(_) => "unknown",
        },
        runs: claim
            .set()
            .map(|set| set.intervals().into_iter().map(run).collect())
            .unwrap_or_default(),
        states: states(concern.statuses()),
        first_tags: outcomes
            .iter()
            .filter_map(|outcome| Some((place(&outcome.line)?, outcome.first_tag.as_deref()?)))
            .collect(),
        remarks: outcomes
            .iter()
            .filter(|outcome| outcome.partial.is_some() || outcome.reason.is_some())
            .filter_map(|outcome| {
                Some((
                    place(&outcome.line)?,
                    concern.why_unknown_on(Some(&outcome.line)),
                ))
            })
            .collect(),
        remark: concern.why_unknown_on(None),
    }
}

/// Writes runs of equal states as letter and count.
fn states(all: &[(Status, Basis)]) -> String {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for (status, basis) in all {
        let letter = letter(*status, *basis);
        match runs.last_mut() {
            Some((last, count)) if *last == letter => *count += 1,
            _ => runs.push((letter, 1)),
        }
    }
    runs.into_iter()
        .map(|(letter, count)| format!("{letter}{count}"))
        .collect()
}

/// The letter of a state: affected, fixed, not affected, unknown; a capital where the tags tell.
fn letter(status: Status, basis: Basis) -> char {
    let letter = match status {
        Status::Affected => 'a',
        Status::Fixed => 'f',
        Status::NotAffected => 'n',
        Status::Unknown => 'u',
    };
    match basis {
        Basis::Tags => letter.to_ascii_uppercase(),
        Basis::Declared => letter,
    }
}
