//! A workspace in a temporary folder, and the real binary run in it with nothing of the machine's
//! settings: no home, no configuration, a fixed time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The moment that every test runs at.
pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

/// What a run of the binary gave.
#[must_use]
pub(crate) struct Output {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    shown: String,
}

impl Output {
    /// The run as a transcript: command, both streams, exit code; paths of the machine replaced.
    pub(crate) fn transcript(&self) -> &str {
        &self.shown
    }

    /// Fails the test, with the whole transcript, unless the run ended with a code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Output {
        assert_eq!(self.code, code, "\n{}", self.shown);
        self
    }
}

/// A workspace of its own.
pub(crate) struct TestEnv {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl TestEnv {
    /// An empty folder.
    pub(crate) fn empty() -> TestEnv {
        TestEnv {
            folder: tempfile::tempdir().expect("a temporary folder"),
            variables: Vec::new(),
        }
    }

    /// A workspace as `vmt init` makes it.
    pub(crate) fn workspace() -> TestEnv {
        let env = TestEnv::empty();
        let _ = env.vmt(&["init", "."]).exits(0);
        env
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets a variable for the runs to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.into(), value.into()));
    }

    /// Writes a file with the folders above it.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder is made");
        fs::write(&path, text).expect("a file is written");
        path
    }

    /// Reads a file; what is no text in it, such as in an archive, is replaced.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        let bytes =
            fs::read(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Lists the files below a folder, relative to it.
    pub(crate) fn tree(&self, path: &str) -> Vec<String> {
        let files = vmt::source::list_tree(&self.path().join(path)).expect("a listing");
        files
            .into_iter()
            .map(|path| path.to_string_lossy().into_owned())
            .collect()
    }

    /// The binary in the workspace, with nothing of the environment but what a test sets.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vmt"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("VMT_NOW", NOW)
            .env("COLUMNS", "100")
            .envs(self.variables.iter().cloned());
        command
    }

    /// Runs the binary in the workspace.
    pub(crate) fn vmt(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().expect("the binary runs");
        let clean = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes).replace(&*self.path().to_string_lossy(), "[ROOT]")
        };
        let (stdout, stderr) = (clean(&output.stdout), clean(&output.stderr));
        let code = output.status.code().unwrap_or(-1);
        let mut shown = format!("$ vmt {}\n{stdout}", arguments.join(" "));
        if !stderr.is_empty() {
            shown.push_str(&format!("--- stderr\n{stderr}"));
        }
        shown.push_str(&format!("--- exit {code}\n"));
        Output {
            code,
            stdout,
            stderr,
            shown,
        }
    }
}

/// Returns the folder of real data, or says why a test is skipped.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = std::env::var("VMT_SHARED").unwrap_or_else(|_| "../shared".into());
    let folder = root.join(place);
    if folder.join("corpus").is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "CI has to run {test}: set VMT_SHARED"
    );
    eprintln!(
        "skipped {test}: no real data at {} (set VMT_SHARED)",
        folder.display()
    );
    None
}

/// Holds a text against a file of the repository. With VMT_UPDATE set the file is written instead.
#[track_caller]
pub(crate) fn pinned(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("VMT_UPDATE").is_some() {
        fs::write(&file, text).expect("a pinned file is written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "{path} is out of date: run the tests once with VMT_UPDATE=1"
    );
}

/// Copies the YAML files of a real corpus into a folder of a workspace.
pub(crate) fn copy_corpus(env: &TestEnv, from: &Path, to: &str) {
    for path in vmt::source::list_yaml(from).expect("a listing") {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        env.write(
            &format!("{to}/{name}"),
            fs::read(&path).expect("a document"),
        );
    }
}
