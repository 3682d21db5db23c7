//! `cwe-malformed`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A weakness id that is none.
pub(super) static CODE: Code = Code {
    id: "cwe-malformed",
    severity: Severity::Warning,
    summary: "a weakness id that is none",
    explanation: "Weaknesses are named by their number in the Common Weakness Enumeration: `CWE-22`. Other \
        words cannot be looked up.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cwe: [path traversal]\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cwe: [CWE-22]\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for text in document.vulnerabilities.iter().flat_map(|entry| &entry.cwe) {
        let number = text.value.trim().strip_prefix("CWE-").unwrap_or_default();
        if number.is_empty()
            || number.len() > 5
            || !number.bytes().all(|byte| byte.is_ascii_digit())
        {
            found.push(
                CODE.at(text.span, format!("`{}` is no CWE id", text.value.trim()))
                    .help("write it like `CWE-22`"),
            );
        }
    }
    for text in document
        .vulnerabilities
        .iter()
        .filter_map(|entry| entry.classification.as_ref())
    {
        // Chains such as `CWE-20->CWE-22` were allowed then.
        if !text.is_blank() && !text.value.contains("CWE-") {
            found.push(
                CODE.at(text.span, format!("`{}` is no CWE id", text.value.trim()))
                    .help("write it, or delete the block"),
            );
        }
    }
    found
}
