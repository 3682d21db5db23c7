//! Private files encrypted to the keys of the team, and opened again (effect: reads, writes, removes).
//!
//! Texts go through pipes, never through temporary files. A plain file is removed only after the sealed one
//! is on the disk, whole and readable as an OpenPGP message to the right number of keys; a sealed one only
//! after the plain one is on the disk. Whatever fails, at least one of the two is there.

#![allow(clippy::disallowed_methods)] // The module that writes and removes private files.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::openpgp::{self, OpenPgpError};

/// Ending of sealed files.
pub const ENDING: &str = "asc";

/// Why a file was not sealed or opened. Nothing was removed then.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// gpg cannot be started.
    #[error("gpg cannot be run: {0}")]
    NoProgram(std::io::Error),
    /// The public part of a key is missing.
    #[error("cannot read {}: {error}", .path.display())]
    Key {
        /// Its file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// gpg refuses.
    #[error("{} cannot be {doing}: {why}", .path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What gpg says.
        why: String,
    },
    /// Both files are there, and they differ.
    #[error("{} is there, too, and says something else", .0.display())]
    Differs(PathBuf),
    /// The system refuses.
    #[error("cannot write {}: {error}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

impl SealError {
    /// Returns how to mend it.
    pub fn help(&self) -> &'static str {
        match self {
            SealError::NoProgram(_) => {
                "install GnuPG (Debian: apt install gnupg; macOS: brew install gnupg); the plain files are as they were"
            }
            SealError::Key { .. } => {
                "write the public part of the key there: gpg --armor --export FINGERPRINT > keys/FINGERPRINT.asc"
            }
            SealError::Refused { .. } => {
                "see `gpg --list-secret-keys`, and [openpgp] team in vmt.toml; the file is as it was"
            }
            SealError::Differs(_) => "compare the two, and delete the one that is out of date",
            SealError::Io { .. } => "see that there is space, and that the folder can be written",
        }
    }
}

/// The keys of the team, by the files of their public parts.
#[derive(Debug)]
pub struct Keys {
    files: Vec<PathBuf>,
}

impl Keys {
    /// Takes key files; each has to be there.
    ///
    /// # Errors
    /// `Key` for the first that cannot be read.
    pub fn new(files: Vec<PathBuf>) -> Result<Keys, SealError> {
        for path in &files {
            let fault = |error| SealError::Key {
                path: path.clone(),
                error,
            };
            std::fs::metadata(path).map_err(fault)?;
        }
        Ok(Keys { files })
    }
}

/// Returns the name of the sealed form of a file.
pub fn sealed_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ENDING);
    PathBuf::from(name)
}

/// Returns whether a file is sealed: an OpenPGP message in ASCII armour. A signature or a key is not.
pub fn is_sealed(path: &Path) -> bool {
    let named = path.extension().is_some_and(|ending| ending == ENDING);
    let mut start = [0; 27];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    named && read.is_ok() && start == *b"-----BEGIN PGP MESSAGE-----"
}

/// Seals a file to keys, and removes it. A sealed form that is there already has to say the same.
///
/// # Errors
/// Any; the plain file is there then.
pub fn seal(path: &Path, keys: &Keys) -> Result<PathBuf, SealError> {
    let io = |error| SealError::Io {
        path: path.to_path_buf(),
        error,
    };
    if std::fs::symlink_metadata(path).map_err(io)?.is_symlink() {
        let why = "it is a link, and what it leads to would stay in the clear".to_owned();
        return Err(refused(path, "sealed", why));
    }
    let bytes = std::fs::read(path).map_err(io)?;
    let target = sealed_name(path);
    if target.exists() {
        // It may be newer than the plain file, and somebody else's work.
        return match opened(&target)? == bytes {
            true => std::fs::remove_file(path).map_err(io).map(|()| target),
            false => Err(SealError::Differs(target)),
        };
    }
    let refuse = |error| of_gpg(error, path, "sealed");
    let sealed = openpgp::encrypt_to(&bytes, &keys.files).map_err(refuse)?;
    let (found, wanted) = (
        openpgp::count_readers(&sealed).map_err(refuse)?,
        keys.files.len(),
    );
    if found != wanted {
        let why = format!("gpg wrote it for {found} of {wanted} keys");
        return Err(refused(path, "sealed", why));
    }
    write(&target, &sealed)?;
    // What is on the disk is what was verified, or the plain file stays.
    let again = std::fs::read(&target).map_err(io)?;
    if again != sealed {
        let why = "the disk gives back other bytes than were written".to_owned();
        return Err(refused(path, "sealed", why));
    }
    std::fs::remove_file(path).map_err(io)?;
    Ok(target)
}

/// Opens a sealed file with a secret key of the user, and removes the sealed form.
///
/// # Errors
/// Any; the sealed file is there then.
pub fn open(path: &Path) -> Result<PathBuf, SealError> {
    let io = |error| SealError::Io {
        path: path.to_path_buf(),
        error,
    };
    let target = path.with_extension("");
    let bytes = opened(path)?;
    match std::fs::read(&target) {
        // An earlier run was interrupted right before the end.
        Ok(there) if there == bytes => {}
        Ok(_) => return Err(SealError::Differs(target)),
        Err(_) => write(&target, &bytes)?,
    }
    std::fs::remove_file(path).map_err(io)?;
    Ok(target)
}

/// Returns what a sealed file says.
fn opened(path: &Path) -> Result<Vec<u8>, SealError> {
    let sealed = std::fs::read(path).map_err(|error| SealError::Io {
        path: path.to_path_buf(),
        error,
    })?;
    openpgp::decrypt(&sealed).map_err(|error| of_gpg(error, path, "opened"))
}

/// What gpg says, of a file.
fn of_gpg(error: OpenPgpError, path: &Path, doing: &'static str) -> SealError {
    match error {
        OpenPgpError::NoProgram(error) => SealError::NoProgram(error),
        OpenPgpError::Key { why, .. } | OpenPgpError::Refused { why, .. } => {
            refused(path, doing, why)
        }
    }
}

fn refused(path: &Path, doing: &'static str, why: String) -> SealError {
    SealError::Refused {
        path: path.to_path_buf(),
        doing,
        why,
    }
}

/// Writes a file for its owner only, in one step, and sees it onto the disk.
fn write(path: &Path, bytes: &[u8]) -> Result<(), SealError> {
    let io = |error| SealError::Io {
        path: path.to_path_buf(),
        error,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    // The owner's alone from its first byte on; it goes by itself when something fails.
    let mut file = tempfile::Builder::new()
        .prefix(".vmt-")
        .tempfile_in(folder)
        .map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|error| io(error.error))?;
    // A name is safe when its folder is; systems that cannot do that do it by themselves.
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
