//! The pairs of document and product that are resolved, and what the document knows of each fix.

use chrono::NaiveDate;

use super::Pair;
use crate::config::Config;
use crate::corpus::Corpus;
use crate::host::{self, Role};
use crate::model::branch::{Branch, BranchKind};
use crate::model::{Document, Review, ReviewGroup};
use crate::version::claim::{Claim, Gap};
use crate::version::expression::{Expression, Reading};
use crate::{patches, services};

/// A review that a document lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReview {
    /// Its number, or the Change-Id that its address asks for.
    pub number: String,
    /// Name of the series that it is listed under, where the key names a known one.
    pub series: Option<String>,
    /// Whether it is listed under the development branch.
    pub is_master: bool,
    /// Whether entry, branch or address say that it is for this product.
    pub is_own: bool,
}

/// What a document says of the fix, stronger than a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFix {
    /// A commit id, or its first digits.
    pub commit: Option<String>,
    /// A Change-Id.
    pub change_id: Option<String>,
    /// The commit that brought the flaw.
    pub introduced: Option<String>,
}

/// What to look for in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clues {
    /// Numbers of the bugs.
    pub bugs: Vec<u32>,
    /// The document's id and its CVEs.
    pub ids: Vec<String>,
    /// The reviews for this product, or for no product in particular.
    pub reviews: Vec<ListedReview>,
    /// Explicit evidence.
    pub fixes: Vec<NamedFix>,
    /// The last day on which the document changed.
    pub last_day: Option<NaiveDate>,
}

/// Returns the pairs of a document, each product once, in the order written. A product that
/// vmt.toml does not know has no pair.
pub fn pairs<'a>(document: &'a Document, config: &'a Config) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for affected in &document.affected {
        let expression = Expression::parse(&affected.version.value);
        for product in named_products(&affected.product.value, &expression, config) {
            let claim = Claim::of(&expression, &config.names_of(product));
            match pairs.iter_mut().find(|pair| pair.product == product) {
                Some(pair) => {
                    pair.claim = pair.claim.clone().or(claim);
                    pair.declared = format!("{}, {}", pair.declared, affected.version.value.trim());
                }
                None => pairs.push(Pair {
                    document,
                    product,
                    affected: Some(affected),
                    declared: affected.version.value.trim().to_owned(),
                    span: affected.product.span,
                    claim,
                }),
            }
        }
    }
    add_services(document, config, &mut pairs);
    pairs
}

/// Adds the products that only the free text of a note names. What `affected-products` says of a
/// product stands; that it leaves one out does not mean that the note does.
fn add_services<'a>(document: &'a Document, config: &'a Config, pairs: &mut Vec<Pair<'a>>) {
    let Some(note) = document.note() else {
        return;
    };
    let listed = pairs.len();
    for service in services::of_note(note, config) {
        let Some(product) = config.product(&service.product).filter(|_| service.known) else {
            continue;
        };
        let product = product.name.as_str();
        let claim = match &service.version {
            Some(version) => Claim::read(version, &config.names_of(product)),
            None => Claim::Unknown(Gap::Unstated),
        };
        match pairs.iter().position(|pair| pair.product == product) {
            Some(at) if at < listed => {}
            Some(at) => pairs[at].claim = pairs[at].claim.clone().or(claim),
            None => pairs.push(Pair {
                document,
                product,
                affected: None,
                declared: service.verbatim,
                span: note.services[service.item].span,
                claim,
            }),
        }
    }
}

/// Returns every pair of a corpus, by document and then in the order written.
pub fn all_pairs<'a>(corpus: &'a Corpus, config: &'a Config) -> Vec<Pair<'a>> {
    let documents = corpus.documents().iter();
    documents
        .flat_map(|document| pairs(document, config))
        .collect()
}

/// The canonical names in a `product` field: one name, or several with commas or blanks between
/// them; else those in the version expression.
fn named_products<'a>(text: &str, expression: &Expression, config: &'a Config) -> Vec<&'a str> {
    let known = |name: &str| config.product(name).map(|product| product.name.as_str());
    if let Some(one) = known(text) {
        return vec![one];
    }
    let listed: Vec<&str> = text
        .split([',', ';', '/', '&'])
        .flat_map(|part| part.split(" and "))
        .filter_map(known)
        .collect();
    match &expression.reading {
        Reading::Several(parts) if listed.is_empty() => {
            parts.iter().filter_map(|(name, _)| known(name)).collect()
        }
        _ => listed,
    }
}

/// Returns the products of a document that vmt.toml does not know, each once, with what is declared of
/// them.
pub fn unknown_products<'a>(document: &'a Document, config: &Config) -> Vec<(&'a str, &'a str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for affected in &document.affected {
        let (text, version) = (
            affected.product.value.as_str(),
            affected.version.value.trim(),
        );
        let expression = Expression::parse(version);
        let in_version = matches!(expression.reading, Reading::Several(_));
        if config.product(text).is_some()
            || in_version && !named_products(text, &expression, config).is_empty()
        {
            continue;
        }
        let parts = text
            .split([',', ';', '/', '&'])
            .flat_map(|part| part.split(" and "));
        for name in parts.map(str::trim).filter(|name| !name.is_empty()) {
            if config.product(name).is_none() && !found.iter().any(|(known, _)| *known == name) {
                found.push((name, version));
            }
        }
    }
    found
}

/// Returns what a document says of the fix in a product.
pub fn clues(pair: &Pair<'_>, config: &Config) -> Clues {
    let document = pair.document;
    let mut bugs: Vec<u32> = document
        .issues
        .iter()
        .filter_map(|link| host::recognise(link.url()))
        .chain(document.note().into_iter().flat_map(|note| {
            let links = note.references.iter();
            links.filter_map(|link| host::recognise(link.url.value.trim()))
        }))
        .filter(|reference| reference.role == Role::Bug)
        .filter_map(|reference| reference.number.parse().ok())
        .collect();
    bugs.sort_unstable();
    bugs.dedup();
    let mut ids: Vec<String> = document.cves().map(str::to_owned).collect();
    ids.push(document.name().to_owned());
    let reviews = document
        .all_reviews()
        .filter(|(group, review)| {
            product_of(group, review, config).is_none_or(|name| name == pair.product)
        })
        .filter_map(|(group, review)| listed(group, review, pair.product, config))
        .chain(named_in_actions(pair, config))
        .collect();
    let text = |text: Option<&crate::model::Text>| text.map(|text| text.value.trim().to_owned());
    let fixes = document
        .advisory()
        .map(|body| body.fixes.as_slice())
        .unwrap_or_default()
        .iter()
        .filter(|fix| {
            config
                .product(&fix.product.value)
                .is_some_and(|found| found.name == pair.product)
        })
        .map(|fix| NamedFix {
            commit: text(fix.commit.as_ref()),
            change_id: text(fix.change_id.as_ref()),
            introduced: text(fix.introduced.as_ref()),
        })
        .chain(
            document
                .all_reviews()
                .filter(|(group, review)| {
                    (review.details().commit.is_some() || review.details().change_id.is_some())
                        && product_of(group, review, config)
                            .is_some_and(|name| name == pair.product)
                })
                .map(|(_, review)| NamedFix {
                    commit: text(review.details().commit.as_ref()),
                    change_id: text(review.details().change_id.as_ref()),
                    introduced: None,
                }),
        )
        .collect();
    let revisions = document
        .errata_history
        .iter()
        .filter_map(|revision| revision.day);
    Clues {
        bugs,
        ids,
        reviews,
        fixes,
        last_day: revisions.chain(document.date.day).max(),
    }
}

/// Returns a digest of everything besides the history that the outcome for a pair depends on.
pub fn inputs(pair: &Pair<'_>, config: &Config) -> String {
    let text = format!(
        "{:?} {:?}",
        clues(pair, config),
        config.starts_of(pair.product)
    );
    crate::git::digest(text.as_bytes()).map_or_else(String::new, |digest| digest[..16].to_owned())
}

/// Returns the canonical name of the product that a review is for, where its entry, its branch or
/// its address says so.
pub fn product_of<'a>(group: &ReviewGroup, review: &Review, config: &'a Config) -> Option<&'a str> {
    let named = review
        .details()
        .product
        .as_ref()
        .map(|text| text.value.as_str());
    let named = named.or(group.branch.product());
    let address = host::recognise(review.link.url()).and_then(|found| found.project);
    let last = address
        .as_deref()
        .and_then(|project| project.rsplit('/').next());
    let product = config.product(named.or(last)?)?;
    Some(product.name.as_str())
}

/// The reviews for a product, or for none in particular, that the prose of a note names.
fn named_in_actions(pair: &Pair<'_>, config: &Config) -> Vec<ListedReview> {
    let Some(note) = pair.document.note() else {
        return Vec::new();
    };
    let patches = patches::of_note(pair.document, note, config).into_iter();
    let mine = patches.filter(|patch| {
        patch
            .product
            .as_deref()
            .is_none_or(|name| name == pair.product)
    });
    mine.filter_map(|patch| {
        let branch = patch.branch.as_deref().map(Branch::read);
        let series = branch
            .as_ref()
            .and_then(|branch| config.series(branch.series()?));
        Some(ListedReview {
            number: host::recognise(&patch.url)?.number,
            series: series.map(|series| series.name.clone()),
            is_master: branch.is_some_and(|branch| branch.kind == BranchKind::Master),
            is_own: false,
        })
    })
    .collect()
}

fn listed(
    group: &ReviewGroup,
    review: &Review,
    product: &str,
    config: &Config,
) -> Option<ListedReview> {
    let reference = host::recognise(review.link.url())?;
    let series = group.branch.series().and_then(|name| config.series(name));
    Some(ListedReview {
        number: reference.number,
        series: series.map(|series| series.name.clone()),
        is_master: group.branch.kind == BranchKind::Master,
        is_own: product_of(group, review, config) == Some(product),
    })
}
