//! Lists: their marks, their items, and where they begin and end.

use super::block::fence_at;
use super::look::is_rule;
use super::{Converter, Source, dedent, indent_of};

/// The mark of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
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

impl Converter {
    pub(super) fn mark(&self, line: &Source) -> Option<Mark> {
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

    pub(super) fn list(
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

    /// Whether lines are a list, perhaps below a label.
    pub(super) fn starts_list(&self, chunk: &[Source]) -> bool {
        let marked = |at: usize| chunk.get(at).is_some_and(|line| self.mark(line).is_some());
        let label = chunk[0].text.trim_end().ends_with(':') && !chunk[0].text.contains('"');
        marked(0) || (label && marked(1))
    }

    /// Whether a list starts at a line of a paragraph.
    pub(super) fn interrupts(&self, lines: &[Source], at: usize) -> bool {
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
}
