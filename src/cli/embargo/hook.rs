//! `vmt embargo hook`.

use clap::Args;

use crate::cli::leaks::git_failure;
use crate::cli::{Environment, Failure, Outcome};
use crate::git::exposed::Exposed;
use crate::hook::{self, HookError, Setting};

/// Install a hook that refuses a push which would betray a private document
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the hook, and install nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let root = environment.workspace_folder()?;
    let Some(repository) = Exposed::open(&root).map_err(git_failure)? else {
        return Err(Failure::usage(
            format!("{} lies in no git repository", root.display()),
            "run `git init` first",
        ));
    };
    // git runs the hook without the settings of this shell.
    let private = environment.private_folder()?;
    let private = private.map(|folder| folder.canonicalize().unwrap_or(folder));
    let setting = Setting {
        inside: repository.inside(),
        private: private.as_deref(),
    };
    if arguments.dry_run {
        environment.out(&hook::text(setting))?;
        return Ok(Outcome::Done);
    }
    let folder = repository.hooks().map_err(git_failure)?;
    let path = hook::install(&folder, setting).map_err(|error| match error {
        HookError::Foreign(_) => Failure::usage(
            error,
            &format!(
                "put these lines at the top of it, below its `#!/bin/sh`\n{}",
                hook::lines(setting)
            ),
        ),
        HookError::Io { .. } => Failure::World(error.to_string(), None),
    })?;
    environment.say(&format!("installed {}", path.display()));
    Ok(Outcome::Done)
}
