//! From fixes and lines to the state of each line.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;

use super::change::{self, Fix};
use super::pair::{Clues, ListedReview};
use super::reach::Reach;
use super::{Line, Outcome, Resolution, State, Universe};
use crate::git::{CommitIndex, History};

/// A change whose first commit is so much later than the document's last revision is a follow-up.
const FOLLOW_UP_DAYS: u64 = 45;

/// Resolves all documents of one product at once. `touches_code` says whether a commit changes more
/// than tests and texts, where its trees are known.
pub fn resolve(
    history: &History,
    universe: &Universe,
    clues: &[Clues],
    touches_code: &dyn Fn(CommitIndex) -> Option<bool>,
) -> Vec<Resolution> {
    let fixes: Vec<Option<Fix>> = clues
        .iter()
        .map(|clues| change::find(clues, history))
        .collect();
    let introduced: Vec<Vec<CommitIndex>> = clues
        .iter()
        .map(|clues| introducing(clues, history))
        .collect();
    let asked = Asked::new(history, &fixes, &introduced);
    clues
        .iter()
        .zip(&fixes)
        .zip(&introduced)
        .map(|((clues, fix), introduced)| match fix {
            _ if change::missing(clues, history).is_some() => Resolution {
                evidence: Vec::new(),
                changes: Vec::new(),
                lines: Vec::new(),
                unresolved: change::missing(clues, history).map(|what| {
                    format!("`{what}`, which the document names, is not in the history")
                }),
            },
            Some(fix) => {
                let case = Case::new(
                    history,
                    universe,
                    clues,
                    fix,
                    &asked,
                    introduced,
                    touches_code,
                );
                case.resolution()
            }
            None => Resolution {
                evidence: Vec::new(),
                changes: Vec::new(),
                lines: Vec::new(),
                unresolved: Some(nothing_found(clues)),
            },
        })
        .collect()
}

fn nothing_found(clues: &Clues) -> String {
    let bugs: Vec<String> = clues.bugs.iter().map(ToString::to_string).collect();
    match bugs.as_slice() {
        [] => "the document names no bug, and no commit names its ids; name the fix under `fixes`"
            .into(),
        bugs => format!(
            "no commit names bug {}; name the fix under `fixes`",
            bugs.join(" or ")
        ),
    }
}

/// The commits that brought a flaw, on every branch.
fn introducing(clues: &Clues, history: &History) -> Vec<CommitIndex> {
    let mut found = BTreeSet::new();
    for named in clues
        .fixes
        .iter()
        .filter_map(|fix| fix.introduced.as_deref())
    {
        let Some(commit) = history.commit(named) else {
            continue;
        };
        found.insert(commit);
        for change in history.changes_of(commit) {
            found.extend(history.with_change(&change));
        }
    }
    found.into_iter().collect()
}

/// The commits that reachability is asked for, and the reverts among them.
struct Asked {
    reach: Reach,
    bits: BTreeMap<CommitIndex, usize>,
    /// The commits that revert a commit, or another commit of its change.
    undone_by: BTreeMap<CommitIndex, Vec<CommitIndex>>,
}

impl Asked {
    fn new(history: &History, fixes: &[Option<Fix>], introduced: &[Vec<CommitIndex>]) -> Asked {
        let mut wanted: BTreeSet<CommitIndex> = introduced.iter().flatten().copied().collect();
        let members = fixes.iter().flatten().flat_map(|fix| &fix.members);
        wanted.extend(members.map(|member| member.commit));
        // Reverts of what is wanted are wanted, and so are reverts of those.
        let mut undone_by: BTreeMap<CommitIndex, Vec<CommitIndex>> = BTreeMap::new();
        let mut waiting: Vec<CommitIndex> = wanted.iter().copied().collect();
        let mut by_target: BTreeMap<CommitIndex, Vec<CommitIndex>> = BTreeMap::new();
        for tie in &history.reverts {
            by_target.entry(tie.of).or_default().push(tie.commit);
        }
        while let Some(commit) = waiting.pop() {
            let siblings: BTreeSet<CommitIndex> = history
                .changes_of(commit)
                .flat_map(|change| history.with_change(&change).collect::<Vec<_>>())
                .chain([commit])
                .collect();
            let reverts: BTreeSet<CommitIndex> = siblings
                .iter()
                .filter_map(|sibling| by_target.get(sibling))
                .flatten()
                .copied()
                .collect();
            for revert in &reverts {
                if wanted.insert(*revert) {
                    waiting.push(*revert);
                }
            }
            if !reverts.is_empty() {
                undone_by.insert(commit, reverts.into_iter().collect());
            }
        }
        let of_merges: Vec<(CommitIndex, CommitIndex)> = history
            .reverts
            .iter()
            .filter(|tie| history.merged_into(tie.of).is_some())
            .map(|tie| (tie.commit, tie.of))
            .collect();
        wanted.extend(of_merges.iter().map(|(revert, _)| *revert));
        let wanted: Vec<CommitIndex> = wanted.into_iter().collect();
        let bits: BTreeMap<CommitIndex, usize> = wanted
            .iter()
            .enumerate()
            .map(|(bit, commit)| (*commit, bit))
            .collect();
        let reach = Reach::new(history, &wanted);
        // Reverting a merge undoes what came in with it: all that the merge holds and its first
        // parent does not.
        for (revert, merge) in of_merges {
            let Some(first) = history.merged_into(merge) else {
                continue;
            };
            for (commit, bit) in &bits {
                if *commit != revert && reach.holds(merge, *bit) && !reach.holds(first, *bit) {
                    undone_by.entry(*commit).or_default().push(revert);
                }
            }
        }
        Asked {
            reach,
            bits,
            undone_by,
        }
    }

    fn holds(&self, tip: CommitIndex, commit: CommitIndex) -> bool {
        self.bits
            .get(&commit)
            .is_some_and(|bit| self.reach.holds(tip, *bit))
    }

    /// Whether a tip holds a commit, and nothing in it undid the commit afterwards. A revert counts
    /// when it descends from the commit, and is not undone itself.
    fn is_live(&self, tip: CommitIndex, commit: CommitIndex) -> bool {
        self.holds(tip, commit)
            && !self
                .undone_by
                .get(&commit)
                .into_iter()
                .flatten()
                .any(|revert| {
                    *revert != commit && self.holds(*revert, commit) && self.is_live(tip, *revert)
                })
    }
}

/// One pair being resolved.
struct Case<'a> {
    history: &'a History,
    universe: &'a Universe,
    clues: &'a Clues,
    fix: &'a Fix,
    asked: &'a Asked,
    introduced: &'a [CommitIndex],
    /// The changes that count, by their places in the fix.
    counting: BTreeSet<usize>,
    /// When the first commit of the fix was made.
    first_fix: i64,
}

impl<'a> Case<'a> {
    fn new(
        history: &'a History,
        universe: &'a Universe,
        clues: &'a Clues,
        fix: &'a Fix,
        asked: &'a Asked,
        introduced: &'a [CommitIndex],
        touches_code: &dyn Fn(CommitIndex) -> Option<bool>,
    ) -> Case<'a> {
        let mut case = Case {
            history,
            universe,
            clues,
            fix,
            asked,
            introduced,
            counting: BTreeSet::new(),
            first_fix: i64::MAX,
        };
        let all: BTreeSet<usize> = (0..fix.changes.len()).collect();
        let limit = clues
            .last_day
            .and_then(|day| day.checked_add_days(Days::new(FOLLOW_UP_DAYS)))
            .and_then(|day| day.and_hms_opt(0, 0, 0))
            .map_or(i64::MAX, |moment| moment.and_utc().timestamp());
        let is_code = |change: &usize| {
            case.commits_of(*change)
                .any(|commit| touches_code(commit) != Some(false))
        };
        let code: BTreeSet<usize> = all.iter().copied().filter(is_code).collect();
        let code = if code.is_empty() { all } else { code };
        let in_time: BTreeSet<usize> = code
            .iter()
            .copied()
            .filter(|change| case.begun(*change) <= limit)
            .collect();
        case.counting = if in_time.is_empty() { code } else { in_time };
        case.first_fix = case
            .counting
            .iter()
            .map(|change| case.begun(*change))
            .min()
            .unwrap_or(i64::MAX);
        case
    }

    fn commits_of(&self, change: usize) -> impl Iterator<Item = CommitIndex> + '_ {
        let provides = move |member: &&change::Member| member.changes.contains(&change);
        self.fix
            .members
            .iter()
            .filter(provides)
            .map(|member| member.commit)
    }

    /// When the first commit of a change was made.
    fn begun(&self, change: usize) -> i64 {
        let times = self
            .commits_of(change)
            .map(|commit| self.history.time(commit));
        times.min().unwrap_or(i64::MAX)
    }

    /// The changes that count and that a tip holds.
    fn provided(&self, tip: CommitIndex) -> BTreeSet<usize> {
        let live = |change: &usize| {
            self.commits_of(*change)
                .any(|commit| self.asked.is_live(tip, commit))
        };
        self.counting.iter().copied().filter(live).collect()
    }

    /// Whether a tip holds a commit of the fix that was undone in it.
    fn was_undone(&self, tip: CommitIndex) -> bool {
        let counts = |member: &&change::Member| {
            member
                .changes
                .iter()
                .any(|change| self.counting.contains(change))
        };
        self.fix.members.iter().filter(counts).any(|member| {
            self.asked.holds(tip, member.commit) && !self.asked.is_live(tip, member.commit)
        })
    }

    fn holds_flaw(&self, tip: CommitIndex) -> bool {
        self.introduced.is_empty()
            || self
                .introduced
                .iter()
                .any(|commit| self.asked.holds(tip, *commit))
    }

    fn resolution(&self) -> Resolution {
        let required: Vec<BTreeSet<usize>> = self
            .universe
            .lines
            .iter()
            .map(|line| {
                line.tips
                    .iter()
                    .flat_map(|tip| self.provided(*tip))
                    .collect()
            })
            .collect();
        let mut all: BTreeSet<usize> = required.iter().flatten().copied().collect();
        let on_master = self
            .universe
            .master
            .map(|tip| self.provided(tip))
            .unwrap_or_default();
        let master_fixed = !on_master.is_empty();
        all.extend(on_master);
        let evidence = self
            .fix
            .evidence
            .iter()
            .map(|evidence| evidence.name().to_owned())
            .collect();
        let changes = all
            .iter()
            .map(|change| self.fix.changes[*change].clone())
            .collect();
        if all.is_empty() {
            return Resolution {
                evidence,
                changes,
                lines: Vec::new(),
                unresolved: Some(
                    "every commit of the fix was reverted, or lies on no branch or tag of a line"
                        .into(),
                ),
            };
        }
        let newest_fixed = required.iter().rposition(|required| !required.is_empty());
        let oldest_fixed = required.iter().position(|required| !required.is_empty());
        let lines = self
            .universe
            .lines
            .iter()
            .zip(&required)
            .enumerate()
            .filter_map(|(at, (line, required))| {
                let newer_than_fixed = oldest_fixed.is_some_and(|oldest| at > oldest);
                let fixed_later = newest_fixed.is_some_and(|newest| at < newest) || master_fixed;
                self.outcome(line, required, &all, newer_than_fixed, fixed_later)
            })
            .collect();
        Resolution {
            evidence,
            changes,
            lines,
            unresolved: None,
        }
    }

    /// `None` for a line that has no release.
    fn outcome(
        &self,
        line: &Line,
        required: &BTreeSet<usize>,
        all: &BTreeSet<usize>,
        newer_than_fixed: bool,
        fixed_later: bool,
    ) -> Option<Outcome> {
        let release = |at: &usize| &self.universe.releases[*at];
        let finals: Vec<usize> = line
            .releases
            .iter()
            .copied()
            .filter(|at| release(at).is_final)
            .collect();
        if finals.is_empty() {
            return None;
        }
        let is_fixed = |at: &usize| required.is_subset(&self.provided(release(at).commit));
        let name = |at: &usize| release(at).version.to_string();
        let listed = self.is_listed(line);
        let mut outcome = Outcome {
            line: line.name.clone(),
            state: State::Unfixed,
            first: None,
            first_tag: None,
            affected: Vec::new(),
            commits: self.commits_on(line),
            partial: None,
            reason: None,
        };
        if required.is_empty() {
            let affected = finals
                .iter()
                .filter(|at| self.holds_flaw(release(at).commit));
            outcome.affected = affected.map(name).collect();
            let none_holds_flaw = outcome.affected.is_empty();
            if none_holds_flaw {
                outcome.state = State::OutOfScope;
                outcome.affected.clear();
            } else if listed {
                outcome.state = State::Undecided;
                outcome.reason = Some(
                    "the document lists a review for this line, and no ref of it holds the change"
                        .into(),
                );
            } else if line.opened > self.first_fix && fixed_later {
                // A commit keeps the day of its last upload, which may be months before it was merged.
                outcome.state = State::Undecided;
                outcome.reason = Some(
                    "the line began after the first commit of the fix, holds none of it, and what follows the line does"
                        .into(),
                );
            } else if line.opened > self.first_fix {
                outcome.state = State::OutOfScope;
                outcome.affected.clear();
            } else if newer_than_fixed && line.lived_at(self.first_fix) {
                outcome.state = State::Undecided;
                outcome.reason =
                    Some("the line was open when an older one was fixed, holds none of the changes, and has no review in the document".into());
            }
            return Some(outcome);
        }
        let affected = finals
            .iter()
            .filter(|at| !is_fixed(at) && self.holds_flaw(release(at).commit));
        outcome.affected = affected.map(name).collect();
        // A line that lost the fix and got it back is fixed from the second time on.
        let last_affected = finals
            .iter()
            .rposition(|at| !is_fixed(at) && self.holds_flaw(release(at).commit));
        let lasting =
            last_affected.and_then(|last| finals[last + 1..].iter().find(|at| is_fixed(at)));
        // One that ends without the fix has a first release with it only where two trains ran side by
        // side: then the last one never had it.
        let lost = last_affected.is_some_and(|last| self.was_undone(release(&finals[last]).commit));
        let first = lasting.or_else(|| finals.iter().find(|at| is_fixed(at) && !lost));
        outcome.first = first.map(name);
        let first_tag = line.releases.iter().find(|at| is_fixed(at));
        outcome.first_tag = first_tag.filter(|at| !release(at).is_final).map(name);
        outcome.state = match finals.iter().filter(|at| is_fixed(at)).count() {
            0 => State::BranchOnly,
            count if count == finals.len() => State::FromStart,
            _ => State::Fixed,
        };
        if lost && outcome.state == State::Fixed && first.is_none() {
            outcome.reason =
                Some("the fix was reverted on the line, and its last release lacks it".into());
        }
        let fewer_than_listed = required.len() < self.listed_reviews(line, true);
        let unlisted = !listed && line.opened <= self.first_fix;
        let lacks_some = required.len() < all.len() && (unlisted || fewer_than_listed);
        if lacks_some {
            outcome.partial = Some((required.len(), all.len()));
        }
        Some(outcome)
    }

    fn commits_on(&self, line: &Line) -> Vec<String> {
        let on_line = |commit: &CommitIndex| {
            line.tips
                .iter()
                .any(|tip| self.asked.is_live(*tip, *commit))
        };
        let counts = |member: &&change::Member| {
            member
                .changes
                .iter()
                .any(|change| self.counting.contains(change))
        };
        let mut commits: Vec<CommitIndex> = self
            .fix
            .members
            .iter()
            .filter(counts)
            .map(|member| member.commit)
            .filter(on_line)
            .collect();
        commits.sort_by_key(|commit| (self.history.time(*commit), *commit));
        commits
            .into_iter()
            .map(|commit| self.history.id(commit))
            .collect()
    }

    /// Whether the document lists a review for the line.
    fn is_listed(&self, line: &Line) -> bool {
        self.listed_reviews(line, false) > 0
    }

    /// How many reviews the document lists for the line; with `own`, those that say they are for this
    /// product.
    fn listed_reviews(&self, line: &Line, own: bool) -> usize {
        let names = |review: &&ListedReview| {
            let series = review.series.as_deref();
            (review.is_own || !own)
                && series.is_some_and(|series| line.name.rsplit('/').next() == Some(series))
        };
        let numbers = self
            .clues
            .reviews
            .iter()
            .filter(names)
            .map(|review| &review.number);
        numbers.collect::<BTreeSet<_>>().len()
    }
}
