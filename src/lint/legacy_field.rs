//! `legacy-field`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A field that documents do not have any more.
pub(super) static CODE: Code = Code {
    id: "legacy-field",
    severity: Severity::Advice,
    summary: "a field that documents do not have any more",
    explanation: "The old rating and classification blocks were given up in 2015: they were copied from \
        elsewhere and seldom kept up. Write `cvss` and `cwe` where they are known.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    classification: {source: An Org, type: CWE, detail: CWE-22}\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cwe: [CWE-22]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        let source = entry
            .impact
            .as_ref()
            .and_then(|impact| impact.vector.as_ref().or(impact.rating.as_ref()));
        if let Some(text) = source {
            found.push(
                CODE.at(text.span, "`impact-assessment` went out of use")
                    .help("write `cvss`"),
            );
        }
        if let Some(text) = &entry.classification {
            found.push(
                CODE.at(text.span, "`classification` went out of use")
                    .help("write `cwe`"),
            );
        }
    }
    let announced = document.advisory().and_then(|body| body.reference.as_ref());
    found.extend(announced.map(|text| {
        CODE.at(text.span, "`reference` went out of use")
            .help("write a note")
    }));
    found
}
