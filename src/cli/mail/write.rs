//! `vmt mail write`: mails as files for a person's own client.

use std::path::PathBuf;

use clap::Args;

use super::super::{Environment, Failure, Outcome};
use super::compose::{
    Desk, WRITTEN, judge, known_kind, no_document, open_for, say_differences, say_refusals,
    seal_or_fail,
};
use crate::config::MailKind;
use crate::mail::letter::Letter;
use crate::mail::{self, owed};
use crate::model::Document;
use crate::outbox::{self, seal};
use crate::output;
use crate::report::json::pretty;
/// Write mails as files for a mail client: one .eml each, and all of them as an mbox
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Id of the document
    id: String,
    /// Kind of a mail, once for each [default: all that fit the document]
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Folder to write into [default: .vmt-mail in the workspace]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write in spite of a rule of mails, once for each
    #[arg(long = "allow", value_name = "RULE")]
    allow: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = open_for(&arguments.kinds, environment)?;
    let config = &workspace.config;
    let documents = workspace.corpus.documents().iter();
    let same = |document: &&Document| document.name().eq_ignore_ascii_case(&arguments.id);
    let public = documents
        .filter(same)
        .find(|document| !document.is_private());
    let kinds: Vec<&MailKind> = match arguments.kinds.as_slice() {
        [] => {
            let document = public.ok_or_else(|| no_document(&arguments.id, &workspace))?;
            let fit = config
                .mail
                .kinds
                .iter()
                .filter(|kind| owed::fits(kind, document));
            fit.filter(|kind| mail::identity::revision(kind, document).is_some())
                .collect()
        }
        names => names
            .iter()
            .map(|name| known_kind(name, config))
            .collect::<Result<_, _>>()?,
    };
    let desk = Desk::at(&workspace, environment)?;
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    let mut mbox = Vec::new();
    let folder = match &arguments.out {
        Some(out) => environment.resolve(out),
        None => workspace.root.join(WRITTEN),
    };
    for kind in kinds {
        let prepared = desk.prepare(kind, &arguments.id)?;
        let (refusals, overrides) = judge(&prepared, &arguments.allow)?;
        if !refusals.is_empty() {
            say_differences(&prepared, environment);
            say_refusals(&kind.name, &refusals, environment);
            return Err(Failure::documents(
                "nothing was written",
                "mend what is refused above",
            ));
        }
        let letter = &prepared.letter;
        let bytes = seal_or_fail(letter, &desk.keys)?;
        let name = outbox::name(&letter.document, &kind.name, letter.revision);
        append_mbox(&mut mbox, letter, &bytes);
        let about = serde_json::json!({
            "about": outbox::About::of(letter, &desk.keys, config),
            "overrides": overrides,
            "owned": prepared.differences,
        });
        files.push((
            folder.join(format!("{name}.json")),
            pretty(&about).into_bytes(),
        ));
        files.push((folder.join(format!("{name}.eml")), bytes));
    }
    files.push((folder.join("mails.mbox"), mbox));
    // Some are under embargo, and a folder of mails is nobody else's business in any case.
    output::put_private_folder(&folder, &files)?;
    for (path, _) in &files {
        environment.out(&format!("{}\n", path.display()))?;
    }
    environment.say("record what you send: vmt mail record ID --kind KIND --message-id ID");
    Ok(Outcome::Done)
}

/// Adds a mail to an mbox in the form `mboxrd` (RFC 4155): lines that look like the beginning of a mail get
/// a `>`. A signed part has none (RFC 3156 section 3), so signatures hold.
fn append_mbox(mbox: &mut Vec<u8>, letter: &Letter, bytes: &[u8]) {
    let sender = seal::address_of(letter.from.as_deref().unwrap_or("MAILER-DAEMON"));
    let date = letter.date.format("%a %b %e %H:%M:%S %Y");
    mbox.extend_from_slice(format!("From {sender} {date}\n").as_bytes());
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    for line in text.lines() {
        if line.trim_start_matches('>').starts_with("From ") {
            mbox.push(b'>');
        }
        mbox.extend_from_slice(line.as_bytes());
        mbox.push(b'\n');
    }
    mbox.push(b'\n');
}
