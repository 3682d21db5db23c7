//! Announcements as plain text, from a view and a template. Knows no keys and no network.

mod note;

use serde::Serialize;

use crate::config::Config;
use crate::model::Kind;
use crate::prose::text;
use crate::template::{TemplateError, Templates};
use crate::view::{CreditView, DocumentView, LinkView};

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

#[derive(Serialize)]
struct Data {
    id: String,
    title: String,
    heading: String,
    rule: String,
    date: String,
    cve: String,
    draft: bool,
    withdrawn: Option<String>,
    affected: String,
    sections: Vec<Section>,
    errata: String,
    patches: Vec<Patches>,
    credits: String,
    references: String,
    notes: String,
    history: String,
    address: String,
    team: String,
    team_url: Option<String>,
}

#[derive(Serialize)]
struct Section {
    title: String,
    underline: String,
    text: String,
}

#[derive(Serialize)]
struct Patches {
    branch: String,
    urls: Vec<String>,
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
        Kind::Advisory => templates.render("mail/advisory.txt", &data(document, config))?,
        Kind::Note => templates.render("mail/note.txt", &note::data(document, config))?,
    };
    Ok(Announcement {
        subject: subject(document),
        body: tidy(&text, document.kind()),
    })
}

/// Writes `[OSSA-2026-013] Nova: Title (CVE-2026-12345)`. Lists want the software named there
/// (oss-security refuses a mail without); a note's title mostly names it already.
fn subject(document: &DocumentView<'_>) -> String {
    let cves: Vec<&str> = document.cves().collect();
    let cves = match cves.as_slice() {
        [] => String::new(),
        [one] => format!(" ({one})"),
        [first, rest @ ..] if rest.len() > 2 => format!(" ({first} and {} more)", rest.len()),
        all => format!(" ({})", all.join(", ")),
    };
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

fn data(document: &DocumentView<'_>, config: &Config) -> Data {
    let title = format!("{}: {}", document.id, document.title);
    let heading = text::wrap(&title, WIDTH);
    let longest = heading
        .iter()
        .map(|line| unicode_width::UnicodeWidthStr::width(line.as_str()))
        .max();
    let cves: Vec<&str> = document
        .vulnerabilities
        .iter()
        .map(|entry| entry.cve.as_deref().unwrap_or("pending"))
        .collect();
    Data {
        id: document.id.clone(),
        title: document.title.clone(),
        rule: "=".repeat(longest.unwrap_or(0)),
        heading: heading.join("\n"),
        date: document.date.map(|day| day.to_string()).unwrap_or_default(),
        cve: labelled("CVE", &cves.join(", ")),
        draft: document.draft,
        withdrawn: document.withdrawn.map(|day| day.to_string()),
        affected: bullets(
            document
                .affected
                .iter()
                .map(|line| format!("{}: {}", line.product, line.versions)),
        ),
        sections: document
            .sections
            .iter()
            .map(|section| Section {
                title: section.title.into(),
                underline: "~".repeat(section.title.len()),
                text: text::render(&section.blocks, WIDTH),
            })
            .collect(),
        errata: text::render(&document.errata, WIDTH),
        patches: document
            .patches
            .iter()
            .map(|patches| Patches {
                branch: [
                    Some(patches.branch.clone()),
                    patches.product.clone(),
                    patches.remark.clone(),
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
                urls: patches.changes.iter().map(address).collect(),
            })
            .collect(),
        credits: bullets(document.credits.iter().map(person)),
        references: bullets(
            document
                .bugs
                .iter()
                .map(reference)
                .chain(document.references.iter().map(reference)),
        ),
        notes: document
            .notes
            .iter()
            .map(|note| {
                let item = crate::prose::Block::List {
                    start: None,
                    items: vec![note.clone()],
                };
                text::render(&[item], WIDTH)
            })
            .collect::<Vec<_>>()
            .join("\n"),
        history: bullets(document.history.iter().map(|line| match line.day {
            Some(day) => format!("{day}: {}", line.label),
            None => line.label.clone(),
        })),
        address: format!("{}{}", config.base_url, document.path),
        team: config.team.clone(),
        team_url: config.team_url.clone(),
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
