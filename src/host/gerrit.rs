//! Gerrit, as OpenDev runs it. `review.openstack.org` was its name until April 2019; the numbers are
//! the same and the old name leads nowhere today.

use super::{Reference, Role, Url, number};

const HOME: &str = "review.opendev.org";

/// Reads `/c/PROJECT/+/N`, `/N`, `/#/c/N/` and `/q/CHANGE-ID`.
pub(super) fn recognise(url: &Url<'_>) -> Option<Reference> {
    if !matches!(url.host, "review.opendev.org" | "review.openstack.org") {
        return None;
    }
    let path = url.segments();
    let (found, project) = match path.as_slice() {
        ["c", project @ .., "+", change] | ["c", project @ .., "+", change, _] => {
            (number(change)?, Some(project.join("/")))
        }
        [change] => (number(change)?, None),
        ["q", query] => return change_id(query),
        [] => {
            let fragment: Vec<&str> = url
                .fragment?
                .split('/')
                .filter(|part| !part.is_empty())
                .collect();
            match fragment.as_slice() {
                ["c", change] | ["c", change, _] => (number(change)?, None),
                ["q", query] | ["q", query, ..] => return change_id(query),
                _ => return None,
            }
        }
        _ => return None,
    };
    let tail = match &project {
        Some(project) => format!("c/{project}/+/{found}"),
        None => found.to_owned(),
    };
    Some(Reference {
        host: "Gerrit",
        role: Role::Review,
        key: format!("{HOME} {found}"),
        number: found.to_owned(),
        url: format!("https://{HOME}/{tail}"),
        project,
    })
}

/// A search for a Change-Id leads to the change on every branch.
fn change_id(query: &str) -> Option<Reference> {
    let id = query
        .split(',')
        .next()
        .unwrap_or(query)
        .trim_start_matches("change:");
    let hex = id.strip_prefix('I')?;
    let sound = hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    sound.then(|| Reference {
        host: "Gerrit",
        role: Role::Review,
        key: format!("{HOME} {id}"),
        number: id.to_owned(),
        url: format!("https://{HOME}/q/{id}"),
        project: None,
    })
}
