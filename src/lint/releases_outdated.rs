//! `releases-outdated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::release::Pair;

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
    let outdated = context
        .pairs
        .get(&document.file)
        .map(|pairs| &pairs.outdated);
    let finding = |(pair, is_known): &(Pair<'a>, bool)| {
        let message = match is_known {
            true => format!(
                "the document changed since the releases of {} were resolved",
                pair.product
            ),
            false => format!("the releases of {} are not resolved yet", pair.product),
        };
        CODE.at(pair.span, message)
            .help("run `vmt releases resolve`")
    };
    outdated.into_iter().flatten().map(finding).collect()
}
