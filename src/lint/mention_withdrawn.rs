//! `mention-withdrawn`.

use super::Context;
use crate::corpus::texts;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::mention;
use crate::model::Document;

/// A withdrawn document is spoken of.
pub(super) static CODE: Code = Code {
    id: "mention-withdrawn",
    severity: Severity::Warning,
    summary: "a withdrawn document is named",
    explanation: "What a withdrawn document said does not hold any more. Who follows the reference is \
        misled. Name the document that took its place, or say that it was withdrawn and waive this.",
    since: None,
    example: Some(
        Example::advisory(
            "notes:\n  - See OSSA-2026-901 as well.\n",
            "notes:\n  - See OSSA-2026-900 as well.\n",
        )
        .beside(
            "id: OSSA-2026-901\nwithdrawn: 2026-04-01\nvulnerabilities:\n  - cve-id: CVE-2026-99999\n\
             reporters:\n  - name: A Name\n    affiliation: An Org\n    reported: [CVE-2026-99999]\n\
             issues:\n  links:\n    - https://launchpad.net/bugs/1000009\n",
        ),
    ),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for text in texts(document) {
        for (id, place) in mention::documents(&text.value, context.config) {
            let other = context
                .corpus
                .with_id(&id)
                .find(|other| other.withdrawn.is_some());
            if let Some(day) = other
                .filter(|other| other.file != document.file)
                .and_then(|other| other.withdrawn.as_ref())
            {
                let place = context.place(text, place);
                let message = format!("`{id}` was withdrawn on {}", day.text.value.trim());
                found.push(
                    CODE.at(place, message)
                        .help("name the document that took its place"),
                );
            }
        }
    }
    found
}
