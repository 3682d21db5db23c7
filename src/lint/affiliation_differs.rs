//! `affiliation-differs`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::ops::Range;

/// Prose gives a reporter another affiliation.
pub(super) static CODE: Code = Code {
    id: "affiliation-differs",
    severity: Severity::Warning,
    summary: "prose gives a reporter another affiliation",
    explanation: "The credit sentence and `reporters` go to different readers, the mail and the data \
        files. Where they name different organisations, one was not updated.",
    since: None,
    example: Some(Example::advisory(
        "description: A Name (Another Firm) reported a flaw in Nova.\n",
        "description: A Name (An Org) reported a flaw in Nova.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(body) = document.advisory() else {
        return Vec::new();
    };
    let text = &body.description;
    let flat: String = text
        .value
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let mut found = Vec::new();
    for reporter in &document.reporters {
        let Some(affiliation) = reporter
            .affiliation
            .as_ref()
            .filter(|text| !text.is_blank())
        else {
            continue;
        };
        let name = reporter.name.value.trim();
        let Some(place) = said_of(&flat, name) else {
            continue;
        };
        let said = &flat[place.clone()];
        let other = document.reporters.iter().any(|other| {
            other.name.value != reporter.name.value
                && other
                    .affiliation
                    .as_ref()
                    .is_some_and(|text| same(&text.value, said))
        });
        if !same(&affiliation.value, said) && !other {
            found.push(
                CODE.at(
                    context.place(text, place),
                    format!(
                        "`{said}` here, `{}` in `reporters`",
                        affiliation.value.trim()
                    ),
                )
                .related(affiliation.span, "in `reporters`")
                .help("correct one of the two"),
            );
        }
    }
    found
}

/// The organisation that stands in brackets behind a name: `Name (Organisation)`. Other forms leave
/// open where the organisation ends.
fn said_of(text: &str, name: &str) -> Option<Range<usize>> {
    let at = text.find(name).filter(|_| !name.is_empty())? + name.len();
    let rest = &text[at..];
    let open = rest.strip_prefix(" (")?;
    let end = open.find(')')?;
    let start = at + 2;
    // A nick name or a CVE is no organisation.
    let said = open[..end].trim();
    let odd = said.is_empty() || said.starts_with("CVE-") || said.starts_with(char::is_lowercase);
    (!odd).then_some(start..start + end)
}

/// Whether two names of organisations have a word in common.
fn same(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !c.is_alphanumeric());
        split
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    a.is_empty()
        || b.is_empty()
        || a.iter().any(|word| b.contains(word))
        || a.concat() == b.concat()
}
