//! For programs. The shape is stable: fields are added, never renamed or removed.

use serde::Serialize;

use super::Report;
use crate::diagnostic::Severity;

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
    let text = serde_json::to_string_pretty(&Output {
        diagnostics,
        summary,
    });
    text.expect("texts and numbers always serialise") + "\n"
}
