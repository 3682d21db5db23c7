//! The history of a product: commits, refs and what messages say, as plain data (effect: git).
//!
//! Knows no advisory. The whole history is read once, straight from the object database: ids,
//! parents, times, trees and what [`message`] finds; no commit object is kept.

pub mod exposed;
pub mod message;
mod read;
pub mod sync;
pub mod tree;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ErrorClass, ErrorCode, ObjectType, Oid};

use message::{ChangeId, Strength, Target};
use read::Reader;

/// A commit by its place in a [`History`].
pub type CommitIndex = u32;

/// Why a history cannot be read. Nothing is concluded from a history that was read in part.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no repository.
    #[error("{} is no git repository: {why}", .path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What libgit2 says.
        why: String,
    },
    /// The clone lacks old commits.
    #[error("{} is a shallow clone: it lacks old commits, so no release could be judged", .0.display())]
    Shallow(PathBuf),
    /// No branch and no tag is there.
    #[error("{} has no branch and no tag: fetching it was not finished, or it is the wrong one", .0.display())]
    Empty(PathBuf),
    /// The repository uses a form that libgit2 cannot read (SHA-256 ids, reftable).
    #[error("{} has a form that cannot be read: {why}", .path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// What libgit2 says.
        why: String,
    },
    /// An object is missing or broken.
    #[error("{} is damaged: {what}: {why}", .path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What was looked for.
        what: String,
        /// What libgit2 says.
        why: String,
    },
}

impl GitError {
    /// Returns how to mend it.
    pub fn help(&self) -> &'static str {
        match self {
            GitError::Open { why, .. } if why.contains("owner") || why.contains("owned") => {
                "git trusts clones of other users only when told: `git config --global --add safe.directory PATH`"
            }
            GitError::Open { .. } => {
                "`vmt releases sync` makes the clones; `--repo PRODUCT=PATH` uses one of yours"
            }
            GitError::Shallow(_) => {
                "run `git fetch --unshallow` in it, or `vmt releases sync` for a clone of its own"
            }
            GitError::Empty(_) => "run `vmt releases sync` again, or name the right clone",
            GitError::Format { .. } => {
                "give a clone with SHA-1 ids and plain refs (`git clone --ref-format=files`), or let `vmt releases sync` make one"
            }
            GitError::Damaged { .. } => {
                "run `git fsck` in it; delete it and run `vmt releases sync` to fetch it anew"
            }
        }
    }
}

/// What a ref is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefKind {
    /// Of `refs/heads`.
    Branch,
    /// Of `refs/tags`.
    Tag,
}

/// A ref before its object is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RawRef {
    /// Branch or tag.
    pub kind: RefKind,
    /// Name without `refs/heads/` or `refs/tags/`.
    pub name: String,
    target: [u8; 20],
}

/// A branch or tag that leads to a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Branch or tag.
    pub kind: RefKind,
    /// Name without `refs/heads/` or `refs/tags/`.
    pub name: String,
    /// The commit.
    pub commit: CommitIndex,
    /// Seconds since 1970: the tagger's for an annotated tag, else the committer's.
    pub time: i64,
}

/// Commits that a message ties to another commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    /// The commit whose message says so.
    pub commit: CommitIndex,
    /// The commit named.
    pub of: CommitIndex,
}

/// A whole history. Commits are numbered in the order in which they were met.
#[derive(Debug, Default)]
pub struct History {
    ids: Vec<[u8; 20]>,
    times: Vec<i64>,
    parent_starts: Vec<u32>,
    parents: Vec<CommitIndex>,
    subjects: Vec<u64>,
    changes_by_commit: Vec<(CommitIndex, ChangeId)>,
    /// First parents of merges that hold nothing of them that the second parent does not.
    former_first: HashMap<CommitIndex, CommitIndex>,
    /// Every ref that leads to a commit, by kind and name.
    pub refs: Vec<Ref>,
    /// Change-Ids with the commits that carry them, sorted.
    pub changes: Vec<(ChangeId, CommitIndex)>,
    /// Bug numbers with the commits that name them, sorted.
    pub bugs: Vec<(u32, CommitIndex, Strength)>,
    /// Ids of CVEs and advisories with the commits that name them, sorted.
    pub documents: Vec<(String, CommitIndex)>,
    /// Cherry-picks of commits that are here, sorted.
    pub picks: Vec<Tie>,
    /// Reverts of commits that are here, sorted.
    pub reverts: Vec<Tie>,
    /// Numbers of reviews with the commits that they became, from `refs/notes/review`, sorted.
    pub reviews: Vec<(u32, CommitIndex)>,
}

impl History {
    /// Returns how many commits there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether there is no commit.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the id of a commit in hexadecimal digits.
    pub fn id(&self, commit: CommitIndex) -> String {
        hexadecimal(&self.ids[commit as usize])
    }

    /// Returns when a commit was made, in seconds since 1970 (the committer's clock).
    pub fn time(&self, commit: CommitIndex) -> i64 {
        self.times[commit as usize]
    }

    /// Returns the parents of a commit whose content it holds.
    pub fn parents(&self, commit: CommitIndex) -> &[CommitIndex] {
        let at = commit as usize;
        &self.parents[self.parent_starts[at] as usize..self.parent_starts[at + 1] as usize]
    }

    /// Returns the first parent of a merge, `None` for any other commit.
    pub fn merged_into(&self, commit: CommitIndex) -> Option<CommitIndex> {
        let former = self.former_first.get(&commit).copied();
        former.or_else(|| match self.parents(commit) {
            [first, _, ..] => Some(*first),
            _ => None,
        })
    }

    /// Returns a digest of a commit's subject line.
    pub fn subject(&self, commit: CommitIndex) -> u64 {
        self.subjects[commit as usize]
    }

    /// Returns how many commits have a subject.
    pub fn subject_uses(&self, subject: u64) -> usize {
        self.subjects
            .iter()
            .filter(|other| **other == subject)
            .count()
    }

    /// Returns the Change-Ids of a commit.
    pub fn changes_of(&self, commit: CommitIndex) -> impl Iterator<Item = ChangeId> {
        let start = self
            .changes_by_commit
            .partition_point(|(at, _)| *at < commit);
        let rest = self.changes_by_commit[start..].iter();
        rest.take_while(move |(at, _)| *at == commit)
            .map(|(_, change)| *change)
    }

    /// Returns the commits of a Change-Id.
    pub fn with_change(&self, change: &ChangeId) -> impl Iterator<Item = CommitIndex> {
        let start = self.changes.partition_point(|(other, _)| other < change);
        let rest = self.changes[start..].iter();
        rest.take_while(move |(other, _)| other == change)
            .map(|(_, commit)| *commit)
    }

    /// Returns the commits that name a bug, and how.
    pub fn with_bug(&self, number: u32) -> impl Iterator<Item = (CommitIndex, Strength)> {
        let start = self.bugs.partition_point(|(other, ..)| *other < number);
        let rest = self.bugs[start..].iter();
        rest.take_while(move |(other, ..)| *other == number)
            .map(|(_, commit, strength)| (*commit, *strength))
    }

    /// Returns the commits that name a CVE or an advisory.
    pub fn with_document<'a>(&'a self, id: &'a str) -> impl Iterator<Item = CommitIndex> + 'a {
        let start = self
            .documents
            .partition_point(|(other, _)| other.as_str() < id);
        let rest = self.documents[start..].iter();
        rest.take_while(move |(other, _)| other == id)
            .map(|(_, commit)| *commit)
    }

    /// Returns the commits that a review became.
    pub fn with_review(&self, number: u32) -> impl Iterator<Item = CommitIndex> {
        let start = self.reviews.partition_point(|(other, _)| *other < number);
        let rest = self.reviews[start..].iter();
        rest.take_while(move |(other, _)| *other == number)
            .map(|(_, commit)| *commit)
    }

    /// Returns the commit whose id begins with digits; `None` when none does, or several do.
    pub fn commit(&self, digits: &str) -> Option<CommitIndex> {
        let target = message::hexadecimal(digits.as_bytes());
        if usize::from(target.digits) != digits.len() || target.digits < 7 {
            return None;
        }
        let mut found = (0..self.ids.len()).filter(|at| begins(&self.ids[*at], &target));
        let first = found.next()?;
        found.next().is_none().then(|| index(first))
    }

    /// Returns all commits, parents before children.
    pub fn parents_first(&self) -> Vec<CommitIndex> {
        let mut children = vec![0u32; self.len()];
        for parent in &self.parents {
            children[*parent as usize] += 1;
        }
        let mut order: Vec<CommitIndex> = (0..index(self.len()))
            .filter(|commit| children[*commit as usize] == 0)
            .collect();
        let mut at = 0;
        while at < order.len() {
            let commit = order[at];
            at += 1;
            for parent in self.parents(commit) {
                let waiting = &mut children[*parent as usize];
                *waiting -= 1;
                if *waiting == 0 {
                    order.push(*parent);
                }
            }
        }
        order.reverse();
        order
    }
}

fn begins(id: &[u8; 20], target: &Target) -> bool {
    let (whole, half) = (usize::from(target.digits / 2), target.digits % 2 == 1);
    id[..whole] == target.id[..whole] && (!half || id[whole] >> 4 == target.id[whole] >> 4)
}

fn index(at: usize) -> CommitIndex {
    CommitIndex::try_from(at).unwrap_or(CommitIndex::MAX)
}

fn hexadecimal(id: &[u8]) -> String {
    use std::fmt::Write as _;
    id.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes libgit2 fit for reading: no cache that is never asked twice, no second hashing of what git
/// hashed when it fetched, and partial clones, whose commits are all there.
#[allow(unsafe_code)]
fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        git2::opts::enable_caching(false);
        git2::opts::strict_hash_verification(false);
        // SAFETY: the setting is global and not synchronised by libgit2; `Once` makes every other
        // use of libgit2 in this process (all of them through this function) wait for it.
        let _ = unsafe { git2::opts::set_extensions(&["partialclone"]) };
    });
}

/// An open repository.
pub struct Repository {
    inner: git2::Repository,
    path: PathBuf,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens a clone, bare or not.
    ///
    /// # Errors
    /// `Open`, `Format` or `Shallow`.
    pub fn open(path: &Path) -> Result<Repository, GitError> {
        prepare();
        let path = path.to_path_buf();
        let inner = match git2::Repository::open(&path) {
            Ok(inner) => inner,
            Err(error) => {
                let why = error.message().to_owned();
                let form = error.code() != ErrorCode::NotFound
                    && (why.contains("extension")
                        || why.contains("version")
                        || why.contains("format"));
                return Err(match form {
                    true => GitError::Format { path, why },
                    false => GitError::Open { path, why },
                });
            }
        };
        if inner.is_shallow() {
            return Err(GitError::Shallow(path));
        }
        Ok(Repository { inner, path })
    }

    fn damaged(&self, what: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
        let (path, what) = (self.path.clone(), what.into());
        move |error| match error.class() {
            ErrorClass::Repository => GitError::Format {
                path,
                why: error.message().to_owned(),
            },
            _ => GitError::Damaged {
                path,
                what,
                why: error.message().to_owned(),
            },
        }
    }

    /// Lists the branches and tags, by kind and name. Other refs (`refs/pull/…` of mirrors) are not
    /// part of a history.
    ///
    /// # Errors
    /// `Damaged` when a ref cannot be read.
    pub fn refs(&self) -> Result<Vec<RawRef>, GitError> {
        let mut refs = Vec::new();
        for found in self.inner.references().map_err(self.damaged("its refs"))? {
            let found = found.map_err(self.damaged("a ref"))?;
            let Ok(name) = found.name() else { continue };
            let (kind, name) = match (
                name.strip_prefix("refs/heads/"),
                name.strip_prefix("refs/tags/"),
            ) {
                (Some(name), _) => (RefKind::Branch, name),
                (_, Some(name)) => (RefKind::Tag, name),
                _ => continue,
            };
            // A symbolic ref says nothing that the ref it leads to does not say.
            let Some(target) = found.target() else {
                continue;
            };
            let mut raw = [0; 20];
            raw.copy_from_slice(&target.as_bytes()[..20]);
            refs.push(RawRef {
                kind,
                name: name.to_owned(),
                target: raw,
            });
        }
        if refs.is_empty() {
            return Err(GitError::Empty(self.path.clone()));
        }
        refs.sort();
        Ok(refs)
    }

    /// Returns a digest of refs and of the review notes: what a reading depends on.
    ///
    /// # Errors
    /// `Damaged` when no digest can be made.
    pub fn digest(&self, refs: &[RawRef]) -> Result<String, GitError> {
        let mut bytes = Vec::new();
        for found in refs {
            bytes.extend_from_slice(&found.target);
            bytes.push(b'0' + found.kind as u8);
            bytes.extend_from_slice(found.name.as_bytes());
            bytes.push(b'\n');
        }
        if let Ok(notes) = self.inner.refname_to_id(REVIEW_NOTES) {
            bytes.extend_from_slice(notes.as_bytes());
        }
        digest(&bytes).ok_or_else(|| GitError::Damaged {
            path: self.path.clone(),
            what: "its refs".into(),
            why: "no digest can be made of them".into(),
        })
    }

    /// Reads the whole history below refs. Ids of advisories in messages start with `prefix`.
    ///
    /// # Errors
    /// `Damaged` when anything below a ref is missing or broken.
    pub fn read(&self, refs: &[RawRef], prefix: &str) -> Result<History, GitError> {
        let odb = self.inner.odb().map_err(self.damaged("its objects"))?;
        let mut reader = Reader::new(self, prefix);
        for found in refs {
            reader.add_ref(&odb, found)?;
        }
        reader.walk(&odb)?;
        reader.review_notes(&odb)?;
        Ok(reader.finish())
    }

    /// Returns the id of the commit that a tag leads to.
    pub fn tagged(&self, tag: &str) -> Option<String> {
        let found = self
            .inner
            .find_reference(&format!("refs/tags/{tag}"))
            .ok()?;
        found
            .peel_to_commit()
            .ok()
            .map(|commit| commit.id().to_string())
    }

    /// Returns whether a commit changes anything besides release notes, documentation and tests;
    /// `None` when its trees are not here (a treeless clone) or are empty.
    pub fn touches_code(&self, history: &History, commit: CommitIndex) -> Option<bool> {
        let oid = Oid::from_bytes(&history.ids[commit as usize]).ok()?;
        let commit = self.inner.find_commit(oid).ok()?;
        let tree = commit.tree().ok().filter(|tree| !tree.is_empty())?;
        let before = match commit.parent(0) {
            Ok(parent) => Some(parent.tree().ok()?),
            Err(_) => None,
        };
        let diff = self
            .inner
            .diff_tree_to_tree(before.as_ref(), Some(&tree), None)
            .ok()?;
        let mut any = false;
        for delta in diff.deltas() {
            any = true;
            let path = delta.new_file().path().or(delta.old_file().path())?;
            if is_code(&path.to_string_lossy()) {
                return Some(true);
            }
        }
        any.then_some(false)
    }
}

/// Where Gerrit keeps which review a commit came from.
const REVIEW_NOTES: &str = "refs/notes/review";

fn is_code(path: &str) -> bool {
    let aside = |part: &str| {
        matches!(
            part,
            "releasenotes" | "doc" | "docs" | "tests" | "test" | "api-ref" | "api-guide"
        )
    };
    !path.split('/').any(aside) && !path.ends_with(".rst") && !path.ends_with(".md")
}

/// Returns a digest of bytes in hexadecimal digits (git's own, SHA-1: it tells changes, it does not
/// guard against forgery).
pub fn digest(bytes: &[u8]) -> Option<String> {
    Oid::hash_object(ObjectType::Blob, bytes)
        .ok()
        .map(|id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn release_notes_and_tests_are_not_code() {
        assert!(is_code("nova/compute/manager.py"));
        assert!(is_code("setup.cfg"));
        assert!(!is_code("nova/tests/unit/test_x.py"));
        assert!(!is_code("releasenotes/notes/fix-1.yaml"));
        assert!(!is_code("doc/source/index.rst"));
    }
}
