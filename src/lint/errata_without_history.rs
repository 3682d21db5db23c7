//! `errata-without-history`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// There are errata, but no history.
pub(super) static CODE: Code = Code {
    id: "errata-without-history",
    severity: Severity::Warning,
    summary: "there are errata, but no history",
    explanation: "Readers of the first version need to know when it changed. Each erratum has a line in \
        `errata_history`, with its day.",
    since: None,
    example: Some(Example::advisory(
        "errata: A patch was revised.\n",
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    match &document.errata {
        Some(errata) if !errata.is_blank() && document.errata_history.is_empty() => {
            vec![
                CODE.at(errata.span, "no line of `errata_history` says when")
                    .help("add `errata_history`"),
            ]
        }
        _ => Vec::new(),
    }
}
