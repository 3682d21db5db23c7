//! `affiliation-placeholder`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A word stands where an organisation belongs.
pub(super) static CODE: Code = Code {
    id: "affiliation-placeholder",
    severity: Severity::Advice,
    summary: "a word stands where an organisation belongs",
    explanation: "Readers see \"UNKNOWN\" or \"none\" as the name of an organisation. Leave `affiliation` \
        out where there is none, or where it is not known.",
    since: None,
    example: Some(Example::advisory(
        "reporters:\n  - name: A Name\n    affiliation: UNKNOWN\n    reported: [CVE-2026-12345]\n",
        "reporters:\n  - name: A Name\n    reported: [CVE-2026-12345]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let words = [
        "unknown",
        "none",
        "n/a",
        "na",
        "unaffiliated",
        "-",
        "no affiliation",
    ];
    document
        .reporters
        .iter()
        .filter_map(|reporter| reporter.affiliation.as_ref())
        .filter(|text| words.contains(&text.value.trim().to_lowercase().as_str()))
        .map(|text| {
            CODE.at(
                text.span,
                format!("`{}` is no organisation", text.value.trim()),
            )
            .help("delete the line")
        })
        .collect()
}
