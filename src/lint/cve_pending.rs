//! `cve-pending`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Cve;
use crate::model::Document;

/// A published document still awaits a CVE.
pub(super) static CODE: Code = Code {
    id: "cve-pending",
    severity: Severity::Warning,
    summary: "a published document still awaits a CVE",
    explanation: "The CVE is what scanners, distributions and customers look for. Once it is assigned, \
        enter it and add an erratum that says so. As long as the team waits for it, the document \
        may waive this rule with a reason.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: pending\nreporters:\n  - name: A Name\n    affiliation: An Org\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let published =
        !document.is_private() && document.date.day.is_some_and(|day| day <= context.today);
    if !published || document.withdrawn.is_some() {
        return Vec::new();
    }
    let waiting = document
        .vulnerabilities
        .iter()
        .find(|entry| entry.cve == Cve::Pending);
    let Some(entry) = waiting else {
        return Vec::new();
    };
    let span = entry.text.as_ref().map_or(entry.span, |text| text.span);
    let days = document
        .date
        .day
        .map_or(0, |day| (context.today - day).num_days());
    vec![
        CODE.at(
            span,
            format!("the CVE is pending {days} days after publication"),
        )
        .help("enter the id, with an erratum, once it is assigned"),
    ]
}
