//! The command line: arguments, the clock, the terminal and exit codes; no logic.

#![allow(clippy::disallowed_methods)] // The module that reads the environment and the clock.

mod affected;
mod against;
mod build;
mod check;
mod completions;
mod cve;
mod due;
mod embargo;
mod errata;
mod explain;
mod export;
mod import;
mod init;
mod leaks;
mod mail;
mod man;
mod new;
mod releases;
mod reserve;
mod schema;
mod serve;

use std::fmt;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::config::Config;
use crate::git::exposed::Exposed;
use crate::key::Key;
use crate::output::OutputError;
use crate::report::{Colour, Report};
use crate::source;
use crate::workspace::{Include, PRIVATE_FOLDER, Workspace, WorkspaceError};

/// Drafts, checks, publishes and mails security advisories and notes.
#[derive(Debug, Parser)]
#[command(name = "vmt", version = env!("VMT_VERSION"), max_term_width = 100)]
struct Cli {
    /// Work in this folder instead of the current one
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// Publish although private documents are sealed, so that nobody can look for what betrays them
    #[arg(long, global = true)]
    sealed_unsearched: bool,
    /// Look for private documents in this folder instead of the workspace's `embargoed`
    #[arg(long, value_name = "DIR", env = "VMT_PRIVATE", global = true)]
    private: Option<PathBuf>,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = When::Auto, global = true)]
    color: When,
    /// Say less
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    New(new::Arguments),
    Check(check::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Arguments),
    Build(build::Arguments),
    Serve(serve::Arguments),
    Export(export::Arguments),
    Releases(releases::Arguments),
    Affected(affected::Arguments),
    Embargo(embargo::Arguments),
    Cve(cve::Arguments),
    Errata(errata::Arguments),
    Reserve(reserve::Arguments),
    Mail(mail::Arguments),
    Import(import::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// How a command that ran to its end ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done.
    Done,
    /// The documents have errors.
    Errors,
    /// A mail did not go out, or nobody can say; the command has said why.
    Unsent,
}

/// Why a command could not run to its end; the variants are the exit codes of DESIGN.md section 6.
#[derive(Debug)]
enum Failure {
    /// 1: the documents stand in the way.
    Documents(String, Option<String>),
    /// 2: wrong usage, or a wrong vmt.toml.
    Usage(String, Option<String>),
    /// 3: disk, git, network, mail.
    World(String, Option<String>),
    /// The reader of a pipe has gone: that is its right.
    BrokenPipe,
}

impl Failure {
    fn usage(what: impl fmt::Display, hint: &str) -> Failure {
        Failure::Usage(what.to_string(), Some(hint.to_owned()))
    }

    fn documents(what: impl fmt::Display, hint: &str) -> Failure {
        Failure::Documents(what.to_string(), Some(hint.to_owned()))
    }

    /// What went wrong and what to do, for a command that goes on.
    fn text(&self) -> String {
        match self {
            Failure::Documents(what, hint)
            | Failure::Usage(what, hint)
            | Failure::World(what, hint) => match hint {
                Some(hint) => format!("{what}\nhelp: {hint}"),
                None => what.clone(),
            },
            Failure::BrokenPipe => "a pipe was closed".to_owned(),
        }
    }
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Failure {
        match error {
            WorkspaceError::NotFound(_) => Failure::usage(
                error,
                "run `vmt init` to start a workspace, or name one with -C",
            ),
            WorkspaceError::List { error: ref why, .. } => {
                let help = refused(why);
                Failure::World(error.to_string(), Some(help.to_owned()))
            }
        }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Failure {
        match error {
            OutputError::Exists(_) => Failure::usage(error, "move it away, or write elsewhere"),
            OutputError::Foreign(_) => Failure::Usage(error.to_string(), None),
            OutputError::Path(_) => Failure::Documents(error.to_string(), None),
            OutputError::Io { error: ref why, .. } => {
                let help = refused(why);
                Failure::World(error.to_string(), Some(help.to_owned()))
            }
        }
    }
}

/// What to do about a refusal of the system. What was there before is whole: nothing is written in place.
fn refused(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "make room on that disk, and run it again; what was there is as it was"
        }
        ErrorKind::PermissionDenied => {
            "see with `ls -ld` whose it is and who may write there, or name another folder"
        }
        ErrorKind::ReadOnlyFilesystem => {
            "that file system is mounted read-only; mount it for writing, or name another folder"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists | ErrorKind::IsADirectory => {
            "a file stands where a folder has to be, or the other way round; move it away"
        }
        _ => "mend what the system names, and run it again; what was there is as it was",
    }
}

/// What commands get from outside.
struct Environment {
    /// The folder to work in, absolute.
    folder: PathBuf,
    /// Whether what is public may be written although private documents are sealed.
    sealed_unsearched: bool,
    /// Folder of private documents, where it is not the workspace's.
    private: Option<PathBuf>,
    /// The moment of the run.
    now: DateTime<Utc>,
    /// Whether stdout takes colours.
    colour: Colour,
    /// Columns of the terminal.
    width: usize,
    /// Say less.
    quiet: bool,
    /// Whether what is said may be read by anybody, as in a log of a public CI.
    public_log: bool,
}

impl Environment {
    /// The day of the run (UTC).
    fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }

    /// The key of this program: what another one made may differ. None where the system does not tell.
    fn program(&self) -> Option<Key> {
        let path = std::env::current_exe().ok()?;
        let data = path.metadata().ok()?;
        let modified = data.modified().ok()?;
        let key = Key::of("program")
            .text(env!("CARGO_PKG_VERSION"))
            .text(&path.to_string_lossy())
            .text(&format!("{} {modified:?}", data.len()));
        Some(key.done())
    }

    /// Writes a result to stdout.
    fn out(&self, text: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
                _ => Failure::World(format!("cannot write to stdout: {error}"), None),
            })
    }

    /// Says something to the user on stderr, unless asked to be quiet.
    fn say(&self, text: &str) {
        if !self.quiet {
            // A closed stderr is no reason to stop.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// Returns the folder of the workspace.
    fn workspace_folder(&self) -> Result<PathBuf, Failure> {
        source::find_workspace(&self.folder)
            .ok_or_else(|| WorkspaceError::NotFound(self.folder.clone()).into())
    }

    /// Reads the workspace, whatever is wrong with it.
    fn read(&self, include: Include, extra: &[PathBuf]) -> Result<Workspace, Failure> {
        let root = self.workspace_folder()?;
        let own = root.join(PRIVATE_FOLDER);
        let private = self.private_folder()?.unwrap_or(own);
        let mut workspace = Workspace::open_with(&root, &private, include, extra)?;
        // A linked worktree has the commits of the main one, and none of its ignored files. What git
        // cannot read, the commands that need git report.
        let main = Exposed::open(&root).ok().flatten();
        if let Some(main) = main.and_then(|repository| repository.main_folder()) {
            workspace.add_private(main.join(PRIVATE_FOLDER));
        }
        Ok(workspace)
    }

    /// Returns the folder of private documents that was named, absolute.
    fn private_folder(&self) -> Result<Option<PathBuf>, Failure> {
        let Some(folder) = &self.private else {
            return Ok(None);
        };
        match folder.canonicalize() {
            Ok(found) if found.is_dir() => Ok(Some(folder.clone())),
            _ => Err(Failure::usage(
                format!(
                    "there is no folder {} of private documents",
                    folder.display()
                ),
                "make it, or correct --private or VMT_PRIVATE: without it nothing would be looked for",
            )),
        }
    }

    /// Opens the workspace; a wrong vmt.toml is shown and ends the command.
    fn open(&self, include: Include) -> Result<Workspace, Failure> {
        let workspace = self.read(include, &[])?;
        if !workspace.config_problems.is_empty() {
            self.say(&self.render_human(&workspace, &workspace.config_problems));
            return Err(Failure::Usage("vmt.toml has errors".into(), None));
        }
        Ok(workspace)
    }

    /// Opens the workspace; a releases.lock that cannot be read ends the command as well. What rests
    /// on it must not fall back to less in silence.
    fn open_whole(&self, include: Include) -> Result<Workspace, Failure> {
        let workspace = self.open(include)?;
        if workspace.lock_is_broken {
            self.say(&self.render_human(&workspace, &workspace.problems));
            return Err(Failure::documents(
                "releases.lock cannot be read",
                "delete it and run `vmt releases resolve`",
            ));
        }
        Ok(workspace)
    }

    fn render_human(
        &self,
        workspace: &Workspace,
        findings: &[crate::diagnostic::Diagnostic],
    ) -> String {
        let report = Report {
            findings,
            sources: &workspace.sources,
            documents: workspace.files.len(),
            colour: self.colour,
            width: self.width,
        };
        (crate::report::FORMATS[0].render)(&report)
    }

    /// Writes findings to stdout in a format, by the name that clap admitted.
    fn report(
        &self,
        format: &str,
        findings: &[crate::diagnostic::Diagnostic],
        workspace: &Workspace,
        documents: usize,
    ) -> Result<(), Failure> {
        let report = Report {
            findings,
            sources: &workspace.sources,
            documents,
            colour: self.colour,
            width: self.width,
        };
        let format = crate::report::FORMATS
            .iter()
            .find(|known| known.name == format);
        let format = format.expect("clap admits the names of the table only");
        self.out(&(format.render)(&report))
    }

    /// Returns random bytes from the system, for what nobody shall be able to guess.
    fn random<const N: usize>(&self) -> Result<[u8; N], Failure> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::World(format!("the system gives no random bytes: {error}"), None)
        })?;
        Ok(bytes)
    }

    /// Returns a path relative to the folder of the run as an absolute one.
    fn resolve(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}

/// Returns the canonical name of a product as typed.
fn known_product<'a>(name: &str, config: &'a Config) -> Result<&'a str, Failure> {
    let found = config.product(name).map(|product| product.name.as_str());
    found.ok_or_else(|| {
        let hint = match config.product_like(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "[[products]] in vmt.toml lists the products; add it there".to_owned(),
        };
        Failure::usage(format!("there is no product `{name}`"), &hint)
    })
}

/// Returns the definition of the command line, for what is made from it.
fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let quiet = cli.quiet;
    let result = environment(&cli).and_then(|environment| run(cli.command, &environment));
    let (code, what, hint) = match result {
        Ok(Outcome::Done) | Err(Failure::BrokenPipe) => return ExitCode::SUCCESS,
        Ok(Outcome::Errors) => return ExitCode::from(1),
        Ok(Outcome::Unsent) => return ExitCode::from(3),
        Err(Failure::Documents(what, hint)) => (1, what, hint),
        Err(Failure::Usage(what, hint)) => (2, what, hint),
        Err(Failure::World(what, hint)) => (3, what, hint),
    };
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "error: {}", crate::prose::text::harmless(&what));
    if let Some(hint) = hint.filter(|_| !quiet) {
        let _ = writeln!(stderr, "help: {}", crate::prose::text::harmless(&hint));
    }
    ExitCode::from(code)
}

fn run(command: Command, environment: &Environment) -> Result<Outcome, Failure> {
    match command {
        Command::Init(arguments) => init::run(&arguments, environment),
        Command::New(arguments) => new::run(&arguments, environment),
        Command::Check(arguments) => check::run(&arguments, environment),
        Command::Explain(arguments) => explain::run(&arguments, environment),
        Command::Schema(arguments) => schema::run(&arguments, environment),
        Command::Build(arguments) => build::run(&arguments, environment),
        Command::Export(arguments) => export::run(&arguments, environment),
        Command::Serve(arguments) => serve::run(&arguments, environment),
        Command::Releases(arguments) => releases::run(&arguments, environment),
        Command::Affected(arguments) => affected::run(&arguments, environment),
        Command::Cve(arguments) => cve::run(&arguments, environment),
        Command::Errata(arguments) => errata::run(&arguments, environment),
        Command::Embargo(arguments) => embargo::run(&arguments, environment),
        Command::Reserve(arguments) => reserve::run(&arguments, environment),
        Command::Mail(arguments) => mail::run(&arguments, environment),
        Command::Import(arguments) => import::run(&arguments, environment),
        Command::Completions(arguments) => completions::run(&arguments, environment),
        Command::Man(arguments) => man::run(&arguments, environment),
    }
}

fn environment(cli: &Cli) -> Result<Environment, Failure> {
    let world = |error: std::io::Error| Failure::World(format!("no current folder: {error}"), None);
    let current = std::env::current_dir().map_err(world)?;
    let folder = match &cli.directory {
        Some(directory) => current.join(directory),
        None => current.clone(),
    };
    if !folder.is_dir() {
        return Err(Failure::Usage(
            format!("{} is no folder", folder.display()),
            None,
        ));
    }
    let colour = match cli.color {
        When::Always => true,
        When::Never => false,
        When::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let width = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    Ok(Environment {
        sealed_unsearched: cli.sealed_unsearched,
        private: cli.private.as_ref().map(|folder| current.join(folder)),
        folder,
        now: now()?,
        colour: if colour { Colour::Ansi } else { Colour::Plain },
        width: width.unwrap_or(100),
        quiet: cli.quiet,
        public_log: std::env::var_os("CI").is_some(),
    })
}

/// The moment of the run: VMT_NOW (RFC 3339) where it is set, for tests and reproducible builds.
fn now() -> Result<DateTime<Utc>, Failure> {
    match std::env::var("VMT_NOW") {
        Ok(text) => DateTime::parse_from_rfc3339(&text)
            .map(|moment| moment.to_utc())
            .map_err(|_| {
                Failure::usage(
                    format!("VMT_NOW is `{text}`"),
                    "write it as 2026-11-24T15:00:00Z",
                )
            }),
        Err(_) => Ok(Utc::now()),
    }
}
