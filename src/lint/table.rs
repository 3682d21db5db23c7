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
    // Titles.
    Document title_length,
    Document title_stop,
    // Versions.
    Document version_comma,
    // Prose.
    Document cve_unlisted,
}
