//! Old addresses that lead to new ones. A static host can do no more than a page that says so.

use serde::Serialize;

use super::{Page, Pages};
use crate::config::Redirect;
use crate::template::TemplateError;
use crate::view::Audience;

#[derive(Serialize)]
struct RedirectPage<'a> {
    page: Page<'a>,
    target: String,
}

/// Renders a page an old address.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let key = pages.out.keys.common();
    let mut redirects = pages.config().redirects.iter();
    redirects.try_for_each(|redirect| {
        pages.file("site/redirect.html", &redirect.from, key, || {
            value(redirect, pages)
        })
    })
}

fn value<'p, A: Audience>(redirect: &'p Redirect, pages: &'p Pages<'_, A>) -> RedirectPage<'p> {
    let mut page = pages.page(&redirect.from, "Moved", "This page has moved.");
    let target = match redirect.to.contains("://") {
        true => redirect.to.clone(),
        false => format!("{}{}", pages.config().base_url, redirect.to),
    };
    page.canonical.clone_from(&target);
    RedirectPage { page, target }
}
