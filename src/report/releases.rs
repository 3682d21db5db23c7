//! What was resolved of releases, for people and as JSON.

use serde_json::{Value, json};

use super::table;
use crate::exposure::{Answer, Report};
use crate::prose::text::one_line;
use crate::release::State;
use crate::release::lock::{Entry, LockedProduct, LockedRelease};
use crate::release::verdict::{Status, Verdict};

/// Describes a release: `29.2.1 (2024.1/caracal, 2025-01-15)`.
pub fn named(release: &LockedRelease) -> String {
    format!("{} ({}, {})", release.version, release.line, release.day)
}

/// A pair for people: evidence and a row a line.
pub fn pair(
    product: &str,
    declared: &str,
    entry: &Entry,
    locked: &LockedProduct,
    verdict: &Verdict<'_>,
) -> String {
    let resolution = &entry.resolution;
    let mut text = format!(
        "{product}\n  declared  {declared}\n  verdict   {}\n",
        verdict.judgement
    );
    if let Some(reason) = &resolution.unresolved {
        text.push_str(&format!("  reason    {reason}\n"));
        return text;
    }
    text.push_str(&format!(
        "  evidence  {}\n  changes   {}\n",
        resolution.evidence.join(", "),
        resolution.changes.join(" ")
    ));
    let mut rows = vec![
        ["  line", "state", "affected", "first fixed", ""]
            .map(str::to_owned)
            .to_vec(),
    ];
    for outcome in resolution
        .lines
        .iter()
        .filter(|outcome| outcome.state != State::OutOfScope)
    {
        let first = outcome.first.as_deref().map(|first| {
            let release = locked
                .of_line(&outcome.line)
                .find(|release| release.version.as_str() == first);
            release.map_or_else(
                || first.to_owned(),
                |release| format!("{first} ({})", release.day),
            )
        });
        let partial = outcome
            .partial
            .map(|(held, all)| format!("{held} of {all} changes"));
        rows.push(vec![
            format!("  {}", outcome.line),
            outcome.state.name().to_owned(),
            span(&outcome.affected),
            first.unwrap_or_else(|| "none".into()),
            outcome.reason.clone().or(partial).unwrap_or_default(),
        ]);
    }
    text.push_str(&table::render(&rows));
    for line in &verdict.open {
        text.push_str(&format!("  cannot say: {line}\n"));
    }
    text
}

fn span(versions: &[String]) -> String {
    match versions {
        [] => "none".into(),
        [one] => one.clone(),
        [first, .., last] => format!("{first} to {last} ({})", versions.len()),
    }
}

/// A pair as JSON.
pub fn pair_json(product: &str, declared: &str, entry: &Entry, verdict: &Verdict<'_>) -> Value {
    let versions = |releases: &[&LockedRelease]| -> Value {
        releases
            .iter()
            .map(|release| release.version.to_string())
            .collect()
    };
    let lines: Vec<Value> = entry
        .resolution
        .lines
        .iter()
        .map(|outcome| {
            json!({
                "line": outcome.line,
                "state": outcome.state.name(),
                "affected": outcome.affected,
                "first_fixed": outcome.first,
                "first_tag": outcome.first_tag.as_ref().or(outcome.first.as_ref()),
                "commits": outcome.commits,
                "partial": outcome.partial,
                "reason": outcome.reason,
            })
        })
        .collect();
    json!({
        "product": product,
        "declared": declared,
        "verdict": verdict.judgement.to_string(),
        "undeclared": versions(&verdict.undeclared),
        "unaffected": versions(&verdict.unaffected),
        "open": verdict.open,
        "evidence": entry.resolution.evidence,
        "changes": entry.resolution.changes,
        "unresolved": entry.resolution.unresolved,
        "lines": lines,
    })
}

/// One line of the answer to "am I affected".
pub struct Query<'a> {
    /// What was asked, as written.
    pub asked: String,
    /// What was left out of the version, or why nothing can be said.
    pub remark: Option<String>,
    /// The answer; `None` when the version cannot be judged.
    pub report: Option<Report<'a>>,
}

/// Answers for people. With `all`, documents that do not concern the version are listed as well.
pub fn affected(queries: &[Query<'_>], all: bool) -> String {
    let mut text = String::new();
    for query in queries {
        text.push_str(&one_query(query, all));
    }
    text
}

fn one_query(query: &Query<'_>, all: bool) -> String {
    let Some(report) = &query.report else {
        return format!(
            "{}: cannot say: {}\n",
            query.asked,
            query.remark.as_deref().unwrap_or_default()
        );
    };
    let (affected, unknown) = (
        report.count(Status::Affected),
        report.count(Status::Unknown),
    );
    let what = match (affected, unknown) {
        (0, 0) => "not affected by any document".to_owned(),
        (0, unknown) => format!(
            "cannot say for {unknown} of {} documents",
            report.answers.len()
        ),
        (affected, 0) => format!("affected by {affected}"),
        (affected, unknown) => format!("affected by {affected}, cannot say for {unknown}"),
    };
    let where_from = match report.release {
        Some(release) => format!(" ({}, {})", release.line, release.day),
        None => " (no release that the tags know)".into(),
    };
    let mut text = format!(
        "{} {}{where_from}: {what}\n",
        report.product, report.version
    );
    if let Some(remark) = &query.remark {
        text.push_str(&format!("  note: {remark}\n"));
    }
    let shown = |answer: &&Answer<'_>| {
        let is_open = answer.status == Status::Unknown && answer.stated;
        all || is_open || answer.status == Status::Affected
    };
    let rows: Vec<Vec<String>> = report
        .answers
        .iter()
        .filter(shown)
        .map(|answer| {
            let basis = answer
                .remark
                .clone()
                .unwrap_or_else(|| answer.basis.name().to_owned());
            let to = match (answer.same_line, answer.newest) {
                (Some(release), _) => {
                    Some(format!("fixed in {} ({})", release.version, release.day))
                }
                (None, Some(release)) => Some(format!(
                    "not fixed on this line, but in {} ({})",
                    release.version, release.day
                )),
                (None, None) => None,
            };
            vec![
                format!("  {}", answer.document.name()),
                answer.status.name().to_owned(),
                to.unwrap_or_default(),
                basis,
            ]
        })
        .collect();
    text.push_str(&table::render(&rows));
    if affected + unknown > 0 {
        let to = match (report.same_line, report.newest) {
            (Some(line), Some(newest)) if line.version != newest.version => {
                format!("go to {}, or to the newest, {}", named(line), named(newest))
            }
            (Some(one), _) | (None, Some(one)) => format!("go to {}", named(one)),
            (None, None) => "no release is known to be free of all of them".to_owned(),
        };
        text.push_str(&format!("  {to}\n"));
        if unknown > 0 && (report.same_line.is_some() || report.newest.is_some()) {
            text.push_str("  what cannot be said here may not be known there either\n");
        }
    }
    let (fixed, free) = (
        report.count(Status::Fixed),
        report.count(Status::NotAffected),
    );
    if !all && fixed + free > 0 {
        text.push_str(&format!(
            "  {fixed} fixed in it, {free} never concerned it\n"
        ));
    }
    text
}

/// Answers as JSON: `{"components": [{asked, product, version, line, remark, status, go_to, documents}]}`.
pub fn affected_json(queries: &[Query<'_>], passed_over: usize) -> Value {
    let release = |release: Option<&LockedRelease>| {
        release.map(|release| json!({"version": release.version.to_string(), "date": release.day.to_string(), "line": release.line}))
    };
    let document = |answer: &Answer<'_>| {
        json!({
            "id": answer.document.name(),
            "title": one_line(&answer.document.title.value),
            "status": answer.status.name(),
            "why": answer.basis.name(),
            "remark": answer.remark,
            "versions_stated": answer.stated,
            "fixed_same_line": release(answer.same_line),
            "fixed_newest": release(answer.newest),
        })
    };
    let component = |query: &Query<'_>| {
        let report = query.report.as_ref();
        let status = report.map_or(Status::Unknown, |report| {
            let has = |status| report.count(status) > 0;
            match (has(Status::Affected), has(Status::Unknown)) {
                (true, _) => Status::Affected,
                (false, true) => Status::Unknown,
                (false, false) => Status::NotAffected,
            }
        });
        json!({
            "asked": query.asked,
            "product": report.map(|report| report.product),
            "version": report.map(|report| report.version.to_string()),
            "release": release(report.and_then(|report| report.release)),
            "remark": query.remark,
            "status": status.name(),
            "go_to": {
                "same_line": release(report.and_then(|report| report.same_line)),
                "newest": release(report.and_then(|report| report.newest)),
            },
            "documents": report.map(|report| report.answers.iter().map(document).collect::<Vec<_>>()).unwrap_or_default(),
        })
    };
    json!({
        "components": queries.iter().map(component).collect::<Vec<_>>(),
        "passed_over": passed_over,
    })
}
