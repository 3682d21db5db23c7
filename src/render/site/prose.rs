//! Pages of prose: `site/pages/NAME.md` becomes `NAME.html`.

use serde::Serialize;

use super::{Artifact, Page, Pages, plain_html};
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
pub(super) fn render<A: Audience>(pages: &Pages<'_, A>) -> Result<Vec<Artifact>, TemplateError> {
    let one = |source: &crate::render::ProsePage| {
        // The text may speak of the site: `{{ site.team }}`.
        let filled = pages.setting.templates.fill(&source.text, &pages.site)?;
        let blocks = prose::parse(&filled);
        let summary = prose::plain(&blocks);
        let cut: String = summary.chars().take(150).collect();
        let value = ProsePage {
            page: pages.page(&source.path, source.title.clone(), cut),
            heading: &source.title,
            html: plain_html(&blocks),
        };
        pages.render("site/prose.html", &source.path, &value)
    };
    pages.setting.pages.iter().map(one).collect()
}
