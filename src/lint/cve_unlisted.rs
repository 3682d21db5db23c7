//! `cve-unlisted`.

use std::collections::BTreeSet;

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::id::cves_in;

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

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let listed: BTreeSet<&str> = document.cves().collect();
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
            if listed.contains(cve.as_str()) || elsewhere || !said.insert(cve.clone()) {
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
