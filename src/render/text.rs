//! The announcement of each document beside its page: `ossa/OSSA-2026-001.txt`.

use rayon::prelude::*;

use super::{Out, Setting};
use crate::mail;
use crate::template::TemplateError;
use crate::view::{Audience, View};

/// Renders one text a document.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    view.documents.par_iter().try_for_each(|document| {
        let path = document.path.replace(".html", ".txt");
        out.file(&path, ("text", out.keys.document(document)), || {
            let announcement = mail::compose(document, setting.config, setting.templates)?;
            Ok(announcement.body.into_bytes())
        })
    })
}
