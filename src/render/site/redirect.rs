//! Old addresses that lead to new ones. A static host can do no more than a page that says so.

use serde::Serialize;

use super::{Artifact, Page, Pages};
use crate::template::TemplateError;
use crate::view::Audience;

#[derive(Serialize)]
struct RedirectPage<'a> {
    page: Page<'a>,
    target: String,
}

/// Renders a page an old address.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<Vec<Artifact>, TemplateError> {
    let one = |redirect: &crate::config::Redirect| {
        let mut page = pages.page(&redirect.from, "Moved", "This page has moved.");
        let target = match redirect.to.contains("://") {
            true => redirect.to.clone(),
            false => format!("{}{}", pages.config().base_url, redirect.to),
        };
        page.canonical.clone_from(&target);
        let value = RedirectPage { page, target };
        pages.render("site/redirect.html", &redirect.from, &value)
    };
    pages.config().redirects.iter().map(one).collect()
}
