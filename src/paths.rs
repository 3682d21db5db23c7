//! Which paths can lie in one output folder: none twice, and no file where others need a folder. Pure.

use std::collections::HashSet;

/// Marks a folder as made by vmt, so that the next build may replace it. No file of a site has this path.
pub const MARK: &str = ".vmt-output";

/// The folders that the files of a site lie in. Only files go in that are in the way of none before them, so
/// what leads through a folder that is known need not be looked at again.
#[derive(Debug, Default)]
pub struct Folders(HashSet<String>);

impl Folders {
    /// Adds the folders of a file.
    pub fn add(&mut self, path: &str) {
        for folder in above(path) {
            if self.0.contains(folder) {
                break;
            }
            self.0.insert(folder.to_owned());
        }
    }

    /// Returns whether a file of this path would stand in the way of another, or another in its way, where
    /// `has` says which files there are.
    pub fn is_in_the_way(&self, path: &str, has: impl Fn(&str) -> bool) -> bool {
        let mut new = above(path).take_while(|folder| !self.0.contains(*folder));
        has(path) || self.0.contains(path) || new.any(has)
    }

    /// Returns whether a file of this path is in the way of none, whatever files there are: it is no folder, and
    /// the one that it lies in is known.
    pub fn has_room(&self, path: &str) -> bool {
        let in_known = above(path)
            .next()
            .is_none_or(|folder| self.0.contains(folder));
        in_known && !self.0.contains(path)
    }
}

/// The folders that a path leads through, the nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_no_folder_and_stands_there_once() {
        let mut folders = Folders::default();
        folders.add("a/b/c.html");
        folders.add("d");
        let has = |path: &str| ["a/b/c.html", "d"].contains(&path);
        for path in ["a", "a/b", "a/b/c.html", "d", "d/e", "a/b/c.html/x"] {
            assert!(folders.is_in_the_way(path, has), "{path}");
        }
        for path in ["a/b/c", "a/d", "b", "de", "a/b/c.html.asc", "a/e/f"] {
            assert!(!folders.is_in_the_way(path, has), "{path}");
            assert_eq!(folders.has_room(path), path != "a/e/f", "{path}");
        }
        assert!(!folders.has_room("a/b"));
    }
}
