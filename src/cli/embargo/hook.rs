//! `vmt embargo hook`.

use clap::Args;

use crate::cli::leaks::git_failure;
use crate::cli::{Environment, Failure, Outcome};
use crate::git::exposed::Exposed;
use crate::hook::{self, HookError};

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
    let text = hook::text(repository.inside());
    if arguments.dry_run {
        environment.out(&text)?;
        return Ok(Outcome::Done);
    }
    let folder = repository.hooks().map_err(git_failure)?;
    let path = hook::install(&folder, repository.inside()).map_err(|error| match error {
        HookError::Foreign(_) => Failure::usage(
            error,
            "add the last line of `vmt embargo hook --dry-run` to it",
        ),
        HookError::Io { .. } => Failure::World(error.to_string(), None),
    })?;
    environment.say(&format!("installed {}", path.display()));
    Ok(Outcome::Done)
}
