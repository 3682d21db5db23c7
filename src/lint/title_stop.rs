//! `title-stop`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A title that ends like a sentence.
pub(super) static CODE: Code = Code {
    id: "title-stop",
    severity: Severity::Warning,
    summary: "the title ends in a full stop",
    explanation: "Titles become mail subjects and link texts, in which a full stop looks like the end \
        of something that was cut. `--fix` removes it.",
    since: None,
    example: Some(Example::advisory(
        "title: Nova example flaw.\n",
        "title: Nova example flaw\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let title = &document.title;
    let end = title.value.trim_end().len();
    if !title.value.trim_end().ends_with('.') || title.value.trim_end().ends_with("..") {
        return Vec::new();
    }
    let stop = context.place(title, end - 1..end);
    vec![
        CODE.at(stop, "the title ends in a full stop")
            .replace(stop, "", "remove the full stop"),
    ]
}
