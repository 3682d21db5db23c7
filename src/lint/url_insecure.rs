//! `url-insecure`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// An address begins with http instead of https.
pub(super) static CODE: Code = Code {
    id: "url-insecure",
    severity: Severity::Warning,
    summary: "an address begins with http instead of https",
    explanation: "Whoever sits between a reader and the site can change what an `http` page says, also \
        when it only redirects. Every host that documents link to serves `https`. `--fix` writes \
        it.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "issues:\n  links:\n    - http://launchpad.net/bugs/1000001\n",
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let reviews = document.all_reviews().map(|(_, review)| &review.link.text);
    let issues = document.issues.iter().map(|link| &link.text);
    let note = document
        .note()
        .map(|note| note.references.as_slice())
        .unwrap_or_default();
    let references = note.iter().map(|reference| &reference.url);
    issues
        .chain(reviews)
        .chain(references)
        .filter_map(|text| {
            let at = text
                .value
                .find("http://")
                .filter(|at| text.value[..*at].trim().is_empty())?;
            let place = context.place(text, at..at + "http://".len());
            Some(CODE.at(place, "the address begins with `http://`").replace(
                place,
                "https://",
                "write https",
            ))
        })
        .collect()
}
