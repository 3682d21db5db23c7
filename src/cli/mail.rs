//! `vmt mail`.

use clap::{Args, Subcommand};

use super::build::template_failure;
use super::{Environment, Failure, Outcome};
use crate::diagnostic::did_you_mean;
use crate::mail;
use crate::template::Templates;
use crate::view::{Audience, View};
use crate::workspace::{Include, Workspace};

/// Compose mails
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the announcement of a document
    Preview {
        /// Id of the document
        id: String,
        /// Look among private drafts as well
        #[arg(long)]
        drafts: bool,
    },
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let Command::Preview { id, drafts } = &arguments.command;
    let include = if *drafts {
        Include::Drafts
    } else {
        Include::Public
    };
    let workspace = environment.open(include)?;
    let text = match drafts {
        true => preview(
            id,
            &View::team(&workspace.corpus, &workspace.config, &workspace.lock),
            &workspace,
        )?,
        false => preview(
            id,
            &View::public(&workspace.corpus, &workspace.config, &workspace.lock),
            &workspace,
        )?,
    };
    environment.out(&text)?;
    Ok(Outcome::Done)
}

fn preview<A: Audience>(
    id: &str,
    view: &View<'_, A>,
    workspace: &Workspace,
) -> Result<String, Failure> {
    let Some(document) = view.find(id) else {
        let ids = view.documents.iter().map(|document| document.id.as_str());
        let hint = match did_you_mean(id, ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "private drafts are found with --drafts only".to_owned(),
        };
        return Err(Failure::usage(
            format!("there is no document `{id}`"),
            &hint,
        ));
    };
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let mail = mail::compose(document, &workspace.config, &templates).map_err(template_failure)?;
    Ok(format!("Subject: {}\n\n{}", mail.subject, mail.body))
}
