//! What a repository shows to whoever clones it: files, paths, messages, names of refs (effect: git).
//!
//! Knows no document: it hands out names and bytes.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Oid, Repository, StatusOptions};

/// Why a repository cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("git cannot read {}: {why}", .folder.display())]
pub struct ExposedError {
    /// The folder.
    pub folder: PathBuf,
    /// What libgit2 says.
    pub why: String,
    /// Whether git refuses because the repository belongs to another user.
    pub not_ours: bool,
}

/// Which commits to look at.
#[derive(Debug, Clone)]
pub enum Range {
    /// All that a ref or HEAD leads to.
    Reachable,
    /// What a push sends.
    Pushed(Vec<Pushed>),
}

/// A ref that is pushed, as git tells its `pre-push` hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Name of the ref at the other side.
    pub name: String,
    /// The commit or tag that is sent.
    pub new: String,
    /// What the other side has; zeros where it has none.
    pub old: String,
}

/// A line on stdin is none that git gives to its `pre-push` hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {0} of stdin is none that git gives to its pre-push hook")]
pub struct PushedError(usize);

impl Pushed {
    /// Reads the lines that git gives to its `pre-push` hook: local ref, its object, remote ref, its
    /// object. A deleted ref sends nothing.
    ///
    /// # Errors
    /// A line that is not such a one: nobody could tell what it would have sent.
    pub fn parse(text: &str) -> Result<Vec<Pushed>, PushedError> {
        let is_object =
            |word: &str| word.len() >= 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut found = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (new, name, old) = match words.as_slice() {
                [] => continue,
                // What is pushed may be named in words, as `HEAD~1` or `stash@{1 day ago}`.
                [_, .., new, name, old] if is_object(new) && is_object(old) => (new, name, old),
                _ => return Err(PushedError(at + 1)),
            };
            if new.bytes().any(|byte| byte != b'0') {
                found.push(Pushed {
                    name: (*name).to_owned(),
                    new: (*new).to_owned(),
                    old: (*old).to_owned(),
                });
            }
        }
        Ok(found)
    }
}

/// A piece of what is exposed.
#[derive(Debug)]
pub struct Piece<'a> {
    /// How to name it: `1a2b3c4:path` for a file, `message of 1a2b3c4`.
    pub name: &'a str,
    /// Path of a file in the repository; nothing for a message.
    pub path: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// The repository around a folder.
pub struct Exposed {
    repository: Repository,
    folder: PathBuf,
    /// Path of the folder in the repository.
    inside: PathBuf,
}

impl Exposed {
    /// Opens the repository around a folder; `None` where there is none, or it has no files.
    ///
    /// # Errors
    /// When there is one that cannot be opened.
    pub fn open(folder: &Path) -> Result<Option<Exposed>, ExposedError> {
        let repository = match Repository::discover(folder) {
            Ok(repository) => repository,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(failed(folder, &error)),
        };
        let canonical = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let inside = match repository.workdir() {
            Some(top) => canonical(folder)
                .strip_prefix(canonical(top))
                .map(Path::to_path_buf)
                .unwrap_or_default(),
            None => PathBuf::new(),
        };
        Ok(Some(Exposed {
            repository,
            folder: folder.to_path_buf(),
            inside,
        }))
    }

    fn failed(&self) -> impl Fn(git2::Error) -> ExposedError + '_ {
        |error| failed(&self.folder, &error)
    }

    /// Returns the folder of the files, where there is one.
    pub fn top(&self) -> Option<&Path> {
        self.repository.workdir()
    }

    /// Returns the path of the folder that was opened in the repository; empty for its top.
    pub fn inside(&self) -> &Path {
        &self.inside
    }

    /// Returns the folder that was opened as it lies in the main worktree, where this is a linked one.
    pub fn main_folder(&self) -> Option<PathBuf> {
        if !self.repository.is_worktree() {
            return None;
        }
        let common = self.repository.commondir();
        let main = Repository::open(common).ok()?;
        Some(main.workdir()?.join(&self.inside))
    }

    /// Returns whether older commits were never fetched.
    pub fn is_shallow(&self) -> bool {
        self.repository.is_shallow()
    }

    /// Returns the folder in which git looks for hooks.
    ///
    /// # Errors
    /// What libgit2 says of the settings.
    pub fn hooks(&self) -> Result<PathBuf, ExposedError> {
        let config = self.repository.config().map_err(self.failed())?;
        let top = self.repository.workdir().unwrap_or(self.repository.path());
        match config.get_path("core.hooksPath") {
            Ok(path) => Ok(top.join(path)),
            Err(_) => Ok(self.repository.commondir().join("hooks")),
        }
    }

    /// Returns whether git ignores a path below the folder that was opened.
    ///
    /// # Errors
    /// What libgit2 says.
    pub fn ignores(&self, path: &Path) -> Result<bool, ExposedError> {
        let path = self.inside.join(path);
        self.repository.is_path_ignored(path).map_err(self.failed())
    }

    /// Returns the files of the index below the folder that was opened, relative to it, with their bytes:
    /// what is tracked and what the next commit adds.
    ///
    /// # Errors
    /// What libgit2 says.
    pub fn staged(&self) -> Result<Vec<(String, Vec<u8>)>, ExposedError> {
        let index = self.repository.index().map_err(self.failed())?;
        let mut found = Vec::new();
        for entry in index.iter() {
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            let Ok(inside) = Path::new(&path).strip_prefix(&self.inside) else {
                continue;
            };
            // A submodule has no bytes here.
            let blob = self.repository.find_blob(entry.id);
            let bytes = blob.map(|blob| blob.content().to_vec()).unwrap_or_default();
            found.push((inside.to_string_lossy().replace('\\', "/"), bytes));
        }
        Ok(found)
    }

    /// Returns the files in the folder that was opened that are tracked, or would be with `git add`,
    /// relative to it.
    ///
    /// # Errors
    /// What libgit2 says.
    pub fn files(&self) -> Result<BTreeSet<PathBuf>, ExposedError> {
        let mut found: BTreeSet<PathBuf> = BTreeSet::new();
        let index = self.repository.index().map_err(self.failed())?;
        let mut add = |path: &[u8]| {
            let path = PathBuf::from(&*String::from_utf8_lossy(path));
            if let Ok(inside) = path.strip_prefix(&self.inside) {
                found.insert(inside.to_path_buf());
            }
        };
        index.iter().for_each(|entry| add(&entry.path));
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .include_ignored(false);
        let statuses = self
            .repository
            .statuses(Some(&mut options))
            .map_err(self.failed())?;
        statuses.iter().for_each(|entry| add(entry.path_bytes()));
        Ok(found)
    }

    /// Hands out the files below some folders of the folder that was opened, as each reachable commit has
    /// them; each content once. Paths are relative to the folder that was opened.
    ///
    /// # Errors
    /// What libgit2 says.
    pub fn history_of(
        &self,
        folders: &[&str],
        visit: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), ExposedError> {
        let mut seen = HashSet::new();
        for commit in self.commits(&Range::Reachable)? {
            let tree = self
                .repository
                .find_commit(commit)
                .and_then(|commit| commit.tree());
            let tree = tree.map_err(self.failed())?;
            for folder in folders {
                let Ok(entry) = tree.get_path(&self.inside.join(folder)) else {
                    continue;
                };
                if !seen.insert((entry.id(), (*folder).to_owned())) {
                    continue;
                }
                match entry.kind() {
                    Some(ObjectType::Tree) => {
                        self.walk(entry.id(), folder, commit, &mut seen, visit)?;
                    }
                    // A file or a submodule of that name.
                    _ => self.hand_out(entry.id(), folder, commit, visit),
                }
            }
        }
        Ok(())
    }

    /// Hands out everything of some commits: messages, files with their paths, messages of tags, names of
    /// refs. Each content is handed out once.
    ///
    /// # Errors
    /// What libgit2 says.
    pub fn everything(
        &self,
        range: &Range,
        visit: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), ExposedError> {
        let mut seen = HashSet::new();
        self.refs(range, &mut seen, visit)?;
        for id in self.commits(range)? {
            let commit = self.repository.find_commit(id).map_err(self.failed())?;
            let name = format!("message of {}", short(id));
            visit(Piece {
                name: &name,
                path: "",
                bytes: commit.raw_header_bytes(),
            });
            visit(Piece {
                name: &name,
                path: "",
                bytes: commit.message_raw_bytes(),
            });
            if seen.insert((commit.tree_id(), String::new())) {
                self.walk(commit.tree_id(), "", id, &mut seen, visit)?;
            }
        }
        Ok(())
    }

    fn refs(
        &self,
        range: &Range,
        seen: &mut HashSet<(Oid, String)>,
        visit: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), ExposedError> {
        let mut all: Vec<(String, Oid)> = Vec::new();
        match range {
            Range::Pushed(pushed) => {
                for one in pushed {
                    let id = Oid::from_str(&one.new).map_err(self.failed())?;
                    all.push((one.name.clone(), id));
                }
            }
            Range::Reachable => {
                for reference in self.repository.references().map_err(self.failed())? {
                    let reference = reference.map_err(self.failed())?;
                    let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
                    all.extend(reference.target().map(|id| (name, id)));
                }
            }
        }
        for (name, id) in all {
            visit(Piece {
                name: "the name of a ref",
                path: "",
                bytes: name.as_bytes(),
            });
            self.tagged(id, seen, visit)?;
        }
        Ok(())
    }

    /// Hands out what a ref leads to besides commits: tags of tags with their messages, and the files of
    /// what is tagged without a commit.
    fn tagged(
        &self,
        start: Oid,
        seen: &mut HashSet<(Oid, String)>,
        visit: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), ExposedError> {
        let mut id = start;
        loop {
            let object = self.repository.find_object(id, None);
            let object = object.map_err(self.failed())?;
            match object.kind() {
                Some(ObjectType::Tag) => {
                    let whole = self
                        .repository
                        .odb()
                        .and_then(|odb| odb.read(id).map(|raw| raw.data().to_vec()));
                    let name = format!("message of the tag {}", short(id));
                    visit(Piece {
                        name: &name,
                        path: "",
                        bytes: &whole.map_err(self.failed())?,
                    });
                    let tag = self.repository.find_tag(id).map_err(self.failed())?;
                    id = tag.target_id();
                }
                Some(ObjectType::Tree) => {
                    if seen.insert((id, String::new())) {
                        self.walk(id, "", id, seen, visit)?;
                    }
                    return Ok(());
                }
                Some(ObjectType::Blob) => {
                    self.hand_out(id, "", id, visit);
                    return Ok(());
                }
                _ => return Ok(()),
            }
        }
    }

    /// The commits of a range, in the order in which git meets them.
    fn commits(&self, range: &Range) -> Result<Vec<Oid>, ExposedError> {
        let mut walk = self.repository.revwalk().map_err(self.failed())?;
        match range {
            Range::Reachable => {
                // A repository without any commit has nothing to walk.
                let _ = walk.push_head();
                for reference in self.repository.references().map_err(self.failed())? {
                    let reference = reference.map_err(self.failed())?;
                    if let Ok(commit) = reference.peel_to_commit() {
                        walk.push(commit.id()).map_err(self.failed())?;
                    }
                }
            }
            Range::Pushed(all) => {
                for one in all {
                    let id = Oid::from_str(&one.new).map_err(self.failed())?;
                    let object = self.repository.find_object(id, None);
                    // A tag need not lead to a commit; that it is here is a must.
                    let object = object.map_err(self.failed())?;
                    if let Ok(commit) = object.peel_to_commit() {
                        walk.push(commit.id()).map_err(self.failed())?;
                    }
                    // What the other side has need not be here.
                    if let Ok(old) = Oid::from_str(&one.old) {
                        let _ = walk.hide(old);
                    }
                }
            }
        }
        walk.map(|id| id.map_err(self.failed())).collect()
    }

    fn walk(
        &self,
        tree: Oid,
        folder: &str,
        commit: Oid,
        seen: &mut HashSet<(Oid, String)>,
        visit: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), ExposedError> {
        let tree = self.repository.find_tree(tree).map_err(self.failed())?;
        for entry in &tree {
            let name = String::from_utf8_lossy(entry.name_bytes()).into_owned();
            let path = match folder {
                "" => name,
                folder => format!("{folder}/{name}"),
            };
            if !seen.insert((entry.id(), path.clone())) {
                continue;
            }
            match entry.kind() {
                Some(ObjectType::Tree) => self.walk(entry.id(), &path, commit, seen, visit)?,
                _ => self.hand_out(entry.id(), &path, commit, visit),
            }
        }
        Ok(())
    }

    fn hand_out(&self, id: Oid, path: &str, commit: Oid, visit: &mut dyn FnMut(Piece<'_>)) {
        // A submodule has no bytes here, but a path.
        let blob = self.repository.find_blob(id);
        let bytes = blob.as_ref().map(git2::Blob::content).unwrap_or_default();
        let name = format!("{}:{path}", short(commit));
        visit(Piece {
            name: &name,
            path,
            bytes,
        });
    }
}

fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

fn failed(folder: &Path, error: &git2::Error) -> ExposedError {
    ExposedError {
        folder: folder.to_path_buf(),
        why: error.message().to_owned(),
        not_ours: error.code() == ErrorCode::Owner,
    }
}
