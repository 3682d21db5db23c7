//! `mention-unknown`.

use std::collections::BTreeSet;

use super::Context;
use crate::corpus::texts;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::mention;
use crate::model::Document;

/// A document that does not exist is spoken of.
pub(super) static CODE: Code = Code {
    id: "mention-unknown",
    severity: Severity::Advice,
    summary: "a document is named that is not in the workspace",
    explanation: "The id has the form of an advisory or a note, but no file has it: two digits may be \
        swapped, or the other document is not published yet. Readers get no link. Where the document \
        lives elsewhere, the finding can be waived.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  - See OSSN-0999 for a stopgap.\n",
        "notes:\n  - See OSSA-2026-900 for the whole story.\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // One finding an id: who mends one sees the others.
    let mut seen = BTreeSet::new();
    for text in texts(document) {
        for (id, place) in mention::documents(&text.value, context.config) {
            let unknown = id != document.name() && context.corpus.with_id(&id).next().is_none();
            if unknown && seen.insert(id.clone()) {
                let place = context.place(text, place);
                let message = format!("there is no document `{id}` here");
                found.push(
                    CODE.at(place, message)
                        .help("correct the id, or waive this where the document lives elsewhere"),
                );
            }
        }
    }
    found
}
