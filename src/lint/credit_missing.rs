//! `credit-missing`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::Reporter;

/// The description does not credit its reporters.
pub(super) static CODE: Code = Code {
    id: "credit-missing",
    severity: Severity::Warning,
    summary: "the description does not credit its reporters",
    explanation: "Reporters are named in the first sentence of the description, as `reporters` has them: \
        it is what they get for keeping the flaw to themselves until the fix.",
    since: None,
    example: Some(Example::advisory(
        "description: A flaw in Nova was reported.\n",
        "description: A Name from An Org reported a flaw in Nova.\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(body) = document.advisory() else {
        return Vec::new();
    };
    let said = fold(&body.description.value);
    let named = |reporter: &Reporter| {
        // The last name suffices; so does a nick name of one word.
        let name = fold(&reporter.name.value);
        name.split_whitespace()
            .last()
            .is_none_or(|last| said.contains(last))
            || said.contains(&name)
    };
    if document.reporters.is_empty()
        || document.reporters.iter().any(named)
        || body.description.is_blank()
    {
        return Vec::new();
    }
    let names: Vec<&str> = document
        .reporters
        .iter()
        .map(|reporter| reporter.name.value.trim())
        .collect();
    vec![
        CODE.at(
            document.reporters[0].name.span,
            format!("the description names no reporter ({})", names.join(", ")),
        )
        .related(body.description.span, "the description"),
    ]
}

/// Lower case, with accents and everything but letters and digits taken away.
fn fold(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'à'..='å' => 'a',
            'ç' => 'c',
            'è'..='ë' => 'e',
            'ì'..='ï' => 'i',
            'ñ' => 'n',
            'ò'..='ö' | 'ø' => 'o',
            'ù'..='ü' => 'u',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        })
        .collect()
}
