//! Feeds: Atom (RFC 4287) and JSON Feed 1.1, of everything, of each kind, product and series.
//!
//! A document is an entry, and so is each of its errata: who has read the first one sees that there
//! is something new. All times come from the documents, at the hour of disclosure.

use std::fmt::Write as _;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::json;

use super::{Artifact, Setting, moment, site};
use crate::config::Config;
use crate::model::Kind;
use crate::prose::html::{self, escape};
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView, ProductView, SeriesView, View};

/// Entries of a feed; older ones are on the site.
const ENTRIES: usize = 30;

/// A feed's title and address.
#[derive(Debug, Clone)]
pub(super) struct FeedName {
    /// Title.
    pub(super) title: String,
    /// Address without `.atom` or `.json`, without the base address.
    pub(super) path: String,
}

/// The feeds of the whole site: of everything, then of each kind.
pub(super) fn whole(config: &Config) -> Vec<FeedName> {
    let all = FeedName {
        title: config.site_title.clone(),
        path: "feed".into(),
    };
    let kinds = Kind::ALL.map(|kind| FeedName {
        title: format!(
            "{}: {}",
            config.site_title,
            site::heading(kind).to_lowercase()
        ),
        path: config.kind(kind).prefix.to_lowercase(),
    });
    std::iter::once(all).chain(kinds).collect()
}

/// The feed of a product.
pub(super) fn of_product(product: &ProductView<'_>) -> FeedName {
    FeedName {
        title: format!("{}: security documents", product.title),
        path: product.path.trim_end_matches(".html").to_owned(),
    }
}

/// The feed of a series.
pub(super) fn of_series(series: &SeriesView<'_>) -> FeedName {
    FeedName {
        title: format!("{}: security documents", series.label),
        path: series.path.trim_end_matches(".html").to_owned(),
    }
}

/// An entry, ready for both formats.
struct Entry<'a> {
    document: usize,
    id: String,
    title: String,
    url: String,
    summary: String,
    published: NaiveDate,
    updated: NaiveDate,
    html: String,
    tags: Vec<&'a str>,
    /// The Atom element, and the JSON object.
    atom: String,
    json: String,
}

/// Renders every feed.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Artifact>, TemplateError> {
    let config = setting.config;
    let entries: Vec<Entry<'_>> = view
        .documents
        .par_iter()
        .enumerate()
        .flat_map_iter(|(at, document)| entries_of(at, document, config))
        .collect();
    let mut order: Vec<&Entry<'_>> = entries.iter().collect();
    order.sort_by(|a, b| (b.updated, &b.id).cmp(&(a.updated, &a.id)));
    let mut feeds: Vec<(FeedName, String, Vec<&Entry<'_>>)> = Vec::new();
    let mut add = |name: FeedName, page: &str, chosen: &dyn Fn(usize) -> bool| {
        let found = order.iter().filter(|entry| chosen(entry.document));
        feeds.push((
            name,
            page.to_owned(),
            found.take(ENTRIES).copied().collect(),
        ));
    };
    let mut whole = whole(config).into_iter();
    if let Some(all) = whole.next() {
        add(all, "index.html", &|_| true);
    }
    for (kind, name) in Kind::ALL.into_iter().zip(whole) {
        add(name, &site::list_path(config, kind), &|at| {
            view.documents[at].kind() == kind
        });
    }
    for product in view
        .products
        .iter()
        .filter(|product| !product.documents.is_empty())
    {
        add(of_product(product), &product.path, &|at| {
            product.documents.contains(&at)
        });
    }
    for series in view
        .series
        .iter()
        .filter(|series| !series.documents.is_empty())
    {
        add(of_series(series), &series.path, &|at| {
            series.documents.contains(&at)
        });
    }
    let rendered = feeds.par_iter().flat_map_iter(|(name, page, entries)| {
        [
            Artifact {
                path: format!("{}.atom", name.path),
                bytes: atom(name, page, entries, config).into_bytes(),
            },
            Artifact {
                path: format!("{}.json", name.path),
                bytes: json_feed(name, page, entries, config).into_bytes(),
            },
        ]
    });
    Ok(rendered.collect())
}

/// The entries of a document: itself, and each correction. One without a day has none.
fn entries_of<'a>(at: usize, document: &'a DocumentView<'_>, config: &Config) -> Vec<Entry<'a>> {
    let Some(date) = document.date else {
        return Vec::new();
    };
    let url = format!("{}{}", config.base_url, document.path);
    let body = full_text(document);
    let tags: Vec<&str> = document
        .products
        .iter()
        .map(String::as_str)
        .chain(document.cves())
        .collect();
    let entry = |id: String, title: String, updated: NaiveDate, lead: &str| {
        let mut entry = Entry {
            document: at,
            id,
            title,
            url: url.clone(),
            summary: document.summary(300),
            published: if lead.is_empty() { date } else { updated },
            updated,
            html: format!("{lead}{body}"),
            tags: tags.clone(),
            atom: String::new(),
            json: String::new(),
        };
        entry.atom = atom_entry(&entry);
        entry.json = json_entry(&entry);
        entry
    };
    let title = format!("{}: {}", document.id, document.title);
    // The day keeps an id apart from those of another site of the same name (RFC 4151).
    let tag = format!("tag:{},{date}:{}", host(config), document.id);
    let mut found = vec![entry(tag.clone(), title.clone(), date, "")];
    let corrections = document
        .history
        .iter()
        .filter_map(|line| Some((line.day.filter(|day| *day > date)?, &line.label)));
    for (day, label) in corrections {
        let number = found.iter().filter(|entry| entry.updated == day).count();
        let id = match number {
            0 => format!("{tag}/{day}"),
            number => format!("{tag}/{day}/{number}"),
        };
        let lead = format!("<p><strong>{day}: {}</strong></p>\n", escape(label));
        found.push(entry(
            id,
            format!("{title} ({})", decapitalised(label)),
            day,
            &lead,
        ));
    }
    if let Some(day) = document.withdrawn {
        let lead = format!("<p><strong>Withdrawn on {day}.</strong></p>\n");
        found.push(entry(
            format!("{tag}/withdrawn"),
            format!("{title} (withdrawn)"),
            day,
            &lead,
        ));
    }
    found
}

/// `Errata 1` inside a sentence, but `CVE assigned` as it is.
fn decapitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    let second_is_small = text.chars().nth(1).is_some_and(char::is_lowercase);
    match first {
        Some(first) if second_is_small => first.to_lowercase().chain(characters).collect(),
        _ => text.to_owned(),
    }
}

/// The whole document as HTML that needs no page around it.
fn full_text(document: &DocumentView<'_>) -> String {
    let mut out = String::new();
    if !document.affected.is_empty() {
        out.push_str("<h2>Affects</h2>\n<ul>\n");
        for line in &document.affected {
            let _ = writeln!(
                out,
                "<li>{}: <code>{}</code></li>",
                escape(&line.product),
                escape(&line.versions)
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str(&html::render(&document.services, 2));
    for section in &document.sections {
        let _ = writeln!(out, "<h2>{}</h2>", section.title);
        out.push_str(&html::render(&section.blocks, 2));
    }
    if !document.errata.is_empty() {
        out.push_str("<h2>Errata</h2>\n");
        out.push_str(&html::render(&document.errata, 2));
    }
    out
}

/// Name of the host under which the site is published.
fn host(config: &Config) -> String {
    crate::host::Url::parse(&config.base_url).map_or_else(
        |_| "localhost".to_owned(),
        |url| url.host.split(':').next().unwrap_or_default().to_owned(),
    )
}

fn atom_entry(entry: &Entry<'_>) -> String {
    let mut out = format!(
        "<entry>\n<id>{}</id>\n<title>{}</title>\n<link href=\"{}\"/>\n<published>{}</published>\n<updated>{}</updated>\n",
        escape(&entry.id),
        escape(&entry.title),
        escape(&entry.url),
        moment(entry.published),
        moment(entry.updated)
    );
    for tag in &entry.tags {
        let _ = writeln!(out, "<category term=\"{}\"/>", escape(tag));
    }
    let _ = writeln!(
        out,
        "<summary>{}</summary>\n<content type=\"html\">{}</content>\n</entry>",
        escape(&entry.summary),
        escape(&entry.html)
    );
    out
}

fn atom(name: &FeedName, page: &str, entries: &[&Entry<'_>], config: &Config) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n<id>{base}{path}.atom</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{base}{path}.atom\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{base}{}\"/>\n",
        escape(&name.title),
        moment(newest(entries)),
        escape(&config.team),
        escape(page.trim_end_matches("index.html")),
        base = escape(&config.base_url),
        path = escape(&name.path),
    );
    for entry in entries {
        out.push_str(&entry.atom);
    }
    out.push_str("</feed>\n");
    out
}

/// The day of the newest entry; a feed without any has not changed since there were days.
fn newest(entries: &[&Entry<'_>]) -> NaiveDate {
    entries
        .iter()
        .map(|entry| entry.updated)
        .max()
        .unwrap_or_default()
}

fn json_entry(entry: &Entry<'_>) -> String {
    let value = json!({
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.html,
        "date_published": moment(entry.published),
        "date_modified": moment(entry.updated),
        "tags": entry.tags,
    });
    value.to_string()
}

fn json_feed(name: &FeedName, page: &str, entries: &[&Entry<'_>], config: &Config) -> String {
    let items: Vec<&str> = entries.iter().map(|entry| entry.json.as_str()).collect();
    let head = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": name.title,
        "home_page_url": format!("{}{}", config.base_url, page.trim_end_matches("index.html")),
        "feed_url": format!("{}{}.json", config.base_url, name.path),
        "language": "en",
        "authors": [{"name": config.team}],
    });
    // Entries stand in many feeds and are written once.
    let head = head.to_string();
    format!(
        "{},\n\"items\":[\n{}\n]}}\n",
        head.trim_end_matches('}'),
        items.join(",\n")
    )
}
