//! Waits until the files of a workspace change (effect: watching files).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::{ServeError, Watched};

/// Quiet time after a step that may be followed by another of the same save.
const QUIET: Duration = Duration::from_millis(40);

/// Quiet time after the last step of a save: the file was closed, or moved into its place. Some time is
/// left for the next file of a change of branches.
const SETTLED: Duration = Duration::from_millis(10);

/// Longest time that a stream of changes can hold up a build.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the system said.
enum Message {
    /// Paths changed; whether the change is complete.
    Changed(Vec<PathBuf>, bool),
    /// Events were lost: anything may have changed.
    Lost,
}

/// Watches a workspace.
pub(super) struct Watcher {
    root: PathBuf,
    watched: Watched,
    system: RecommendedWatcher,
    /// Folders that the system watches for us.
    followed: BTreeSet<String>,
    messages: Receiver<Message>,
}

impl Watcher {
    /// Starts to watch.
    pub(super) fn new(root: &Path, watched: Watched) -> Result<Watcher, ServeError> {
        // The system reports paths without links and dots.
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        let (sender, messages) = mpsc::channel();
        let system = notify::recommended_watcher(move |event| {
            if let Some(message) = message(event) {
                // Nobody listens any more when the program ends.
                let _ = sender.send(message);
            }
        });
        let mut system = system.map_err(|error| failed(&root, &error))?;
        // Files at the top may be replaced and folders may come and go, which only the top shows.
        system
            .watch(&root, RecursiveMode::NonRecursive)
            .map_err(|error| failed(&root, &error))?;
        let mut watcher = Watcher {
            root,
            watched,
            system,
            followed: BTreeSet::new(),
            messages,
        };
        watcher.follow()?;
        Ok(watcher)
    }

    /// Watches what a site is made of now. Returns whether that is more or other than before.
    pub(super) fn watch(&mut self, watched: Watched) -> Result<bool, ServeError> {
        if self.watched == watched {
            return Ok(false);
        }
        self.watched = watched;
        self.follow()?;
        Ok(true)
    }

    /// Waits for changes until they are complete. Returns their paths in the workspace; none where the
    /// system lost count.
    pub(super) fn wait(&mut self) -> Result<Vec<String>, ServeError> {
        let mut changed = BTreeSet::new();
        let mut lost = false;
        let mut first = None;
        let mut quiet = QUIET;
        loop {
            let message = match first {
                None => self
                    .messages
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => self.messages.recv_timeout(quiet),
            };
            match message {
                Ok(Message::Lost) => lost = true,
                Ok(Message::Changed(paths, complete)) => {
                    let names: Vec<String> = paths
                        .iter()
                        .filter_map(|path| self.relevant(path))
                        .collect();
                    if names.is_empty() {
                        continue;
                    }
                    // The watch of a folder that was replaced is still on the old one.
                    self.followed.retain(|folder| !names.contains(folder));
                    changed.extend(names);
                    quiet = if complete { SETTLED } else { QUIET };
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(failed(&self.root, &"the watch has ended"));
                }
            }
            if first.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
                break;
            }
        }
        // Before anything is read, so that no change after the reading is missed.
        self.follow()?;
        Ok(match lost {
            true => Vec::new(),
            false => changed.into_iter().collect(),
        })
    }

    /// Asks the system to watch the folders that exist.
    fn follow(&mut self) -> Result<(), ServeError> {
        let Watched {
            documents, trees, ..
        } = &self.watched;
        let flat = documents
            .iter()
            .map(|name| (name, RecursiveMode::NonRecursive));
        let deep = trees.iter().map(|name| (name, RecursiveMode::Recursive));
        for (name, mode) in flat.chain(deep) {
            let path = self.root.join(name);
            if !path.is_dir() {
                self.followed.remove(name);
            } else if self.followed.insert(name.clone()) {
                // The old watch may be gone with its folder.
                let _ = self.system.unwatch(&path);
                match self.system.watch(&path, mode) {
                    Ok(()) => {}
                    // Removed since it was looked at: the top shows when it is back.
                    Err(_) if !path.is_dir() => {
                        self.followed.remove(name);
                    }
                    Err(error) => return Err(failed(&path, &error)),
                }
            }
        }
        Ok(())
    }

    /// Returns the name in the workspace of a path that the site is made of.
    fn relevant(&self, path: &Path) -> Option<String> {
        let name = path.strip_prefix(&self.root).ok()?;
        let name = name.to_string_lossy().replace('\\', "/");
        self.watched.concerns(&name).then_some(name)
    }
}

impl Watched {
    /// Whether a path in the workspace is part of the site.
    fn concerns(&self, name: &str) -> bool {
        let (folder, rest) = match name.split_once('/') {
            Some((folder, rest)) => (folder, Some(rest)),
            None => (name, None),
        };
        let is = |known: &String| known == folder;
        match rest {
            None => {
                self.files.iter().any(is)
                    || self.documents.iter().any(is)
                    || self.trees.iter().any(is)
            }
            // Editors keep files of their own beside a document.
            Some(file) => {
                let is_document = file.ends_with(".yaml") || file.ends_with(".yml");
                self.trees.iter().any(is) || (is_document && self.documents.iter().any(is))
            }
        }
    }
}

fn message(event: notify::Result<Event>) -> Option<Message> {
    let Ok(event) = event else {
        return Some(Message::Lost);
    };
    if event.need_rescan() {
        return Some(Message::Lost);
    }
    let complete = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        // Our own reading, above all.
        EventKind::Access(_) => return None,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => true,
        _ => false,
    };
    Some(Message::Changed(event.paths, complete))
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> ServeError {
    ServeError::Watch {
        path: path.to_path_buf(),
        error: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_site_is_made_of_concerns_it() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let watched = Watched {
            files: names(&["vmt.toml", "releases.lock"]),
            documents: names(&["advisories"]),
            trees: names(&["site", "templates"]),
        };
        for name in [
            "vmt.toml",
            "advisories",
            "advisories/OSSA-2026-001.yaml",
            "site",
            "site/style.css",
            "templates/site/base.html",
        ] {
            assert!(watched.concerns(name), "{name}");
        }
        for name in [
            "",
            "public",
            "public/index.html",
            ".git/index",
            "vmt.toml~",
            "advisories/.OSSA-2026-001.yaml.swp",
            "advisories/4913",
            "embargoed/OSSA-2026-002.yaml",
        ] {
            assert!(!watched.concerns(name), "{name}");
        }
    }
}
