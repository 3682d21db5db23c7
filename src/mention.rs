//! Mentions of documents, CVEs and bugs in running text (pure).

use std::ops::Range;

use crate::config::Config;
use crate::host::{self, Role};
use crate::model::id::cve_id;
use crate::model::{Id, Kind};

/// What a text speaks of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A document, by its id.
    Document(String),
    /// A CVE.
    Cve(String),
    /// A bug, by the key of its reference (`host::Reference::key`).
    Bug(String),
}

/// A mention with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// What is spoken of.
    pub subject: Subject,
    /// Where, in bytes.
    pub place: Range<usize>,
}

/// Finds the mentions in a text: ids with the prefixes of vmt.toml, CVE ids, addresses of bugs, and
/// `bug 1234567` with or without a tracker's name before it.
pub fn find(text: &str, config: &Config) -> Vec<Mention> {
    let prefixes = Kind::ALL.map(|kind| config.kind(kind).prefix.as_str());
    let mut found = Vec::new();
    let mut before = "";
    for (start, word) in words(text) {
        let subject = if word.starts_with("http://") || word.starts_with("https://") {
            address(word, &prefixes)
        } else {
            id(word, &prefixes).or_else(|| bug(before, word))
        };
        if let Some((subject, inside)) = subject {
            found.push(Mention {
                subject,
                place: start + inside.start..start + inside.end,
            });
        }
        before = word;
    }
    found
}

/// Finds the ids of documents in a text, as [`find`] does.
pub fn documents(text: &str, config: &Config) -> Vec<(String, Range<usize>)> {
    let prefixes = Kind::ALL.map(|kind| config.kind(kind).prefix.as_str());
    let mut found = Vec::new();
    for (start, word) in words(text) {
        let is_address = word.starts_with("http://") || word.starts_with("https://");
        let subject = match is_address {
            true => document_address(word.trim_end_matches(['.', ':', '!', '?']), &prefixes),
            false => id(word, &prefixes),
        };
        if let Some((Subject::Document(id), inside)) = subject {
            found.push((id, start + inside.start..start + inside.end));
        }
    }
    found
}

/// The words of a text with their places: what blanks, brackets, quotes and commas separate.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends = |c: char| {
        let separates = matches!(
            c,
            '(' | ')'
                | '['
                | ']'
                | '{'
                | '}'
                | '<'
                | '>'
                | '"'
                | '\''
                | '`'
                | ','
                | ';'
                | '|'
                | '*'
        );
        separates || c.is_whitespace()
    };
    text.split(ends)
        .filter(|word| !word.is_empty())
        .map(move |word| {
            // Every word is a slice of the text.
            (word.as_ptr() as usize - text.as_ptr() as usize, word)
        })
}

type Found = (Subject, Range<usize>);

/// An id at the start of a word; signs behind it do not count.
fn id(word: &str, prefixes: &[&str]) -> Option<Found> {
    // Most words are neither, and need no closer look.
    if !word.contains('-') {
        return None;
    }
    let end = word
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .unwrap_or(word.len());
    let text = word[..end].trim_end_matches('-');
    if !text.contains('-') {
        return None;
    }
    if let Some(cve) = cve_id(text) {
        return Some((Subject::Cve(cve), 0..text.len()));
    }
    let known = Id::parse(text).filter(|id| prefixes.contains(&id.prefix.as_str()))?;
    Some((Subject::Document(known.as_str().to_owned()), 0..text.len()))
}

/// A bug's address, or an address whose last part is the id of a document.
fn address(word: &str, prefixes: &[&str]) -> Option<Found> {
    let word = word.trim_end_matches(['.', ':', '!', '?']);
    if let Some(reference) = host::recognise(word).filter(|reference| reference.role == Role::Bug) {
        return Some((Subject::Bug(reference.key), 0..word.len()));
    }
    document_address(word, prefixes)
}

/// An address whose last part is an id.
fn document_address(word: &str, prefixes: &[&str]) -> Option<Found> {
    let last = word.trim_end_matches('/').rsplit('/').next()?;
    let (subject, _) = id(last, prefixes)?;
    Some((subject, 0..word.len()))
}

/// `1234567` or `#1234567` behind the word `bug`.
fn bug(before: &str, word: &str) -> Option<Found> {
    let start = usize::from(word.starts_with('#'));
    let digits = word[start..].bytes().take_while(u8::is_ascii_digit).count();
    // Most words are no number, and need no closer look.
    if !(5..=8).contains(&digits) {
        return None;
    }
    let before = before.trim_end_matches([':', '#']).to_ascii_lowercase();
    let is_bug =
        matches!(before.as_str(), "bug" | "lp" | "launchpad" | "bugs") || before.ends_with("-bug");
    let number = &word[start..start + digits];
    let follows = word[start + digits..].starts_with(|c: char| c.is_alphanumeric());
    (is_bug && !follows).then(|| {
        (
            Subject::Bug(format!("launchpad {number}")),
            0..start + digits,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    fn said(text: &str) -> Vec<(Subject, &str)> {
        let (config, _) = Config::parse(FileId(0), crate::config::SHIPPED);
        let found = find(text, &config);
        found
            .into_iter()
            .map(|mention| (mention.subject, &text[mention.place]))
            .collect()
    }

    #[test]
    fn mentions_are_found_with_their_places() {
        let document = |id: &str| Subject::Document(id.into());
        assert_eq!(
            said(
                "See OSSA-2024-001, (OSSN-0085) and CVE-2023-2088's fix for bug #1234567; not XSA-1."
            ),
            [
                (document("OSSA-2024-001"), "OSSA-2024-001"),
                (document("OSSN-0085"), "OSSN-0085"),
                (Subject::Cve("CVE-2023-2088".into()), "CVE-2023-2088"),
                (Subject::Bug("launchpad 1234567".into()), "#1234567"),
            ]
        );
        assert_eq!(
            said(
                "https://bugs.launchpad.net/nova/+bug/1234567. https://wiki.example.org/wiki/OSSN/OSSN-0085"
            ),
            [
                (
                    Subject::Bug("launchpad 1234567".into()),
                    "https://bugs.launchpad.net/nova/+bug/1234567"
                ),
                (
                    document("OSSN-0085"),
                    "https://wiki.example.org/wiki/OSSN/OSSN-0085"
                ),
            ]
        );
        assert_eq!(said("1234567 CVE-2024 OSSA-24 debug 1234567x bug 12"), []);
    }

    proptest::proptest! {
        #[test]
        fn places_are_places(text in "\\PC{0,60}|(OSSA-2024-001|CVE-2024-1234|bug |#|é|[ ,()]|[0-9]{1,9}){0,12}") {
            let (config, _) = Config::parse(FileId(0), "");
            for mention in find(&text, &config) {
                proptest::prop_assert!(text.get(mention.place).is_some());
            }
        }
    }
}
