//! What betrays a private document, and when a place that looks like it is it.

use super::plain::{Origins, decoded, squeeze, width, without_tags};
use crate::host::{self, Role};
use crate::model::Document;

/// The kind of a text that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// The id of the document.
    Id,
    /// A CVE.
    Cve,
    /// A bug.
    Bug,
    /// A review, or the commit that it became.
    Review,
    /// The name of a patch file.
    Patch,
    /// The title.
    Title,
    /// A private document or another file of the private folder, whole.
    File,
    /// Nothing: a file could not be searched to its end.
    Unsearched,
}

impl What {
    /// Returns the words for it.
    pub fn name(self) -> &'static str {
        match self {
            What::Id => "the id",
            What::Cve => "a CVE",
            What::Bug => "a bug",
            What::Review => "a review",
            What::Patch => "the name of a patch",
            What::Title => "the title",
            What::File => "a private file",
            What::Unsearched => "unsearched",
        }
    }
}

/// How strictly a place is held to what was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number: no part of a longer one, and not of a digest.
    Number,
    /// An id or words that nothing else contains.
    Distinct,
    /// Short words, which must begin and end as words.
    Short,
}

/// One text to look for, squeezed.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) bytes: Vec<u8>,
    pub(super) document: usize,
    pub(super) what: What,
    kind: Kind,
    /// For each byte whether it and the next one are digits side by side.
    digits_joined: Vec<bool>,
}

/// Shorter texts, counted in letters and digits, are too common to be looked for.
const SHORTEST: usize = 8;

/// From this length on no text is found by chance within other words.
const DISTINCT: usize = 20;

/// Numbers with fewer digits are looked for with their address only.
const SHORTEST_NUMBER: usize = 6;

/// Returns everything that betrays a document.
pub(super) fn patterns(document: &Document, at: usize) -> Vec<Pattern> {
    let mut found = Vec::new();
    let mut add = |text: &str, what: What| found.extend(variants(text, what, at));
    // `DRAFT` ids are random, others are the very number that shall not be known.
    add(document.name(), What::Id);
    for cve in document.cves() {
        add(cve, What::Cve);
    }
    add(&document.title.value, What::Title);
    for link in &document.issues {
        for text in of_address(link.url()) {
            add(&text, What::Bug);
        }
    }
    for (_, review) in document.all_reviews() {
        for text in of_address(review.link.url()) {
            add(&text, What::Review);
        }
        let details = review.details();
        for text in details.commit.iter().chain(&details.change_id) {
            add(&text.value, What::Review);
        }
    }
    for fix in document
        .advisory()
        .map(|body| body.fixes.as_slice())
        .unwrap_or_default()
    {
        for text in fix.commit.iter().chain(&fix.change_id) {
            add(&text.value, What::Review);
        }
    }
    if let Some(embargo) = &document.embargo {
        for patch in &embargo.patches {
            add(patch.name(), What::Patch);
        }
    }
    found
}

/// The number that an address leads to where that is long enough, or else the address.
fn of_address(url: &str) -> Vec<String> {
    let whole = || {
        url.split_once("://")
            .map_or(url, |(_, rest)| rest)
            .to_owned()
    };
    match host::recognise(url) {
        Some(reference) if matches!(reference.role, Role::Bug | Role::Review) => {
            let digits = reference.number.trim_start_matches('#');
            let long =
                digits.len() >= SHORTEST_NUMBER && digits.bytes().all(|byte| byte.is_ascii_digit());
            match long {
                true => vec![digits.to_owned()],
                false => vec![whole()],
            }
        }
        _ => vec![whole()],
    }
}

/// A text as it is, and as it comes out of the same steps that every file goes through.
fn variants(text: &str, what: What, document: usize) -> Vec<Pattern> {
    let text = text.trim();
    let placeholder = ["TODO", "TBD", "FIXME"]
        .iter()
        .any(|word| text.starts_with(word));
    if placeholder {
        return Vec::new();
    }
    let mut forms = vec![text.as_bytes().to_vec()];
    forms.extend(without_tags(text.as_bytes()));
    if let Some(plain) = decoded(text.as_bytes()) {
        forms.extend(without_tags(&plain));
        forms.push(plain);
    }
    let mut found: Vec<Pattern> = Vec::new();
    for form in forms {
        let pattern = pattern(&form, what, document);
        let known = |other: &Pattern| other.bytes == pattern.bytes;
        let long = pattern.bytes.len() >= SHORTEST
            || (pattern.kind == Kind::Number && pattern.bytes.len() >= SHORTEST_NUMBER);
        if long && !found.iter().any(known) {
            found.push(pattern);
        }
    }
    found
}

fn pattern(form: &[u8], what: What, document: usize) -> Pattern {
    let squeezed = squeeze(form, Origins::Keep);
    let (bytes, origins) = (squeezed.bytes, squeezed.origins);
    let digits_joined = (0..bytes.len())
        .map(|at| {
            let pair = bytes.get(at..at + 2);
            let digits = pair.is_some_and(|pair| pair.iter().all(u8::is_ascii_digit));
            digits && origins[at] + 1 == origins[at + 1]
        })
        .collect();
    let number = bytes.iter().all(u8::is_ascii_digit);
    let kind = match what {
        _ if number => Kind::Number,
        What::Title | What::Patch if bytes.len() < DISTINCT => Kind::Short,
        _ => Kind::Distinct,
    };
    Pattern {
        bytes,
        document,
        what,
        kind,
        digits_joined,
    }
}

impl Pattern {
    /// Whether a place whose letters and digits are those looked for is it. `origins` are the places of
    /// the bytes in the text.
    pub(super) fn fits(&self, text: &[u8], origins: &[u32]) -> bool {
        let place = |at: usize| origins[at] as usize;
        let last = self.bytes.len() - 1;
        for at in 0..last {
            let end = place(at) + width(text, place(at));
            // One character may have become several.
            let gap = text.get(end..place(at + 1)).unwrap_or_default();
            if self.digits_joined[at] && !joined(gap) {
                return false;
            }
        }
        let before = text[..place(0)].last().copied().unwrap_or(b' ');
        let end = place(last) + width(text, place(last));
        let after = text.get(end).copied().unwrap_or(b' ');
        let ends_in_digit = self.bytes[last].is_ascii_digit();
        if ends_in_digit && after.is_ascii_digit() {
            return false;
        }
        match self.kind {
            Kind::Distinct => true,
            Kind::Short => !before.is_ascii_alphanumeric() && !after.is_ascii_alphanumeric(),
            Kind::Number => !before.is_ascii_digit() && !in_digest(text, place(0), end),
        }
    }
}

/// Whether nothing that a reader would see stands between two digits: marks without width (also those
/// that stand for tags), or a line break with the marks of quoting.
fn joined(gap: &[u8]) -> bool {
    if gap.is_empty() {
        return true;
    }
    let Ok(gap) = std::str::from_utf8(gap) else {
        return false;
    };
    let unseen = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\0');
    if gap.chars().all(unseen) {
        return true;
    }
    let wrap =
        |c: char| unseen(c) || matches!(c, '\n' | '\r' | ' ' | '\t' | '>' | '|' | '=' | '\\');
    // An empty line is none that a long word was broken at.
    gap.matches('\n').count() == 1 && gap.len() <= 40 && gap.chars().all(wrap)
}

/// Whether a number is a piece of a digest: the letters and digits around it are hexadecimal, some of
/// them letters.
fn in_digest(text: &[u8], start: usize, end: usize) -> bool {
    let word = |byte: &&u8| byte.is_ascii_alphanumeric();
    let before = text[..start].iter().rev().take(64).take_while(word);
    let after = text[end..].iter().take(64).take_while(word);
    let mut before: Vec<u8> = before.copied().collect();
    before.reverse();
    // A number of a program.
    let before = before.strip_prefix(b"0x").unwrap_or(&before);
    let around: Vec<u8> = before.iter().chain(after).copied().collect();
    !around.is_empty() && around.iter().all(u8::is_ascii_hexdigit)
}
