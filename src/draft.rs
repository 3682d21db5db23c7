//! New documents: the next free id and a filled template (pure).

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;

use crate::config::{Config, Numbering};
use crate::corpus::Corpus;
use crate::model::Kind;
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
}

/// Returns the next free id of a kind. A gap is never filled: its number may have been announced,
/// or be in use where this workspace cannot see.
pub fn next_id(kind: Kind, corpus: &Corpus, config: &Config, today: NaiveDate) -> String {
    let settings = config.kind(kind);
    let year = (settings.numbering == Numbering::Yearly).then(|| today.year());
    let last = corpus.numbers(kind, year).last().copied().unwrap_or(0);
    settings.id(today.year(), last + 1)
}

/// Fills the template of a kind.
///
/// # Errors
/// When the template is wrong.
pub fn compose(
    kind: Kind,
    request: &Request,
    corpus: &Corpus,
    config: &Config,
    templates: &Templates,
    today: NaiveDate,
) -> Result<Draft, TemplateError> {
    let id = next_id(kind, corpus, config, today);
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
    let data = Data {
        id: id.clone(),
        date: today.to_string(),
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
    };
    let name = format!("new/{}.yaml", kind.name());
    Ok(Draft {
        id,
        text: templates.render(&name, &data)?,
    })
}
