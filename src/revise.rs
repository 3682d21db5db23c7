//! Changes of documents as bytes: only what changes is written, so comments and layout stay (pure).
//!
//! Every result is parsed again before it is handed out: a change that would break a document, or say
//! something else than it should, is refused.

use std::ops::Range;

use chrono::NaiveDate;

use crate::diagnostic::FileId;
use crate::model::id::cve_year;
use crate::model::{Cve, Document};
use crate::tree::{Key, Node, Style, Value, yaml};

/// Why a document is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("the document cannot be read")]
    Unreadable,
    /// A field has a form that cannot be changed in place.
    #[error("`{0}` has a form that vmt does not change")]
    Form(&'static str),
    /// No CVE is awaited.
    #[error("no vulnerability awaits a CVE")]
    NothingPending,
    /// Several are awaited.
    #[error("{0} vulnerabilities await a CVE")]
    SeveralPending(usize),
    /// The document has it already.
    #[error("the document has {0} already")]
    Present(String),
    /// No team was given an id like this.
    #[error("{0} cannot be right: its year is not one in which it could have been assigned")]
    Year(String),
    /// The result would not say what it should.
    #[error("the change would break the document")]
    Broken,
}

impl Refusal {
    /// Returns how to go on.
    pub fn help(&self) -> &'static str {
        match self {
            Refusal::Unreadable => "`vmt check` says what is wrong with it",
            Refusal::Form(_) => "write the field as a block, or make the change by hand",
            Refusal::NothingPending => {
                "write `- cve-id: pending` under `vulnerabilities` where one is missing; another change is `vmt errata`"
            }
            Refusal::SeveralPending(_) => "say which one with --entry, counted from 1",
            Refusal::Present(_) => "see `vulnerabilities`",
            Refusal::Year(_) => "see the mail of the CNA for the id",
            Refusal::Broken => "make the change by hand, and report this with the document",
        }
    }
}

/// A range of bytes and what takes its place.
#[derive(Debug, Clone)]
struct Edit {
    range: Range<usize>,
    text: String,
}

/// A text with its tree.
struct Source<'a> {
    text: &'a str,
    entries: Vec<(Key, Node)>,
}

impl<'a> Source<'a> {
    fn read(text: &'a str) -> Result<Source<'a>, Refusal> {
        let (tree, _) = yaml::parse(FileId(0), text);
        match tree.map(|tree| tree.value) {
            Some(Value::Map(entries)) => Ok(Source { text, entries }),
            _ => Err(Refusal::Unreadable),
        }
    }

    fn entry(&self, name: &str) -> Option<&(Key, Node)> {
        self.entries.iter().find(|(key, _)| key.name == name)
    }

    /// The start of the line that a byte is in.
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// The end of the line that a byte is in, its break included.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |length| at + length + 1)
    }

    /// The lines of a top-level field: from its key to the last line of its value.
    fn lines(&self, (key, node): &(Key, Node)) -> Range<usize> {
        let start = self.line_start(key.span.range().start);
        let end = node.span.range().end.max(key.span.range().end);
        // A block's value may end with the break of its last line.
        let inside = self.text[start..end].trim_end().len();
        start..self.line_end(start + inside)
    }

    /// The lines of a top-level field with the comments that belong to it: what is indented behind it, what
    /// hangs on its end, and the run of comments above it.
    fn with_comments(&self, entry: &(Key, Node)) -> Range<usize> {
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
    fn apply(&self, mut edits: Vec<Edit>) -> Result<String, Refusal> {
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

    fn scalar(&self, name: &'static str, value: &str) -> Result<Edit, Refusal> {
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
    for (number, line) in text.split_inclusive('\n').enumerate() {
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

/// Returns the text of a field of a document.
fn value_of(text: &str, name: &str) -> Option<String> {
    let source = Source::read(text).ok()?;
    let (_, node) = source.entry(name)?;
    node.text().map(|text| text.trim().to_owned())
}

/// Whether two texts are of one document, whatever was changed in either: they have the title in common.
pub fn is_same_document(one: &str, other: &str) -> bool {
    value_of(one, "title").is_some_and(|title| value_of(other, "title") == Some(title))
}

/// Makes a private document public: its id and day, and no `embargo` block any more.
///
/// # Errors
/// When a field has a form that cannot be changed in place, or the result would be broken.
pub fn publish(text: &str, id: &str, day: NaiveDate) -> Result<String, Refusal> {
    let source = Source::read(text)?;
    let mut edits = vec![
        source.scalar("id", id)?,
        source.scalar("date", &day.to_string())?,
    ];
    let embargo = source.entry("embargo").ok_or(Refusal::Form("embargo"))?;
    let mut range = source.with_comments(embargo);
    // Two empty lines in a row are one too many; at the end there is none.
    let before = &text[..range.start];
    let line_break = if before.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let empty_before = before.ends_with(&line_break.repeat(2));
    if empty_before && (range.end == text.len() || text[range.end..].starts_with(line_break)) {
        range.start -= line_break.len();
    }
    edits.push(Edit {
        range,
        text: String::new(),
    });
    let changed = source.apply(edits)?;
    let again = Source::read(&changed)?;
    let sound = again.entry("embargo").is_none()
        && again.entries.len() + 1 == source.entries.len()
        && value_of(&changed, "id").as_deref() == Some(id)
        && value_of(&changed, "date") == Some(day.to_string());
    if sound {
        Ok(changed)
    } else {
        Err(Refusal::Broken)
    }
}

/// Enters a CVE where one is awaited: in the vulnerability, and in `reported` of the people who reported
/// what has none yet, where it can only be that one. `entry` is the vulnerability, counted from 1.
///
/// # Errors
/// When the id makes no sense here, or it is not clear where it belongs.
pub fn assign(
    text: &str,
    document: &Document,
    cve: &str,
    entry: Option<usize>,
    today: NaiveDate,
) -> Result<String, Refusal> {
    if document.cves().any(|known| known == cve) {
        return Err(Refusal::Present(cve.to_owned()));
    }
    let year = cve_year(cve).ok_or_else(|| Refusal::Year(cve.to_owned()))?;
    let now = chrono::Datelike::year(&today);
    let published = document
        .date
        .day
        .map_or(now, |day| chrono::Datelike::year(&day));
    // The year of an id is that of its reservation or of the flaw's publication: a CNA may be late, not early.
    if year > now || year + 2 < published {
        return Err(Refusal::Year(cve.to_owned()));
    }
    let pending: Vec<(usize, &crate::model::Vulnerability)> = document
        .vulnerabilities
        .iter()
        .enumerate()
        .filter(|(_, vulnerability)| vulnerability.cve == Cve::Pending)
        .collect();
    let (_, vulnerability) = match (entry, pending.as_slice()) {
        (_, []) => return Err(Refusal::NothingPending),
        (None, [only]) => *only,
        (None, several) => return Err(Refusal::SeveralPending(several.len())),
        (Some(number), several) => *several
            .iter()
            .find(|(at, _)| at + 1 == number)
            .ok_or(Refusal::NothingPending)?,
    };
    let written = vulnerability.text.as_ref().ok_or(Refusal::Form("cve-id"))?;
    let mut edits = vec![Edit {
        range: written.span.range(),
        text: cve.to_owned(),
    }];
    if pending.len() == 1 {
        let reported = document
            .reporters
            .iter()
            .flat_map(|reporter| &reporter.reported);
        let waiting = reported.filter(|text| Cve::read(&text.value) == Cve::Pending);
        edits.extend(waiting.map(|text| Edit {
            range: text.span.range(),
            text: cve.to_owned(),
        }));
    }
    Source::read(text)?.apply(edits)
}

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
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sound = first.as_deref() == Some(line.as_str())
        && said.is_some_and(|said| plain(&said).ends_with(&plain(what)));
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

/// Columns of a line of prose.
const WIDTH: usize = 72;

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

/// A line of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// In the old text only.
    Gone(&'a str),
    /// In the new one only.
    New(&'a str),
}

/// Pairs of lines that are compared at most. Texts that differ in more are taken as all gone and all new.
const MOST_PAIRS: usize = 1 << 22;

/// Returns the difference of two texts, line by line: a longest common part stays.
pub fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut start, mut end) = (0, 0);
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        let same = |(a, b): &(&&str, &&str)| a == b;
        start = old.iter().zip(&new).take_while(same).count();
        let backwards = old[start..].iter().rev().zip(new[start..].iter().rev());
        end = backwards.take_while(same).count();
    }
    let mut lines: Vec<Line<'a>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    changed(&old[start..old_end], &new[start..new_end], &mut lines);
    lines.extend(old[old_end..].iter().map(|line| Line::Same(line)));
    lines
}

/// Adds the difference of lines.
fn changed<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        lines.extend(old.iter().map(|line| Line::Gone(line)));
        lines.extend(new.iter().map(|line| Line::New(line)));
        return;
    }
    // The length of the longest common part behind each pair of places.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a][b] = match old[a] == new[b] {
                true => common[a + 1][b + 1] + 1,
                false => common[a + 1][b].max(common[a][b + 1]),
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            lines.push(Line::Same(old[a]));
            (a, b) = (a + 1, b + 1);
        } else if a < old.len() && (b == new.len() || common[a + 1][b] >= common[a][b + 1]) {
            lines.push(Line::Gone(old[a]));
            a += 1;
        } else {
            lines.push(Line::New(new[b]));
            b += 1;
        }
    }
}

/// Renders the changed lines of a difference with a few lines around them.
pub fn render_difference(old: &str, new: &str) -> String {
    let lines = difference(old, new);
    let changed = |at: usize| !matches!(lines.get(at), Some(Line::Same(_)) | None);
    let near = |at: usize| (at.saturating_sub(2)..=at + 2).any(changed);
    let mut out = String::new();
    let mut skipped = false;
    for (at, line) in lines.iter().enumerate() {
        if !near(at) {
            skipped = true;
            continue;
        }
        if skipped && !out.is_empty() {
            out.push_str("  ...\n");
        }
        skipped = false;
        let (sign, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Gone(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        out.push_str(format!("{sign} {text}").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::document;

    const PRIVATE: &str = "# schema\nid: OSSA-2026-DRAFT-k3x9   # a placeholder\n\ndate: '2026-12-08'\ntitle: Nova flaw   # keep\n\n# what is wrong\ndescription: |\n  A Name reported a flaw.\naffected-products:\n  - {product: nova, version: '<32.1.1'}   # keep this\nvulnerabilities:\n  - cve-id: pending   # asked\nreporters:\n  - name: A Name\n    reported: [pending]\n\n# Private while it is here.\n# Two lines.\nembargo:\n  received: 2026-10-01\n  # inside\n  patches:\n    - a.patch\n\nwaivers:\n  - {rule: title-length, reason: x}\n";

    fn document(text: &str) -> Document {
        let (config, _) = Config::parse(FileId(0), "");
        document::read(FileId(0), text, None, &config)
            .0
            .expect("a document")
    }

    fn changes(after: &str) -> Vec<String> {
        let shown = render_difference(PRIVATE, after);
        shown
            .lines()
            .filter(|line| line.starts_with(['-', '+']))
            .map(str::to_owned)
            .collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_comment_of_an_empty_field_stays() {
        for empty in [
            "errata:   # of the field\n",
            "errata: >-   # of the field\n",
        ] {
            let text = format!("id: OSSA-2026-900\ndate: 2026-12-08\n{empty}# end\n");
            let erratum = erratum(&text, &document(&text), "More.", day("2026-12-09"));
            let (after, _) = erratum.expect("an erratum");
            let kept: Vec<String> = comments(&after).into_iter().map(|(_, text)| text).collect();
            assert_eq!(kept, ["# of the field", "# end"], "{after}");
        }
    }

    #[test]
    fn a_difference_of_long_texts_takes_neither_time_nor_memory() {
        let long = "line\n".repeat(200_000);
        let changed = format!("{long}last\n");
        assert_eq!(
            render_difference(&long, &changed),
            "  line\n  line\n+ last\n"
        );
        let other = "other\n".repeat(200_000);
        assert_eq!(difference(&long, &other).len(), 400_000);
    }

    #[test]
    fn publishing_changes_three_places_only() {
        let text = publish(PRIVATE, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert_eq!(
            changes(&text),
            [
                "- id: OSSA-2026-DRAFT-k3x9   # a placeholder",
                "+ id: OSSA-2026-045   # a placeholder",
                "- date: '2026-12-08'",
                "+ date: 2026-12-08",
                "- # Private while it is here.",
                "- # Two lines.",
                "- embargo:",
                "-   received: 2026-10-01",
                "-   # inside",
                "-   patches:",
                "-     - a.patch",
                "-",
            ]
        );
        let last = PRIVATE.replace("\nwaivers:\n  - {rule: title-length, reason: x}\n", "");
        let text = publish(&last, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert!(text.ends_with("    reported: [pending]\n"), "{text}");
        let first = "embargo: {received: 2026-10-01}\nid: a\ndate: b\n";
        assert_eq!(
            publish(first, "X", day("2026-12-08")).expect("published"),
            "id: X\ndate: 2026-12-08\n"
        );
        assert_eq!(
            publish("id: a\ndate: b\n", "X", day("2026-12-08")),
            Err(Refusal::Form("embargo"))
        );
    }

    #[test]
    fn comments_of_the_embargo_go_with_it_and_the_others_are_listed() {
        let text = "# schema\nid: a   # kept\ndate: b\ndescription: |   # header\n  # no comment\n  # none\n\n  # secret one\n# secret two\n\nembargo:\n  received: 2026-10-01   # secret three\n\n  # secret four\n# secret five\n\n# of title\ntitle: 'a # b'\n";
        // What is indented as the text is part of the text.
        let text = text.replace("\n\n  # secret one", "\nreviewers: [x]\n  # secret one");
        let after = publish(&text, "X", day("2026-12-08")).expect("published");
        assert!(!after.contains("secret"), "{after}");
        assert!(after.contains("  # no comment\n  # none\n"), "{after}");
        let kept: Vec<String> = comments(&after).into_iter().map(|(_, text)| text).collect();
        assert_eq!(kept, ["# schema", "# kept", "# header", "# of title"]);
        let attached = "id: a\ndate: b\nembargo:\n  received: 2026-10-01\n# of title\ntitle: t\n";
        let after = publish(attached, "X", day("2026-12-08")).expect("published");
        assert!(after.contains("# of title\ntitle"), "{after}");
    }

    #[test]
    fn a_cve_goes_where_it_is_awaited() {
        let assigned = |text: &str, cve: &str, entry| {
            assign(text, &document(text), cve, entry, day("2026-12-09"))
        };
        let text = assigned(PRIVATE, "CVE-2026-48213", None).expect("assigned");
        assert_eq!(
            changes(&text),
            [
                "-   - cve-id: pending   # asked",
                "+   - cve-id: CVE-2026-48213   # asked",
                "-     reported: [pending]",
                "+     reported: [CVE-2026-48213]",
            ]
        );
        assert_eq!(
            assigned(&text, "CVE-2026-48213", None),
            Err(Refusal::Present("CVE-2026-48213".into()))
        );
        assert_eq!(
            assigned(&text, "CVE-2026-48214", None),
            Err(Refusal::NothingPending)
        );
        for wrong in ["CVE-2027-48213", "CVE-2019-48213"] {
            assert_eq!(
                assigned(PRIVATE, wrong, None),
                Err(Refusal::Year(wrong.into()))
            );
        }
        let two = PRIVATE.replace(
            "  - cve-id: pending   # asked\n",
            "  - cve-id: pending\n  - cve-id: pending\n",
        );
        assert_eq!(
            assigned(&two, "CVE-2026-48213", None),
            Err(Refusal::SeveralPending(2))
        );
        let text = assigned(&two, "CVE-2026-48213", Some(2)).expect("assigned");
        // Whose it is cannot be told.
        assert!(
            text.contains("- cve-id: pending\n  - cve-id: CVE-2026-48213\n")
                && text.contains("reported: [pending]")
        );
    }

    #[test]
    fn empty_errata_are_replaced_and_line_breaks_are_those_of_the_file() {
        let base = "id: OSSA-2026-001\ndate: 2026-12-01\ntitle: Nova flaw\ndescription: x\n";
        for empty in [
            "errata_history: []\n",
            "errata:\nerrata_history:\n",
            "errata: ''\n",
            "errata:\n",
            "errata_history:\n\nwaivers: []\n",
        ] {
            for line_break in ["\n", "\r\n"] {
                for text in [format!("{base}{empty}"), format!("{empty}{base}")] {
                    let text = text.replace('\n', line_break);
                    let (after, _) =
                        erratum(&text, &document(&text), "A change.", day("2026-12-09"))
                            .unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
                    let lone = after.replace("\r\n", "").contains('\n');
                    assert_eq!(lone, line_break == "\n", "{after:?}");
                    assert_eq!(document(&after).errata_history.len(), 2, "{after}");
                }
            }
        }
        let text = PRIVATE.replace('\n', "\r\n");
        let after = publish(&text, "OSSA-2026-045", day("2026-12-08")).expect("published");
        let plain = publish(PRIVATE, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert_eq!(after, plain.replace('\n', "\r\n"));
    }

    #[test]
    fn errata_are_added_to_every_form_of_history() {
        let base = "id: OSSA-2026-001\ndate: 2026-12-01\ntitle: Nova flaw\ndescription: x";
        for (before, number) in [
            (format!("{base}\n"), 1),
            (base.to_owned(), 1),
            (
                format!(
                    "{base}\nerrata: A first change.   # keep\nerrata_history:\n  # newest first\n  - 2026-12-02 - Errata 1\n  - 2026-12-01 - Original Version\n\nwaivers: []\n"
                ),
                2,
            ),
            (
                format!(
                    "{base}\nerrata: |\n  A first change.\n\nerrata_history:\n- 2026-12-02 - Errata 1\n- 2026-12-01 - Original Version\n"
                ),
                2,
            ),
            (
                format!("{base}\nerrata_history: ['2026-12-01 - Original Version']\n"),
                1,
            ),
            (format!("{base}\nerrata: >\n  A first\n  change.\n"), 1),
        ] {
            let what = "CVE-2026-48213 was assigned to this vulnerability, which had none when it was published.";
            let (after, found) =
                erratum(&before, &document(&before), what, day("2026-12-09")).expect("changed");
            assert_eq!(found, number, "{before}");
            let read = document(&after);
            let plain = read
                .errata
                .expect("errata")
                .value
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            assert!(
                plain.ends_with(what) && (number == 1 || plain.starts_with("A first change.")),
                "{after}"
            );
            assert_eq!(read.errata_history[0].label, format!("Errata {number}"));
            assert!(
                read.errata_history
                    .last()
                    .is_some_and(|line| line.is_original()),
                "{after}"
            );
            // A list in one line stays in one.
            let mut lines = after.lines().filter(|line| !line.contains('['));
            assert!(lines.all(|line| line.chars().count() <= WIDTH), "{after}");
            assert_eq!(
                after.matches("# keep").count(),
                before.matches("# keep").count()
            );
        }
    }
}
