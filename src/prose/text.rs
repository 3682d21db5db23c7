//! Prose to plain text for mail: wrapped, with tokens that never break.
//!
//! A line break inside an address, a literal, a quoted setting or a version clause changes what a
//! reader copies. Bullets are `* `: a line that starts with a hyphen is altered by clear-signing
//! (RFC 9580 section 7.2).

use unicode_width::UnicodeWidthStr;

use super::html::is_directional;
use super::{Block, Inline};

/// Stands for a blank that must not break; a private-use character that no document holds.
const GLUE: char = '\u{e000}';

/// Renders blocks to lines of at most `width` columns, where tokens allow. Ends without a line break.
pub fn render(blocks: &[Block], width: usize) -> String {
    let mut lines = Vec::new();
    render_blocks(blocks, width, &mut lines);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Wraps one paragraph of plain text, its tokens kept whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    wrap_tokens(&glue(text), width)
}

/// Returns a text on one line, with one blank between words.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces what could move the cursor, change colours or turn text around in a terminal.
pub fn harmless(text: &str) -> String {
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
    {
        return text.to_owned();
    }
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() || is_directional(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}

fn render_blocks(blocks: &[Block], width: usize, lines: &mut Vec<String>) {
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            lines.push(String::new());
        }
        match block {
            Block::Paragraph(content) => {
                for part in paragraph(content).split('\n') {
                    lines.extend(wrap_tokens(part, width));
                }
            }
            Block::Heading(_, content) => {
                let title = wrap_tokens(&paragraph(content), width);
                let long = title.iter().map(|line| line.width()).max().unwrap_or(0);
                lines.extend(title);
                lines.push("~".repeat(long));
            }
            Block::Code { text, .. } => {
                lines.extend(
                    text.lines()
                        .map(|line| format!("    {line}").trim_end().to_owned()),
                );
            }
            Block::List { start, items } => render_list(*start, items, width, lines),
            Block::Quote(blocks) => {
                let mut inner = Vec::new();
                render_blocks(blocks, width.saturating_sub(2), &mut inner);
                lines.extend(
                    inner
                        .into_iter()
                        .map(|line| format!("> {line}").trim_end().to_owned()),
                );
            }
            // No document has one; a page is not written as text.
            Block::Table { .. } => lines.push(super::plain(std::slice::from_ref(block))),
            Block::Rule => lines.push("* * *".into()),
        }
    }
}

fn render_list(start: Option<u64>, items: &[Vec<Block>], width: usize, lines: &mut Vec<String>) {
    let loose = items.iter().any(|item| item.len() > 1);
    for (at, item) in items.iter().enumerate() {
        if loose && at > 0 {
            lines.push(String::new());
        }
        let mark = match start {
            None => "* ".to_owned(),
            Some(start) => format!("{}. ", start + at as u64),
        };
        let mut inner = Vec::new();
        render_blocks(item, width.saturating_sub(mark.len()), &mut inner);
        if inner.is_empty() {
            inner.push(String::new());
        }
        let pad = " ".repeat(mark.len());
        for (at, line) in inner.into_iter().enumerate() {
            let mark = if at == 0 { &mark } else { &pad };
            lines.push(format!("{mark}{line}").trim_end().to_owned());
        }
    }
}

/// Returns a paragraph as one line a hard break, unbreakable blanks marked.
fn paragraph(content: &[Inline]) -> String {
    let mut out = String::new();
    write_inline(content, &mut out);
    out
}

fn write_inline(content: &[Inline], out: &mut String) {
    for piece in content {
        match piece {
            Inline::Text(text) => out.push_str(&glue(text)),
            Inline::Code(code) => {
                out.push('`');
                out.extend(
                    code.chars()
                        .map(|c| if c.is_whitespace() { GLUE } else { c }),
                );
                out.push('`');
            }
            Inline::Emphasis(content) => surround('_', content, out),
            Inline::Strong(content) => surround('*', content, out),
            Inline::Link { url, content } => {
                let mut label = String::new();
                write_inline(content, &mut label);
                out.push_str(&label);
                let address = url.strip_prefix("mailto:").unwrap_or(url);
                if label.replace(GLUE, " ") != address && label != *url {
                    out.push_str(&format!(" <{url}>"));
                }
            }
            Inline::Break => out.push('\n'),
        }
    }
}

fn surround(mark: char, content: &[Inline], out: &mut String) {
    out.push(mark);
    write_inline(content, out);
    out.push(mark);
}

/// Marks the blanks of plain text that must not break: between an operator and its version, between
/// the two bounds of a range, and inside a short quoted setting.
fn glue(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = String::with_capacity(text.len());
    let mut quoted_until = 0;
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            let before = words[at - 1];
            let operator = matches!(trim_open(before), "<" | "<=" | ">" | ">=" | "==" | "=");
            let lower =
                is_bound(before, '>') || (at > 1 && matches!(trim_open(words[at - 2]), ">" | ">="));
            let bounds = lower && (is_bound(word, '<') || matches!(*word, "<" | "<="));
            let glued = operator || bounds || at < quoted_until;
            out.push(if glued { GLUE } else { ' ' });
        }
        if at >= quoted_until {
            quoted_until = quoted_setting(&words, at).unwrap_or(0);
        }
        out.push_str(word);
    }
    out
}

fn trim_open(word: &str) -> &str {
    word.trim_start_matches(['(', '[', '\'', '"'])
}

/// Returns whether a word is a comparator with a version, such as `>=30.0.0`.
fn is_bound(word: &str, sign: char) -> bool {
    let word = trim_open(word);
    word.starts_with(sign)
        && word
            .trim_start_matches([sign, '='])
            .starts_with(|c: char| c.is_ascii_digit())
}

/// Returns the end of a quoted setting that starts at a word: `"key = value"`, at most 6 words long.
fn quoted_setting(words: &[&str], at: usize) -> Option<usize> {
    let quote = words[at]
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\''))?;
    let closes = |word: &str| {
        word.trim_end_matches(['.', ',', ';', ':', ')'])
            .ends_with(quote)
    };
    if words[at].len() > 1 && closes(&words[at][1..]) {
        return None;
    }
    let end = (at + 1..words.len().min(at + 6)).find(|at| closes(words[*at]))?;
    let setting = words[at..=end]
        .iter()
        .any(|word| word.contains(['=', '[', '/', '_', ':']));
    setting.then_some(end + 1)
}

/// Greedy wrapping. A token that would start a line with a hyphen stays with its predecessor.
fn wrap_tokens(text: &str, width: usize) -> Vec<String> {
    let mut lines = Lines {
        width,
        done: Vec::new(),
        line: String::new(),
        taken: 0,
    };
    let mut together: Vec<&str> = Vec::new();
    for token in text.split([' ', '\n']).filter(|token| !token.is_empty()) {
        if !token.starts_with('-') {
            lines.add(&together);
            together.clear();
        }
        together.push(token);
    }
    lines.add(&together);
    if !lines.line.is_empty() {
        lines.done.push(lines.line);
    }
    lines.done
}

/// Lines in the making.
struct Lines {
    width: usize,
    done: Vec<String>,
    line: String,
    /// Columns of `line`.
    taken: usize,
}

impl Lines {
    /// Adds tokens that may not be parted.
    fn add(&mut self, together: &[&str]) {
        let Some(blanks) = together.len().checked_sub(1) else {
            return;
        };
        let wide = blanks
            + together
                .iter()
                .map(|token| shown_width(token))
                .sum::<usize>();
        if !self.line.is_empty() && self.taken + 1 + wide > self.width {
            self.done.push(std::mem::take(&mut self.line));
            self.taken = 0;
        }
        self.taken += wide + usize::from(!self.line.is_empty());
        for token in together {
            if !self.line.is_empty() {
                self.line.push(' ');
            }
            let mut parts = token.split(GLUE);
            self.line.push_str(parts.next().unwrap_or_default());
            for part in parts {
                self.line.push(' ');
                self.line.push_str(part);
            }
        }
    }
}

fn shown_width(token: &str) -> usize {
    if token.is_ascii() {
        return token.len();
    }
    token.replace(GLUE, " ").width()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::parse;

    #[test]
    fn tokens_are_kept_whole() {
        let text = "All deployments that set \"use_cow_images = False\" or run versions >= 2.37.0 < 2.38.2 \
            with `some option that is long` are hit, see https://docs.example.org/a/very/long/path/that/does/not/fit/into/a/line.html - really.";
        insta::assert_snapshot!(render(&parse(text), 40), @r#"
        All deployments that set
        "use_cow_images = False" or run versions
        >= 2.37.0 < 2.38.2 with
        `some option that is long` are hit, see
        https://docs.example.org/a/very/long/path/that/does/not/fit/into/a/line.html -
        really.
        "#);
    }

    #[test]
    fn blocks_keep_their_form() {
        let text = "# Steps\n\nFirst *this*, then **that**.\n\n- one\n- two words that wrap around the end\n  - nested\n\n3. three\n\n   ```\n   code  here\n   ```\n4. four\n\n> said";
        insta::assert_snapshot!(render(&parse(text), 30), @"
        Steps
        ~~~~~

        First _this_, then *that*.

        * one

        * two words that wrap around
          the end

          * nested

        3. three

               code  here

        4. four

        > said
        ");
    }

    #[test]
    fn a_link_shows_where_it_leads() {
        assert_eq!(
            render(&parse("[guide](https://a.org) https://b.org <c@d.org>"), 72),
            "guide <https://a.org> https://b.org c@d.org"
        );
    }

    proptest::proptest! {
        /// No line is wider than asked unless it is one token, none starts with a hyphen or ends with
        /// a blank, and no word is lost.
        #[test]
        fn lines_fit(words in proptest::collection::vec("[a-z<>=.0-9-]{1,14}", 1..60), width in 20..80usize) {
            let text = words.join(" ");
            let lines = wrap(&text, width);
            proptest::prop_assert_eq!(lines.join(" "), text);
            for (at, line) in lines.iter().enumerate() {
                proptest::prop_assert!(at == 0 || !line.starts_with('-'));
                proptest::prop_assert_eq!(line.trim_end(), line);
                if line.width() > width {
                    // It could not have been cut: the rest of the line hangs together.
                    let glued = glue(line);
                    let cut = glued.split(' ').skip(1).find(|token| !token.starts_with('-'));
                    proptest::prop_assert!(cut.is_none(), "{:?}", line);
                }
            }
        }
    }
}
