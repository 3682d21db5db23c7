//! For programs. The shape is stable: fields are added, never renamed or removed.

use std::fmt::Write as _;

use serde::Serialize;

use super::Report;
use crate::diagnostic::Severity;
use crate::prose::html::is_directional;

/// Writes a value that is shown in a terminal as well: what moves a cursor or turns text around stands as an escape,
/// which says the same to a program (RFC 8259 section 7).
pub fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("texts and numbers always serialise");
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        // Line breaks of texts are escapes already.
        match (c.is_control() && c != '\n') || is_directional(c) {
            true => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            false => out.push(c),
        }
    }
    out.push('\n');
    out
}

#[derive(Serialize)]
struct Output<'a> {
    diagnostics: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    fixable: bool,
}

#[derive(Serialize)]
struct Summary {
    documents: usize,
    errors: usize,
    warnings: usize,
    advice: usize,
}

/// Renders one object. Lines and columns count from 1, columns in characters, ends exclusive.
pub(super) fn render(report: &Report<'_>) -> String {
    let diagnostics = report
        .findings
        .iter()
        .map(|finding| {
            let file = report.sources.file(finding.span.file);
            let (start, end) = (
                file.position(finding.span.range().start),
                file.position(finding.span.range().end),
            );
            Finding {
                rule: finding.code.id,
                severity: finding.severity.name(),
                message: &finding.message,
                help: finding.help.as_deref(),
                file: report.path(finding),
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                fixable: finding.fix.is_some(),
            }
        })
        .collect();
    let summary = Summary {
        documents: report.documents,
        errors: report.count(Severity::Error),
        warnings: report.count(Severity::Warning),
        advice: report.count(Severity::Advice),
    };
    pretty(&Output {
        diagnostics,
        summary,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_is_escaped_and_says_the_same() {
        let value =
            serde_json::json!({"a\u{9b}2J": ["\u{82}\u{7f}\u{1b}", "x\u{202e}y\u{2069}", "é\n☺"]});
        let text = pretty(&value);
        let moves = |c: char| (c.is_control() && c != '\n') || is_directional(c);
        assert!(!text.contains(moves), "{text:?}");
        assert!(
            text.contains('é') && text.contains('☺') && text.contains("\\u202e"),
            "{text}"
        );
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read, value);
    }
}
