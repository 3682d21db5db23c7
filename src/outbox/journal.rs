//! The journal of a message: what happened to it, a line of JSON each, and the state that follows.
//!
//! Every line is on the disk before what it announces is done. A line that a crash cut off stands for
//! nothing: what it would have announced was not begun.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// It was composed, signed and verified, and its bytes are on the disk.
    Composed,
    /// A person wants it sent.
    Approved {
        /// Rules that the person overrode.
        overrides: Vec<String>,
        /// What differed from the notice, and the person owns.
        owned: Vec<String>,
    },
    /// A delivery begins. Nothing of the message has been shown to a server.
    Sending {
        /// Where to: `smtp://host:port`, or the path of a program.
        through: String,
    },
    /// A server refused recipients for good, before it saw the message.
    RecipientsRefused {
        /// The recipients, with the server's words.
        replies: BTreeMap<String, String>,
    },
    /// A delivery ended before the server could have taken the message.
    NotSent {
        /// Why.
        why: String,
        /// Whether a later try may succeed.
        temporary: bool,
        /// Recipients that it was for; empty for all that still wait.
        recipients: Vec<String>,
    },
    /// The message goes over now. From here on nobody can say what the server has, until it answers.
    Data {
        /// The recipients that it is for.
        recipients: Vec<String>,
    },
    /// The server has the message, and said so.
    Accepted {
        /// Its words.
        reply: String,
    },
    /// The server has read the message, and refused it.
    Rejected {
        /// Its words.
        reply: String,
        /// Whether a later try may succeed.
        temporary: bool,
    },
    /// The connection was lost after the whole message went over, before an answer came.
    Lost {
        /// What the system says.
        why: String,
    },
    /// A person wants recipients tried again that a server refused for good.
    Reopened,
    /// A person found out what became of it.
    Settled {
        /// Whether it was sent.
        sent: bool,
        /// What shows it.
        evidence: Option<String>,
    },
}

/// An event with its moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When it happened.
    pub moment: DateTime<Utc>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What became of the message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It has not been sent.
    Waiting,
    /// It has not been sent; a server asked to come back, or could not be reached.
    Deferred(String),
    /// A server took it.
    Accepted(String),
    /// A server refused it for good.
    Refused(String),
    /// It may or may not have been sent.
    Unknown(String),
}

/// State of a message as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Composed; nobody has approved it.
    Composed,
    /// Approved; not yet sent to everybody.
    Approved,
    /// Every recipient's server has it.
    Sent,
    /// At least one recipient's server refused it for good, and none waits.
    Refused,
    /// For at least one recipient nobody can say.
    Unknown,
}

impl State {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            State::Composed => "composed",
            State::Approved => "approved",
            State::Sent => "sent",
            State::Refused => "refused",
            State::Unknown => "unknown",
        }
    }
}

/// What follows from a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The message as a whole.
    pub state: State,
    /// Each recipient.
    pub fates: BTreeMap<String, Fate>,
    /// When the last event happened.
    pub since: Option<DateTime<Utc>>,
    /// What shows that it arrived, where a person said so.
    pub evidence: Vec<String>,
}

impl Status {
    /// Derives the status from the records of a journal.
    pub fn of(recipients: &[String], records: &[Record]) -> Status {
        let waiting = recipients
            .iter()
            .map(|address| (address.clone(), Fate::Waiting));
        let mut status = Status {
            state: State::Composed,
            fates: waiting.collect(),
            since: records.last().map(|record| record.moment),
            evidence: Vec::new(),
        };
        let mut approved = false;
        let mut under_way: Vec<String> = Vec::new();
        for record in records {
            match &record.event {
                Event::Composed | Event::Sending { .. } => {}
                Event::Approved { .. } => approved = true,
                Event::RecipientsRefused { replies } => {
                    for (address, reply) in replies {
                        status.set(address, Fate::Refused(reply.clone()));
                    }
                }
                Event::NotSent {
                    why,
                    temporary,
                    recipients,
                } => {
                    let fate = fate(why, *temporary);
                    let all = status.open();
                    under_way.clear();
                    for address in if recipients.is_empty() {
                        &all
                    } else {
                        recipients
                    } {
                        status.set(address, fate.clone());
                    }
                }
                Event::Data { recipients } => {
                    under_way.clone_from(recipients);
                    let why = "the delivery did not come to an end".to_owned();
                    for address in recipients {
                        status.set(address, Fate::Unknown(why.clone()));
                    }
                }
                Event::Accepted { reply } => {
                    for address in std::mem::take(&mut under_way) {
                        status.set(&address, Fate::Accepted(reply.clone()));
                    }
                }
                Event::Rejected { reply, temporary } => {
                    for address in std::mem::take(&mut under_way) {
                        status.set(&address, fate(reply, *temporary));
                    }
                }
                Event::Lost { why } => {
                    for address in std::mem::take(&mut under_way) {
                        status.set(&address, Fate::Unknown(why.clone()));
                    }
                }
                Event::Reopened => {
                    for fate in status.fates.values_mut() {
                        if matches!(fate, Fate::Refused(_)) {
                            *fate = Fate::Waiting;
                        }
                    }
                }
                Event::Settled { sent, evidence } => status.settle(*sent, evidence.as_deref()),
            }
        }
        status.state = status.whole(approved);
        status
    }

    /// Returns the recipients that a delivery is for.
    pub fn open(&self) -> Vec<String> {
        let open = self.fates.iter();
        open.filter(|(_, fate)| matches!(fate, Fate::Waiting | Fate::Deferred(_)))
            .map(|(address, _)| address.clone())
            .collect()
    }

    /// Returns whether no server has it, or may have it: only then another may take its place.
    pub fn is_nowhere(&self) -> bool {
        let mut fates = self.fates.values();
        !fates.any(|fate| matches!(fate, Fate::Accepted(_) | Fate::Unknown(_)))
    }

    fn set(&mut self, address: &str, fate: Fate) {
        if let Some(known) = self.fates.get_mut(address) {
            *known = fate;
        }
    }

    fn settle(&mut self, sent: bool, evidence: Option<&str>) {
        self.evidence.extend(evidence.map(str::to_owned));
        for fate in self.fates.values_mut() {
            if matches!(fate, Fate::Unknown(_)) {
                *fate = match sent {
                    true => Fate::Accepted(evidence.unwrap_or("a person says so").to_owned()),
                    false => Fate::Waiting,
                };
            }
        }
    }

    fn whole(&self, approved: bool) -> State {
        let has = |wanted: fn(&Fate) -> bool| self.fates.values().any(wanted);
        if has(|fate| matches!(fate, Fate::Unknown(_))) {
            State::Unknown
        } else if has(|fate| matches!(fate, Fate::Waiting | Fate::Deferred(_))) {
            if approved {
                State::Approved
            } else {
                State::Composed
            }
        } else if has(|fate| matches!(fate, Fate::Refused(_))) {
            State::Refused
        } else {
            State::Sent
        }
    }
}

fn fate(why: &str, temporary: bool) -> Fate {
    match temporary {
        true => Fate::Deferred(why.to_owned()),
        false => Fate::Refused(why.to_owned()),
    }
}

/// Reads the lines of a journal. A line that a crash cut off stands for nothing.
///
/// # Errors
/// The number of a line, from 1, that no crash explains: what it said is not known, so nothing may be sent.
pub fn parse(text: &str) -> Result<Vec<Record>, usize> {
    let mut records = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match serde_json::from_str(line) {
            Ok(record) => records.push(record),
            // It ends before its end: the disk never held the rest, and what it announced was not begun.
            Err(error) if error.is_eof() => {}
            Err(_) => return Err(at + 1),
        }
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(event: Event) -> Record {
        let moment = DateTime::UNIX_EPOCH;
        Record { moment, event }
    }

    fn state(events: Vec<Event>) -> (State, usize) {
        let recipients = ["a@example.org".to_owned(), "b@example.org".to_owned()];
        let records: Vec<Record> = events.into_iter().map(record).collect();
        let status = Status::of(&recipients, &records);
        (status.state, status.open().len())
    }

    fn data() -> Event {
        Event::Data {
            recipients: vec!["a@example.org".into(), "b@example.org".into()],
        }
    }

    fn approved() -> Event {
        Event::Approved {
            overrides: Vec::new(),
            owned: Vec::new(),
        }
    }

    #[test]
    fn a_crash_after_data_leaves_unknown_and_nothing_to_send() {
        let accepted = Event::Accepted {
            reply: "250".into(),
        };
        let lost = Event::Lost {
            why: "reset".into(),
        };
        let rejected = |temporary| Event::Rejected {
            reply: "no".into(),
            temporary,
        };
        assert_eq!(state(vec![]), (State::Composed, 2));
        assert_eq!(
            state(vec![Event::Composed, approved()]),
            (State::Approved, 2)
        );
        assert_eq!(state(vec![approved(), data()]), (State::Unknown, 0));
        assert_eq!(
            state(vec![approved(), data(), lost.clone()]),
            (State::Unknown, 0)
        );
        assert_eq!(state(vec![approved(), data(), accepted]), (State::Sent, 0));
        assert_eq!(
            state(vec![approved(), data(), rejected(true)]),
            (State::Approved, 2)
        );
        assert_eq!(
            state(vec![approved(), data(), rejected(false)]),
            (State::Refused, 0)
        );
        let settled = |sent| Event::Settled {
            sent,
            evidence: None,
        };
        assert_eq!(
            state(vec![approved(), data(), lost.clone(), settled(true)]),
            (State::Sent, 0)
        );
        assert_eq!(
            state(vec![approved(), data(), lost, settled(false)]),
            (State::Approved, 2)
        );
    }

    #[test]
    fn recipients_have_fates_of_their_own() {
        let replies = [("a@example.org".to_owned(), "550 no such list".to_owned())].into();
        let refused = Event::RecipientsRefused { replies };
        let data = Event::Data {
            recipients: vec!["b@example.org".into()],
        };
        let accepted = Event::Accepted {
            reply: "250".into(),
        };
        assert_eq!(
            state(vec![approved(), refused, data, accepted]),
            (State::Refused, 0)
        );
    }

    #[test]
    fn a_line_that_no_crash_explains_is_an_error() {
        let line = serde_json::to_string(&record(Event::Composed)).expect("JSON");
        let torn = &line[..line.len() - 3];
        assert_eq!(
            parse(&format!("{line}\n{torn}\n{line}\n")).map(|all| all.len()),
            Ok(2)
        );
        let damaged = line.replace("composed", "compoSed");
        assert_eq!(parse(&format!("{line}\n{damaged}\n{line}\n")), Err(2));
    }

    proptest! {
        #[test]
        fn a_journal_cut_anywhere_never_opens_what_went_over(cut in 0usize..2000) {
            let events = [
                Event::Composed, approved(), Event::Sending { through: "smtp://x:25".into() }, data(),
                Event::Accepted { reply: "250 ok".into() },
            ];
            let text: String = events
                .iter()
                .map(|event| serde_json::to_string(&record(event.clone())).expect("JSON") + "\n")
                .collect();
            let cut = cut.min(text.len());
            let records = parse(&text[..cut]).expect("a crash explains it");
            let recipients = ["a@example.org".to_owned(), "b@example.org".to_owned()];
            let status = Status::of(&recipients, &records);
            // The line of Data counts once it is whole; only then does the message go over.
            let data_is_there = records.iter().any(|record| matches!(record.event, Event::Data { .. }));
            prop_assert_eq!(data_is_there, status.open().is_empty());
        }
    }
}
