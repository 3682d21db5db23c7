//! `vmt check`.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::{Environment, Failure, Outcome, against, leaks};
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::prose::text::harmless;
use crate::repair::Change;
use crate::report::FORMATS;
use crate::workspace::{Include, Workspace};
use crate::{lint, output, repair};

/// Check documents and vmt.toml
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files to check; all documents of the workspace when none is named. With --leaks files and
    /// folders to search
    paths: Vec<PathBuf>,
    /// How to show the findings
    #[arg(long, default_value = "human", value_parser = format_names())]
    format: String,
    /// Fail on warnings as well
    #[arg(long, value_enum)]
    deny: Option<Deny>,
    /// Mend in place what needs no judgement, and show what was changed
    #[arg(long)]
    fix: bool,
    /// Check private drafts as well
    #[arg(long)]
    drafts: bool,
    /// Hold what would be published against a site that was built before, or a git revision: nothing
    /// is deleted, no day of publication changes, `modified` moves exactly when content does
    #[arg(long, value_name = "DIR|REV", conflicts_with_all = ["fix", "paths"])]
    against: Option<String>,
    /// Search files for what betrays a private document: the files of the workspace, or those named
    #[arg(long, conflicts_with_all = ["fix", "drafts", "against"])]
    leaks: bool,
    /// Search all commits, messages and refs of the repository instead
    #[arg(long, requires = "leaks", conflicts_with_all = ["paths", "pushed"])]
    git: bool,
    /// Search the commits that git names to a `pre-push` hook on stdin instead
    #[arg(long, requires = "leaks", conflicts_with = "paths")]
    pushed: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Deny {
    Warnings,
}

fn format_names() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    if let Some(before) = &arguments.against {
        return against::run(before, &arguments.format, environment);
    }
    if arguments.leaks {
        let scope = match (arguments.git, arguments.pushed) {
            (true, _) => leaks::Scope::Git,
            (_, true) => leaks::Scope::Pushed,
            _ => leaks::Scope::Files(&arguments.paths),
        };
        return leaks::run(&scope, &arguments.format, environment);
    }
    let mut workspace = open(arguments, environment)?;
    let mut findings = selected(arguments, environment, &workspace);
    if arguments.fix && fix(&findings, environment, &workspace)? {
        workspace = open(arguments, environment)?;
        findings = selected(arguments, environment, &workspace);
    }
    let files: Vec<FileId> = chosen(arguments, environment, &workspace);
    environment.report(&arguments.format, &findings, &workspace, files.len())?;
    if !workspace.config_problems.is_empty() {
        return Err(Failure::Usage("vmt.toml has errors".into(), None));
    }
    let worst = findings.iter().map(|finding| finding.severity).max();
    let limit = if arguments.deny.is_some() {
        Severity::Warning
    } else {
        Severity::Error
    };
    Ok(if worst >= Some(limit) {
        Outcome::Errors
    } else {
        Outcome::Done
    })
}

fn open(arguments: &Arguments, environment: &Environment) -> Result<Workspace, Failure> {
    let include = if arguments.drafts {
        Include::Drafts
    } else {
        Include::Public
    };
    let paths: Vec<PathBuf> = arguments
        .paths
        .iter()
        .map(|path| shown(path, environment))
        .collect();
    let mut workspace = environment.read(include, &paths)?;
    leaks::find_in_git(&mut workspace, environment)?;
    Ok(workspace)
}

/// Paths are shown as they were typed, unless -C moved them.
fn shown(path: &Path, environment: &Environment) -> PathBuf {
    if path.exists() {
        path.to_path_buf()
    } else {
        environment.resolve(path)
    }
}

/// The files to report on.
fn chosen(arguments: &Arguments, environment: &Environment, workspace: &Workspace) -> Vec<FileId> {
    let same = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let wanted: Vec<PathBuf> = arguments
        .paths
        .iter()
        .map(|path| same(&shown(path, environment)))
        .collect();
    let is_wanted = |file: &FileId| {
        let path = &workspace.sources.file(*file).path;
        let inside = same(&workspace.root.join(path));
        wanted.is_empty() || wanted.contains(&inside) || wanted.contains(&same(path))
    };
    workspace.files.iter().copied().filter(is_wanted).collect()
}

fn selected(
    arguments: &Arguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Vec<Diagnostic> {
    let files = chosen(arguments, environment, workspace);
    let mut findings = lint::check(workspace, environment.today());
    findings.retain(|finding| {
        // What is wrong with vmt.toml or releases.lock concerns every document.
        let document = workspace.files.contains(&finding.span.file);
        files.contains(&finding.span.file) || !document
    });
    findings
}

/// Writes every repair; says what was done. Returns whether anything was.
fn fix(
    findings: &[Diagnostic],
    environment: &Environment,
    workspace: &Workspace,
) -> Result<bool, Failure> {
    let repairs = repair::plan(findings, &workspace.sources);
    for repair in &repairs {
        let path = &workspace.sources.file(repair.file).path;
        let target = workspace.root.join(path);
        output::replace(
            if target.exists() { &target } else { path },
            repair.text.as_bytes(),
        )?;
        for change in &repair.done {
            let Change {
                line,
                description,
                before,
                after,
            } = change;
            environment.say(&format!("fixed {}:{line}: {description}", path.display()));
            for (sign, text) in [('-', before), ('+', after)] {
                for line in text.lines() {
                    environment.say(&format!("  {sign} {}", harmless(line)));
                }
            }
        }
    }
    Ok(!repairs.is_empty())
}
