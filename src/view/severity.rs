//! How grave a vulnerability is.

use super::VulnerabilityView;
use crate::model::Document;

/// How grave a vulnerability is, by CVSS (specification 3.1 section 5, 4.0 section 6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Severity {
    /// Base score, from 0 to 10.
    pub score: f64,
    /// `low`, `medium`, `high`, `critical` or `none`.
    pub word: &'static str,
}

/// Rates a CVSS vector.
fn rate(vector: &str) -> Option<Severity> {
    let parsed: cvss::Cvss = vector.trim().parse().ok()?;
    Some(Severity {
        score: parsed.score(),
        word: parsed.severity().as_str(),
    })
}

/// Rates the gravest vulnerability of a document.
pub(super) fn severity(document: &Document) -> Option<Severity> {
    let vectors = document.vulnerabilities.iter();
    let rated = vectors.filter_map(|entry| rate(&entry.cvss.as_ref()?.value));
    rated.max_by(|a, b| a.score.total_cmp(&b.score))
}

impl VulnerabilityView {
    /// Says how grave it is, where its CVSS vector says it.
    pub fn severity(&self) -> Option<Severity> {
        rate(self.cvss.as_deref()?)
    }
}
