//! `vmt export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::build::{load_assets, template_failure};
use super::{Environment, Failure, Outcome, leaks};
use crate::output::{self, Existing};
use crate::render::{self, Artifact, Setting, csaf, cve, osv};
use crate::template::Templates;
use crate::view::{DocumentView, Public, View};
use crate::workspace::Include;

/// Write documents in a format for machines
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The format
    #[arg(value_enum)]
    format: Format,
    /// Documents, by id; all of them unless given
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Folder to write to; without it one document goes to stdout
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the fields of MITRE's request form instead, in their order (`cve` only)
    #[arg(long)]
    form: bool,
    /// Print them for a private draft as well (with --form only)
    #[arg(long, requires = "form")]
    drafts: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// OSV records (schema 1.7)
    Osv,
    /// CSAF 2.0 documents
    Csaf,
    /// CVE JSON 5 containers of advisories
    Cve,
}

impl Format {
    /// Name of its row in `render::formats`.
    fn name(self) -> &'static str {
        match self {
            Format::Osv => "osv",
            Format::Csaf => "csaf",
            Format::Cve => "cve",
        }
    }

    /// The path on the site of the file of a document.
    fn path(self, document: &DocumentView<'_>, config: &crate::config::Config) -> Option<String> {
        match self {
            Format::Osv => Some(osv::path(document, config)),
            Format::Csaf => csaf::path(document),
            Format::Cve => cve::path(document),
        }
    }
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    if arguments.form {
        return form(arguments, environment);
    }
    let workspace = environment.open_whole(Include::Public)?;
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let assets = load_assets(&workspace)?;
    let setting = Setting {
        config: &workspace.config,
        templates: &templates,
        pages: &assets.pages,
        signed_with: None,
    };
    let view: View<'_, Public> =
        View::public(&workspace.corpus, &workspace.config, &workspace.lock);
    let rendered = render::render_one(arguments.format.name(), &setting, &view);
    let all = rendered.map_err(template_failure)?;
    let chosen: Vec<&Artifact> = match arguments.ids.as_slice() {
        [] => all.iter().collect(),
        ids => chosen(ids, arguments.format, &all, &view, &workspace.config)?,
    };
    leaks::refuse_artifacts(&workspace, chosen.iter().copied(), environment)?;
    match (&arguments.out, chosen.as_slice()) {
        (Some(folder), _) => {
            let folder = environment.resolve(folder);
            let name = |artifact: &Artifact| {
                let path = artifact.path.split_once('/');
                folder.join(path.map_or(artifact.path.as_str(), |(_, path)| path))
            };
            let files: Vec<_> = chosen
                .iter()
                .map(|artifact| (name(artifact), artifact.bytes.clone()))
                .collect();
            output::create_all(&files, Existing::Replace)?;
            environment.say(&format!(
                "wrote {} files to {}",
                files.len(),
                folder.display()
            ));
        }
        (None, [one]) => environment.out(&String::from_utf8_lossy(&one.bytes))?,
        (None, _) => {
            return Err(Failure::usage(
                format!("{} files do not go to stdout", chosen.len()),
                "name one document, or a folder with --out",
            ));
        }
    }
    Ok(Outcome::Done)
}

/// A request is made before a document is published, so private ones are found where asked for.
fn form(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let (Format::Cve, [id]) = (arguments.format, arguments.ids.as_slice()) else {
        return Err(Failure::usage(
            "the form is for one document and for CVE requests",
            "write `vmt export cve --form OSSA-2026-001`",
        ));
    };
    let include = match arguments.drafts {
        true => Include::Drafts,
        false => Include::Public,
    };
    let workspace = environment.open_whole(include)?;
    let (corpus, config, lock) = (&workspace.corpus, &workspace.config, &workspace.lock);
    let text = match arguments.drafts {
        true => {
            let view = View::team(corpus, config, lock);
            view.find(id)
                .map(|document| cve::form(document, config, &view))
        }
        false => {
            let view = View::public(corpus, config, lock);
            view.find(id)
                .map(|document| cve::form(document, config, &view))
        }
    };
    let text = text.ok_or_else(|| {
        Failure::usage(
            format!("there is no document `{id}`"),
            "an id is written like OSSA-2026-001; private drafts need --drafts",
        )
    })?;
    environment.out(&text)?;
    Ok(Outcome::Done)
}

fn chosen<'a>(
    ids: &[String],
    format: Format,
    all: &'a [Artifact],
    view: &View<'_, Public>,
    config: &crate::config::Config,
) -> Result<Vec<&'a Artifact>, Failure> {
    let one = |id: &String| {
        let Some(document) = view.find(id) else {
            return Err(Failure::usage(
                format!("there is no public document `{id}`"),
                "an id is written like OSSA-2026-001",
            ));
        };
        let path = format.path(document, config);
        all.iter()
            .find(|artifact| Some(&artifact.path) == path.as_ref())
            .ok_or_else(|| {
                Failure::documents(
                    format!("{id} has no record in this format"),
                    "a record needs a date, and products with versions",
                )
            })
    };
    ids.iter().map(one).collect()
}
