//! What the texts say that a coordinator pastes elsewhere: the values of `templates/embargo/` (pure).

use serde::Serialize;

use super::dates::later;
use crate::config::Config;
use crate::host;
use crate::model::{Cve, Document};
use crate::prose;

/// A kind of text.
pub struct Kind {
    /// Its name, which is that of its template.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "reminder",
        summary: "a comment that reminds of the embargo, with its end",
    },
    Kind {
        name: "incomplete",
        summary: "a comment that asks for what a report lacks",
    },
    Kind {
        name: "impact",
        summary: "the description of the impact, to be reviewed",
    },
    Kind {
        name: "title",
        summary: "titles of the bug, while private and on publication",
    },
    Kind {
        name: "commit",
        summary: "last lines of the messages of the patches",
    },
];

/// A patch file.
#[derive(Debug, Serialize)]
struct PatchData {
    name: String,
    product: Option<String>,
    branch: Option<String>,
}

/// What a template may use.
#[derive(Debug, Serialize)]
pub struct Data {
    kind: &'static str,
    id: String,
    /// The id, where it is a number already.
    number: Option<String>,
    prefix: String,
    title: String,
    products: Vec<String>,
    affects: Vec<String>,
    cves: Vec<String>,
    pending: usize,
    reporters: String,
    description: String,
    bugs: Vec<String>,
    footers: Vec<String>,
    received: Option<String>,
    disclosure: Option<String>,
    last_day: Option<String>,
    longest_days: u32,
    patches: Vec<PatchData>,
    team: String,
}

impl Data {
    /// Gathers what is known of a document.
    pub fn of(document: &Document, config: &Config) -> Data {
        let embargo = document.embargo.as_deref();
        let received = embargo.and_then(|embargo| embargo.received.as_ref()?.day);
        let name = |product: &str| {
            config
                .product(product)
                .map_or(product.to_owned(), |found| found.title.clone())
        };
        let mut products: Vec<String> = document
            .affected
            .iter()
            .map(|affected| name(affected.product.value.trim()))
            .collect();
        products.dedup();
        let references: Vec<host::Reference> = document
            .issues
            .iter()
            .filter_map(|link| host::recognise(link.url()))
            .collect();
        let cves: Vec<String> = document.cves().map(str::to_owned).collect();
        let bugs = references
            .iter()
            .map(|reference| reference.number.trim_start_matches('#'));
        let mut footers: Vec<String> = bugs
            .clone()
            .map(|bug| format!("Closes-Bug: #{bug}"))
            .collect();
        footers.extend(cves.iter().map(|cve| format!("CVE: {cve}")));
        Data {
            kind: document.kind.name(),
            id: document.name().to_owned(),
            number: document.id.as_ref().map(ToString::to_string),
            prefix: config.kind(document.kind).prefix.clone(),
            title: document.title.value.trim().to_owned(),
            affects: document
                .affected
                .iter()
                .map(|one| {
                    format!(
                        "{} {}",
                        name(one.product.value.trim()),
                        one.version.value.trim()
                    )
                })
                .collect(),
            products,
            pending: document
                .vulnerabilities
                .iter()
                .filter(|entry| entry.cve == Cve::Pending)
                .count(),
            reporters: reporters(document),
            description: description(document),
            bugs: bugs.map(str::to_owned).collect(),
            footers,
            received: received.map(|day| day.to_string()),
            disclosure: embargo
                .and_then(|embargo| embargo.moment())
                .map(|moment| moment.format("%A, %-d %B %Y at %H:%M UTC").to_string()),
            last_day: received.map(|day| {
                later(day, config.embargo.longest_days)
                    .format("%-d %B %Y")
                    .to_string()
            }),
            longest_days: config.embargo.longest_days,
            patches: embargo.map(patches).unwrap_or_default(),
            cves,
            team: config.team.clone(),
        }
    }
}

fn reporters(document: &Document) -> String {
    let one = |reporter: &crate::model::Reporter| match &reporter.affiliation {
        Some(affiliation) => format!(
            "{} ({})",
            reporter.name.value.trim(),
            affiliation.value.trim()
        ),
        None => reporter.name.value.trim().to_owned(),
    };
    let all: Vec<String> = document.reporters.iter().map(one).collect();
    match all.is_empty() {
        true => "not known yet".to_owned(),
        false => all.join(", "),
    }
}

/// The first prose of a document: its description, or the summary of a note.
fn description(document: &Document) -> String {
    let text = match (document.advisory(), document.note()) {
        (Some(body), _) => &body.description,
        (None, Some(body)) => &body.summary,
        (None, None) => return String::new(),
    };
    prose::text::harmless(text.value.trim())
}

fn patches(embargo: &crate::model::Embargo) -> Vec<PatchData> {
    let value =
        |text: &Option<crate::model::Text>| text.as_ref().map(|text| text.value.trim().to_owned());
    embargo
        .patches
        .iter()
        .map(|patch| PatchData {
            name: patch.name().to_owned(),
            product: value(&patch.product),
            branch: value(&patch.branch),
        })
        .collect()
}
