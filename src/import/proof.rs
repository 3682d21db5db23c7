//! Holds the words of a legacy text against those of the note made of it.
//!
//! Words are runs of letters and digits. Headings that fields stand for, labels of contacts and the marks
//! of snippets are markup, and only words of a fixed vocabulary may be declared so. Every other word of the
//! text has to occur in the note as often as it stands in the text, and those of a prose section in
//! their order. What a reader sees of the prose counts, not its Markdown.

use std::collections::BTreeMap;
use std::ops::Range;

use super::verbatim::snippet_mark;
use crate::model::Document;
use crate::prose;

/// Words that headings and labels may have: what a field says by its name.
const MARKUP: [&str; 40] = [
    "summary",
    "abstract",
    "affected",
    "services",
    "service",
    "software",
    "products",
    "product",
    "versions",
    "version",
    "and",
    "components",
    "projects",
    "systems",
    "discussion",
    "description",
    "recommended",
    "recommendation",
    "recommendations",
    "action",
    "actions",
    "contacts",
    "contact",
    "references",
    "reference",
    "credits",
    "credit",
    "acknowledgements",
    "author",
    "authors",
    "reported",
    "by",
    "cve",
    "cves",
    "date",
    "published",
    "bug",
    "bugs",
    "patches",
    "history",
];

/// Further words of lines that say that there is no bug or CVE, and of dates.
const NOTHING: [&str; 26] = [
    "pending",
    "requested",
    "tbd",
    "tba",
    "reserved",
    "to",
    "be",
    "ids",
    "reporter",
    "none",
    "n",
    "a",
    "na",
    "no",
    "not",
    "assigned",
    "applicable",
    "nil",
    "original",
    "launchpad",
    "this",
    "ossn",
    "id",
    "s",
    "withdrawn",
    "errata",
];

/// Returns the places of words that the note lacks. `listed` are texts of fields that are not shown as
/// prose.
pub(super) fn lost(
    text: &str,
    markup: &[Range<usize>],
    document: &Document,
    listed: &[String],
) -> Vec<Range<usize>> {
    let shown = format!("{}\n{}", shown(document), listed.join("\n"));
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for word in words(&shown) {
        *left.entry(lower(&shown, &word)).or_default() += 1;
    }
    let there: std::collections::BTreeSet<String> = left.keys().cloned().collect();
    let mut lost: Vec<Range<usize>> = Vec::new();
    for (word, weight) in weighed(text, markup) {
        let key = lower(text, &word);
        let found = match weight {
            Weight::Markup => true,
            Weight::Once => there.contains(&key),
            Weight::Each => match left.get_mut(&key) {
                Some(count) if *count > 0 => {
                    *count -= 1;
                    true
                }
                _ => false,
            },
        };
        if found {
            continue;
        }
        // Words that stand together are lost together.
        match lost.last_mut() {
            Some(last) if is_gap(&text[last.end..word.start]) => last.end = word.end,
            _ => lost.push(word),
        }
    }
    lost
}

/// Whether nothing but marks on one line stands between two words.
fn is_gap(text: &str) -> bool {
    !text.contains('\n') && !text.chars().any(char::is_alphanumeric)
}

/// How much a word of the text has to occur.
enum Weight {
    /// Not at all.
    Markup,
    /// At least once: it may have been said before.
    Once,
    /// As often as it stands there.
    Each,
}

/// The words of a text, each with how much it counts.
fn weighed(text: &str, markup: &[Range<usize>]) -> Vec<(Range<usize>, Weight)> {
    let mut declared: Vec<&Range<usize>> = markup.iter().collect();
    declared.sort_by_key(|range| range.start);
    let mut found = Vec::new();
    let mut next = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let snippet = snippet_mark(line).is_some();
        let number = list_number(line);
        let language = is_fence(line);
        for word in words(line) {
            let place = start + word.start..start + word.end;
            while next < declared.len() && declared[next].end <= place.start {
                next += 1;
            }
            let inside = declared
                .get(next)
                .is_some_and(|range| range.start <= place.start && place.end <= range.end);
            let key = lower(line, &word);
            let markup_word = MARKUP.contains(&key.as_str())
                || NOTHING.contains(&key.as_str())
                || is_number(&key);
            let weight = if language || (inside && markup_word) {
                Weight::Markup
            } else if snippet {
                snippet_weight(&key)
            } else if number.as_ref() == Some(&word) {
                Weight::Markup
            } else {
                Weight::Each
            };
            found.push((place, weight));
        }
        start += line.len();
    }
    found
}

/// Whether a line opens a fence, perhaps with the name of a language.
fn is_fence(line: &str) -> bool {
    let text = line.trim();
    let bare = text.trim_start_matches(['`', '~']);
    text.len() - bare.len() >= 3 && !bare.contains(' ')
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_digit())
}

fn snippet_weight(word: &str) -> Weight {
    let fillers = [
        "begin",
        "being",
        "beginning",
        "start",
        "end",
        "example",
        "snippet",
        "sample",
        "of",
        "the",
        "a",
    ];
    if fillers.contains(&word) {
        Weight::Markup
    } else {
        Weight::Once
    }
}

/// The number of a numbered item: items are counted anew.
fn list_number(line: &str) -> Option<Range<usize>> {
    let start = line.len() - line.trim_start().len();
    let digits = line[start..].bytes().take_while(u8::is_ascii_digit).count();
    let marked = matches!(line.as_bytes().get(start + digits), Some(b'.' | b')'))
        && matches!(line.as_bytes().get(start + digits + 1), Some(b' '));
    ((1..=3).contains(&digits) && marked).then_some(start..start + digits)
}

/// Everything that a reader sees of a note.
fn shown(document: &Document) -> String {
    let mut out = vec![
        document.name().to_owned(),
        document.title.value.clone(),
        document.date.text.value.clone(),
    ];
    let prose = |text: &str| prose::text::render(&prose::parse(text), 72);
    if let Some(note) = document.note() {
        out.extend(note.services.iter().map(|text| prose(&text.value)));
        for text in [&note.summary, &note.discussion, &note.actions] {
            out.push(prose(&text.value));
        }
        out.extend(note.credits.iter().map(|text| text.value.clone()));
        out.extend(note.authors.iter().map(|text| text.value.clone()));
        for reference in &note.references {
            let description = reference.description.as_ref();
            let said = description
                .map(|text| text.value.clone())
                .unwrap_or_default();
            if !said.contains(reference.url.value.as_str()) {
                out.push(reference.url.value.clone());
            }
            out.push(said);
        }
    }
    for vulnerability in &document.vulnerabilities {
        let parts = [&vulnerability.text, &vulnerability.note];
        out.extend(parts.into_iter().flatten().map(|text| text.value.clone()));
    }
    for (group, review) in document.all_reviews() {
        out.push(group.key.value.clone());
        out.push(review.link.text.value.clone());
    }
    out.extend(document.errata.iter().map(|text| prose(&text.value)));
    out.extend(
        document
            .errata_history
            .iter()
            .map(|line| line.text.value.clone()),
    );
    out.extend(
        document
            .withdrawn
            .iter()
            .map(|date| date.text.value.clone()),
    );
    out.join("\n")
}

/// The places of the words of a text.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| from..text.len()));
    found
}

fn lower(text: &str, place: &Range<usize>) -> String {
    text[place.clone()].to_lowercase()
}
