//! Errata: what changed since the publication, and a line of the history.

use std::ops::Range;

use chrono::NaiveDate;

use super::Refusal;
use super::edit::{Edit, Source, comments};
use crate::model::Document;
use crate::prose::text::one_line;
use crate::tree::{Node, Style, Value};

/// Columns of a line of prose.
pub(super) const WIDTH: usize = 72;

/// Adds an erratum: what changed, and a line of the history, the newest first. Returns its number.
///
/// # Errors
/// When a field has a form that cannot be changed in place, or the result would be broken.
pub fn erratum(
    text: &str,
    document: &Document,
    what: &str,
    day: NaiveDate,
) -> Result<(String, usize), Refusal> {
    let source = Source::read(text)?;
    let number = document
        .errata_history
        .iter()
        .filter(|line| !line.is_original())
        .count()
        + 1;
    let line = format!("{day} - Errata {number}");
    let mut edits = Vec::new();
    let history = source
        .entry("errata_history")
        .filter(|(_, node)| !is_empty(node));
    let errata = source.entry("errata").filter(|(_, node)| !is_empty(node));
    // What is there and empty gives its place to what is not.
    let unfilled = ["errata", "errata_history"].map(|name| source.entry(name));
    for entry in unfilled.into_iter().flatten() {
        if is_empty(&entry.1) {
            let range = source.lines(entry);
            let text = comments_within(text, &range);
            edits.push(Edit { range, text });
        }
    }
    match history {
        Some((_, node)) => edits.push(new_item(&source, node, &line)?),
        None => {
            let original = document.date.text.value.trim();
            let block = format!("errata_history:\n  - {line}\n  - {original} - Original Version\n");
            // Right behind what it is the history of.
            let at = match errata {
                Some(entry) => source.lines(entry).end,
                None => end_of_fields(&source),
            };
            edits.push(inserted(&source, at, block));
        }
    }
    match errata {
        Some((_, node)) => {
            edits.push(appended(&source, node, what)?);
        }
        None => {
            let at = match history {
                Some(entry_of) => {
                    let entry = source
                        .entries
                        .iter()
                        .find(|(_, node)| node.span == entry_of.1.span);
                    entry.map_or(text.len(), |entry| source.lines(entry).start)
                }
                None => end_of_fields(&source),
            };
            edits.push(inserted(&source, at, format!("errata: {}", literal(what))));
        }
    }
    // Of two insertions at one place the errata come first.
    edits.sort_by_key(|edit| (edit.range.start, edit.text.contains("errata_history:")));
    let changed = source.apply(edits)?;
    let again = Source::read(&changed)?;
    let first = again
        .entry("errata_history")
        .and_then(|(_, node)| match &node.value {
            Value::List(items) => items.first().and_then(Node::text).map(str::to_owned),
            _ => None,
        });
    let said = again
        .entry("errata")
        .and_then(|(_, node)| node.text().map(str::to_owned));
    let sound = source.keeps(&again, &["errata", "errata_history"])
        && first.as_deref() == Some(line.as_str())
        && said.is_some_and(|said| one_line(&said).ends_with(&one_line(what)));
    if sound {
        Ok((changed, number))
    } else {
        Err(Refusal::Broken)
    }
}

/// The comments of some lines, each on a line of its own.
fn comments_within(text: &str, range: &Range<usize>) -> String {
    let first = text[..range.start].matches('\n').count();
    let lines = first + 1..=first + text[range.clone()].lines().count();
    let within = comments(text).into_iter();
    within
        .filter(|(line, _)| lines.contains(line))
        .map(|(_, comment)| format!("{comment}\n"))
        .collect()
}

/// Whether a value says nothing: none, an empty text or an empty list.
fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::List(items) => items.is_empty(),
        _ => node.is_null() || node.text().is_some_and(|text| text.trim().is_empty()),
    }
}

/// A paragraph behind a text. A text of another form becomes a block; the comment behind it stays.
fn appended(source: &Source<'_>, node: &Node, what: &str) -> Result<Edit, Refusal> {
    let Value::Scalar(scalar) = &node.value else {
        return Err(Refusal::Form("errata"));
    };
    let range = node.span.range();
    let end = range.start + source.text[range.clone()].trim_end().len();
    if matches!(scalar.style, Style::Literal | Style::Folded) {
        let first = &source.text[source.line_start(range.start)..end];
        let first = first
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        let indent = &first[..first.len() - first.trim_start().len()];
        let lines = literal(what);
        let lines = lines.lines().skip(1).map(|line| match line.trim_start() {
            "" => String::new(),
            text => format!("{indent}{text}"),
        });
        let text = format!("\n\n{}", lines.collect::<Vec<_>>().join("\n"));
        return Ok(Edit {
            range: end..end,
            text,
        });
    }
    let rest = source.line_end(end);
    let comment = source.text[end..rest].trim_end();
    let block = literal(&format!("{}\n\n{what}", scalar.value.trim_end()));
    let text = block.replacen('|', &format!("|{comment}"), 1);
    Ok(Edit {
        range: range.start..rest,
        text,
    })
}

/// A new first item of a list, in the form of the others.
fn new_item(source: &Source<'_>, list: &Node, value: &str) -> Result<Edit, Refusal> {
    let Value::List(items) = &list.value else {
        return Err(Refusal::Form("errata_history"));
    };
    let first = items.first().ok_or(Refusal::Form("errata_history"))?;
    let at = first.span.range().start;
    let start = source.line_start(at);
    let before = &source.text[start..at];
    if before.trim() == "-" {
        return Ok(Edit {
            range: start..start,
            text: format!("{before}{value}\n"),
        });
    }
    if before.trim_end().ends_with('[') {
        return Ok(Edit {
            range: at..at,
            text: format!("'{value}', "),
        });
    }
    Err(Refusal::Form("errata_history"))
}

/// The place behind the last field that is no `embargo` and no `waivers`, which stand at the end.
fn end_of_fields(source: &Source<'_>) -> usize {
    let last = source.entries.iter().rfind(|(key, node)| {
        let name = key.name.as_str();
        // An empty entry gives its place to a whole one.
        let replaced = name.starts_with("errata") && is_empty(node);
        !replaced && !matches!(name, "embargo" | "waivers" | "withdrawn")
    });
    last.map_or(source.text.len(), |entry| source.lines(entry).end)
}

/// Inserts a block of lines, behind a line break.
fn inserted(source: &Source<'_>, at: usize, block: String) -> Edit {
    let open = at > 0 && !source.text[..at].ends_with('\n');
    let text = if open { format!("\n{block}") } else { block };
    Edit {
        range: at..at,
        text,
    }
}

/// A text as a block of YAML that keeps its lines, long lines of prose broken.
fn literal(text: &str) -> String {
    let mut out = String::from("|\n");
    for line in text.lines() {
        let indented = line.starts_with([' ', '\t', '-', '*', '>', '|']);
        if line.chars().count() + 2 <= WIDTH || indented {
            out.push_str(format!("  {line}").trim_end());
            out.push('\n');
            continue;
        }
        let mut column = 0;
        for word in line.split(' ') {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > WIDTH {
                out.push('\n');
                column = 0;
            }
            let gap = if column == 0 { "  " } else { " " };
            out.push_str(gap);
            out.push_str(word);
            column += gap.len() + width;
        }
        out.push('\n');
    }
    out
}
