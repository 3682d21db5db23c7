//! `vmt embargo dates`.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use clap::Args;

use super::{private_document, read_ledger};
use crate::cli::{Environment, Failure, Outcome};
use crate::config::EmbargoPolicy;
use crate::embargo::dates::{self, Candidate, Frame, Objection, counted, weekday};
use crate::workspace::Include;

/// Propose dates of disclosure by the policy, and say why others are none
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Private document whose report and notice count
    id: Option<String>,
    /// Day of the report
    #[arg(long, value_name = "DAY")]
    received: Option<NaiveDate>,
    /// Day of the notice to downstream [default: that of the document, or today]
    #[arg(long, value_name = "DAY")]
    notice: Option<NaiveDate>,
    /// Day of the notice to linux-distros, where it is another one
    #[arg(long, value_name = "DAY")]
    distros: Option<NaiveDate>,
    /// Judge these days or moments only, such as 2026-11-24 or 2026-11-24T15:00:00Z
    #[arg(long, value_name = "DATE", num_args = 1..)]
    at: Vec<String>,
    /// How to show the dates
    #[arg(long, default_value = "human", value_parser = ["human", "json"])]
    format: String,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let policy = &workspace.config.embargo;
    let mut frame = Frame {
        now: Some(environment.now),
        ..Frame::default()
    };
    if let Some(id) = &arguments.id {
        let document = private_document(&workspace, id)?;
        let embargo = document.embargo.as_ref();
        let day = |date: Option<&crate::model::Date>| date.and_then(|date| date.day);
        frame.received = day(embargo.and_then(|embargo| embargo.received.as_ref()));
        frame.notice = day(embargo.and_then(|embargo| embargo.notice.as_ref()));
        let ledger = read_ledger(&workspace)?;
        let sent = |kind| {
            ledger
                .first(document.name(), kind)
                .map(|entry| entry.moment.date_naive())
        };
        frame.told = sent("notice").is_some() && arguments.notice.is_none();
        frame.notice = sent("notice").or(frame.notice);
        frame.distros = sent("notice-distros");
    }
    frame.received = arguments.received.or(frame.received);
    frame.notice = arguments.notice.or(frame.notice);
    frame.distros = arguments.distros.or(frame.distros);
    let notice = frame
        .notice
        .unwrap_or_else(|| dates::notice_day(policy, environment.today()));
    frame.notice = Some(notice);
    let found = match arguments.at.as_slice() {
        [] => dates::candidates(policy, &frame, notice),
        asked => asked
            .iter()
            .map(|text| Ok(dates::judge(policy, &frame, moment(text, policy)?)))
            .collect::<Result<_, Failure>>()?,
    };
    environment.out(&match arguments.format.as_str() {
        "json" => json(&frame, &found),
        _ => human(policy, &frame, &found),
    })?;
    let allowed = found
        .iter()
        .any(|candidate| candidate.objections.is_empty());
    if !allowed && arguments.at.is_empty() {
        environment.say(
            "no day keeps the policy: tell downstream on another day (--notice), or end the embargo without a notice",
        );
    }
    // Days that were asked for are a question, and `no` is its answer.
    let good = found
        .iter()
        .all(|candidate| candidate.objections.is_empty());
    Ok(match arguments.at.is_empty() || good {
        true => Outcome::Done,
        false => Outcome::Errors,
    })
}

/// A day at the hour of the policy, or a whole moment.
fn moment(text: &str, policy: &EmbargoPolicy) -> Result<DateTime<Utc>, Failure> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(dates::at(policy, day));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|moment| moment.to_utc())
        .map_err(|_| {
            Failure::usage(
                format!("`{text}` is neither a day nor a moment"),
                "write it like 2026-11-24, or 2026-11-24T15:00:00Z",
            )
        })
}

fn human(policy: &EmbargoPolicy, frame: &Frame, found: &[Candidate]) -> String {
    let named = |day: NaiveDate| format!("{} {day}", short(day));
    let mut text = String::new();
    match frame.received {
        Some(received) => {
            let last = dates::later(received, policy.longest_days);
            let days = policy.longest_days;
            text.push_str(&format!(
                "report   {}; day {days} is {}\n",
                named(received),
                named(last)
            ));
        }
        None => text.push_str("report   not known: give it with --received\n"),
    }
    if let Some(notice) = frame.notice {
        text.push_str(&format!("notice   {}\n", named(notice)));
    }
    if let Some(distros) = frame.distros {
        text.push_str(&format!("distros  {}\n", named(distros)));
    }
    text.push('\n');
    for candidate in found {
        let day = candidate.moment.date_naive();
        let said = match candidate.objections.as_slice() {
            [] => {
                let mut said = format!("yes, at {} UTC", candidate.moment.format("%H:%M"));
                if let Some(days) = candidate.business_days {
                    let days = counted(days.into(), "business day");
                    said.push_str(&format!("; {days} after the notice"));
                }
                if let Some(days) = candidate.days {
                    said.push_str(&format!(", day {days} of the embargo"));
                }
                said
            }
            objections => {
                let all: Vec<String> = objections.iter().map(Objection::to_string).collect();
                format!("no: {}", all.join("; "))
            }
        };
        text.push_str(&format!("{}  {said}\n", named(day)));
    }
    text
}

fn short(day: NaiveDate) -> &'static str {
    &weekday(day.weekday())[..3]
}

fn json(frame: &Frame, found: &[Candidate]) -> String {
    let all: Vec<serde_json::Value> = found
        .iter()
        .map(|candidate| {
            let objections: Vec<String> = candidate
                .objections
                .iter()
                .map(Objection::to_string)
                .collect();
            serde_json::json!({
                "disclosure": candidate.moment.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
                "allowed": objections.is_empty(),
                "business_days_after_notice": candidate.business_days,
                "days_after_report": candidate.days,
                "objections": objections,
            })
        })
        .collect();
    let value = serde_json::json!({
        "received": frame.received,
        "notice": frame.notice,
        "notice_distros": frame.distros,
        "dates": all,
    });
    format!("{value:#}\n")
}
