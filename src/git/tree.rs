//! The files of a folder as they were at a revision (effect: git).

use std::path::{Path, PathBuf};

use git2::{ObjectType, TreeWalkMode, TreeWalkResult};

/// Why the files of a revision cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The folder lies in no repository.
    #[error("{} lies in no git repository: {why}", .folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// What libgit2 says.
        why: String,
    },
    /// There is no such revision, or the folder is not in it.
    #[error("`{revision}` cannot be read: {why}")]
    Revision {
        /// As asked for.
        revision: String,
        /// What libgit2 says.
        why: String,
    },
}

/// Returns the files below a folder at a revision, with their paths relative to it.
///
/// # Errors
/// When the folder lies in no repository, or the revision does not hold it.
pub fn files_at(folder: &Path, revision: &str) -> Result<Vec<(PathBuf, Vec<u8>)>, TreeError> {
    let none = |why: String| TreeError::NoRepository {
        folder: folder.to_path_buf(),
        why,
    };
    let wrong = |why: String| TreeError::Revision {
        revision: revision.to_owned(),
        why,
    };
    let repository =
        git2::Repository::discover(folder).map_err(|error| none(error.message().into()))?;
    let top = repository
        .workdir()
        .ok_or_else(|| none("it has no files checked out".into()))?;
    let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let inside = canonical(folder)
        .strip_prefix(canonical(top))
        .map_err(|error| none(error.to_string()))?
        .to_path_buf();
    let read = || -> Result<Vec<(PathBuf, Vec<u8>)>, git2::Error> {
        let mut tree = repository.revparse_single(revision)?.peel_to_tree()?;
        if !inside.as_os_str().is_empty() {
            let entry = tree.get_path(&inside)?;
            tree = entry.to_object(&repository)?.peel_to_tree()?;
        }
        let mut found = Vec::new();
        let mut failed = None;
        tree.walk(TreeWalkMode::PreOrder, |parent, entry| {
            if entry.kind() == Some(ObjectType::Blob) {
                match repository.find_blob(entry.id()) {
                    Ok(blob) => {
                        let name = entry.name().unwrap_or_default();
                        found.push((Path::new(parent).join(name), blob.content().to_vec()));
                    }
                    Err(error) => failed = Some(error),
                }
            }
            TreeWalkResult::Ok
        })?;
        failed.map_or(Ok(found), Err)
    };
    read().map_err(|error| wrong(error.message().into()))
}
