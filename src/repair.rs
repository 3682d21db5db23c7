//! Fixes of findings to new texts (pure). Comments and layout outside the edits stay as they are.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit, FileId, Fix};
use crate::source::Sources;
use crate::tree::{toml, yaml};

/// What `--fix` does to one file.
#[derive(Debug)]
pub struct Repair {
    /// The file.
    pub file: FileId,
    /// Its new text.
    pub text: String,
    /// What was done, with the line that it was done on.
    pub done: Vec<(usize, String)>,
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
            let line = fix
                .edits
                .first()
                .map_or(1, |edit| source.position(edit.span.range().start).line);
            edits.extend(&fix.edits);
            done.push((line, fix.description.clone()));
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut text = String::with_capacity(source.text.len());
    let mut at = 0;
    for edit in edits {
        text.push_str(source.text.get(at..edit.span.range().start)?);
        text.push_str(&edit.replacement);
        at = edit.span.range().end;
    }
    text.push_str(source.text.get(at..)?);
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
