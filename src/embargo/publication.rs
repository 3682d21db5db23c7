//! The steps of a publication, in an order from any part of which one can go on (pure).
//!
//! What is done shows in the files themselves; the plan, which is written first and kept in private, holds
//! what must not change between two tries: the number and the day.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ledger::file_name;
use crate::model::{Date, Embargo, Text};

/// Folder of plans in the private folder.
pub const FOLDER: &str = "published";

/// What was decided when a publication began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The id of the private draft.
    pub draft: String,
    /// The id that it is published under.
    pub id: String,
    /// The day.
    pub day: NaiveDate,
    /// The private file as the workspace shows it; unknown in plans of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Whether all is done.
    #[serde(default)]
    pub done: bool,
    /// What the embargo block said, kept before the private file goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo: Option<History>,
}

/// What is remembered of an embargo that is over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// Day of reception.
    pub received: Option<NaiveDate>,
    /// Day on which downstream was told, as planned.
    pub notice: Option<NaiveDate>,
    /// Moment of the disclosure, as planned.
    pub disclosure: Option<DateTime<Utc>>,
    /// Who reviewed the description.
    pub reviewers: Vec<String>,
    /// Patch files.
    pub patches: Vec<String>,
}

impl History {
    /// Returns what an embargo block says.
    pub fn of(embargo: &Embargo) -> History {
        let day = |date: &Option<Date>| date.as_ref().and_then(|date| date.day);
        let texts = |text: &Text| text.value.clone();
        History {
            received: day(&embargo.received),
            notice: day(&embargo.notice),
            disclosure: embargo.moment(),
            reviewers: embargo.reviewers.iter().map(texts).collect(),
            patches: embargo
                .patches
                .iter()
                .map(|patch| texts(&patch.file))
                .collect(),
        }
    }
}

impl Plan {
    /// Returns the path of the plan of a draft below the private folder.
    pub fn path(draft: &str) -> PathBuf {
        PathBuf::from(FOLDER).join(format!("{}.json", file_name(draft)))
    }

    /// Returns the plan as JSON with a final line break.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts and days always have JSON");
        format!("{text}\n")
    }
}

/// What there is of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The plan was written.
    pub planned: bool,
    /// The plan says that all is done.
    pub done: bool,
    /// The private file is there.
    pub private: bool,
    /// The public file is there.
    pub public: bool,
    /// Entries of what was sent are under the id of the draft.
    pub ledger_waits: bool,
    /// The number is reserved.
    pub reserved: bool,
    /// The site was built after the document had become public, in this run.
    pub built: bool,
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Checks everything, and decides number and day.
    Plan,
    /// Writes the public file.
    WritePublic,
    /// Takes what was sent along.
    MoveLedger,
    /// Removes the private file, whose text is public now.
    RemovePrivate,
    /// Removes the reservation: the number is in use.
    RemoveReservation,
    /// Builds the site.
    Build,
    /// Says what a human does next, and remembers that all is done.
    Finish,
}

impl Step {
    /// Returns what the step does, for a dry run.
    pub fn describe(self) -> &'static str {
        match self {
            Step::Plan => "check the document, and decide its number and day",
            Step::WritePublic => "write the public file, without its embargo",
            Step::MoveLedger => "take along what was sent",
            Step::RemovePrivate => "remove the private file",
            Step::RemoveReservation => "remove the reservation of the number",
            Step::Build => "build the site, and search it for what betrays other private documents",
            Step::Finish => "say which commit to make and which mails are due",
        }
    }
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// A step.
    Step(Step),
    /// Nothing any more.
    Nothing,
    /// Nothing can be: neither the private nor the public file is there.
    Lost,
}

/// Returns the next step for what there is. A step that was interrupted is done again, and each can be.
pub fn next(facts: Facts) -> Next {
    Next::Step(match facts {
        Facts { done: true, .. } => return Next::Nothing,
        Facts {
            private: false,
            public: false,
            ..
        } => return Next::Lost,
        Facts { planned: false, .. } => Step::Plan,
        Facts { public: false, .. } => Step::WritePublic,
        Facts {
            ledger_waits: true, ..
        } => Step::MoveLedger,
        // Only when the text is safe in its public place.
        Facts { private: true, .. } => Step::RemovePrivate,
        Facts { reserved: true, .. } => Step::RemoveReservation,
        Facts { built: false, .. } => Step::Build,
        _ => Step::Finish,
    })
}

/// Returns what there is after a step.
pub fn after(step: Step, facts: Facts) -> Facts {
    let mut facts = facts;
    match step {
        Step::Plan => facts.planned = true,
        Step::WritePublic => facts.public = true,
        Step::MoveLedger => facts.ledger_waits = false,
        Step::RemovePrivate => facts.private = false,
        Step::RemoveReservation => facts.reserved = false,
        Step::Build => facts.built = true,
        Step::Finish => facts.done = true,
    }
    facts
}

/// Returns all steps that are left.
pub fn remaining(mut facts: Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Next::Step(step) = next(facts) {
        steps.push(step);
        facts = after(step, facts);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_every_state_the_steps_lead_to_the_end_and_the_text_is_never_lost() {
        let flag = |bits: u8, at: u8| bits >> at & 1 == 1;
        let mut ends = 0;
        for bits in 0..64_u8 {
            let start = Facts {
                planned: flag(bits, 0),
                done: false,
                private: flag(bits, 1),
                public: flag(bits, 2),
                ledger_waits: flag(bits, 3),
                reserved: flag(bits, 4),
                built: flag(bits, 5),
            };
            if !start.private && !start.public {
                assert_eq!(next(start), Next::Lost);
                continue;
            }
            let mut facts = start;
            for step in remaining(start) {
                assert!(facts.private || facts.public, "{start:?}");
                // Nothing is public before everything was checked and the number decided.
                assert!(step != Step::WritePublic || facts.planned);
                assert!(step != Step::RemovePrivate || facts.public);
                // Killed in the middle of a step, it is the next one again.
                assert_eq!(next(facts), Next::Step(step));
                facts = after(step, facts);
                // A run after a kill has not built anything.
                let again = Facts {
                    built: false,
                    ..facts
                };
                assert!(!remaining(again).is_empty() || facts.done);
            }
            assert!(
                facts.done
                    && facts.public
                    && !facts.private
                    && !facts.reserved
                    && !facts.ledger_waits
            );
            ends += 1;
        }
        assert_eq!(ends, 48);
    }
}
