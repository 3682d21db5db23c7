//! Views to files, one file a format, one row a format in [`FORMATS`]. Pure: the caller writes.

mod affected;
pub mod csaf;
pub mod cve;
pub mod data;
mod feeds;
pub mod manners;
pub mod osv;
mod picture;
mod search;
mod site;
mod text;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::config::Config;
use crate::template::{TemplateError, Templates};
use crate::view::{Audience, DocumentView, View};

/// First page of a book, without the base address.
pub const BOOK: &str = "docs/index.html";

/// A file to write: a path relative to the output folder, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Relative path with forward slashes.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// What a format may use.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Settings of the workspace.
    pub config: &'a Config,
    /// Templates.
    pub templates: &'a Templates,
    /// Pages of prose.
    pub pages: &'a [ProsePage],
    /// Fingerprint of the key that signs the outcome; `None` where it stays unsigned.
    pub signed_with: Option<&'a str>,
}

/// A page of prose as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProsePage {
    /// Address, without the base address.
    pub path: String,
    /// Its first heading.
    pub title: String,
    /// Markdown behind that heading.
    pub text: String,
    /// What it is a page of.
    pub place: Place,
}

/// What a page of prose is a page of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The site: every page links to it, and its text may speak of the site.
    Site,
    /// A book, as its first page, which every page of the site links to.
    Book,
    /// A book, between other pages.
    Chapter(Neighbours),
}

/// Addresses and titles of the pages before and after a chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The page before it.
    pub previous: Option<(String, String)>,
    /// The page after it.
    pub next: Option<(String, String)>,
}

/// An output format.
pub struct Format<A: Audience> {
    /// Name for messages.
    pub name: &'static str,
    /// Renders its files.
    pub render: Render<A>,
}

/// Renders the files of a format.
pub type Render<A> = fn(&Setting<'_>, &View<'_, A>) -> Result<Vec<Artifact>, TemplateError>;

/// Returns every format for an audience, the one that people wait for first.
pub fn formats<A: Audience>() -> [Format<A>; 11] {
    [
        Format {
            name: "site",
            render: site::render,
        },
        Format {
            name: "releases",
            render: site::render_releases,
        },
        Format {
            name: "text",
            render: text::render,
        },
        Format {
            name: "affected",
            render: affected::render,
        },
        Format {
            name: "feeds",
            render: feeds::render,
        },
        Format {
            name: "search",
            render: search::render,
        },
        Format {
            name: "osv",
            render: osv::render,
        },
        Format {
            name: "csaf",
            render: csaf::render,
        },
        Format {
            name: "cve",
            render: cve::render,
        },
        Format {
            name: "data",
            render: data::render,
        },
        Format {
            name: "manners",
            render: manners::render,
        },
    ]
}

/// The forms for machines that a document has: name and address, without the base address.
fn forms_of<A: Audience>(
    document: &DocumentView<'_>,
    view: &View<'_, A>,
    config: &Config,
) -> Vec<(&'static str, String)> {
    let osv = osv::has_record(document, config, view).then(|| ("OSV", osv::path(document, config)));
    let csaf = csaf::path(document).filter(|_| !document.draft);
    let cve = cve::path(document).map(|path| ("CVE JSON", path));
    let csaf = csaf.map(|path| ("CSAF", path));
    osv.into_iter().chain(csaf).chain(cve).collect()
}

/// The moment of a day (RFC 3339): documents are published at 15:00 UTC and carry a day only.
fn moment(day: NaiveDate) -> String {
    format!("{day}T15:00:00Z")
}

/// Who makes the products, for formats that ask for a vendor.
fn vendor(config: &Config) -> &str {
    match config.organisation.is_empty() {
        true => &config.team,
        false => &config.organisation,
    }
}

/// Writes JSON with sorted keys and a final line break, so that equal content makes equal bytes.
fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut value = value.clone();
    value.sort_all_objects();
    format!("{value:#}\n").into_bytes()
}

/// Renders one format, by its name in [`formats`]; nothing where there is none of that name.
///
/// # Errors
/// When a template is wrong.
pub fn render_one<A: Audience>(
    name: &str,
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Artifact>, TemplateError> {
    let format = formats::<A>()
        .into_iter()
        .find(|format| format.name == name);
    format.map_or(Ok(Vec::new()), |format| (format.render)(setting, view))
}

/// Renders every format: the pages that people read first, which are handed over at once, then all
/// others side by side.
///
/// # Errors
/// When a template is wrong.
pub fn render_all<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    hand_over: &mut dyn FnMut(Vec<Artifact>),
) -> Result<(), TemplateError> {
    let [first, others @ ..] = formats::<A>();
    hand_over((first.render)(setting, view)?);
    let rendered: Result<Vec<Vec<Artifact>>, TemplateError> = others
        .into_par_iter()
        .map(|format| (format.render)(setting, view))
        .collect();
    rendered?.into_iter().for_each(hand_over);
    Ok(())
}
