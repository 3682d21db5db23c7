//! The rules, grouped as a reader goes through a document.

use super::{Check, Rule};

macro_rules! rules {
    ($($(#[$note:meta])* $kind:ident $module:ident),* $(,)?) => {
        /// Every rule.
        pub const RULES: &[Rule] = &[
            $(Rule { code: &super::$module::CODE, check: Check::$kind(super::$module::check) }),*
        ];
    };
}

rules! {
    // Identity.
    Document id_malformed,
    Document id_file_name,
    Corpus duplicate_id,
    Document id_year,
    Corpus id_gap,
    // Dates and history.
    Document date_malformed,
    Document date_in_future,
    Document date_on_weekend,
    Document date_not_original,
    Document embargo_dates,
    Document disclosure_off_policy,
    Document history_malformed,
    Document history_unordered,
    Document errata_without_history,
    Document history_without_errata,
    // Titles.
    Document title_length,
    Document title_stop,
    Document title_lower_case,
    Document title_without_product,
    // Products and versions.
    Document product_unknown,
    Document product_case,
    Document several_products,
    Document product_repeated,
    Document version_unreadable,
    Document version_placeholder,
    Document version_in_words,
    Document version_by_series,
    Document bare_version,
    Document version_comma,
    Document empty_range,
    Document overlapping_ranges,
    Document unordered_ranges,
    Document single_equals,
    Document clause_spacing,
    // Vulnerabilities.
    Document vulnerability_missing,
    Document cve_malformed,
    Document cve_in_future,
    Document cve_repeated,
    Document cve_in_two_documents,
    Document cve_pending,
    Document cve_unlisted,
    Document text_after_cve,
    Document cvss_invalid,
    Document cvss_score_differs,
    Document cwe_malformed,
    // People.
    Document reporter_cve_unlisted,
    Document affiliation_placeholder,
    Document affiliation_differs,
    Document credit_missing,
    Document reporter_uncredited,
    Document personal_data,
    Document author_missing,
    // Issues, reviews and other links.
    Document url_malformed,
    Document url_insecure,
    Document text_after_url,
    Document unknown_tracker,
    Document dead_address,
    Document issue_repeated,
    Document review_repeated,
    Document series_unknown,
    Document series_number_differs,
    Document branch_dialect,
    Document branch_empty,
    Document range_without_review,
    Document review_without_range,
    Document series_without_review,
    Document review_outside_range,
    Document reference_not_a_link,
    // Releases.
    Document releases_outdated,
    Document range_too_narrow,
    Document range_too_wide,
    Document releases_undecided,
    Document bound_not_released,
    // Other documents.
    Document mention_unknown,
    Document mention_withdrawn,
    // Prose.
    Document action_missing,
    Document text_empty,
    Document placeholder_text,
    Document verbatim_line_too_long,
    Document tab_character,
    Document trailing_space,
    Document unclosed_literal,
    Document rst_markup,
    Document control_character,
    Document note_repeated,
    Document series_misspelt,
    // Settings.
    Corpus security_txt_expires,
    // Form.
    Document retyped_scalar,
    Document legacy_field,
}
