//! `control-character`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::Text;
use crate::prose::html::is_directional;

/// A text holds a control or direction character.
pub(super) static CODE: Code = Code {
    id: "control-character",
    severity: Severity::Error,
    summary: "a text holds a control or direction character",
    explanation: "Controls steer terminals, and direction characters make a text read differently from \
        what it says. Neither has a place in a document; pages and mails replace them.",
    since: None,
    example: Some(Example::advisory(
        "title: \"Nova example\\u202e flaw\"\n",
        "title: Nova example flaw\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut texts: Vec<&Text> = vec![&document.id_text, &document.title];
    texts.extend(document.prose().into_iter().map(|(_, text)| text));
    for reporter in &document.reporters {
        texts.extend(std::iter::once(&reporter.name).chain(&reporter.affiliation));
    }
    texts.extend(
        document
            .affected
            .iter()
            .flat_map(|affected| [&affected.product, &affected.version]),
    );
    texts.extend(document.issues.iter().map(|link| &link.text));
    for (group, review) in document.all_reviews() {
        texts.extend([&group.key, &review.link.text]);
    }
    if let Some(note) = document.note() {
        texts.extend(
            note.services
                .iter()
                .chain(&note.credits)
                .chain(&note.authors),
        );
    }
    let odd = |c: char| (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || is_directional(c);
    // Nearly every text is plain, which bytes tell faster than characters.
    let plain = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t' | b'\r'))
    };
    let mut found = Vec::new();
    for text in texts.into_iter().filter(|text| !plain(&text.value)) {
        if let Some((at, c)) = text.value.char_indices().find(|(_, c)| odd(*c)) {
            let place = context.place(text, at..at + c.len_utf8());
            found.push(
                CODE.at(place, format!("U+{:04X} in a text", u32::from(c)))
                    .help("delete it"),
            );
        }
    }
    found
}
