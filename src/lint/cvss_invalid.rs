//! `cvss-invalid`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use cvss::Cvss;

/// A CVSS vector that is none.
pub(super) static CODE: Code = Code {
    id: "cvss-invalid",
    severity: Severity::Error,
    summary: "a CVSS vector that is none",
    explanation: "The vector goes into data files whose consumers compute the score from it. The message \
        says which part is wrong. Versions 3.0, 3.1 and 4.0 are written with their prefix; old \
        documents carry CVSS2 vectors without one.",
    since: None,
    example: Some(Example::advisory(
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cvss: CVSS:3.1/AV:X/AC:L\n",
        "vulnerabilities:\n  - cve-id: CVE-2026-12345\n    cvss: CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for entry in &document.vulnerabilities {
        let legacy = entry
            .impact
            .as_ref()
            .and_then(|impact| impact.vector.as_ref());
        for (text, prefixed) in [(entry.cvss.as_ref(), true), (legacy, false)] {
            let Some(text) = text.filter(|text| !text.is_blank()) else {
                continue;
            };
            let vector = text.value.trim();
            let wrong = match vector.parse::<Cvss>() {
                Ok(Cvss::CvssV20(_)) if prefixed => Some("it is CVSS2".to_owned()),
                Ok(_) => None,
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = wrong {
                found.push(
                    CODE.at(text.span, format!("`{vector}` is no CVSS vector: {why}"))
                        .help(
                            "copy it whole from the calculator, from `CVSS:3.1/` or `CVSS:4.0/` on",
                        ),
                );
            }
        }
    }
    found
}
