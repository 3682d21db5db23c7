//! What a document says, as types: advisory, note and their parts.
//!
//! Knows no field name and no foreign format. Every text keeps its place, so that any later check
//! can point at a word. A value that history wrote in a form without a type is kept as text, with
//! `None` beside it, and never refused.

pub mod branch;
pub mod id;

use chrono::{DateTime, NaiveDate, Utc};

use crate::diagnostic::{FileId, Span};
use crate::tree::Style;
pub use branch::Branch;
pub use id::{Cve, Id, Placeholder};

/// A text with its place and the way it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text, decoded.
    pub value: String,
    /// Where it stands in the file.
    pub span: Span,
    /// How it was written, which says how places in it map to the file.
    pub style: Style,
}

impl Text {
    /// An empty text at a place, for a field that is missing.
    pub fn missing(span: Span) -> Text {
        Text {
            value: String::new(),
            span: Span {
                end: span.start,
                ..span
            },
            style: Style::Plain,
        }
    }

    /// Returns whether nothing but white space is there.
    pub fn is_blank(&self) -> bool {
        self.value.trim().is_empty()
    }
}

/// A day as written, and as read where it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// As written.
    pub text: Text,
    /// The day, when the text is an ISO 8601 date.
    pub day: Option<NaiveDate>,
}

impl Date {
    /// Reads a text as a day.
    pub fn read(text: Text) -> Date {
        let day = NaiveDate::parse_from_str(text.value.trim(), "%Y-%m-%d")
            .ok()
            .filter(|_| text.value.trim().len() == 10);
        Date { text, day }
    }
}

/// The two kinds of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A security advisory: a flaw, with its fix.
    Advisory,
    /// A security note: a risk to act on, often without a fix.
    Note,
}

impl Kind {
    /// Both kinds.
    pub const ALL: [Kind; 2] = [Kind::Advisory, Kind::Note];

    /// Returns the word for it with its article.
    pub fn with_article(self) -> &'static str {
        match self {
            Kind::Advisory => "an advisory",
            Kind::Note => "a note",
        }
    }

    /// Returns the word for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Advisory => "advisory",
            Kind::Note => "note",
        }
    }
}

/// A product and the versions of it that are affected.
#[derive(Debug, Clone)]
pub struct Affected {
    /// Name of the product as written.
    pub product: Text,
    /// The version expression as written (`version::expression` reads it).
    pub version: Text,
}

/// The CVSS2 rating that documents of 2011 to 2015 carry.
#[derive(Debug, Clone)]
pub struct Impact {
    /// Who rated.
    pub source: Option<Text>,
    /// The word.
    pub rating: Option<Text>,
    /// Scoring system, such as `CVSS2`.
    pub system: Option<Text>,
    /// Base score.
    pub score: Option<Text>,
    /// Vector.
    pub vector: Option<Text>,
}

// A corpus is in memory as a whole: what few documents have is in boxes.

/// One vulnerability of a document.
#[derive(Debug, Clone)]
pub struct Vulnerability {
    /// The whole entry.
    pub span: Span,
    /// Its CVE as written; `None` when the entry names none.
    pub text: Option<Text>,
    /// What the text says: an id, that one is awaited, or neither.
    pub cve: Cve,
    /// CVSS vector, 3.1 or 4.0.
    pub cvss: Option<Text>,
    /// Score that goes with the vector, where given.
    pub score: Option<Text>,
    /// Weakness ids (CWE).
    pub cwe: Vec<Text>,
    /// Free remark.
    pub note: Option<Text>,
    /// Old rating.
    pub impact: Option<Box<Impact>>,
    /// Old weakness text, such as `CWE-20->CWE-22`.
    pub classification: Option<Box<Text>>,
}

/// Someone who reported a vulnerability.
#[derive(Debug, Clone)]
pub struct Reporter {
    /// Name as it shall be credited.
    pub name: Text,
    /// Organisation.
    pub affiliation: Option<Text>,
    /// The CVEs that the person reported, as written.
    pub reported: Vec<Text>,
}

/// A link to a bug, with what stands behind the address (`(CVE-2026-1)`).
#[derive(Debug, Clone)]
pub struct Link {
    /// The text as written.
    pub text: Text,
}

impl Link {
    /// Returns the address: the text up to the first blank.
    pub fn url(&self) -> &str {
        self.parts().0
    }

    /// Returns the rest, without blanks around it.
    pub fn remark(&self) -> Option<&str> {
        Some(self.parts().1).filter(|remark| !remark.is_empty())
    }

    fn parts(&self) -> (&str, &str) {
        let trimmed = self.text.value.trim();
        let cut = trimmed.split_once(char::is_whitespace);
        cut.map_or((trimmed, ""), |(url, remark)| (url, remark.trim()))
    }
}

/// A change under review, or merged: one patch of a fix.
#[derive(Debug, Clone)]
pub struct Review {
    /// Its address.
    pub link: Link,
    /// What few say besides.
    pub more: Option<Box<ReviewDetails>>,
}

/// What a document may say of a change besides its address.
#[derive(Debug, Clone)]
pub struct ReviewDetails {
    /// Product, where the entry says so.
    pub product: Option<Text>,
    /// Commit.
    pub commit: Option<Text>,
    /// Gerrit Change-Id.
    pub change_id: Option<Text>,
    /// Addresses of changes that must be there first.
    pub requires: Vec<Text>,
    /// Addresses of changes that must be applied together with it.
    pub with: Vec<Text>,
    /// Number of the erratum that brought it.
    pub errata: Option<Text>,
    /// Digest of the patch file.
    pub sha256: Option<Text>,
}

impl Review {
    /// Returns what is said besides the address.
    pub fn details(&self) -> &ReviewDetails {
        static NOTHING: ReviewDetails = ReviewDetails {
            product: None,
            commit: None,
            change_id: None,
            requires: Vec::new(),
            with: Vec::new(),
            errata: None,
            sha256: None,
        };
        self.more.as_deref().unwrap_or(&NOTHING)
    }
}

/// The patches of one branch.
#[derive(Debug, Clone)]
pub struct ReviewGroup {
    /// The branch as written.
    pub key: Text,
    /// The branch as read.
    pub branch: Branch,
    /// The patches in the order to apply them.
    pub reviews: Vec<Review>,
}

/// Evidence for the fix, stronger than a search of the history.
#[derive(Debug, Clone)]
pub struct Fix {
    /// Product.
    pub product: Text,
    /// Gerrit Change-Id.
    pub change_id: Option<Text>,
    /// Commit.
    pub commit: Option<Text>,
    /// Commit that brought the flaw.
    pub introduced: Option<Text>,
}

/// A link with a description, from a note's references.
#[derive(Debug, Clone)]
pub struct Reference {
    /// What it leads to.
    pub description: Option<Text>,
    /// Its address as written.
    pub url: Text,
}

/// One line of an errata history.
#[derive(Debug, Clone)]
pub struct Revision {
    /// As written, such as `2026-04-29 - Errata 1`.
    pub text: Text,
    /// The day, where the line starts with one.
    pub day: Option<NaiveDate>,
    /// What stands behind the day.
    pub label: String,
}

impl Revision {
    /// Reads a line.
    pub fn read(text: Text) -> Revision {
        let line = text.value.trim();
        let day = line
            .get(..10)
            .and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok());
        let label = day
            .map_or(line, |_| &line[10..])
            .trim_start_matches([' ', '-', ':', '–']);
        Revision {
            label: label.trim().to_owned(),
            day,
            text,
        }
    }

    /// Returns whether this line stands for the first publication.
    pub fn is_original(&self) -> bool {
        self.label.to_lowercase().contains("original")
    }
}

/// The block that makes a document private.
#[derive(Debug, Clone)]
pub struct Embargo {
    /// Day of reception.
    pub received: Option<Date>,
    /// Day on which downstream is told, planned or done.
    pub notice: Option<Date>,
    /// Moment of disclosure as written (RFC 3339).
    pub disclosure: Option<Text>,
    /// Who reviewed the impact description.
    pub reviewers: Vec<Text>,
    /// Patch files in the order to apply them.
    pub patches: Vec<Patch>,
    /// Whether recipients of a notice may deploy the patches before the disclosure; `None` where
    /// nobody said.
    pub deploy_early: Option<Text>,
    /// Further terms for recipients of a notice, in Markdown.
    pub terms: Option<Text>,
    /// What recipients of the notice were told since, the newest first.
    pub updates: Vec<Revision>,
}

impl Embargo {
    /// Returns the moment of disclosure, where the text is one.
    pub fn moment(&self) -> Option<DateTime<Utc>> {
        let text = self.disclosure.as_ref()?.value.trim();
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|moment| moment.to_utc())
    }
}

/// A patch file that goes with a notice.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Path, relative to the folder of the document.
    pub file: Text,
    /// Product that it is for.
    pub product: Option<Text>,
    /// Branch that it is for, as written.
    pub branch: Option<Text>,
    /// Files that must be applied first.
    pub requires: Vec<Text>,
    /// Files that must be applied together with it.
    pub with: Vec<Text>,
    /// SHA-256 of the file, where it was pinned.
    pub sha256: Option<Text>,
}

impl Patch {
    /// Returns the name under which the file is attached: without folders.
    pub fn name(&self) -> &str {
        let path = self.file.value.trim();
        path.rsplit('/').next().unwrap_or(path)
    }
}

/// A finding that the document's author accepts.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Rule id.
    pub rule: Text,
    /// Why.
    pub reason: Text,
}

/// What an advisory has beyond the common parts.
#[derive(Debug, Clone)]
pub struct AdvisoryBody {
    /// What is wrong, for whom, and who reported it.
    pub description: Text,
    /// What to do where the fix cannot be applied.
    pub workarounds: Option<Text>,
    /// Evidence for the fixes.
    pub fixes: Vec<Fix>,
    /// Remarks.
    pub notes: Vec<Text>,
    /// The mail that announced it, in documents of 2011 to 2013.
    pub reference: Option<Text>,
}

/// What a note has beyond the common parts.
#[derive(Debug, Clone)]
pub struct NoteBody {
    /// What is affected, in free text, an item a line.
    pub services: Vec<Text>,
    /// The risk in short.
    pub summary: Text,
    /// The risk in full.
    pub discussion: Text,
    /// What to do.
    pub actions: Text,
    /// People to thank.
    pub credits: Vec<Text>,
    /// Further reading.
    pub references: Vec<Reference>,
    /// Who wrote it.
    pub authors: Vec<Text>,
}

/// What only one of the kinds has.
#[derive(Debug, Clone)]
pub enum Body {
    /// An advisory's.
    Advisory(Box<AdvisoryBody>),
    /// A note's.
    Note(Box<NoteBody>),
}

/// An advisory or a note.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file that it was read from.
    pub file: FileId,
    /// Advisory or note.
    pub kind: Kind,
    /// The id as written.
    pub id_text: Text,
    /// The id, when it has the form of one.
    pub id: Option<Id>,
    /// Day of publication.
    pub date: Date,
    /// Title, one line of plain text.
    pub title: Text,
    /// Products and versions.
    pub affected: Vec<Affected>,
    /// Vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Reporters.
    pub reporters: Vec<Reporter>,
    /// Bugs.
    pub issues: Vec<Link>,
    /// Patches by branch.
    pub reviews: Vec<ReviewGroup>,
    /// How a deployer finds out whether a deployment is affected.
    pub how_to_check: Option<Text>,
    /// What changed since publication.
    pub errata: Option<Text>,
    /// When it changed.
    pub errata_history: Vec<Revision>,
    /// Present while the document is private.
    pub embargo: Option<Box<Embargo>>,
    /// Day of withdrawal.
    pub withdrawn: Option<Date>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// What only its kind has.
    pub body: Body,
}

impl Document {
    /// Returns the id as shown: the text as written.
    pub fn name(&self) -> &str {
        self.id_text.value.trim()
    }

    /// Returns whether the document must not reach a public output.
    pub fn is_private(&self) -> bool {
        self.embargo.is_some()
    }

    /// Returns the advisory's own parts.
    pub fn advisory(&self) -> Option<&AdvisoryBody> {
        match &self.body {
            Body::Advisory(body) => Some(body),
            Body::Note(_) => None,
        }
    }

    /// Returns the note's own parts.
    pub fn note(&self) -> Option<&NoteBody> {
        match &self.body {
            Body::Note(body) => Some(body),
            Body::Advisory(_) => None,
        }
    }

    /// Returns the prose fields with their names, in reading order.
    pub fn prose(&self) -> Vec<(&'static str, &Text)> {
        let mut found = Vec::new();
        if let Some(errata) = &self.errata {
            found.push(("errata", errata));
        }
        if let Some(check) = &self.how_to_check {
            found.push(("how-to-check", check));
        }
        match &self.body {
            Body::Advisory(body) => {
                found.push(("description", &body.description));
                found.extend(body.workarounds.iter().map(|text| ("workarounds", text)));
                found.extend(body.notes.iter().map(|text| ("notes", text)));
            }
            Body::Note(body) => {
                found.push(("summary", &body.summary));
                found.push(("discussion", &body.discussion));
                found.push(("recommended-actions", &body.actions));
            }
        }
        found
    }

    /// Returns every review with the group that it stands in.
    pub fn all_reviews(&self) -> impl Iterator<Item = (&ReviewGroup, &Review)> {
        self.reviews
            .iter()
            .flat_map(|group| group.reviews.iter().map(move |review| (group, review)))
    }

    /// Returns the CVE ids that are assigned, in the order written.
    pub fn cves(&self) -> impl Iterator<Item = &str> {
        self.vulnerabilities
            .iter()
            .filter_map(|vulnerability| vulnerability.cve.id())
    }

    /// Returns whether a CVE of the document is still awaited. An advisory without any
    /// vulnerability awaits one; a note may have none.
    pub fn awaits_cve(&self) -> bool {
        let listed = self
            .vulnerabilities
            .iter()
            .any(|entry| entry.cve == Cve::Pending);
        listed || (self.kind == Kind::Advisory && self.vulnerabilities.is_empty())
    }
}
