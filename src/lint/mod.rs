//! Checks that a schema cannot make: one file a rule, one row a rule in [`RULES`].
//!
//! Knows no output. A rule file holds its `static CODE` and its `fn check`; the table says what it
//! looks at. Severity settings, waivers and start dates are applied here, so no rule knows of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::config::Config;
use crate::corpus::Corpus;
use crate::diagnostic::{Code, Diagnostic, Example, FileId, Severity, Span, did_you_mean};
use crate::model::{Affected, Document, Id, Review, ReviewGroup, Text};
use crate::release::Pair;
use crate::release::lock::{Entry, Lock, LockedProduct, LockedRelease};
use crate::release::verdict::{Verdict, verdict};
use crate::source::Sources;
use crate::tree::locate;
use crate::tree::yaml::quote;
use crate::version::expression::{Expression, FaultKind};
use crate::workspace::Workspace;
use crate::{config, embargo, import, release, shape, source, tree};

mod action_missing;
mod affiliation_differs;
mod affiliation_placeholder;
mod author_missing;
mod bare_version;
mod branch_dialect;
mod bound_not_released;
mod branch_empty;
mod clause_spacing;
mod control_character;
mod credit_missing;
mod cve_in_future;
mod cve_in_two_documents;
mod cve_malformed;
mod cve_pending;
mod cve_repeated;
mod cve_unlisted;
mod cvss_invalid;
mod cvss_score_differs;
mod cwe_malformed;
mod date_in_future;
mod date_malformed;
mod date_not_original;
mod date_on_weekend;
mod dead_address;
mod disclosure_off_policy;
mod duplicate_id;
mod embargo_dates;
mod empty_range;
mod errata_without_history;
mod history_malformed;
mod history_unordered;
mod history_without_errata;
mod id_file_name;
mod id_gap;
mod id_malformed;
mod id_year;
mod issue_repeated;
mod legacy_field;
mod mention_unknown;
mod mention_withdrawn;
mod note_repeated;
mod overlapping_ranges;
mod personal_data;
mod placeholder_text;
mod product_case;
mod product_repeated;
mod product_unknown;
mod range_too_narrow;
mod range_too_wide;
mod range_without_review;
mod reference_not_a_link;
mod reporter_cve_unlisted;
mod reporter_uncredited;
mod retyped_scalar;
mod review_outside_range;
mod review_repeated;
mod review_without_range;
mod releases_outdated;
mod releases_undecided;
mod rst_markup;
mod security_txt_expires;
mod series_misspelt;
mod series_number_differs;
mod series_unknown;
mod series_without_review;
mod several_products;
mod single_equals;
mod tab_character;
mod text_after_cve;
mod text_after_url;
mod text_empty;
mod title_length;
mod title_lower_case;
mod title_stop;
mod title_without_product;
mod trailing_space;
mod unclosed_literal;
mod unknown_tracker;
mod unordered_ranges;
mod url_insecure;
mod url_malformed;
mod verbatim_line_too_long;
mod version_by_series;
mod version_comma;
mod version_in_words;
mod version_placeholder;
mod version_unreadable;
mod vulnerability_missing;
mod table;

pub mod reference;

pub use table::RULES;

/// One rule.
pub struct Rule {
    /// Its identity.
    pub code: &'static Code,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at.
pub enum Check {
    /// One document at a time, with the corpus around it.
    Document(for<'a> fn(&Context<'a>, &'a Document) -> Vec<Diagnostic>),
    /// All documents together.
    Corpus(fn(&Context<'_>) -> Vec<Diagnostic>),
}

/// What a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// All documents.
    pub corpus: &'a Corpus,
    /// Settings.
    pub config: &'a Config,
    /// Text of every file.
    pub sources: &'a Sources,
    /// What was resolved of the documents' releases.
    pub lock: &'a Lock,
    /// The pairs of each document, with what the lock says of them.
    pairs: &'a HashMap<FileId, PairsOf<'a>>,
    /// Numbers that are reserved.
    pub reserved: &'a [Id],
    /// The day of the run.
    pub today: NaiveDate,
}

/// The pairs of a document.
#[derive(Debug, Default)]
struct PairsOf<'a> {
    /// Those that the lock has.
    resolved: Vec<Resolved<'a>>,
    /// All of them, with what the lock has.
    all: Vec<(Pair<'a>, Option<&'a Entry>)>,
}

/// A pair with what was resolved of it.
#[derive(Debug)]
struct Resolved<'a> {
    product_name: &'a str,
    /// Whether the claim says anything that can be compared.
    says_versions: bool,
    affected: &'a Affected,
    entry: &'a Entry,
    product: &'a LockedProduct,
    verdict: Verdict<'a>,
}

impl Resolved<'_> {
    /// Says which release of a line is the first with the fix, for the help of a finding.
    fn first_fixed(&self, line: &str) -> String {
        let first = self
            .entry
            .line(line)
            .filter(|outcome| outcome.partial.is_none())
            .and_then(|outcome| outcome.first.as_deref());
        let release = first.and_then(|first| {
            self.product
                .of_line(line)
                .find(|release| release.version.as_str() == first)
        });
        match release {
            Some(release) => {
                format!(
                    "the first release of {line} with the fix is {} ({})",
                    release.version, release.day
                )
            }
            None => {
                let lines = self.entry.resolution.lines.iter();
                let newer = lines.skip_while(|outcome| outcome.line != line).skip(1);
                let mut fixed =
                    newer.filter_map(|outcome| Some((&outcome.line, outcome.first.as_deref()?)));
                match fixed.next() {
                    Some((next, first)) => {
                        format!(
                            "no release of {line} holds the fix; the nearest newer one is {first} of {next}"
                        )
                    }
                    None => format!("no release of {line} or of a newer line holds the fix"),
                }
            }
        }
    }
}

/// Holds every pair against releases.lock; none where there is no lock.
fn pairs_of<'a>(
    corpus: &'a Corpus,
    config: &'a Config,
    lock: &'a Lock,
) -> HashMap<FileId, PairsOf<'a>> {
    let mut all: HashMap<FileId, PairsOf<'a>> = HashMap::new();
    if lock.documents.is_empty() && lock.products.is_empty() {
        return all;
    }
    all.par_extend(corpus.documents().par_iter().filter_map(|document| {
        let of_document = pairs_of_document(document, config, lock);
        (!of_document.all.is_empty()).then_some((document.file, of_document))
    }));
    all
}

fn pairs_of_document<'a>(
    document: &'a Document,
    config: &'a Config,
    lock: &'a Lock,
) -> PairsOf<'a> {
    let mut of_document = PairsOf::default();
    for pair in release::pairs(document, config) {
        let entry = lock.entry(document.name(), pair.product);
        // Free text is not held to the letter.
        if let (Some(entry), Some(product), Some(affected)) =
            (entry, lock.product(pair.product), pair.affected)
        {
            of_document.resolved.push(Resolved {
                verdict: verdict(entry, &pair.claim, product),
                product_name: pair.product,
                says_versions: pair.claim.set().is_some(),
                affected,
                entry,
                product,
            });
        }
        of_document.all.push((pair, entry));
    }
    of_document
}

/// Groups releases by their lines, in the order given.
fn by_line<'a>(releases: &[&'a LockedRelease]) -> Vec<(&'a str, Vec<&'a LockedRelease>)> {
    let mut lines: Vec<(&str, Vec<&LockedRelease>)> = Vec::new();
    for release in releases {
        match lines.iter_mut().find(|(line, _)| *line == release.line) {
            Some((_, found)) => found.push(release),
            None => lines.push((&release.line, vec![release])),
        }
    }
    lines
}

/// Names a few releases and counts the rest: `1.0, 1.1 and 3 more`.
fn some_of(releases: &[&LockedRelease]) -> String {
    let named: Vec<&str> = releases
        .iter()
        .take(4)
        .map(|release| release.version.as_str())
        .collect();
    match releases.len() - named.len() {
        0 => named.join(", "),
        rest => format!("{} and {rest} more", named.join(", ")),
    }
}

/// The releases.lock that examples of rules stand on: it agrees with the sound advisory.
const SAMPLE_LOCK: &str = r#"{"lock": 1, "products": {"nova": {"refs": "", "releases": [
"30.0.0 2024-10-02 2024.2/dalmatian", "30.2.1 2025-12-01 2024.2/dalmatian", "30.2.2 2026-03-10 2024.2/dalmatian",
"31.0.0 2025-04-02 2025.1/epoxy", "31.1.0 2025-11-01 2025.1/epoxy", "31.2.1 2026-03-10 2025.1/epoxy",
"32.0.0 2025-10-01 2025.2/flamingo", "32.1.1 2026-03-10 2025.2/flamingo"]}},
"documents": {"OSSA-2026-900": {"nova": {"inputs": "", "evidence": ["closes a bug"], "lines": [
{"line": "2024.2/dalmatian", "state": "fixed", "first": "30.2.2", "affected": ["30.0.0 - 30.2.1"]},
{"line": "2025.1/epoxy", "state": "fixed", "first": "31.2.1", "affected": ["31.0.0 - 31.1.0"]},
{"line": "2025.2/flamingo", "state": "fixed", "first": "32.1.1", "affected": ["32.0.0"]}]}}}}"#;

impl<'a> Context<'a> {
    /// Returns the place in the file of a range of a text's value.
    pub fn place(&self, text: &Text, range: std::ops::Range<usize>) -> Span {
        let raw = self.sources.slice(text.span);
        let found = locate::source_range(raw, text.style, &text.value, range);
        let start = text.span.start as usize;
        Span::new(text.span.file, start + found.start..start + found.end)
    }

    /// Returns the affected products of a document with their version expressions as read.
    fn expressions<'d>(&self, document: &'d Document) -> Vec<(&'d Affected, Expression)> {
        let read = |affected: &'d Affected| (affected, Expression::parse(&affected.version.value));
        document.affected.iter().map(read).collect()
    }

    /// Reports the first fault of a kind in each version expression. The fix rewrites the whole
    /// expression, so that one finding for each is enough.
    fn misspelt(
        &self,
        document: &Document,
        kind: FaultKind,
        finding: impl Fn(Span) -> Diagnostic,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (affected, expression) in self.expressions(document) {
            let text = &affected.version;
            let Some(fault) = expression.faults.iter().find(|fault| fault.kind == kind) else {
                continue;
            };
            let problem = finding(self.place(text, fault.place.clone()));
            found.push(match expression.canonical() {
                Some(canonical) => {
                    problem.replace(text.span, quote(&canonical), format!("write `{canonical}`"))
                }
                None => problem,
            });
        }
        found
    }

    /// Returns the canonical name of the product that a review is for, where its branch or its
    /// address says so.
    fn product_of(&self, group: &ReviewGroup, review: &Review) -> Option<&str> {
        release::product_of(group, review, self.config)
    }

    /// Returns the pairs of a document that are in releases.lock, with their verdicts.
    fn resolved(&self, document: &Document) -> &'a [Resolved<'a>] {
        let pairs = self.pairs.get(&document.file);
        pairs
            .map(|pairs| pairs.resolved.as_slice())
            .unwrap_or_default()
    }
}

/// A rule id in vmt.toml or in a waiver that does not exist.
pub static UNKNOWN_RULE: Code = Code {
    id: "unknown-rule",
    severity: Severity::Error,
    summary: "a rule that does not exist is configured or waived",
    explanation: "A misspelt rule id would leave the rule as it was, in silence. `vmt explain` lists \
        the ids.",
    since: None,
    example: Some(Example::config(
        "[rules]\ntitle-lenght = \"off\"\n",
        "[rules]\ntitle-length = \"off\"\n",
    )),
};

/// A waiver that waives nothing.
pub static UNUSED_WAIVER: Code = Code {
    id: "unused-waiver",
    severity: Severity::Warning,
    summary: "a waiver waives nothing",
    explanation: "The finding that the waiver accepted is gone: the document was mended, or the rule \
        changed. A waiver that stays would hide the next finding. Delete it.",
    since: None,
    example: Some(Example::advisory(
        "waivers:\n  - rule: title-length\n    reason: announced in this form\n",
        "",
    )),
};

/// The codes of this module.
static CODES: &[&Code] = &[&UNKNOWN_RULE, &UNUSED_WAIVER];

/// Returns every code, of files, syntax, structure and rules, sorted by id.
pub fn all_codes() -> Vec<&'static Code> {
    let parts: [&[&'static Code]; 9] = [
        source::CODES,
        tree::yaml::CODES,
        tree::toml::CODES,
        shape::CODES,
        config::CODES,
        release::lock::CODES,
        import::CODES,
        embargo::place::CODES,
        CODES,
    ];
    let mut codes: Vec<&'static Code> = parts.into_iter().flatten().copied().collect();
    codes.extend(RULES.iter().map(|rule| rule.code));
    codes.sort_by_key(|code| code.id);
    codes
}

/// Rules that hold documents against releases.lock: what `vmt releases verify` runs.
const RELEASE_RULES: [&Code; 5] = [
    &releases_outdated::CODE,
    &range_too_narrow::CODE,
    &range_too_wide::CODE,
    &releases_undecided::CODE,
    &bound_not_released::CODE,
];

/// Returns whether a code is of a rule that holds documents against releases.lock.
pub fn is_about_releases(code: &Code) -> bool {
    RELEASE_RULES.iter().any(|rule| rule.id == code.id)
        || code.id == release::lock::LOCK_UNREADABLE.id
}

/// Runs every rule over a workspace. Returns its problems and all findings, by file and place,
/// severities set and waived findings left out.
pub fn check(workspace: &Workspace, today: NaiveDate) -> Vec<Diagnostic> {
    findings(workspace, today, Scope::All)
}

/// Checks a workspace for errors only: what a build has to know, in a fraction of the time.
pub fn errors(workspace: &Workspace, today: NaiveDate) -> Vec<Diagnostic> {
    let mut found = findings(workspace, today, Scope::Errors);
    found.retain(|finding| finding.severity == Severity::Error);
    found
}

/// Which rules to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    /// Those that report errors, by themselves or by vmt.toml.
    Errors,
}

fn findings(workspace: &Workspace, today: NaiveDate, scope: Scope) -> Vec<Diagnostic> {
    let Workspace {
        corpus,
        config,
        sources,
        lock,
        reserved,
        ..
    } = workspace;
    let pairs = pairs_of(corpus, config, lock);
    let context = Context {
        corpus,
        config,
        sources,
        lock,
        pairs: &pairs,
        reserved,
        today,
    };
    let mut settings = settings(config);
    let mut found: Vec<Diagnostic> = workspace.config_problems.clone();
    found.append(&mut settings.problems);
    found.extend(workspace.problems.iter().cloned());
    let runs = |rule: &&Rule| {
        let severity = settings.severities.get(rule.code.id);
        scope == Scope::All
            || severity.copied().unwrap_or(Some(rule.code.severity)) == Some(Severity::Error)
    };
    let rules: Vec<&Rule> = RULES.iter().filter(runs).collect();
    found.par_extend(
        rules
            .into_par_iter()
            .flat_map_iter(|rule| match rule.check {
                Check::Document(check) => {
                    let documents = corpus.documents().iter();
                    documents
                        .flat_map(|document| check(&context, document))
                        .collect()
                }
                Check::Corpus(check) => check(&context),
            }),
    );
    let (mut found, used) = sift(found, &context, &settings.severities);
    if scope == Scope::All {
        found.extend(unused_waivers(&context, &used));
    }
    found.sort_by(|a, b| (a.span, a.code.id).cmp(&(b.span, b.code.id)));
    found
}

struct Settings {
    /// `None` is "off".
    severities: BTreeMap<&'static str, Option<Severity>>,
    problems: Vec<Diagnostic>,
}

fn settings(config: &Config) -> Settings {
    let codes = all_codes();
    let mut severities = BTreeMap::new();
    let mut problems = Vec::new();
    for (rule, value) in &config.rules {
        match codes.iter().find(|code| code.id == rule.value) {
            Some(code) => {
                severities.insert(code.id, Severity::from_name(value));
            }
            None => problems.push(unknown_rule(rule, &codes)),
        }
    }
    for waiver in &config.waivers {
        if !codes.iter().any(|code| code.id == waiver.rule.value) {
            problems.push(unknown_rule(&waiver.rule, &codes));
        }
    }
    Settings {
        severities,
        problems,
    }
}

fn unknown_rule(rule: &Text, codes: &[&'static Code]) -> Diagnostic {
    let problem = UNKNOWN_RULE.at(rule.span, format!("there is no rule `{}`", rule.value));
    match did_you_mean(&rule.value, codes.iter().map(|code| code.id)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`vmt explain` lists the rules"),
    }
}

/// Applies start dates, severities and waivers; returns also the waivers that were used.
fn sift(
    found: Vec<Diagnostic>,
    context: &Context<'_>,
    severities: &BTreeMap<&'static str, Option<Severity>>,
) -> (Vec<Diagnostic>, BTreeSet<Span>) {
    let documents: BTreeMap<_, &Document> = context
        .corpus
        .documents()
        .iter()
        .map(|document| (document.file, document))
        .collect();
    let mut used = BTreeSet::new();
    let mut kept = Vec::new();
    for mut finding in found {
        let document = documents.get(&finding.span.file).copied();
        let too_old = finding
            .code
            .since
            .and_then(|since| since.parse::<NaiveDate>().ok())
            .is_some_and(|since| {
                document
                    .and_then(|document| document.date.day)
                    .is_some_and(|day| day < since)
            });
        if too_old {
            continue;
        }
        match severities.get(finding.code.id) {
            Some(None) => continue,
            Some(Some(severity)) => finding.severity = *severity,
            None => {}
        }
        let waivers = document
            .map(|document| waivers_of(document, context.config))
            .unwrap_or_default();
        match waivers
            .into_iter()
            .find(|waiver| waiver.value == finding.code.id)
        {
            Some(waiver) => {
                used.insert(waiver.span);
            }
            None => kept.push(finding),
        }
    }
    (kept, used)
}

fn waivers_of<'a>(document: &'a Document, config: &'a Config) -> Vec<&'a Text> {
    let own = document.waivers.iter().map(|waiver| &waiver.rule);
    let central = config
        .waivers
        .iter()
        .filter(|waiver| waiver.document.value == document.name());
    own.chain(central.map(|waiver| &waiver.rule)).collect()
}

fn unused_waivers(context: &Context<'_>, used: &BTreeSet<Span>) -> Vec<Diagnostic> {
    let codes = all_codes();
    let mut problems = Vec::new();
    let own = context
        .corpus
        .documents()
        .iter()
        .flat_map(|document| &document.waivers);
    for rule in own.map(|waiver| &waiver.rule) {
        if !codes.iter().any(|code| code.id == rule.value) {
            problems.push(unknown_rule(rule, &codes));
        } else if !used.contains(&rule.span) {
            let message = format!("nothing here breaks `{}`", rule.value);
            problems.push(
                UNUSED_WAIVER
                    .at(rule.span, message)
                    .help("delete the waiver"),
            );
        }
    }
    for waiver in &context.config.waivers {
        let known = codes.iter().any(|code| code.id == waiver.rule.value);
        if known && !used.contains(&waiver.rule.span) {
            let message = format!(
                "nothing in `{}` breaks `{}`",
                waiver.document.value, waiver.rule.value
            );
            problems.push(
                UNUSED_WAIVER
                    .at(waiver.rule.span, message)
                    .help("delete the waiver"),
            );
        }
    }
    problems
}
