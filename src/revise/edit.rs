//! A text with its tree: where its fields, their values and comments stand, and edits of them.

use std::ops::Range;

use super::Refusal;
use crate::diagnostic::FileId;
use crate::tree::{Key, Node, Style, Value, yaml};

/// A range of bytes and what takes its place.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

/// A text with its tree.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) entries: Vec<(Key, Node)>,
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str) -> Result<Source<'a>, Refusal> {
        let is_lone = |at: &usize| text.as_bytes().get(at + 1) != Some(&b'\n');
        let mut returns = text.match_indices('\r').map(|(at, _)| at);
        if let Some(at) = returns.find(is_lone) {
            let line = text[..at].matches('\n').count() + 1;
            return Err(Refusal::LoneReturn(line));
        }
        let (tree, _) = yaml::parse(FileId(0), text);
        match tree.map(|tree| tree.value) {
            Some(Value::Map(entries)) => Ok(Source { text, entries }),
            _ => Err(Refusal::Unreadable),
        }
    }

    pub(super) fn entry(&self, name: &str) -> Option<&(Key, Node)> {
        self.entries.iter().find(|(key, _)| key.name == name)
    }

    /// Whether another text says the same in all fields but some. What YAML takes for lines may differ from
    /// what an edit takes for them.
    pub(super) fn keeps(&self, after: &Source<'_>, but: &[&str]) -> bool {
        let is_other = |(key, _): &&(Key, Node)| !but.contains(&key.name.as_str());
        let before: Vec<&(Key, Node)> = self.entries.iter().filter(is_other).collect();
        let after: Vec<&(Key, Node)> = after.entries.iter().filter(is_other).collect();
        same_fields(&before, &after)
    }

    /// The start of the line that a byte is in.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// The end of the line that a byte is in, its break included.
    pub(super) fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |length| at + length + 1)
    }

    /// The lines of a top-level field: from its key to the last line of its value.
    pub(super) fn lines(&self, (key, node): &(Key, Node)) -> Range<usize> {
        let start = self.line_start(key.span.range().start);
        let end = node.span.range().end.max(key.span.range().end);
        // A block's value may end with the break of its last line.
        let inside = self.text[start..end].trim_end().len();
        start..self.line_end(start + inside)
    }

    /// The lines of a top-level field with the comments that belong to it: what is indented behind it, what
    /// hangs on its end, and the run of comments above it.
    pub(super) fn with_comments(&self, entry: &(Key, Node)) -> Range<usize> {
        let Range { mut start, mut end } = self.lines(entry);
        let fields = self.entries.iter();
        let before = fields.filter(|(key, _)| key.span.range().start < start);
        let floor = before.map(|(_, node)| last_leaf(node)).max().unwrap_or(0);
        let mut in_run = false;
        while start > floor {
            let above = self.line_start(start - 1);
            let line = self.text[above..start].trim();
            let kept = line.is_empty() && in_run;
            if above < floor || kept || !(line.is_empty() || is_comment(line)) {
                break;
            }
            in_run |= is_comment(line);
            start = above;
        }
        if !in_run {
            start = self.lines(entry).start;
        }
        let mut at = end;
        while at < self.text.len() {
            let next = self.line_end(at);
            let line = &self.text[at..next];
            let inside = line.starts_with([' ', '\t']) && is_comment(line.trim());
            if !(inside || line.trim().is_empty()) {
                break;
            }
            at = next;
            if inside {
                end = next;
            }
        }
        // What touches the block and no other field is of the block.
        let mut at = end;
        while at < self.text.len() && self.text[at..].starts_with('#') {
            at = self.line_end(at);
        }
        if self.text[at..self.line_end(at)].trim().is_empty() {
            end = at;
        }
        start..end
    }

    /// Applies edits and parses the result again.
    pub(super) fn apply(&self, mut edits: Vec<Edit>) -> Result<String, Refusal> {
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        // New lines end as those of the file do.
        let breaks_with_return = self.text.contains("\r\n");
        let mut out = String::new();
        let mut at = 0;
        for edit in edits {
            out.push_str(self.text.get(at..edit.range.start).ok_or(Refusal::Broken)?);
            match breaks_with_return {
                true => out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n")),
                false => out.push_str(&edit.text),
            }
            at = edit.range.end;
        }
        out.push_str(self.text.get(at..).ok_or(Refusal::Broken)?);
        let (_, before) = yaml::parse(FileId(0), self.text);
        let (tree, after) = yaml::parse(FileId(0), &out);
        match tree {
            Some(_) if after.len() <= before.len() => Ok(out),
            _ => Err(Refusal::Broken),
        }
    }

    pub(super) fn scalar(&self, name: &'static str, value: &str) -> Result<Edit, Refusal> {
        let (_, node) = self.entry(name).ok_or(Refusal::Form(name))?;
        match &node.value {
            Value::Scalar(scalar) if !matches!(scalar.style, Style::Literal | Style::Folded) => {
                Ok(Edit {
                    range: node.span.range(),
                    text: value.to_owned(),
                })
            }
            _ => Err(Refusal::Form(name)),
        }
    }
}

/// Whether a line, without the blanks around it, is a comment for people: one for editors names the schema.
fn is_comment(line: &str) -> bool {
    line.starts_with('#') && !line.contains("yaml-language-server")
}

/// Where the last value inside a node ends, without the comments behind it.
fn last_leaf(node: &Node) -> usize {
    let mut leaves = Vec::new();
    add_leaves(node, &mut leaves);
    leaves.iter().map(|leaf| leaf.end).max().unwrap_or(0)
}

/// Adds the ranges of keys and values that are no maps and no lists.
fn add_leaves(node: &Node, leaves: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, node) in entries {
                leaves.push(key.span.range());
                add_leaves(node, leaves);
            }
        }
        Value::List(items) => items.iter().for_each(|item| add_leaves(item, leaves)),
        _ => leaves.push(node.span.range()),
    }
}

/// Returns the comments of a document, each with the number of its line. What reads like one inside a text
/// is none.
pub fn comments(text: &str) -> Vec<(usize, String)> {
    let (tree, _) = yaml::parse(FileId(0), text);
    let mut leaves = Vec::new();
    if let Some(tree) = &tree {
        add_leaves(tree, &mut leaves);
    }
    // The line on which a block of text begins may end in a comment.
    for leaf in &mut leaves {
        if text[leaf.clone()].starts_with(['|', '>']) {
            leaf.start += text[leaf.clone()].find('\n').unwrap_or(leaf.len());
        }
    }
    let mut found = Vec::new();
    let mut start = 0;
    // A lone carriage return ends a line for YAML, and for few who count lines.
    let lines = text
        .split_inclusive('\n')
        .enumerate()
        .flat_map(|(number, line)| line.split_inclusive('\r').map(move |part| (number, part)));
    for (number, line) in lines {
        let begins = line.match_indices('#').map(|(at, _)| at).find(|at| {
            let inside = leaves.iter().any(|leaf| leaf.contains(&(start + at)));
            !inside && (*at == 0 || line[..*at].ends_with([' ', '\t']))
        });
        if let Some(at) = begins.filter(|at| is_comment(&line[*at..])) {
            found.push((number + 1, line[at..].trim_end().to_owned()));
        }
        start += line.len();
    }
    found
}

/// Whether two values are equal, wherever they stand and however they are written.
fn says_the_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Null, Value::Null) => true,
        // The last field of a file may end with more or fewer empty lines.
        (Value::Scalar(one), Value::Scalar(other)) => {
            one.value.trim_end() == other.value.trim_end()
        }
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| says_the_same(one, other))
        }
        (Value::Map(one), Value::Map(other)) => same_fields(
            &one.iter().collect::<Vec<_>>(),
            &other.iter().collect::<Vec<_>>(),
        ),
        _ => false,
    }
}

fn same_fields(some: &[&(Key, Node)], others: &[&(Key, Node)]) -> bool {
    let same = |(one, other): (&&(Key, Node), &&(Key, Node))| {
        one.0.name == other.0.name && says_the_same(&one.1, &other.1)
    };
    some.len() == others.len() && some.iter().zip(others).all(same)
}
