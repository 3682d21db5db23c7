//! `id-malformed`.

use super::Context;
use crate::config::Numbering;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::{Document, Placeholder};

/// An id that has not the form of its kind.
pub(super) static CODE: Code = Code {
    id: "id-malformed",
    severity: Severity::Error,
    summary: "an id has not the form that its kind of document has",
    explanation: "Ids become addresses of pages and names of files, and other tools parse them: \
        `OSSA-2026-001` for an advisory, `OSSN-0001` for a note, with the prefixes of vmt.toml. \
        A document with another id cannot be built. Only a private draft may carry a placeholder, such \
        as `OSSA-2026-DRAFT-k3x9q2`, which says nothing of how many drafts there are; `vmt embargo publish` \
        gives it a number.",
    since: None,
    example: Some(Example::advisory("id: OSSA-26-1\n", "")),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let settings = context.config.kind(document.kind);
    let sound = document.id.as_ref().is_some_and(|id| {
        id.prefix == settings.prefix
            && id.year.is_some() == (settings.numbering == Numbering::Yearly)
    });
    let placeholder = Placeholder::parse(document.name()).is_some_and(|draft| {
        draft.prefix == settings.prefix
            && draft.year.is_some() == (settings.numbering == Numbering::Yearly)
    });
    if sound || document.id_text.is_blank() || (placeholder && document.is_private()) {
        return Vec::new();
    }
    if placeholder {
        return vec![
            CODE.at(
                document.id_text.span,
                "a public document has the placeholder of a draft",
            )
            .help("give it a number: `vmt embargo publish` does, and `vmt reserve` takes one"),
        ];
    }
    let (name, kind) = (document.name(), document.kind.with_article());
    let year = document
        .date
        .day
        .map_or(2026, |day| chrono::Datelike::year(&day));
    vec![
        CODE.at(
            document.id_text.span,
            format!("`{name}` is no id of {kind}"),
        )
        .help(format!("write it like `{}`", settings.id(year, 1))),
    ]
}
