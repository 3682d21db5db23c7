//! `vmt mail outbox`.

use clap::{Args, Subcommand};

use super::super::{Environment, Failure, Outcome};
use super::send::transport;
use super::{WallClock, enter, json, outcome_of};
use crate::outbox::journal::{Event, State};
use crate::outbox::{Message, Outbox, OutboxError};
use crate::workspace::{Include, Workspace};

/// Look after what is being sent
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
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
        Some(Command::Retry { names, refused }) => {
            retry(names, *refused, &workspace, &outbox, environment)
        }
        Some(Command::Settle {
            name,
            sent,
            evidence,
            ..
        }) => {
            let message = outbox.message(name)?;
            if message.status.state != State::Unknown {
                return Err(OutboxError::State {
                    name: name.clone(),
                    state: message.status.state,
                    why: "there is nothing to settle",
                }
                .into());
            }
            let event = Event::Settled {
                sent: *sent,
                evidence: evidence.clone(),
            };
            let message = outbox.record(name, event)?;
            enter(&workspace, &message)?;
            environment.say(&format!("{name} is {}", message.status.state.name()));
            Ok(Outcome::Done)
        }
        Some(Command::Discard { name }) => {
            outbox.discard(name)?;
            environment.say(&format!("{name} is gone"));
            Ok(Outcome::Done)
        }
    }
}

fn list(
    arguments: &Arguments,
    workspace: &Workspace,
    outbox: &Outbox<'_>,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let messages = outbox.messages()?;
    for message in &messages {
        enter(workspace, message)?;
    }
    if arguments.format == "json" {
        let all: Vec<serde_json::Value> = messages.iter().map(as_json).collect();
        environment.out(&json(&serde_json::json!({ "messages": all }))?)?;
        return Ok(Outcome::Done);
    }
    if messages.is_empty() {
        environment.out("the outbox is empty\n")?;
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    for message in &messages {
        let since = message.status.since.unwrap_or(message.about.date);
        text.push_str(&format!(
            "{}  {}  since {}  {}\n",
            message.about.name(),
            message.status.state.name(),
            since.format("%Y-%m-%dT%H:%MZ"),
            message.about.recipients.join(", ")
        ));
    }
    environment.out(&text)?;
    Ok(Outcome::Done)
}

fn as_json(message: &Message) -> serde_json::Value {
    serde_json::json!({
        "name": message.about.name(),
        "document": message.about.document,
        "kind": message.about.kind,
        "revision": message.about.revision,
        "state": message.status.state,
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

fn retry(
    names: &[String],
    refused: bool,
    workspace: &Workspace,
    outbox: &Outbox<'_>,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let mut waiting = Vec::new();
    match names {
        [] => {
            let approved = outbox.messages()?.into_iter();
            waiting.extend(approved.filter(|message| message.status.state == State::Approved));
        }
        names => {
            for name in names {
                let message = outbox.message(name)?;
                waiting.push(match refused {
                    true => outbox.record(name, Event::Reopened)?,
                    false => message,
                });
            }
        }
    }
    if waiting.is_empty() {
        environment.say("nothing waits to be sent");
        return Ok(Outcome::Done);
    }
    let transport = transport(workspace)?;
    let mut outcome = Outcome::Done;
    for message in waiting {
        let name = message.about.name();
        let message = outbox.deliver(&name, &transport, &|text| environment.say(text))?;
        enter(workspace, &message)?;
        let one = outcome_of(&message, &workspace.config, environment);
        if one != Outcome::Done {
            outcome = one;
        }
    }
    Ok(outcome)
}
