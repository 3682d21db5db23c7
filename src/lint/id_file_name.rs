//! `id-file-name`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::{Document, Placeholder};

/// An id that differs from the file's name.
pub(super) static CODE: Code = Code {
    id: "id-file-name",
    severity: Severity::Error,
    summary: "the id differs from the name of the file",
    explanation: "People and tools find a document by the name of its file. A copy of last month's \
        file with the old id inside would publish one document under the name of another.",
    since: None,
    example: Some(Example::advisory("id: OSSA-2026-999\n", "")),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let stem = context.sources.file(document.file).stem();
    // A malformed id is a finding of its own.
    let placeholder = Placeholder::parse(document.name()).is_some();
    if (document.id.is_none() && !placeholder) || stem == document.name() {
        return Vec::new();
    }
    vec![
        CODE.at(
            document.id_text.span,
            format!("the id is `{}`, the file `{stem}`", document.name()),
        )
        .help("rename the file, or correct the id"),
    ]
}
