//! A claim held against what was resolved, release by release.

use std::fmt;

use chrono::NaiveDate;

use super::State;
use super::lock::{Entry, LockedProduct, LockedRelease};
use crate::version::Version;
use crate::version::claim::Claim;
use crate::version::set::VersionSet;

/// What holds for one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It lacks the fix.
    Affected,
    /// It holds the fix.
    Fixed,
    /// The flaw is not in it.
    NotAffected,
    /// Nobody can say.
    Unknown,
}

impl Status {
    /// Returns the words for it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Affected => "affected",
            Status::Fixed => "fixed",
            Status::NotAffected => "not affected",
            Status::Unknown => "cannot say",
        }
    }
}

/// What the status of a release rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The tags of the product's repository.
    Tags,
    /// The range that the document declares.
    Declared,
}

impl Basis {
    /// Returns the words for it.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Tags => "resolved from git tags",
            Basis::Declared => "declared by the document",
        }
    }
}

/// Says what holds for a release of a product, by the tags where they tell, else by the claim.
pub fn status(
    entry: &Entry,
    claim: &Claim,
    published: Option<NaiveDate>,
    release: &LockedRelease,
) -> (Status, Basis) {
    let said = || declared(claim, &release.version, published, Some(release.day));
    let Some(outcome) = entry.line(&release.line) else {
        return said();
    };
    let version = release.version.as_str();
    if outcome.partial.is_some() && !is_below(claim, &release.version) {
        // Part of a fix proves neither; only what lacks even that is affected.
        return match outcome.affected.iter().any(|affected| affected == version) {
            true => (Status::Affected, Basis::Tags),
            false => (Status::Unknown, Basis::Tags),
        };
    }
    match outcome.state {
        State::Fixed | State::BranchOnly | State::FromStart => {
            let lacks = outcome.affected.iter().any(|affected| affected == version);
            match (lacks, is_below(claim, &release.version)) {
                (true, true) => (Status::NotAffected, Basis::Declared),
                (true, false) => (Status::Affected, Basis::Tags),
                (false, _) => (Status::Fixed, Basis::Tags),
            }
        }
        // That the flaw was gone is a conclusion; the document may know better.
        State::OutOfScope => match said() {
            (Status::Affected, basis) => (Status::Affected, basis),
            _ => (Status::NotAffected, Basis::Tags),
        },
        State::Unfixed | State::Undecided => match said() {
            // A review was proposed for the line, so the flaw may well be in it.
            (Status::NotAffected, _)
                if outcome.state == State::Undecided && !is_below(claim, &release.version) =>
            {
                (Status::Unknown, Basis::Declared)
            }
            said => said,
        },
    }
}

/// Says what a claim alone makes of a version. A loose claim says nothing of what was released after
/// the document was published.
pub fn declared(
    claim: &Claim,
    version: &Version,
    published: Option<NaiveDate>,
    released: Option<NaiveDate>,
) -> (Status, Basis) {
    let later = match (published, released) {
        (Some(published), Some(released)) => released > published,
        _ => true,
    };
    let status = match claim {
        Claim::Unknown(_) => Status::Unknown,
        Claim::Loose(set) if set.contains(version) && later => Status::Unknown,
        Claim::Set(set) | Claim::Loose(set) => match set.contains(version) {
            true => Status::Affected,
            false => Status::NotAffected,
        },
    };
    (status, Basis::Declared)
}

/// Whether a version lies below everything that a claim names: then the flaw is not in it yet.
fn is_below(claim: &Claim, version: &Version) -> bool {
    claim
        .set()
        .and_then(VersionSet::lowest)
        .is_some_and(|lowest| version < lowest)
}

/// How a claim stands against the tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Both cover the same releases.
    Agrees,
    /// A release lacks the fix and is not declared.
    TooNarrow,
    /// A release holds the fix and is declared.
    TooWide,
    /// Both at once.
    Differs,
    /// The tags or the claim do not tell.
    CannotSay,
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Judgement::Agrees => "agrees",
            Judgement::TooNarrow => "too narrow",
            Judgement::TooWide => "too wide",
            Judgement::Differs => "differs",
            Judgement::CannotSay => "cannot say",
        })
    }
}

/// The outcome of holding a claim against the tags.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    /// The word.
    pub judgement: Judgement,
    /// Releases that lack the fix and are not declared.
    pub undeclared: Vec<&'a LockedRelease>,
    /// Releases that hold the fix, or never had the flaw, and are declared.
    pub unaffected: Vec<&'a LockedRelease>,
    /// What the tags do not tell, one sentence each.
    pub open: Vec<String>,
}

/// Holds a claim against the tags. Releases below the lowest version declared are no disagreement:
/// when a flaw came in is seldom known.
pub fn verdict<'a>(entry: &Entry, claim: &Claim, product: &'a LockedProduct) -> Verdict<'a> {
    let mut verdict = Verdict {
        judgement: Judgement::CannotSay,
        undeclared: Vec::new(),
        unaffected: Vec::new(),
        open: Vec::new(),
    };
    if let Some(reason) = &entry.resolution.unresolved {
        verdict.open.push(reason.clone());
        return verdict;
    }
    let declared = match claim {
        Claim::Set(set) | Claim::Loose(set) => set,
        Claim::Unknown(gap) => {
            verdict.open.push(gap.to_string());
            return verdict;
        }
    };
    let mut open: Vec<(String, Vec<&str>)> = Vec::new();
    let mut ask = |reason: String, line| match open.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, lines)) => lines.push(line),
        None => open.push((reason, vec![line])),
    };
    for outcome in &entry.resolution.lines {
        let releases = || product.of_line(&outcome.line);
        let claimed = releases().any(|release| declared.contains(&release.version));
        if let Some(reason) = outcome
            .reason
            .as_ref()
            .filter(|_| outcome.state == State::Undecided)
        {
            // A line without the fix whose releases are all declared leaves no question.
            if claimed && releases().all(|release| declared.contains(&release.version)) {
                continue;
            }
            ask(reason.clone(), outcome.line.as_str());
            continue;
        }
        if let Some((held, all)) = outcome.partial {
            ask(
                format!("the line holds {held} of {all} changes"),
                outcome.line.as_str(),
            );
            continue;
        }
        if outcome.state == State::OutOfScope && claimed && matches!(claim, Claim::Set(_)) {
            ask(
                "the line began after the fix and has none of it, yet is declared".into(),
                outcome.line.as_str(),
            );
            continue;
        }
        if outcome.state == State::Unfixed {
            // All or nothing of a line without the fix can be right; a part of it cannot.
            let partly = claimed && !releases().all(|release| declared.contains(&release.version));
            let top = releases()
                .next_back()
                .filter(|last| !declared.contains(&last.version));
            if let (true, Some(_)) = (partly, top) {
                let missing = releases().filter(|release| {
                    !declared.contains(&release.version) && !is_below(claim, &release.version)
                });
                verdict.undeclared.extend(missing);
            }
            continue;
        }
        for release in releases() {
            let lacks = outcome
                .affected
                .iter()
                .any(|version| version == release.version.as_str());
            match (lacks, declared.contains(&release.version)) {
                (true, false) if !is_below(claim, &release.version) => {
                    verdict.undeclared.push(release);
                }
                // Words without an end do not say where the fix came in.
                (false, true) if matches!(claim, Claim::Set(_)) => verdict.unaffected.push(release),
                _ => {}
            }
        }
    }
    let asked = open
        .into_iter()
        .map(|(reason, lines)| format!("{}: {reason}", lines.join(", ")));
    verdict.open.extend(asked);
    verdict.judgement = match (verdict.undeclared.is_empty(), verdict.unaffected.is_empty()) {
        (true, true) if verdict.open.is_empty() => Judgement::Agrees,
        (true, true) => Judgement::CannotSay,
        (false, true) => Judgement::TooNarrow,
        (true, false) => Judgement::TooWide,
        (false, false) => Judgement::Differs,
    };
    verdict
}
