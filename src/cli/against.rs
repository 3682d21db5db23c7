//! `vmt check --against`.

use std::path::{Path, PathBuf};

use super::build::{load_assets, template_failure};
use super::{Environment, Failure, Outcome};
use crate::gate::{self, Published};
use crate::git::tree;
use crate::output::{self, Existing};
use crate::render::{self, Artifact, Setting};
use crate::report::json::pretty;
use crate::template::Templates;
use crate::view::View;
use crate::workspace::{Include, Workspace};
use crate::{source, template};

/// Formats that hold what the gates are about.
const FORMATS: [&str; 2] = ["osv", "data"];

pub(super) fn run(
    before: &str,
    format: &str,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let workspace = environment.open_whole(Include::Public)?;
    let after = published(&workspace)?;
    let folder = environment.resolve(Path::new(before));
    let before = match folder.is_dir() {
        true => read_site(&folder)?,
        false => at_revision(before, &workspace, environment)?,
    };
    let breaches = gate::breaches(&before, &after);
    let text = match format {
        "json" => {
            let all = breaches.iter().map(|breach| {
                serde_json::json!({"id": breach.id, "message": breach.message, "help": breach.help})
            });
            let all: Vec<serde_json::Value> = all.collect();
            pretty(&serde_json::json!({"breaches": all, "compared": before.len()}))
        }
        _ => breaches
            .iter()
            .map(|breach| {
                format!(
                    "{}: {}\n  help: {}\n",
                    breach.id, breach.message, breach.help
                )
            })
            .collect(),
    };
    environment.out(&text)?;
    environment.say(&format!(
        "{} documents compared, {} promises broken",
        before.len(),
        breaches.len()
    ));
    Ok(match breaches.is_empty() {
        true => Outcome::Done,
        false => Outcome::Errors,
    })
}

/// What a workspace would publish.
fn published(workspace: &Workspace) -> Result<Published, Failure> {
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let assets = load_assets(workspace)?;
    let setting = Setting {
        config: &workspace.config,
        templates: &templates,
        pages: &assets.pages,
        signed_with: None,
    };
    let view = View::public(&workspace.corpus, &workspace.config, &workspace.lock);
    let mut files: Vec<Artifact> = Vec::new();
    for name in FORMATS {
        files.extend(render::render_one(name, &setting, &view).map_err(template_failure)?);
    }
    Published::read(&files).map_err(|error| Failure::World(error, None))
}

/// What a folder that `vmt build` wrote holds.
fn read_site(folder: &Path) -> Result<Published, Failure> {
    let read = |path: &Path| {
        source::read_bytes(&folder.join(path)).map(|bytes| Artifact {
            path: path.to_string_lossy().replace('\\', "/"),
            bytes,
        })
    };
    let world = |error: std::io::Error| {
        Failure::World(format!("cannot read {}: {error}", folder.display()), None)
    };
    let mut files = vec![read(Path::new("advisories.json")).map_err(|_| {
        Failure::usage(
            format!("{} holds no advisories.json", folder.display()),
            "name a folder that `vmt build` wrote, or a git revision",
        )
    })?];
    for name in source::list_tree(&folder.join("osv")).map_err(world)? {
        files.push(read(&Path::new("osv").join(name)).map_err(world)?);
    }
    Published::read(&files).map_err(|error| {
        Failure::usage(
            error,
            "the folder was not written by vmt, or was changed since",
        )
    })
}

/// What the workspace would have published at a revision: its files are written to a temporary folder.
fn at_revision(
    revision: &str,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Published, Failure> {
    let files = tree::files_at(&workspace.root, revision).map_err(|error| {
        Failure::usage(
            error,
            "name a folder of a built site, or a git revision such as HEAD~1",
        )
    })?;
    let kept = [template::FOLDER, crate::assets::FOLDER];
    let folders = [
        &workspace.config.advisory.folder,
        &workspace.config.note.folder,
    ];
    let wanted = |path: &Path| {
        let first = path
            .components()
            .next()
            .map(|part| part.as_os_str().to_string_lossy());
        let first = first.unwrap_or_default();
        let is_single = path.components().count() == 1;
        is_single || kept.contains(&&*first) || folders.iter().any(|folder| **folder == first)
    };
    let temporary = tempfile::tempdir()
        .map_err(|error| Failure::World(format!("no temporary folder: {error}"), None))?;
    let files: Vec<(PathBuf, Vec<u8>)> = files
        .into_iter()
        .filter(|(path, _)| wanted(path))
        .map(|(path, bytes)| (temporary.path().join(path), bytes))
        .collect();
    output::create_all(&files, Existing::Refuse)?;
    let old = Workspace::open(temporary.path(), Include::Public, &[])?;
    if !old.config_problems.is_empty() {
        environment.say("vmt.toml of that revision has errors; what is sound of it was used");
    }
    published(&old)
}
