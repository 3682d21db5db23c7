//! `vmt errata`, and what every change of a published document shares.

use std::path::PathBuf;

use clap::Args;

use super::build::{load_assets, template_failure};
use super::due::{self, Due};
use super::{Environment, Failure, Outcome, leaks};
use crate::corpus::Corpus;
use crate::diagnostic::did_you_mean;
use crate::document;
use crate::git::tree;
use crate::model::Document;
use crate::output;
use crate::render::{self, Setting};
use crate::revise::{self, Refusal};
use crate::template::Templates;
use crate::view::View;
use crate::workspace::{Include, Workspace};

/// Correct a published document: a new line of its history, and what readers will notice
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The document
    id: String,
    /// What changed, in a sentence or two for readers
    #[arg(long)]
    text: Option<String>,
    /// Show the change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open_whole(Include::Public)?;
    let target = Target::find(&workspace, &arguments.id)?;
    let before = target
        .published(&workspace)
        .unwrap_or_else(|| target.text.clone());
    let Some(what) = &arguments.text else {
        // Without a sentence it is a question: what would readers see?
        let shown = readers_difference(&before, &target.text, &target, &workspace)?;
        if shown.is_empty() {
            environment.say("readers would notice nothing: the document is as it was committed");
        }
        environment.out(&shown)?;
        return Err(Failure::usage(
            "nothing says what changed",
            "give a sentence for readers: --text \"The patch for 2025.2 was revised.\"",
        ));
    };
    if what.trim().is_empty() {
        return Err(Failure::usage(
            "--text is empty",
            "say in a sentence what changed",
        ));
    }
    let (after, number) = revise::erratum(
        &target.text,
        target.document,
        what.trim(),
        environment.today(),
    )
    .map_err(|refusal| refused(&target, &refusal))?;
    target.write(&before, &after, arguments.dry_run, &workspace, environment)?;
    if !arguments.dry_run {
        environment.say(&format!(
            "erratum {number}; see it with `vmt serve`, then: git commit -m \"Correct {id}\" {path}",
            id = target.document.name(),
            path = target.shown.display()
        ));
        due::queue(Due::Erratum(target.document.name()), environment)?;
    }
    Ok(Outcome::Done)
}

/// A document that is to be changed.
pub(super) struct Target<'a> {
    /// As it is.
    pub(super) document: &'a Document,
    /// Its text.
    pub(super) text: String,
    /// Its file.
    path: PathBuf,
    /// Its file as shown.
    pub(super) shown: PathBuf,
}

impl<'a> Target<'a> {
    /// Finds a document of a workspace.
    pub(super) fn find(workspace: &'a Workspace, id: &str) -> Result<Target<'a>, Failure> {
        let all = workspace.corpus.documents();
        let same = |document: &&Document| document.name().eq_ignore_ascii_case(id);
        let document = all.iter().find(same).ok_or_else(|| {
            let hint = match did_you_mean(id, all.iter().map(Document::name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "an id is written like OSSA-2026-001".to_owned(),
            };
            Failure::usage(format!("there is no document `{id}`"), &hint)
        })?;
        let source = workspace.sources.file(document.file);
        Ok(Target {
            document,
            text: source.text.clone(),
            path: workspace.root.join(&source.path),
            shown: source.path.clone(),
        })
    }

    /// The text as it was committed last, where there is a repository that has it.
    fn published(&self, workspace: &Workspace) -> Option<String> {
        let files = tree::files_at(&workspace.root, "HEAD").ok()?;
        let (_, bytes) = files.into_iter().find(|(path, _)| *path == self.shown)?;
        String::from_utf8(bytes).ok()
    }

    /// Shows what readers will notice, and writes the new text.
    pub(super) fn write(
        &self,
        before: &str,
        after: &str,
        dry_run: bool,
        workspace: &Workspace,
        environment: &Environment,
    ) -> Result<(), Failure> {
        if !self.document.is_private() {
            // What is entered by hand into a public text may be of another, private document.
            leaks::refuse_text(
                workspace,
                &self.shown.to_string_lossy(),
                after.as_bytes(),
                environment,
            )?;
        }
        let shown = readers_difference(before, after, self, workspace)?;
        environment.say(&format!(
            "{} {}; what readers will notice:",
            if dry_run { "would change" } else { "changed" },
            self.shown.display()
        ));
        environment.out(&shown)?;
        if !dry_run {
            output::replace(&self.path, after.as_bytes())?;
        }
        Ok(())
    }
}

/// A refusal as a failure.
pub(super) fn refused(target: &Target<'_>, refusal: &Refusal) -> Failure {
    Failure::documents(
        format!("{}: {refusal}; nothing was changed", target.shown.display()),
        refusal.help(),
    )
}

/// The difference of the announcement, which holds all that a reader sees.
fn readers_difference(
    before: &str,
    after: &str,
    target: &Target<'_>,
    workspace: &Workspace,
) -> Result<String, Failure> {
    let (before, after) = (
        readers_text(before, target.document, workspace)?,
        readers_text(after, target.document, workspace)?,
    );
    Ok(revise::render_difference(&before, &after))
}

fn readers_text(text: &str, document: &Document, workspace: &Workspace) -> Result<String, Failure> {
    let config = &workspace.config;
    let (read, _) = document::read(document.file, text, Some(document.kind), config);
    let corpus = Corpus::new(read.into_iter().collect());
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let assets = load_assets(workspace)?;
    let setting = Setting {
        config,
        templates: &templates,
        pages: &assets.pages,
        signed_with: None,
    };
    let view = View::team(&corpus, config, &workspace.lock);
    let files = render::render_one("text", &setting, &view).map_err(template_failure)?;
    let texts = files
        .iter()
        .map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    Ok(texts.collect())
}
