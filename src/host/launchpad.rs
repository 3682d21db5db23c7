//! Launchpad bugs.

use super::{Reference, Role, Url, number};

/// Reads `/bugs/N`, `/PROJECT/+bug/N` and `/PROJECT/+bug/N/+...` on both of its hosts.
pub(super) fn recognise(url: &Url<'_>) -> Option<Reference> {
    if !matches!(url.host, "launchpad.net" | "bugs.launchpad.net") {
        return None;
    }
    let path = url.segments();
    let (found, project) = match path.as_slice() {
        ["bugs", bug, ..] => (number(bug)?, None),
        [project, "+bug", bug, ..] | [project, _, "+bug", bug, ..] => {
            (number(bug)?, Some((*project).to_owned()))
        }
        _ => return None,
    };
    Some(Reference {
        host: "Launchpad",
        role: Role::Bug,
        key: format!("launchpad {found}"),
        number: found.to_owned(),
        url: format!("https://launchpad.net/bugs/{found}"),
        project,
    })
}
