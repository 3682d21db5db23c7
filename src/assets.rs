//! Static files of the site: the shipped ones are embedded, and a file of the same name in a
//! workspace's `site/` takes its place (effect: read).

use std::collections::BTreeMap;
use std::path::Path;

use crate::render::Artifact;
use crate::source;

/// Folder of a workspace's own static files.
pub const FOLDER: &str = "site";

/// The shipped files by name.
pub const EMBEDDED: &[(&str, &[u8])] = &[("style.css", include_bytes!("../site/style.css"))];

/// Returns every static file.
///
/// # Errors
/// The path that cannot be read, with what the system says.
pub fn load(root: &Path) -> Result<Vec<Artifact>, (String, std::io::Error)> {
    let mut files: BTreeMap<String, Vec<u8>> = EMBEDDED
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    let folder = root.join(FOLDER);
    let listed = source::list_tree(&folder).map_err(|error| (FOLDER.to_owned(), error))?;
    for path in listed {
        let name = path.to_string_lossy().replace('\\', "/");
        match source::read_bytes(&folder.join(&path)) {
            Ok(bytes) => files.insert(name, bytes),
            Err(error) => return Err((format!("{FOLDER}/{name}"), error)),
        };
    }
    Ok(files
        .into_iter()
        .map(|(path, bytes)| Artifact { path, bytes })
        .collect())
}
