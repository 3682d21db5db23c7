//! `security-txt-expires`.

use chrono::TimeDelta;

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};

/// security.txt expires soon.
pub(super) static CODE: Code = Code {
    id: "security-txt-expires",
    severity: Severity::Error,
    summary: "security.txt expires soon",
    explanation: "After its day of expiry nobody shall rely on a security.txt (RFC 9116 section 2.5.5), so \
        reports may be lost. Renew the day in vmt.toml before it comes near, to less than a year ahead. \
        From 60 days before it is a warning; from 30 days before an error, which `vmt build --strict` \
        refuses. A build without --strict goes on: the hour of a disclosure must not hang on it.",
    since: None,
    example: Some(Example::config(
        "[security-txt]\ncontact = [\"https://example.org/report\"]\nexpires = \"2027-01-06\"\n",
        "[security-txt]\ncontact = [\"https://example.org/report\"]\nexpires = \"2027-10-31\"\n",
    )),
};

/// Days before expiry from which it is a warning, and from which an error.
const SOON: [i64; 2] = [60, 30];

/// Days ahead beyond which an expiry is longer than the standard recommends.
const LONGEST: i64 = 366;

/// Checks the settings.
pub(super) fn check(context: &Context<'_>) -> Vec<Diagnostic> {
    let Some(settings) = &context.config.security_txt else {
        return Vec::new();
    };
    let (day, text) = &settings.expires;
    let left = *day - context.today;
    let help = format!(
        "set `expires` to a day less than a year ahead, such as {}",
        context.today + TimeDelta::days(360)
    );
    let finding = |message: String| CODE.at(text.span, message).help(help.clone());
    if left < TimeDelta::zero() {
        return vec![finding(format!("security.txt expired on {day}"))];
    }
    let left = left.num_days();
    let warning = |message: String| {
        let mut finding = finding(message);
        finding.severity = Severity::Warning;
        finding
    };
    let soon = || format!("security.txt expires on {day}, in {left} days");
    if left < SOON[1] {
        vec![finding(soon())]
    } else if left < SOON[0] {
        vec![warning(soon())]
    } else if left > LONGEST {
        vec![warning(format!(
            "security.txt expires on {day}, more than a year ahead"
        ))]
    } else {
        Vec::new()
    }
}
