//! What vmt.toml and documents say of rules: severities, waivers, and the days from which rules hold.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Context, all_codes};
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Example, Severity, Span, did_you_mean};
use crate::model::{Document, Text};

/// A rule id in vmt.toml or in a waiver that does not exist.
static UNKNOWN_RULE: Code = Code {
    id: "unknown-rule",
    severity: Severity::Error,
    summary: "a rule that does not exist is configured or waived",
    explanation: "A misspelt rule id would leave the rule as it was, in silence. `vmt explain` lists \
        the ids.",
    since: None,
    example: Some(Example::config(
        "[rules]\ntitle-lenght = \"off\"\n",
        "[rules]\ntitle-length = \"off\"\n",
    )),
};

/// A waiver that waives nothing.
static UNUSED_WAIVER: Code = Code {
    id: "unused-waiver",
    severity: Severity::Warning,
    summary: "a waiver waives nothing",
    explanation: "The finding that the waiver accepted is gone: the document was mended, or the rule \
        changed. A waiver that stays would hide the next finding. Delete it.",
    since: None,
    example: Some(Example::advisory(
        "waivers:\n  - rule: title-length\n    reason: announced in this form\n",
        "",
    )),
};

/// The codes of this module.
pub(super) static CODES: &[&Code] = &[&UNKNOWN_RULE, &UNUSED_WAIVER];

pub(super) struct Settings {
    /// `None` is "off".
    pub(super) severities: BTreeMap<&'static str, Option<Severity>>,
    pub(super) problems: Vec<Diagnostic>,
}

/// Reads the settings of rules.
pub(super) fn read(config: &Config) -> Settings {
    let codes = all_codes();
    let mut severities = BTreeMap::new();
    let mut problems = Vec::new();
    for (rule, value) in &config.rules {
        match codes.iter().find(|code| code.id == rule.value) {
            Some(code) => {
                severities.insert(code.id, Severity::from_name(value));
            }
            None => problems.push(unknown_rule(rule, &codes)),
        }
    }
    for waiver in &config.waivers {
        if !codes.iter().any(|code| code.id == waiver.rule.value) {
            problems.push(unknown_rule(&waiver.rule, &codes));
        }
    }
    Settings {
        severities,
        problems,
    }
}

fn unknown_rule(rule: &Text, codes: &[&'static Code]) -> Diagnostic {
    let problem = UNKNOWN_RULE.at(rule.span, format!("there is no rule `{}`", rule.value));
    match did_you_mean(&rule.value, codes.iter().map(|code| code.id)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`vmt explain` lists the rules"),
    }
}

/// Applies start dates, severities and waivers; returns also the waivers that were used.
pub(super) fn sift(
    found: Vec<Diagnostic>,
    context: &Context<'_>,
    severities: &BTreeMap<&'static str, Option<Severity>>,
) -> (Vec<Diagnostic>, BTreeSet<Span>) {
    let documents: BTreeMap<_, &Document> = context
        .corpus
        .documents()
        .iter()
        .map(|document| (document.file, document))
        .collect();
    let mut used = BTreeSet::new();
    let mut kept = Vec::new();
    for mut finding in found {
        let document = documents.get(&finding.span.file).copied();
        let too_old = finding
            .code
            .since
            .and_then(|since| since.parse::<NaiveDate>().ok())
            .is_some_and(|since| {
                document
                    .and_then(|document| document.date.day)
                    .is_some_and(|day| day < since)
            });
        if too_old {
            continue;
        }
        match severities.get(finding.code.id) {
            Some(None) => continue,
            Some(Some(severity)) => finding.severity = *severity,
            None => {}
        }
        let waivers = document
            .map(|document| waivers_of(document, context.config))
            .unwrap_or_default();
        match waivers
            .into_iter()
            .find(|waiver| waiver.value == finding.code.id)
        {
            Some(waiver) => {
                used.insert(waiver.span);
            }
            None => kept.push(finding),
        }
    }
    (kept, used)
}

fn waivers_of<'a>(document: &'a Document, config: &'a Config) -> Vec<&'a Text> {
    let own = document.waivers.iter().map(|waiver| &waiver.rule);
    let central = config
        .waivers
        .iter()
        .filter(|waiver| waiver.document.value == document.name());
    own.chain(central.map(|waiver| &waiver.rule)).collect()
}

/// Returns the waivers that waive nothing, and those of rules that do not exist.
pub(super) fn unused_waivers(context: &Context<'_>, used: &BTreeSet<Span>) -> Vec<Diagnostic> {
    let codes = all_codes();
    let mut problems = Vec::new();
    let own = context
        .corpus
        .documents()
        .iter()
        .flat_map(|document| &document.waivers);
    for rule in own.map(|waiver| &waiver.rule) {
        if !codes.iter().any(|code| code.id == rule.value) {
            problems.push(unknown_rule(rule, &codes));
        } else if !used.contains(&rule.span) {
            let message = format!("nothing here breaks `{}`", rule.value);
            problems.push(
                UNUSED_WAIVER
                    .at(rule.span, message)
                    .help("delete the waiver"),
            );
        }
    }
    for waiver in &context.config.waivers {
        let known = codes.iter().any(|code| code.id == waiver.rule.value);
        if known && !used.contains(&waiver.rule.span) {
            let message = format!(
                "nothing in `{}` breaks `{}`",
                waiver.document.value, waiver.rule.value
            );
            problems.push(
                UNUSED_WAIVER
                    .at(waiver.rule.span, message)
                    .help("delete the waiver"),
            );
        }
    }
    problems
}
