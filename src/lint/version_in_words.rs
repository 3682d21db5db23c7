//! `version-in-words`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::tree::yaml::quote;
use crate::version::expression::Dialect;

/// Affected versions are given in words.
pub(super) static CODE: Code = Code {
    id: "version-in-words",
    severity: Severity::Warning,
    summary: "affected versions are given in words",
    explanation: "Words such as \"up to\" are read, but only by vmt: other tools know comparators. `--fix` \
        writes the same versions as comparators.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: up to 32.1.0\n",
        "affected-products:\n  - product: nova\n    version: '<=32.1.0'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        let (Dialect::Prose, Some(canonical)) = (expression.dialect, expression.canonical()) else {
            continue;
        };
        let bare = !affected.version.value.trim().contains(' ');
        if bare {
            // A lone version is `bare-version`.
            continue;
        }
        let text = &affected.version;
        found.push(
            CODE.at(text.span, "versions in words")
                .help(format!("write `{canonical}`"))
                .replace(text.span, quote(&canonical), format!("write `{canonical}`")),
        );
    }
    found
}
