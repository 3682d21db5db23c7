//! `cve-in-future`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::id::cve_year;
use chrono::Datelike as _;

/// A CVE id is of a later year than the document.
pub(super) static CODE: Code = Code {
    id: "cve-in-future",
    severity: Severity::Error,
    summary: "a CVE id is of a later year than the document",
    explanation: "An id carries the year in which it was reserved, which cannot lie after the publication. \
        Only an erratum can bring a later one. Most often a digit of the year is wrong.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2027-12345\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(year) = document.date.day.map(|day| day.year()) else {
        return Vec::new();
    };
    let late = document.errata.is_some() || !document.errata_history.is_empty();
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        let (Some(id), Some(text)) = (entry.cve.id(), &entry.text) else {
            continue;
        };
        if cve_year(id).is_some_and(|of| of > year) && !late {
            found.push(
                CODE.at(
                    text.span,
                    format!("`{id}` is of a later year than the document ({year})"),
                )
                .help("correct the id, or add an erratum when it was assigned later"),
            );
        }
    }
    found
}
