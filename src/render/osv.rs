//! OSV records (schema 1.7): `osv/ID.json` for each document that concerns versions, with indexes.
//!
//! What is affected comes from real tags, release by release. Ranges are drawn up in the order in which
//! a reader of PEP 440 compares, one disjoint interval each, and never reach over a release that is not
//! affected: such a reader takes 2015.1.0 for newer than 33.0.0. Where the tags do not tell, nothing is
//! made up: the declared text stands in `database_specific`.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{Out, Piece, RenderDocument, Setting, moment, pretty};
use crate::config::Config;
use crate::exposure::Concern;
use crate::host::{self, Role};
use crate::inventory::pypi_name;
use crate::key::Key;
use crate::prose::markdown::{self, Style};
use crate::release::lock::LockedRelease;
use crate::release::verdict::Status;
use crate::release::{self, State};
use crate::template::TemplateError;
use crate::view::intervals::{End, Interval, intervals};
use crate::view::{Audience, DocumentView, View, cve_url, shortened};

/// Folder of the records.
pub(super) const FOLDER: &str = "osv";

/// The version of the schema that the records follow.
const SCHEMA: &str = "1.7.5";

/// Longest summary that the schema recommends.
const SUMMARY: usize = 120;

/// Renders the record of each document that has one.
pub(super) fn documents<'s, A: Audience>(
    setting: &'s Setting<'s>,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> RenderDocument<'s> {
    Box::new(move |document| {
        let config = setting.config;
        let Some(modified) = modified(document, config, view) else {
            return Ok(());
        };
        out.plain(&path(document, config), inputs(document, out), || {
            record(document, &modified, config, view)
        })
    })
}

/// What a record depends on.
fn inputs(document: &DocumentView<'_>, out: &Out<'_>) -> (&'static str, Key) {
    ("osv", out.keys.document(document))
}

/// Renders the list of all records, and all of them as one archive.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let config = setting.config;
    let listed = |document: &DocumentView<'_>| {
        Some(Listed {
            id: record_id(document, config),
            modified: modified(document, config, view)?,
        })
    };
    // By place, with nothing for a document without a record.
    let places: Vec<Option<Listed>> = view.documents.par_iter().map(listed).collect();
    let mut all: Vec<&Listed> = places.iter().flatten().collect();
    all.sort_by(|a, b| (&b.modified, &b.id).cmp(&(&a.modified, &a.id)));
    let key = ("osv", out.keys.all());
    out.plain(&format!("{FOLDER}/all.json"), key, || {
        let entry = |record: &&Listed| json!({"id": record.id, "modified": record.modified});
        pretty(all.iter().map(entry).collect())
    })?;
    out.plain(&format!("{FOLDER}/modified_id.csv"), key, || {
        let line = |record: &&Listed| format!("{},{}\n", record.modified, record.id);
        all.iter().map(line).collect::<String>().into_bytes()
    })?;
    let listed = places.iter().zip(&view.documents);
    let mut records: Vec<(&Listed, &DocumentView<'_>)> = listed
        .filter_map(|(listed, document)| Some((listed.as_ref()?, document)))
        .collect();
    records.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    let name = |(listed, _): &(&Listed, _)| format!("{}.json", listed.id);
    let names: Vec<String> = records.iter().map(name).collect();
    let piece = |(listed, document)| archived(listed, document, config, view, out);
    let pieces: Vec<Piece<'_>> = records.into_iter().map(piece).collect();
    out.sink
        .take_archive(&format!("{FOLDER}/all.zip"), &names, &pieces)
}

/// A record in the archive: the file that is there already, where it need not be made.
fn archived<'p, A: Audience>(
    listed: &'p Listed,
    document: &'p DocumentView<'_>,
    config: &'p Config,
    view: &'p View<'_, A>,
    out: &'p Out<'_>,
) -> Piece<'p> {
    let inputs = inputs(document, out);
    let made = move || record(&view.passing(document), &listed.modified, config, view);
    Piece {
        key: out.key(inputs),
        make: Box::new(move || {
            let there = out.recall(&path(document, config), inputs);
            there.unwrap_or_else(made)
        }),
    }
}

/// What lists say of a record.
struct Listed {
    id: String,
    modified: String,
}

/// Returns the address of the record of a document, where it has one, without the base address.
pub fn path(document: &DocumentView<'_>, config: &Config) -> String {
    format!("{FOLDER}/{}.json", record_id(document, config))
}

/// Returns the name of the record of a document, where it has one.
fn record_id(document: &DocumentView<'_>, config: &Config) -> String {
    format!("{}{}", config.osv_prefix, document.id)
}

/// Returns whether a document has a record. One that speaks of no versions of a package has nothing that
/// a scanner could compare; one without a day has no place in the format.
pub(super) fn has_record<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> bool {
    let is_advisory = document.document.advisory().is_some();
    let concerns = view.exposure.said_by(document.document);
    let says_versions = concerns.iter().any(|concern| {
        is_advisory || concern.is_stated() || concern.affected_lines().next().is_some()
    });
    let has_package = || {
        let unknown = release::unknown_products(document.document, config);
        unknown.iter().any(|(name, _)| pypi_name(name).is_some())
    };
    document.date.is_some() && (says_versions || is_advisory && has_package())
}

/// Returns the moment of the last change of a record, where a document has one: a release without the
/// fix changes it as an erratum does.
fn modified<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> Option<String> {
    let date = document
        .date
        .filter(|_| has_record(document, config, view))?;
    let concerns = view.exposure.said_by(document.document).into_iter();
    let named = concerns.filter_map(|concern| newest_named(concern, view));
    let newest = named.fold(document.updated.unwrap_or(date), NaiveDate::max);
    Some(moment(newest))
}

/// The day of the newest release that the record names of a product.
fn newest_named<A: Audience>(concern: &Concern<'_>, view: &View<'_, A>) -> Option<NaiveDate> {
    let releases = view.exposure.releases(concern.pair.product);
    let intervals = intervals(concern, releases, Status::Affected);
    let fixed = intervals.iter().filter_map(|interval| match &interval.end {
        End::Fixed(version) => releases.iter().find(|one| one.version.as_str() == version),
        _ => None,
    });
    let listed = intervals.iter().flat_map(|interval| &interval.places);
    let listed = listed.map(|at| &releases[*at]);
    listed.chain(fixed).map(|release| release.day).max()
}

fn record<A: Audience>(
    document: &DocumentView<'_>,
    modified: &str,
    config: &Config,
    view: &View<'_, A>,
) -> Vec<u8> {
    let concerns = view.exposure.said_by(document.document);
    let affected: Vec<Value> = concerns
        .iter()
        .flat_map(|concern| affected(concern, config, view))
        .chain(unknown_products(document, config))
        .collect();
    let id = record_id(document, config);
    let mut value = Map::new();
    let mut put = |name: &str, field: Value| {
        let empty = field.as_array().is_some_and(Vec::is_empty) || field.is_null();
        if !empty {
            value.insert(name.into(), field);
        }
    };
    let cves: Vec<&str> = {
        let mut seen = BTreeSet::new();
        document.cves().filter(|cve| seen.insert(*cve)).collect()
    };
    put("affected", Value::Array(affected));
    // An alias means the same flaw in the same scope; one of several CVEs is a part.
    match cves.as_slice() {
        [one] => put("aliases", json!([one])),
        several => put("related", json!(several)),
    }
    put("credits", Value::Array(credits(document)));
    put("database_specific", database_specific(document, config));
    put("details", json!(details(document)));
    put("id", json!(id));
    put("modified", json!(modified));
    put("published", json!(document.date.map(moment)));
    put("references", Value::Array(references(document, config)));
    put("schema_version", json!(SCHEMA));
    put("severity", Value::Array(severity(document)));
    put("summary", json!(summary(document)));
    if let Some(day) = document.withdrawn {
        put("withdrawn", json!(moment(day)));
    }
    pretty(Value::Object(value))
}

/// What is affected of a product: an entry for each part that one range can say.
fn affected<A: Audience>(concern: &Concern<'_>, config: &Config, view: &View<'_, A>) -> Vec<Value> {
    let name = concern.pair.product;
    let releases = view.exposure.releases(name);
    let statuses: Vec<Status> = concern.statuses().iter().map(|status| status.0).collect();
    let intervals = intervals(concern, releases, Status::Affected);
    let pypi = config.product(name).map_or(name, |product| &product.pypi);
    let mut entries: Vec<Map<String, Value>> = parts(&intervals)
        .into_iter()
        .map(|(kind, part)| entry(pypi, kind, &part, releases))
        .collect();
    if entries.is_empty() {
        entries.push(Map::from_iter([("package".to_owned(), package(pypi))]));
    }
    // What is said of the product as a whole stands in the first entry.
    let first = &mut entries[0];
    if let Some(git) = git(concern, config) {
        let ranges = first.entry("ranges").or_insert_with(|| json!([]));
        ranges
            .as_array_mut()
            .into_iter()
            .for_each(|ranges| ranges.push(git.clone()));
    }
    let undecided: Vec<&str> = releases
        .iter()
        .zip(&statuses)
        .filter(|(_, status)| **status == Status::Unknown)
        .map(|(release, _)| release.version.as_str())
        .collect();
    let mut specific = Map::new();
    if !concern.pair.declared.is_empty() {
        specific.insert("affected_text".into(), json!(concern.pair.declared));
    }
    if !undecided.is_empty() {
        specific.insert("undecided".into(), json!(undecided));
        specific.insert("undecided_why".into(), json!(concern.why_unknown_on(None)));
    }
    if !specific.is_empty() {
        first.insert("database_specific".into(), Value::Object(specific));
    }
    entries.into_iter().map(Value::Object).collect()
}

/// What one range can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Versions of one scheme of numbers, with ends of one kind: `fixed` and `last_affected` may not
    /// stand in one range.
    Range { by_year: bool, fixed: bool },
    /// A list says it better: a release alone, and those of 2010, which checkers take for no year.
    List,
}

/// Groups intervals into what one range can say.
fn parts(intervals: &[Interval]) -> Vec<(Part, Vec<&Interval>)> {
    let mut parts: Vec<(Part, Vec<&Interval>)> = Vec::new();
    for interval in intervals {
        let alone =
            matches!(&interval.end, End::LastAffected(last) if *last == interval.introduced);
        let part = match alone || interval.introduced.starts_with("2010.") {
            true => Part::List,
            false => Part::Range {
                by_year: interval.by_year,
                fixed: !matches!(interval.end, End::LastAffected(_)),
            },
        };
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, found)) => found.push(interval),
            None => parts.push((part, vec![interval])),
        }
    }
    parts
}

/// An entry with one range, or none, and the releases in it.
fn entry(
    pypi: &str,
    kind: Part,
    part: &[&Interval],
    releases: &[LockedRelease],
) -> Map<String, Value> {
    let events = part.iter().flat_map(|interval| {
        let end = match &interval.end {
            End::Open => None,
            End::Fixed(version) => Some(json!({"fixed": version})),
            End::LastAffected(version) => Some(json!({"last_affected": version})),
        };
        std::iter::once(json!({"introduced": interval.introduced})).chain(end)
    });
    let events: Vec<Value> = events.collect();
    let mut entry = Map::new();
    entry.insert("package".into(), package(pypi));
    if kind != Part::List {
        let range = json!([{"type": "ECOSYSTEM", "events": events}]);
        entry.insert("ranges".into(), range);
    }
    let versions: Vec<&str> = part
        .iter()
        .flat_map(|interval| &interval.places)
        .map(|at| releases[*at].version.as_str())
        .collect();
    if !versions.is_empty() {
        entry.insert("versions".into(), json!(versions));
    }
    entry
}

fn package(name: &str) -> Value {
    let name = pypi_name(name).unwrap_or_else(|| name.to_owned());
    json!({"ecosystem": "PyPI", "purl": format!("pkg:pypi/{name}"), "name": name})
}

/// Products that vmt.toml does not know: their declared text is all there is.
fn unknown_products(document: &DocumentView<'_>, config: &Config) -> Vec<Value> {
    let unknown = release::unknown_products(document.document, config).into_iter();
    let packages = unknown.filter(|(name, _)| pypi_name(name).is_some());
    packages
        .map(|(name, version)| {
            json!({"package": package(name), "database_specific": {"affected_text": version}})
        })
        .collect()
}

/// The commits with the fix, one a branch: the last of each, since a fix of several commits is whole
/// with that one only.
fn git(concern: &Concern<'_>, config: &Config) -> Option<Value> {
    let repository = config.product(concern.pair.product)?.repository.as_ref()?;
    let entry = concern.entry?;
    let is_commit =
        |text: &&str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut fixed: Vec<&str> = Vec::new();
    for outcome in &entry.resolution.lines {
        let holds = matches!(
            outcome.state,
            State::Fixed | State::BranchOnly | State::FromStart
        );
        let last = outcome.commits.last().map(String::as_str).filter(is_commit);
        if let Some(commit) = last.filter(|_| holds && outcome.partial.is_none())
            && !fixed.contains(&commit)
        {
            fixed.push(commit);
        }
    }
    if fixed.is_empty() {
        return None;
    }
    let introduced = concern
        .pair
        .document
        .advisory()
        .into_iter()
        .flat_map(|body| &body.fixes)
        .filter(|fix| {
            config
                .product(&fix.product.value)
                .is_some_and(|product| product.name == concern.pair.product)
        })
        .find_map(|fix| {
            fix.introduced
                .as_ref()
                .map(|text| text.value.as_str())
                .filter(is_commit)
        });
    let events: Vec<Value> = std::iter::once(json!({"introduced": introduced.unwrap_or("0")}))
        .chain(fixed.into_iter().map(|commit| json!({"fixed": commit})))
        .collect();
    Some(json!({"type": "GIT", "repo": repository, "events": events}))
}

fn credits(document: &DocumentView<'_>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let named = document
        .content()
        .credits
        .iter()
        .map(|person| match &person.affiliation {
            Some(organisation) => format!("{} ({organisation})", person.name),
            None => person.name.clone(),
        });
    named
        .filter(|name| !name.is_empty() && seen.insert(name.clone()))
        .map(|name| json!({"name": name, "type": "REPORTER"}))
        .collect()
}

fn severity(document: &DocumentView<'_>) -> Vec<Value> {
    let vectors = document
        .content()
        .vulnerabilities
        .iter()
        .filter_map(|entry| entry.cvss.as_deref());
    let mut found: Vec<Value> = Vec::new();
    for vector in vectors {
        let kind = match vector.get(..8) {
            Some("CVSS:3.0" | "CVSS:3.1") => "CVSS_V3",
            Some("CVSS:4.0") => "CVSS_V4",
            _ => continue,
        };
        let value = json!({"type": kind, "score": vector});
        // A record of several CVEs has one severity of a kind: the schema has no place for more.
        if !found.iter().any(|known| known["type"] == kind) {
            found.push(value);
        }
    }
    found
}

fn references(document: &DocumentView<'_>, config: &Config) -> Vec<Value> {
    let mut found: Vec<(&'static str, String)> =
        vec![("ADVISORY", format!("{}{}", config.base_url, document.path))];
    found.extend(
        document
            .content()
            .bugs
            .iter()
            .map(|link| ("REPORT", link.url.clone())),
    );
    let reviews = document.document.all_reviews();
    found.extend(reviews.filter_map(|(_, review)| {
        host::recognise(review.link.url())
            .filter(|known| known.role == Role::Review)
            .map(|known| ("FIX", known.url))
    }));
    found.extend(
        document
            .content()
            .references
            .iter()
            .map(|link| ("WEB", link.url.clone())),
    );
    for (kind, url) in found.iter_mut().filter(|(kind, _)| *kind == "WEB") {
        *kind = match host::recognise(url).map(|known| known.role) {
            Some(Role::Bug) => "REPORT",
            Some(Role::Review) => "FIX",
            None if document.cves().any(|cve| *url == cve_url(cve)) => "ADVISORY",
            None => "WEB",
        };
    }
    let mut seen = BTreeSet::new();
    found.retain(|(_, url)| host::Url::parse(url).is_ok() && seen.insert(url.clone()));
    found
        .into_iter()
        .map(|(kind, url)| json!({"type": kind, "url": url}))
        .collect()
}

fn database_specific(document: &DocumentView<'_>, config: &Config) -> Value {
    let mut value = json!({
        "human_url": format!("{}{}", config.base_url, document.path),
        "source": format!("{}{}", config.base_url, document.path.replace(".html", ".txt")),
    });
    if let (Some(map), Some(license)) = (value.as_object_mut(), &config.osv_license) {
        map.insert("license".into(), json!(license));
    }
    value
}

fn details(document: &DocumentView<'_>) -> String {
    let titled = |title: &str, text: &str| format!("## {title}\n\n{text}");
    let rendered = |title: &str, blocks: &[crate::prose::Block]| {
        titled(title, &markdown::render(blocks, 72, Style::File))
    };
    let sections = document.content().sections.iter().enumerate();
    let mut parts: Vec<String> = sections
        .map(|(at, section)| match at {
            0 => section.markdown().to_owned(),
            _ => titled(section.title, section.markdown()),
        })
        .collect();
    if !document.content().errata.is_empty() {
        parts.push(rendered("Errata", &document.content().errata));
    }
    let notes: Vec<crate::prose::Block> = match document.content().notes.is_empty() {
        true => Vec::new(),
        false => vec![crate::prose::Block::List {
            start: None,
            items: document.content().notes.clone(),
        }],
    };
    if !notes.is_empty() {
        parts.push(rendered("Notes", &notes));
    }
    parts.join("\n\n")
}

/// `Cinder, Glance, Nova: title`, cut at a word.
fn summary(document: &DocumentView<'_>) -> String {
    let products = document.products.join(", ");
    let starts = document
        .title
        .to_lowercase()
        .starts_with(&products.to_lowercase());
    let mut text = match products.is_empty() || starts {
        true => document.title.clone(),
        false => format!("{products}: {}", document.title),
    };
    if document.withdrawn.is_some() {
        text = format!("Withdrawn: {text}");
    }
    shortened(&text, SUMMARY)
}
