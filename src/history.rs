//! When a file came into a git history (effect: runs the `git` program). Knows no document.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;

/// Why a history cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The program cannot be started.
    #[error("cannot run git: {0}")]
    Program(std::io::Error),
    /// The folder is in no repository, or git says something else.
    #[error("git cannot read {}: {message}", .repository.display())]
    Repository {
        /// The folder asked.
        repository: PathBuf,
        /// The first line that git said.
        message: String,
    },
    /// Several files of the name, and nothing tells which one is meant.
    #[error("{} has several files named `{name}`", .repository.display())]
    Several {
        /// The folder asked.
        repository: PathBuf,
        /// Name of the file.
        name: String,
    },
}

/// Returns the day (UTC) of the first commit that has a file, renames followed; `None` where no commit has
/// it. A file that lies elsewhere is looked for by its name.
///
/// # Errors
/// When git cannot be run, the folder is no repository, or the name is not unique in it.
pub fn first_day(repository: &Path, file: &Path) -> Result<Option<NaiveDate>, HistoryError> {
    let git = Git { repository };
    let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
        return Ok(None);
    };
    // Also says whether there is a repository at all.
    let top = git.run(&["rev-parse", "--show-toplevel"]);
    let bare = git.run(&["rev-parse", "--git-dir"])?;
    let _ = bare;
    let inside = top.ok().and_then(|top| {
        let top = Path::new(top.trim_end()).canonicalize().ok()?;
        let file = file.canonicalize().ok()?;
        file.strip_prefix(&top).ok().map(Path::to_path_buf)
    });
    if let Some(path) = inside.as_deref().and_then(Path::to_str)
        && let Some(day) = git.first(&["--follow"], &format!(":(top,literal){path}"))?
    {
        return Ok(Some(day));
    }
    let tree = git
        .run(&["ls-tree", "-r", "-z", "--full-tree", "--name-only", "HEAD"])
        .unwrap_or_default();
    let named: Vec<&str> = tree
        .split('\0')
        .filter(|path| path.rsplit('/').next() == Some(name))
        .collect();
    match named.as_slice() {
        [path] => git.first(&["--follow"], &format!(":(top,literal){path}")),
        // Gone by now: any commit that ever added a file of this name.
        [] => git.first(&[], &format!(":(top,glob)**/{}", literal(name))),
        _ => Err(HistoryError::Several {
            repository: repository.to_path_buf(),
            name: name.to_owned(),
        }),
    }
}

/// A name as a pattern that means nothing but the name.
fn literal(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

struct Git<'a> {
    repository: &'a Path,
}

impl Git<'_> {
    /// The day of the oldest commit that added what a pathspec names.
    fn first(&self, options: &[&str], pathspec: &str) -> Result<Option<NaiveDate>, HistoryError> {
        let mut arguments = vec!["log"];
        arguments.extend(options);
        arguments.extend([
            "--no-ext-diff",
            "--no-textconv",
            "--no-show-signature",
            "--diff-filter=A",
            "--date=format-local:%Y-%m-%d",
            "--format=%cd",
            "--",
            pathspec,
        ]);
        let days = match self.run(&arguments) {
            Ok(days) => days,
            // A repository without any commit has no file either.
            Err(HistoryError::Repository { message, .. }) if message.contains("any commits") => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let last = days.lines().rfind(|line| !line.is_empty());
        Ok(last.and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()))
    }

    fn run(&self, arguments: &[&str]) -> Result<String, HistoryError> {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.repository)
            // Reading a repository must not run what its settings name.
            .args([
                "-c",
                "core.fsmonitor=false",
                "-c",
                "log.showSignature=false",
                "--no-pager",
            ])
            .args(arguments)
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .output()
            .map_err(HistoryError::Program)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let message = said.lines().next().unwrap_or("no reason given");
        let message = message.trim_start_matches("fatal: ").to_owned();
        Err(HistoryError::Repository {
            repository: self.repository.to_path_buf(),
            message,
        })
    }
}
