//! SARIF 2.1.0 (OASIS), for code hosts and editors.

use serde_json::{Value, json};

use super::Report;
use super::json::pretty;
use crate::diagnostic::{Code, Diagnostic, Severity};

/// Renders one run with the rules that have findings.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut rules: Vec<&'static Code> =
        report.findings.iter().map(|finding| finding.code).collect();
    rules.sort_by_key(|code| code.id);
    rules.dedup_by_key(|code| code.id);
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            let index = rules
                .iter()
                .position(|code| code.id == finding.code.id)
                .unwrap_or(0);
            result(report, finding, index)
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "vmt",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                // The book of this repository, where its site publishes it.
                "informationUri": "https://security.openstack.org/docs/",
                "rules": rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    pretty(&log)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.explanation },
        "help": { "text": code.explanation, "markdown": code.explanation },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn result(report: &Report<'_>, finding: &Diagnostic, index: usize) -> Value {
    let help = finding
        .help
        .as_deref()
        .map(|help| format!(" ({help})"))
        .unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.code.id,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": format!("{}{help}", finding.message) },
        "locations": [location(report, finding.span, None)],
    });
    if !finding.related.is_empty() {
        let related = finding.related.iter();
        result["relatedLocations"] = related
            .map(|place| location(report, place.span, Some(&place.message)))
            .collect();
    }
    if let Some(fix) = &finding.fix {
        let uri = report.path(finding);
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "deletedRegion": region(report, edit.span),
                    "insertedContent": { "text": edit.replacement },
                })
            })
            .collect();
        result["fixes"] = json!([{
            "description": { "text": fix.description },
            "artifactChanges": [{
                "artifactLocation": { "uri": address(&uri) },
                "replacements": replacements,
            }],
        }]);
    }
    result
}

fn location(report: &Report<'_>, span: crate::diagnostic::Span, message: Option<&str>) -> Value {
    let path = report
        .sources
        .file(span.file)
        .path
        .to_string_lossy()
        .replace('\\', "/");
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": address(&path) },
            "region": region(report, span),
        },
    });
    if let Some(message) = message {
        location["message"] = json!({ "text": message });
    }
    location
}

fn region(report: &Report<'_>, span: crate::diagnostic::Span) -> Value {
    let file = report.sources.file(span.file);
    let (start, end) = (
        file.position(span.range().start),
        file.position(span.range().end),
    );
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a relative URI (RFC 3986): everything but unreserved characters and slashes escaped.
fn address(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
