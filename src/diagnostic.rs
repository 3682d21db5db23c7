//! What a check says: its `Code`, where it points (`Span`) and the `Diagnostic` itself.
//!
//! Knows no rule and no output format: rules declare their codes beside their checks, and `report`
//! turns diagnostics into text or data.

use std::fmt;

/// How much a finding matters. Ordered, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look; never fails a run.
    Advice,
    /// Probably a mistake; fails a run under `--deny warnings`.
    Warning,
    /// A mistake; fails a run.
    Error,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const ALL: [Severity; 3] = [Severity::Advice, Severity::Warning, Severity::Error];

    /// Returns the name used on the command line, in vmt.toml and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Advice => "advice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// Returns the severity of that name.
    pub fn from_name(name: &str) -> Option<Severity> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an example of a rule is a piece of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Top-level fields of an advisory; they replace those of a sound one.
    Advisory,
    /// Top-level fields of a note; they replace those of a sound one.
    Note,
    /// A whole advisory file.
    File,
    /// A whole vmt.toml.
    Config,
}

/// A document that breaks a rule and one that keeps it. A test runs both: the bad one must report
/// exactly this rule, the good one nothing.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What the texts are pieces of.
    pub sample: Sample,
    /// Text that the rule reports.
    pub bad: &'static str,
    /// Text that it does not.
    pub good: &'static str,
    /// Fields of a second advisory beside the bad one, for rules that compare documents.
    pub beside: Option<&'static str>,
    /// A releases.lock beside both, for rules that compare with what was resolved.
    pub lock: Option<&'static str>,
}

impl Example {
    /// An example made of advisory fields.
    pub const fn advisory(bad: &'static str, good: &'static str) -> Example {
        Example {
            sample: Sample::Advisory,
            bad,
            good,
            beside: None,
            lock: None,
        }
    }

    /// An example made of note fields.
    pub const fn note(bad: &'static str, good: &'static str) -> Example {
        Example {
            sample: Sample::Note,
            bad,
            good,
            beside: None,
            lock: None,
        }
    }

    /// An example of a whole advisory file.
    pub const fn file(bad: &'static str, good: &'static str) -> Example {
        Example {
            sample: Sample::File,
            bad,
            good,
            beside: None,
            lock: None,
        }
    }

    /// An example of a whole vmt.toml.
    pub const fn config(bad: &'static str, good: &'static str) -> Example {
        Example {
            sample: Sample::Config,
            bad,
            good,
            beside: None,
            lock: None,
        }
    }

    /// The same example with a second advisory beside it.
    pub const fn beside(self, fields: &'static str) -> Example {
        Example {
            beside: Some(fields),
            ..self
        }
    }

    /// The same example with a releases.lock beside it.
    pub const fn resolved(self, lock: &'static str) -> Example {
        Example {
            lock: Some(lock),
            ..self
        }
    }
}

/// The identity of a rule. Its id names the fault, in kebab-case, and is never reused or renamed.
#[derive(Debug)]
pub struct Code {
    /// Name of the fault, such as `duplicate-id`.
    pub id: &'static str,
    /// Severity unless vmt.toml says otherwise.
    pub severity: Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// Why it matters and how to mend it; Markdown.
    pub explanation: &'static str,
    /// The day from which the convention holds (ISO date): older documents are not blamed.
    pub since: Option<&'static str>,
    /// A bad and a good document; `None` only where a text cannot show the fault.
    pub example: Option<Example>,
}

impl Code {
    /// Starts a diagnostic of this rule at a place.
    pub fn at(&'static self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: self,
            severity: self.severity,
            message: message.into(),
            span,
            related: Vec::new(),
            help: None,
            fix: None,
        }
    }
}

/// Number of a file in a `source::Sources` store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes in one file, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// First byte after the range.
    pub end: u32,
}

impl Span {
    /// A span of a file from a byte range. Files are limited far below 4 GiB (`source`).
    pub fn new(file: FileId, range: std::ops::Range<usize>) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            file,
            start: clamp(range.start),
            end: clamp(range.end.max(range.start)),
        }
    }

    /// The byte range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A second place that explains a diagnostic ("first defined here").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One replacement in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// What stands there afterwards.
    pub replacement: String,
}

/// A change that mends a finding without a human's judgement: all edits or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the fix does, in the imperative.
    pub description: String,
    /// The edits, none overlapping another.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule.
    pub code: &'static Code,
    /// The severity in force for this run.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, the offending value in backticks.
    pub message: String,
    /// Where it is wrong.
    pub span: Span,
    /// Further places.
    pub related: Vec<Related>,
    /// How to mend it.
    pub help: Option<String>,
    /// An edit that mends it.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds a second place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related {
            span,
            message: message.into(),
        });
        self
    }

    /// Adds a fix that replaces one place.
    #[must_use]
    pub fn replace(
        mut self,
        span: Span,
        replacement: impl Into<String>,
        description: impl Into<String>,
    ) -> Diagnostic {
        self.fix = Some(Fix {
            description: description.into(),
            edits: vec![Edit {
                span,
                replacement: replacement.into(),
            }],
        });
        self
    }
}

/// Returns the candidate that a reader most probably meant, if one is near enough.
///
/// Case does not count. Near means at most one edit for every three characters.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(
            did_you_mean("hibscus", ["hibiscus", "gazpacho"]),
            Some("hibiscus")
        );
        assert_eq!(did_you_mean("Nova", ["nova", "neutron"]), Some("nova"));
        assert_eq!(did_you_mean("xyz", ["nova", "neutron"]), None);
    }

    #[test]
    fn severities_are_ordered_from_mild_to_severe() {
        assert!(Severity::Advice < Severity::Warning && Severity::Warning < Severity::Error);
        for severity in Severity::ALL {
            assert_eq!(Severity::from_name(severity.name()), Some(severity));
        }
    }
}
