//! Git repositories made by tests, commit by commit.

use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{Oid, Repository, Signature, Time};

use crate::env::TestEnv;

/// A bare repository in a folder of clones, under the name of a product.
pub(crate) struct Product {
    repository: Repository,
    path: PathBuf,
}

/// 1 January 2024, in seconds since 1970.
pub(crate) const START: i64 = 1_704_067_200;

/// A day in seconds.
pub(crate) const DAY: i64 = 86_400;

impl Product {
    /// An empty repository.
    pub(crate) fn new(clones: &Path, name: &str) -> Product {
        let path = clones.join(format!("{name}.git"));
        let repository = Repository::init_bare(&path).expect("a repository");
        Product { repository, path }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a commit on some days after [`START`], with files of its own beside its first parent's.
    pub(crate) fn commit(
        &self,
        parents: &[Oid],
        message: &str,
        day: i64,
        files: &[(&str, &str)],
    ) -> Oid {
        let find = |id: &Oid| self.repository.find_commit(*id).expect("a parent");
        let parents: Vec<_> = parents.iter().map(find).collect();
        let mut builder = git2::build::TreeUpdateBuilder::new();
        for (path, text) in files {
            let blob = self.repository.blob(text.as_bytes()).expect("a blob");
            builder.upsert(*path, blob, git2::FileMode::Blob);
        }
        let empty = || {
            let tree = self
                .repository
                .treebuilder(None)
                .and_then(|builder| builder.write())
                .expect("a tree");
            self.repository.find_tree(tree).expect("the tree")
        };
        let base = parents
            .first()
            .map_or_else(empty, |parent| parent.tree().expect("a tree"));
        let tree = builder
            .create_updated(&self.repository, &base)
            .expect("a tree");
        let tree = self.repository.find_tree(tree).expect("the tree");
        self.write(&parents, message, day, &tree)
    }

    /// Makes a merge that keeps the content of its first parent: `git merge -s ours`.
    pub(crate) fn null_merge(&self, first: Oid, second: Oid, day: i64) -> Oid {
        let find = |id: Oid| self.repository.find_commit(id).expect("a parent");
        let parents = [find(first), find(second)];
        let tree = parents[0].tree().expect("a tree");
        self.write(&parents, "Merge tag", day, &tree)
    }

    fn write(
        &self,
        parents: &[git2::Commit<'_>],
        message: &str,
        day: i64,
        tree: &git2::Tree<'_>,
    ) -> Oid {
        let who = Signature::new("A", "a@example.org", &Time::new(START + day * DAY, 0))
            .expect("a signature");
        let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
        self.repository
            .commit(None, &who, &who, message, tree, &parents)
            .expect("a commit")
    }

    /// Sets a branch.
    pub(crate) fn branch(&self, name: &str, commit: Oid) {
        self.repository
            .reference(&format!("refs/heads/{name}"), commit, true, "test")
            .expect("a branch");
    }

    /// Makes a lightweight tag.
    pub(crate) fn tag(&self, name: &str, commit: Oid) {
        self.repository
            .reference(&format!("refs/tags/{name}"), commit, true, "test")
            .expect("a tag");
    }

    /// Makes an annotated tag on a day.
    pub(crate) fn annotated(&self, name: &str, commit: Oid, day: i64) {
        let who = Signature::new("A", "a@example.org", &Time::new(START + day * DAY, 0))
            .expect("a signature");
        let object = self
            .repository
            .find_object(commit, None)
            .expect("an object");
        self.repository
            .tag(name, &object, &who, "release", true)
            .expect("a tag");
    }

    /// Notes which review a commit came from, as Gerrit does.
    pub(crate) fn review(&self, commit: Oid, number: u32) {
        let who = Signature::new("A", "a@example.org", &Time::new(START, 0)).expect("a signature");
        let text = format!(
            "Verified+2: CI\nReviewed-on: https://review.opendev.org/c/example/product/+/{number}\nBranch: refs/heads/master\n"
        );
        self.repository
            .note(&who, &who, Some("refs/notes/review"), commit, &text, true)
            .expect("a note");
    }
}

/// Runs the git program.
#[track_caller]
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .expect("the git program runs");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A workspace in a git repository, with a private document that is not committed.
pub(crate) fn repository(private: &str) -> TestEnv {
    let env = TestEnv::workspace();
    git(env.path(), &["init", "-q", "-b", "main"]);
    git(env.path(), &["config", "user.email", "a@example.org"]);
    git(env.path(), &["config", "user.name", "A Name"]);
    git(env.path(), &["add", "."]);
    git(env.path(), &["commit", "-qm", "Start"]);
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", private);
    env
}
