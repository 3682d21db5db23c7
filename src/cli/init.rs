//! `vmt init`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Environment, Failure, Outcome};
use crate::config::{Config, Starter, shipped};
use crate::diagnostic::FileId;
use crate::model::Kind;
use crate::output;
use crate::source::{self, CONFIG_FILE};
use crate::workspace::PRIVATE_FOLDER;

/// Start a workspace, with OpenStack's settings or short ones of your own
///
/// Without `--organisation` the settings are those of OpenStack, with all its products, series and lists.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Folder of the workspace; made where it does not exist
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Write short settings for this organisation
    #[arg(long, value_name = "NAME", requires = "prefix")]
    organisation: Option<String>,
    /// Letters that ids of its advisories start with, such as STXSA
    #[arg(long, requires = "organisation")]
    prefix: Option<String>,
    /// Letters that ids of its notes start with [default: made from the prefix, such as STXSN]
    #[arg(long, value_name = "PREFIX", requires = "organisation")]
    note_prefix: Option<String>,
    /// Address that its site will have
    #[arg(long, value_name = "URL", requires = "organisation")]
    base_url: Option<String>,
    /// A product of it; may be repeated
    #[arg(long = "product", value_name = "NAME", requires = "organisation")]
    products: Vec<String>,
    /// Address of the public list that its announcements go to
    #[arg(long, value_name = "ADDRESS", requires = "organisation")]
    list: Option<String>,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let folder = environment.resolve(&arguments.folder);
    let settings = settings(arguments);
    let (config, problems) = Config::parse(FileId(0), &settings);
    if let Some(problem) = problems.first() {
        // They are ours but for what was typed.
        let hint = problem.help.clone();
        return Err(Failure::Usage(problem.message.clone(), hint));
    }
    output::create(&folder.join(CONFIG_FILE), settings.as_bytes())?;
    ignore(&folder.join(".gitignore"), environment)?;
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

/// Lets git ignore what is built, what is private and what is in the making.
fn ignore(path: &Path, environment: &Environment) -> Result<(), Failure> {
    let wanted = [
        "/public".to_owned(),
        format!("/{PRIVATE_FOLDER}"),
        ".vmt-*".to_owned(),
    ];
    if !path.exists() {
        let text: String = wanted.iter().map(|line| format!("{line}\n")).collect();
        output::create(path, text.as_bytes())?;
        return Ok(());
    }
    let mut text = source::read_text(path, source::MAX_FILE_BYTES).map_err(|error| {
        Failure::World(format!("cannot read {}: {error}", path.display()), None)
    })?;
    let name = |line: &str| line.trim().trim_matches('/').to_owned();
    let known: Vec<String> = text.lines().map(name).collect();
    let missing: Vec<&String> = wanted
        .iter()
        .filter(|line| !known.contains(&name(line)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in missing {
        text.push_str(line);
        text.push('\n');
        environment.say(&format!("added {line} to {}", path.display()));
    }
    output::replace(path, text.as_bytes())?;
    Ok(())
}

fn settings(arguments: &Arguments) -> String {
    let Some(organisation) = &arguments.organisation else {
        return shipped();
    };
    Starter {
        organisation: organisation.clone(),
        prefix: arguments.prefix.clone().unwrap_or_default(),
        note_prefix: arguments.note_prefix.clone(),
        base_url: arguments.base_url.clone(),
        products: arguments.products.clone(),
        list: arguments.list.clone(),
    }
    .compose()
}
