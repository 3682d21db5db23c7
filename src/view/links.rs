//! Reviews, bugs and references as labelled addresses.

use super::{LinkView, cve_url, one_line};
use crate::host;
use crate::model::{Document, Link, Review};

pub(super) fn review_link(review: &Review) -> LinkView {
    let erratum = review
        .details()
        .errata
        .as_ref()
        .map(|number| format!("erratum {}", number.value));
    let remark = review
        .link
        .remark()
        .map(|text| text.trim_matches(['-', ' ', '(', ')']).to_owned());
    let found = host::recognise(review.link.url());
    LinkView {
        label: found.as_ref().map_or_else(
            || review.link.url().to_owned(),
            |found| short(&found.number),
        ),
        url: found.map_or_else(|| review.link.url().to_owned(), |found| found.url),
        remark: remark.or(erratum).filter(|text| !text.is_empty()),
    }
}

/// A Change-Id is 41 characters; ten tell it apart.
pub(super) fn short(number: &str) -> String {
    if number.len() > 20 {
        format!("{}…", &number[..number.len().min(11)])
    } else {
        number.to_owned()
    }
}

/// Bugs that the references of a note do not describe already.
pub(super) fn bugs(document: &Document) -> Vec<LinkView> {
    let key = |url: &str| host::recognise(url).map(|found| found.key);
    let described: Vec<String> = document
        .note()
        .into_iter()
        .flat_map(|note| &note.references)
        .filter_map(|reference| key(reference.url.value.trim()))
        .collect();
    document
        .issues
        .iter()
        .filter(|link| !key(link.url()).is_some_and(|key| described.contains(&key)))
        .map(bug_link)
        .collect()
}

fn bug_link(link: &Link) -> LinkView {
    let found = host::recognise(link.url());
    LinkView {
        label: found.as_ref().map_or_else(
            || link.url().to_owned(),
            |found| format!("{} bug {}", found.host, found.number),
        ),
        url: found.map_or_else(|| link.url().to_owned(), |found| found.url),
        remark: link
            .remark()
            .map(|text| text.trim_matches(['-', ' ', '(', ')']).to_owned()),
    }
}

pub(super) fn references(document: &Document) -> Vec<LinkView> {
    let mut found = Vec::new();
    if let Some(note) = document.note() {
        for reference in &note.references {
            let url = one_line(&reference.url.value);
            let label = reference
                .description
                .as_ref()
                .map(|text| one_line(&text.value));
            found.push(LinkView {
                label: label.unwrap_or_else(|| url.clone()),
                url,
                remark: None,
            });
        }
    }
    if let Some(reference) = document.advisory().and_then(|body| body.reference.as_ref()) {
        let url = one_line(&reference.value);
        found.push(LinkView {
            label: "Announcement".into(),
            url,
            remark: None,
        });
    }
    for cve in document.cves() {
        found.push(LinkView {
            label: cve.to_owned(),
            url: cve_url(cve),
            remark: None,
        });
    }
    found.dedup_by(|a, b| a.url == b.url);
    tell_apart(&mut found);
    found
}

/// Adds the address to labels that say nothing alone: `[1]`, or one that several links have.
fn tell_apart(links: &mut [LinkView]) {
    let labels: Vec<String> = links.iter().map(|link| link.label.to_lowercase()).collect();
    for (at, link) in links.iter_mut().enumerate() {
        let repeated = labels
            .iter()
            .enumerate()
            .any(|(other, label)| other != at && *label == labels[at]);
        let is_number = link
            .label
            .trim_matches(['[', ']', '.', ' ', ':'])
            .parse::<u32>()
            .is_ok();
        if (repeated || is_number) && link.label != link.url {
            let named =
                host::recognise(&link.url).map(|found| format!("{} {}", found.host, found.number));
            link.label = format!(
                "{}: {}",
                link.label,
                named.unwrap_or_else(|| link.url.clone())
            );
        }
    }
}
