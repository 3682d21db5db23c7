//! `unclosed-literal`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use std::ops::Range;

/// A literal is opened and not closed.
pub(super) static CODE: Code = Code {
    id: "unclosed-literal",
    severity: Severity::Warning,
    summary: "a literal is opened and not closed",
    explanation: "From the odd backquote on, the page shows backquotes, or everything up to the next one \
        as code. Close it, or write the lone backquote as ``` `` ` `` ```.",
    since: None,
    example: Some(Example::advisory(
        "description: A Name from An Org reported a flaw in ``nova.conf` of Nova.\n",
        "description: A Name from An Org reported a flaw in ``nova.conf`` of Nova.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for place in unclosed(&text.value) {
            let mark = &text.value[place.clone()];
            found.push(CODE.at(
                context.place(text, place.clone()),
                format!("`{mark}` opens a literal that nothing closes"),
            ));
        }
    }
    found
}

/// Returns the places of runs of backquotes that no run of the same length closes, paragraph by
/// paragraph (CommonMark section 6.1), fenced blocks left out.
fn unclosed(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut fenced = false;
    let mut paragraph = 0..0;
    let mut paragraphs = Vec::new();
    for line in text.split_inclusive('\n') {
        let fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        if fence || fenced || line.trim().is_empty() {
            paragraphs.push(std::mem::take(&mut paragraph));
        } else if paragraph.is_empty() {
            paragraph = start..start + line.len();
        } else {
            paragraph.end = start + line.len();
        }
        fenced ^= fence;
        start += line.len();
    }
    paragraphs.push(paragraph);
    for place in paragraphs {
        let mut runs = runs(&text[place.clone()], place.start);
        while let Some(open) = runs.first().cloned() {
            match runs.iter().skip(1).position(|run| run.len() == open.len()) {
                Some(close) => drop(runs.drain(..close + 2)),
                None => {
                    found.push(open);
                    runs.remove(0);
                }
            }
        }
    }
    found
}

fn runs(text: &str, offset: usize) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`') {
        match found.last_mut() {
            Some(last) if last.end == offset + at => last.end += 1,
            _ => found.push(offset + at..offset + at + 1),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    #[test]
    fn literals_are_matched_by_their_length_within_a_paragraph() {
        for sound in ["``a`` b `c`", "`` ` ``", "```\n`x\n```\n", "a\n\nb"] {
            assert!(unclosed(sound).is_empty(), "{sound}");
        }
        assert_eq!(unclosed("a ``b` c"), [2..4, 5..6]);
        assert_eq!(unclosed("`a\n\nb`"), [0..1, 5..6]);
    }
}
