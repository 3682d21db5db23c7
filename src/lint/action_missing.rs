//! `action-missing`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::prose;

/// The recommended actions of a note recommend none.
pub(super) static CODE: Code = Code {
    id: "action-missing",
    severity: Severity::Warning,
    summary: "the recommended actions of a note recommend none",
    explanation: "A note exists so that its readers do something: change a setting, restrict access, \
        upgrade, or look for traces. `None`, `N/A` or an address alone leaves them with the risk. Say \
        what to do, and where nothing can be done, say how to find out whether one is concerned.",
    since: None,
    example: Some(Example::note(
        "recommended-actions: None.\n",
        "recommended-actions: Restart the service after a change.\n",
    )),
};

/// Words in actions that say nothing.
const EMPTY: [&str; 7] = [
    "none",
    "n/a",
    "na",
    "nothing",
    "unknown",
    "no action",
    "no actions",
];

/// Fewer words than this are no advice.
const WORDS: usize = 3;

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    // An empty text is the finding of another rule.
    let Some(actions) = document
        .note()
        .map(|note| &note.actions)
        .filter(|actions| !actions.is_blank())
    else {
        return Vec::new();
    };
    let plain = prose::plain(&prose::parse(&actions.value));
    let said = plain.to_lowercase();
    let is_word = |word: &&str| !word.contains("://") && word.chars().any(char::is_alphabetic);
    let words = plain.split_whitespace().filter(is_word).count();
    if words >= WORDS && !EMPTY.contains(&said.trim_end_matches('.').trim()) {
        return Vec::new();
    }
    vec![
        CODE.at(actions.span, "this recommends no action")
            .help("say what its readers shall do"),
    ]
}
