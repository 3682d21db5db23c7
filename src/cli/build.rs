//! `vmt build`.

use std::path::PathBuf;

use clap::Args;

use super::{Environment, Failure, Outcome};
use crate::assets::{self, Assets};
use crate::diagnostic::{Diagnostic, Severity};
use crate::openpgp::{Form, OpenPgpError, Signer};
use crate::render::manners::SECURITY_TXT;
use crate::render::{self, Artifact, Setting};
use crate::template::{TemplateError, Templates};
use crate::view::View;
use crate::workspace::{Include, Workspace};
use crate::{lint, output, source};

/// Folder of a workspace with public keys.
const KEYS: &str = "keys";

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
    /// Leave out signatures although vmt.toml names a key
    #[arg(long)]
    unsigned: bool,
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
    let signed_with = workspace
        .config
        .sign_with
        .as_deref()
        .filter(|_| !arguments.unsigned && !arguments.drafts);
    let mut artifacts = artifacts(&workspace, include, signed_with)?;
    if let Some(fingerprint) = signed_with {
        sign(fingerprint, &workspace, &mut artifacts)?;
    }
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

/// Everything that a workspace publishes.
fn artifacts(
    workspace: &Workspace,
    include: Include,
    signed_with: Option<&str>,
) -> Result<Vec<Artifact>, Failure> {
    let assets = load_assets(workspace)?;
    let mut artifacts = Vec::new();
    render(workspace, include, &assets, signed_with, &mut |part| {
        artifacts.extend(part);
    })?;
    artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    // A page wins over a static file of its name.
    let taken: std::collections::HashSet<String> = artifacts
        .iter()
        .map(|artifact| artifact.path.clone())
        .collect();
    let files = assets.files.into_iter();
    artifacts.extend(files.filter(|file| !taken.contains(&file.path)));
    Ok(artifacts)
}

/// Renders a workspace. The pages that people read first are handed over first.
pub(super) fn render(
    workspace: &Workspace,
    include: Include,
    assets: &Assets,
    signed_with: Option<&str>,
    hand_over: &mut dyn FnMut(Vec<Artifact>),
) -> Result<(), Failure> {
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let (corpus, config, lock) = (&workspace.corpus, &workspace.config, &workspace.lock);
    let setting = Setting {
        config,
        templates: &templates,
        pages: &assets.pages,
        signed_with,
    };
    let rendered = match include {
        Include::Drafts => {
            render::render_all(&setting, &View::team(corpus, config, lock), hand_over)
        }
        Include::Public => {
            render::render_all(&setting, &View::public(corpus, config, lock), hand_over)
        }
    };
    rendered.map_err(template_failure)
}

/// Adds a signature beside each document that consumers verify, and the public part of the key.
fn sign(
    fingerprint: &str,
    workspace: &Workspace,
    artifacts: &mut Vec<Artifact>,
) -> Result<(), Failure> {
    let failure = |error: OpenPgpError| {
        let help = error.help();
        Failure::World(error.to_string(), Some(help.to_owned()))
    };
    let name = format!("{KEYS}/{fingerprint}.asc");
    let key = source::read_bytes(&workspace.root.join(&name)).map_err(|error| {
        Failure::World(
            format!("cannot read {name}: {error}"),
            Some(format!(
                "write the public part of the key: gpg --armor --export {fingerprint} > {name}"
            )),
        )
    })?;
    let text = String::from_utf8_lossy(&key);
    if !text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") || text.contains("PRIVATE KEY") {
        return Err(Failure::usage(
            format!("{name} is no public key in ASCII armour"),
            "write it with: gpg --armor --export FINGERPRINT",
        ));
    }
    let signer = Signer::find(fingerprint).map_err(failure)?;
    let mut signatures = vec![Artifact {
        path: render::csaf::key_path(fingerprint),
        bytes: key,
    }];
    for artifact in artifacts.iter_mut() {
        if artifact.path == SECURITY_TXT {
            // It is signed in itself (RFC 9116 section 2.3), as of the birth of the key.
            artifact.bytes = signer
                .sign(&artifact.bytes, Form::Clear, chrono::DateTime::UNIX_EPOCH)
                .map_err(failure)?;
        }
        if let Some(moment) = render::csaf::signed_as_of(artifact) {
            signatures.push(Artifact {
                path: format!("{}.asc", artifact.path),
                bytes: signer
                    .sign(&artifact.bytes, Form::Detached, moment)
                    .map_err(failure)?,
            });
        }
    }
    artifacts.extend(signatures);
    Ok(())
}

/// Reads the static files and prose pages of a workspace.
pub(super) fn load_assets(workspace: &Workspace) -> Result<Assets, Failure> {
    assets::load(&workspace.root, workspace.config.docs.as_deref()).map_err(|(path, error)| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let hint = missing.then(|| {
            "the folder of `docs` in vmt.toml needs a README.md that lists its pages".to_owned()
        });
        Failure::World(format!("cannot read {path}: {error}"), hint)
    })
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
    let errors = lint::errors(workspace, environment.today());
    let blocking = match arguments.strict {
        true => errors.clone(),
        false => blocking(workspace, &errors),
    };
    if !blocking.is_empty() {
        environment.say(&environment.render_human(workspace, &blocking));
        return Err(not_built(""));
    }
    if !errors.is_empty() {
        environment.say(&format!("`vmt check` reports {} errors", errors.len()));
    }
    Ok(())
}

/// Returns the findings that stand in the way of a page.
pub(super) fn blocking(workspace: &Workspace, findings: &[Diagnostic]) -> Vec<Diagnostic> {
    let stands_in_the_way = |finding: &&Diagnostic| {
        let structural = workspace.problems.iter().any(|problem| {
            problem.severity == Severity::Error
                && (problem.code.id, problem.span) == (finding.code.id, finding.span)
        });
        finding.severity == Severity::Error && (structural || BLOCKING.contains(&finding.code.id))
    };
    findings.iter().filter(stands_in_the_way).cloned().collect()
}

/// Says that documents stand in the way of the site, after the findings as shown to a human.
pub(super) fn not_built(findings: &str) -> Failure {
    Failure::documents(
        format!("{findings}the site was not built: a document cannot be published as it is"),
        "mend the errors above; `vmt check` shows all findings",
    )
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
