//! `personal-data`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::ops::Range;

/// Prose holds a telephone number or somebody's e-mail address.
pub(super) static CODE: Code = Code {
    id: "personal-data",
    severity: Severity::Warning,
    summary: "prose holds a telephone number or somebody's e-mail address",
    explanation: "What is published stays in archives for ever, and whoever is named there did not ask for \
        it. Addresses of mailing lists are no personal data.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  - Call +49 30 1234567 with questions.\n",
        "notes:\n  - Ask on openstack-discuss@lists.openstack.org.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for (place, what) in personal(&text.value) {
            let said = &text.value[place.clone()];
            found.push(
                CODE.at(
                    context.place(text, place.clone()),
                    format!("`{said}` looks like {what}"),
                )
                .help("delete it"),
            );
        }
    }
    found
}

fn personal(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('+') {
        let rest = &text[at + 1..];
        let length = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'(' | b')' | b'/'))
            .count();
        let number = rest[..length].trim_end_matches([' ', '-', '(', '/']);
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let alone =
            !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '`' | '.'));
        // E.164: a country code and up to 15 digits.
        if alone && (8..=15).contains(&digits) && number.starts_with(|c: char| c.is_ascii_digit()) {
            found.push((at..at + 1 + number.len(), "a telephone number"));
        }
    }
    for (at, _) in text.match_indices('@') {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
        let start = text[..at]
            .rfind(|c| !part(c))
            .map_or(0, |before| before + 1);
        let host = &text[at + 1..];
        let host =
            host[..host.find(|c| !part(c)).unwrap_or(host.len())].trim_end_matches(['.', '-']);
        let list = host.starts_with("lists.")
            || host.contains(".lists.")
            || host.starts_with("example.")
            || host.contains("openwall");
        let role = ["security", "vmt", "info", "contact"]
            .iter()
            .any(|role| text[start..at].contains(role));
        if start < at && host.contains('.') && !list && !role {
            found.push((start..at + 1 + host.len(), "somebody's address"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::personal;

    #[test]
    fn numbers_that_are_no_telephone_numbers_are_left_alone() {
        for text in [
            "https://review.opendev.org/c/openstack/nova/+/986235",
            "C++ 11",
            "1+2",
            "2026-11-24",
            "+1",
            "@decorator",
            "a@b",
            "x@lists.example.org",
            "user@example.org",
        ] {
            assert!(personal(text).is_empty(), "{text}: {:?}", personal(text));
        }
        assert_eq!(
            personal("call +1 (555) 010-1234 now"),
            [(5..22, "a telephone number")]
        );
        assert_eq!(
            personal("ask ann.bee@firm.org."),
            [(4..20, "somebody's address")]
        );
    }
}
