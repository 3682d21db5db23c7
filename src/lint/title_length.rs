//! `title-length`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// Longest title, in characters.
const LIMIT: usize = 100;

/// A title that is too long for a mail subject.
pub(super) static CODE: Code = Code {
    id: "title-length",
    severity: Severity::Advice,
    summary: "the title has more than 100 characters",
    explanation: "The title becomes a mail subject, behind the id and the names of the products and \
        before the CVE. List readers and phones show some 100 characters of all that. Say what is \
        wrong and where; the description says the rest.",
    since: None,
    example: Some(Example::advisory(
        "title: Nova example flaw that lets an authenticated user of a project read the files of another project on a host\n",
        "title: Nova example flaw exposes files of other projects\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let length = document.title.value.trim().chars().count();
    if length <= LIMIT {
        return Vec::new();
    }
    vec![
        CODE.at(
            document.title.span,
            format!("the title has {length} characters"),
        )
        .help(format!("shorten it to {LIMIT} or fewer")),
    ]
}
