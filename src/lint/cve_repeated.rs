//! `cve-repeated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A document lists the same CVE twice.
pub(super) static CODE: Code = Code {
    id: "cve-repeated",
    severity: Severity::Error,
    summary: "a document lists the same CVE twice",
    explanation: "Each vulnerability has an id of its own. A doubled one is a slip of the clipboard, and \
        the right id is missing.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n  - cve-id: CVE-2026-12345\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n  - cve-id: CVE-2026-12346\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, entry) in document.vulnerabilities.iter().enumerate() {
        let (Some(id), Some(text)) = (entry.cve.id(), &entry.text) else {
            continue;
        };
        let first = document.vulnerabilities[..at]
            .iter()
            .find(|other| other.cve.id() == Some(id));
        if let Some(first) = first.and_then(|first| first.text.as_ref()) {
            found.push(
                CODE.at(text.span, format!("`{id}` is listed already"))
                    .related(first.span, "here")
                    .help("correct one of the two, or delete it"),
            );
        }
    }
    found
}
