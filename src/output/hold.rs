//! Holds a published folder for one build at a time, and takes away what killed ones left (effect: write).
//!
//! `.vmt-cache/` beside the folder has a folder for it, in which a build makes everything that is not published
//! yet. Who holds the lock in it is the only build at work there, so all that does not belong there is left of
//! builds that were killed. The system gives a lock back when its holder ends, however it ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::folder::{check_ours, writable};
use super::{OutputError, io};

/// Folder beside the published one.
pub const CACHE: &str = ".vmt-cache";

/// How the folder of a site in the making begins.
pub(super) const FRESH: &str = "fresh-";

/// How the folder begins in which a published site waits while another takes its place.
pub(super) const ASIDE: &str = "aside-";

/// The site in a folder that begins with [`ASIDE`].
pub(super) const SITE: &str = "site";

const LOCK: &str = "lock";

/// The older folder, what is known of files, and half-finished work.
pub(super) const KEPT: [&str; 3] = ["older", "manifest", "kept"];

/// A published folder on which no other build is at work.
#[derive(Debug)]
pub struct Hold {
    /// The published folder, absolute.
    pub(super) folder: PathBuf,
    /// Its own folder in the cache.
    pub(super) cache: PathBuf,
    /// `None` where the file system has no locks: then nothing is taken away either.
    _lock: Option<File>,
}

impl Hold {
    /// Takes hold of a folder that a build shall publish. Where another build has it, `wait` is told, and this
    /// one waits: what it reads after that is what the other has not seen.
    ///
    /// # Errors
    /// `Foreign` when the folder holds something that vmt did not make, or what the system says.
    pub fn of(folder: &Path, wait: &dyn Fn()) -> Result<Hold, OutputError> {
        let mut folder = std::path::absolute(folder).map_err(io(folder))?;
        // A link is somebody's choice of where the site lies: it stays, and what it leads to is replaced.
        if folder.is_symlink() {
            folder = folder.canonicalize().map_err(io(&folder))?;
        }
        check_ours(&folder)?;
        if folder.exists() {
            writable(&folder)?;
        }
        let parent = folder.parent().unwrap_or(Path::new("/"));
        let cache = parent.join(CACHE);
        let own = cache.join(folder.file_name().unwrap_or_default());
        fs::create_dir_all(&own).map_err(io(&own))?;
        // Before the work, not after it.
        writable(parent)?;
        let ignored = cache.join(".gitignore");
        // One that a full disk or a kill left empty ignores nothing.
        if !ignored.metadata().is_ok_and(|data| data.len() > 0) {
            fs::write(&ignored, "*\n").map_err(io(&ignored))?;
        }
        let lock = take(&own.join(LOCK), wait)?;
        if lock.is_some() {
            recover(&folder, &own).map_err(io(&own))?;
        }
        Ok(Hold {
            folder,
            cache: own,
            _lock: lock,
        })
    }
}

fn take(path: &Path, wait: &dyn Fn()) -> Result<Option<File>, OutputError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    let file = options.open(path).map_err(io(path))?;
    match file.try_lock() {
        Ok(()) => return Ok(Some(file)),
        Err(fs::TryLockError::Error(_)) => return Ok(None),
        Err(fs::TryLockError::WouldBlock) => wait(),
    }
    match file.lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => Ok(None),
    }
}

/// Puts a site back that was moved aside by a build which was killed before the new one took its place, and
/// takes away what else killed builds left.
fn recover(folder: &Path, own: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(own)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        if name == LOCK || KEPT.contains(&&*name) {
            continue;
        }
        let aside = path.join(SITE);
        if name.starts_with(ASIDE) && !folder.exists() && aside.is_dir() {
            fs::rename(&aside, folder)?;
        }
        // What cannot be taken away now is in nobody's way.
        remove(&path);
    }
    Ok(())
}

/// Takes away a file or a folder, also one whose folders nobody may write to.
pub(super) fn remove(path: &Path) {
    if !path.symlink_metadata().is_ok_and(|data| data.is_dir()) {
        let _ = fs::remove_file(path);
        return;
    }
    if fs::remove_dir_all(path).is_ok() {
        return;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mut waiting = vec![path.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            waiting.extend(
                entries
                    .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
                    .map(|entry| entry.path()),
            );
        }
        let _ = fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_killed_build_left_goes_and_what_a_running_one_makes_stays() {
        let root = tempfile::tempdir().expect("a folder");
        let own = root.path().join(CACHE).join("public");
        fs::create_dir_all(own.join("fresh-killed/ossa")).expect("a folder");
        fs::create_dir_all(own.join("older")).expect("a folder");
        fs::write(own.join(".tmpmanifest"), "half").expect("a file");
        let public = root.path().join("public");
        let held = Hold::of(&public, &|| unreachable!("nobody has it")).expect("held");
        assert_eq!(names(&own), ["lock", "older"]);
        fs::create_dir(own.join("fresh-running")).expect("a folder");
        let (told, heard) = std::sync::mpsc::channel();
        let other = std::thread::spawn({
            let public = public.clone();
            move || Hold::of(&public, &|| told.send(()).expect("heard")).map(drop)
        });
        heard.recv().expect("the other waits");
        assert_eq!(names(&own), ["fresh-running", "lock", "older"]);
        drop(held);
        other.join().expect("an end").expect("held");
        assert_eq!(names(&own), ["lock", "older"]);
    }

    #[test]
    fn a_site_that_a_killed_build_moved_aside_comes_back() {
        let root = tempfile::tempdir().expect("a folder");
        let own = root.path().join(CACHE).join("public");
        fs::create_dir_all(own.join("aside-1/site")).expect("a folder");
        fs::write(own.join("aside-1/site/index.html"), "good").expect("a file");
        let public = root.path().join("public");
        drop(Hold::of(&public, &|| {}).expect("held"));
        let page = fs::read_to_string(public.join("index.html")).expect("a page");
        assert_eq!((page.as_str(), names(&own)), ("good", vec!["lock".into()]));
    }
}
