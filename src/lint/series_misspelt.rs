//! `series-misspelt`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::ops::Range;

use crate::diagnostic::did_you_mean;

/// Prose names a series that does not exist.
pub(super) static CODE: Code = Code {
    id: "series-misspelt",
    severity: Severity::Warning,
    summary: "prose names a series that does not exist",
    explanation: "A name in brackets beside a series number, or a number beside a name, is that of a \
        series. A misspelt one is not found by those who search for it.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  - Release 2026.1 (gazpachio) gets a patch, too.\n",
        "notes:\n  - Release 2026.1 (gazpacho) gets a patch, too.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for (place, number, name) in pairs(&text.value) {
            let Some(series) = context.config.series(number) else {
                continue;
            };
            if series.name != name.to_lowercase()
                && did_you_mean(name, [series.name.as_str()]).is_some()
            {
                let span = context.place(text, place);
                found.push(
                    CODE.at(
                        span,
                        format!("{number} is called `{}`, not `{name}`", series.name),
                    )
                    .replace(
                        span,
                        &series.name,
                        format!("write `{}`", series.name),
                    ),
                );
            }
        }
    }
    found
}

/// Finds `2024.2 (name)` and `2024.2/name` with the place of the name.
fn pairs(text: &str) -> Vec<(Range<usize>, &str, &str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("20") {
        let rest = &text[at..];
        let length = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let number = rest[..length].trim_end_matches('.');
        let behind = &rest[length..];
        let gap = behind.len() - behind.trim_start_matches([' ', '\n', '(', '/']).len();
        let bracket = behind[..gap].contains(['(', '/']);
        let start = at + length + gap;
        let name_length = text[start..]
            .bytes()
            .take_while(u8::is_ascii_alphabetic)
            .count();
        if bracket && number.len() == 6 && name_length >= 5 {
            found.push((
                start..start + name_length,
                number,
                &text[start..start + name_length],
            ));
        }
    }
    found
}
