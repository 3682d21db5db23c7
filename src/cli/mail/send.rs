//! `vmt mail send`.

use std::io::{BufRead as _, IsTerminal as _};

use clap::Args;

use super::super::{Environment, Failure, Outcome};
use super::compose::{
    self, Desk, Prepared, judge, known_kind, say_differences, say_refusals, seal_or_fail,
};
use super::{WallClock, enter, outcome_of, preview};
use crate::config::{Config, MailKind, MailState, Occasion};
use crate::mail::owed;
use crate::outbox::journal::{Event, State};
use crate::outbox::smtp::Server;
use crate::outbox::{About, Held, Message, Outbox, OutboxError, Transport};
use crate::source;
use crate::workspace::{Include, Workspace};

/// Send mails of a document, each once ever
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Id of the document
    id: String,
    /// Kind of a mail, once for each
    #[arg(long = "kind", value_name = "KIND", required = true)]
    kinds: Vec<String>,
    /// Send without asking; repeats the id of the document
    #[arg(long, value_name = "ID")]
    yes: Option<String>,
    /// Send in spite of a rule of mails, once for each; it is recorded
    #[arg(long = "allow", value_name = "RULE")]
    allow: Vec<String>,
    /// Queue the mails, approved, and send none
    #[arg(long)]
    queue_only: bool,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// A mail that may go out, and the hold on its place in the outbox.
struct Ready<'a> {
    prepared: Prepared,
    overrides: Vec<String>,
    held: Held<'a>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = compose::open_for(&arguments.kinds, environment)?;
    let config = &workspace.config;
    let kinds: Vec<&MailKind> = arguments
        .kinds
        .iter()
        .map(|name| known_kind(name, config))
        .collect::<Result<_, _>>()?;
    let outbox = Outbox::of(&workspace.root, &WallClock);
    let desk = Desk::at(&workspace, environment)?;
    let mut ready = Vec::new();
    let mut outcome = Outcome::Done;
    for kind in kinds {
        let prepared = desk.prepare(kind, &arguments.id)?;
        let letter = &prepared.letter;
        let held = outbox.hold(&crate::outbox::name(
            &letter.document,
            &kind.name,
            letter.revision,
        ))?;
        match state_of(&prepared, &desk, &held)? {
            Known::Sent(when) => {
                environment.say(&format!(
                    "`{}` was sent on {when}; nothing is sent again",
                    kind.name
                ));
            }
            Known::Fixed(message) => {
                outcome = outcome_of(&message, config, environment);
            }
            Known::New => {
                let (refusals, overrides) = judge(&prepared, &arguments.allow)?;
                if !refusals.is_empty() {
                    say_differences(&prepared, environment);
                    say_refusals(&kind.name, &refusals, environment);
                    return Err(Failure::documents(
                        "nothing was sent",
                        "mend what is refused above",
                    ));
                }
                ready.push(Ready {
                    prepared,
                    overrides,
                    held,
                });
            }
        }
    }
    if ready.is_empty() {
        return Ok(outcome);
    }
    // Before anybody is asked: a question whose answer cannot be acted on is none.
    let transport = match arguments.queue_only {
        true => None,
        false => Some(transport(&workspace)?),
    };
    for mail in &ready {
        summarise(mail, &desk, environment);
    }
    if arguments.dry_run {
        environment.say("nothing was sent");
        return Ok(outcome);
    }
    confirm(arguments, &ready)?;
    // Everything is in the outbox before anything is on its way.
    for mail in &ready {
        let about = About::of(&mail.prepared.letter, &desk.keys, config);
        let known = mail.held.message().ok();
        if known.is_none_or(|known| known.about.content != about.content) {
            let bytes = seal_or_fail(&mail.prepared.letter, &desk.keys)?;
            let _ = mail.held.queue(&about, &bytes)?;
        }
        let _ = mail.held.record(Event::Approved {
            overrides: mail.overrides.clone(),
            owned: mail.prepared.differences.clone(),
        })?;
    }
    let Some(transport) = transport else {
        environment.say("queued; send with `vmt mail outbox retry`");
        return Ok(outcome);
    };
    for mail in &ready {
        let message = mail
            .held
            .deliver(&transport, &|text| environment.say(text))?;
        enter(&workspace, &message)?;
        let one = outcome_of(&message, config, environment);
        if one != Outcome::Done {
            outcome = one;
        }
    }
    Ok(outcome)
}

/// Puts the mails of an occasion into the outbox, for a person to approve, and prints the commands that do. A
/// mail that cannot go yet is said with the first reason.
///
/// # Errors
/// When the workspace, the outbox or stdout fail; not for what stands in a mail's way.
pub(in crate::cli) fn queue(
    id: &str,
    occasion: Occasion,
    state: MailState,
    environment: &Environment,
) -> Result<(), Failure> {
    let include = match state {
        MailState::Private => Include::Drafts,
        MailState::Public => Include::Public,
    };
    let workspace = environment.open_whole(include)?;
    let mut documents = workspace.corpus.documents().iter();
    let document = documents.find(|document| document.name().eq_ignore_ascii_case(id));
    let document = document.ok_or_else(|| compose::no_document(id, &workspace))?;
    let outbox = Outbox::of(&workspace.root, &WallClock);
    let desk = Desk::at(&workspace, environment)?;
    let kinds = workspace.config.mail.kinds.iter();
    for kind in kinds.filter(|kind| kind.occasion == occasion && owed::fits(kind, document)) {
        environment.out(&format!("vmt mail send {id} --kind {}\n", kind.name))?;
        let prepared = desk.prepare(kind, id)?;
        let name = crate::outbox::name(id, &kind.name, prepared.letter.revision);
        let waits = match prepared.refusals.first() {
            Some(refusal) => Some(refusal.message.clone()),
            None => {
                let held = outbox.hold(&name)?;
                if let Known::New = state_of(&prepared, &desk, &held)? {
                    let bytes = seal_or_fail(&prepared.letter, &desk.keys)?;
                    let about = About::of(&prepared.letter, &desk.keys, &workspace.config);
                    let _ = held.queue(&about, &bytes)?;
                }
                None
            }
        };
        match waits {
            None => environment.say(&format!(
                "`{}` is in the outbox, and waits to be approved",
                kind.name
            )),
            Some(why) => environment.say(&crate::prose::text::harmless(&format!(
                "`{}` is not in the outbox yet: {why}",
                kind.name
            ))),
        }
    }
    Ok(())
}

/// What is known of a mail before it is sent.
enum Known {
    /// It was sent.
    Sent(String),
    /// It cannot be sent by this command: a server has it, may have it, or refused just this.
    Fixed(Box<Message>),
    /// It can.
    New,
}

/// Looks into the outbox first, which knows each recipient, then into the ledger.
fn state_of(prepared: &Prepared, desk: &Desk<'_>, held: &Held<'_>) -> Result<Known, Failure> {
    let letter = &prepared.letter;
    let day = |moment: chrono::DateTime<chrono::Utc>| moment.format("%Y-%m-%d").to_string();
    let about = About::of(letter, &desk.keys, &desk.workspace.config);
    match held.message() {
        Ok(message) => match message.status.state {
            State::Sent => {
                let since = message.status.since.unwrap_or(message.about.date);
                return Ok(Known::Sent(day(since)));
            }
            State::Unknown => return Ok(Known::Fixed(Box::new(message))),
            State::Refused
                if !message.status.is_nowhere() || message.about.content == about.content =>
            {
                return Ok(Known::Fixed(Box::new(message)));
            }
            State::Approved if !message.status.is_nowhere() => {
                return Ok(Known::Fixed(Box::new(message)));
            }
            _ => {}
        },
        Err(OutboxError::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(match desk.sent(letter) {
        Some(entry) => Known::Sent(day(entry.moment)),
        None => Known::New,
    })
}

/// Says what is about to be sent.
fn summarise(mail: &Ready<'_>, desk: &Desk<'_>, environment: &Environment) {
    let letter = &mail.prepared.letter;
    let head = preview::as_text(letter, &desk.keys);
    let head = head.split("\n\n").next().unwrap_or_default();
    environment.say(&format!("--- {}\n{head}", letter.kind.name));
    say_differences(&mail.prepared, environment);
    if !mail.overrides.is_empty() {
        environment.say(&format!("overridden: {}", mail.overrides.join(", ")));
    }
}

/// Asks for the id of the document, unless it was given.
fn confirm(arguments: &Arguments, ready: &[Ready<'_>]) -> Result<(), Failure> {
    let Some(id) = ready
        .first()
        .map(|mail| mail.prepared.letter.document.as_str())
    else {
        return Ok(());
    };
    let same = |text: &str| text.trim().eq_ignore_ascii_case(id);
    let not_sent = |why: &str| {
        let hint = format!("repeat the id to send: --yes {id}");
        Failure::usage(format!("nothing was sent: {why}"), &hint)
    };
    if let Some(yes) = &arguments.yes {
        return match same(yes) {
            true => Ok(()),
            false => Err(not_sent(&format!(
                "--yes says `{yes}`, and the document is {id}"
            ))),
        };
    }
    if !std::io::stdin().is_terminal() {
        return Err(not_sent("there is no terminal to ask at"));
    }
    let recipients: usize = ready.iter().map(|mail| mail.prepared.letter.to.len()).sum();
    let question = format!(
        "type {id} to send {} mail(s) to {recipients} address(es): ",
        ready.len()
    );
    // A question is no progress: `--quiet` does not silence it.
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), question.as_bytes());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read {
        Ok(_) if same(&answer) => Ok(()),
        _ => Err(not_sent("the answer is another")),
    }
}

/// Returns how mails go out of this workspace.
pub(super) fn transport(workspace: &Workspace) -> Result<Transport<'_>, Failure> {
    let mail = &workspace.config.mail;
    match (&mail.smtp, &mail.sendmail) {
        (Some(settings), _) => Ok(Transport::Smtp(Server {
            settings,
            password: password(&workspace.config)?,
            authorities: match &settings.authorities {
                None => None,
                Some(path) => Some(source::read_bytes(&workspace.root.join(path)).map_err(
                    |error| Failure::World(format!("cannot read {path}: {error}"), None),
                )?),
            },
        })),
        (None, Some(program)) => Ok(Transport::Sendmail(program)),
        (None, None) => Err(Failure::usage(
            "vmt.toml names no way for mails to go out",
            "write [mail.smtp] or `sendmail`; or use `vmt mail write` and your own mail client",
        )),
    }
}

/// Returns the password of the mail server: from the environment, or from the command in vmt.toml. It is never
/// an argument and never in a file of the workspace.
fn password(config: &Config) -> Result<Option<String>, Failure> {
    if let Ok(password) = std::env::var("VMT_SMTP_PASSWORD") {
        return Ok(Some(password));
    }
    let command = config
        .mail
        .smtp
        .as_ref()
        .and_then(|smtp| smtp.password_command.as_ref());
    let Some(command) = command else {
        return Ok(None);
    };
    let output = std::process::Command::new("sh")
        .args(["-c", command])
        .stdin(std::process::Stdio::inherit())
        .output()
        .map_err(|error| {
            Failure::World(format!("password-command cannot be run: {error}"), None)
        })?;
    if !output.status.success() {
        return Err(Failure::World(
            "password-command failed".to_owned(),
            Some("run it by hand; it has to print the password".to_owned()),
        ));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().map(str::to_owned))
}
