//! Where a document stands between report and correction, and what is missing for its next step (pure).

use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::dates::{self, Frame, judge, later};
use crate::config::{Config, Series};
use crate::embargo::publication::History;
use crate::ledger::Ledger;
use crate::model::branch::BranchKind;
use crate::model::{Branch, Cve, Document, Kind, Patch, Placeholder};
use crate::version::expression::{Expression, Reading};

/// The states of a document, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Written in private; nobody outside was told.
    Drafted,
    /// Downstream was told.
    Notified,
    /// The hour of the disclosure has come; the document is still private here.
    Disclosed,
    /// Public.
    Published,
    /// Public, with errata.
    Corrected,
    /// Public, and taken back.
    Withdrawn,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Drafted => "drafted",
            State::Notified => "notified",
            State::Disclosed => "disclosed",
            State::Published => "published",
            State::Corrected => "corrected",
            State::Withdrawn => "withdrawn",
        })
    }
}

/// A document with its clocks.
#[derive(Debug, Clone)]
pub struct Status<'a> {
    /// The document.
    pub document: &'a Document,
    /// Where it stands.
    pub state: State,
    /// Day of the report.
    pub received: Option<NaiveDate>,
    /// Days since then.
    pub days: Option<i64>,
    /// The last day on which the embargo can end.
    pub last_day: Option<NaiveDate>,
    /// Day of the notice, planned or done.
    pub notice: Option<NaiveDate>,
    /// When the notice was sent.
    pub notified: Option<DateTime<Utc>>,
    /// When linux-distros was told.
    pub distros_notified: Option<DateTime<Utc>>,
    /// Moment of the disclosure.
    pub disclosure: Option<DateTime<Utc>>,
    /// Time until then, negative when it is over.
    pub left: Option<TimeDelta>,
    /// What is missing for the next step.
    pub missing: Vec<String>,
    /// The next step, as a command or in words.
    pub next: Option<String>,
    /// When something is due: what is sorted by.
    pub due: Option<DateTime<Utc>>,
}

impl Status<'_> {
    /// Adds what is known of an embargo that is over.
    pub fn remember(&mut self, history: &History, longest: u32) {
        self.received = history.received;
        self.days = history
            .received
            .zip(self.document.date.day)
            .map(|(received, day)| (day - received).num_days());
        self.last_day = history.received.map(|day| later(day, longest));
        self.notice = self.notice.or(history.notice);
        self.disclosure = history.disclosure;
    }
}

/// Days after publication for which a public document is looked after by itself.
const FRESH: i64 = 30;

/// Returns the state of a document.
pub fn state(document: &Document, ledger: &Ledger, now: DateTime<Utc>) -> State {
    if document.withdrawn.is_some() {
        return State::Withdrawn;
    }
    let Some(embargo) = &document.embargo else {
        let corrected = document
            .errata_history
            .iter()
            .any(|line| !line.is_original());
        return if corrected {
            State::Corrected
        } else {
            State::Published
        };
    };
    if embargo.moment().is_some_and(|moment| moment <= now) {
        return State::Disclosed;
    }
    let told = ledger
        .of_document(document.name())
        .any(|entry| entry.kind.starts_with("notice"));
    if told {
        State::Notified
    } else {
        State::Drafted
    }
}

/// Returns the status of a document at a moment.
pub fn status<'a>(
    document: &'a Document,
    ledger: &Ledger,
    config: &Config,
    now: DateTime<Utc>,
) -> Status<'a> {
    let state = state(document, ledger, now);
    let today = now.date_naive();
    let embargo = document.embargo.as_ref();
    let day = |date: &Option<crate::model::Date>| date.as_ref().and_then(|date| date.day);
    let received = embargo.and_then(|embargo| day(&embargo.received));
    let disclosure = embargo.and_then(|embargo| embargo.moment());
    let sent = |kind: &str| {
        ledger
            .first(document.name(), kind)
            .map(|entry| entry.moment)
    };
    let notified = sent("notice");
    let last_day = received.map(|day| later(day, config.embargo.longest_days));
    let mut status = Status {
        document,
        state,
        received,
        days: received.map(|received| (today - received).num_days()),
        last_day,
        notice: notified
            .map(|moment| moment.date_naive())
            .or(embargo.and_then(|embargo| day(&embargo.notice))),
        notified,
        distros_notified: sent("notice-distros"),
        disclosure,
        left: disclosure.map(|disclosure| disclosure - now),
        missing: Vec::new(),
        next: None,
        due: None,
    };
    status.missing = match embargo {
        Some(_) => missing_in_private(&status, config, now),
        None => missing_in_public(document, ledger),
    };
    status.next = next(&status);
    status.due = due(&status, config, now);
    status
}

/// Returns the status of each document that needs somebody, the soonest trouble first: the private ones,
/// and those published lately of which something is missing. Where ids are given, of these.
pub fn all<'a>(
    documents: &'a [Document],
    ids: &[String],
    ledger: &Ledger,
    config: &Config,
    now: DateTime<Utc>,
) -> Vec<Status<'a>> {
    let today = now.date_naive();
    let named = |document: &Document| {
        ids.iter()
            .any(|id| document.name().eq_ignore_ascii_case(id))
    };
    let wanted = |status: &Status<'_>| {
        let document = status.document;
        let published = document.date.day;
        let fresh = published.is_some_and(|day| (0..=FRESH).contains(&(today - day).num_days()));
        match ids {
            [] => document.is_private() || (fresh && !status.missing.is_empty()),
            _ => named(document),
        }
    };
    let mut found: Vec<Status<'_>> = documents
        .iter()
        .map(|document| status(document, ledger, config, now))
        .filter(wanted)
        .collect();
    let key = |status: &Status<'_>| {
        // What is due at no known time comes behind what is.
        (
            status.due.is_none(),
            status.due,
            status.document.name().to_owned(),
        )
    };
    found.sort_by_key(key);
    found
}

fn due(status: &Status<'_>, config: &Config, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = |day: NaiveDate| dates::at(&config.embargo, day);
    match status.state {
        State::Drafted => {
            let notice = status.notice.map(at);
            let all = [notice, status.disclosure, status.last_day.map(at)];
            all.into_iter().flatten().min()
        }
        State::Notified => status.disclosure,
        State::Disclosed => status.disclosure.or(Some(now)),
        _ if status.missing.is_empty() => None,
        _ => status.document.date.day.map(at),
    }
}

fn next(status: &Status<'_>) -> Option<String> {
    let id = status.document.name();
    Some(match status.state {
        State::Drafted if status.missing.is_empty() => format!("vmt mail send {id} --kind notice"),
        State::Notified => format!("at the hour: vmt embargo publish {id}"),
        State::Disclosed => format!("now: vmt embargo publish {id}"),
        State::Drafted => "what is missing, then the notice".to_owned(),
        _ if status.missing.is_empty() => return None,
        _ if status.document.awaits_cve() => format!("vmt cve assign {id} CVE"),
        _ => format!("vmt mail owed {id}"),
    })
}

fn missing_in_public(document: &Document, ledger: &Ledger) -> Vec<String> {
    let mut missing = Vec::new();
    let sent = |kinds: &[&str]| {
        let of_document = ledger.of_document(document.name());
        of_document
            .filter(|entry| kinds.contains(&entry.kind.as_str()))
            .count()
    };
    let (lists, oss) = match document.kind {
        Kind::Advisory => ("announce", "announce-oss-security"),
        Kind::Note => ("note", "note-oss-security"),
    };
    if sent(&[lists]) == 0 {
        missing.push("the announcement to the lists".to_owned());
    }
    if sent(&[oss]) == 0 {
        missing.push("the announcement to oss-security".to_owned());
    }
    let errata = document
        .errata_history
        .iter()
        .filter(|line| !line.is_original())
        .count();
    let told = sent(&["errata"]);
    if errata > told {
        missing.push(format!("the mail of erratum {}", told + 1));
    }
    if document.kind == Kind::Advisory && document.awaits_cve() {
        missing.push("a CVE".to_owned());
    }
    missing
}

fn missing_in_private(status: &Status<'_>, config: &Config, now: DateTime<Utc>) -> Vec<String> {
    let document = status.document;
    let mut missing = Vec::new();
    let pending = document
        .vulnerabilities
        .iter()
        .filter(|entry| entry.cve == Cve::Pending)
        .count();
    match pending {
        0 if document.kind == Kind::Advisory && document.vulnerabilities.is_empty() => {
            missing.push("a CVE".to_owned());
        }
        0 => {}
        1 => missing.push("a CVE".to_owned()),
        several => missing.push(format!("{several} CVEs")),
    }
    let unfinished = document
        .prose()
        .iter()
        .any(|(_, text)| text.value.contains("TODO"));
    if unfinished || document.title.value.contains("TODO") {
        missing.push("the description".to_owned());
    }
    if let Some(embargo) = &document.embargo {
        if embargo.reviewers.is_empty() {
            missing.push("reviewers of the description".to_owned());
        }
        missing.extend(patches_missing(
            document,
            &embargo.patches,
            config,
            now.date_naive(),
        ));
    }
    match (status.state, status.disclosure) {
        (_, None) => missing.push("a disclosure date".to_owned()),
        (State::Drafted | State::Notified, Some(moment)) => {
            let frame = Frame {
                received: status.received,
                notice: status.notice,
                told: status.notified.is_some(),
                ..Frame::default()
            };
            let mut objections = judge(&config.embargo, &frame, moment)
                .objections
                .into_iter();
            if let Some(first) = objections.next() {
                missing.push(format!("a disclosure date by the policy ({first})"));
            }
        }
        _ => {}
    }
    match status.state {
        State::Drafted if status.notice.is_some_and(|day| day < now.date_naive()) => {
            missing.push("the notice, which is overdue".to_owned());
        }
        State::Notified if status.distros_notified.is_none() => {
            missing.push("the notice to linux-distros".to_owned());
        }
        State::Disclosed => {
            if document.all_reviews().next().is_none() && document.kind == Kind::Advisory {
                missing.push("reviews of the patches".to_owned());
            }
            if Placeholder::parse(document.name()).is_some() {
                missing.push("a number".to_owned());
            }
        }
        _ => {}
    }
    missing
}

/// The series that are maintained and affected, product by product, for which no patch is there.
fn patches_missing(
    document: &Document,
    patches: &[Patch],
    config: &Config,
    today: NaiveDate,
) -> Vec<String> {
    if document.kind != Kind::Advisory {
        return Vec::new();
    }
    let day = document.date.day.unwrap_or(today);
    let mut missing = Vec::new();
    for affected in &document.affected {
        let Some(product) = config.product(&affected.product.value) else {
            missing.push("the products".to_owned());
            continue;
        };
        let Reading::Intervals(intervals) = Expression::parse(&affected.version.value).reading
        else {
            missing.push(format!("the versions of {}", product.name));
            continue;
        };
        let affects = |series: &Series| {
            let releases = config.releases_of(series, &product.name);
            releases.is_some_and(|releases| intervals.iter().any(|range| range.overlaps(&releases)))
        };
        let there = Patches {
            document,
            patches,
            config,
            product: &product.name,
        };
        let maintained = config.maintained_on(day).filter(|series| affects(series));
        let mut labels: Vec<String> = maintained
            .filter(|series| !there.for_series(series))
            .map(Series::label)
            .collect();
        // What the newest release has, the development branch has as well.
        let released = |series: &&Series| {
            let known = config.releases_of(series, &product.name).is_some();
            known && series.released.is_some_and(|released| released <= day)
        };
        let newest = config.series.iter().rfind(released);
        if newest.is_some_and(affects) && !there.for_development(day) {
            labels.push("master".to_owned());
        }
        if !labels.is_empty() {
            missing.push(format!(
                "patches of {} for {}",
                product.name,
                labels.join(", ")
            ));
        }
    }
    missing
}

/// The patches and reviews of a document for one product.
struct Patches<'a> {
    document: &'a Document,
    patches: &'a [Patch],
    config: &'a Config,
    product: &'a str,
}

impl Patches<'_> {
    /// Whether a name is the product's; no name may be any product's.
    fn is_for_it(&self, name: Option<&str>) -> bool {
        let same = |name| {
            self.config
                .product(name)
                .is_some_and(|found| found.name == self.product)
        };
        name.is_none_or(same)
    }

    fn mine(&self) -> impl Iterator<Item = &Patch> {
        let product =
            |patch: &&Patch| self.is_for_it(patch.product.as_ref().map(|text| text.value.as_str()));
        self.patches.iter().filter(product)
    }

    fn reviewed(&self, is_it: impl Fn(&Branch) -> bool) -> bool {
        let mut groups = self.document.reviews.iter();
        groups.any(|group| {
            let theirs = self.is_for_it(group.branch.product());
            theirs && !group.reviews.is_empty() && is_it(&group.branch)
        })
    }

    fn for_series(&self, series: &Series) -> bool {
        let names = [Some(series.name.as_str()), series.number.as_deref()];
        let is_it = |branch: &Branch| {
            branch
                .series()
                .is_some_and(|name| names.contains(&Some(name)))
        };
        let patched = self.mine().any(|patch| match &patch.branch {
            Some(branch) => is_it(&Branch::read(&branch.value)),
            // Names of patch files say the branch: cve-2026-1-stable-2026.1-nova.patch.
            None => names
                .into_iter()
                .flatten()
                .any(|name| patch.name().contains(name)),
        });
        patched || self.reviewed(is_it)
    }

    fn for_development(&self, day: NaiveDate) -> bool {
        let is_it = |branch: &Branch| {
            let series = branch.series().and_then(|name| self.config.series(name));
            let unreleased = series.is_some_and(|series| series.released > Some(day));
            branch.kind == BranchKind::Master || unreleased
        };
        let names = ["master", "main", "trunk"];
        let patched = self.mine().any(|patch| match &patch.branch {
            Some(branch) => is_it(&Branch::read(&branch.value)),
            None => names.iter().any(|name| patch.name().contains(name)),
        });
        patched || self.reviewed(is_it)
    }
}
