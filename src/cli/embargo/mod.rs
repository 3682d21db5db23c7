//! `vmt embargo`.

mod dates;
mod hook;
mod publish;
mod seal;
mod status;
mod text;

use clap::{Args, Subcommand};

use super::{Environment, Failure, Outcome};
use crate::diagnostic::did_you_mean;
use crate::ledger::{Ledger, LedgerError};
use crate::model::Document;
use crate::workspace::Workspace;

/// Take a private document from the report to its disclosure
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::Arguments),
    Dates(dates::Arguments),
    Text(text::Arguments),
    Seal(seal::Seal),
    Open(seal::Open),
    Hook(hook::Arguments),
    /// Show the notices of a private document, as their lists would get them
    Notice {
        /// Id of the document
        id: String,
    },
    Publish(publish::Arguments),
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    match &arguments.command {
        Command::Status(arguments) => status::run(arguments, environment),
        Command::Seal(arguments) => seal::seal(arguments, environment),
        Command::Open(arguments) => seal::open(arguments, environment),
        Command::Hook(arguments) => hook::run(arguments, environment),
        Command::Text(arguments) => text::run(arguments, environment),
        Command::Notice { id } => crate::cli::mail::notice(id, environment),
        Command::Publish(arguments) => publish::run(arguments, environment),
        Command::Dates(arguments) => dates::run(arguments, environment),
    }
}

/// Returns the private document of an id.
fn private_document<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Document, Failure> {
    let all = workspace.corpus.documents();
    let same = |document: &&Document| document.name().eq_ignore_ascii_case(id);
    let mut found = all.iter().filter(same).collect::<Vec<_>>();
    found.sort_by_key(|document| !document.is_private());
    match found.first() {
        Some(document) if document.is_private() => Ok(document),
        Some(document) => Err(Failure::usage(
            format!("`{}` has no `embargo` block: it is public", document.name()),
            "`vmt embargo status` lists the private documents",
        )),
        None => {
            let private = all.iter().filter(|document| document.is_private());
            let hint = match did_you_mean(id, private.map(Document::name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`vmt embargo status` lists the private documents".to_owned(),
            };
            Err(Failure::usage(
                format!("there is no private document `{id}`"),
                &hint,
            ))
        }
    }
}

/// Reads what was sent, in public and in private.
pub(super) fn read_ledger(workspace: &Workspace) -> Result<Ledger, Failure> {
    Ledger::read(&[&workspace.root, &workspace.private]).map_err(ledger_failure)
}

fn ledger_failure(error: LedgerError) -> Failure {
    Failure::World(
        error.to_string(),
        Some("mend the file, or take it away when its mail was never sent".into()),
    )
}
