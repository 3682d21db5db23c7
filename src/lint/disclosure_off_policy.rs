//! `disclosure-off-policy`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::embargo::dates::{Frame, Objection, first_allowed, judge};
use crate::model::Document;

/// The disclosure of a private document does not keep the policy.
pub(super) static CODE: Code = Code {
    id: "disclosure-off-policy",
    severity: Severity::Warning,
    summary: "a disclosure does not keep the policy of vmt.toml",
    explanation: "Downstream plans its work by the policy: at most so many days after the report, some \
        business days after the notice, at a fixed hour, on a day on which people are at work the day \
        before and the day after. `vmt embargo dates` proposes days and says why others are none. An \
        embargo that has to break the policy waives this rule, with the reason.",
    since: None,
    example: Some(Example::advisory(
        "date: 2026-03-02\nembargo:\n  received: 2026-02-03\n  disclosure: 2026-03-02T15:00:00Z\n",
        "date: 2026-03-03\nembargo:\n  received: 2026-02-03\n  disclosure: 2026-03-03T15:00:00Z\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(embargo) = &document.embargo else {
        return Vec::new();
    };
    let (Some(text), Some(moment)) = (&embargo.disclosure, embargo.moment()) else {
        return Vec::new();
    };
    let policy = &context.config.embargo;
    let frame = Frame {
        received: embargo.received.as_ref().and_then(|date| date.day),
        notice: embargo.notice.as_ref().and_then(|date| date.day),
        ..Frame::default()
    };
    let mut objections = judge(policy, &frame, moment).objections;
    // That is `embargo-dates`.
    objections.retain(|objection| !matches!(objection, Objection::BeforeReport(_)));
    let proposal = frame
        .notice
        .and_then(|notice| first_allowed(policy, &frame, notice));
    let help = match proposal {
        Some(proposal) => format!(
            "write {}; `vmt embargo dates` shows the other days",
            proposal.format("%Y-%m-%dT%H:%M:%SZ")
        ),
        None => "`vmt embargo dates` proposes days".to_owned(),
    };
    objections
        .iter()
        .map(|objection| CODE.at(text.span, objection.to_string()).help(help.clone()))
        .collect()
}
