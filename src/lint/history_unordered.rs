//! `history-unordered`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The history is not in order, the newest line first.
pub(super) static CODE: Code = Code {
    id: "history-unordered",
    severity: Severity::Warning,
    summary: "the history is not in order, the newest line first",
    explanation: "Readers look at the first line for what is new. `Errata 2` stands above `Errata 1`, and \
        the original version at the end.",
    since: None,
    example: Some(Example::advisory(
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-03 - Original Version\n  - 2026-03-05 - Errata 1\n",
        "errata: A patch was revised.\nerrata_history:\n  - 2026-03-05 - Errata 1\n  - 2026-03-03 - Original Version\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for pair in document.errata_history.windows(2) {
        let [newer, older] = pair else { continue };
        let (Some(newer_day), Some(older_day)) = (newer.day, older.day) else {
            continue;
        };
        if newer_day < older_day || newer.is_original() {
            found.push(
                CODE.at(older.text.span, "this line is newer than the one above it")
                    .related(newer.text.span, "the line above")
                    .help("put the newest line first"),
            );
        }
    }
    found
}
