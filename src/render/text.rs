//! The announcement of each document beside its page: `ossa/OSSA-2026-001.txt`.

use rayon::prelude::*;

use super::{Artifact, Setting};
use crate::mail;
use crate::template::TemplateError;
use crate::view::{Audience, View};

/// Renders one text a document.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Artifact>, TemplateError> {
    view.documents
        .par_iter()
        .map(|document| {
            let announcement = mail::compose(document, setting.config, setting.templates)?;
            let path = document.path.replace(".html", ".txt");
            Ok(Artifact {
                path,
                bytes: announcement.body.into_bytes(),
            })
        })
        .collect()
}
