//! From a place in a decoded text back to the bytes in the file.
//!
//! Decoding folds line breaks, drops indentation and undoes escapes, so an offset in a value is not
//! an offset in the file. Both texts hold the same visible characters in the same order, though, and
//! walking them side by side finds every one again.

use std::ops::Range;

use super::Style;

/// Returns the range of `raw` (a scalar as written, quotes included) that became `range` of `value`.
///
/// Falls back to the whole of `raw` when the two texts do not match, which no text that vmt parsed
/// itself does.
pub fn source_range(raw: &str, style: Style, value: &str, range: Range<usize>) -> Range<usize> {
    let mut walk = Walk { raw, at: 0, style };
    if matches!(style, Style::Single | Style::Double) {
        walk.at = 1;
    }
    let mut start = None;
    let mut end = raw.len();
    for (offset, wanted) in value.char_indices() {
        if offset >= range.end && start.is_some() {
            break;
        }
        let Some(found) = walk.find(wanted, &value[offset + wanted.len_utf8()..]) else {
            return 0..raw.len();
        };
        if offset >= range.start && start.is_none() {
            start = Some(found.start);
        }
        end = found.end;
    }
    match start {
        Some(start) if range.is_empty() => start..start,
        Some(start) => start..end.max(start),
        None => raw.len()..raw.len(),
    }
}

struct Walk<'a> {
    raw: &'a str,
    at: usize,
    style: Style,
}

impl Walk<'_> {
    /// Finds the next place that decodes to a character, and moves behind it. `after` is what follows it in the
    /// value.
    fn find(&mut self, wanted: char, after: &str) -> Option<Range<usize>> {
        if wanted.is_whitespace() {
            return Some(self.skip_whitespace(wanted, after));
        }
        loop {
            let (range, decoded) = self.next()?;
            if decoded == Some(wanted) {
                return Some(range);
            }
            let skippable = decoded.is_none_or(char::is_whitespace);
            if !skippable {
                return None;
            }
        }
    }

    /// A white-space character of the value may stand for several in the file (a folded break with
    /// its indentation), or for none left (a final break of a block).
    fn skip_whitespace(&mut self, wanted: char, after: &str) -> Range<usize> {
        let before = self.at;
        match self.next() {
            Some((range, Some(found))) if found.is_whitespace() => {
                // A folded break is one space in the value: take the indentation behind it as well.
                if found == '\n' || wanted == '\n' {
                    self.skip_indentation(after);
                }
                range
            }
            Some((range, None)) => {
                self.skip_indentation(after);
                range
            }
            _ => {
                self.at = before;
                before..before
            }
        }
    }

    fn skip_indentation(&mut self, after: &str) {
        let line: &[char] = &[' ', '\t'];
        let lines: &[char] = &[' ', '\t', '\n', '\r'];
        // Blanks that a line of a block has beyond the indentation are in the value as well.
        let (blanks, kept) = match self.style {
            Style::TomlString => return,
            Style::Literal => {
                if self.raw[..self.at].ends_with('\r') && self.raw[self.at..].starts_with('\n') {
                    self.at += 1;
                }
                (line, run(after, line))
            }
            Style::Folded => (lines, run(after, lines)),
            _ => (lines, 0),
        };
        self.at += run(&self.raw[self.at..], blanks).saturating_sub(kept);
    }

    /// Reads one character as written, with what it decodes to; `None` stands for nothing (an
    /// escaped line break).
    fn next(&mut self) -> Option<(Range<usize>, Option<char>)> {
        let rest = self.raw.get(self.at..)?;
        let first = rest.chars().next()?;
        let (length, decoded) = match (self.style, first) {
            (Style::Single, '\'') if rest.starts_with("''") => (2, Some('\'')),
            (Style::Double, '\\') => decode_escape(rest),
            (Style::TomlString, '\\') => decode_escape(rest),
            _ => (first.len_utf8(), Some(first)),
        };
        let range = self.at..self.at + length;
        self.at = range.end;
        Some((range, decoded))
    }
}

/// How many bytes of a text are such characters before the first other one.
fn run(text: &str, characters: &[char]) -> usize {
    text.len() - text.trim_start_matches(characters).len()
}

/// Decodes one backslash escape (YAML 1.2.2 section 5.7; TOML's are a subset).
fn decode_escape(rest: &str) -> (usize, Option<char>) {
    let hex = |digits: usize| {
        let code = rest
            .get(2..2 + digits)
            .and_then(|text| u32::from_str_radix(text, 16).ok());
        (
            2 + digits,
            Some(code.and_then(char::from_u32).unwrap_or('\u{fffd}')),
        )
    };
    let Some(letter) = rest[1..].chars().next() else {
        return (1, Some('\\'));
    };
    let simple = match letter {
        'x' => return hex(2),
        'u' => return hex(4),
        'U' => return hex(8),
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        '\n' => return (2, None),
        other => other,
    };
    (1 + letter.len_utf8(), Some(simple))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::FileId;
    use crate::tree::{Scalar, Value, yaml};

    /// Parses `text: <value>` and returns the value, with how it is written.
    fn scalar_in(file: &str) -> (Scalar, &str) {
        let (tree, problems) = yaml::parse(FileId(0), file);
        assert!(problems.is_empty(), "{problems:?}");
        let root = tree.expect("a tree");
        let node = root.get("text").expect("a field");
        let Value::Scalar(scalar) = &node.value else {
            panic!("a scalar")
        };
        (scalar.clone(), &file[node.span.range()])
    }

    /// Returns what the place of a word in the value is in the file.
    fn word_in(file: &str, word: &str) -> String {
        let (scalar, raw) = scalar_in(file);
        let at = scalar.value.find(word).expect("the word is in the value");
        let range = source_range(raw, scalar.style, &scalar.value, at..at + word.len());
        raw[range].to_owned()
    }

    #[test]
    fn a_word_is_found_again_in_every_style() {
        for file in [
            "text: before Zürich after\n",
            "text: before\n  more Zürich after\n",
            "text: 'it''s before Zürich after'\n",
            "text: 'a\n\n  b Zürich'\n",
            "text: \"tab\\t \\u00e9 \\\n   Zürich\"\n",
            "text: |\n  one\n    two\n\n  Zürich here\n",
            "text: >\n  one\n  two\n\n    kept\n  Zürich here\n",
            "text: >-\n\n  one\n  Zürich",
        ] {
            assert_eq!(word_in(file, "Zürich"), "Zürich", "in {file:?}");
        }
    }

    #[test]
    fn blanks_beyond_the_indentation_are_those_of_the_value() {
        for file in [
            "text: |\n  one\n  \t\tx\ty\n",
            "text: |\r\n  one\r\n  \t\tx\ty\r\n",
            "text: |\n  one\n\n  two\n   \tx\n",
            "text: >\n  one\n  \t\tx\ty\n",
            "text: >\n  one\n\n   \tx\n  two\n",
            "text: one\ttwo\n",
            "text: 'one\n\n  two\tx'\n",
        ] {
            let (scalar, raw) = scalar_in(file);
            let places: Vec<usize> = scalar.value.match_indices('\t').map(|(at, _)| at).collect();
            let found: Vec<Range<usize>> = places
                .iter()
                .map(|at| source_range(raw, scalar.style, &scalar.value, *at..at + 1))
                .collect();
            let tabs: Vec<Range<usize>> =
                raw.match_indices('\t').map(|(at, _)| at..at + 1).collect();
            assert_eq!(found, tabs, "in {file:?}");
        }
    }

    proptest! {
        /// Every word of a folded, literal or quoted text is found again, byte for byte.
        #[test]
        fn words_are_found_again(
            lines in prop::collection::vec("[a-zé'<>=.]{1,8}( [a-zé'<>=.]{1,8}){0,3}", 1..6),
            style in 0..4usize,
        ) {
            let lines: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(at, line)| format!("{line} w{at}w"))
                .collect();
            let file = match style {
                0 => format!("text: |\n  {}\n", lines.join("\n  ")),
                1 => format!("text: >\n  {}\n", lines.join("\n  ")),
                2 => format!("text: '{}'\n", lines.join("\n    ").replace('\'', "''")),
                _ => format!("text: \"{}\"\n", lines.join("\n\n  ").replace('é', "\\u00e9")),
            };
            for at in 0..lines.len() {
                let word = format!("w{at}w");
                prop_assert_eq!(word_in(&file, &word), word);
            }
        }
    }
}
