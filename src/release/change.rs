//! The commits that fix a flaw, and the changes that they make up.
//!
//! A *change* is what a person did once, however many branches it was put on: commits with one
//! Change-Id, a commit and its cherry-picks, or, inside one document, commits with the same rare
//! subject. A squashed backport provides several changes, which stay apart.

use std::collections::BTreeMap;

use super::pair::Clues;
use crate::git::message::{ChangeId, Strength};
use crate::git::{CommitIndex, History};

/// How a fix was found. The strongest kind that finds anything is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The document names the commit or Change-Id.
    Explicit,
    /// A review that the document lists became the commit.
    Review,
    /// The message closes a bug of the document.
    Closes,
    /// The message names a bug of the document.
    Names,
    /// The message names the CVE or the document.
    Id,
    /// The message calls a bug of the document related.
    Related,
}

impl Evidence {
    /// Returns the word for it in the lock.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Explicit => "named by the document",
            Evidence::Review => "listed review",
            Evidence::Closes => "closes a bug",
            Evidence::Names => "names a bug",
            Evidence::Id => "names the CVE or the document",
            Evidence::Related => "relates to a bug",
        }
    }
}

/// A commit that is part of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The commit.
    pub commit: CommitIndex,
    /// The changes that it provides, by their places in [`Fix::changes`].
    pub changes: Vec<usize>,
}

/// The fix of one flaw in one product.
#[derive(Debug, Default)]
pub(super) struct Fix {
    /// How it was found.
    pub evidence: Vec<Evidence>,
    /// A name for each change: its Change-Id, or its first commit.
    pub changes: Vec<String>,
    /// The commits, in the order of the history.
    pub members: Vec<Member>,
}

/// A subject that more commits than this have says nothing ("Fix tests", "Merge").
const RARE: usize = 40;

/// Returns what the document names under `fixes` that the history does not have.
pub(super) fn missing<'a>(clues: &'a Clues, history: &History) -> Option<&'a str> {
    let commit = |digits: &&str| history.commit(digits).is_none();
    let change = |text: &&str| {
        change_id(text).is_none_or(|change| history.with_change(&change).next().is_none())
    };
    clues.fixes.iter().find_map(|fix| {
        let commits = [fix.commit.as_deref(), fix.introduced.as_deref()]
            .into_iter()
            .flatten();
        let changes = fix.change_id.as_deref().into_iter();
        commits.filter(commit).chain(changes.filter(change)).next()
    })
}

/// Finds the fix that clues lead to; `None` when nothing does.
pub(super) fn find(clues: &Clues, history: &History) -> Option<Fix> {
    let (evidence, seeds) = seeds(clues, history)?;
    let mut group = Group::default();
    for seed in seeds {
        group.add(seed, history);
    }
    group.join_subjects(history);
    let mut fix = group.finish(history);
    fix.evidence = evidence;
    Some(fix)
}

/// A Gerrit Change-Id with its `I`.
fn change_id(text: &str) -> Option<ChangeId> {
    let target = crate::git::message::hexadecimal(text.strip_prefix('I')?.as_bytes());
    (target.digits == 40).then_some(target.id)
}

fn seeds(clues: &Clues, history: &History) -> Option<(Vec<Evidence>, Vec<CommitIndex>)> {
    let is_merge = |commit: &CommitIndex| history.merged_into(*commit).is_some();
    let mut explicit = Vec::new();
    for fix in &clues.fixes {
        explicit.extend(
            fix.commit
                .as_deref()
                .and_then(|digits| history.commit(digits)),
        );
        let change = fix.change_id.as_deref().and_then(change_id);
        explicit.extend(change.iter().flat_map(|change| history.with_change(change)));
    }
    if !explicit.is_empty() {
        return Some((vec![Evidence::Explicit], explicit));
    }
    let mut reviews = Vec::new();
    for review in &clues.reviews {
        match (review.number.parse(), change_id(&review.number)) {
            (Ok(number), _) => reviews.extend(history.with_review(number)),
            (_, Some(change)) => reviews.extend(history.with_change(&change)),
            _ => {}
        }
    }
    let mut named: BTreeMap<Strength, Vec<CommitIndex>> = BTreeMap::new();
    for bug in &clues.bugs {
        for (commit, strength) in history.with_bug(*bug) {
            named.entry(strength).or_default().push(commit);
        }
    }
    for commits in named.values_mut() {
        commits.retain(|commit| !is_merge(commit));
        drop_undoings(commits, history);
    }
    reviews.retain(|commit| !is_merge(commit));
    let closing = named.remove(&Strength::Closing).unwrap_or_default();
    let mut strong = Vec::new();
    strong.extend((!reviews.is_empty()).then_some(Evidence::Review));
    strong.extend((!closing.is_empty()).then_some(Evidence::Closes));
    if !strong.is_empty() {
        reviews.extend(closing);
        return Some((strong, reviews));
    }
    let by_id = || -> Vec<CommitIndex> {
        let found = clues.ids.iter().flat_map(|id| history.with_document(id));
        found.filter(|commit| !is_merge(commit)).collect()
    };
    let weak = [
        (
            Evidence::Names,
            named.remove(&Strength::Plain).unwrap_or_default(),
        ),
        (Evidence::Id, by_id()),
        (
            Evidence::Related,
            named.remove(&Strength::Related).unwrap_or_default(),
        ),
    ];
    let (evidence, commits) = weak.into_iter().find(|(_, commits)| !commits.is_empty())?;
    Some((vec![evidence], commits))
}

/// Drops the commits that revert another one of the list: they undo the fix. A revert of something
/// else may well be the fix.
fn drop_undoings(commits: &mut Vec<CommitIndex>, history: &History) {
    let all = commits.clone();
    commits.retain(|commit| {
        let start = history.reverts.partition_point(|tie| tie.commit < *commit);
        let own = history.reverts[start..]
            .iter()
            .take_while(|tie| tie.commit == *commit);
        !own.into_iter().any(|tie| all.contains(&tie.of))
    });
}

/// What identifies a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Change(ChangeId),
    Commit(CommitIndex),
}

/// Commits with the keys of the changes that they provide; keys may turn out to be one change.
#[derive(Default)]
struct Group {
    members: BTreeMap<CommitIndex, Vec<Key>>,
    same: BTreeMap<Key, Key>,
}

impl Group {
    fn root(&self, key: Key) -> Key {
        let mut key = key;
        while let Some(next) = self.same.get(&key) {
            key = *next;
        }
        key
    }

    fn join(&mut self, a: Key, b: Key) {
        let (a, b) = (self.root(a), self.root(b));
        if a != b {
            // The lower key stands for both, so that the outcome has no order of arrival.
            self.same.insert(a.max(b), a.min(b));
        }
    }

    /// Adds a commit, and every other commit of its changes.
    fn add(&mut self, seed: CommitIndex, history: &History) {
        let mut waiting = vec![seed];
        while let Some(commit) = waiting.pop() {
            if self.members.contains_key(&commit) {
                continue;
            }
            let mut keys: Vec<Key> = history.changes_of(commit).map(Key::Change).collect();
            let start = history.picks.partition_point(|tie| tie.commit < commit);
            let sources: Vec<CommitIndex> = history.picks[start..]
                .iter()
                .take_while(|tie| tie.commit == commit)
                .map(|tie| tie.of)
                .collect();
            let copies = history
                .picks
                .iter()
                .filter(|tie| tie.of == commit)
                .map(|tie| tie.commit);
            waiting.extend(copies.chain(sources.iter().copied()));
            for key in &keys {
                if let Key::Change(change) = key {
                    let others = history.with_change(change);
                    waiting.extend(others.filter(|other| history.merged_into(*other).is_none()));
                }
            }
            if keys.is_empty() {
                keys.push(Key::Commit(commit));
            }
            if let ([source], [key]) = (sources.as_slice(), keys.as_slice()) {
                let theirs: Vec<Key> = history.changes_of(*source).map(Key::Change).collect();
                match theirs.as_slice() {
                    [] => self.join(*key, Key::Commit(*source)),
                    [only] => self.join(*key, *only),
                    // A cherry-pick of a squashed commit provides all of it.
                    several => {
                        let several = several.to_vec();
                        keys.extend(several);
                    }
                }
            }
            self.members.insert(commit, keys);
        }
    }

    /// Joins changes whose commits share a subject that is rare in the whole history. Before 2014
    /// branches often carry different Change-Ids for one change.
    fn join_subjects(&mut self, history: &History) {
        let mut by_subject: BTreeMap<u64, Vec<Key>> = BTreeMap::new();
        for (commit, keys) in &self.members {
            if let [key] = keys.as_slice() {
                by_subject
                    .entry(history.subject(*commit))
                    .or_default()
                    .push(*key);
            }
        }
        for (subject, keys) in by_subject {
            let differ = keys.iter().any(|key| self.root(*key) != self.root(keys[0]));
            if differ && history.subject_uses(subject) <= RARE {
                for key in &keys {
                    self.join(keys[0], *key);
                }
            }
        }
    }

    fn finish(self, history: &History) -> Fix {
        let mut changes: Vec<Key> = Vec::new();
        let mut members = Vec::new();
        for (commit, keys) in &self.members {
            let mut provided: Vec<usize> = keys
                .iter()
                .map(|key| {
                    let root = self.root(*key);
                    changes
                        .iter()
                        .position(|other| *other == root)
                        .unwrap_or_else(|| {
                            changes.push(root);
                            changes.len() - 1
                        })
                })
                .collect();
            provided.sort_unstable();
            provided.dedup();
            members.push(Member {
                commit: *commit,
                changes: provided,
            });
        }
        let name = |key: Key| match key {
            Key::Change(id) => {
                let mut text = String::from("I");
                for byte in id {
                    text.push_str(&format!("{byte:02x}"));
                }
                text
            }
            Key::Commit(commit) => history.id(commit),
        };
        Fix {
            evidence: Vec::new(),
            changes: changes.into_iter().map(name).collect(),
            members,
        }
    }
}
