//! `text-after-cve`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// Text stands behind a CVE id.
pub(super) static CODE: Code = Code {
    id: "text-after-cve",
    severity: Severity::Advice,
    summary: "text stands behind a CVE id",
    explanation: "Scripts take the whole value for the id. What there is to say of a vulnerability goes \
        into its `note`.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345 (the second flaw)\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    note: the second flaw\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    document
        .vulnerabilities
        .iter()
        .filter(|entry| entry.cve.id().is_some())
        .filter_map(|entry| entry.text.as_ref())
        .filter_map(|text| {
            let at = text.value.find(" (")?;
            let place = context.place(text, at + 1..text.value.trim_end().len());
            Some(
                CODE.at(place, "text behind a CVE id")
                    .help("move it to `note`"),
            )
        })
        .collect()
}
