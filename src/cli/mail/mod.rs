//! `vmt mail`.

mod compose;
mod outbox;
mod preview;
mod send;
mod write;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Environment, Failure, Outcome};
use crate::config::{Config, MailState};
use crate::ledger::{Entry, FOLDER, Ledger, LedgerError};
use crate::mail::{identity, owed};
use crate::outbox::journal::{Fate, State};
use crate::outbox::{About, Clock, Message, Outbox, OutboxError};
use crate::report::json::pretty;
use crate::workspace::{Include, Workspace};

/// Compose, send and follow mails
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Preview(preview::Arguments),
    Write(write::Arguments),
    Send(send::Arguments),
    Outbox(outbox::Arguments),
    Owed(OwedArguments),
    Record(RecordArguments),
}

/// Say which mails are still to be sent
#[derive(Debug, Args)]
struct OwedArguments {
    /// Ids of documents; all without
    ids: Vec<String>,
    /// Form of the answer
    #[arg(long, value_parser = ["human", "json"], default_value = "human")]
    format: String,
}

/// Record a mail that went out another way, or what shows that one arrived
#[derive(Debug, Args)]
struct RecordArguments {
    /// Id of the document
    id: String,
    /// Kind of the mail
    #[arg(long)]
    kind: String,
    /// Number among the mails of its kind [default: the newest that was sent, or 1]
    #[arg(long)]
    revision: Option<u32>,
    /// Its Message-ID, with or without angle brackets
    #[arg(long, value_name = "ID")]
    message_id: Option<String>,
    /// Address of its copy in an archive
    #[arg(long, value_name = "URL")]
    evidence: Option<String>,
    /// Take the record away: the mail was not sent
    #[arg(long, conflicts_with_all = ["message_id", "evidence"])]
    forget: bool,
}

pub(super) use preview::notice;
pub(super) use send::queue;

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    match &arguments.command {
        Command::Preview(arguments) => preview::run(arguments, environment),
        Command::Write(arguments) => write::run(arguments, environment),
        Command::Send(arguments) => send::run(arguments, environment),
        Command::Outbox(arguments) => outbox::run(arguments, environment),
        Command::Owed(arguments) => owe(arguments, environment),
        Command::Record(arguments) => record(arguments, environment),
    }
}

/// The clock of the machine, or of the test.
#[derive(Debug)]
pub(super) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        super::now().unwrap_or_else(|_| chrono::Utc::now())
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Failure {
        match &error {
            OutboxError::Missing(_) => {
                Failure::usage(error, "`vmt mail outbox` lists the messages")
            }
            OutboxError::State { .. } => Failure::Usage(error.to_string(), None),
            OutboxError::Busy(_) => Failure::World(
                error.to_string(),
                Some("wait for it, or look with `vmt mail outbox`".to_owned()),
            ),
            OutboxError::Damaged { .. } => Failure::World(
                error.to_string(),
                Some(
                    "mend the file by hand; look into the archives before anything is sent again"
                        .to_owned(),
                ),
            ),
            OutboxError::Io { error: why, .. } => {
                let help = super::refused(why);
                Failure::World(error.to_string(), Some(help.to_owned()))
            }
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Failure {
        Failure::World(
            error.to_string(),
            Some("mend the file: what was sent must not be sent again".to_owned()),
        )
    }
}

/// Reads what was sent, and adds what the outbox has sent since it was stopped.
fn ledger(workspace: &Workspace, outbox: &Outbox<'_>) -> Result<Ledger, Failure> {
    for message in outbox.messages()? {
        enter(workspace, &message)?;
    }
    Ok(Ledger::read(&[&workspace.root, &workspace.private])?)
}

/// Enters a message that was sent into the ledger.
fn enter(workspace: &Workspace, message: &Message) -> Result<(), Failure> {
    let Some(entry) = message.entry().filter(|entry| !message.is_entered(entry)) else {
        return Ok(());
    };
    let told = entry.clone();
    let folder = match message.about.public {
        true => workspace.root.join(FOLDER),
        false => workspace.private.join(FOLDER),
    };
    let moved = workspace.root.join(FOLDER).join(entry.path());
    let path = match moved.exists() {
        true => moved,
        false => folder.join(entry.path()),
    };
    let known = Ledger::read_entry(&path)?;
    let entry = match &known {
        Some(known) => entry.joined(known),
        None => entry,
    };
    if known.as_ref() != Some(&entry) {
        put_entry(&path, &entry, message.about.public)?;
    }
    // Where the disk is full the ledger is told again, which changes nothing in it.
    let _ = message.set_entered(&told);
    Ok(())
}

/// Writes an entry of the ledger; one of a private document is nobody else's business.
fn put_entry(path: &std::path::Path, entry: &Entry, public: bool) -> Result<(), Failure> {
    let text = entry.to_json();
    match public {
        true => crate::output::put(path, text.as_bytes())?,
        false => crate::output::put_private(path, text.as_bytes())?,
    }
    Ok(())
}

fn owe(arguments: &OwedArguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let outbox = Outbox::of(&workspace.root, &WallClock);
    let ledger = ledger(&workspace, &outbox)?;
    let asked = |id: &str| {
        let mut ids = arguments.ids.iter();
        arguments.ids.is_empty() || ids.any(|asked| asked.eq_ignore_ascii_case(id))
    };
    let documents = workspace.corpus.documents().iter();
    let documents = documents.filter(|document| asked(document.name()));
    let owed = owed::owed(documents, &ledger, &workspace.config);
    if arguments.format == "json" {
        environment.out(&pretty(&serde_json::json!({ "owed": owed })))?;
        return Ok(Outcome::Done);
    }
    let mut text = String::new();
    for mail in &owed {
        text.push_str(&format!(
            "{}: `{}` {}: {}\n",
            mail.document, mail.kind, mail.revision, mail.why
        ));
    }
    if owed.is_empty() {
        text.push_str("no mail is owed\n");
    }
    environment.out(&text)?;
    say_loose_ends(&workspace, &ledger, &outbox, environment)?;
    if let Some(mail) = owed.first() {
        environment.say(&format!(
            "send with `vmt mail send {} --kind {}`; or record what shows that it was sent: vmt mail record {} --kind {} --revision {} --evidence URL",
            mail.document, mail.kind, mail.document, mail.kind, mail.revision
        ));
    }
    Ok(Outcome::Done)
}

/// Says what is in the outbox and not sent, and of which documents the ledger knows that are no more.
fn say_loose_ends(
    workspace: &Workspace,
    ledger: &Ledger,
    outbox: &Outbox<'_>,
    environment: &Environment,
) -> Result<(), Failure> {
    for message in outbox.messages()? {
        if message.status.state != State::Sent {
            environment.say(&format!(
                "{} is in the outbox, {}: see `vmt mail outbox --drafts`",
                message.about.name(),
                message.status.state.name()
            ));
        }
    }
    let documents = workspace.corpus.documents();
    let is_known = |id: &str| {
        documents
            .iter()
            .any(|document| document.name().eq_ignore_ascii_case(id))
    };
    let mut lost: Vec<&str> = ledger
        .entries()
        .iter()
        .map(|entry| entry.document.as_str())
        .collect();
    lost.retain(|id| !is_known(id));
    lost.dedup();
    for id in lost {
        environment.say(&format!(
            "mails were sent for {id}, and there is no such document: if it has another id now, move its folder below {FOLDER}/ and correct `document` in it"
        ));
    }
    Ok(())
}

fn record(arguments: &RecordArguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let config = &workspace.config;
    let kind = compose::known_kind(&arguments.kind, config)?;
    if arguments.message_id.is_none() && arguments.evidence.is_none() && !arguments.forget {
        return Err(Failure::usage(
            "nothing is recorded",
            "name what shows that the mail was sent: --message-id ID or --evidence URL",
        ));
    }
    let mut documents = workspace.corpus.documents().iter();
    let document = documents
        .find(|document| document.name().eq_ignore_ascii_case(&arguments.id))
        .ok_or_else(|| compose::no_document(&arguments.id, &workspace))?;
    if kind.state == MailState::Public && document.is_private() {
        return Err(Failure::usage(
            format!(
                "{} is private: no `{}` can have been sent",
                arguments.id, kind.name
            ),
            "record it once the document is public",
        ));
    }
    let id = document.name().to_owned();
    let outbox = Outbox::of(&workspace.root, &WallClock);
    let ledger = ledger(&workspace, &outbox)?;
    let last = ledger.last(&id, &kind.name).map(|entry| entry.revision);
    let revision = arguments
        .revision
        .or_else(|| identity::revision(kind, document))
        .or(last)
        .unwrap_or(1);
    let known = ledger
        .of_document(&id)
        .find(|entry| entry.kind == kind.name && entry.revision == revision);
    let public = kind.state == MailState::Public;
    let path = entry_path(
        &workspace,
        &crate::ledger::path(&id, &kind.name, revision),
        public,
    );
    if arguments.forget {
        crate::output::remove(&path)?;
        environment.say(&format!("{} is gone", path.display()));
        return Ok(Outcome::Done);
    }
    let written = written(&workspace, &crate::outbox::name(&id, &kind.name, revision));
    let facts = match (known.and_then(|entry| entry.facts.clone()), &written) {
        (Some(facts), _) => Some(facts),
        (None, Some(about)) => Some(about.facts.clone()),
        // As it would be said now: the nearest that there is.
        (None, None) if owed::fits(kind, document) => {
            let desk = compose::Desk::at(&workspace, environment)?;
            serde_json::to_value(&desk.prepare(kind, &id)?.letter.facts).ok()
        }
        (None, None) => None,
    };
    let mut entry = known.cloned().unwrap_or_else(|| Entry {
        document: id.clone(),
        kind: kind.name.clone(),
        revision,
        message_id: written.map(|about| about.message_id),
        moment: environment.now,
        recipients: kind
            .lists(&config.mail)
            .map(|list| list.address.clone())
            .collect(),
        evidence: Vec::new(),
        facts: None,
    });
    entry.facts = facts;
    if let Some(text) = &arguments.message_id {
        entry.message_id = Some(message_id(text)?);
    }
    if let Some(url) = arguments.evidence.as_ref()
        && !entry.evidence.contains(url)
    {
        entry.evidence.push(url.clone());
    }
    put_entry(&path, &entry, public)?;
    environment.say(&format!("recorded in {}", path.display()));
    Ok(Outcome::Done)
}

/// Returns where an entry is, or would be.
fn entry_path(workspace: &Workspace, path: &std::path::Path, public: bool) -> PathBuf {
    let open = workspace.root.join(FOLDER).join(path);
    match public || open.exists() {
        true => open,
        false => workspace.private.join(FOLDER).join(path),
    }
}

/// Returns what `vmt mail write` said of a mail that it wrote.
fn written(workspace: &Workspace, name: &str) -> Option<About> {
    let path = workspace
        .root
        .join(compose::WRITTEN)
        .join(format!("{name}.json"));
    let bytes = crate::source::read_whole(&path, crate::source::MAX_FILE_BYTES).ok()?;
    let value: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    serde_json::from_value(value.get("about")?.clone()).ok()
}

/// A Message-ID as a person pastes it, with its angle brackets.
fn message_id(text: &str) -> Result<String, Failure> {
    let bare = text.trim().trim_start_matches('<').trim_end_matches('>');
    let id = format!("<{bare}>");
    match identity::is_message_id(&id) {
        true => Ok(id),
        false => Err(Failure::usage(
            format!("`{text}` is no Message-ID"),
            "copy it from the header of the mail, like <digits@host>",
        )),
    }
}

/// Says how a delivery ended, and what to do.
fn outcome_of(message: &Message, config: &Config, environment: &Environment) -> Outcome {
    let name = message.about.name();
    for (address, fate) in &message.status.fates {
        let said = match fate {
            Fate::Waiting => "waits".to_owned(),
            Fate::Deferred(why) => format!("not sent yet: {why}"),
            Fate::Accepted(reply) => format!("sent: {reply}"),
            Fate::Refused(reply) => format!("refused: {reply}"),
            Fate::Unknown(why) => format!("nobody can say whether it was sent: {why}"),
        };
        environment.say(&format!("{address}: {said}"));
    }
    match message.status.state {
        State::Sent => {
            environment.say(&format!("{name} is sent; Message-ID {}", message.about.message_id));
            return Outcome::Done;
        }
        State::Unknown => {
            let kind = config.mail.kind(&message.about.kind);
            let lists = kind.map(|kind| kind.lists(&config.mail)).into_iter().flatten();
            let archives: Vec<&str> = lists.filter_map(|list| list.archive.as_deref()).collect();
            let archives = match archives.as_slice() {
                [] => String::new(),
                all => format!(" in {}", all.join(", ")),
            };
            environment.say(&format!(
                "find out: look for {}{archives}, or ask who runs the mail server; then say\n  vmt mail outbox settle {name} --sent --evidence URL\nor, when it never arrived,\n  vmt mail outbox settle {name} --not-sent",
                message.about.message_id
            ));
        }
        State::Refused => environment.say(&format!(
            "mend what the server says, then `vmt mail outbox retry {name} --refused` for the same mail, or change the document and `vmt mail send` again"
        )),
        State::Approved => {
            environment.say(&format!("go on with `vmt mail outbox retry {name}`"));
        }
        State::Composed => environment.say(&format!("{name} is not approved")),
    }
    Outcome::Unsent
}
