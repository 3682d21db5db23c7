//! `dead-address`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::host;
use crate::model::Document;

/// An address is of a form that is no longer served.
pub(super) static CODE: Code = Code {
    id: "dead-address",
    severity: Severity::Advice,
    summary: "an address is of a form that is no longer served",
    explanation: "Hosts move. review.openstack.org became review.opendev.org in 2019, its `/#/c/` form \
        went with a later version, and the mailing list archives moved twice. `--fix` writes the \
        address of today where it follows from the old one.",
    since: None,
    example: Some(Example::advisory(
        "reviews:\n  2026.1/gazpacho: [https://review.openstack.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let issues = document.issues.iter().map(|link| &link.text);
    let reviews = document.all_reviews().map(|(_, review)| &review.link.text);
    let announced = document.advisory().and_then(|body| body.reference.as_ref());
    let mut found = Vec::new();
    for text in issues.chain(reviews).chain(announced) {
        let url = text.value.split_whitespace().next().unwrap_or_default();
        let Some(dead) = DEAD.iter().find(|dead| url.contains(*dead)) else {
            continue;
        };
        let place = context.place(text, 0..url.len());
        let problem = CODE.at(place, format!("`{dead}` is no longer served"));
        found.push(match host::recognise(url) {
            Some(reference) if !reference.url.contains(dead) => {
                let today = reference.url;
                problem.help(format!("it is {today} today")).replace(
                    place,
                    &today,
                    format!("write {today}"),
                )
            }
            _ => problem.help("look up where the page is today"),
        });
    }
    found
}

/// Parts of addresses that lead nowhere, or only by a redirect.
const DEAD: [&str; 6] = [
    "review.openstack.org/",
    "review.opendev.org/#/",
    "lists.launchpad.net/",
    "lists.openstack.org/pipermail/",
    "git.openstack.org/",
    "wiki.openstack.org/wiki/OSSN",
];
