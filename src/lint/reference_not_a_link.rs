//! `reference-not-a-link`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host::Url;
use crate::model::Document;
use crate::model::id::cve_id;

/// A reference leads nowhere.
pub(super) static CODE: Code = Code {
    id: "reference-not-a-link",
    severity: Severity::Warning,
    summary: "a reference leads nowhere",
    explanation: "An e-mail address or a bare CVE id is no web address, so readers get a word instead of a \
        link. `--fix` writes the address of a CVE record.",
    since: None,
    example: Some(Example::note(
        "references:\n  links:\n    - description: Record\n      url: CVE-2026-12345\n",
        "references:\n  links:\n    - description: Record\n      url: https://www.cve.org/CVERecord?id=CVE-2026-12345\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(note) = document.note() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for text in note.references.iter().map(|reference| &reference.url) {
        let url = text.value.trim();
        if url.is_empty() || Url::parse(url).is_ok() {
            continue;
        }
        let problem = CODE.at(text.span, format!("`{url}` is no web address"));
        found.push(match cve_id(url) {
            Some(id) => {
                let address = format!("https://www.cve.org/CVERecord?id={id}");
                problem.help(format!("write {address}")).replace(
                    text.span,
                    &address,
                    format!("write {address}"),
                )
            }
            None if url.contains('@') => problem.help("link to the archive of the list"),
            None => problem.help("write an address that starts with https://"),
        });
    }
    found
}
