//! `vmt mail outbox`.

use clap::{Args, Subcommand};

use super::super::{Environment, Failure, Outcome};
use super::compose::{Desk, judge, known_kind, say_refusals};
use super::send::transport;
use super::{WallClock, enter, ledger, outcome_of};
use crate::outbox::journal::{Event, State};
use crate::outbox::{About, Message, Outbox, OutboxError};
use crate::report::json::pretty;
use crate::workspace::{Include, Workspace};

/// Look after what is being sent
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// List messages of private documents as well
    #[arg(long)]
    drafts: bool,
    /// Form of the list
    #[arg(long, value_parser = ["human", "json"], default_value = "human")]
    format: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a message: its bytes and what happened to it
    Show {
        /// Name of the message
        name: String,
    },
    /// Send what was approved and is not sent yet
    Retry {
        /// Names of messages; all without
        names: Vec<String>,
        /// Try recipients again that a server refused for good
        #[arg(long, requires = "names")]
        refused: bool,
    },
    /// Say what became of a message of which nobody could say
    Settle {
        /// Name of the message
        name: String,
        /// It was sent
        #[arg(
            long,
            conflicts_with = "not_sent",
            required_unless_present = "not_sent"
        )]
        sent: bool,
        /// It was not sent, and goes out with the next retry
        #[arg(long)]
        not_sent: bool,
        /// What shows that it was sent, such as the address of its copy in an archive
        #[arg(long, value_name = "URL", requires = "sent")]
        evidence: Option<String>,
    },
    /// Take a message out that no server has
    Discard {
        /// Name of the message
        name: String,
    },
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Public)?;
    let outbox = Outbox::of(&workspace.root, &WallClock);
    match &arguments.command {
        None => list(arguments, &workspace, &outbox, environment),
        Some(Command::Show { name }) => show(&outbox.message(name)?, environment),
        Some(Command::Retry { names, refused }) => retry(names, *refused, environment),
        Some(Command::Settle {
            name,
            sent,
            evidence,
            ..
        }) => settle(
            name,
            *sent,
            evidence.clone(),
            &workspace,
            &outbox,
            environment,
        ),
        Some(Command::Discard { name }) => {
            outbox.hold(name)?.discard()?;
            environment.say(&format!("{name} is gone"));
            Ok(Outcome::Done)
        }
    }
}

fn settle(
    name: &str,
    sent: bool,
    evidence: Option<String>,
    workspace: &Workspace,
    outbox: &Outbox<'_>,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let held = outbox.hold(name)?;
    let message = held.message()?;
    if message.status.state != State::Unknown {
        return Err(OutboxError::State {
            name: name.to_owned(),
            state: message.status.state,
            why: "there is nothing to settle",
        }
        .into());
    }
    let about = &message.about;
    let ledger = ledger(workspace, outbox)?;
    let mut entries = ledger.of_document(&about.document);
    let known = entries.any(|entry| entry.kind == about.kind && entry.revision == about.revision);
    if known && !sent {
        return Err(Failure::usage(
            format!("{name} is recorded as sent"),
            "settle it with --sent, or take the record away first: vmt mail record ID --kind KIND --forget",
        ));
    }
    let message = held.record(Event::Settled { sent, evidence })?;
    enter(workspace, &message)?;
    environment.say(&format!("{name} is {}", message.status.state.name()));
    Ok(Outcome::Done)
}

fn list(
    arguments: &Arguments,
    workspace: &Workspace,
    outbox: &Outbox<'_>,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let mut messages = outbox.messages()?;
    for message in &messages {
        enter(workspace, message)?;
    }
    let all = messages.len();
    messages.retain(|message| arguments.drafts || message.about.public);
    if messages.len() < all {
        let hidden = all - messages.len();
        environment.say(&format!(
            "{hidden} of private documents; --drafts shows them"
        ));
    }
    if arguments.format == "json" {
        let found = messages.iter().map(|message| as_json(message, outbox));
        let found: Vec<serde_json::Value> = found.collect();
        environment.out(&pretty(&serde_json::json!({ "messages": found })))?;
        return Ok(Outcome::Done);
    }
    if all == 0 {
        environment.out("the outbox is empty\n")?;
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    for message in &messages {
        let since = message.status.since.unwrap_or(message.about.date);
        text.push_str(&format!(
            "{}  {}  since {}  {}\n",
            message.about.name(),
            state_name(message, outbox),
            since.format("%Y-%m-%dT%H:%MZ"),
            message.about.recipients.join(", ")
        ));
    }
    environment.out(&text)?;
    Ok(Outcome::Done)
}

/// The name of a state; what another vmt delivers now is neither sent nor unknown.
fn state_name(message: &Message, outbox: &Outbox<'_>) -> &'static str {
    match outbox.is_busy(&message.about.name()) {
        true => "sending",
        false => message.status.state.name(),
    }
}

fn as_json(message: &Message, outbox: &Outbox<'_>) -> serde_json::Value {
    serde_json::json!({
        "name": message.about.name(),
        "document": message.about.document,
        "kind": message.about.kind,
        "revision": message.about.revision,
        "state": state_name(message, outbox),
        "since": message.status.since,
        "message_id": message.about.message_id,
        "subject": message.about.subject,
        "recipients": message.status.fates,
    })
}

fn show(message: &Message, environment: &Environment) -> Result<Outcome, Failure> {
    let mut text = format!(
        "{}: {}\n",
        message.about.name(),
        message.status.state.name()
    );
    for record in &message.records {
        let moment = record.moment.format("%Y-%m-%dT%H:%M:%SZ");
        let event = serde_json::to_string(&record.event).unwrap_or_default();
        text.push_str(&format!("{moment} {event}\n"));
    }
    let bytes = String::from_utf8_lossy(&message.bytes()?).replace("\r\n", "\n");
    let text = format!("{text}\n{bytes}");
    environment.out(&crate::prose::text::harmless(&text))?;
    Ok(Outcome::Done)
}

fn retry(names: &[String], refused: bool, environment: &Environment) -> Result<Outcome, Failure> {
    // What waits may be of private documents.
    let workspace = environment.open_whole(Include::Drafts)?;
    let outbox = Outbox::of(&workspace.root, &WallClock);
    let names: Vec<String> = match names {
        [] => {
            let all = outbox.messages()?.into_iter();
            let waiting = all.filter(|message| message.status.state == State::Approved);
            waiting.map(|message| message.about.name()).collect()
        }
        names => names.to_vec(),
    };
    if names.is_empty() {
        environment.say("nothing waits to be sent");
        return Ok(Outcome::Done);
    }
    let transport = transport(&workspace)?;
    let desk = Desk::at(&workspace, environment)?;
    let mut outcome = Outcome::Done;
    for name in names {
        let held = outbox.hold(&name)?;
        let message = held.message()?;
        if let Err(failure) = still_right(&message, &desk, environment) {
            environment.say(&format!("{name}: not sent: {}", failure.text()));
            outcome = Outcome::Unsent;
            continue;
        }
        if refused {
            let _ = held.record(Event::Reopened)?;
        }
        let message = held.deliver(&transport, &|text| environment.say(text))?;
        enter(&workspace, &message)?;
        let one = outcome_of(&message, &workspace.config, environment);
        if one != Outcome::Done {
            outcome = one;
        }
    }
    Ok(outcome)
}

/// Holds a message that was approved some time ago against what is right now: documents are taken back,
/// keys are revoked, days pass, and a colleague may have sent it.
fn still_right(
    message: &Message,
    desk: &Desk<'_>,
    environment: &Environment,
) -> Result<(), Failure> {
    let about = &message.about;
    let config = &desk.workspace.config;
    let kind = known_kind(&about.kind, config)?;
    let prepared = desk.prepare(kind, &about.document)?;
    let overrides = message
        .records
        .iter()
        .rev()
        .find_map(|record| match &record.event {
            Event::Approved { overrides, .. } => Some(overrides.as_slice()),
            _ => None,
        });
    let (refusals, _) = judge(&prepared, overrides.unwrap_or_default())?;
    if !refusals.is_empty() {
        say_refusals(&kind.name, &refusals, environment);
        return Err(Failure::documents(
            "it is refused now",
            "mend what is refused above",
        ));
    }
    // What some servers have goes to the others as it is.
    if !message.status.is_nowhere() {
        return Ok(());
    }
    if desk.sent(&prepared.letter).is_some() {
        return Err(Failure::documents(
            "it is recorded as sent",
            "take it out: vmt mail outbox discard NAME",
        ));
    }
    let now = About::of(&prepared.letter, &desk.keys, config);
    match now.content == about.content {
        true => Ok(()),
        false => Err(Failure::documents(
            "what it would say, to whom or under which key has changed since",
            "look at it and approve it anew: vmt mail send ID --kind KIND",
        )),
    }
}
