//! `vmt mail preview` and `vmt embargo notice`: mails as a person reads them.

use clap::Args;

use super::super::build::template_failure;
use super::super::{Environment, Failure, Outcome};
use super::compose::{Desk, Prepared, known_kind, no_document, say_differences, say_refusals};
use crate::config::{MailKind, MailState};
use crate::mail::letter::Letter;
use crate::mail::policy::Override;
use crate::mail::{self, owed};
use crate::model::Document;
use crate::outbox::seal::Keys;
use crate::report::json::pretty;
use crate::template::Templates;
use crate::view::View;
use crate::workspace::{Include, Workspace};
/// Show the mails of a document: headers, recipients, keys, files and text
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Id of the document
    id: String,
    /// Kind of the mail [default: the first that fits the document]
    #[arg(long)]
    kind: Option<String>,
    /// Look among private drafts as well
    #[arg(long)]
    drafts: bool,
    /// Form of the answer
    #[arg(long, value_parser = ["human", "json"], default_value = "human")]
    format: String,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let named = |workspace: &Workspace| match &arguments.kind {
        Some(name) => known_kind(name, &workspace.config).cloned().map(Some),
        None => Ok(None),
    };
    let mut workspace = environment.open(Include::Public)?;
    let kind = named(&workspace)?;
    // Who asks for a mail under embargo asks for what is under it.
    let private = kind
        .as_ref()
        .is_some_and(|kind| kind.state == MailState::Private);
    if arguments.drafts || private {
        workspace = environment.open(Include::Drafts)?;
    }
    let asked = |document: &&Document| {
        document.name().eq_ignore_ascii_case(&arguments.id)
            && (arguments.drafts || private || !document.is_private())
    };
    let documents = workspace.corpus.documents();
    let document = documents.iter().find(asked);
    let document = document.ok_or_else(|| no_document(&arguments.id, &workspace))?;
    let kind = kind.or_else(|| {
        let mut kinds = workspace.config.mail.kinds.iter();
        kinds.find(|kind| owed::fits(kind, document)).cloned()
    });
    let Some(kind) = kind else {
        return preview_text(document, &workspace, environment);
    };
    let desk = Desk::at(&workspace, environment)?;
    let prepared = match arguments.drafts {
        true => desk.prepare_for_team(&kind, document.name())?,
        false => desk.prepare(&kind, document.name())?,
    };
    if arguments.format == "json" {
        environment.out(&pretty(&as_json(&prepared, &desk.keys)))?;
        return Ok(Outcome::Done);
    }
    environment.out(&as_text(&prepared.letter, &desk.keys))?;
    say_refusals(&kind.name, &prepared.refusals, environment);
    say_differences(&prepared, environment);
    if arguments.kind.is_none() {
        let kinds = workspace.config.mail.kinds.iter();
        let others = kinds.filter(|other| owed::fits(other, document));
        let others: Vec<&str> = others.map(|kind| kind.name.as_str()).collect();
        environment.say(&format!("kinds for this document: {}", others.join(", ")));
    }
    Ok(Outcome::Done)
}

/// Shows the notices of a private document, each as its list would get it, with what stands in its way.
pub(in crate::cli) fn notice(id: &str, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open_whole(Include::Drafts)?;
    let documents = workspace.corpus.documents();
    let document = documents
        .iter()
        .find(|document| document.name().eq_ignore_ascii_case(id) && document.is_private())
        .ok_or_else(|| no_document(id, &workspace))?;
    let desk = Desk::at(&workspace, environment)?;
    let kinds = workspace.config.mail.kinds.iter();
    let once = |kind: &&MailKind| kind.occasion == crate::config::Occasion::Once;
    for (at, kind) in kinds
        .filter(once)
        .filter(|kind| owed::fits(kind, document))
        .enumerate()
    {
        let prepared = desk.prepare(kind, document.name())?;
        let text = as_text(&prepared.letter, &desk.keys);
        // The lists get the same text; one reading of it will do.
        let shown = match at {
            0 => text,
            _ => text
                .split("\n\n")
                .next()
                .map(|head| format!("{head}\n"))
                .unwrap_or_default(),
        };
        environment.out(&format!("{}{shown}", if at > 0 { "\n" } else { "" }))?;
        say_refusals(&kind.name, &prepared.refusals, environment);
        environment.say(&format!(
            "send with `vmt mail send {} --kind {}`",
            document.name(),
            kind.name
        ));
    }
    Ok(Outcome::Done)
}

/// Without kinds in vmt.toml there is still the text.
fn preview_text(
    document: &Document,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let Workspace {
        corpus,
        config,
        lock,
        ..
    } = workspace;
    let view = View::team(corpus, config, lock);
    let found = view.find(document.name());
    let found = found.ok_or_else(|| no_document(document.name(), workspace))?;
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let mail = mail::compose(found, config, &templates).map_err(template_failure)?;
    environment.out(&format!("Subject: {}\n\n{}", mail.subject, mail.body))?;
    environment.say("vmt.toml names no kind of mail for this document: see [[mail.kinds]]");
    Ok(Outcome::Done)
}

/// A mail for a person: its headers, what protects it, its files, its text.
pub(super) fn as_text(letter: &Letter, keys: &Keys) -> String {
    let mut lines = vec![
        (
            "From",
            letter
                .from
                .clone()
                .unwrap_or_else(|| "(nobody yet)".to_owned()),
        ),
        ("To", letter.to.join(", ")),
    ];
    lines.extend(letter.reply_to.clone().map(|to| ("Reply-To", to)));
    lines.push(("Subject", letter.subject.clone()));
    let hidden = letter
        .outer_subject
        .clone()
        .filter(|_| !letter.encrypt_to.is_empty());
    lines.extend(hidden.map(|subject| ("Subject on its way", subject)));
    lines.push(("Date", letter.date.to_rfc2822()));
    lines.push(("Message-ID", letter.message_id.clone()));
    lines.extend(letter.thread.first().map(|id| ("In-Reply-To", id.clone())));
    let signed = letter.kind.signed || !letter.encrypt_to.is_empty();
    let by = keys
        .sign_with
        .clone()
        .unwrap_or_else(|| "(no key yet)".to_owned());
    lines.push((
        "Signed with",
        if signed { by } else { "nothing".to_owned() },
    ));
    if !letter.encrypt_to.is_empty() {
        lines.push(("Encrypted to", letter.encrypt_to.join(", ")));
    }
    for file in &letter.attachments {
        let text = format!(
            "{} ({} bytes, SHA-256 {})",
            file.name,
            file.bytes.len(),
            file.sha256
        );
        lines.push(("Attachment", text));
    }
    let head: String = lines
        .iter()
        .map(|(name, text)| format!("{name}: {text}\n"))
        .collect();
    format!("{}\n{}", crate::prose::text::harmless(&head), letter.body)
}

fn as_json(prepared: &Prepared, keys: &Keys) -> serde_json::Value {
    let letter = &prepared.letter;
    serde_json::json!({
        "document": letter.document,
        "kind": letter.kind.name,
        "revision": letter.revision,
        "from": letter.from,
        "to": letter.to,
        "reply_to": letter.reply_to,
        "subject": letter.subject,
        "outer_subject": letter.outer_subject,
        "date": letter.date,
        "message_id": letter.message_id,
        "thread": letter.thread,
        "signed_with": keys.sign_with.as_ref().filter(|_| letter.kind.signed),
        "encrypted_to": letter.encrypt_to,
        "attachments": letter.attachments.iter().map(|file| serde_json::json!({
            "name": file.name,
            "bytes": file.bytes.len(),
            "sha256": file.sha256,
        })).collect::<Vec<_>>(),
        "differences": prepared.differences,
        "refusals": prepared.refusals.iter().map(|refusal| serde_json::json!({
            "rule": refusal.rule.id,
            "message": refusal.message,
            "help": refusal.help,
            "overridable": refusal.rule.overridable == Override::Allowed,
        })).collect::<Vec<_>>(),
        "body": letter.body,
    })
}
