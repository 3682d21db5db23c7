//! `reporter-uncredited`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::Text;

/// The description names some reporters, but not this one.
pub(super) static CODE: Code = Code {
    id: "reporter-uncredited",
    severity: Severity::Advice,
    summary: "the description names some reporters, but not this one",
    explanation: "Everybody in `reporters` is credited on the page and in the data files. In the \
        description one of them was forgotten, or `reporters` has one too many.",
    since: None,
    example: Some(Example::advisory(
        "reporters:\n  - name: A Name\n    affiliation: An Org\n  - name: Another Person\n    affiliation: An Org\n",
        "reporters:\n  - name: A Name\n    affiliation: An Org\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(body) = document.advisory() else {
        return Vec::new();
    };
    let said = body.description.value.to_lowercase();
    let named = |text: &Text| {
        let name = text.value.trim().to_lowercase();
        name.split_whitespace()
            .last()
            .is_none_or(|last| said.contains(last))
    };
    // None named at all is `credit-missing`.
    if !document
        .reporters
        .iter()
        .any(|reporter| named(&reporter.name))
    {
        return Vec::new();
    }
    document
        .reporters
        .iter()
        .filter(|reporter| !named(&reporter.name))
        .map(|reporter| {
            let name = reporter.name.value.trim();
            CODE.at(
                reporter.name.span,
                format!("the description does not name `{name}`"),
            )
            .related(body.description.span, "the description")
        })
        .collect()
}
