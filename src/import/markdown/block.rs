//! Blocks that are told by fences or by their indent: snippets, and what only looks like one.

use super::look::{is_address, is_names, is_prose, is_table};
use super::{Converter, DEEPEST, Source, dedent, separate};
use crate::import::verbatim::{Fence, fence};

impl Converter {
    /// A fenced block, or a snippet between `begin` and `end`.
    pub(super) fn fenced(
        &mut self,
        lines: &[Source],
        at: usize,
        out: &mut Vec<String>,
    ) -> Option<usize> {
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

    /// A block of indented lines: snippets, addresses, lists or prose.
    pub(super) fn indented(&mut self, lines: &[Source], at: usize, out: &mut Vec<String>) -> usize {
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
}

/// Returns the block of verbatim text that starts at a line; a heading ends what is before it.
pub(super) fn fence_at(lines: &[Source], at: usize) -> Option<Fence<'_>> {
    fence(|ahead| {
        lines
            .get(at + ahead)
            .filter(|line| line.heading.is_none())
            .map(|line| line.text.as_str())
    })
}

/// Lines without the indent that all of them have.
pub(super) fn dedent_all(lines: &[Source]) -> Vec<Source> {
    let margin = lines
        .iter()
        .filter(|line| !line.is_blank())
        .map(Source::indent)
        .min()
        .unwrap_or(0);
    lines.iter().map(|line| dedent(line, margin)).collect()
}

pub(super) fn push_code(lines: &[Source], language: Option<&str>, out: &mut Vec<String>) {
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

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace())
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}
