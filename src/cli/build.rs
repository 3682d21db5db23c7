//! `vmt build`.

use std::path::PathBuf;

use clap::Args;

use super::{Environment, Failure, Outcome};
use crate::diagnostic::{Diagnostic, Severity};
use crate::render::{self, Artifact, Setting};
use crate::template::{TemplateError, Templates};
use crate::view::View;
use crate::workspace::{Include, Workspace};
use crate::{assets, lint, output};

/// Findings of rules that stand in the way of a page, besides files that cannot be read.
const BLOCKING: [&str; 2] = ["id-malformed", "duplicate-id"];

/// Build the site
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder to write; replaced in one step [default: public, with --drafts .vmt-drafts]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Address under which the site is published, instead of vmt.toml's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Build a preview for the team, with private drafts
    #[arg(long)]
    drafts: bool,
    /// Refuse to build while `vmt check` reports an error
    #[arg(long)]
    strict: bool,
    /// Write nothing; fail when the folder differs from what would be written
    #[arg(long)]
    check: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let include = if arguments.drafts {
        Include::Drafts
    } else {
        Include::Public
    };
    let mut workspace = environment.open_whole(include)?;
    refuse(arguments, environment, &workspace)?;
    if let Some(url) = &arguments.base_url {
        if crate::host::Url::parse(url).is_err() {
            return Err(Failure::usage(
                format!("`{url}` is no web address"),
                "write it like https://security.example.org/",
            ));
        }
        workspace.config.base_url = format!("{}/", url.trim_end_matches('/'));
    }
    let artifacts = artifacts(arguments, &workspace)?;
    let default = if arguments.drafts {
        ".vmt-drafts"
    } else {
        "public"
    };
    let folder = match &arguments.out {
        Some(out) => environment.resolve(out),
        None => workspace.root.join(default),
    };
    if arguments.check {
        return compare(&folder, &artifacts, environment);
    }
    output::publish(&folder, &artifacts)?;
    let documents = workspace.corpus.documents().len();
    environment.say(&format!(
        "built {} files from {documents} documents in {}",
        artifacts.len(),
        folder.display()
    ));
    Ok(Outcome::Done)
}

fn artifacts(arguments: &Arguments, workspace: &Workspace) -> Result<Vec<Artifact>, Failure> {
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let assets = assets::load(&workspace.root)
        .map_err(|(path, error)| Failure::World(format!("cannot read {path}: {error}"), None))?;
    let setting = Setting {
        config: &workspace.config,
        templates: &templates,
        pages: &assets.pages,
    };
    let (corpus, config) = (&workspace.corpus, &workspace.config);
    let rendered = match arguments.drafts {
        true => render::render_all(&setting, &View::team(corpus, config, &workspace.lock)),
        false => render::render_all(&setting, &View::public(corpus, config, &workspace.lock)),
    };
    let mut artifacts = rendered.map_err(template_failure)?;
    // A page wins over a static file of its name.
    let taken: std::collections::HashSet<String> = artifacts
        .iter()
        .map(|artifact| artifact.path.clone())
        .collect();
    artifacts.extend(
        assets
            .files
            .into_iter()
            .filter(|file| !taken.contains(&file.path)),
    );
    Ok(artifacts)
}

pub(super) fn template_failure(error: TemplateError) -> Failure {
    let hint = match error {
        TemplateError::Read { .. } => "see that the file is readable UTF-8 text",
        TemplateError::Syntax(_) => "mend the template, or delete it to use the shipped one",
    };
    Failure::usage(error, hint)
}

/// A document that has no page would be a hole in the site: better the old site than that.
fn refuse(
    arguments: &Arguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let findings = lint::check(workspace, environment.today());
    let errors: Vec<Diagnostic> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    let structural = |finding: &&Diagnostic| {
        BLOCKING.contains(&finding.code.id)
            || workspace.problems.iter().any(|problem| {
                problem.severity == Severity::Error
                    && (problem.code.id, problem.span) == (finding.code.id, finding.span)
            })
    };
    let blocking: Vec<Diagnostic> = errors
        .iter()
        .filter(|finding| arguments.strict || structural(finding))
        .cloned()
        .collect();
    if !blocking.is_empty() {
        environment.say(&environment.render_human(workspace, &blocking));
        return Err(Failure::documents(
            "the site was not built: a document cannot be published as it is",
            "mend the errors above; `vmt check` shows all findings",
        ));
    }
    if !errors.is_empty() {
        environment.say(&format!("`vmt check` reports {} errors", errors.len()));
    }
    Ok(())
}

fn compare(
    folder: &std::path::Path,
    artifacts: &[Artifact],
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let differences = output::compare(folder, artifacts)?;
    for difference in &differences {
        environment.out(&format!("{difference}\n"))?;
    }
    Ok(if differences.is_empty() {
        Outcome::Done
    } else {
        Outcome::Errors
    })
}
