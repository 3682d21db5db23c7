//! `cvss-score-differs`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use cvss::Cvss;

/// A score is not the one that its vector gives.
pub(super) static CODE: Code = Code {
    id: "cvss-score-differs",
    severity: Severity::Error,
    summary: "a score is not the one that its vector gives",
    explanation: "Score and vector are two ways to say the same. Where they differ, one was edited and the \
        other forgotten, and readers believe the wrong one.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cvss: CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N\n    score: 9.8\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cvss: CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N\n    score: 6.5\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        let legacy = entry
            .impact
            .as_ref()
            .map(|impact| (&impact.score, &impact.vector));
        for (score, vector) in [Some((&entry.score, &entry.cvss)), legacy]
            .into_iter()
            .flatten()
        {
            let (Some(score), Some(vector)) = (score, vector) else {
                continue;
            };
            let (Ok(given), Ok(vector)) = (
                score.value.trim().parse::<f64>(),
                vector.value.trim().parse::<Cvss>(),
            ) else {
                continue;
            };
            let computed = (vector.score() * 10.0).round() / 10.0;
            if (given - computed).abs() > 0.049 {
                found.push(
                    CODE.at(
                        score.span,
                        format!("the vector gives {computed:.1}, not {given}"),
                    )
                    .help("correct the score, or the vector"),
                );
            }
        }
    }
    found
}
