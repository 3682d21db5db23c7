//! `placeholder-text`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::ops::Range;

use crate::model::Text;

/// A placeholder was left in a text.
pub(super) static CODE: Code = Code {
    id: "placeholder-text",
    severity: Severity::Error,
    summary: "a placeholder was left in a text",
    explanation: "Words such as TODO, TBD or FIXME say that something is still to be written. Published, \
        they tell readers that the document was not finished.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  - TODO list the patches\n",
        "notes:\n  - All patches are merged.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut texts: Vec<&Text> = vec![&document.title];
    texts.extend(document.prose().into_iter().map(|(_, text)| text));
    texts.extend(
        document
            .reporters
            .iter()
            .flat_map(|person| std::iter::once(&person.name).chain(&person.affiliation)),
    );
    texts.extend(document.affected.iter().map(|affected| &affected.product));
    if let Some(note) = document.note() {
        texts.extend(
            note.services
                .iter()
                .chain(&note.credits)
                .chain(&note.authors),
        );
    }
    let mut found = Vec::new();
    for text in texts {
        // One finding a text: who mends one sees the others.
        if let Some(place) = first_placeholder(&text.value) {
            let word = &text.value[place.clone()];
            found.push(CODE.at(
                context.place(text, place.clone()),
                format!("`{word}` is a placeholder"),
            ));
        }
    }
    found
}

/// Words that stand for something else. As whole words only: `XXXX` is not in `0xXXXXs`.
const WORDS: [&str; 8] = [
    "TODO",
    "TBD",
    "FIXME",
    "TBA",
    "XXX",
    "XXXX",
    "YYYY-MM-DD",
    "Lorem",
];

fn first_placeholder(text: &str) -> Option<Range<usize>> {
    let begins = |byte: u8| WORDS.iter().any(|word| word.as_bytes()[0] == byte);
    text.bytes()
        .enumerate()
        .filter(|(_, byte)| byte.is_ascii_uppercase() && begins(*byte))
        .flat_map(|(at, _)| {
            let words = WORDS.iter();
            let found = words.filter(move |word| text[at..].starts_with(**word));
            found.map(move |word| at..at + word.len())
        })
        .find(|place| {
            let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '`' | '=');
            let before = text[..place.start].chars().next_back();
            let after = text[place.end..].chars().next();
            !before.is_some_and(inside) && !after.is_some_and(inside)
        })
}

#[cfg(test)]
mod tests {
    use super::first_placeholder;

    #[test]
    fn only_whole_words_are_placeholders() {
        assert_eq!(first_placeholder("see TODO."), Some(4..8));
        assert_eq!(first_placeholder("a (TBD) b"), Some(3..6));
        for text in [
            "OSSN-XXXX",
            "`TODO`",
            "MASTODON",
            "0xXXXX",
            "TODOs",
            "id=XXX",
        ] {
            assert_eq!(first_placeholder(text), None, "{text}");
        }
    }
}
