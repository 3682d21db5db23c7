//! `releases-outdated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::release::lock::Entry;
use crate::release::{self, Pair};

/// releases.lock does not know the document as it is.
pub(super) static CODE: Code = Code {
    id: "releases-outdated",
    severity: Severity::Warning,
    summary: "releases.lock does not know the document as it is now",
    explanation: "The bugs, reviews, fixes or dates of the document changed since its releases were \
        resolved, or it was never resolved. What the site says of its releases may be wrong. Run `vmt \
        releases resolve` and commit releases.lock with the document.",
    since: None,
    example: Some(
        Example::advisory(
            "fixes: []\n",
            "waivers:\n  - rule: releases-outdated\n    reason: the product has no clone\n",
        )
        .resolved(
            r#"{"lock": 1, "products": {"nova": {"refs": "", "releases": []}}, "documents": {}}"#,
        ),
    ),
};

/// Checks one document.
pub(super) fn check<'a>(context: &Context<'a>, document: &'a Document) -> Vec<Diagnostic> {
    let all = context.pairs.get(&document.file).map(|pairs| &pairs.all);
    let outdated = all.into_iter().flatten().filter(|(pair, entry)| {
        let is_current = |entry: &Entry| {
            entry.inputs.is_empty() || entry.inputs == release::inputs(pair, context.config)
        };
        !entry.is_some_and(is_current)
    });
    let finding = |(pair, entry): &(Pair<'a>, Option<&Entry>)| {
        let message = match entry {
            Some(_) => format!(
                "the document changed since the releases of {} were resolved",
                pair.product
            ),
            None => format!("the releases of {} are not resolved yet", pair.product),
        };
        CODE.at(pair.span, message)
            .help("run `vmt releases resolve`")
    };
    outdated.map(finding).collect()
}
