//! `vmt reserve`.

use clap::Args;

use super::new::DocumentKind;
use super::{Environment, Failure, Outcome};
use crate::workspace::{Include, RESERVATIONS};
use crate::{draft, output};

/// Take the next number for a document to come
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Kind of document
    #[arg(value_enum)]
    kind: DocumentKind,
    /// Say which number it would be, and take none
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Drafts)?;
    let (corpus, config) = (&workspace.corpus, &workspace.config);
    let kind = arguments.kind.kind();
    let id = draft::next_id(
        kind,
        corpus,
        &workspace.reserved,
        config,
        environment.today(),
    );
    let path = format!("{RESERVATIONS}/{id}");
    if arguments.dry_run {
        environment.say(&format!("would write {path}"));
    } else {
        let text = draft::reservation(&environment.random::<16>()?);
        output::create(&workspace.root.join(&path), text.as_bytes())?;
        environment.say(&format!(
            "commit {path}, and nothing of what the number is for: git add {path} && git commit -m \"Reserve {id}\""
        ));
    }
    environment.out(&format!("{id}\n"))?;
    Ok(Outcome::Done)
}
