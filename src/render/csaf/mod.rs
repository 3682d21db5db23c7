//! CSAF 2.0 documents and the folder that a provider publishes them in (OASIS CSAF 2.0, sections 3, 4
//! and 7.1): `.well-known/csaf/white/YEAR/ID.json` with digests, lists and a ROLIE feed.
//!
//! An advisory is a `csaf_security_advisory`; a note is one where it names a CVE and products, else a
//! `csaf_informational_advisory`. Products are the runs of versions that the tags show.

mod products;
mod provider;

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use serde_json::{Value, json};

use self::products::{Leaf, Product, product, tree, unknown_products};
use self::provider::{lists, with_digests};
use super::{Out, RenderDocument, Setting, moment, pretty};
use crate::config::Config;
use crate::host::{self, Role};
use crate::prose::text;
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView, View, cve_url};

pub use self::provider::{key_path, signed_as_of};

/// Folder of the documents that everybody may read, after their TLP label.
const WHITE: &str = ".well-known/csaf/white";

/// What lists need of a CSAF document.
struct Listed<'v> {
    view: &'v DocumentView<'v>,
    title: String,
    /// Address without the base address.
    path: String,
    /// Day and words of each revision, the oldest first.
    revisions: Vec<(NaiveDate, String)>,
    initial: NaiveDate,
    current: NaiveDate,
}

/// Renders what leads to the documents.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    // Drafts have no place in a folder for everybody, not even in a preview.
    let public = view.documents.iter().filter(|document| !document.draft);
    let mut all: Vec<Listed<'_>> = public.filter_map(listed).collect();
    all.sort_by(|a, b| (b.current, &b.view.id).cmp(&(a.current, &a.view.id)));
    lists(&all, setting, out)
}

/// Renders each document with its digests.
pub(super) fn documents<'s, A: Audience>(
    setting: &'s Setting<'s>,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> RenderDocument<'s> {
    Box::new(move |document| {
        let Some(listed) = listed(document).filter(|_| !document.draft) else {
            return Ok(());
        };
        let key = out.keys.document(document);
        with_digests(&listed.path, key, out, &|| {
            rendered(&listed, setting.config, view)
        })
    })
}

fn listed<'v>(document: &'v DocumentView<'_>) -> Option<Listed<'v>> {
    let (date, path) = (document.date?, path(document)?);
    let revisions = revisions(document, date);
    Some(Listed {
        title: format!("{}: {}", document.id, document.title),
        path,
        initial: date,
        current: revisions.last().map_or(date, |revision| revision.0),
        revisions,
        view: document,
    })
}

/// Returns the address of the document, where it has one, without the base address.
pub fn path(document: &DocumentView<'_>) -> Option<String> {
    let year = document.date?.year();
    Some(format!("{WHITE}/{year}/{}", file_name(&document.id)))
}

/// Small letters; other signs become one underscore (section 5.1).
fn file_name(id: &str) -> String {
    let mut name = String::new();
    for c in id.to_lowercase().chars() {
        let plain = c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-');
        match plain {
            true => name.push(c),
            false if name.ends_with('_') => {}
            false => name.push('_'),
        }
    }
    name + ".json"
}

fn publisher(config: &Config) -> Value {
    let mut value = json!({
        "category": "vendor",
        "name": config.team,
        "namespace": config.base_url.trim_end_matches('/'),
    });
    let contact = config
        .security_txt
        .as_ref()
        .and_then(|settings| settings.contact.first());
    if let (Some(map), Some(contact)) = (value.as_object_mut(), contact) {
        map.insert("contact_details".into(), json!(contact));
    }
    value
}

fn rendered<A: Audience>(listed: &Listed<'_>, config: &Config, view: &View<'_, A>) -> Vec<u8> {
    let document = listed.view;
    let concerns = view.exposure.said_by(document.document);
    let products: Vec<Product> = concerns
        .iter()
        .map(|concern| {
            product(
                concern,
                config,
                view.exposure.releases(concern.pair.product),
            )
        })
        .chain(unknown_products(document, config))
        .collect();
    let is_advisory = document.document.advisory().is_some();
    let is_security = !products.is_empty() && (is_advisory || document.cves().next().is_some());
    let mut value = json!({"document": head(listed, config, is_security)});
    if let Some(map) = value.as_object_mut().filter(|_| is_security) {
        map.insert("product_tree".into(), tree(&products, config));
        map.insert(
            "vulnerabilities".into(),
            Value::Array(vulnerabilities(document, &products, config)),
        );
    }
    pretty(value)
}

/// Day and words of each revision, the oldest first.
fn revisions(document: &DocumentView<'_>, date: NaiveDate) -> Vec<(NaiveDate, String)> {
    let mut found = vec![(date, "Initial publication".to_owned())];
    let mut later: Vec<(NaiveDate, String)> = document
        .history()
        .iter()
        .rev()
        .filter_map(|line| Some((line.day.filter(|day| *day > date)?, line.label.clone())))
        .filter(|(_, label)| !label.trim().is_empty())
        .collect();
    later.sort_by_key(|(day, _)| *day);
    found.extend(later);
    if let Some(day) = document.withdrawn {
        let last = found.last().map_or(date, |(day, _)| *day);
        found.push((day.max(last), "Withdrawn".to_owned()));
    }
    found
}

fn head(listed: &Listed<'_>, config: &Config, is_security: bool) -> Value {
    let (document, revisions) = (listed.view, &listed.revisions);
    let history: Vec<Value> = revisions
        .iter()
        .enumerate()
        .map(|(at, (day, summary))| {
            json!({"date": moment(*day), "number": (at + 1).to_string(), "summary": summary})
        })
        .collect();
    let first = revisions
        .first()
        .map(|revision| revision.0)
        .unwrap_or_default();
    let current = revisions.last().map_or(first, |revision| revision.0);
    let mut tracking = json!({
        "current_release_date": moment(current),
        "generator": {
            "date": moment(current),
            "engine": {"name": "vmt", "version": env!("CARGO_PKG_VERSION")},
        },
        "id": document.id,
        "initial_release_date": moment(first),
        "revision_history": history,
        "status": "final",
        "version": revisions.len().to_string(),
    });
    let cves: BTreeSet<&str> = document.cves().collect();
    if let Some(map) = tracking.as_object_mut().filter(|_| !cves.is_empty()) {
        map.insert("aliases".into(), json!(cves));
    }
    let mut notes: Vec<Value> = document
        .content()
        .sections
        .iter()
        .map(|section| {
            let category = match section.anchor {
                "description" | "discussion" => "description",
                "summary" => "summary",
                _ => "general",
            };
            note(category, section.title, section.text().to_owned())
        })
        .collect();
    if let Some(day) = document.withdrawn {
        notes.push(note(
            "general",
            "Withdrawn",
            format!("This document was withdrawn on {day}."),
        ));
    }
    if !document.content().errata.is_empty() {
        notes.push(note(
            "general",
            "Errata",
            text::render(&document.content().errata, 72),
        ));
    }
    notes.extend(
        document
            .content()
            .notes
            .iter()
            .map(|one| note("general", "Note", text::render(one, 72))),
    );
    let mut head = json!({
        "category": if is_security { "csaf_security_advisory" } else { "csaf_informational_advisory" },
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE", "url": "https://www.first.org/tlp/v1/"}},
        "lang": "en",
        "notes": notes,
        "publisher": publisher(config),
        "references": references(document, config, &listed.path),
        "title": listed.title,
        "tracking": tracking,
    });
    let thanks = acknowledgments(document);
    if let Some(map) = head.as_object_mut().filter(|_| !thanks.is_empty()) {
        map.insert("acknowledgments".into(), Value::Array(thanks));
    }
    head
}

fn note(category: &str, title: &str, text: String) -> Value {
    json!({"category": category, "title": title, "text": text.trim_end()})
}

fn acknowledgments(document: &DocumentView<'_>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let people = document
        .content()
        .credits
        .iter()
        .filter(|person| !person.name.is_empty());
    people
        .filter(|person| seen.insert((person.name.clone(), person.affiliation.clone())))
        .map(|person| match &person.affiliation {
            Some(organisation) => json!({"names": [person.name], "organization": organisation}),
            None => json!({"names": [person.name]}),
        })
        .collect()
}

fn references(document: &DocumentView<'_>, config: &Config, path: &str) -> Vec<Value> {
    let base = &config.base_url;
    let mut found: Vec<(&'static str, String, String)> = vec![
        (
            "self",
            "This document as CSAF".to_owned(),
            format!("{base}{path}"),
        ),
        (
            "self",
            "This document as a page".to_owned(),
            format!("{base}{}", document.path),
        ),
        (
            "external",
            "Announcement as plain text".to_owned(),
            format!("{base}{}", document.path.replace(".html", ".txt")),
        ),
    ];
    let mut external = |summary: String, url: String| found.push(("external", summary, url));
    for link in document
        .content()
        .bugs
        .iter()
        .chain(&document.content().references)
    {
        external(link.label.clone(), link.url.clone());
    }
    for product in &document.content().patches_by_product {
        for branch in &product.branches {
            for patch in &branch.patches {
                let what = match &product.product {
                    Some(product) => format!("Patch for {product} {}", branch.branch),
                    None => format!("Patch for {}", branch.branch),
                };
                external(what, patch.link.url.clone());
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|(_, summary, url)| {
        !summary.is_empty() && host::Url::parse(url).is_ok() && seen.insert(url.clone())
    });
    found
        .into_iter()
        .map(|(category, summary, url)| json!({"category": category, "summary": summary, "url": url}))
        .collect()
}

fn vulnerabilities(
    document: &DocumentView<'_>,
    products: &[Product],
    config: &Config,
) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let entries = document
        .content()
        .vulnerabilities
        .iter()
        .filter(|entry| match &entry.cve {
            Some(cve) => seen.insert(cve.clone()),
            None => true,
        });
    let mut found: Vec<Value> = entries
        .map(|entry| {
            let mut value = common(document, products, config);
            if let Some(map) = value.as_object_mut() {
                if let Some(cve) = &entry.cve {
                    map.insert("cve".into(), json!(cve));
                    map.insert(
                        "references".into(),
                        json!([{"category": "external", "summary": cve, "url": cve_url(cve)}]),
                    );
                }
                let affected: Vec<&str> = affected_ids(products);
                if let Some(score) = entry.cvss.as_deref().and_then(score)
                    && !affected.is_empty()
                {
                    map.insert(
                        "scores".into(),
                        json!([{"cvss_v3": score, "products": affected}]),
                    );
                }
            }
            value
        })
        .collect();
    if found.is_empty() {
        found.push(common(document, products, config));
    }
    found
}

fn affected_ids(products: &[Product]) -> Vec<&str> {
    let all = products.iter().flat_map(|product| &product.affected);
    all.map(|(leaf, _)| leaf.id.as_str()).collect()
}

/// What holds for each vulnerability of a document: it does not say which concerns which product.
fn common(document: &DocumentView<'_>, products: &[Product], config: &Config) -> Value {
    let affected = affected_ids(products);
    let ids = |leaves: &dyn Fn(&Product) -> Vec<&Leaf>| -> Vec<String> {
        let mut seen = BTreeSet::new();
        let all = products.iter().flat_map(leaves).map(|leaf| leaf.id.clone());
        all.filter(|id| seen.insert(id.clone())).collect()
    };
    let undecided = ids(&|product| product.undecided.iter().collect());
    let mut status = serde_json::Map::new();
    let mut put = |name: &str, list: Value| {
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            status.insert(name.into(), list);
        }
    };
    put("known_affected", json!(affected));
    put(
        "first_fixed",
        json!(ids(&|product| product.first_fixed.iter().collect())),
    );
    put(
        "fixed",
        json!(ids(&|product| product
            .first_fixed
            .iter()
            .chain(&product.newest)
            .collect())),
    );
    put(
        "recommended",
        json!(ids(&|product| product.newest.iter().collect())),
    );
    put("under_investigation", json!(undecided));
    let page = format!("{}{}", config.base_url, document.path);
    let mut remediations = Vec::new();
    for (leaf, advice) in products.iter().flat_map(|product| &product.affected) {
        remediations.push(match advice.is_empty() {
            true => json!({
                "category": "none_available",
                "details": "No release is known to hold the fix.",
                "product_ids": [leaf.id],
            }),
            false => json!({
                "category": "vendor_fix",
                "details": advice,
                "product_ids": [leaf.id],
                "url": page,
            }),
        });
    }
    if !undecided.is_empty() {
        remediations.push(json!({
            "category": "none_available",
            "details": "The document and the tags do not say whether these versions are affected.",
            "product_ids": undecided,
        }));
    }
    let help = document
        .content()
        .sections
        .iter()
        .find(|section| matches!(section.anchor, "workarounds" | "actions"));
    if let Some(section) = help.filter(|_| !affected.is_empty()) {
        remediations.push(json!({
            "category": "workaround",
            "details": section.text().trim_end(),
            "product_ids": affected,
        }));
    }
    let bugs: Vec<Value> = document
        .document
        .issues
        .iter()
        .filter_map(|link| host::recognise(link.url()))
        .filter(|known| known.role == Role::Bug)
        .map(|known| json!({"system_name": known.host, "text": known.number}))
        .collect();
    let description = document
        .content()
        .sections
        .first()
        .map(|section| section.text().to_owned());
    let mut value = json!({
        "notes": [note("description", "Description", description.unwrap_or_else(|| document.title.clone()))],
        "product_status": status,
        "remediations": remediations,
        "title": document.title,
    });
    if let Some(map) = value.as_object_mut() {
        if !bugs.is_empty() {
            map.insert("ids".into(), Value::Array(bugs));
        }
        if let Some(date) = document.date {
            map.insert("release_date".into(), json!(moment(date)));
        }
    }
    value
}

/// A CVSS 3 score as the schema wants it; CSAF 2.0 has no place for CVSS 4.
fn score(vector: &str) -> Option<Value> {
    let vector = vector.trim();
    let version = vector
        .strip_prefix("CVSS:")
        .and_then(|rest| rest.get(..3))?;
    let parsed: cvss::Cvss = vector.parse().ok()?;
    matches!(version, "3.0" | "3.1").then(|| {
        json!({
            "baseScore": (parsed.score() * 10.0).round() / 10.0,
            "baseSeverity": parsed.severity().as_str().to_uppercase(),
            "vectorString": vector,
            "version": version,
        })
    })
}
