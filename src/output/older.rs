//! The folder of an older build as the beginning of a new one: what is not known in it goes first, what the
//! new build has not goes last (effect: read, write).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::manifest::{Fact, Stamp};
use super::site::stamp_of;

/// Lists an older folder and takes away what is not known in it: links, and files that somebody
/// changed or added.
pub(super) fn clean(
    folder: &Path,
    prefix: &str,
    known: &(dyn Fn(&str, Stamp) -> bool + Sync),
) -> std::io::Result<Vec<(String, Stamp)>> {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = match name.to_str() {
            Some(name) => format!("{prefix}{name}"),
            None => String::new(),
        };
        let data = entry.metadata()?;
        if data.is_dir() {
            folders.push((entry.path(), format!("{name}/")));
            continue;
        }
        match stamp_of(&data).filter(|stamp| known(&name, *stamp)) {
            Some(stamp) => found.push((name, stamp)),
            None => fs::remove_file(entry.path())?,
        }
    }
    let below: std::io::Result<Vec<Vec<(String, Stamp)>>> = folders
        .par_iter()
        .map(|(path, prefix)| clean(path, prefix, known))
        .collect();
    found.extend(below?.into_iter().flatten());
    Ok(found)
}

/// Makes the folders above a file and takes away what an older build left in its place.
pub(super) fn make_room(root: &Path, own: &Path) -> std::io::Result<()> {
    match fs::symlink_metadata(own) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(own)?,
        Ok(_) => fs::remove_file(own)?,
        Err(_) => {}
    }
    let folder = own.parent().unwrap_or(root);
    if fs::create_dir_all(folder).is_ok() {
        return Ok(());
    }
    let above = folder
        .ancestors()
        .take_while(|above| above.starts_with(root));
    for above in above.filter(|above| above.is_file()) {
        fs::remove_file(above)?;
    }
    fs::create_dir_all(folder)
}

/// Takes away the files and folders of an older build that this one has not.
pub(super) fn remove_others(
    root: &Path,
    lying: &HashMap<String, Stamp>,
    taken: &[(String, Fact)],
) -> std::io::Result<()> {
    let wanted: HashSet<&str> = taken.iter().map(|(path, _)| path.as_str()).collect();
    for path in lying.keys().filter(|path| !wanted.contains(path.as_str())) {
        match fs::remove_file(root.join(path)) {
            Ok(()) => {}
            // A folder that this build needs stands there now, or it went with one.
            Err(_) if !root.join(path).is_file() => {}
            Err(error) => return Err(error),
        }
    }
    let folders: HashSet<&Path> = wanted
        .iter()
        .flat_map(|path| Path::new(path).ancestors().skip(1))
        .collect();
    remove_folders(root, Path::new(""), &folders)
}

fn remove_folders(root: &Path, folder: &Path, wanted: &HashSet<&Path>) -> std::io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let path = folder.join(entry.file_name());
        match wanted.contains(path.as_path()) {
            true => remove_folders(root, &path, wanted)?,
            false => fs::remove_dir_all(root.join(&path))?,
        }
    }
    Ok(())
}
