//! `reporter-cve-unlisted`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Cve;
use crate::model::Document;

/// A reporter is credited with a CVE that the document lacks.
pub(super) static CODE: Code = Code {
    id: "reporter-cve-unlisted",
    severity: Severity::Error,
    summary: "a reporter is credited with a CVE that the document lacks",
    explanation: "The same id is written twice in a document, and a slip in one of them credits the wrong \
        vulnerability. What is `pending` in `reported` has to be pending in `vulnerabilities`, \
        too.",
    since: None,
    example: Some(Example::advisory(
        "reporters:\n  - name: A Name\n    affiliation: An Org\n    reported: [CVE-2026-12354]\n",
        "reporters:\n  - name: A Name\n    affiliation: An Org\n    reported: [CVE-2026-12345]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for text in document
        .reporters
        .iter()
        .flat_map(|reporter| &reporter.reported)
    {
        let wanted = Cve::read(&text.value);
        let listed = match &wanted {
            Cve::Assigned(id) => document.cves().any(|cve| cve == id),
            Cve::Pending => document.awaits_cve(),
            Cve::Malformed => false,
        };
        if !listed {
            found.push(
                CODE.at(
                    text.span,
                    format!("`{}` is not in `vulnerabilities`", text.value.trim()),
                )
                .help("correct it here, or list it there"),
            );
        }
    }
    found
}
