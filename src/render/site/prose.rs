//! Pages of prose: `site/pages/NAME.md` becomes `NAME.html`.

use serde::Serialize;

use super::{Page, Pages, plain_html};
use crate::prose;
use crate::template::TemplateError;
use crate::view::Audience;

#[derive(Serialize)]
struct ProsePage<'a> {
    page: Page<'a>,
    heading: &'a str,
    html: String,
}

/// Renders the pages.
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<(), TemplateError> {
    let one = |source: &crate::render::ProsePage| {
        // The text may speak of the site: `{{ site.team }}`.
        let filled = pages.setting.templates.fill(&source.text, &pages.site)?;
        let blocks = prose::parse(&filled);
        let summary = prose::plain(&blocks);
        let cut: String = summary.chars().take(150).collect();
        let value = || ProsePage {
            page: pages.page(&source.path, source.title.clone(), cut.clone()),
            heading: &source.title,
            html: plain_html(&blocks),
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
