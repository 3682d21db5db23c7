//! Prose to HTML. Writes a dozen known tags and escapes everything else.

use std::fmt::Write as _;

use super::page::Anchors;
use super::{Block, Inline};

/// Renders blocks. `top` is the level of the heading above them, so that headings nest; a level that
/// the author skipped is not skipped on the page (WCAG 2.2, H42).
pub fn render(blocks: &[Block], top: u8) -> String {
    let mut out = String::new();
    render_blocks(blocks, &mut Levels::below(top), &mut out);
    out
}

/// Renders the blocks of a page of its own: its headings can be linked to.
pub fn render_page(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut levels = Levels::below(0);
    levels.anchors = Some(Anchors::default());
    // The title of the page is its first heading.
    levels.open.push(1);
    render_blocks(blocks, &mut levels, &mut out);
    out
}

fn render_blocks(blocks: &[Block], levels: &mut Levels, out: &mut String) {
    for block in blocks {
        render_block(block, levels, out);
    }
}

/// The headings that are open where the next one comes.
struct Levels {
    top: u8,
    /// Levels as the author wrote them, each deeper than the one before.
    open: Vec<u8>,
    /// Names of headings, where they get any.
    anchors: Option<Anchors>,
}

impl Levels {
    fn below(top: u8) -> Levels {
        Levels {
            top,
            open: Vec::new(),
            anchors: None,
        }
    }

    /// Returns the level on the page of the next heading.
    fn next(&mut self, level: u8) -> u8 {
        while self.open.last().is_some_and(|open| *open >= level) {
            self.open.pop();
        }
        self.open.push(level);
        let depth = u8::try_from(self.open.len()).unwrap_or(u8::MAX);
        self.top.saturating_add(depth).min(6)
    }
}

/// Escapes a text for HTML content and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            // Controls mean nothing in HTML; bidirectional ones turn a text around.
            c if c.is_control() || is_directional(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Returns whether a character changes the direction of what follows (Unicode TR 9).
pub fn is_directional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn render_block(block: &Block, levels: &mut Levels, out: &mut String) {
    match block {
        Block::Paragraph(content) => {
            let _ = writeln!(out, "<p>{}</p>", inline(content));
        }
        Block::Heading(level, content) => {
            let level = levels.next(*level);
            let name = levels.anchors.as_mut().map(|names| names.next(content));
            let id = name.map_or_else(String::new, |name| format!(" id=\"{name}\""));
            let _ = writeln!(out, "<h{level}{id}>{}</h{level}>", inline(content));
        }
        Block::List { start, items } => {
            let (open, close) = match start {
                None => ("<ul>".to_owned(), "</ul>"),
                Some(1) => ("<ol>".to_owned(), "</ol>"),
                Some(start) => (format!("<ol start=\"{start}\">"), "</ol>"),
            };
            let _ = writeln!(out, "{open}");
            for item in items {
                match item.as_slice() {
                    // A lone paragraph reads better without space around it.
                    [Block::Paragraph(content)] => {
                        let _ = writeln!(out, "<li>{}</li>", inline(content));
                    }
                    blocks => {
                        out.push_str("<li>");
                        render_blocks(blocks, levels, out);
                        out.push_str("</li>\n");
                    }
                }
            }
            let _ = writeln!(out, "{close}");
        }
        Block::Code { text, .. } => {
            // Focusable, so that a wide one can be scrolled by keyboard (WCAG 2.1.1).
            let _ = writeln!(
                out,
                "<pre tabindex=\"0\"><code>{}</code></pre>",
                escape(text)
            );
        }
        Block::Quote(blocks) => {
            out.push_str("<blockquote>");
            render_blocks(blocks, levels, out);
            out.push_str("</blockquote>\n");
        }
        Block::Table { head, rows } => table(head, rows, out),
        Block::Rule => out.push_str("<hr>\n"),
    }
}

/// Scrolls in a box of its own where the page is narrow, by keyboard as well (WCAG 2.1.1).
fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>], out: &mut String) {
    out.push_str("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    for cell in head {
        // A column of marks and remarks may have no name; an empty heading would mislead.
        let _ = match cell.is_empty() {
            true => write!(out, "<td></td>"),
            false => write!(out, "<th scope=\"col\">{}</th>", inline(cell)),
        };
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", inline(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table></div>\n");
}

fn inline(content: &[Inline]) -> String {
    let mut out = String::new();
    for piece in content {
        let _ = match piece {
            Inline::Text(text) => write!(out, "{}", escape(text)),
            Inline::Code(text) => write!(out, "<code>{}</code>", escape(text)),
            Inline::Emphasis(content) => write!(out, "<em>{}</em>", inline(content)),
            Inline::Strong(content) => write!(out, "<strong>{}</strong>", inline(content)),
            Inline::Link { url, content } => {
                write!(out, "<a href=\"{}\">{}</a>", escape(url), inline(content))
            }
            Inline::Break => write!(out, "<br>"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::parse;

    /// A sanitizer that we did not write finds nothing to take away.
    fn sanitized_is_the_same(source: &str) {
        let html = render(&parse(source), 2);
        let mut oracle = ammonia::Builder::default();
        oracle
            .link_rel(None)
            .url_schemes(["http", "https", "mailto"].into())
            .add_tag_attributes("ol", ["start"])
            .add_tag_attributes("pre", ["tabindex"]);
        // The oracle parses and writes again, so entities and white space are compared decoded.
        let clean = oracle.clean(&html).to_string();
        let decode = |html: &str| {
            html.replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&nbsp;", "\u{a0}")
                .replace("<br />", "<br>")
        };
        assert_eq!(decode(&clean), decode(&html), "for {source:?}");
    }

    #[test]
    fn hostile_prose_is_harmless() {
        for source in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](  JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>)",
            "<a href='https://x' onclick='y'>z</a>",
            "![x](https://x/\"onerror=\"y)",
            "[x](https://a/\"><script>)",
            "`<b>` **<i>** <!-- c --> <?php ?> <![CDATA[x]]>",
            "<svg/onload=alert(1)>\n\n<style>*{}</style>",
            "- <li>\n  - </ul>\n\n> </blockquote>",
            "[x]: javascript:alert(1)\n\n[x]",
        ] {
            sanitized_is_the_same(source);
            let html = render(&parse(source), 2);
            assert!(
                !html.contains("<script")
                    && !html.contains("<img")
                    && !html.contains("=\"javascript"),
                "{html}"
            );
        }
    }

    #[test]
    fn no_level_of_headings_is_skipped() {
        let html = render(&parse("### a\n\n# b\n\n### c\n\n## d\n\n> ###### e\n"), 2);
        let levels: Vec<&str> = html.split("<h").skip(1).map(|rest| &rest[..3]).collect();
        assert_eq!(levels, ["3>a", "3>b", "4>c", "4>d", "5>e"], "{html}");
    }

    #[test]
    fn text_cannot_turn_itself_around() {
        assert_eq!(escape("a\u{202e}b\u{7}"), "a\u{fffd}b\u{fffd}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(512))]
        #[test]
        fn a_sanitizer_finds_nothing_to_do(source in "([a-z <>/&\"'=:!#*_`()\\[\\]-]|\n|<script>|<b|javascript:|https://a\\.b/|``){0,40}") {
            sanitized_is_the_same(&source);
        }
    }
}
