//! CVE JSON 5 (CNA containers): `ossa/ID.cve.json` beside the page of each advisory, ready for a
//! submission through CVE Services; and the fields of MITRE's request form in their order.
//!
//! The container holds what the document says of all its vulnerabilities together. Who submits it to
//! CVE Services has `providerMetadata` replaced there.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Out, RenderDocument, Setting, pretty, vendor};
use crate::config::Config;
use crate::exposure::Concern;
use crate::host::{self, Role};
use crate::inventory::pypi_name;
use crate::prose::{self, text};
use crate::release;
use crate::release::verdict::Status;
use crate::view::intervals::{End, Interval, intervals};
use crate::view::{Audience, DocumentView, View, cve_url, shortened};

/// The organisation that assigns ids to those who are no CNA themselves: MITRE.
const ASSIGNER: &str = "8254265b-2729-46b6-b9e3-3dfca2d5bfca";

/// The address by which the CVE schema knows PyPI.
const COLLECTION: &str = "https://pypi.python.org";

/// Longest description that the schema admits is 4096; the impact fits far below.
const DESCRIPTION: usize = 3800;

/// Renders the container of each advisory.
pub(super) fn documents<'s, A: Audience>(
    setting: &'s Setting<'s>,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> RenderDocument<'s> {
    Box::new(move |document| {
        let Some(path) = path(document) else {
            return Ok(());
        };
        out.plain(&path, ("cve", out.keys.document(document)), || {
            pretty(container(document, setting.config, view))
        })
    })
}

/// Returns the address of the container, where a document has one, without the base address.
pub fn path(document: &DocumentView<'_>) -> Option<String> {
    document.document.advisory()?;
    document.date?;
    Some(document.path.replace(".html", ".cve.json"))
}

fn container<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> Value {
    let mut value = Map::new();
    let mut put = |name: &str, field: Value| {
        if !field.as_array().is_some_and(Vec::is_empty) {
            value.insert(name.into(), field);
        }
    };
    put("affected", Value::Array(affected(document, config, view)));
    put("credits", Value::Array(credits(document)));
    if let Some(date) = document.date {
        put("datePublic", json!(format!("{date}T15:00:00.000Z")));
    }
    put(
        "descriptions",
        json!([{"lang": "en", "value": description(document)}]),
    );
    put("metrics", Value::Array(metrics(document)));
    put("problemTypes", Value::Array(problem_types(document)));
    put("providerMetadata", json!({"orgId": ASSIGNER}));
    put("references", Value::Array(references(document, config)));
    put(
        "source",
        json!({"advisory": document.id, "discovery": "UNKNOWN"}),
    );
    put(
        "title",
        json!(document.title.chars().take(256).collect::<String>()),
    );
    put(
        "x_generator",
        json!({"engine": format!("vmt {}", env!("CARGO_PKG_VERSION"))}),
    );
    Value::Object(value)
}

fn affected<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> Vec<Value> {
    let concerns = view.exposure.said_by(document.document);
    let known = concerns
        .iter()
        .map(|concern| product(concern, config, view));
    let unknown = release::unknown_products(document.document, config).into_iter();
    let unknown = unknown.map(
        |(name, _)| json!({"vendor": vendor(config), "product": name, "defaultStatus": "unknown"}),
    );
    known.chain(unknown).collect()
}

fn product<A: Audience>(concern: &Concern<'_>, config: &Config, view: &View<'_, A>) -> Value {
    let name = concern.pair.product;
    let releases = view.exposure.releases(name);
    let known = config.product(name);
    let pypi = known.map_or(name, |product| &product.pypi);
    let rows = |wanted: Status, word: &'static str| {
        let all = intervals(concern, releases, wanted).into_iter();
        all.map(move |interval| version(&interval, word))
    };
    let versions: Vec<Value> = rows(Status::Affected, "affected")
        .chain(rows(Status::Unknown, "unknown"))
        .collect();
    let mut value = json!({
        "collectionURL": COLLECTION,
        // Where nothing at all can be said, nothing is called safe.
        "defaultStatus": if versions.is_empty() { "unknown" } else { "unaffected" },
        "packageName": pypi_name(pypi).unwrap_or_else(|| pypi.to_owned()),
        "product": known.map_or(name, |product| &product.title),
        "vendor": vendor(config),
    });
    if let Some(map) = value.as_object_mut() {
        if !versions.is_empty() {
            map.insert("versions".into(), Value::Array(versions));
        }
        if let Some(repository) = known.and_then(|product| product.repository.as_ref()) {
            map.insert("repo".into(), json!(repository));
        }
    }
    value
}

fn version(interval: &Interval, status: &str) -> Value {
    let start = &interval.introduced;
    match &interval.end {
        End::Open => {
            json!({"version": start, "lessThan": "*", "status": status, "versionType": "python"})
        }
        End::Fixed(end) => {
            json!({"version": start, "lessThan": end, "status": status, "versionType": "python"})
        }
        End::LastAffected(end) if end == start => json!({"version": start, "status": status}),
        End::LastAffected(end) => {
            json!({"version": start, "lessThanOrEqual": end, "status": status, "versionType": "python"})
        }
    }
}

fn credits(document: &DocumentView<'_>) -> Vec<Value> {
    let people = document
        .content()
        .credits
        .iter()
        .filter(|person| !person.name.is_empty());
    people
        .map(|person| {
            let name = match &person.affiliation {
                Some(organisation) => format!("{} ({organisation})", person.name),
                None => person.name.clone(),
            };
            json!({"lang": "en", "type": "reporter", "value": name})
        })
        .collect()
}

fn description(document: &DocumentView<'_>) -> String {
    let text = document
        .content()
        .sections
        .first()
        .map(|section| prose::plain(&section.blocks))
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| document.title.clone());
    shortened(&text, DESCRIPTION)
}

fn metrics(document: &DocumentView<'_>) -> Vec<Value> {
    let vectors = document.content().vulnerabilities.iter();
    let metric = |entry: &crate::view::VulnerabilityView| {
        let vector = entry.cvss.as_deref()?.trim();
        let severity = entry.severity()?;
        let (field, version) = match vector.get(..8)? {
            "CVSS:3.0" => ("cvssV3_0", "3.0"),
            "CVSS:3.1" => ("cvssV3_1", "3.1"),
            "CVSS:4.0" => ("cvssV4_0", "4.0"),
            _ => return None,
        };
        Some(json!({field: {
            "baseScore": (severity.score * 10.0).round() / 10.0,
            "baseSeverity": severity.word.to_uppercase(),
            "vectorString": vector,
            "version": version,
        }}))
    };
    vectors.filter_map(metric).collect()
}

fn problem_types(document: &DocumentView<'_>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let all = document
        .content()
        .vulnerabilities
        .iter()
        .flat_map(|entry| &entry.cwe);
    let known: Vec<Value> = all
        .filter(|cwe| seen.insert(cwe.as_str()))
        .map(|cwe| {
            json!({"descriptions": [{"lang": "en", "type": "CWE", "cweId": cwe, "description": cwe}]})
        })
        .collect();
    match known.is_empty() {
        true => {
            vec![json!({"descriptions": [{"lang": "en", "type": "text", "description": "n/a"}]})]
        }
        false => known,
    }
}

fn references(document: &DocumentView<'_>, config: &Config) -> Vec<Value> {
    let mut found: Vec<(String, Option<&'static str>)> = vec![(
        format!("{}{}", config.base_url, document.path),
        Some("vendor-advisory"),
    )];
    let links = document
        .content()
        .bugs
        .iter()
        .chain(&document.content().references);
    let reviews = document
        .document
        .all_reviews()
        .map(|(_, review)| review.link.url());
    for url in links.map(|link| link.url.as_str()).chain(reviews) {
        let known = host::recognise(url);
        let tag = known.as_ref().map(|known| match known.role {
            Role::Bug => "issue-tracking",
            Role::Review => "patch",
        });
        found.push((known.map_or_else(|| url.to_owned(), |known| known.url), tag));
    }
    let own: Vec<String> = document.cves().map(cve_url).collect();
    let mut seen = BTreeSet::new();
    found.retain(|(url, _)| {
        host::Url::parse(url).is_ok() && !own.contains(url) && seen.insert(url.clone())
    });
    found
        .into_iter()
        .map(|(url, tag)| match tag {
            Some(tag) => json!({"url": url, "tags": [tag]}),
            None => json!({"url": url}),
        })
        .collect()
}

/// Writes the fields of MITRE's form for a request, in its order.
pub fn form<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> String {
    let mut out = String::new();
    let mut field = |name: &str, value: &str| {
        out.push_str(name);
        out.push('\n');
        for line in text::harmless(value).lines() {
            out.push_str(format!("    {line}").trim_end());
            out.push('\n');
        }
        out.push('\n');
    };
    let list = |items: Vec<String>| match items.is_empty() {
        true => "-".to_owned(),
        false => items.join("\n"),
    };
    let cwes: Vec<String> = document
        .content()
        .vulnerabilities
        .iter()
        .flat_map(|entry| entry.cwe.clone())
        .collect();
    let count = document.content().vulnerabilities.len().max(1);
    field("Request type", "Report Vulnerability/Request CVE ID");
    field("Number of vulnerabilities", &count.to_string());
    field("Vulnerability type", &list(cwes));
    field("Vendor of the product", vendor(config));
    let versions = affected(document, config, view).into_iter().map(|entry| {
        let named = entry["product"].as_str().unwrap_or_default().to_owned();
        let said = document
            .content()
            .affected
            .iter()
            .filter(|line| line.product == named);
        let said: Vec<&str> = said.map(|line| line.versions.as_str()).collect();
        format!("{named}: {}", said.join("; "))
    });
    field("Affected products and versions", &list(versions.collect()));
    field("Has the vendor confirmed or acknowledged it", "Yes");
    field(
        "Suggested description",
        &text::wrap(&description(document), 72).join("\n"),
    );
    field(
        "Discoverers and credits",
        &list(
            credits(document)
                .iter()
                .filter_map(|credit| credit["value"].as_str().map(str::to_owned))
                .collect(),
        ),
    );
    let urls = references(document, config);
    // The page of a private document is not there yet.
    let urls = urls.iter().skip(usize::from(document.draft));
    field(
        "References",
        &list(
            urls.filter_map(|one| one["url"].as_str().map(str::to_owned))
                .collect(),
        ),
    );
    field(
        "Additional information",
        &format!("Advisory: {}", document.id),
    );
    format!("{}\n", out.trim_end())
}
