//! One pass over the object database: headers of commits, tags and review notes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use git2::{ObjectType, Oid};

use super::message::{self, ChangeId, Findings, Scanner, Target};
use super::{
    CommitIndex, GitError, History, REVIEW_NOTES, RawRef, Ref, Repository, Tie, begins, index,
};

/// Ids are random already: their first bytes serve as hash.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut first = [0; 8];
        let length = bytes.len().min(8);
        first[..length].copy_from_slice(&bytes[..length]);
        self.0 = u64::from_le_bytes(first);
    }
}

#[derive(PartialEq, Eq)]
struct Id([u8; 20]);

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// Reads everything below refs, straight from the object database.
pub(super) struct Reader<'a> {
    repository: &'a Repository,
    places: HashMap<Id, CommitIndex, BuildHasherDefault<IdHasher>>,
    history: History,
    trees: Vec<[u8; 20]>,
    /// What messages say of other commits; `true` is a revert.
    ties: Vec<(CommitIndex, bool, Target)>,
    scanner: Scanner,
    findings: Findings,
}

impl<'a> Reader<'a> {
    /// Starts with nothing read. Ids of advisories in messages start with `prefix`.
    pub(super) fn new(repository: &'a Repository, prefix: &str) -> Reader<'a> {
        Reader {
            repository,
            places: HashMap::default(),
            history: History::default(),
            trees: Vec::new(),
            ties: Vec::new(),
            scanner: Scanner::new(prefix),
            findings: Findings::default(),
        }
    }

    fn place(&mut self, id: [u8; 20]) -> CommitIndex {
        let next = index(self.history.ids.len());
        let place = *self.places.entry(Id(id)).or_insert(next);
        if place == next {
            self.history.ids.push(id);
        }
        place
    }

    pub(super) fn add_ref(&mut self, odb: &git2::Odb<'_>, found: &RawRef) -> Result<(), GitError> {
        let mut target = found.target;
        let mut tagged = None;
        // A tag may point at a tag.
        for _ in 0..16 {
            let oid = Oid::from_bytes(&target)
                .map_err(|error| self.repository.damaged(&found.name)(error))?;
            let object = odb.read(oid).map_err(|error| {
                self.repository
                    .damaged(format!("what `{}` points at", found.name))(error)
            })?;
            match object.kind() {
                ObjectType::Commit => {
                    let commit = self.place(target);
                    self.history.refs.push(Ref {
                        kind: found.kind,
                        name: found.name.clone(),
                        commit,
                        // Commits are not read yet: `finish` fills in their time.
                        time: tagged.unwrap_or(i64::MIN),
                    });
                    return Ok(());
                }
                ObjectType::Tag => {
                    let data = object.data();
                    tagged =
                        tagged.or_else(|| field(data, b"tagger ").and_then(|(line, _)| time(line)));
                    let Some((line, _)) = field(data, b"object ") else {
                        return Ok(());
                    };
                    target = message::hexadecimal(line).id;
                }
                // A tag of a file or a tree is no release.
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    pub(super) fn walk(&mut self, odb: &git2::Odb<'_>) -> Result<(), GitError> {
        let mut at = 0;
        while at < self.history.ids.len() {
            self.read_commit(odb, at)?;
            at += 1;
        }
        let end = index(self.history.parents.len());
        self.history.parent_starts.push(end);
        Ok(())
    }

    fn read_commit(&mut self, odb: &git2::Odb<'_>, at: usize) -> Result<(), GitError> {
        let id = self.history.ids[at];
        let oid =
            Oid::from_bytes(&id).map_err(|error| self.repository.damaged("a commit id")(error))?;
        let object = odb
            .read(oid)
            .map_err(|error| self.repository.damaged(format!("commit {oid}"))(error))?;
        let broken = |what: &str| GitError::Damaged {
            path: self.repository.path.clone(),
            what: format!("commit {oid}"),
            why: what.to_owned(),
        };
        if object.kind() != ObjectType::Commit {
            return Err(broken("it is another kind of object"));
        }
        let data = object.data();
        let (tree, mut rest) = field(data, b"tree ").ok_or_else(|| broken("it has no tree"))?;
        self.trees.push(message::hexadecimal(tree).id);
        let start = index(self.history.parents.len());
        self.history.parent_starts.push(start);
        while let Some(line) = rest.strip_prefix(b"parent ") {
            let target = message::hexadecimal(line);
            if target.digits != 40 {
                return Err(broken("a parent is no id"));
            }
            let parent = self.place(target.id);
            self.history.parents.push(parent);
            rest = line.get(41..).unwrap_or_default();
        }
        let committer = field(rest, b"committer ").and_then(|(line, _)| time(line));
        self.history
            .times
            .push(committer.ok_or_else(|| broken("it has no time"))?);
        let body = body(rest);
        let subject = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
        self.history.subjects.push(subject_digest(subject));
        self.scanner.scan(body, &mut self.findings);
        self.keep_findings(index(at));
        Ok(())
    }

    fn keep_findings(&mut self, commit: CommitIndex) {
        let Findings {
            change_ids,
            bugs,
            ids,
            picks,
            reverts,
        } = &mut self.findings;
        // A revert quotes the message that it reverts: the last Change-Id is its own.
        let own = if reverts.is_empty() {
            0
        } else {
            change_ids.len().saturating_sub(1)
        };
        let own = change_ids.drain(own..).map(|change| (commit, change));
        self.history.changes_by_commit.extend(own);
        self.history.bugs.extend(
            bugs.drain(..)
                .map(|(number, strength)| (number, commit, strength)),
        );
        self.history
            .documents
            .extend(ids.drain(..).map(|id| (id, commit)));
        self.ties
            .extend(picks.drain(..).map(|target| (commit, false, target)));
        self.ties
            .extend(reverts.drain(..).map(|target| (commit, true, target)));
    }

    /// Reads `Reviewed-on:` of every review note whose commit is in the history.
    pub(super) fn review_notes(&mut self, odb: &git2::Odb<'_>) -> Result<(), GitError> {
        let repository = self.repository;
        if repository.inner.refname_to_id(REVIEW_NOTES).is_err() {
            return Ok(());
        }
        let failed = |error| repository.damaged(REVIEW_NOTES)(error);
        for note in repository.inner.notes(Some(REVIEW_NOTES)).map_err(failed)? {
            let (blob, commit) = note.map_err(failed)?;
            let mut id = [0; 20];
            id.copy_from_slice(&commit.as_bytes()[..20]);
            let Some(commit) = self.places.get(&Id(id)).copied() else {
                continue;
            };
            let blob = odb.read(blob).map_err(failed)?;
            self.history
                .reviews
                .extend(reviewed_on(blob.data()).map(|number| (number, commit)));
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> History {
        self.drop_null_merges();
        let history = &mut self.history;
        for (commit, is_revert, target) in &self.ties {
            let found = match target.digits {
                40 => self.places.get(&Id(target.id)).copied(),
                _ => {
                    let mut found =
                        (0..history.ids.len()).filter(|at| begins(&history.ids[*at], target));
                    let first = found.next();
                    // Digits that several commits begin with name none of them.
                    first.filter(|_| found.next().is_none()).map(index)
                }
            };
            let Some(of) = found.filter(|of| of != commit) else {
                continue;
            };
            let tie = Tie {
                commit: *commit,
                of,
            };
            match is_revert {
                true => history.reverts.push(tie),
                false => history.picks.push(tie),
            }
        }
        for found in &mut history.refs {
            if found.time == i64::MIN {
                found.time = history.times[found.commit as usize];
            }
        }
        // A revert that quotes the message it reverts does not take part in the change.
        let changes: Vec<(CommitIndex, ChangeId)> = history.changes_by_commit.clone();
        let quoted = |commit: CommitIndex, change: &ChangeId| {
            let of = history
                .reverts
                .iter()
                .filter(|tie| tie.commit == commit)
                .map(|tie| tie.of);
            of.into_iter().any(|of| {
                let start = changes.partition_point(|(at, _)| *at < of);
                let own = changes[start..].iter().take_while(|(at, _)| *at == of);
                own.into_iter().any(|(_, other)| other == change)
            })
        };
        let reverting: std::collections::BTreeSet<CommitIndex> =
            history.reverts.iter().map(|tie| tie.commit).collect();
        let kept: Vec<(CommitIndex, ChangeId)> = changes
            .iter()
            .filter(|(commit, change)| !reverting.contains(commit) || !quoted(*commit, change))
            .copied()
            .collect();
        history.changes_by_commit = kept;
        let pairs = history.changes_by_commit.iter();
        history.changes = pairs.map(|(commit, change)| (*change, *commit)).collect();
        history.changes.sort_unstable();
        history.changes.dedup();
        history.bugs.sort_unstable();
        history.documents.sort_unstable();
        history.documents.dedup();
        history.picks.sort_unstable();
        history.reverts.sort_unstable();
        history.reviews.sort_unstable();
        self.history
    }

    /// Until 2016 release tags were merged back with `-s ours`: such a merge has the content of its
    /// first parent only, and must not count as holding the others.
    fn drop_null_merges(&mut self) {
        let history = &mut self.history;
        let mut former_first = HashMap::new();
        let mut parents = Vec::with_capacity(history.parents.len());
        let mut starts = Vec::with_capacity(history.parent_starts.len());
        for at in 0..history.ids.len() {
            starts.push(index(parents.len()));
            let own = &history.parents
                [history.parent_starts[at] as usize..history.parent_starts[at + 1] as usize];
            let tree = |commit: &CommitIndex| self.trees[*commit as usize];
            let is_null = own.len() > 1 && tree(&own[0]) == self.trees[at];
            // The second parent's content alone: what the first one brought is gone, unless the second
            // holds it as well.
            if let [first, second] = own
                && tree(second) == self.trees[at]
                && tree(first) != self.trees[at]
            {
                parents.push(*second);
                former_first.insert(index(at), *first);
                continue;
            }
            if is_null {
                former_first.insert(index(at), own[0]);
            }
            let keep = |(place, parent): (usize, &CommitIndex)| {
                (place == 0 || !is_null || tree(parent) == self.trees[at]).then_some(*parent)
            };
            parents.extend(own.iter().enumerate().filter_map(keep));
        }
        starts.push(index(parents.len()));
        history.former_first = former_first;
        history.parents = parents;
        history.parent_starts = starts;
    }
}

/// Finds a header line by its name, and what follows the line.
fn field<'a>(data: &'a [u8], name: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut rest = data;
    while !rest.is_empty() && rest[0] != b'\n' {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = (&rest[..end], rest.get(end + 1..).unwrap_or_default());
        if let Some(value) = line.strip_prefix(name) {
            return Some((value, after));
        }
        rest = after;
    }
    None
}

/// What follows the header lines and the blank line behind them.
fn body(mut rest: &[u8]) -> &[u8] {
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.is_empty() {
            return rest;
        }
    }
    &[]
}

/// The seconds of `Name <address> 1400000000 +0000`.
fn time(line: &[u8]) -> Option<i64> {
    let end = memchr::memrchr(b'>', line)?;
    let text = std::str::from_utf8(line.get(end + 1..)?).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

fn subject_digest(subject: &[u8]) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(subject);
    hasher.finish()
}

/// The numbers of `Reviewed-on:` lines: the last run of digits of each address.
fn reviewed_on(note: &[u8]) -> impl Iterator<Item = u32> + '_ {
    note.split(|byte| *byte == b'\n').filter_map(|line| {
        let address = std::str::from_utf8(line.strip_prefix(b"Reviewed-on:")?).ok()?;
        let address = address.trim().trim_end_matches('/');
        address.rsplit('/').next()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_are_read_from_notes() {
        let note = b"Verified+2: Someone\nReviewed-on: https://review.opendev.org/c/openstack/nova/+/123456\nProject: openstack/nova\n";
        assert_eq!(reviewed_on(note).collect::<Vec<_>>(), [123456]);
        let old = b"Reviewed-on: https://review.openstack.org/4567/\n";
        assert_eq!(reviewed_on(old).collect::<Vec<_>>(), [4567]);
    }

    #[test]
    fn header_fields_are_found_before_the_message_only() {
        let data =
            b"object 0123\ntype commit\ntagger A <a@b> 1400000000 +0200\n\ntagger B <> 1 +0000\n";
        let (line, _) = field(data, b"tagger ").expect("a tagger");
        assert_eq!(time(line), Some(1_400_000_000));
        assert_eq!(
            field(b"object 0\n\ntagger A <> 1 +0000\n", b"tagger "),
            None
        );
    }
}
