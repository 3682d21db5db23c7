//! `unknown-tracker`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host::{self, HOSTS, Role, Url};
use crate::model::Document;

/// An address leads to no known bug tracker or review system.
pub(super) static CODE: Code = Code {
    id: "unknown-tracker",
    severity: Severity::Warning,
    summary: "an address leads to no known bug tracker or review system",
    explanation: "vmt links, labels and compares bugs and reviews of the hosts that it knows. An unknown \
        one is most often a page about the bug instead of the bug, or a bug among the reviews.",
    since: None,
    example: Some(Example::advisory(
        "issues:\n  links:\n    - https://example.org/1000001\n",
        "issues:\n  links:\n    - https://launchpad.net/bugs/1000001\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let issues = document.issues.iter().map(|link| (link, Role::Bug));
    let reviews = document
        .all_reviews()
        .map(|(_, review)| (&review.link, Role::Review));
    let mut found = Vec::new();
    for (link, wanted) in issues.chain(reviews) {
        let what = match wanted {
            Role::Bug => "bug",
            Role::Review => "review",
        };
        let message = match host::recognise(link.url()) {
            Some(reference) if reference.role == wanted => continue,
            Some(reference) => format!(
                "`{}` is no {what}, but something else on {}",
                link.url(),
                reference.host
            ),
            // What is no address at all is another rule's finding.
            None if Url::parse(link.url()).is_err() => continue,
            None => format!("`{}` is no {what} of a known host", link.url()),
        };
        let names: Vec<&str> = HOSTS.iter().map(|host| host.name).collect();
        found.push(
            CODE.at(link.text.span, message)
                .help(format!("known are {}", names.join(", "))),
        );
    }
    found
}
