//! StoryBoard, which some OpenStack projects used from 2014 on.

use super::{Reference, Role, Url, number};

/// Reads `/#!/story/N`.
pub(super) fn recognise(url: &Url<'_>) -> Option<Reference> {
    if !url.host.starts_with("storyboard.") {
        return None;
    }
    let rest = url.fragment?.strip_prefix("!/story/")?;
    let found = number(rest.split('/').next().unwrap_or_default())?;
    Some(Reference {
        host: "StoryBoard",
        role: Role::Bug,
        key: format!("{} {found}", url.host),
        number: found.to_owned(),
        url: format!("https://{}/#!/story/{found}", url.host),
        project: None,
    })
}
