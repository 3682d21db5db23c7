//! Checks that a schema cannot make: one file a rule, one row a rule in [`RULES`].
//!
//! Knows no output. A rule file holds its `static CODE` and its `fn check`; the table says what it
//! looks at. Severity settings, waivers and start dates are applied by `settings`, so no rule knows of them.

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::Document;
use crate::workspace::Workspace;
use crate::{config, embargo, import, release, shape, source, tree};

mod action_missing;
mod affiliation_differs;
mod affiliation_placeholder;
mod author_missing;
mod bare_version;
mod bound_not_released;
mod branch_dialect;
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
mod releases_outdated;
mod releases_undecided;
mod reporter_cve_unlisted;
mod reporter_uncredited;
mod retyped_scalar;
mod review_outside_range;
mod review_repeated;
mod review_without_range;
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

mod context;
mod resolved;
mod settings;
mod table;

pub mod reference;

pub use context::Context;
pub use table::RULES;

use resolved::{Resolved, SAMPLE_LOCK, by_line, pairs_of, some_of};

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
        settings::CODES,
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
        pairs: &pairs,
        reserved,
        today,
    };
    let mut settings = settings::read(config);
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
    let (mut found, used) = settings::sift(found, &context, &settings.severities);
    if scope == Scope::All {
        found.extend(settings::unused_waivers(&context, &used));
    }
    found.sort_by(|a, b| (a.span, a.code.id).cmp(&(b.span, b.code.id)));
    found
}
