//! `trailing-space`.

use super::Context;
use crate::diagnostic::Span;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A line ends in blanks.
pub(super) static CODE: Code = Code {
    id: "trailing-space",
    severity: Severity::Advice,
    summary: "a line ends in blanks",
    explanation: "Signing a mail turns blanks at the end of a line into visible codes, and two of them are \
        a line break in Markdown. `--fix` removes them.",
    since: None,
    example: Some(Example::advisory(
        "title: Nova example flaw  \n",
        "title: Nova example flaw\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let file = context.sources.file(document.file);
    let mut found = Vec::new();
    let mut start = 0;
    for line in file.text.split_inclusive('\n') {
        let body = line.trim_end_matches(['\n', '\r']);
        let kept = body.trim_end_matches([' ', '\t']).len();
        if kept < body.len() {
            let span = Span::new(document.file, start + kept..start + body.len());
            found.push(CODE.at(span, "blanks at the end of a line").replace(
                span,
                "",
                "remove the blanks",
            ));
        }
        start += line.len();
    }
    found
}
