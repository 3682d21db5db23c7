//! `releases-outdated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::release;

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
    let mut found = Vec::new();
    if context.lock.documents.is_empty() && context.lock.products.is_empty() {
        return found;
    }
    for pair in release::pairs(document, context.config) {
        let entry = context.lock.entry(document.name(), pair.product);
        let message = match entry {
            None => format!("the releases of {} are not resolved yet", pair.product),
            Some(entry)
                if !entry.inputs.is_empty()
                    && entry.inputs != release::inputs(&pair, context.config) =>
            {
                format!(
                    "the document changed since the releases of {} were resolved",
                    pair.product
                )
            }
            Some(_) => continue,
        };
        found.push(
            CODE.at(pair.span, message)
                .help("run `vmt releases resolve`"),
        );
    }
    found
}
