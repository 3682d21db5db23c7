//! What a mail says, so that what goes out later can be held against it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::prose;
use crate::view::DocumentView;

/// What a mail says of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Title.
    pub title: String,
    /// CVE ids.
    pub cves: Vec<String>,
    /// Versions by product.
    pub affected: BTreeMap<String, String>,
    /// Moment of the disclosure (RFC 3339), where one is planned.
    pub disclosure: Option<String>,
    /// Labels of the branches with patches.
    pub branches: BTreeSet<String>,
    /// Names of the people credited.
    pub credits: BTreeSet<String>,
    /// Bugs and further reading.
    pub references: BTreeSet<String>,
    /// Prose by heading, a paragraph an item.
    pub prose: BTreeMap<String, Vec<String>>,
}

/// Returns what a mail about a document says now.
pub fn of(document: &DocumentView<'_>) -> Facts {
    let embargo = document.document.embargo.as_ref();
    let affected = document.content().affected.iter();
    let branches = document
        .content()
        .patches_by_product
        .iter()
        .flat_map(|product| product.branches.iter())
        .map(|branch| branch.branch.clone());
    let links = document
        .content()
        .bugs
        .iter()
        .chain(&document.content().references);
    Facts {
        title: document.title.clone(),
        cves: document.cves().map(str::to_owned).collect(),
        affected: affected
            .map(|line| (line.product.clone(), line.versions.clone()))
            .collect(),
        disclosure: embargo
            .and_then(|embargo| embargo.moment())
            .map(|moment| moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        branches: branches.collect(),
        credits: document
            .content()
            .credits
            .iter()
            .map(|person| person.name.clone())
            .collect(),
        references: links.map(|link| link.url.clone()).collect(),
        prose: document
            .content()
            .sections
            .iter()
            .map(|section| {
                let blocks = section.blocks.iter();
                let paragraphs = blocks.map(|block| prose::plain(std::slice::from_ref(block)));
                (section.title.to_owned(), paragraphs.collect())
            })
            .collect(),
    }
}

/// Returns what differs between what was said and what is to be said, a line each: what a coordinator
/// has to own.
pub fn differences(said: &Facts, now: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    let mut changed = |what: &str, was: &str, is: &str| {
        if was != is {
            let or_nothing = |text: &str| match text {
                "" => "nothing".to_owned(),
                text => format!("`{text}`"),
            };
            found.push(format!(
                "{what}: was {}, is {}",
                or_nothing(was),
                or_nothing(is)
            ));
        }
    };
    changed("title", &said.title, &now.title);
    changed("CVE", &said.cves.join(", "), &now.cves.join(", "));
    let products: BTreeSet<&String> = said.affected.keys().chain(now.affected.keys()).collect();
    for product in products {
        let of = |facts: &Facts| facts.affected.get(product).cloned().unwrap_or_default();
        changed(&format!("affected {product}"), &of(said), &of(now));
    }
    if let (Some(planned), Some(now)) = (&said.disclosure, &now.disclosure) {
        changed("disclosure", planned, now);
    }
    for (what, said, now) in [
        ("patches for", &said.branches, &now.branches),
        ("credit to", &said.credits, &now.credits),
        ("reference", &said.references, &now.references),
    ] {
        // A notice carries files; the reviews come with the publication.
        let is_first = what == "patches for" && said.is_empty();
        if !is_first {
            found.extend(
                now.difference(said)
                    .map(|item| format!("{what} {item}: new")),
            );
        }
        found.extend(
            said.difference(now)
                .map(|item| format!("{what} {item}: gone")),
        );
    }
    let titles: BTreeSet<&String> = said.prose.keys().chain(now.prose.keys()).collect();
    for title in titles {
        let of = |facts: &'_ Facts| facts.prose.get(title).cloned().unwrap_or_default();
        let (was, is) = (of(said), of(now));
        let gone = was.iter().filter(|text| !is.contains(text));
        found.extend(gone.map(|text| format!("{title}, gone: {text}")));
        let new = is.iter().filter(|text| !was.contains(text));
        found.extend(new.map(|text| format!("{title}, new: {text}")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_difference_is_a_line_and_equal_facts_have_none() {
        let said = Facts {
            title: "Nova flaw".into(),
            affected: [("Nova".to_owned(), "<30.2.2".to_owned())].into(),
            disclosure: Some("2026-11-24T15:00:00Z".into()),
            credits: ["Zoë Example".to_owned()].into(),
            prose: [(
                "Description".to_owned(),
                vec!["One.".to_owned(), "Two.".to_owned()],
            )]
            .into(),
            ..Facts::default()
        };
        assert!(differences(&said, &said).is_empty());
        let mut now = said.clone();
        now.cves = vec!["CVE-2026-12345".into()];
        now.affected = [("Nova".to_owned(), "<30.2.3".to_owned())].into();
        now.disclosure = None;
        now.branches = ["2026.1/gazpacho".to_owned()].into();
        now.credits = ["Ann Example".to_owned()].into();
        now.prose = [(
            "Description".to_owned(),
            vec!["One.".to_owned(), "2.".to_owned()],
        )]
        .into();
        insta::assert_snapshot!(differences(&said, &now).join("\n"), @"
        CVE: was nothing, is `CVE-2026-12345`
        affected Nova: was `<30.2.2`, is `<30.2.3`
        credit to Ann Example: new
        credit to Zoë Example: gone
        Description, gone: Two.
        Description, new: 2.
        ");
    }
}
