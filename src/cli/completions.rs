//! `vmt completions`.

use clap::Args;
use clap_complete::Shell;

use super::{Environment, Failure, Outcome, command};

/// Print the completions of a shell
///
/// bash: `vmt completions bash > ~/.local/share/bash-completion/completions/vmt`; zsh: into a file `_vmt`
/// in a folder of `fpath`; fish: `vmt completions fish > ~/.config/fish/completions/vmt.fish`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "vmt", &mut script);
    environment.out(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}
