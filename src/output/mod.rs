//! Writes files whole or not at all (effect: write). Knows no format.

#![allow(clippy::disallowed_methods)] // The module for writing.

mod folder;
mod hold;
mod kept;
mod manifest;
mod older;
mod pieces;
mod site;
mod tail;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::paths::{Folders, MARK};
use crate::render::Artifact;
use folder::writable;

pub use hold::{CACHE, Hold};
pub use site::{Readers, Reuse, Site, Summary, is_public_site};

/// Why something could not be written. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file exists that must not be overwritten.
    #[error("{} exists and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// A folder that vmt did not make stands where the output goes.
    #[error("{} is not empty and was not made by vmt; name another folder with --out, or empty it", .0.display())]
    Foreign(PathBuf),
    /// An artifact's path would leave the output folder, or another artifact has the same path, or a folder
    /// of it.
    #[error(
        "{0:?} is no sound path of an output file, or that of two, or that of a folder with others"
    )]
    Path(String),
    /// The system refused.
    #[error("cannot write {}: {error}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> OutputError + '_ {
    move |error| OutputError::Io {
        path: path.to_path_buf(),
        error,
    }
}

/// Writes a file that must not exist yet, with the folders above it.
///
/// # Errors
/// `Exists`, or what the system says.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io(folder))?;
    }
    sweep(parent(path));
    persist_new(write_temporary(path, bytes)?, path)
}

/// Writes a file that must not exist yet for nobody but its owner, in a folder that is made so as well.
///
/// # Errors
/// As [`create`].
pub fn create_private(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(folder).map_err(io(folder))?;
    }
    sweep(parent(path));
    persist_new(write_owned(path, bytes)?, path)
}

/// Moves a file to its place, where none must be yet.
fn persist_new(file: tempfile::NamedTempFile, path: &Path) -> Result<(), OutputError> {
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(OutputError::Exists(path.to_path_buf()))
        }
        Err(error) => Err(io(path)(error.error)),
    }
}

/// What to do with a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and write nothing, unless it says the same already: then a run that was stopped goes on.
    Refuse,
    /// Put the new one in its place.
    Replace,
}

/// Writes several files, all or none: every one is written beside its place first, then they are moved.
///
/// # Errors
/// `Exists` where a file is there that shall not be replaced, or what the system says.
pub fn create_all(files: &[(PathBuf, Vec<u8>)], existing: Existing) -> Result<(), OutputError> {
    let holds = |path: &Path, bytes: &[u8]| fs::read(path).is_ok_and(|there| there == bytes);
    let taken = files
        .iter()
        .find(|(path, bytes)| path.symlink_metadata().is_ok() && !holds(path, bytes));
    if let (Some((path, _)), Existing::Refuse) = (taken, existing) {
        return Err(OutputError::Exists(path.clone()));
    }
    let folders: BTreeSet<&Path> = files.iter().map(|(path, _)| parent(path)).collect();
    for folder in folders {
        fs::create_dir_all(folder).map_err(io(folder))?;
        sweep(folder);
    }
    let mut waiting = Vec::new();
    for (path, bytes) in files {
        if path.exists() {
            writable(path)?;
        }
        waiting.push((path, bytes, write_temporary(path, bytes)?));
    }
    let mut done: Vec<&PathBuf> = Vec::new();
    for (path, bytes, temporary) in waiting {
        if existing == Existing::Refuse && holds(path, bytes) {
            continue;
        }
        let moved = match existing {
            Existing::Refuse => temporary.persist_noclobber(path),
            Existing::Replace => temporary.persist(path),
        };
        if let Err(error) = moved {
            // Another run wrote the same this very moment.
            if existing == Existing::Refuse && holds(path, bytes) {
                continue;
            }
            if existing == Existing::Refuse {
                // What was new a moment ago goes again; nothing else was touched.
                for path in done {
                    let _ = fs::remove_file(path);
                }
            }
            return match error.error.kind() {
                std::io::ErrorKind::AlreadyExists => Err(OutputError::Exists(path.clone())),
                _ => Err(io(path)(error.error)),
            };
        }
        done.push(path);
    }
    Ok(())
}

/// Writes files into a folder that nobody else may look into, and that git leaves alone. Files that were there
/// are replaced.
///
/// # Errors
/// What the system says.
pub fn put_private_folder(folder: &Path, files: &[(PathBuf, Vec<u8>)]) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(io(folder))?;
    let ignore = (folder.join(".gitignore"), b"*\n".to_vec());
    for (path, bytes) in files.iter().chain([&ignore]) {
        put_private(path, bytes)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io(folder))?;
    }
    Ok(())
}

/// Writes a file that nobody else may read, in one step, whether it exists or not.
///
/// # Errors
/// What the system says; a file that was there is as it was then.
pub fn put_private(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let folder = parent(path);
    fs::create_dir_all(folder).map_err(io(folder))?;
    sweep(folder);
    let file = write_owned(path, bytes)?;
    file.persist(path)
        .map(drop)
        .map_err(|error| io(path)(error.error))
}

/// Makes a folder with those above it, where it is not there yet.
///
/// # Errors
/// What the system says.
pub fn make_folder(path: &Path) -> Result<(), OutputError> {
    fs::create_dir_all(path).map_err(io(path))
}

/// Replaces the content of a file in one step, its permissions kept. A link stays a link: the file
/// that it leads to is replaced.
///
/// # Errors
/// What the system says; the file is as it was then.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let path = &path.canonicalize().map_err(io(path))?;
    let permissions = fs::metadata(path).map_err(io(path))?.permissions();
    writable(path)?;
    sweep(parent(path));
    let temporary = write_owned(path, bytes)?;
    temporary
        .as_file()
        .set_permissions(permissions)
        .map_err(io(path))?;
    temporary
        .persist(path)
        .map(drop)
        .map_err(|error| io(path)(error.error))
}

/// Removes a file; one that is gone already is no fault.
///
/// # Errors
/// What the system says.
pub fn remove(path: &Path) -> Result<(), OutputError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io(path)(error)),
        _ => Ok(()),
    }
}

/// Writes a file whether it exists or not, in one step.
///
/// # Errors
/// What the system says; a file that was there is as it was then.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    match path.exists() {
        true => replace(path, bytes),
        false => create(path, bytes),
    }
}

/// Writes a file where it was not changed since it was read: where it still holds these bytes, or is still not
/// there. Says whether it was so.
///
/// # Errors
/// What the system says; a file that was there is as it was then.
pub fn put_unchanged(
    path: &Path,
    before: Option<&[u8]>,
    bytes: &[u8],
) -> Result<bool, OutputError> {
    let Some(before) = before else {
        return match create(path, bytes) {
            Err(OutputError::Exists(_)) => Ok(false),
            created => created.map(|()| true),
        };
    };
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    let old = match fs::File::open(path) {
        Err(error) if gone(&error) => return Ok(false),
        opened => opened.map_err(io(path))?,
    };
    // Of several vmt that read the same, the first replaces the file that the others wait for: they see another
    // one then. Where the file system has no locks, only the moment between two calls is left to chance.
    let _ = old.lock();
    match fs::read(path) {
        Ok(now) if now == before => replace(path, bytes).map(|()| true),
        Ok(_) => Ok(false),
        Err(error) if gone(&error) => Ok(false),
        Err(error) => Err(io(path)(error)),
    }
}

/// The folder of a file.
fn parent(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// How the name of a file begins that is not whole yet.
const PART: &str = ".vmt-part-";

/// Takes away what killed runs left half-written in a folder: a run that lives holds the lock of its file.
fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if !entry.file_name().to_string_lossy().starts_with(PART) {
            continue;
        }
        // What cannot be taken away is in nobody's way.
        if let Ok(file) = fs::File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Writes a file beside its place that everybody may read in the end.
fn write_temporary(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, OutputError> {
    let file = write_owned(path, bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(mode).map_err(io(path))?;
    }
    Ok(file)
}

/// Writes a file beside its place that is its owner's alone from its first byte on.
fn write_owned(path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, OutputError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART);
    let mut file = loop {
        let file = builder.tempfile_in(parent(path)).map_err(io(path))?;
        let _ = file.as_file().lock();
        // Another run may have swept it away before it was locked.
        if file.path().exists() {
            break file;
        }
    };
    file.write_all(bytes).map_err(io(path))?;
    file.as_file().sync_all().map_err(io(path))?;
    Ok(file)
}

/// Holds a folder against what would be written: a line for each file that is missing, extra or
/// different.
///
/// # Errors
/// `Path` for an unsound artifact, or what the system says.
pub fn compare(folder: &Path, artifacts: &[Artifact]) -> Result<Vec<String>, OutputError> {
    check_paths(artifacts)?;
    let mut differences = Vec::new();
    let wanted: std::collections::HashSet<&str> = artifacts
        .iter()
        .map(|artifact| artifact.path.as_str())
        .collect();
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        match fs::read(&path) {
            Ok(bytes) if bytes == artifact.bytes => {}
            Ok(_) => differences.push(format!("differs: {}", artifact.path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                differences.push(format!("missing: {}", artifact.path));
            }
            Err(error) => return Err(io(&path)(error)),
        }
    }
    for path in crate::source::list_tree(folder).map_err(io(folder))? {
        let name = path.to_string_lossy().replace('\\', "/");
        if name != MARK && !wanted.contains(name.as_str()) {
            differences.push(format!("extra: {name}"));
        }
    }
    Ok(differences)
}

fn check_paths(artifacts: &[Artifact]) -> Result<(), OutputError> {
    let mut seen = std::collections::HashSet::new();
    let mut folders = Folders::default();
    for Artifact { path, .. } in artifacts {
        let in_the_way = folders.is_in_the_way(path, |path| seen.contains(path));
        if in_the_way || !is_sound(path) {
            return Err(OutputError::Path(path.clone()));
        }
        seen.insert(path.as_str());
        folders.add(path);
    }
    Ok(())
}

/// Returns whether a path stays in the folder that it is relative to.
fn is_sound(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && Path::new(path).components().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::render::Sink as _;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    fn build(folder: &Path, files: &[(&str, &str)]) -> Result<Summary, OutputError> {
        let hold = Hold::of(folder, &|| {})?;
        let site = Site::begin(hold, Reuse::Known, Readers::All)?;
        for (path, text) in files {
            let key = Key::of_bytes(text.as_bytes());
            let bytes = || Ok(text.as_bytes().to_vec());
            site.take(path, key, &bytes).expect("it is made");
        }
        site.finish()
    }

    #[test]
    fn a_build_replaces_the_last_one_whole_and_leaves_only_its_cache_beside_it() {
        let root = tempfile::tempdir().expect("a folder");
        let site = root.path().join("public");
        build(&site, &[("a/old.html", "1"), ("index.html", "1")]).expect("published");
        for text in ["2", "3", "2", "1"] {
            build(&site, &[("index.html", text)]).expect("published");
            assert_eq!(names(&site), [MARK, "index.html"]);
            let page = fs::read_to_string(site.join("index.html")).expect("a page");
            assert_eq!(page, text);
            assert_eq!(names(root.path()), [CACHE, "public"]);
        }
        // A folder where there was a file, and the other way round.
        build(&site, &[("index.html/a", "1")]).expect("published");
        build(&site, &[("index.html", "1")]).expect("published");
        build(&site, &[("index.html/a", "1")]).expect("published");
        assert_eq!(names(&site.join("index.html")), ["a"]);
    }

    #[test]
    fn a_build_that_stops_leaves_the_last_one() {
        let root = tempfile::tempdir().expect("a folder");
        let site = root.path().join("public");
        build(&site, &[("index.html", "1")]).expect("published");
        build(&site, &[("index.html", "2")]).expect("published");
        let hold = Hold::of(&site, &|| {}).expect("held");
        let stopped = Site::begin(hold, Reuse::Known, Readers::All).expect("begun");
        let bytes = || Ok(b"3".to_vec());
        let taken = stopped.take("index.html", Key::of("x").done(), &bytes);
        taken.expect("it is made");
        drop(stopped);
        let page = fs::read_to_string(site.join("index.html")).expect("a page");
        assert_eq!(page, "2");
        assert_eq!(names(root.path()), [CACHE, "public"]);
    }

    #[test]
    fn a_foreign_folder_and_an_unsound_path_are_refused() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("mine.txt"), "mine").expect("a file");
        let error = build(root.path(), &[("index.html", "1")]);
        assert!(matches!(error, Err(OutputError::Foreign(_))), "{error:?}");
        assert_eq!(names(root.path()), ["mine.txt"]);
        for path in ["../x", "/x", "", "a/../../x", "."] {
            let error = build(&root.path().join("site"), &[(path, "1")]);
            assert!(matches!(error, Err(OutputError::Path(_))), "{path}");
        }
        let twice = build(&root.path().join("site"), &[("a", "1"), ("a", "1")]);
        assert!(matches!(twice, Err(OutputError::Path(_))), "{twice:?}");
        assert_eq!(names(root.path()), [CACHE, "mine.txt"]);
    }

    #[test]
    fn files_in_the_way_of_each_other_are_refused_whichever_comes_first() {
        let pairs = [("a", "a/x"), ("new", "new/x"), ("b/c/x", "b/c"), ("a", "a")];
        for round in 0..24 {
            let (one, other) = pairs[round % pairs.len()];
            let root = tempfile::tempdir().expect("a folder");
            let folder = root.path().join("public");
            // Three times, so that the older folder holds `a`, and after a while, so that it is trusted:
            // then it is taken as it lies there.
            for text in ["1", "2", "3"] {
                build(&folder, &[("a", "1"), ("b/c", text)]).expect("published");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            let hold = Hold::of(&folder, &|| {}).expect("held");
            let site = Site::begin(hold, Reuse::Known, Readers::All).expect("begun");
            let take = |path: &str| {
                let bytes = || Ok(b"1".to_vec());
                let taken = site.take(path, Key::of_bytes(b"1"), &bytes);
                taken.expect("nothing is wrong with what is made");
            };
            match round / pairs.len() % 3 {
                0 => [one, other].map(take),
                1 => [other, one].map(take),
                // At once, in whatever order that is.
                _ => {
                    let start = std::sync::Barrier::new(2);
                    let take = |path: &str| {
                        start.wait();
                        take(path);
                    };
                    std::thread::scope(|scope| {
                        [one, other]
                            .map(|path| scope.spawn(move || take(path)))
                            .map(|thread| thread.join().expect("an end"))
                    })
                }
            };
            let error = site.finish();
            // Where the system is faster, it refuses to make a folder of a file.
            let is_refused = matches!(error, Err(OutputError::Path(_) | OutputError::Io { .. }));
            assert!(is_refused, "{one} and {other}: {error:?}");
            assert_eq!(names(&folder), [MARK, "a", "b"]);
        }
    }

    #[test]
    fn several_files_are_written_all_or_none() {
        let root = tempfile::tempdir().expect("a folder");
        let files = |names: &[&str], text: &str| -> Vec<(PathBuf, Vec<u8>)> {
            names
                .iter()
                .map(|name| (root.path().join(name), text.as_bytes().to_vec()))
                .collect()
        };
        create_all(&files(&["b"], "1"), Existing::Refuse).expect("written");
        let error = create_all(&files(&["a", "b"], "2"), Existing::Refuse);
        assert!(matches!(error, Err(OutputError::Exists(_))));
        assert_eq!(names(root.path()), ["b"]);
        create_all(&files(&["a", "b"], "1"), Existing::Refuse).expect("one is there already");
        assert_eq!(names(root.path()), ["a", "b"]);
        create_all(&files(&["a", "b"], "3"), Existing::Replace).expect("written");
        assert_eq!(fs::read(root.path().join("b")).expect("a file"), b"3");
        assert_eq!(names(root.path()), ["a", "b"]);
    }

    #[test]
    fn a_half_written_file_goes_unless_a_run_holds_it() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("a.yaml");
        fs::write(root.path().join(".vmt-part-killed"), "ha").expect("a file");
        let running = write_owned(&path, b"whole").expect("written");
        create(&root.path().join("b.yaml"), b"1").expect("created");
        let name = running.path().file_name().expect("a name");
        let name = name.to_string_lossy().into_owned();
        assert_eq!(names(root.path()), [name.as_str(), "b.yaml"]);
        drop(running);
        for round in ["2", "3"] {
            fs::write(root.path().join(".vmt-part-killed"), "ha").expect("a file");
            match round {
                "2" => replace(&root.path().join("b.yaml"), b"2").expect("replaced"),
                _ => {
                    let files = [(root.path().join("b.yaml"), b"3".to_vec())];
                    create_all(&files, Existing::Replace).expect("replaced");
                }
            }
            assert_eq!(names(root.path()), ["b.yaml"]);
        }
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("lock");
        let put = |before: Option<&[u8]>, bytes: &[u8]| put_unchanged(&path, before, bytes);
        assert!(!put(Some(b"0"), b"1").expect("an answer"));
        assert!(put(None, b"1").expect("an answer"));
        assert!(!put(None, b"2").expect("an answer"));
        assert!(!put(Some(b"0"), b"2").expect("an answer"));
        assert!(put(Some(b"1"), b"2").expect("an answer"));
        assert_eq!(fs::read(&path).expect("a file"), b"2");
        // Of many that read the same, one writes.
        let won = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8_u8)
                .map(|number| scope.spawn(move || put(Some(b"2"), &[b'a' + number])))
                .collect();
            let ends = threads
                .into_iter()
                .map(|thread| thread.join().expect("an end"));
            ends.filter(|end| *end.as_ref().expect("an answer")).count()
        });
        assert_eq!(won, 1);
    }

    #[test]
    fn a_file_is_created_once_and_replaced_whole() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("x/y.yaml");
        create(&path, b"1").expect("created");
        assert!(matches!(create(&path, b"2"), Err(OutputError::Exists(_))));
        replace(&path, b"3").expect("replaced");
        assert_eq!(fs::read(&path).expect("a file"), b"3");
        assert_eq!(names(&root.path().join("x")), ["y.yaml"]);
    }
}
