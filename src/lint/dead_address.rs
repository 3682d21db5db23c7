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
    explanation: "Hosts move. For example, review.openstack.org became review.opendev.org in 2019, its \
        `/#/c/` form went with a later version, and the mailing list archives moved twice. \
        `dead-addresses` under `[policy]` in vmt.toml lists such forms. `--fix` writes the address of today \
        where it follows from the old one.",
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
        let mut dead = context.config.dead_addresses.iter();
        let Some(dead) = dead.find(|dead| url.contains(dead.as_str())) else {
            continue;
        };
        let place = context.place(text, 0..url.len());
        let problem = CODE.at(place, format!("`{dead}` is no longer served"));
        found.push(match host::recognise(url) {
            Some(reference) if !reference.url.contains(dead.as_str()) => {
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
