//! `cve-in-two-documents`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// Two documents list the same CVE.
pub(super) static CODE: Code = Code {
    id: "cve-in-two-documents",
    severity: Severity::Warning,
    summary: "two documents list the same CVE",
    explanation: "A CVE belongs to one advisory. Two may share it when a note accompanies an advisory, or \
        when one continues the other; then one of them names the other by its id, and this rule \
        is silent.",
    since: None,
    example: Some(Example::advisory("", "vulnerabilities:\n  - cve-id: CVE-2026-12345\n").beside("id: OSSA-2026-901\nissues:\n  links: [https://launchpad.net/bugs/1000009]\nreviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000011]\n  2025.2/flamingo: [https://review.opendev.org/1000012]\n  2025.1/epoxy: [https://review.opendev.org/1000013]\n  2024.2/dalmatian: [https://review.opendev.org/1000014]\n")),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        let (Some(id), Some(text)) = (entry.cve.id(), &entry.text) else {
            continue;
        };
        let linked = |other: &Document| mentions(document, other) || mentions(other, document);
        let other = context.corpus.with_cve(id).find(|other| {
            other.file != document.file && other.kind == document.kind && !linked(other)
        });
        let place = other.and_then(|other| {
            let theirs = other
                .vulnerabilities
                .iter()
                .find(|entry| entry.cve.id() == Some(id))?;
            Some((other, theirs.text.as_ref()?.span))
        });
        if let Some((other, span)) = place {
            found.push(
                CODE.at(
                    text.span,
                    format!("`{id}` is listed by `{}`, too", other.name()),
                )
                .related(span, "here")
                .help("correct one of them, or let one document name the other in its prose"),
            );
        }
    }
    found
}

/// Whether a document's prose names another.
fn mentions(document: &Document, other: &Document) -> bool {
    document
        .prose()
        .iter()
        .any(|(_, text)| text.value.contains(other.name()))
}
