//! `cve-malformed`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Cve;
use crate::model::Document;

/// A CVE id that is none.
pub(super) static CODE: Code = Code {
    id: "cve-malformed",
    severity: Severity::Error,
    summary: "a CVE id that is none",
    explanation: "Links, data files and scanners go by the id: `CVE-`, a year, a hyphen and at least four \
        digits. Where there is no id yet, write `pending`.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-123\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        if let (Cve::Malformed, Some(text)) = (&entry.cve, &entry.text) {
            found.push(
                CODE.at(text.span, format!("`{}` is no CVE id", text.value.trim()))
                    .help("write it like `CVE-2026-12345`, or `pending`"),
            );
        }
    }
    found
}
