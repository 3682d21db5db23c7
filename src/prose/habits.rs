//! reStructuredText habits inside Markdown, rewritten into Markdown.
//!
//! Sixteen years of advisories were written for Sphinx. What their authors still use: a paragraph
//! that ends in `::` before an indented block (a literal block), `` `text <address>`_ `` (a link) and
//! ``` ``literals`` ``` (which CommonMark reads as code already).

use std::ops::Range;

/// Rewrites the habits into Markdown.
pub fn to_markdown(source: &str) -> String {
    let expanded = source.replace('\t', "    ").replace("\r\n", "\n");
    let lines: Vec<&str> = expanded.lines().collect();
    let mut out = String::with_capacity(expanded.len() + 64);
    let mut fence: Option<&str> = None;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(open) = fence {
            if line.trim().starts_with(open) {
                fence = None;
            }
            push_line(&mut out, line);
            continue;
        }
        fence = ["```", "~~~"]
            .into_iter()
            .find(|mark| line.trim_start().starts_with(mark));
        if fence.is_some() {
            push_line(&mut out, line);
            continue;
        }
        match literal_block(&lines, at - 1) {
            Some(block) => {
                push_line(&mut out, &links_to_markdown(&block.intro));
                out.push('\n');
                let pad = " ".repeat(block.indent);
                let mark = "`".repeat(3.max(longest_run(&block.lines, '`') + 1));
                push_line(&mut out, &format!("{pad}{mark}"));
                for line in &block.lines {
                    push_line(&mut out, &format!("{pad}{line}"));
                }
                push_line(&mut out, &format!("{pad}{mark}"));
                out.push('\n');
                at = block.end;
            }
            None => push_line(&mut out, &links_to_markdown(line)),
        }
    }
    out
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn longest_run(lines: &[String], wanted: char) -> usize {
    lines
        .iter()
        .flat_map(|line| line.split(|c| c != wanted).map(str::len))
        .max()
        .unwrap_or(0)
}

/// A literal block with the line that announces it.
struct Literal {
    intro: String,
    indent: usize,
    lines: Vec<String>,
    /// Number of the first line behind it.
    end: usize,
}

/// Reads `text::`, a blank line and an indented block, where line `at` is the one that ends in `::`.
fn literal_block(lines: &[&str], at: usize) -> Option<Literal> {
    let line = lines[at].trim_end();
    if !line.ends_with("::") {
        return None;
    }
    let indent = content_indent(line);
    let first = (at + 1..lines.len()).find(|line| !lines[*line].trim().is_empty())?;
    if first == at + 1 || indent_of(lines[first]) <= indent {
        return None;
    }
    let end = (first..lines.len())
        .find(|line| !lines[*line].trim().is_empty() && indent_of(lines[*line]) <= indent)
        .unwrap_or(lines.len());
    let mut body: Vec<&str> = lines[first..end].to_vec();
    while body.last().is_some_and(|line| line.trim().is_empty()) {
        body.pop();
    }
    let margin = body
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| indent_of(line))
        .min()?;
    let lines = body
        .iter()
        .map(|line| line.get(margin..).unwrap_or_default().to_owned())
        .collect();
    let text = line.trim_end_matches("::");
    // `text ::` loses its colons, `text::` keeps one, a lone `::` goes altogether.
    let intro = if text.trim().is_empty() {
        String::new()
    } else if text.ends_with(' ') {
        text.trim_end().to_owned()
    } else {
        format!("{text}:")
    };
    Some(Literal {
        intro,
        indent,
        lines,
        end,
    })
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The column where the text of a line starts, behind the mark of a list item.
fn content_indent(line: &str) -> usize {
    let indent = indent_of(line);
    let rest = &line[indent..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match rest.as_bytes() {
        [b'-' | b'*' | b'+', b' ', ..] => 1,
        bytes if digits > 0 && matches!(bytes.get(digits), Some(b'.' | b')')) => digits + 1,
        _ => return indent,
    };
    let blanks = rest[mark..].len() - rest[mark..].trim_start_matches(' ').len();
    indent + mark + blanks
}

/// A link in the reStructuredText form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HabitLink {
    /// Where it stands in the text.
    pub place: Range<usize>,
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// Returns the links of the form `` `text <address>`_ `` in a text.
pub fn links_in(text: &str) -> Vec<HabitLink> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('`').map(|at| from + at) {
        let run = text[open..].bytes().take_while(|b| *b == b'`').count();
        let body = open + run;
        let mark = "`".repeat(run);
        let Some(close) = text[body..].find(&mark).map(|at| body + at) else {
            break;
        };
        let after = close + run;
        let tail = text[after..].bytes().take_while(|b| *b == b'_').count();
        let inner = &text[body..close];
        let parts = inner
            .trim_end()
            .strip_suffix('>')
            .and_then(|inner| inner.rsplit_once('<'));
        if run == 1
            && (1..=2).contains(&tail)
            && let Some((label, url)) = parts
        {
            let url = url.trim().to_owned();
            let label = if label.trim().is_empty() {
                url.clone()
            } else {
                label.trim().to_owned()
            };
            found.push(HabitLink {
                place: open..after + tail,
                label,
                url,
            });
        }
        from = after.max(open + 1);
    }
    found
}

/// Returns a link in Markdown.
pub fn markdown_link(link: &HabitLink) -> String {
    format!("[{}](<{}>)", link.label.replace(['[', ']'], ""), link.url)
}

fn links_to_markdown(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut done = 0;
    for link in links_in(line) {
        out.push_str(&line[done..link.place.start]);
        out.push_str(&markdown_link(&link));
        done = link.place.end;
    }
    out.push_str(&line[done..]);
    out
}

#[cfg(test)]
mod tests {
    use crate::prose::{html, parse};

    fn page(text: &str) -> String {
        html::render(&parse(text), 2)
    }

    #[test]
    fn a_literal_block_becomes_code() {
        insta::assert_snapshot!(page("Set in ``nova.conf``::\n\n  [DEFAULT]\n  debug = <no>\n\n    deep\n\nAfter."), @r#"
        <p>Set in <code>nova.conf</code>:</p>
        <pre tabindex="0"><code>[DEFAULT]
        debug = &lt;no&gt;

          deep</code></pre>
        <p>After.</p>
        "#);
    }

    #[test]
    fn a_literal_block_stays_in_its_list_item() {
        insta::assert_snapshot!(page("1. Stop it::\n\n     service x stop\n\n2. Start it:\n\n   - here ::\n\n       a\n\n   - there\n"), @r#"
        <ol>
        <li><p>Stop it:</p>
        <pre tabindex="0"><code>service x stop</code></pre>
        </li>
        <li><p>Start it:</p>
        <ul>
        <li><p>here</p>
        <pre tabindex="0"><code>a</code></pre>
        </li>
        <li>there</li>
        </ul>
        </li>
        </ol>
        "#);
    }

    #[test]
    fn colons_without_an_indented_block_are_colons() {
        assert_eq!(
            page("A pair ::\nnot indented"),
            "<p>A pair :: not indented</p>\n"
        );
        assert_eq!(page("`std::`::"), "<p><code>std::</code>::</p>\n");
    }

    #[test]
    fn a_link_of_either_form_is_a_link() {
        let html = "<p>See <a href=\"https://example.org/a_b\">the guide</a>.</p>\n";
        assert_eq!(page("See `the guide <https://example.org/a_b>`_."), html);
        assert_eq!(page("See [the guide](https://example.org/a_b)."), html);
        assert_eq!(page("``a <b>`_``"), "<p><code>a &lt;b&gt;`_</code></p>\n");
    }

    #[test]
    fn a_fence_is_left_alone() {
        assert_eq!(
            page("```\nx::\n\n  `a <b>`_\n```\n"),
            "<pre tabindex=\"0\"><code>x::\n\n  `a &lt;b&gt;`_</code></pre>\n"
        );
    }
}
