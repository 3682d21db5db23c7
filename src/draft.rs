//! New documents: the next free id and a filled template (pure).

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::Serialize;

use crate::config::{Config, Numbering};
use crate::corpus::Corpus;
use crate::model::{Id, Kind, Placeholder};
use crate::template::{TemplateError, Templates};
use crate::tree::yaml::quote;

/// What is known of a new document.
#[derive(Debug, Default)]
pub struct Request {
    /// Title.
    pub title: Option<String>,
    /// Canonical product names.
    pub products: Vec<String>,
    /// Addresses of bugs.
    pub bugs: Vec<String>,
    /// CVE ids.
    pub cves: Vec<String>,
    /// Dates of the embargo, for a private draft.
    pub embargo: Option<Dates>,
}

/// The dates that an embargo starts with.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Dates {
    /// Day of the report.
    pub received: NaiveDate,
    /// Day of the notice and moment of the disclosure, where there are any that keep the policy.
    pub planned: Option<(NaiveDate, DateTime<Utc>)>,
}

/// A new document.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its id.
    pub id: String,
    /// Its YAML.
    pub text: String,
}

#[derive(Serialize)]
struct Data {
    id: String,
    date: String,
    title: String,
    product_title: String,
    products: Vec<String>,
    cves: Vec<String>,
    reported: String,
    bugs: Vec<String>,
    branches: Vec<String>,
    embargo: Option<Block>,
}

#[derive(Serialize)]
struct Block {
    received: String,
    notice: Option<String>,
    disclosure: Option<String>,
}

/// Returns the next free id of a kind. A gap is never filled: its number may have been announced,
/// or be in use where this workspace cannot see. What is reserved is taken.
pub fn next_id(
    kind: Kind,
    corpus: &Corpus,
    reserved: &[Id],
    config: &Config,
    today: NaiveDate,
) -> String {
    let settings = config.kind(kind);
    let year = (settings.numbering == Numbering::Yearly).then(|| today.year());
    let same = |id: &&Id| id.prefix == settings.prefix && id.year == year;
    let reserved = reserved.iter().filter(same).map(|id| id.number).max();
    let last = corpus.numbers(kind, year).last().copied().max(reserved);
    settings.id(today.year(), last.unwrap_or(0) + 1)
}

/// Returns a placeholder for a private draft, made of random bytes.
pub fn placeholder(kind: Kind, config: &Config, today: NaiveDate, random: &[u8]) -> String {
    let settings = config.kind(kind);
    let year = (settings.numbering == Numbering::Yearly).then(|| today.year());
    Placeholder::compose(&settings.prefix, year, random)
}

/// Returns what stands in the file of a reservation. Two branches that reserve the same number have to
/// conflict, so no two files are the same; what the number is for is not in it.
pub fn reservation(random: &[u8]) -> String {
    let mark: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("This number is taken, and will not be given to anything else.\n{mark}\n")
}

/// Fills the template of a kind.
///
/// # Errors
/// When the template is wrong.
pub fn compose(
    kind: Kind,
    id: String,
    request: &Request,
    config: &Config,
    templates: &Templates,
    today: NaiveDate,
) -> Result<Draft, TemplateError> {
    let or_todo = |list: &[String]| match list {
        [] => vec!["TODO".to_owned()],
        list => list.iter().map(|text| quote(text)).collect(),
    };
    let pending = kind == Kind::Advisory && request.cves.is_empty();
    let titles: Vec<&str> = request
        .products
        .iter()
        .map(|name| {
            config
                .product(name)
                .map_or(name.as_str(), |product| product.title.as_str())
        })
        .collect();
    let mut branches: Vec<String> = config
        .maintained_on(today)
        .map(|series| series.label())
        .collect();
    branches.reverse();
    let day = request
        .embargo
        .and_then(|dates| dates.planned)
        .map_or(today, |(_, disclosure)| disclosure.date_naive());
    let data = Data {
        id: id.clone(),
        date: day.to_string(),
        title: quote(request.title.as_deref().unwrap_or("TODO")),
        product_title: if titles.is_empty() {
            "TODO".into()
        } else {
            titles.join(", ")
        },
        products: or_todo(&request.products),
        reported: request.cves.join(", "),
        cves: if pending {
            vec!["pending".into()]
        } else {
            request.cves.clone()
        },
        bugs: request.bugs.iter().map(|bug| quote(bug)).collect(),
        branches,
        embargo: request.embargo.map(|dates| Block {
            received: dates.received.to_string(),
            notice: dates.planned.map(|(notice, _)| notice.to_string()),
            disclosure: dates
                .planned
                .map(|(_, moment)| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        }),
    };
    let name = format!("new/{}.yaml", kind.name());
    Ok(Draft {
        id,
        text: templates.render(&name, &data)?,
    })
}
