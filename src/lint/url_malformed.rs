//! `url-malformed`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host::Url;
use crate::model::Document;
use crate::model::Link;

/// An address that is none.
pub(super) static CODE: Code = Code {
    id: "url-malformed",
    severity: Severity::Error,
    summary: "an address that is none",
    explanation: "It becomes a link on the page and in data files, which then leads nowhere. An address \
        starts with `https://` and holds no blank.",
    since: None,
    example: Some(Example::advisory(
        "issues:\n  links:\n    - launchpad.net/bugs/1000001\n",
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for link in links(document) {
        if link.text.is_blank() {
            continue;
        }
        if let Err(fault) = Url::parse(link.url()) {
            found.push(
                CODE.at(
                    link.text.span,
                    format!("`{}` is no web address: {fault}", link.url()),
                )
                .help("write it like https://launchpad.net/bugs/1000001"),
            );
        }
    }
    found
}

fn links(document: &Document) -> impl Iterator<Item = &Link> {
    document
        .issues
        .iter()
        .chain(document.all_reviews().map(|(_, review)| &review.link))
}
