//! Feeds: Atom (RFC 4287) and JSON Feed 1.1, of everything, of each kind, product and series.
//!
//! A document is an entry, and so is each of its errata: who has read the first one sees that there
//! is something new. All times come from the documents, at the hour of disclosure.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::json;

use super::{Out, Setting, moment, site};
use crate::config::Config;
use crate::key::Key;
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

/// An entry. Its text is written when a feed shows it: where there are few documents once for all feeds,
/// else once for each, so that it is never in memory of all.
#[derive(Clone)]
struct Entry<'a> {
    document: &'a DocumentView<'a>,
    id: String,
    title: String,
    published: NaiveDate,
    updated: NaiveDate,
    /// What stands above the text of the document, as HTML.
    lead: String,
    /// The Atom element, and the JSON object.
    written: OnceLock<(String, String)>,
}

impl<'a> Entry<'a> {
    fn written<A: Audience>(&self, view: &View<'a, A>, config: &Config) -> &(String, String) {
        self.written.get_or_init(|| {
            let document = view.passing(self.document);
            let content = Content::new(self, &document, config);
            (atom_entry(self, &content), json_entry(self, &content))
        })
    }
}

/// What an entry says, for both formats.
struct Content<'a> {
    url: String,
    summary: String,
    html: String,
    tags: Vec<&'a str>,
}

impl<'a> Content<'a> {
    fn new(entry: &Entry<'_>, document: &'a DocumentView<'_>, config: &Config) -> Content<'a> {
        let products = document.products.iter().map(String::as_str);
        // First, as a summary is read from the content where that is there.
        let html = format!("{}{}", entry.lead, full_text(document));
        Content {
            url: format!("{}{}", config.base_url, document.path),
            summary: document.summary(300),
            html,
            tags: products.chain(document.cves()).collect(),
        }
    }
}

/// All entries in the order of feeds, and where those of each document stand.
struct Entries<'a> {
    order: Vec<Entry<'a>>,
    of_documents: Vec<Vec<usize>>,
}

impl<'a> Entries<'a> {
    fn new<A: Audience>(view: &'a View<'_, A>, config: &Config) -> Entries<'a> {
        let documents = view.documents.iter().enumerate();
        let mut order: Vec<(usize, Entry<'a>)> = documents
            .flat_map(|(at, document)| {
                let entries = entries_of(document, config).into_iter();
                entries.map(move |entry| (at, entry))
            })
            .collect();
        order.sort_by(|(_, a), (_, b)| (b.updated, &b.id).cmp(&(a.updated, &a.id)));
        let mut of_documents = vec![Vec::new(); view.documents.len()];
        for (place, (document, _)) in order.iter().enumerate() {
            of_documents[*document].push(place);
        }
        Entries {
            order: order.into_iter().map(|(_, entry)| entry).collect(),
            of_documents,
        }
    }

    /// The newest entries of some documents.
    fn newest(&self, documents: &[usize]) -> Vec<&Entry<'a>> {
        let mut places: Vec<usize> = documents
            .iter()
            .flat_map(|at| self.of_documents[*at].iter().copied())
            .collect();
        places.sort_unstable();
        places.truncate(ENTRIES);
        places.iter().map(|place| &self.order[*place]).collect()
    }
}

/// A feed to be: its name, the page that it belongs to, what it depends on, its documents.
struct Feed {
    name: FeedName,
    page: String,
    key: Key,
    documents: Vec<usize>,
}

/// Renders every feed.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let config = setting.config;
    let entries = Entries::new(view, config);
    feeds(config, view, out)
        .into_par_iter()
        .try_for_each(|feed| {
            let (name, page) = (&feed.name, feed.page.as_str());
            let shown = OnceLock::new();
            let shown = || -> &Vec<Cow<'_, Entry<'_>>> {
                shown.get_or_init(|| {
                    let newest = entries.newest(&feed.documents).into_iter();
                    let entry = |entry| match view.is_small() {
                        true => Cow::Borrowed(entry),
                        false => Cow::Owned(Entry::clone(entry)),
                    };
                    newest.map(entry).collect()
                })
            };
            let newest = || {
                let days = shown().iter().map(|entry| entry.updated);
                // A feed without any has not changed since there were days.
                days.max().unwrap_or_default()
            };
            let written = || shown().iter().map(|entry| entry.written(view, config));
            out.plain(&format!("{}.atom", name.path), ("atom", feed.key), || {
                let entries = written().map(|(atom, _)| atom.as_str());
                atom(name, page, newest(), entries, config).into_bytes()
            })?;
            out.plain(&format!("{}.json", name.path), ("json", feed.key), || {
                let entries = written().map(|(_, json)| json.as_str());
                json_feed(name, page, entries, config).into_bytes()
            })
        })
}

fn feeds<A: Audience>(config: &Config, view: &View<'_, A>, out: &Out<'_>) -> Vec<Feed> {
    let mut feeds: Vec<Feed> = Vec::new();
    let of_kind = |kind: Option<Kind>| -> Vec<usize> {
        let documents = view.documents.iter().enumerate();
        let chosen = documents.filter(|(_, one)| kind.is_none_or(|kind| one.kind() == kind));
        chosen.map(|(at, _)| at).collect()
    };
    let pages = Kind::ALL.map(|kind| (Some(kind), site::list_path(config, kind)));
    let pages = std::iter::once((None, "index.html".to_owned())).chain(pages);
    for (name, (kind, page)) in whole(config).into_iter().zip(pages) {
        feeds.push(Feed {
            name,
            page,
            key: out.keys.all(),
            documents: of_kind(kind),
        });
    }
    let products = view.products.iter().map(|product| {
        let name = of_product(product);
        (name, &product.path, &product.documents)
    });
    let series = view.series.iter().map(|series| {
        let name = of_series(series);
        (name, &series.path, &series.documents)
    });
    for (name, page, documents) in products.chain(series) {
        if !documents.is_empty() {
            feeds.push(Feed {
                name,
                page: page.clone(),
                key: out.keys.some(view, documents),
                documents: documents.clone(),
            });
        }
    }
    feeds
}

/// The entries of a document: itself, and each correction. One without a day has none.
fn entries_of<'a>(document: &'a DocumentView<'_>, config: &Config) -> Vec<Entry<'a>> {
    let Some(date) = document.date else {
        return Vec::new();
    };
    let entry = |id: String, title: String, updated: NaiveDate, lead: String| Entry {
        document,
        id,
        title,
        published: if lead.is_empty() { date } else { updated },
        updated,
        lead,
        written: OnceLock::new(),
    };
    let title = format!("{}: {}", document.id, document.title);
    // The day keeps an id apart from those of another site of the same name (RFC 4151).
    let tag = format!("tag:{},{date}:{}", host(config), document.id);
    let mut found = vec![entry(tag.clone(), title.clone(), date, String::new())];
    let corrections = document
        .history()
        .iter()
        .filter_map(|line| Some((line.day.filter(|day| *day > date)?, &line.label)));
    for (day, label) in corrections {
        let number = found.iter().filter(|entry| entry.updated == day).count();
        let id = match number {
            0 => format!("{tag}/{day}"),
            number => format!("{tag}/{day}/{number}"),
        };
        let lead = format!("<p><strong>{day}: {}</strong></p>\n", escape(label));
        let title = format!("{title} ({})", decapitalised(label));
        found.push(entry(id, title, day, lead));
    }
    if let Some(day) = document.withdrawn {
        let lead = format!("<p><strong>Withdrawn on {day}.</strong></p>\n");
        let title = format!("{title} (withdrawn)");
        found.push(entry(format!("{tag}/withdrawn"), title, day, lead));
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
    if !document.content().affected.is_empty() {
        out.push_str("<h2>Affects</h2>\n<ul>\n");
        for line in &document.content().affected {
            let _ = writeln!(
                out,
                "<li>{}: <code>{}</code></li>",
                escape(&line.product),
                escape(&line.versions)
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str(&html::render(&document.content().services, 2));
    for section in &document.content().sections {
        let _ = writeln!(out, "<h2>{}</h2>", section.title);
        out.push_str(&html::render(&section.blocks, 2));
    }
    if !document.content().errata.is_empty() {
        out.push_str("<h2>Errata</h2>\n");
        out.push_str(&html::render(&document.content().errata, 2));
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

fn atom_entry(entry: &Entry<'_>, content: &Content<'_>) -> String {
    let mut out = format!(
        "<entry>\n<id>{}</id>\n<title>{}</title>\n<link href=\"{}\"/>\n<published>{}</published>\n<updated>{}</updated>\n",
        escape(&entry.id),
        escape(&entry.title),
        escape(&content.url),
        moment(entry.published),
        moment(entry.updated)
    );
    for tag in &content.tags {
        let _ = writeln!(out, "<category term=\"{}\"/>", escape(tag));
    }
    let _ = writeln!(
        out,
        "<summary>{}</summary>\n<content type=\"html\">{}</content>\n</entry>",
        escape(&content.summary),
        escape(&content.html)
    );
    out
}

fn atom<'e>(
    name: &FeedName,
    page: &str,
    newest: NaiveDate,
    entries: impl Iterator<Item = &'e str>,
    config: &Config,
) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n<id>{base}{path}.atom</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{base}{path}.atom\"/>\n<link rel=\"alternate\" type=\"text/html\" href=\"{base}{}\"/>\n",
        escape(&name.title),
        moment(newest),
        escape(&config.team),
        escape(page.trim_end_matches("index.html")),
        base = escape(&config.base_url),
        path = escape(&name.path),
    );
    entries.for_each(|entry| out.push_str(entry));
    out.push_str("</feed>\n");
    out
}

fn json_entry(entry: &Entry<'_>, content: &Content<'_>) -> String {
    let value = json!({
        "id": entry.id,
        "url": content.url,
        "title": entry.title,
        "summary": content.summary,
        "content_html": content.html,
        "date_published": moment(entry.published),
        "date_modified": moment(entry.updated),
        "tags": content.tags,
    });
    value.to_string()
}

fn json_feed<'e>(
    name: &FeedName,
    page: &str,
    entries: impl Iterator<Item = &'e str>,
    config: &Config,
) -> String {
    let items: Vec<&str> = entries.collect();
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
