//! `vmt init`.

use std::path::PathBuf;

use clap::Args;

use super::{Environment, Failure, Outcome};
use crate::config::{Config, SHIPPED};
use crate::diagnostic::FileId;
use crate::model::Kind;
use crate::output;
use crate::source::CONFIG_FILE;
use crate::workspace::PRIVATE_FOLDER;

/// Start a workspace
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the workspace; made where it does not exist
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let folder = environment.resolve(&arguments.folder);
    let (config, _) = Config::parse(FileId(0), SHIPPED);
    output::create(&folder.join(CONFIG_FILE), SHIPPED.as_bytes())?;
    let ignored = format!("/public\n/{PRIVATE_FOLDER}\n.vmt-*\n");
    let ignore_file = folder.join(".gitignore");
    if ignore_file.exists() {
        environment.say(&format!(
            "{} exists: see that it ignores /public, /{PRIVATE_FOLDER} and .vmt-*",
            ignore_file.display()
        ));
    } else {
        output::create(&ignore_file, ignored.as_bytes())?;
    }
    for (name, text) in super::schema::all() {
        output::create(&folder.join(format!("schema/{name}.json")), text.as_bytes())?;
    }
    for kind in Kind::ALL {
        output::make_folder(&folder.join(&config.kind(kind).folder))?;
    }
    environment.say(&format!("started a workspace in {}", folder.display()));
    environment.say("next: `vmt new advisory --title \"...\"`, then `vmt check` and `vmt build`");
    Ok(Outcome::Done)
}
