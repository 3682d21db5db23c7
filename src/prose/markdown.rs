//! Blocks back to Markdown in one canonical form, for files and for mails.
//!
//! What is written reads back as the same blocks ([`normal`] says what counts as the same). Each
//! paragraph is read back before it is accepted, and characters are escaped only where that is needed.

use super::{Block, Inline};

/// Stands for a blank that must not break; a private-use character that no document holds.
const GLUE: char = '\u{e000}';

/// Characters to escape, tried in this order until a paragraph reads back as itself.
const ESCAPES: [&str; 8] = ["", "_", "*", "*_", "[]", "<", "`", "\\`*_[]<>&#~!"];

/// What the Markdown is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A field of a document: hyphens as bullets, fences of backquotes.
    File,
    /// A mail in the traditional layout of notes: headings below `###`, asterisks as bullets (clear-signing
    /// alters a line that starts with a hyphen), code indented between tildes.
    Mail,
}

/// Renders blocks to lines of at most `width` columns, where tokens allow. Ends without a line break.
pub fn render(blocks: &[Block], width: usize, style: Style) -> String {
    let mut lines = Vec::new();
    render_blocks(&normal(blocks), width, style, &mut lines);
    lines.join("\n")
}

/// Returns blocks with what Markdown does not tell apart made the same: neighbouring texts are one
/// text, and white space is one blank.
pub fn normal(blocks: &[Block]) -> Vec<Block> {
    blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(content) => Block::Paragraph(normal_inline(content)),
            Block::Heading(level, content) => Block::Heading(*level, one_line(content)),
            Block::List { start, items } => Block::List {
                start: *start,
                items: items
                    .iter()
                    .map(|item| normal(item))
                    .filter(|item| !item.is_empty())
                    .collect(),
            },
            Block::Quote(blocks) => Block::Quote(normal(blocks)),
            other => other.clone(),
        })
        .filter(|block| !is_empty(block))
        .collect()
}

/// A quotation or heading of nothing says nothing.
fn is_empty(block: &Block) -> bool {
    match block {
        Block::Paragraph(content) | Block::Heading(_, content) => content.is_empty(),
        Block::Quote(blocks) => blocks.is_empty(),
        Block::List { items, .. } => items.iter().all(Vec::is_empty),
        Block::Code { .. } | Block::Table { .. } | Block::Rule => false,
    }
}

/// A heading is one line.
fn one_line(content: &[Inline]) -> Vec<Inline> {
    let joined: Vec<Inline> = content
        .iter()
        .map(|piece| match piece {
            Inline::Break => Inline::Text(" ".into()),
            other => other.clone(),
        })
        .collect();
    normal_inline(&joined)
}

fn normal_inline(content: &[Inline]) -> Vec<Inline> {
    let mut found: Vec<Inline> = Vec::new();
    for piece in content {
        match (found.last_mut(), piece) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(text),
            (_, Inline::Emphasis(content)) => found.push(Inline::Emphasis(normal_inline(content))),
            (_, Inline::Strong(content)) => found.push(Inline::Strong(normal_inline(content))),
            (_, Inline::Link { url, content }) => found.push(Inline::Link {
                url: url.clone(),
                content: normal_inline(content),
            }),
            (_, other) => found.push(other.clone()),
        }
    }
    for piece in &mut found {
        match piece {
            Inline::Text(text) => *text = one_blank(text),
            Inline::Code(text) => *text = one_blank(text).trim().to_owned(),
            _ => {}
        }
    }
    let is_there = |piece: &Inline| !matches!(piece, Inline::Text(text) | Inline::Code(text) if text.is_empty());
    found.retain(is_there);
    if let Some(Inline::Text(text)) = found.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Inline::Text(text)) = found.last_mut() {
        *text = text.trim_end().to_owned();
    }
    found.retain(is_there);
    found
}

/// Makes each run of white space one blank.
fn one_blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let blank = c.is_whitespace();
        if !(blank && out.ends_with(' ')) {
            out.push(if blank { ' ' } else { c });
        }
    }
    out
}

fn render_blocks(blocks: &[Block], width: usize, style: Style, lines: &mut Vec<String>) {
    let mut other_mark = false;
    for (at, block) in blocks.iter().enumerate() {
        if at > 0 {
            lines.push(String::new());
        }
        // Two lists in a row would be read as one: the second takes another mark.
        let after_list = at > 0 && are_lists_alike(&blocks[at - 1], block);
        other_mark = after_list && !other_mark;
        match block {
            Block::Paragraph(content) => lines.extend(paragraph(content, width)),
            Block::Heading(level, content) => lines.push(heading(*level, content, style)),
            Block::List { start, items } => {
                let list = List {
                    start: *start,
                    other_mark,
                    style,
                };
                list.render(items, width, lines);
            }
            Block::Code { language, text } => code(language.as_deref(), text, style, lines),
            Block::Quote(blocks) => {
                let mut inner = Vec::new();
                render_blocks(blocks, width.saturating_sub(2), style, &mut inner);
                let quoted = |line: String| format!("> {line}").trim_end().to_owned();
                lines.extend(inner.into_iter().map(quoted));
            }
            // No document has one.
            Block::Table { .. } => lines.push(super::plain(std::slice::from_ref(block))),
            Block::Rule => lines.push("* * *".into()),
        }
    }
}

fn are_lists_alike(one: &Block, other: &Block) -> bool {
    match (one, other) {
        (Block::List { start: one, .. }, Block::List { start: other, .. }) => {
            one.is_some() == other.is_some()
        }
        _ => false,
    }
}

fn heading(level: u8, content: &[Inline], style: Style) -> String {
    let text = |escapes| write(content, escapes).replace([GLUE, '\n'], " ");
    match style {
        Style::File => {
            let mark = "#".repeat(usize::from(level.clamp(1, 6)));
            let wanted = vec![Block::Heading(level, content.to_vec())];
            let mut lines = ESCAPES.map(|escapes| format!("{mark} {}", text(escapes)));
            let sound = lines
                .iter()
                .position(|line| normal(&super::parse(line)) == wanted);
            std::mem::take(&mut lines[sound.unwrap_or(lines.len() - 1)])
        }
        Style::Mail => {
            let mark = "#".repeat(3 + usize::from(level));
            format!("{mark} {} {mark}", text(""))
        }
    }
}

fn code(language: Option<&str>, text: &str, style: Style, lines: &mut Vec<String>) {
    let (sign, pad) = match style {
        Style::File => ('`', ""),
        Style::Mail => ('~', "    "),
    };
    let longest = text
        .split(|c| c != sign)
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = sign.to_string().repeat(3.max(longest + 1));
    lines.push(format!("{fence}{}", language.unwrap_or_default()));
    lines.extend(
        text.lines()
            .map(|line| format!("{pad}{line}").trim_end().to_owned()),
    );
    lines.push(fence);
}

struct List {
    start: Option<u64>,
    other_mark: bool,
    style: Style,
}

impl List {
    fn mark(&self, at: usize) -> String {
        match (self.start, self.style, self.other_mark) {
            (Some(start), _, false) => format!("{}. ", start + at as u64),
            (Some(start), _, true) => format!("{}) ", start + at as u64),
            (None, Style::File, false) => "- ".into(),
            (None, Style::Mail, true) => "+ ".into(),
            (None, _, _) => "* ".into(),
        }
    }

    fn render(&self, items: &[Vec<Block>], width: usize, lines: &mut Vec<String>) {
        let tight = items.iter().all(|item| {
            matches!(
                item.as_slice(),
                // A list from another number than 1 needs a blank line before it.
                [] | [Block::Paragraph(_)]
                    | [
                        Block::Paragraph(_),
                        Block::List {
                            start: None | Some(1),
                            ..
                        }
                    ]
            )
        });
        for (at, item) in items.iter().enumerate() {
            if at > 0 && !tight {
                lines.push(String::new());
            }
            let mark = self.mark(at);
            let mut inner = Vec::new();
            let room = width.saturating_sub(mark.len());
            match item.as_slice() {
                [first, rest @ ..] if tight => {
                    render_blocks(std::slice::from_ref(first), room, self.style, &mut inner);
                    render_blocks(rest, room, self.style, &mut inner);
                }
                blocks => render_blocks(blocks, room, self.style, &mut inner),
            }
            if inner.is_empty() {
                inner.push(String::new());
            }
            let pad = " ".repeat(mark.len());
            for (at, line) in inner.into_iter().enumerate() {
                let lead = if at == 0 { &mark } else { &pad };
                lines.push(format!("{lead}{line}").trim_end().to_owned());
            }
        }
    }
}

/// Writes a paragraph so that it reads back as itself, with as few escapes as that takes.
fn paragraph(content: &[Inline], width: usize) -> Vec<String> {
    if let [Inline::Text(text)] = content
        && is_harmless(text)
    {
        return super::text::wrap(&keep_starts(text), width);
    }
    let wanted = vec![Block::Paragraph(content.to_vec())];
    let mut lines = Vec::new();
    for escapes in ESCAPES {
        for start in [false, true] {
            let text = write(content, escapes);
            let text = if start { escape_start(&text) } else { text };
            lines = text
                .split('\n')
                .flat_map(|part| super::text::wrap(&keep_starts(part), width))
                .collect();
            if normal(&super::parse(&lines.join("\n"))) == wanted {
                return lines;
            }
        }
    }
    lines
}

/// Whether no sign of a text means anything to a reader of Markdown, so that it need not be read back.
fn is_harmless(text: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b' ' | b',' | b'.' | b';' | b'(' | b')' | b'\'' | b'-')
    };
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && !text.to_ascii_lowercase().contains("www.")
}

/// Escapes what would make the first line something else than a paragraph.
fn escape_start(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(text.as_bytes().get(digits), Some(b'.' | b')')) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(|c: char| c.is_ascii_punctuation() && c != '\\') {
        return format!("\\{text}");
    }
    text.to_owned()
}

/// Glues to its predecessor what would start a block, were it to start a line.
fn keep_starts(text: &str) -> String {
    let starts = |word: &str| {
        let number = word.trim_end_matches(['.', ')']);
        let is_number = number.len() < word.len() && number.bytes().all(|b| b.is_ascii_digit());
        is_number || word.starts_with(['-', '+', '#', '>', '=', '*', '~', '|', '_', ':'])
    };
    let mut out = String::with_capacity(text.len());
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(if starts(word) { GLUE } else { ' ' });
        }
        out.push_str(word);
    }
    out
}

fn write(content: &[Inline], escapes: &str) -> String {
    let mut out = String::new();
    for piece in content {
        match piece {
            Inline::Text(text) => {
                for c in text.chars() {
                    if escapes.contains(c) {
                        out.push('\\');
                    }
                    out.push(c);
                }
            }
            Inline::Code(code) => write_code(code, &mut out),
            Inline::Emphasis(content) => out.push_str(&format!("*{}*", write(content, escapes))),
            Inline::Strong(content) => out.push_str(&format!("**{}**", write(content, escapes))),
            Inline::Link { url, content } => {
                let label = write(content, escapes);
                let plain = matches!(content.as_slice(), [Inline::Text(text)] if text == url);
                let mailbox = url.strip_prefix("mailto:");
                if plain {
                    out.push_str(url);
                } else if mailbox == Some(label.as_str()) {
                    out.push_str(&format!("<{label}>"));
                } else if url.contains(['(', ')', ' ']) {
                    out.push_str(&format!("[{label}](<{url}>)"));
                } else {
                    out.push_str(&format!("[{label}]({url})"));
                }
            }
            Inline::Break => out.push_str("\\\n"),
        }
    }
    out
}

fn write_code(code: &str, out: &mut String) {
    let longest = code
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let mark = "`".repeat(longest + 1);
    let pad = if code.starts_with('`') || code.ends_with('`') {
        " "
    } else {
        ""
    };
    let kept = code.replace(' ', &GLUE.to_string());
    out.push_str(&format!("{mark}{pad}{kept}{pad}{mark}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::parse;

    fn file(text: &str) -> String {
        render(&parse(text), 40, Style::File)
    }

    #[test]
    fn the_form_is_one_for_every_way_to_write() {
        insta::assert_snapshot!(file("Set   __this__ in ``a.conf``::\n\n  [x]\n  y = 1\n\n* one\n* two\n\n  more\n\n7) seven\n\n<a@b.org> https://a.org/x_y_ *z*\n"), @"
        Set **this** in `a.conf`:

        ```
        [x]
        y = 1
        ```

        - one

        - two

          more

        7. seven

        <a@b.org> https://a.org/x_y_ *z*
        ");
        assert_eq!(
            render(
                &parse("# A\n\n- x\n  - y\n\n* z\n\n~~~ini\n-a\n~~~"),
                40,
                Style::Mail
            ),
            "#### A ####\n\n* x\n  * y\n\n+ z\n\n~~~ini\n    -a\n~~~"
        );
    }

    #[test]
    fn escapes_stand_only_where_they_are_needed() {
        assert_eq!(file("a_b_c * d"), "a_b_c * d");
        assert_eq!(file("\\_member\\_ \\[1]: x"), "\\_member_ [1]: x");
        assert_eq!(file("\\[1]: https://a.org"), "\\[1]: https://a.org");
        assert_eq!(file("1\\. x"), "1\\. x");
        assert_eq!(file("\\# x"), "\\# x");
    }

    proptest::proptest! {
        /// Words and marks in any mixture: what is written reads back as the same blocks, and the form
        /// of the form is the form.
        #[test]
        fn what_is_written_reads_back(
            pieces in proptest::collection::vec("[a-z]{1,9}|[-+*#>] [a-z]+|[0-9][.)] [a-z]+|\\*[a-z]+\\*|`[a-z]+( [a-z]+)?`|<[a-z]+>|\\[[0-9]\\]|_[a-z]+_|\n|\n\n|\n  |https://a\\.org/[a-z]*", 1..30),
        ) {
            let blocks = normal(&parse(&pieces.join(" ")));
            let text = render(&blocks, 60, Style::File);
            proptest::prop_assert_eq!(&normal(&parse(&text)), &blocks, "{}", text);
            proptest::prop_assert_eq!(render(&parse(&text), 60, Style::File), text.clone());
        }

        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n){0,200}") {
            for style in [Style::File, Style::Mail] {
                let _ = render(&parse(&text), 60, style);
            }
        }
    }
}
