//! `releases-undecided`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The tags do not tell.
pub(super) static CODE: Code = Code {
    id: "releases-undecided",
    severity: Severity::Advice,
    summary: "the tags do not tell which releases are affected",
    explanation: "No commit of the fix was found, a line holds only some of its changes, or a line was \
        open when the others were fixed and got nothing. vmt does not guess: the declared range stands, \
        unproven. Name the commits or Change-Ids under `fixes`, correct the range, or waive the finding \
        with the reason.",
    since: None,
    example: Some(
        Example::advisory(
            "fixes: []\n",
            "waivers:\n  - rule: releases-undecided\n    reason: the second change is a test\n",
        )
        .resolved(UNDECIDED),
    ),
};

/// A line that holds one of two changes.
const UNDECIDED: &str = r#"{"lock": 1, "products": {"nova": {"refs": "", "releases": [
"30.0.0 2024-10-02 2024.2/dalmatian", "30.2.2 2026-03-10 2024.2/dalmatian",
"31.2.1 2026-03-10 2025.1/epoxy", "32.1.1 2026-03-10 2025.2/flamingo"]}},
"documents": {"OSSA-2026-900": {"nova": {"inputs": "", "evidence": ["closes a bug"], "lines": [
{"line": "2024.2/dalmatian", "state": "fixed", "first": "30.2.2", "affected": ["30.0.0"], "partial": [1, 2]}]}}}}"#;

/// Checks one document.
pub(super) fn check<'a>(context: &Context<'a>, document: &'a Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for resolved in context.resolved(document) {
        let span = resolved.affected.version.span;
        // A claim that says nothing is the finding of other rules.
        if !resolved.says_versions {
            continue;
        }
        for reason in &resolved.verdict.open {
            let message = format!(
                "cannot say which releases of {} are affected: {reason}",
                resolved.product_name
            );
            found.push(
                CODE.at(span, message)
                    .help("name the commits under `fixes`, or waive this with the reason"),
            );
        }
    }
    found
}
