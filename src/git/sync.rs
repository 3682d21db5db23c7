//! Bare clones that hold only what a history needs (effect: git, network).
//!
//! The git program fetches branches, tags and review notes, without trees where the server allows
//! (`--filter=tree:0`, gitprotocol-v2). A fetch moves no ref before all objects are there, so that an
//! interrupted one leaves the clone as it was, and the next run goes on. What a git that was killed left locked
//! is opened again, once nobody is at work on the clone. Without a git program libgit2 fetches everything, from
//! `file:` and `http:` addresses only.

#![allow(clippy::disallowed_methods)] // The module that writes clones.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is kept of a remote: its branches and tags. `refs/pull/*` of mirrors is not history.
const REFS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

/// Which review a commit came from, as Gerrit notes it. The star lets a remote be without.
const NOTES: &str = "+refs/notes/review*:refs/notes/review*";

/// The file in a clone that is locked by who refreshes it.
const HELD: &str = "vmt-sync";

/// Why a clone could not be made or refreshed. The old state of the clone, if any, holds.
#[derive(Debug, thiserror::Error)]
#[error("cannot fetch {url}: {why}")]
pub struct SyncError {
    /// The remote.
    pub url: String,
    /// What git says, its last lines.
    pub why: String,
}

/// Makes or refreshes the bare clone of a remote in a folder.
///
/// # Errors
/// When the folder cannot be made, or the remote cannot be read to the end.
pub fn sync(url: &str, folder: &Path) -> Result<(), SyncError> {
    let failed = |why: String| SyncError {
        url: url.to_owned(),
        why,
    };
    if url.starts_with('-') {
        return Err(failed("this is no address".into()));
    }
    let held = hold(folder).map_err(|error| failed(format!("{}: {error}", folder.display())))?;
    let held = held.as_ref();
    let fetches = [
        vec![
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--filter=tree:0",
            "origin",
            REFS[0],
            REFS[1],
        ],
        vec![
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--no-filter",
            "origin",
            NOTES,
        ],
    ];
    let run = |arguments: &[&str]| git(folder, held, arguments);
    match git(
        Path::new("."),
        held,
        &["init", "--quiet", "--bare", &folder.to_string_lossy()],
    ) {
        Ok(()) => {}
        Err(GitRun::Missing) => {
            return with_libgit2(url, folder).map_err(|error| failed(error.message().to_owned()));
        }
        Err(GitRun::Failed(why)) => return Err(failed(why)),
    }
    let all = std::iter::once(vec!["config", "remote.origin.url", url]).chain(fetches);
    for arguments in all {
        run(&arguments).map_err(|error| match error {
            GitRun::Missing => failed("the git program is gone".into()),
            GitRun::Failed(why) => failed(why),
        })?;
    }
    Ok(())
}

/// Returns where the clone of a product lies in a folder of clones.
pub fn clone_folder(clones: &Path, product: &str) -> PathBuf {
    clones.join(format!("{product}.git"))
}

/// Waits until nobody else refreshes a clone, and takes away what killed runs left locked or half-fetched in it.
/// `None` where the file system has no locks: then nothing is taken away.
fn hold(folder: &Path) -> std::io::Result<Option<File>> {
    std::fs::create_dir_all(folder)?;
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    let held = options.open(folder.join(HELD))?;
    if held.lock().is_err() {
        return Ok(None);
    }
    // No ref ends in `.lock` (git-check-ref-format), so these are git's own locks.
    let is_lock = |name: &str| name.ends_with(".lock");
    for name in ["", "objects/info", "objects/info/commit-graphs"] {
        sweep(&folder.join(name), 0, &is_lock)?;
    }
    sweep(&folder.join("refs"), usize::MAX, &is_lock)?;
    let is_part = |name: &str| name.starts_with("tmp_") || name.starts_with(".tmp-");
    sweep(&folder.join("objects"), 1, &is_part)?;
    Ok(Some(held))
}

/// Takes away files by their names in a folder, and so many folders deep.
fn sweep(folder: &Path, depth: usize, is_left: &dyn Fn(&str) -> bool) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let is_named = is_left(&entry.file_name().to_string_lossy());
        match (entry.file_type()?.is_dir(), is_named) {
            (true, true) => std::fs::remove_dir_all(entry.path())?,
            (true, false) if depth > 0 => sweep(&entry.path(), depth - 1, is_left)?,
            (false, true) => std::fs::remove_file(entry.path())?,
            _ => {}
        }
    }
    Ok(())
}

enum GitRun {
    Missing,
    Failed(String),
}

/// Runs git. It gets the lock of the clone as its input, which it does not read: so the clone is held as long as git
/// is at work, also where vmt was killed meanwhile.
fn git(folder: &Path, held: Option<&File>, arguments: &[&str]) -> Result<(), GitRun> {
    let input = match held.map(File::try_clone) {
        Some(Ok(held)) => Stdio::from(held),
        _ => Stdio::null(),
    };
    let mut command = Command::new("git");
    // The clone is named by its folder alone: a hook's or a user's GIT_DIR must not redirect us.
    for variable in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
    ] {
        command.env_remove(variable);
    }
    command
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .args([
            "-c",
            "gc.auto=0",
            "-c",
            "maintenance.auto=false",
            "-c",
            "init.defaultRefFormat=files",
        ])
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(input)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let lines: Vec<&str> = text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            let last = &lines[lines.len().saturating_sub(3)..];
            Err(GitRun::Failed(match last {
                [] => format!("git {} ended with {}", arguments[0], output.status),
                lines => lines.join("; "),
            }))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(GitRun::Missing),
        Err(error) => Err(GitRun::Failed(error.to_string())),
    }
}

fn with_libgit2(url: &str, folder: &Path) -> Result<(), git2::Error> {
    super::prepare();
    let repository = git2::Repository::init_bare(folder)?;
    let mut remote = repository.remote_anonymous(url)?;
    let mut options = git2::FetchOptions::new();
    options
        .prune(git2::FetchPrune::On)
        .download_tags(git2::AutotagOption::None);
    remote.fetch(&[REFS[0], REFS[1], NOTES], Some(&mut options), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository that git made.
    fn source(folder: &Path) -> PathBuf {
        let source = folder.join("source");
        let run = |arguments: &[&str]| match git(folder, None, arguments) {
            Ok(()) => {}
            Err(GitRun::Missing) => panic!("the tests need git"),
            Err(GitRun::Failed(why)) => panic!("{arguments:?}: {why}"),
        };
        run(&["init", "--quiet", "--initial-branch=master", "source"]);
        run(&[
            "-C",
            "source",
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "One",
        ]);
        run(&["-C", "source", "tag", "1.0.0"]);
        source
    }

    #[test]
    fn what_a_killed_git_left_locked_is_opened_when_nobody_is_at_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("file://{}", source(folder.path()).display());
        let clone = folder.path().join("clones/clone.git");
        sync(&url, &clone).expect("a fetch");
        let left = [
            "config.lock",
            "HEAD.lock",
            "packed-refs.lock",
            "shallow.lock",
            "refs/heads/master.lock",
            "objects/pack/tmp_pack_killed",
        ];
        for name in left {
            std::fs::write(clone.join(name), "").expect("a file");
        }
        // As long as a git of another vmt is at work, nothing is taken away.
        let other = File::open(clone.join(HELD)).expect("a file");
        other.lock().expect("a lock");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| sync(&url, &clone));
            std::thread::sleep(std::time::Duration::from_millis(300));
            assert!(!waiting.is_finished() && left.iter().all(|name| clone.join(name).exists()));
            drop(other);
            waiting.join().expect("an end").expect("a fetch");
        });
        assert!(left.iter().all(|name| !clone.join(name).exists()));
        what_is_fetched_is_there(&clone);
    }

    /// The way without the git program, on a real repository that git made.
    #[test]
    fn libgit2_fetches_what_git_would() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = source(folder.path());
        let clone = folder.path().join("clone.git");
        with_libgit2(&format!("file://{}", source.display()), &clone).expect("a fetch");
        what_is_fetched_is_there(&clone);
    }

    #[track_caller]
    fn what_is_fetched_is_there(clone: &Path) {
        let repository = super::super::Repository::open(clone).expect("a repository");
        let refs = repository.refs().expect("refs");
        let names: Vec<&str> = refs.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["master", "1.0.0"]);
        assert_eq!(repository.read(&refs, "OSSA").expect("a history").len(), 1);
    }
}
