//! The folder of an older build as the beginning of a new one: what is not known in it goes first, what the
//! new build has not goes last (effect: read, write).

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::manifest::{Facts, name_of};
use super::site::stamp_of;
use crate::key::Key;
use crate::paths::MARK;

/// Lists an older folder and takes away what is not known in it: links, and files that somebody
/// changed or added. Notes the others. Returns whether something else lay there, so that a folder may
/// be left with nothing in it.
pub(super) fn clean(folder: &Path, facts: &Facts) -> std::io::Result<bool> {
    clean_below(folder, "", facts)
}

fn clean_below(folder: &Path, prefix: &str, facts: &Facts) -> std::io::Result<bool> {
    let mut folders = Vec::new();
    let (mut is_empty, mut had_others) = (true, false);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        is_empty = false;
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
        let stamp = stamp_of(&data);
        if !stamp.is_some_and(|stamp| facts.lies(name_of(&name), stamp)) {
            fs::remove_file(entry.path())?;
            // The mark of a site is in every one, and in no manifest.
            had_others |= name != MARK;
        }
    }
    let below: std::io::Result<Vec<bool>> = folders
        .par_iter()
        .map(|(path, prefix)| clean_below(path, prefix, facts))
        .collect();
    Ok(is_empty || had_others || below?.contains(&true))
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
        // Another thread may have done it, and made the folder: whether that is there is what counts.
        let _ = fs::remove_file(above);
    }
    fs::create_dir_all(folder)
}

/// Takes away the files of an older build that this one has not, and the folders that hold none of its own.
pub(super) fn remove_others(
    root: &Path,
    is_wanted: &(dyn Fn(Key) -> bool + Sync),
) -> std::io::Result<()> {
    remove_below(root, "", is_wanted).map(|_| ())
}

/// Says whether a folder holds a file that is wanted.
fn remove_below(
    folder: &Path,
    prefix: &str,
    is_wanted: &(dyn Fn(Key) -> bool + Sync),
) -> std::io::Result<bool> {
    let mut holds = false;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if !entry.file_type()?.is_dir() {
            match is_wanted(name_of(&path)) {
                true => holds = true,
                false => fs::remove_file(entry.path())?,
            }
        } else if remove_below(&entry.path(), &format!("{path}/"), is_wanted)? {
            holds = true;
        } else {
            fs::remove_dir(entry.path())?;
        }
    }
    Ok(holds)
}
