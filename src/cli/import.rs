//! `vmt import`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Environment, Failure, Outcome};
use crate::config::{Config, SHIPPED};
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::history::{self, HistoryError};
use crate::import::{self, Imported, Request};
use crate::output::{self, Existing, OutputError};
use crate::report::{FORMATS, Report};
use crate::source::{CONFIG_FILE, Sources, find_workspace};

/// Read documents of former times
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn legacy texts of security notes into note YAML
    Ossn(Ossn),
}

#[derive(Debug, Args)]
struct Ossn {
    /// Files to import, each named by the id of its note
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Repository whose history says when each file was first committed
    #[arg(long, value_name = "REPO")]
    git: Option<PathBuf>,
    /// Day of publication, where no history says it
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
    /// Folder to write to, `-` for stdout; the notes of the workspace unless given
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite notes that are there
    #[arg(long)]
    force: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let Command::Ossn(arguments) = &arguments.command;
    let (config, folder) = settings(arguments, environment)?;
    let mut sources = Sources::default();
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut notes: BTreeMap<String, (PathBuf, Imported)> = BTreeMap::new();
    for path in &arguments.files {
        let real = environment.resolve(path);
        let file = match sources.read(&real, path.clone()) {
            Ok(file) => file,
            Err(problem) => {
                findings.push(*problem);
                continue;
            }
        };
        let date = date(arguments, environment, &real)?;
        let source = sources.file(file);
        let request = Request {
            file,
            text: &source.text,
            stem: source.stem(),
            date,
        };
        let (imported, problems) = import::parse(&request, &config);
        findings.extend(problems);
        let Some(imported) = imported else { continue };
        if let Some((other, _)) = notes.get(&imported.id) {
            return Err(Failure::usage(
                format!(
                    "{} and {} are both `{}`",
                    other.display(),
                    path.display(),
                    imported.id
                ),
                "import one of them",
            ));
        }
        notes.insert(imported.id.clone(), (path.clone(), imported));
    }
    report(&findings, &sources, arguments.files.len(), environment);
    let failed = findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    if failed {
        environment.say("nothing was written");
        return Ok(Outcome::Errors);
    }
    write(arguments, environment, &folder, &notes)
}

/// The settings, and the folder to write to.
fn settings(arguments: &Ossn, environment: &Environment) -> Result<(Config, PathBuf), Failure> {
    let root = find_workspace(&environment.folder);
    let out = arguments.out.as_ref().map(|out| environment.resolve(out));
    let (root, out) = match (root, out) {
        (Some(root), out) => (Some(root), out),
        // Without a workspace the shipped settings know the products.
        (None, Some(out)) => (None, Some(out)),
        (None, None) => (Some(environment.workspace_folder()?), None),
    };
    let mut sources = Sources::default();
    let (config, problems) = match &root {
        Some(root) => {
            let read = sources.read(&root.join(CONFIG_FILE), CONFIG_FILE.into());
            match read {
                Ok(file) => Config::parse(file, &sources.file(file).text),
                Err(problem) => (Config::parse(FileId(0), "").0, vec![*problem]),
            }
        }
        None => Config::parse(FileId(0), SHIPPED),
    };
    if !problems.is_empty() {
        report(&problems, &sources, 0, environment);
        return Err(Failure::Usage("vmt.toml has errors".into(), None));
    }
    let notes = root.map(|root| root.join(&config.note.folder));
    let folder = out.or(notes).unwrap_or_else(|| environment.folder.clone());
    Ok((config, folder))
}

/// The day of publication, as far as the arguments say it.
fn date(
    arguments: &Ossn,
    environment: &Environment,
    file: &Path,
) -> Result<Option<NaiveDate>, Failure> {
    let Some(repository) = &arguments.git else {
        return Ok(arguments.date);
    };
    let found = history::first_day(&environment.resolve(repository), file).map_err(|error| {
        let hint = match &error {
            HistoryError::Program(_) => "install git, or say the day with --date",
            HistoryError::Repository { .. } => {
                "name a clone with --git, or say the day with --date"
            }
            HistoryError::Several { .. } => {
                "name the file inside the clone, or say the day with --date"
            }
        };
        Failure::World(error.to_string(), Some(hint.to_owned()))
    })?;
    if found.is_none() && arguments.date.is_none() {
        environment.say(&format!(
            "no commit in {} has a file `{}`",
            repository.display(),
            file.file_name().unwrap_or_default().to_string_lossy()
        ));
    }
    Ok(found.or(arguments.date))
}

fn report(findings: &[Diagnostic], sources: &Sources, documents: usize, environment: &Environment) {
    if findings.is_empty() {
        return;
    }
    let report = Report {
        findings,
        sources,
        documents,
        colour: environment.colour,
        width: environment.width,
    };
    environment.say((FORMATS[0].render)(&report).trim_end());
}

fn write(
    arguments: &Ossn,
    environment: &Environment,
    folder: &Path,
    notes: &BTreeMap<String, (PathBuf, Imported)>,
) -> Result<Outcome, Failure> {
    if arguments.out.as_deref() == Some(Path::new("-")) {
        let texts: Vec<&str> = notes
            .values()
            .map(|(_, imported)| imported.yaml.as_str())
            .collect();
        environment.out(&texts.join("---\n"))?;
        return Ok(Outcome::Done);
    }
    let files: Vec<(PathBuf, Vec<u8>)> = notes
        .values()
        .map(|(_, imported)| {
            let path = folder.join(format!("{}.yaml", imported.id));
            (path, imported.yaml.clone().into_bytes())
        })
        .collect();
    let existing = if arguments.force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    output::create_all(&files, existing).map_err(|error| match error {
        OutputError::Exists(_) => Failure::usage(
            error,
            "nothing was written; --force replaces notes, and --out names another folder",
        ),
        error => error.into(),
    })?;
    for (path, _) in &files {
        let shown = path.strip_prefix(&environment.folder).unwrap_or(path);
        environment.out(&format!("{}\n", shown.display()))?;
    }
    environment.say("look at what was imported, then run `vmt check`");
    Ok(Outcome::Done)
}
