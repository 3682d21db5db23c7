//! Findings to text and data, one file a format, one row a format in [`FORMATS`].
//!
//! Knows no rule. Rendering is pure: the caller prints.

mod github;
mod human;
pub mod json;
pub mod releases;
mod sarif;
pub mod table;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Sources;

/// Findings with what is needed to show them.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The findings in the order to show them.
    pub findings: &'a [Diagnostic],
    /// Text of the files.
    pub sources: &'a Sources,
    /// How many documents were looked at.
    pub documents: usize,
    /// Whether the output may hold colours.
    pub colour: Colour,
    /// Columns of the terminal.
    pub width: usize,
}

/// Whether an output holds colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// ANSI colours.
    Ansi,
    /// None.
    Plain,
}

/// An output format.
pub struct Format {
    /// Name on the command line.
    pub name: &'static str,
    /// Renders a report; ends with a line break.
    pub render: fn(&Report<'_>) -> String,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format {
        name: "human",
        render: human::render,
    },
    Format {
        name: "json",
        render: json::render,
    },
    Format {
        name: "sarif",
        render: sarif::render,
    },
    Format {
        name: "github",
        render: github::render,
    },
];

impl Report<'_> {
    /// Returns how many findings have a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Returns the path of a finding's file with forward slashes.
    fn path(&self, finding: &Diagnostic) -> String {
        self.sources
            .file(finding.span.file)
            .path
            .to_string_lossy()
            .replace('\\', "/")
    }
}
