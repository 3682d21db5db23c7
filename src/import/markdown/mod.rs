//! The prose of a legacy text into Markdown: lists and literals kept, snippets fenced, headings demoted.
//!
//! Authors wrote for readers of mails, so what a text means is told by its look: an indented block is a
//! snippet, or an address, or a list of names; a line that starts with a hyphen is an item, or a dash.

mod block;
mod inline;
mod list;
mod look;
mod paragraph;

use self::look::is_rule;
use self::look::is_table;
use super::Entry;

/// Lists nested deeper than this are text.
const DEEPEST: usize = 8;

/// What the lines of a paragraph are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// Sentences, wherever their author broke them.
    Sentences,
    /// Perhaps products, one a line.
    Products,
}

/// Converts the entries of a section.
pub(super) fn convert(entries: &[Entry<'_>], wiki: bool, lines_are: Lines) -> String {
    let least = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Heading(level, ..) => Some(*level),
            Entry::Line(_) => None,
        })
        .min()
        .unwrap_or(0);
    let lines: Vec<Source> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Line(line) => Source {
                text: line.text.replace('\t', "    ").replace('\u{a0}', " "),
                heading: None,
            },
            Entry::Heading(level, title, _) => Source {
                text: (*title).to_owned(),
                heading: Some((level - least + 1).min(6)),
            },
        })
        .collect();
    let width = lines
        .iter()
        .filter(|line| !line.text.contains("://"))
        .map(|line| line.text.chars().count())
        .filter(|columns| (60..=80).contains(columns))
        .max()
        .unwrap_or(60);
    let mut converter = Converter {
        width,
        wiki,
        lines_are,
        depth: 0,
        before: String::new(),
        last_list: None,
    };
    let mut out = Vec::new();
    converter.blocks(&lines, &mut out);
    out.join("\n")
}

/// A line with its tabs and hard blanks made soft.
#[derive(Debug, Clone)]
struct Source {
    text: String,
    heading: Option<u8>,
}

impl Source {
    fn is_blank(&self) -> bool {
        self.heading.is_none() && self.text.trim().is_empty()
    }

    fn indent(&self) -> usize {
        indent_of(&self.text)
    }
}

fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

struct Converter {
    /// Columns to which the author filled lines.
    width: usize,
    wiki: bool,
    lines_are: Lines,
    depth: usize,
    /// The text of the paragraph before.
    before: String,
    /// The sign of the list before, where nothing stands between.
    last_list: Option<char>,
}

impl Converter {
    fn blocks(&mut self, lines: &[Source], out: &mut Vec<String>) {
        let mut at = 0;
        while at < lines.len() {
            let line = &lines[at];
            if line.is_blank() {
                at += 1;
                continue;
            }
            separate(out);
            let last_list = self.last_list.take();
            at = if let Some(level) = line.heading {
                let text = self.inline(line.text.trim());
                out.push(format!("{} {text}", "#".repeat(usize::from(level))));
                self.before.clear();
                at + 1
            } else if let Some(end) = self.fenced(lines, at, out) {
                end
            } else if is_rule(&line.text) {
                out.push("* * *".into());
                at + 1
            } else if line.text.starts_with("> ") {
                self.quote(lines, at, out)
            } else if self.depth < DEEPEST && self.mark(line).is_some() {
                self.list(lines, at, last_list, out)
            } else if line.indent() >= 2 || is_table(&line.text) {
                self.indented(lines, at, out)
            } else {
                self.paragraph(lines, at, out)
            };
        }
    }

    fn deeper(&mut self, act: impl FnOnce(&mut Converter)) {
        self.depth += 1;
        if self.depth <= DEEPEST {
            act(self);
        }
        self.depth -= 1;
    }

    fn quote(&mut self, lines: &[Source], at: usize, out: &mut Vec<String>) -> usize {
        let end = (at..lines.len())
            .find(|at| lines[*at].heading.is_some() || !lines[*at].text.starts_with('>'))
            .unwrap_or(lines.len());
        let inner: Vec<Source> = lines[at..end]
            .iter()
            .map(|line| Source {
                text: line.text[1..]
                    .strip_prefix(' ')
                    .unwrap_or(&line.text[1..])
                    .into(),
                heading: None,
            })
            .collect();
        let mut quoted = Vec::new();
        self.deeper(|converter| converter.blocks(&inner, &mut quoted));
        out.extend(
            quoted
                .iter()
                .map(|line| format!("> {line}").trim_end().to_owned()),
        );
        end
    }
}

/// One blank line, unless there is one.
fn separate(out: &mut Vec<String>) {
    if out.last().is_some_and(|line| !line.is_empty()) {
        out.push(String::new());
    }
}

fn dedent(line: &Source, columns: usize) -> Source {
    let cut = line.indent().min(columns);
    Source {
        text: line.text[cut..].to_owned(),
        heading: line.heading,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    fn shown(text: &str) -> String {
        let entries: Vec<Entry<'_>> = text
            .lines()
            .map(|text| Entry::Line(Line { text, start: 0 }))
            .collect();
        convert(&entries, false, Lines::Sentences)
    }

    #[test]
    fn snippets_are_fenced_and_captions_say_only_what_is_new() {
        insta::assert_snapshot!(shown("Put this into nova.conf:\n\n---- begin example nova.conf snippet ----\n  [a]\n    b = 1\n---- end example nova.conf snippet ----\n\n--- begin bad paste.ini snippet ---\nx = [...]\n--- end bad paste.ini snippet ---\n\nRun this:\n\n    ls | grep x\n\n    ls -l\n\n  https://example.org/\n\nOr this:\n\nneutron rule-create --port 53 \\\n    --action allow\n\n~~~\n# root\n~~~\nEnd.\n\n~~~ open"), @"
        Put this into nova.conf:

        ```
        [a]
          b = 1
        ```

        Bad `paste.ini`:

        ```
        x = [...]
        ```

        Run this:

        ```
        ls | grep x

        ls -l
        ```

        https://example.org/

        Or this:

        ```
        neutron rule-create --port 53 \\
            --action allow
        ```

        ```
        # root
        ```

        End.

        \\~~~ open
        ");
    }

    #[test]
    fn lists_keep_their_items_whatever_their_indent() {
        insta::assert_snapshot!(shown("Steps for it:\nA. First do\nthis\n      * One that\n        goes on\n        ** below it\n      * Two\n\n  1. Start\n  2. Set:\n\n---- begin x ----\na = 1\n---- end x ----\n\n     And more.\n\n  3. Stop\n\n1. List:\n\n     nova list\n\n2. Go\non\n\nA dash is what\n- this is, no item.\n\n  One Name\n  Two Names\n  Three (3)\n\n- a\n- b\n* c\n#. d\n\nQueens\n* nova: x\n       and y"), @"
        Steps for it:

        A. First do this

        * One that goes on

          - below it
        * Two

        1. Start

        2. Set:

           X:

           ```
           a = 1
           ```

           And more.

        3. Stop

        1) List:

           ```
           nova list
           ```

        2) Go on

        A dash is what - this is, no item.

        - One Name
        - Two Names
        - Three (3)

        + a
        + b

        * c

        1. d

        Queens

        * nova: x and y
        ");
    }

    #[test]
    fn labels_names_and_marks_are_kept() {
        insta::assert_snapshot!(shown("The fixes:\n2026.1/gazpacho: https://example.org/1\n2025.2/flamingo (x): https://example.org/2\n\nApache:\nSSLProtocol All -SSLv2\n\nThe '_member_' role, _guest_ and __init__ of `_x_`.\n\n#no heading\n\n[1]: https://example.org\n\n2014. A year\n\n+---+\n| a |\n+---+\n\nNote::\n\n  x = 1"), @"
        The fixes:

        - 2026.1/gazpacho: https://example.org/1
        - 2025.2/flamingo (x): https://example.org/2

        Apache:

        ```
        SSLProtocol All -SSLv2
        ```

        The '`_member_`' role, _guest_ and `__init__` of `_x_`.

        \\#no heading

        \\[1]: https://example.org

        2014\\. A year

        ```
        +---+
        | a |
        +---+
        ```

        Note:

        ```
        x = 1
        ```
        ");
        assert_eq!(
            inline::wiki_inline("'''a''' and ''b'' ''/v1/{c}'' d''"),
            "**a** and *b* `/v1/{c}` d''"
        );
    }
}
