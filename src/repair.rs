//! Fixes of findings to new texts (pure). Comments and layout outside the edits stay as they are.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix};
use crate::source::{SourceFile, Sources};
use crate::tree::{toml, yaml};

/// What `--fix` does to one file.
#[derive(Debug)]
pub struct Repair {
    /// The file.
    pub file: FileId,
    /// Its new text.
    pub text: String,
    /// What was done, in file order.
    pub done: Vec<Change>,
}

/// One fix that was applied.
#[derive(Debug)]
pub struct Change {
    /// Line of the old text, from 1.
    pub line: usize,
    /// What was done, in the imperative.
    pub description: String,
    /// The lines that it touched, as they were.
    pub before: String,
    /// The same lines with this fix alone.
    pub after: String,
}

/// Applies every fix that does not touch another's place. A fix that would break the file's syntax is
/// left out, with everything else for that file.
pub fn plan(findings: &[Diagnostic], sources: &Sources) -> Vec<Repair> {
    let mut by_file: BTreeMap<FileId, Vec<&Fix>> = BTreeMap::new();
    for finding in findings {
        by_file
            .entry(finding.span.file)
            .or_default()
            .extend(&finding.fix);
    }
    by_file
        .into_iter()
        .filter_map(|(file, fixes)| repair(file, &fixes, sources))
        .collect()
}

fn repair(file: FileId, fixes: &[&Fix], sources: &Sources) -> Option<Repair> {
    let source = sources.file(file);
    let mut edits: Vec<&Edit> = Vec::new();
    let mut done = Vec::new();
    for fix in fixes {
        let here = fix.edits.iter().all(|edit| edit.span.file == file);
        let free = fix
            .edits
            .iter()
            .all(|edit| edits.iter().all(|taken| !touches(edit, taken)));
        if here && free {
            edits.extend(&fix.edits);
            done.push(change(fix, source));
        }
    }
    done.sort_by_key(|change: &Change| change.line);
    let text = apply(&source.text, 0..source.text.len(), &edits)?;
    let toml = source
        .path
        .extension()
        .is_some_and(|ending| ending == "toml");
    let faults = |text: &str| match toml {
        true => toml::parse(file, text).1.len(),
        false => match yaml::parse(file, text) {
            (Some(_), problems) => problems.len(),
            (None, _) => usize::MAX,
        },
    };
    let after = faults(&text);
    let sound = after < usize::MAX && after <= faults(&source.text);
    (sound && !done.is_empty() && text != source.text).then_some(Repair { file, text, done })
}

/// Applies edits to a range of a text and returns that range as it is afterwards.
fn apply(text: &str, range: Range<usize>, edits: &[&Edit]) -> Option<String> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(range.len());
    let mut at = range.start;
    for edit in edits {
        out.push_str(text.get(at..edit.span.range().start)?);
        out.push_str(&edit.replacement);
        at = edit.span.range().end;
    }
    out.push_str(text.get(at..range.end)?);
    Some(out)
}

fn change(fix: &Fix, source: &SourceFile) -> Change {
    let text = &source.text;
    let start = fix
        .edits
        .iter()
        .map(|edit| edit.span.range().start)
        .min()
        .unwrap_or(0);
    let end = fix
        .edits
        .iter()
        .map(|edit| edit.span.range().end)
        .max()
        .unwrap_or(start);
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..]
        .find('\n')
        .map_or(text.len(), |length| end + length);
    let edits: Vec<&Edit> = fix.edits.iter().collect();
    Change {
        line: source.position(start).line,
        description: fix.description.clone(),
        before: text[from..to].to_owned(),
        after: apply(text, from..to, &edits).unwrap_or_default(),
    }
}

fn touches(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span.range(), b.span.range());
    a.start < b.end && b.start < a.end || a.start == b.start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;
    use crate::shape::UNKNOWN_FIELD;

    fn finding(file: FileId, range: std::ops::Range<usize>, text: &str) -> Diagnostic {
        let span = Span::new(file, range);
        UNKNOWN_FIELD.at(span, "x").replace(span, text, "do it")
    }

    #[test]
    fn edits_keep_the_rest_and_never_overlap() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "a: 1 # one\nb: 2\n");
        let findings = [
            finding(file, 0..1, "x"),
            finding(file, 0..4, "y"),
            finding(file, 11..12, "z"),
        ];
        let repairs = plan(&findings, &sources);
        assert_eq!(repairs[0].text, "x: 1 # one\nz: 2\n");
        assert_eq!(repairs[0].done.len(), 2);
    }

    #[test]
    fn a_fix_that_breaks_the_file_is_left_out() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "a: 1\n");
        assert!(plan(&[finding(file, 3..4, "'")], &sources).is_empty());
    }
}
