//! `vmt embargo seal` and `vmt embargo open`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::{Environment, Failure, Outcome};
use crate::seal::{self, Keys, SealError};
use crate::source;
use crate::workspace::{Include, Workspace};

/// Encrypt the private files to the keys of the team
#[derive(Debug, Args)]
pub(super) struct Seal {
    /// Say which files would be sealed, and seal none
    #[arg(long)]
    dry_run: bool,
}

/// Decrypt the private files
#[derive(Debug, Args)]
pub(super) struct Open {
    /// Say which files would be opened, and open none
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn seal(arguments: &Seal, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Public)?;
    let fingerprints = &workspace.config.team_keys;
    if fingerprints.is_empty() {
        return Err(Failure::usage(
            "vmt.toml names no key to seal to",
            "list the fingerprints of the team under [openpgp] team, and put the public parts into keys/",
        ));
    }
    let files = private_files(&workspace, |path| !seal::is_sealed(path))?;
    if arguments.dry_run {
        return listed("would seal", &files, environment);
    }
    let keys = fingerprints
        .iter()
        .map(|fingerprint| workspace.root.join(format!("keys/{fingerprint}.asc")))
        .collect();
    let keys = Keys::new(keys).map_err(failure)?;
    each(&files, environment, |path| seal::seal(path, &keys))?;
    environment.say(&format!(
        "sealed {} files to {} keys",
        files.len(),
        fingerprints.len()
    ));
    Ok(Outcome::Done)
}

pub(super) fn open(arguments: &Open, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Public)?;
    let files = private_files(&workspace, seal::is_sealed)?;
    if arguments.dry_run {
        return listed("would open", &files, environment);
    }
    each(&files, environment, seal::open)?;
    environment.say(&format!("opened {} files", files.len()));
    Ok(Outcome::Done)
}

/// Takes every file, also behind one that fails; the first failure is the outcome.
fn each(
    files: &[PathBuf],
    environment: &Environment,
    take: impl Fn(&Path) -> Result<PathBuf, SealError>,
) -> Result<(), Failure> {
    let mut first = None;
    for path in files {
        match take(path).map_err(failure) {
            Ok(_) => {}
            Err(fault) if first.is_none() => first = Some(fault),
            Err(fault) => environment.say(&fault.text()),
        }
    }
    first.map_or(Ok(()), Err)
}

fn private_files(
    workspace: &Workspace,
    wanted: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>, Failure> {
    let folder = &workspace.private;
    let names = source::list_tree(folder).map_err(|error| {
        Failure::World(format!("cannot list {}: {error}", folder.display()), None)
    })?;
    let files = names.into_iter().map(|name| folder.join(name));
    Ok(files.filter(|path| wanted(path)).collect())
}

fn listed(what: &str, files: &[PathBuf], environment: &Environment) -> Result<Outcome, Failure> {
    for path in files {
        environment.out(&format!("{what} {}\n", path.display()))?;
    }
    Ok(Outcome::Done)
}

fn failure(error: SealError) -> Failure {
    let help = error.help();
    match error {
        SealError::Key { .. } => Failure::usage(error, help),
        _ => Failure::World(error.to_string(), Some(help.to_owned())),
    }
}
