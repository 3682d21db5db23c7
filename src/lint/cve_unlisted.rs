//! `cve-unlisted`.

use std::collections::BTreeSet;

use chrono::Datelike as _;

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::id::{cve_year, cves_in};

/// A CVE in prose that the document does not list.
pub(super) static CODE: Code = Code {
    id: "cve-unlisted",
    severity: Severity::Warning,
    summary: "prose names a CVE that `vulnerabilities` does not list",
    explanation: "Readers and scanners go by `vulnerabilities`. A CVE that only the prose names is \
        either missing there, or mistyped in one of the two places. A CVE of another document that \
        the text refers to is no finding when that document is known.",
    since: None,
    example: Some(Example::advisory(
        "description: A Name from An Org reported a flaw in Nova (CVE-2026-19999).\n",
        "description: A Name from An Org reported a flaw in Nova (CVE-2026-12345).\n",
    )),
};

/// Words before a CVE that make it another document's.
const REFERRING: [&str; 12] = [
    "regression",
    "fix for",
    "fixes for",
    "variant",
    "incomplete",
    "similar",
    "related",
    "follow-up",
    "unlike",
    "different from",
    "distinct from",
    "see also",
];

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut listed: BTreeSet<String> = document.cves().map(str::to_owned).collect();
    // Notes of upstream's shape give their CVEs among the references.
    for reference in document
        .note()
        .map(|note| note.references.as_slice())
        .unwrap_or_default()
    {
        let texts = std::iter::once(&reference.url).chain(&reference.description);
        listed.extend(
            texts
                .flat_map(|text| cves_in(&text.value))
                .map(|(_, cve)| cve),
        );
    }
    let year = document.date.day.map(|day| day.year());
    // Errata name the wrong id of the first version on purpose.
    let prose = document
        .prose()
        .into_iter()
        .filter(|(field, _)| *field != "errata");
    let mut found = Vec::new();
    let mut said = BTreeSet::new();
    for (field, text) in prose {
        for (place, cve) in cves_in(&text.value) {
            let elsewhere = context.corpus.with_cve(&cve).next().is_some();
            // Years older than the document: it is the CVE of what came before.
            let older = cve_year(&cve)
                .zip(year)
                .is_some_and(|(of, year)| of < year - 1);
            if listed.contains(&cve)
                || elsewhere
                || older
                || refers(context, &text.value[..place.start])
                || !said.insert(cve.clone())
            {
                continue;
            }
            found.push(
                CODE.at(
                    context.place(text, place),
                    format!("{field} names `{cve}`, which `vulnerabilities` does not list"),
                )
                .help("list it there, or correct it here"),
            );
        }
    }
    found
}

/// Whether the words before a CVE say that it is another document's: its id, or "a regression of".
fn refers(context: &Context<'_>, before: &str) -> bool {
    let mut start = before.len().saturating_sub(40);
    while !before.is_char_boundary(start) {
        start += 1;
    }
    let before = before[start..].to_lowercase();
    let ids = [&context.config.advisory.prefix, &context.config.note.prefix];
    let named = ids
        .iter()
        .any(|prefix| before.contains(&format!("{}-", prefix.to_lowercase())));
    named || REFERRING.iter().any(|word| before.contains(word))
}
