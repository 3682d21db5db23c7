//! A published folder as a whole: whose it is, who may read it, and the step in which another takes its place
//! (effect: write).

use std::fs;
use std::path::Path;

use super::{MARK, OutputError, hold, io};

/// Exchanges the fresh folder with the old one, which is handed back; dropped, it goes.
pub(super) fn swap(
    fresh: tempfile::TempDir,
    folder: &Path,
    cache: &Path,
) -> Result<Option<tempfile::TempDir>, OutputError> {
    if !folder.exists() {
        fs::rename(fresh.path(), folder).map_err(io(folder))?;
        let _ = fresh.keep();
        return Ok(None);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, fresh.path(), CWD, folder, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(Some(fresh)),
            // A file system without the exchange: two renames have to do.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            Err(error) => return Err(io(folder)(error.into())),
        }
    }
    let old = tempfile::Builder::new()
        .prefix(hold::ASIDE)
        .tempdir_in(cache)
        .map_err(io(cache))?;
    let aside = old.path().join(hold::SITE);
    fs::rename(folder, &aside).map_err(io(folder))?;
    if let Err(error) = fs::rename(fresh.path(), folder) {
        // Put the old site back; if that fails too, say where it is.
        if fs::rename(&aside, folder).is_err() {
            let kept = old.keep();
            let text = format!("{error}; the old site is in {}", kept.display());
            return Err(io(folder)(std::io::Error::other(text)));
        }
        return Err(io(folder)(error));
    }
    let _ = fresh.keep();
    Ok(None)
}

/// What is protected against writing is not replaced, although its folder would allow it.
pub(super) fn writable(path: &Path) -> Result<(), OutputError> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        access(path, Access::WRITE_OK).map_err(|error| io(path)(error.into()))?;
    }
    let _ = path;
    Ok(())
}

/// A temporary folder is the owner's alone; a site is for a web server.
pub(super) fn readable(folder: &Path) -> Result<(), OutputError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(io(folder))?;
    }
    let _ = folder;
    Ok(())
}

pub(super) fn check_ours(folder: &Path) -> Result<(), OutputError> {
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(io(folder)(error)),
    };
    let ours = folder.join(MARK).exists() || entries.next().is_none();
    if ours {
        Ok(())
    } else {
        Err(OutputError::Foreign(folder.to_path_buf()))
    }
}
