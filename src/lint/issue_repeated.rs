//! `issue-repeated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host;
use crate::model::Document;
use crate::model::Link;

/// The same bug is listed twice.
pub(super) static CODE: Code = Code {
    id: "issue-repeated",
    severity: Severity::Warning,
    summary: "the same bug is listed twice",
    explanation: "A doubled bug is a slip of the clipboard, and the second bug is missing. The forms of an \
        address do not matter: a bug is known by its number.",
    since: None,
    example: Some(Example::advisory(
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n    - https://bugs.launchpad.net/nova/+bug/1000001\n",
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n    - https://launchpad.net/bugs/1000002\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut seen: Vec<(String, &Link)> = Vec::new();
    for link in &document.issues {
        let Some(reference) = host::recognise(link.url()) else {
            continue;
        };
        match seen.iter().find(|(key, _)| *key == reference.key) {
            Some((_, first)) => found.push(
                CODE.at(
                    link.text.span,
                    format!("bug {} is listed already", reference.number),
                )
                .related(first.text.span, "here")
                .help("correct one of the two, or delete it"),
            ),
            None => seen.push((reference.key, link)),
        }
    }
    found
}
