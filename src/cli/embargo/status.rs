//! `vmt embargo status`.

use chrono::{DateTime, FixedOffset, Offset as _, TimeDelta, TimeZone as _, Utc};
use clap::Args;

use super::publish::read_plan;
use super::read_ledger;
use crate::cli::{Environment, Failure, Outcome};
use crate::embargo::calendar::{self, Names};
use crate::embargo::state::{self, State, Status};
use crate::workspace::Include;

/// Show the clocks of private documents and what is missing, the soonest trouble first
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Documents, by id; all that need somebody unless given
    ids: Vec<String>,
    /// How to show them
    #[arg(long, default_value = "human", value_parser = ["human", "json"])]
    format: String,
    /// Print a calendar (RFC 5545) instead, which names no document
    #[arg(long, conflicts_with = "format")]
    ics: bool,
    /// Name the documents in the calendar
    #[arg(long, requires = "ics")]
    named: bool,
    /// Time zone of local times, such as +02:00 [default: that of this machine]
    #[arg(long, value_name = "OFFSET", allow_hyphen_values = true)]
    zone: Option<String>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let ledger = read_ledger(&workspace)?;
    let zone = arguments.zone.as_deref().map(zone).transpose()?;
    let documents = workspace.corpus.documents();
    for id in &arguments.ids {
        if !documents
            .iter()
            .any(|document| document.name().eq_ignore_ascii_case(id))
        {
            return Err(Failure::usage(
                format!("there is no document `{id}`"),
                "`vmt embargo status` lists those that need somebody",
            ));
        }
    }
    let now = environment.now;
    let mut all = state::all(documents, &arguments.ids, &ledger, &workspace.config, now);
    for status in all
        .iter_mut()
        .filter(|status| status.state > State::Disclosed)
    {
        let plan = read_plan(&workspace, status.document.name())?;
        if let Some(history) = plan.and_then(|plan| plan.embargo) {
            status.remember(&history, workspace.config.embargo.longest_days);
        }
    }
    let local = |moment: DateTime<Utc>| match zone {
        Some(zone) => moment.with_timezone(&zone),
        None => {
            let offset = chrono::Local
                .offset_from_utc_datetime(&moment.naive_utc())
                .fix();
            moment.with_timezone(&offset)
        }
    };
    if arguments.ics {
        let names = if arguments.named {
            Names::Shown
        } else {
            Names::Hidden
        };
        environment.out(&calendar::render(&all, names, now))?;
        return Ok(Outcome::Done);
    }
    let longest = workspace.config.embargo.longest_days;
    environment.out(&match arguments.format.as_str() {
        "json" => json(&all, now, longest, &local),
        _ => human(&all, longest, &local),
    })?;
    if all.is_empty() {
        environment.say("no private document, and nothing published lately lacks anything");
    }
    let sealed = workspace.private_documents()?.sealed.len();
    if sealed > 0 {
        environment.say(&format!(
            "{sealed} sealed files were not read; `vmt embargo open` opens them"
        ));
    }
    Ok(Outcome::Done)
}

fn zone(text: &str) -> Result<FixedOffset, Failure> {
    text.parse().map_err(|_| {
        Failure::usage(
            format!("`{text}` is no offset of a time zone"),
            "write it like +02:00",
        )
    })
}

fn left(left: TimeDelta) -> String {
    let (sign, left) = if left < TimeDelta::zero() {
        ("-", -left)
    } else {
        ("", left)
    };
    let minutes = left.num_minutes();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, hours, minutes) => format!("{sign}{hours}h {minutes:02}m"),
        (days, hours, _) => format!("{sign}{days}d {hours:02}h"),
    }
}

fn human(
    all: &[Status<'_>],
    longest: u32,
    local: &dyn Fn(DateTime<Utc>) -> DateTime<FixedOffset>,
) -> String {
    let mut rows = vec![
        [
            "ID",
            "STATE",
            "DAY",
            "NOTICE",
            "DISCLOSURE (UTC)",
            "LOCAL TIME",
            "LEFT",
        ]
        .map(str::to_owned),
    ];
    for status in all {
        let dash = || "-".to_owned();
        let notice = match (status.notified, status.notice) {
            (Some(moment), _) => format!("sent {}", moment.date_naive()),
            (None, Some(day)) => day.to_string(),
            _ => dash(),
        };
        rows.push([
            status.document.name().to_owned(),
            status.state.to_string(),
            status
                .days
                .map_or_else(dash, |days| format!("{days}/{longest}")),
            notice,
            status
                .disclosure
                .map_or_else(dash, |at| at.format("%Y-%m-%d %H:%M").to_string()),
            status
                .disclosure
                .map_or_else(dash, |at| local(at).format("%a %d %H:%M %:z").to_string()),
            status.left.map_or_else(dash, left),
        ]);
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
        let Some(status) = at.checked_sub(1).and_then(|at| all.get(at)) else {
            continue;
        };
        if !status.missing.is_empty() {
            text.push_str(&format!("  missing: {}\n", status.missing.join("; ")));
        }
        if let Some(next) = &status.next {
            text.push_str(&format!("  next:    {next}\n"));
        }
    }
    if all.is_empty() { String::new() } else { text }
}

fn json(
    all: &[Status<'_>],
    now: DateTime<Utc>,
    longest: u32,
    local: &dyn Fn(DateTime<Utc>) -> DateTime<FixedOffset>,
) -> String {
    let utc = |moment: DateTime<Utc>| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let one = |status: &Status<'_>| {
        serde_json::json!({
            "id": status.document.name(),
            "state": status.state.to_string(),
            "private": status.state <= State::Disclosed,
            "received": status.received,
            "days_since_reception": status.days,
            "last_day": status.last_day,
            "notice": status.notice,
            "notice_sent": status.notified.map(utc),
            "notice_distros_sent": status.distros_notified.map(utc),
            "disclosure": status.disclosure.map(utc),
            "disclosure_local": status.disclosure.map(|moment| local(moment).to_rfc3339()),
            "seconds_left": status.left.map(|left| left.num_seconds()),
            "missing": status.missing,
            "next": status.next,
        })
    };
    let documents: Vec<serde_json::Value> = all.iter().map(one).collect();
    let value =
        serde_json::json!({"now": utc(now), "longest_days": longest, "documents": documents});
    format!("{value:#}\n")
}
