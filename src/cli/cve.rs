//! `vmt cve`.

use clap::{Args, Subcommand};

use super::due::{self, Due};
use super::errata::{Target, refused};
use super::{Environment, Failure, Outcome};
use crate::config::Config;
use crate::diagnostic::FileId;
use crate::document;
use crate::model::Document;
use crate::model::id::cve_id;
use crate::revise;
use crate::workspace::Include;

/// Enter CVEs that come late
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Enter a CVE where one is pending; in a published document with an erratum
    Assign(Assign),
}

#[derive(Debug, Args)]
struct Assign {
    /// The document
    id: String,
    /// The CVE
    cve: String,
    /// Which vulnerability it is, counted from 1, where several are pending
    #[arg(long, value_name = "NUMBER")]
    entry: Option<usize>,
    /// What the erratum says, instead of the usual sentence
    #[arg(long)]
    text: Option<String>,
    /// Another document has the CVE as well
    #[arg(long)]
    shared: bool,
    /// Show the change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let Command::Assign(arguments) = &arguments.command;
    let cve = cve_id(arguments.cve.trim()).ok_or_else(|| {
        Failure::usage(
            format!("`{}` is no CVE id", arguments.cve),
            "write it like CVE-2026-12345",
        )
    })?;
    let workspace = environment.open_whole(Include::Drafts)?;
    let target = Target::find(&workspace, &arguments.id)?;
    let document = target.document;
    let other = workspace
        .corpus
        .with_cve(&cve)
        .find(|other| other.file != document.file);
    if let Some(other) = other.filter(|_| !arguments.shared) {
        // Which private document it is must not be told of a public one.
        let name = if other.is_private() {
            "a private document"
        } else {
            other.name()
        };
        return Err(Failure::documents(
            format!("{cve} is of {name} already"),
            "see whether the id is right; --shared enters it here as well",
        ));
    }
    let today = environment.today();
    let assigned = revise::assign(&target.text, document, &cve, arguments.entry, today)
        .map_err(|refusal| refused(&target, &refusal))?;
    let (after, erratum) = match document.is_private() {
        true => (assigned, None),
        false => {
            let read = parsed(&assigned, document, &workspace.config)
                .ok_or_else(|| refused(&target, &revise::Refusal::Broken))?;
            let usual = format!("{cve} was assigned to this vulnerability.");
            let what = arguments.text.as_deref().unwrap_or(&usual).trim();
            let (text, number) = revise::erratum(&assigned, &read, what, today)
                .map_err(|refusal| refused(&target, &refusal))?;
            (text, Some(number))
        }
    };
    target.write(
        &target.text,
        &after,
        arguments.dry_run,
        &workspace,
        environment,
    )?;
    if arguments.dry_run {
        return Ok(Outcome::Done);
    }
    let id = document.name();
    match erratum {
        Some(number) => {
            environment.say(&format!(
                "erratum {number}; pages, feeds and formats follow with `vmt build`: git commit -m \"Add {cve} to {id}\" {}",
                target.shown.display()
            ));
            due::queue(Due::Erratum(id), environment)?;
        }
        None => {
            let ledger = super::embargo::read_ledger(&workspace)?;
            // Who was told without the CVE is told of it.
            if ledger
                .of_document(id)
                .any(|entry| entry.kind.starts_with("notice"))
            {
                due::queue(Due::Update(id), environment)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn parsed(text: &str, document: &Document, config: &Config) -> Option<Document> {
    let file: FileId = document.file;
    document::read(file, text, Some(document.kind), config).0
}
