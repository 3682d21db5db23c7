//! The prose of a legacy text into Markdown: lists and literals kept, snippets fenced, headings demoted.
//!
//! Authors wrote for readers of mails, so what a text means is told by its look: an indented block is a
//! snippet, or an address, or a list of names; a line that starts with a hyphen is an item, or a dash.

use super::{Entry, Fence, fence};
use crate::prose::addresses_in;

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

/// The mark of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    indent: usize,
    /// Column of the text behind it.
    content: usize,
    kind: MarkKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkKind {
    Bullet(char),
    /// Two asterisks: an item below one with one.
    Deeper,
    Number(u64, char),
    /// `#.` of reStructuredText, `#` of MediaWiki.
    Counted,
}

impl Mark {
    fn is_like(self, other: Mark) -> bool {
        let near = self.indent.abs_diff(other.indent) <= 1;
        near && match (self.kind, other.kind) {
            (MarkKind::Number(_, one), MarkKind::Number(_, other)) => one == other,
            (one, other) => one == other,
        }
    }

    fn is_numbered(self) -> bool {
        matches!(self.kind, MarkKind::Number(..) | MarkKind::Counted)
    }
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
    fn mark(&self, line: &Source) -> Option<Mark> {
        if line.heading.is_some() || is_rule(&line.text) {
            return None;
        }
        let indent = line.indent();
        let rest = &line.text[indent..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (length, kind) = if (1..=3).contains(&digits) {
            let delimiter = rest[digits..].chars().next()?;
            let number = rest[..digits].parse().ok()?;
            matches!(delimiter, '.' | ')')
                .then_some((digits + 1, MarkKind::Number(number, delimiter)))?
        } else if rest.starts_with("** ") {
            (2, MarkKind::Deeper)
        } else if rest.starts_with("#. ") || (self.wiki && rest.starts_with("# ")) {
            (rest.find(' ')?, MarkKind::Counted)
        } else {
            let sign = rest.chars().next()?;
            matches!(sign, '-' | '*' | '+' | '•')
                .then_some((sign.len_utf8(), MarkKind::Bullet(sign)))?
        };
        let behind = &rest[length..];
        let blanks = indent_of(behind);
        let sound = blanks > 0 && !behind.trim().is_empty();
        sound.then_some(Mark {
            indent,
            content: indent + length + blanks,
            kind,
        })
    }

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

    /// A fenced block, or a snippet between `begin` and `end`.
    fn fenced(&mut self, lines: &[Source], at: usize, out: &mut Vec<String>) -> Option<usize> {
        let fence = fence_at(lines, at)?;
        let body = &lines[at + 1..at + fence.end];
        if let Some(caption) = fence.caption {
            self.caption(caption, out);
        }
        push_code(body, fence.language, out);
        self.before.clear();
        Some(at + fence.end + 1)
    }

    /// What a snippet is, unless the words before it say so.
    fn caption(&mut self, caption: &str, out: &mut Vec<String>) {
        let fillers = ["example", "snippet", "sample", "of", "the", "a"];
        let said: Vec<String> = words(&self.before);
        let new = words(caption)
            .iter()
            .any(|word| !said.contains(word) && !fillers.contains(&word.as_str()));
        if !new {
            return;
        }
        // Names of files are literals, and what every caption says is left out.
        let text = caption
            .split_whitespace()
            .filter(|word| !fillers.contains(&word.to_lowercase().as_str()))
            .map(|word| {
                let name = word.contains(['.', '_', '/']) && !word.contains('`');
                if name {
                    format!("`{word}`")
                } else {
                    word.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join(" ");
        let mut letters = text.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        out.push(self.text(&format!("{first}{}:", letters.as_str())));
        out.push(String::new());
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

    fn deeper(&mut self, act: impl FnOnce(&mut Converter)) {
        self.depth += 1;
        if self.depth <= DEEPEST {
            act(self);
        }
        self.depth -= 1;
    }

    fn list(
        &mut self,
        lines: &[Source],
        at: usize,
        last_list: Option<char>,
        out: &mut Vec<String>,
    ) -> usize {
        let Some(first) = self.mark(&lines[at]) else {
            return self.paragraph(lines, at, out);
        };
        let (items, end) = self.items(lines, at, first);
        let start = match first.kind {
            MarkKind::Number(number, _) => Some(number),
            MarkKind::Counted => Some(1),
            _ => None,
        };
        // Two lists in a row are told apart by their signs.
        let wanted = match first.kind {
            MarkKind::Number(_, delimiter) => delimiter,
            MarkKind::Counted => '.',
            MarkKind::Bullet(sign @ ('*' | '+')) => sign,
            MarkKind::Bullet(_) | MarkKind::Deeper => '-',
        };
        let sign = match (last_list == Some(wanted), wanted) {
            (false, sign) => sign,
            (true, '.') => ')',
            (true, ')') => '.',
            (true, '+') => '-',
            (true, _) => '+',
        };
        let loose = items.iter().any(|item| item.iter().any(Source::is_blank));
        for (number, item) in items.iter().enumerate() {
            let mark = match start {
                Some(start) => format!("{}{sign} ", start + number as u64),
                None => format!("{sign} "),
            };
            let mut inner = Vec::new();
            self.before.clear();
            self.last_list = None;
            self.deeper(|converter| converter.blocks(item, &mut inner));
            if loose && number > 0 {
                out.push(String::new());
            }
            let pad = " ".repeat(mark.len());
            for (at, line) in inner.iter().enumerate() {
                let lead = if at == 0 { &mark } else { &pad };
                out.push(format!("{lead}{line}").trim_end().to_owned());
            }
        }
        self.before.clear();
        self.last_list = Some(sign);
        end
    }

    /// The items of a list, each as lines of its own, and the number of the line behind the list.
    fn items(&self, lines: &[Source], at: usize, first: Mark) -> (Vec<Vec<Source>>, usize) {
        let mut items: Vec<Vec<Source>> = Vec::new();
        let mut content = first.content;
        let mut at = at;
        while at < lines.len() {
            let line = &lines[at];
            if line.heading.is_some() {
                break;
            }
            if line.is_blank() {
                let Some(next) = (at..lines.len()).find(|at| !lines[*at].is_blank()) else {
                    break;
                };
                let belongs = match self.mark(&lines[next]) {
                    _ if lines[next].heading.is_some() => false,
                    Some(mark) => mark.is_like(first) || mark.indent > first.indent + 1,
                    None => {
                        lines[next].indent() > first.indent + 1
                            || self.resumes(lines, next, first, items.len())
                    }
                };
                if !belongs {
                    break;
                }
                let is_item = self
                    .mark(&lines[next])
                    .is_some_and(|mark| mark.is_like(first));
                if let (Some(item), false) = (items.last_mut(), is_item) {
                    item.push(line.clone());
                }
                at = next;
                continue;
            }
            if let Some(fence) = fence_at(lines, at) {
                let inside =
                    line.indent() > first.indent + 1 || self.resumes(lines, at, first, items.len());
                if !inside {
                    break;
                }
                let block = &lines[at..=at + fence.end];
                // What is verbatim moves as a whole.
                let margin = block
                    .iter()
                    .filter(|line| !line.is_blank())
                    .map(Source::indent)
                    .min()
                    .unwrap_or(0)
                    .min(content);
                if let Some(item) = items.last_mut() {
                    item.extend(block.iter().map(|line| dedent(line, margin)));
                }
                at += fence.end + 1;
                continue;
            }
            match self.mark(line) {
                Some(mark) if mark.is_like(first) => {
                    content = mark.content;
                    items.push(vec![Source {
                        text: line.text[content..].to_owned(),
                        heading: None,
                    }]);
                }
                Some(mark) if mark.indent <= first.indent => break,
                _ if is_rule(&line.text) => break,
                _ => {
                    if let Some(item) = items.last_mut() {
                        item.push(dedent(line, content));
                    }
                }
            }
            at += 1;
        }
        (items, at)
    }

    /// Whether a snippet at the margin belongs to the item above it: the list goes on behind it.
    fn resumes(&self, lines: &[Source], at: usize, first: Mark, count: usize) -> bool {
        let Some(fence) = fence_at(lines, at) else {
            return false;
        };
        let next = lines[at + fence.end + 1..]
            .iter()
            .find(|line| !line.is_blank());
        let Some(next) = next.filter(|line| line.heading.is_none()) else {
            return false;
        };
        match (self.mark(next), first.kind) {
            (Some(mark), MarkKind::Number(start, _)) => {
                let number = start + count as u64;
                mark.is_like(first)
                    && matches!(mark.kind, MarkKind::Number(found, _) if found == number)
            }
            (Some(mark), _) => mark.is_like(first) && first.is_numbered(),
            (None, _) => first.is_numbered() && next.indent() >= first.content,
        }
    }

    /// A block of indented lines: snippets, addresses, lists or prose.
    fn indented(&mut self, lines: &[Source], at: usize, out: &mut Vec<String>) -> usize {
        let mut end = at;
        while end < lines.len() {
            let line = &lines[end];
            let inside = line.is_blank() || line.indent() >= 2 || is_table(&line.text);
            let fenced = end > at && fence_at(lines, end).is_some();
            if line.heading.is_some() || !inside || fenced {
                break;
            }
            end += 1;
        }
        let block = &lines[at..end];
        let mut from = 0;
        while from < block.len() {
            if block[from].is_blank() {
                from += 1;
                continue;
            }
            separate(out);
            let to = chunk_end(block, from);
            let chunk = &block[from..to];
            if chunk.iter().all(|line| is_address(line.text.trim())) {
                for (at, line) in chunk.iter().enumerate() {
                    if at > 0 {
                        out.push(String::new());
                    }
                    out.push(line.text.trim().to_owned());
                }
                from = to;
            } else if self.starts_list(chunk) && self.depth < DEEPEST {
                // The list may go on behind blank lines.
                let rest: Vec<Source> = dedent_all(&block[from..]);
                self.deeper(|converter| converter.blocks(&rest, out));
                self.last_list = None;
                from = block.len();
            } else if is_prose(chunk) {
                let plain = dedent_all(chunk);
                let mut done = 0;
                while done < plain.len() {
                    separate(out);
                    done += self.paragraph(&plain[done..], 0, out).max(1);
                }
                from = to;
            } else if is_names(chunk) {
                out.extend(
                    chunk
                        .iter()
                        .map(|line| format!("- {}", self.inline(line.text.trim()))),
                );
                self.last_list = Some('-');
                from = to;
            } else {
                let mut last = to;
                while let Some(next) = (last..block.len()).find(|at| !block[*at].is_blank()) {
                    let end = chunk_end(block, next);
                    let chunk = &block[next..end];
                    let other = chunk.iter().all(|line| is_address(line.text.trim()))
                        || self.starts_list(chunk)
                        || is_prose(chunk);
                    if other {
                        break;
                    }
                    last = end;
                }
                push_code(&block[from..last], None, out);
                from = last;
            }
        }
        self.before.clear();
        end.max(at + 1)
    }

    /// Whether lines are a list, perhaps below a label.
    fn starts_list(&self, chunk: &[Source]) -> bool {
        let marked = |at: usize| chunk.get(at).is_some_and(|line| self.mark(line).is_some());
        let label = chunk[0].text.trim_end().ends_with(':') && !chunk[0].text.contains('"');
        marked(0) || (label && marked(1))
    }

    fn paragraph(&mut self, lines: &[Source], at: usize, out: &mut Vec<String>) -> usize {
        let mut end = at + 1;
        while end < lines.len() {
            let (line, before) = (&lines[end], &lines[end - 1]);
            let stop = line.is_blank()
                || line.heading.is_some()
                || is_rule(&line.text)
                || is_table(&line.text)
                || fence_at(lines, end).is_some()
                || self.interrupts(lines, end)
                || (before.text.ends_with(':') && line.indent() >= before.indent() + 2);
            if stop {
                break;
            }
            end += 1;
        }
        let margin = lines[at].indent();
        let texts: Vec<String> = lines[at..end]
            .iter()
            .map(|line| dedent(line, margin).text.trim_end().to_owned())
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.lines(&texts, out);
        end
    }

    /// Whether a list starts at a line of a paragraph.
    fn interrupts(&self, lines: &[Source], at: usize) -> bool {
        let Some(mark) = self.mark(&lines[at]) else {
            return false;
        };
        let before = lines[at - 1].text.trim_end();
        let closed = before.ends_with([':', '.', ';', '!', '?', ')']);
        let sibling = lines[at + 1..]
            .iter()
            .take(8)
            .take_while(|line| !line.is_blank())
            .any(|line| self.mark(line).is_some_and(|other| other.is_like(mark)));
        let deeper = mark.indent >= lines[at - 1].indent() + 2;
        match mark.kind {
            MarkKind::Number(1, _) | MarkKind::Counted => closed || sibling || deeper,
            MarkKind::Number(..) => false,
            MarkKind::Deeper => true,
            // A short line above is a label.
            _ => closed || sibling || deeper || before.trim().split(' ').count() <= 3,
        }
    }

    /// The lines of one paragraph.
    fn lines(&mut self, lines: &[&str], out: &mut Vec<String>) {
        let commands = self.before.ends_with(':') && is_command(lines);
        if commands {
            let body: Vec<Source> = lines
                .iter()
                .map(|line| Source {
                    text: (*line).to_owned(),
                    heading: None,
                })
                .collect();
            push_code(&body, None, out);
            self.before.clear();
            return;
        }
        if let [label, rest @ ..] = lines
            && !rest.is_empty()
            && is_label_line(label, rest)
        {
            out.push(self.text(label));
            out.push(String::new());
            self.before = (*label).to_owned();
            self.lines(rest, out);
            return;
        }
        // `2026.1/gazpacho: address` a line, `Stein: version` a line, `Nova / Juno` a line.
        let products = self.lines_are == Lines::Products
            && self.depth == 0
            && lines.iter().all(|line| is_product_line(line))
            && self.are_broken(lines);
        let labelled = lines.iter().all(|line| is_labelled(line)) && self.are_broken(lines);
        if lines.len() > 1 && (products || labelled) {
            out.extend(lines.iter().map(|line| format!("- {}", self.inline(line))));
            self.before.clear();
            self.last_list = Some('-');
            return;
        }
        let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        let text = trimmed.join(" ");
        out.push(self.text(&text));
        self.before = text;
    }

    /// Whether lines end where their author wanted, not where they were full.
    fn are_broken(&self, lines: &[&str]) -> bool {
        lines.windows(2).all(|pair| {
            let next = pair[1].split(' ').next().unwrap_or_default();
            let room = pair[0].chars().count() + 1 + next.chars().count();
            room <= self.width || pair[0].contains("://")
        })
    }

    /// A paragraph as one line, with what would make it something else escaped.
    fn text(&self, text: &str) -> String {
        // `text::` announces an indented block, which is fenced here.
        let text = match text.strip_suffix("::") {
            Some(text) if text.trim().is_empty() => return String::new(),
            Some(text) => format!("{}:", text.trim_end()),
            None => text.to_owned(),
        };
        let text = self.inline(&text);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && matches!(text.as_bytes().get(digits), Some(b'.' | b')')) {
            return format!("{}\\{}", &text[..digits], &text[digits..]);
        }
        let block = text.starts_with(['#', '>', '+', '=', '-', '~', '|', '•'])
            || text.starts_with("* ")
            || (text.starts_with('[') && text.contains("]:"));
        if block { format!("\\{text}") } else { text }
    }

    /// Marks inside a line that mean something else in Markdown.
    fn inline(&self, text: &str) -> String {
        let text = if self.wiki {
            wiki_inline(text)
        } else {
            text.to_owned()
        };
        names_with_underscores(&text)
    }
}

/// One blank line, unless there is one.
fn separate(out: &mut Vec<String>) {
    if out.last().is_some_and(|line| !line.is_empty()) {
        out.push(String::new());
    }
}

/// Returns the block of verbatim text that starts at a line; a heading ends what is before it.
fn fence_at(lines: &[Source], at: usize) -> Option<Fence<'_>> {
    fence(|ahead| {
        lines
            .get(at + ahead)
            .filter(|line| line.heading.is_none())
            .map(|line| line.text.as_str())
    })
}

fn dedent(line: &Source, columns: usize) -> Source {
    let cut = line.indent().min(columns);
    Source {
        text: line.text[cut..].to_owned(),
        heading: line.heading,
    }
}

/// Lines without the indent that all of them have.
fn dedent_all(lines: &[Source]) -> Vec<Source> {
    let margin = lines
        .iter()
        .filter(|line| !line.is_blank())
        .map(Source::indent)
        .min()
        .unwrap_or(0);
    lines.iter().map(|line| dedent(line, margin)).collect()
}

fn push_code(lines: &[Source], language: Option<&str>, out: &mut Vec<String>) {
    let mut body = dedent_all(lines);
    let blank = |line: Option<&Source>| line.is_some_and(Source::is_blank);
    while blank(body.last()) {
        body.pop();
    }
    while blank(body.first()) {
        body.remove(0);
    }
    if body.is_empty() {
        return;
    }
    let longest = body
        .iter()
        .flat_map(|line| line.text.split(|c| c != '`').map(str::len))
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    out.push(format!("{fence}{}", language.unwrap_or_default()));
    out.extend(body.into_iter().map(|line| line.text.trim_end().to_owned()));
    out.push(fence);
}

/// The number of the first line behind a run of lines.
fn chunk_end(lines: &[Source], from: usize) -> usize {
    (from..lines.len())
        .find(|at| lines[*at].is_blank())
        .unwrap_or(lines.len())
}

fn is_rule(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| *c != ' ').collect();
    bare.len() >= 3
        && ['-', '=', '*', '_']
            .iter()
            .any(|sign| bare.chars().all(|c| c == *sign))
}

fn is_table(text: &str) -> bool {
    let text = text.trim();
    text.len() > 2
        && (text.starts_with("+-") || text.starts_with("| "))
        && text.ends_with(['+', '|'])
}

fn is_address(text: &str) -> bool {
    addresses_in(text)
        .first()
        .is_some_and(|address| *address == (0..text.len()))
}

/// A sentence or more, and no code.
fn is_prose(lines: &[Source]) -> bool {
    let text = lines
        .iter()
        .map(|line| line.text.trim())
        .collect::<Vec<_>>()
        .join(" ");
    let code = text.contains(['=', '{', '}', '|', ';', '\\', '$', '<', '>']);
    let sentence = text.starts_with(|c: char| c.is_uppercase()) && text.ends_with(['.', ':', '!']);
    let aligned = dedent_all(lines).iter().all(|line| line.indent() == 0);
    !code && sentence && aligned && text.split(' ').count() >= 7 && !text.contains("  ")
}

/// A list of short names, a line each.
fn is_names(lines: &[Source]) -> bool {
    let aligned = dedent_all(lines).iter().all(|line| line.indent() == 0);
    lines.len() > 2
        && aligned
        && lines.iter().all(|line| {
            let text = line.text.trim();
            let capital = text.starts_with(|c: char| c.is_uppercase());
            let plain = text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')'));
            capital && plain && text.split(' ').count() <= 4
        })
}

/// A command that its author forgot to indent.
fn is_command(lines: &[&str]) -> bool {
    let first = lines[0];
    let option = |line: &str| {
        line.split_once(' ').is_some_and(|(name, rest)| {
            let name_sound = name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
            name_sound && (rest.starts_with("--") || rest.contains(" --"))
        })
    };
    let flag = first.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest[1..].starts_with(' ')
    });
    let setting = lines.iter().all(|line| {
        line.split_once('=').is_some_and(|(name, value)| {
            !name.trim().is_empty() && !name.trim().contains(' ') && !value.ends_with('.')
        })
    });
    let continued = lines.iter().any(|line| line.ends_with('\\'));
    let statements = lines
        .iter()
        .all(|line| line.ends_with(';') && !line.contains('`') && line.split(' ').count() <= 6);
    let switches = lines.len() == 1
        && !first.ends_with('.')
        && first.split(' ').count() <= 6
        && first.split(' ').skip(1).any(|word| {
            word.len() > 2 && word.starts_with('-') && word.as_bytes()[1].is_ascii_alphabetic()
        });
    continued
        || statements
        || switches
        || flag
        || setting
        || first.starts_with("$ ")
        || (option(first) && !first.ends_with('.'))
}

/// A line that names what follows it, such as `Apache:` above a setting.
fn is_label_line(line: &str, rest: &[&str]) -> bool {
    // One address goes on with the line that names it.
    if rest.len() == 1 && is_address(rest[0].trim()) {
        return false;
    }
    let short = line.split(' ').count() <= 6;
    let announces =
        is_address(rest[0]) || is_command(rest) || rest.iter().all(|line| is_labelled(line));
    line.ends_with(':') && (short || announces)
}

/// `label: value`, the value not empty.
fn is_labelled(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(label, value)| {
        let names_address =
            label.len() <= 44 && label.split(' ').count() <= 6 && is_address(value.trim());
        let sound = label.starts_with(|c: char| c.is_alphanumeric())
            && label.len() <= 44
            && label.split(' ').count() <= 5
            && !label.contains(['.', '"', '`']);
        let version = label.split(['/', ' ']).next().is_some_and(|first| {
            first.contains('.') && first.starts_with(|c: char| c.is_ascii_digit())
        });
        let sound = sound || (version && label.len() <= 44);
        names_address || (sound && !value.trim().is_empty())
    })
}

/// A product with what is affected of it, and not the beginning of a longer text.
fn is_product_line(line: &str) -> bool {
    let text = line.trim();
    let said = [": ", " / ", " (", "<", ">", "="]
        .iter()
        .any(|sign| text.contains(sign));
    said && !text.ends_with([',', '.']) && text.starts_with(char::is_alphanumeric)
}

/// MediaWiki's quotes: `'''strong'''`, `''emphasis''`.
fn wiki_inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("''") {
        let length = if rest[open..].starts_with("'''") {
            3
        } else {
            2
        };
        let mark = &"'''"[..length];
        let inner = open + length;
        let Some(close) = rest[inner..].find(mark).map(|at| inner + at) else {
            break;
        };
        let body = &rest[inner..close];
        out.push_str(&rest[..open]);
        let code = length == 2 && body.contains(['{', '/', '_', '=']) && !body.contains('`');
        let (before, after) = match (length, code) {
            (3, _) => ("**", "**"),
            (_, true) => ("`", "`"),
            (_, false) => ("*", "*"),
        };
        out.push_str(&format!("{before}{body}{after}"));
        rest = &rest[close + length..];
    }
    out.push_str(rest);
    out
}

/// `'_member_'` and `__init__` are names, not emphasis.
fn names_with_underscores(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut at = 0;
    let mut literal = false;
    while let Some(c) = text[at..].chars().next() {
        if c == '`' {
            literal = !literal;
        }
        let before = text[..at].chars().next_back();
        let starts =
            before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '\\' | '/' | '*')));
        if c == '_' && starts && !literal {
            let length = text[at..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(text.len() - at);
            let name = &text[at..at + length];
            let quoted = matches!(before, Some('\'' | '"'));
            let bounded = name.len() > 2 && name.ends_with('_');
            if bounded && (quoted || name.starts_with("__")) {
                out.push_str(&text[done..at]);
                out.push_str(&format!("`{name}`"));
                done = at + length;
            }
            at += length;
            continue;
        }
        at += c.len_utf8();
    }
    out.push_str(&text[done..]);
    out
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace())
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
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
            wiki_inline("'''a''' and ''b'' ''/v1/{c}'' d''"),
            "**a** and *b* `/v1/{c}` d''"
        );
    }
}
