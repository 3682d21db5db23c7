//! GitHub and GitLab: issues, pull requests and merge requests.

use super::{Reference, Role, Url, number};

/// Reads `/OWNER/REPOSITORY/issues|pull/N` and `/GROUP/.../-/issues|merge_requests/N`.
pub(super) fn recognise(url: &Url<'_>) -> Option<Reference> {
    let path = url.segments();
    let (project, role, found, tail) = match path.as_slice() {
        [owner, name, kind @ ("issues" | "pull"), found, ..] if url.host == "github.com" => {
            let role = if *kind == "pull" {
                Role::Review
            } else {
                Role::Bug
            };
            (
                format!("{owner}/{name}"),
                role,
                number(found)?.to_owned(),
                format!("{kind}/{found}"),
            )
        }
        [
            project @ ..,
            "-",
            kind @ ("issues" | "merge_requests"),
            found,
        ] if url.host.starts_with("gitlab.") => {
            let review = *kind == "merge_requests";
            let role = if review { Role::Review } else { Role::Bug };
            let said = format!("{}{}", if review { "!" } else { "" }, number(found)?);
            (project.join("/"), role, said, format!("-/{kind}/{found}"))
        }
        _ => return None,
    };
    Some(Reference {
        host: "GitHub or GitLab",
        role,
        key: format!("{}/{project} {found}", url.host),
        number: found,
        url: format!("https://{}/{project}/{tail}", url.host),
        project: Some(project),
    })
}
