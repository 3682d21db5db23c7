//! The announcement of each document beside its page: `ossa/OSSA-2026-001.txt`.

use super::{Out, RenderDocument, Setting};
use crate::mail;
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView, View};

/// Renders the text of each document.
pub(super) fn documents<'s, A: Audience>(
    setting: &'s Setting<'s>,
    _: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> RenderDocument<'s> {
    Box::new(move |document| render(setting, document, out))
}

fn render(
    setting: &Setting<'_>,
    document: &DocumentView<'_>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let path = document.path.replace(".html", ".txt");
    out.file(&path, ("text", out.keys.document(document)), || {
        let announcement = mail::compose(document, setting.config, setting.templates)?;
        Ok(announcement.body.into_bytes())
    })
}
