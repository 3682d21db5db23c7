//! `duplicate-id`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// Two documents with one id.
pub(super) static CODE: Code = Code {
    id: "duplicate-id",
    severity: Severity::Error,
    summary: "two documents have the same id",
    explanation: "An id names one document for ever. The page of one would overwrite the other's.",
    since: None,
    example: Some(Example::advisory("", "").beside(
        "id: OSSA-2026-900\nvulnerabilities:\n  - cve-id: CVE-2026-12399\nreporters:\n  - name: A Name\n",
    )),
};

/// Checks all documents.
pub(super) fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for document in context.corpus.documents() {
        let first = context.corpus.with_id(document.name()).next();
        let Some(first) = first.filter(|first| first.file != document.file) else {
            continue;
        };
        if document.id_text.is_blank() {
            continue;
        }
        found.push(report(document, first));
    }
    found
}

fn report(document: &Document, first: &Document) -> Diagnostic {
    CODE.at(
        document.id_text.span,
        format!("`{}` is taken", document.name()),
    )
    .related(first.id_text.span, "by this document")
    .help("give the newer one the next free number (`vmt new advisory` knows it)")
}
