//! `title-lower-case`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The title starts with a lower-case letter.
pub(super) static CODE: Code = Code {
    id: "title-lower-case",
    severity: Severity::Warning,
    summary: "the title starts with a lower-case letter",
    explanation: "Titles stand at the start of lines and subjects. A name that is written in lower case, \
        such as `python-keystoneclient`, may stay so.",
    since: None,
    example: Some(Example::advisory(
        "title: example flaw in Nova\n",
        "title: Example flaw in Nova\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let title = document.title.value.trim_start();
    let first = title.split_whitespace().next().unwrap_or_default();
    let lower = first.starts_with(char::is_lowercase);
    // A name is no word: os-brick, qemu-img, oslo.config.
    let name =
        first.contains(|c: char| !c.is_lowercase()) || context.config.product(first).is_some();
    if !lower || name {
        return Vec::new();
    }
    let at = document.title.value.len() - title.len();
    let place = context.place(&document.title, at..at + first.len());
    let capital: String = first
        .chars()
        .take(1)
        .flat_map(char::to_uppercase)
        .chain(first.chars().skip(1))
        .collect();
    vec![CODE.at(place, "a lower-case letter at the start").replace(
        place,
        &capital,
        format!("write `{capital}`"),
    )]
}
