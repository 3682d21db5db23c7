//! The folder of an older build as the beginning of a new one: what is not known in it goes first, what the
//! new build has not goes last (effect: read, write).

use std::fs;
use std::path::Path;

use rayon::prelude::*;

use super::manifest::{Facts, Stamp, name_of};
use super::site::stamp_of;
use crate::key::Key;
use crate::paths::MARK;

/// Lists an older folder and takes away what is not known in it: links, and files that somebody
/// changed or added. Notes the others. Returns whether something else lay there, so that a folder may
/// be left with nothing in it.
pub(super) fn clean(folder: &Path, facts: &mut Facts) -> std::io::Result<bool> {
    let known = |name: Key, stamp: Stamp| {
        let known = facts.get(name);
        known.is_some_and(|known| known.facts().any(|fact| fact.stamp == stamp))
    };
    let mut had_others = false;
    for (name, stamp) in clean_below(folder, "", &known)? {
        match name {
            Some(name) => facts.lies(name, stamp),
            None => had_others = true,
        }
    }
    Ok(had_others)
}

/// What lies in a folder and below; without a name what was taken away.
fn clean_below(
    folder: &Path,
    prefix: &str,
    known: &(dyn Fn(Key, Stamp) -> bool + Sync),
) -> std::io::Result<Vec<(Option<Key>, Stamp)>> {
    let mut found = Vec::new();
    let mut folders = Vec::new();
    let nothing = (None, Stamp::default());
    let mut is_empty = true;
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
        let key = name_of(&name);
        match stamp_of(&data).filter(|stamp| known(key, *stamp)) {
            Some(stamp) => found.push((Some(key), stamp)),
            None => {
                fs::remove_file(entry.path())?;
                // The mark of a site is in every one, and in no manifest.
                found.extend((name != MARK).then_some(nothing));
            }
        }
    }
    found.extend(is_empty.then_some(nothing));
    let below: std::io::Result<Vec<_>> = folders
        .par_iter()
        .map(|(path, prefix)| clean_below(path, prefix, known))
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
