//! The id and the title of a legacy text.

use super::codes::{LEGACY_ID_DIFFERS, LEGACY_ID_MISSING, LEGACY_TITLE_MISSING};
use super::{Importer, sections};
use crate::model::Id;

impl<'a> Importer<'a, '_> {
    /// The id, and the title without it.
    pub(super) fn id_and_title(
        &mut self,
        split: &sections::Split<'a>,
    ) -> (Option<String>, Option<String>) {
        let prefix = &self.config.note.prefix;
        let words: Vec<&str> = split
            .title
            .iter()
            .flat_map(|line| line.text.split_whitespace())
            .collect();
        let title = words.join(" ");
        let (said, title) = leading_id(&title, prefix);
        let named = Id::parse(&self.request.stem.to_uppercase())
            .filter(|id| id.prefix == *prefix)
            .map(|id| id.as_str().to_owned());
        let place = split.title.first().map_or(0..0, |line| line.range());
        if let (Some(said), Some(named)) = (&said, &named)
            && said != named
        {
            let message = format!("the title says `{said}`, the file is named `{named}`");
            self.problems.push(
                LEGACY_ID_DIFFERS
                    .at(self.span(place.clone()), message)
                    .help("rename the file, or mend the title"),
            );
        }
        let linked = || {
            let text = self.request.text;
            let at = text.rfind(&format!("{prefix}-"))?;
            let length = text[at..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .unwrap_or(text.len() - at);
            let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let own = text[line_start..at].to_lowercase();
            let own = own.trim_start_matches(['*', '-', ' ']).starts_with("this ");
            Id::parse(&text[at..at + length])
                .filter(|_| own)
                .map(|id| id.as_str().to_owned())
        };
        let id = said.or(named).or_else(linked);
        if id.is_none() {
            let message = format!(
                "neither the title nor the file name `{}` says an id",
                self.request.stem
            );
            let help = format!("name the file by its id, such as `{prefix}-0042`");
            self.problems.push(
                LEGACY_ID_MISSING
                    .at(self.span(place.clone()), message)
                    .help(help),
            );
        }
        if title.is_empty() {
            self.problems.push(
                LEGACY_TITLE_MISSING
                    .at(
                        self.span(place),
                        "there is no title above the first section",
                    )
                    .help("write one as the first line"),
            );
        }
        (id, Some(title).filter(|title| !title.is_empty()))
    }
}

/// Splits `OSSN-0042: Title`, `[OSSN-0042] Title` and the like.
fn leading_id(title: &str, prefix: &str) -> (Option<String>, String) {
    let text = title.trim_start_matches('[');
    // `OSSN 0042` is the same id.
    let number = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix([' ', '-']))
        .unwrap_or_default();
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !number[digits..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let id = Id::parse(&format!("{prefix}-{}", &number[..digits])).filter(|_| ends);
    match id {
        Some(id) => {
            let rest = number[digits..].trim_start_matches([']', ':', '-', ' ', '–']);
            (Some(id.as_str().to_owned()), rest.to_owned())
        }
        None => (None, title.to_owned()),
    }
}
