//! Mails from a view and a template, down to their bytes (pure). Knows no keys, no disk and no network.
//!
//! `compose` makes the text of an announcement, which stands beside its page as well; `letter` a mail of any
//! kind that vmt.toml names, with who gets it and on what thread; `policy` says what stands in its way;
//! `mime` makes its bytes.

mod advisory;
pub mod facts;
pub mod identity;
pub mod letter;
pub mod mime;
mod note;
pub mod owed;
mod patches;
pub mod policy;

use std::sync::LazyLock;

use serde::Serialize;

use crate::config::{Config, MailList, Readers, SHIPPED};
use crate::diagnostic::FileId;
use crate::model::Kind;
use crate::prose::text;
use crate::template::{TemplateError, Templates};
use crate::view::releases::LineView;
use crate::view::{CreditView, DocumentView, LinkView, ReleaseName, ReleasesView};

/// Columns of a mail (RFC 5322 recommends at most 78; lists quote with `> `).
pub const WIDTH: usize = 72;

/// An announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Subject, one line however many CVEs there are.
    pub subject: String,
    /// Text in lines of at most [`WIDTH`] columns where tokens allow, with a final line break.
    pub body: String,
}

/// Composes the announcement of a document.
///
/// # Errors
/// When the template is wrong.
pub fn compose(
    document: &DocumentView<'_>,
    config: &Config,
    templates: &Templates,
) -> Result<Announcement, TemplateError> {
    let text = match document.kind() {
        Kind::Advisory => {
            templates.render("mail/advisory.txt", &advisory::data(document, config))?
        }
        Kind::Note => templates.render("mail/note.txt", &note::data(document, config))?,
    };
    Ok(Announcement {
        subject: headline(document),
        body: tidy(&text, document.kind()),
    })
}

/// Writes `[OSSA-2026-013] Nova: Title (CVE-2026-12345)`. Lists want the software named there
/// (oss-security refuses a mail without); a note's title mostly names it already.
fn headline(document: &DocumentView<'_>) -> String {
    let cves: Vec<&str> = document.cves().collect();
    let cves = few(&cves).map_or_else(String::new, |cves| format!(" ({cves})"));
    let products = document.products.join(", ");
    let title = document.title.to_lowercase();
    let named = match document.kind() {
        Kind::Advisory => title.starts_with(&products.to_lowercase()),
        Kind::Note => document
            .products
            .iter()
            .any(|product| title.contains(&product.to_lowercase())),
    };
    let named = named || products.is_empty();
    let products = if named {
        String::new()
    } else {
        format!("{products}: ")
    };
    format!("[{}] {products}{}{cves}", document.id, document.title)
}

/// Names a few CVEs, or the first of many; `None` where there are none.
fn few(cves: &[&str]) -> Option<String> {
    match cves {
        [] => None,
        [first, rest @ ..] if rest.len() > 2 => Some(format!("{first} and {} more", rest.len())),
        all => Some(all.join(", ")),
    }
}

/// `Label: words`, its further lines under the words.
fn labelled(label: &str, words: &str) -> String {
    let pad = " ".repeat(label.len() + 2);
    text::wrap(words, WIDTH - pad.len()).join(&format!("\n{pad}"))
}

/// One `* ` bullet a text.
fn bullets(texts: impl Iterator<Item = String>) -> String {
    texts
        .map(|text| format!("* {}", text::wrap(&text, WIDTH - 2).join("\n  ")))
        .collect::<Vec<_>>()
        .join("\n")
}

fn person(person: &CreditView) -> String {
    let affiliation = person
        .affiliation
        .as_ref()
        .map(|text| format!(" ({text})"))
        .unwrap_or_default();
    let cves = if person.cves.is_empty() {
        String::new()
    } else {
        format!(": {}", person.cves.join(", "))
    };
    format!("{}{affiliation}{cves}", person.name)
}

fn address(link: &LinkView) -> String {
    let remark = link
        .remark
        .as_ref()
        .map(|remark| format!(" ({remark})"))
        .unwrap_or_default();
    format!("{}{remark}", link.url)
}

/// An address says itself what it leads to, unless the author gave it a title.
fn reference(link: &LinkView) -> String {
    let titled =
        link.label != link.url && !link.url.contains(&link.label) && !link.label.contains(" bug ");
    if titled {
        format!("{}: {}", link.label, address(link))
    } else {
        address(link)
    }
}

/// Takes away trailing blanks and repeated empty lines, which empty parts of a template leave. What
/// stands between tildes in a note is verbatim.
fn tidy(body: &str, kind: Kind) -> String {
    let mut out = String::with_capacity(body.len());
    let mut empty = 2;
    let mut fence: Option<&str> = None;
    for line in body.lines().map(str::trim_end) {
        let bare = line.trim_start();
        let sign = &bare[..bare.len() - bare.trim_start_matches('~').len()];
        match fence {
            Some(open) if sign.len() >= open.len() && sign.len() == bare.len() => fence = None,
            None if sign.len() >= 3 && kind == Kind::Note => fence = Some(sign),
            _ => {}
        }
        empty = if line.is_empty() && fence.is_none() {
            empty + 1
        } else {
            0
        };
        if empty < 2 {
            out.push_str(&text::harmless(line));
            out.push('\n');
        }
    }
    format!("{}\n", out.trim_end())
}

/// A titled piece of prose in a mail.
#[derive(Serialize)]
struct Section {
    title: &'static str,
    underline: String,
    text: String,
}

fn sections(document: &DocumentView<'_>) -> Vec<Section> {
    let section = |section: &crate::view::Section| Section {
        title: section.title,
        underline: "~".repeat(section.title.len()),
        text: section.text().to_owned(),
    };
    document.content().sections.iter().map(section).collect()
}

fn affected(document: &DocumentView<'_>) -> String {
    let lines = document.content().affected.iter();
    bullets(lines.map(|line| format!("{}: {}", line.product, line.versions)))
}

fn credits(document: &DocumentView<'_>) -> String {
    bullets(document.content().credits.iter().map(person))
}

fn references(document: &DocumentView<'_>) -> String {
    let links = document
        .content()
        .bugs
        .iter()
        .chain(&document.content().references);
    bullets(links.map(reference))
}

/// What the tags say of the releases, product by product: the lines with affected releases, and where
/// to go.
fn releases(products: &[ReleasesView]) -> String {
    let several = products.len() > 1;
    let shown = products.iter().filter(|product| product.resolved);
    let parts: Vec<String> = shown
        .filter(|product| !product.lines.is_empty())
        .map(|product| {
            let mut text = String::new();
            if several {
                text.push_str(&format!("{}:\n", product.product));
            }
            text.push_str(&bullets(product.lines.iter().map(line)));
            text
        })
        .collect();
    parts.join("\n\n")
}

/// `2026.1/gazpacho: 33.0.0 to 33.0.4; fixed in 33.0.5 (2026-11-20)`.
fn line(line: &LineView) -> String {
    let named = |release: &ReleaseName| format!("{} ({})", release.version, release.day);
    let mut said = Vec::new();
    if !line.affected.is_empty() {
        said.push(line.affected.clone());
    }
    if !line.unknown.is_empty() {
        said.push(format!("cannot say: {}", line.unknown));
    }
    said.push(match (&line.fixed, &line.instead) {
        (Some(fixed), _) => format!("fixed in {}", named(fixed)),
        (None, instead) => {
            let branch = if line.branch_only {
                ", its branch does"
            } else {
                ""
            };
            let instead = instead
                .as_ref()
                .map(|release| format!("; move to {} of {}", named(release), release.line));
            let instead = instead.unwrap_or_default();
            format!("no release holds the fix{branch}{instead}")
        }
    });
    format!("{}: {}", line.line, said.join("; "))
}

/// The lists that this project knows. What is near to one of their addresses but not the same is a slip.
fn known_lists() -> &'static [MailList] {
    static KNOWN: LazyLock<Vec<MailList>> =
        LazyLock::new(|| Config::parse(FileId(0), SHIPPED).0.mail.lists);
    &KNOWN
}

fn known_addresses() -> impl Iterator<Item = &'static String> + Clone {
    known_lists().iter().map(|list| &list.address)
}

fn public_addresses() -> impl Iterator<Item = &'static String> {
    let public = known_lists().iter();
    public
        .filter(|list| list.readers == Readers::Public)
        .map(|list| &list.address)
}
