//! Which releases hold a fix: documents and histories in, states of release lines out (pure).
//!
//! Knows no git command and no file. What counts as evidence, as a change and as a line is written
//! down in docs/release-resolution.md. Where the history cannot tell, the outcome says so and why.

mod change;
pub mod lock;
mod pair;
mod reach;
mod resolve;
mod universe;
pub mod verdict;

use std::fmt;

use chrono::NaiveDate;

use crate::diagnostic::Span;
use crate::git::CommitIndex;
use crate::model::{Affected, Document};
use crate::version::Version;
use crate::version::claim::Claim;

pub use change::Evidence;
pub use pair::{Clues, all_pairs, clues, inputs, pairs, product_of, unknown_products};
pub use reach::Reach;
pub use resolve::resolve;

/// A document and one of the products that it calls affected.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The document.
    pub document: &'a Document,
    /// Canonical name of the product.
    pub product: &'a str,
    /// The first entry of `affected-products` for the product; `None` where only the free text of a
    /// note names it.
    pub affected: Option<&'a Affected>,
    /// What the document says of versions, in its words.
    pub declared: String,
    /// Where it names the product.
    pub span: Span,
    /// What the document claims.
    pub claim: Claim,
}

/// A tag that is a version.
#[derive(Debug, Clone)]
pub struct Release {
    /// The version, in release order.
    pub version: Version,
    /// Whether it is no pre-release.
    pub is_final: bool,
    /// Its day: the tagger's clock, or the committer's for a lightweight tag.
    pub day: NaiveDate,
    /// The same in seconds since 1970.
    pub time: i64,
    /// The commit tagged.
    pub commit: CommitIndex,
    /// Label of its line: `2026.1/gazpacho`.
    pub line: String,
}

/// Releases that follow each other on one branch.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its label.
    pub name: String,
    /// Its releases by their places in [`Universe::releases`], in release order.
    pub releases: Vec<usize>,
    /// The commits of its tags, branches and end-of-life tags.
    pub tips: Vec<CommitIndex>,
    /// When its first tag was made, in seconds since 1970.
    pub opened: i64,
    /// When its last tag was made, in seconds since 1970: the end of it, unless it has a branch.
    pub last: i64,
    /// Whether a branch of its own exists today.
    pub has_branch: bool,
}

impl Line {
    fn new(name: &str) -> Line {
        Line {
            name: name.to_owned(),
            releases: Vec::new(),
            tips: Vec::new(),
            opened: i64::MAX,
            last: i64::MIN,
            has_branch: false,
        }
    }

    /// Returns whether the line got changes at a moment or later.
    pub fn lived_at(&self, time: i64) -> bool {
        self.has_branch || self.last >= time
    }
}

/// All releases and lines of a product.
#[derive(Debug, Clone, Default)]
pub struct Universe {
    /// Releases, pre-releases included, in release order.
    pub releases: Vec<Release>,
    /// Lines, the oldest first.
    pub lines: Vec<Line>,
    /// The tip of the development branch.
    pub master: Option<CommitIndex>,
}

/// What the history says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A release of the line holds the fix, an earlier one does not.
    Fixed,
    /// Every release of the line holds it: it landed before the line began.
    FromStart,
    /// A branch or end-of-life tag holds it, no release does.
    BranchOnly,
    /// No ref of the line holds it.
    Unfixed,
    /// The line began after the fix and never got it: the flaw was not in it any more.
    OutOfScope,
    /// The history cannot tell.
    Undecided,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] = [
        State::Fixed,
        State::FromStart,
        State::BranchOnly,
        State::Unfixed,
        State::OutOfScope,
        State::Undecided,
    ];

    /// Returns the word for it in the lock.
    pub fn name(self) -> &'static str {
        match self {
            State::Fixed => "fixed",
            State::FromStart => "fixed-from-start",
            State::BranchOnly => "branch-only",
            State::Unfixed => "unfixed",
            State::OutOfScope => "out-of-scope",
            State::Undecided => "undecided",
        }
    }

    /// Reads the word for it.
    pub fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What came out for one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Label of the line.
    pub line: String,
    /// Its state.
    pub state: State,
    /// The first release with the whole fix.
    pub first: Option<String>,
    /// The first tag with it, where that is a pre-release.
    pub first_tag: Option<String>,
    /// The releases without the whole fix, in release order.
    pub affected: Vec<String>,
    /// The commits of the fix that the line holds, the oldest first.
    pub commits: Vec<String>,
    /// How many of the document's changes the line holds, and of how many, where it lacks some.
    pub partial: Option<(usize, usize)>,
    /// Why the history cannot tell.
    pub reason: Option<String>,
}

/// What came out for a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// How the fix was found, in words, the strongest first.
    pub evidence: Vec<String>,
    /// Names of the changes that make up the fix.
    pub changes: Vec<String>,
    /// Every line of the product that has releases, the oldest first.
    pub lines: Vec<Outcome>,
    /// Why nothing could be resolved.
    pub unresolved: Option<String>,
}
