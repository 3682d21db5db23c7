//! The look of an item: which lines are entries, and which have a label before a colon.

use std::ops::Range;

use super::Reader;
use super::words::{PRODUCT_LABELS, VERSION_LABELS};

impl Reader<'_> {
    /// The places of items, or of paragraphs where the text has none. Remarks below an item are left
    /// out, and so is prose beside a list.
    pub(super) fn entries(&self) -> Vec<Range<usize>> {
        let lines: Vec<Range<usize>> = lines_of(self.text);
        let line = |range: &Range<usize>| &self.text[range.clone()];
        let marked: Vec<bool> = lines
            .iter()
            .map(|range| mark_length(line(range)).is_some())
            .collect();
        let mut found: Vec<Range<usize>> = Vec::new();
        if marked.contains(&true) {
            let indent = lines
                .iter()
                .zip(&marked)
                .filter(|(_, marked)| **marked)
                .map(|(range, _)| indent_of(line(range)))
                .min()
                .unwrap_or(0);
            let mut open = false;
            for (range, marked) in lines.iter().zip(&marked) {
                let text = line(range);
                if *marked && indent_of(text) == indent {
                    let start = range.start + indent + mark_length(text).unwrap_or(0);
                    found.push(start..range.end);
                    open = true;
                } else if *marked || text.trim().is_empty() {
                    open = false;
                } else if let Some(last) = found.last_mut()
                    && open
                    && indent_of(text) > indent
                {
                    last.end = range.end;
                }
            }
            return found;
        }
        let mut open = false;
        for range in &lines {
            let text = line(range);
            if text.trim().is_empty() {
                open = false;
                continue;
            }
            // `Nova: Juno` below `Cinder: Icehouse, Juno` starts a new entry, and so does `Nova / Juno`.
            let broken = found
                .last()
                .is_some_and(|last| self.text[last.clone()].ends_with(','));
            let labelled = self.label(range).is_some() || (!broken && self.is_own(text));
            match found.last_mut() {
                Some(last) if open && !labelled => last.end = range.end,
                _ => found.push(range.clone()),
            }
            open = true;
        }
        found
    }

    /// A short name before a colon: the name in lower case, and the place of what follows.
    pub(super) fn label(&self, entry: &Range<usize>) -> Option<(String, Range<usize>)> {
        let text = &self.text[entry.clone()];
        let colon = text.find(':')?;
        let name = text[..colon].trim_matches([' ', '\'', '*']);
        let short = name.split_whitespace().count() <= 3 && !name.contains(['(', ',', '.', '/']);
        let known = self.known(name).is_some();
        let listed = |labels: [&str; 6]| labels.contains(&name.to_lowercase().as_str());
        let is_label = short && (known || listed(PRODUCT_LABELS) || listed(VERSION_LABELS));
        is_label.then(|| (name.to_lowercase(), entry.start + colon + 1..entry.end))
    }

    /// Whether a line is a product with what is affected of it.
    fn is_own(&self, line: &str) -> bool {
        line.find(['/', '(', '<', '>', '='])
            .is_some_and(|at| self.known(&line[..at]).is_some())
    }

    /// Whether a text is a list of short names, and no sentence.
    pub(super) fn is_listing(&self, entry: &Range<usize>) -> bool {
        let text = &self.text[entry.clone()];
        self.label(entry).is_some()
            || (mark_before(self.text, entry.start)
                || text
                    .split(',')
                    .all(|part| part.split_whitespace().count() <= 4))
    }
}

fn lines_of(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.trim_end().len();
            start += line.len();
            range
        })
        .collect()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the length of the mark that makes a line an item, with the blanks behind it.
fn mark_length(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let rest = text.strip_prefix(['-', '*', '+', '•'])?;
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    (blanks > 0).then(|| text.len() - rest.len() + blanks)
}

/// Whether an item's mark stands before a place.
fn mark_before(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.trim_end().ends_with(['-', '*', '+', '•'])
}
