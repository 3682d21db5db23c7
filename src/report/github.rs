//! Workflow commands: GitHub shows them beside the lines of a change.

use std::fmt::Write as _;

use super::Report;
use crate::diagnostic::Severity;
use crate::prose::text::harmless;

/// Renders one command a finding.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.findings {
        let file = report.sources.file(finding.span.file);
        let (start, end) = (
            file.position(finding.span.range().start),
            file.position(finding.span.range().end),
        );
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "notice",
        };
        let help = finding
            .help
            .as_deref()
            .map(|help| format!("\nhelp: {help}"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
            property(&report.path(finding)),
            start.line,
            end.line,
            start.column,
            end.column,
            property(finding.code.id),
            data(&format!("{}{help}", finding.message)),
        );
    }
    out
}

/// Escapes the text of a command, so that a message cannot start another command, or speak to the terminal that
/// shows the log.
fn data(text: &str) -> String {
    let text = text.replace('\r', "\n");
    harmless(&text).replace('%', "%25").replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
