//! `vmt embargo text`.

use clap::Args;

use super::private_document;
use crate::cli::build::template_failure;
use crate::cli::{Environment, Failure, Outcome};
use crate::diagnostic::did_you_mean;
use crate::embargo::text::{Data, KINDS};
use crate::template::Templates;
use crate::workspace::Include;

/// Print a text to paste elsewhere: into the bug, into messages of commits
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The private document
    id: String,
    /// Which text; without it the texts are listed
    kind: Option<String>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let document = private_document(&workspace, &arguments.id)?;
    let Some(name) = &arguments.kind else {
        let lines: String = KINDS
            .iter()
            .map(|kind| format!("{:<11} {}\n", kind.name, kind.summary))
            .collect();
        environment.out(&lines)?;
        environment.say("the fields of a CVE request: vmt export cve --form --drafts ID");
        return Ok(Outcome::Done);
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let hint = match did_you_mean(name, KINDS.iter().map(|kind| kind.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`vmt embargo text ID` lists the texts".to_owned(),
        };
        return Err(Failure::usage(format!("there is no text `{name}`"), &hint));
    };
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let data = Data::of(document, &workspace.config);
    let name = format!("embargo/{}.txt", kind.name);
    let text = templates.render(&name, &data).map_err(template_failure)?;
    environment.out(&format!("{}\n", text.trim()))?;
    Ok(Outcome::Done)
}
