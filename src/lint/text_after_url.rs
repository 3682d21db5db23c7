//! `text-after-url`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// Text stands behind an address.
pub(super) static CODE: Code = Code {
    id: "text-after-url",
    severity: Severity::Advice,
    summary: "text stands behind an address",
    explanation: "Scripts take the whole line for the address. vmt reads it and shows the text beside the \
        link; other tools break. A review that needs a remark can be a mapping with `url` and \
        `errata`.",
    since: None,
    example: Some(Example::advisory(
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001 (the first)\n",
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let links = document
        .issues
        .iter()
        .chain(document.all_reviews().map(|(_, review)| &review.link));
    let mut found = Vec::new();
    for link in links {
        let Some(remark) = link.remark() else {
            continue;
        };
        let Some(at) = link.text.value.find(remark) else {
            continue;
        };
        let place = context.place(&link.text, at..at + remark.len());
        found.push(
            CODE.at(place, "text behind an address")
                .help("move it to `notes`, or make the entry a mapping"),
        );
    }
    found
}
