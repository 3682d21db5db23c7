//! Pages of prose: `site/pages/NAME.md` becomes `NAME.html`, and a book a folder of pages.

use serde::Serialize;

use super::{Page, Pages};
use crate::prose::{self, html};
use crate::render::{BOOK, Place};
use crate::template::TemplateError;
use crate::view::Audience;

#[derive(Serialize)]
struct ProsePage<'a> {
    page: Page<'a>,
    heading: &'a str,
    html: String,
    chapter: Option<Chapter<'a>>,
}

#[derive(Serialize)]
struct Chapter<'a> {
    book: &'static str,
    previous: Option<PageLink<'a>>,
    next: Option<PageLink<'a>>,
}

#[derive(Serialize)]
struct PageLink<'a> {
    path: &'a str,
    title: &'a str,
}

/// Renders the pages.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let one = |source: &crate::render::ProsePage| {
        // The text may speak of the site: `{{ site.team }}`. That of a book may speak of templates.
        let filled = match source.place {
            Place::Site => pages.setting.templates.fill(&source.text, &pages.site)?,
            Place::Book | Place::Chapter(_) => source.text.clone(),
        };
        let blocks = prose::page::parse(&filled);
        let summary = prose::plain(&blocks);
        let cut: String = summary.chars().take(150).collect();
        let value = || ProsePage {
            page: pages.page(&source.path, source.title.clone(), cut.clone()),
            heading: &source.title,
            html: html::render_page(&blocks),
            chapter: chapter(&source.place),
        };
        pages.file(
            "site/prose.html",
            &source.path,
            pages.out.keys.common(),
            value,
        )
    };
    pages.setting.pages.iter().try_for_each(one)
}

fn chapter(place: &Place) -> Option<Chapter<'_>> {
    let Place::Chapter(neighbours) = place else {
        return None;
    };
    Some(Chapter {
        book: BOOK,
        previous: neighbours.previous.as_ref().map(PageLink::to),
        next: neighbours.next.as_ref().map(PageLink::to),
    })
}

impl<'a> PageLink<'a> {
    fn to((path, title): &'a (String, String)) -> PageLink<'a> {
        PageLink { path, title }
    }
}
