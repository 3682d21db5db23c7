//! The `pre-push` hook of a repository (effect: read, write).

#![allow(clippy::disallowed_methods)] // A hook has to be executable from its first byte on.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Name of the hook.
pub const NAME: &str = "pre-push";

/// Marks a hook as ours.
const MARK: &str = "Made by `vmt embargo hook`";

/// Why a hook was not written.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is one that vmt did not make.
    #[error("{} is there already, and was not made by vmt", .0.display())]
    Foreign(PathBuf),
    /// The system refuses.
    #[error("cannot write {}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

/// What a hook has to know.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The folder of the workspace in the repository.
    pub inside: &'a Path,
    /// The folder of private documents, absolute, where it is not the workspace's own.
    pub private: Option<&'a Path>,
}

impl Setting<'_> {
    /// The command that searches what is pushed.
    fn command(self) -> String {
        let quoted = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', "'\\''"));
        let folder = match self.inside.as_os_str().is_empty() {
            true => quoted(Path::new(".")),
            false => quoted(self.inside),
        };
        let private = match self.private {
            Some(folder) => format!(" --private {}", quoted(folder)),
            None => String::new(),
        };
        format!("vmt -C {folder}{private} check --leaks --pushed")
    }
}

/// Returns the text of the hook.
pub fn text(setting: Setting<'_>) -> String {
    format!(
        "#!/bin/sh\n# {MARK}: a push that would betray a private document is refused.\n\
         # git tells on stdin what is pushed.\n\
         if ! command -v vmt >/dev/null; then\n  echo 'vmt is not installed: nothing was searched, so nothing is pushed' >&2\n  exit 1\nfi\n\
         exec {}\n",
        setting.command()
    )
}

/// Returns lines for the top of a hook of somebody else, in the language of the shell. What they read from
/// stdin is there again for the lines below.
pub fn lines(setting: Setting<'_>) -> String {
    format!(
        "refs=$(cat)\n\
         printf '%s\\n' \"$refs\" | {} || exit 1\n\
         exec <<VMT_REFS\n$refs\nVMT_REFS\n",
        setting.command()
    )
}

/// Writes the hook into a folder of hooks. One that vmt made is replaced, any other is left alone.
///
/// # Errors
/// `Foreign`, or what the system says.
pub fn install(folder: &Path, setting: Setting<'_>) -> Result<PathBuf, HookError> {
    let path = folder.join(NAME);
    let io = |error| HookError::Io {
        path: path.clone(),
        error,
    };
    match std::fs::read_to_string(&path) {
        Ok(found) if found.contains(MARK) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        _ => return Err(HookError::Foreign(path)),
    }
    std::fs::create_dir_all(folder).map_err(io)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o755));
    }
    let mut file = builder.tempfile_in(folder).map_err(io)?;
    file.write_all(text(setting).as_bytes()).map_err(io)?;
    file.persist(&path).map_err(|error| io(error.error))?;
    Ok(path)
}
