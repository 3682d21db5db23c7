//! What was sent under the id of the draft, moved to that of the publication.

use std::path::{Path, PathBuf};

use super::Publication;
use crate::cli::Failure;
use crate::config::MailState;
use crate::ledger::{self, Entry};
use crate::{output, source};

impl Publication<'_> {
    /// What was sent under the id of the draft, each with the place that it moves to.
    pub(super) fn waiting_entries(&self) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
        let sent = self.workspace.private.join(ledger::FOLDER);
        let folder = sent.join(&self.plan.draft);
        let names = source::list_tree(&folder).map_err(|error| {
            Failure::World(format!("cannot list {}: {error}", folder.display()), None)
        })?;
        let id = ledger::file_name(&self.plan.id);
        // A write that was killed may have left more than entries.
        let entries = names
            .into_iter()
            .filter(|name| name.extension().is_some_and(|ending| ending == "json"));
        let moved = entries.map(|name| {
            // Who was told under embargo, and what, stays private for ever.
            let target = match self.is_public_mail(&name) {
                true => self.root(ledger::FOLDER),
                false => sent.clone(),
            };
            (folder.join(&name), target.join(&id).join(&name))
        });
        Ok(moved.filter(|(from, to)| from != to).collect())
    }

    /// Whether an entry is of a kind of mail that is for public documents.
    fn is_public_mail(&self, name: &Path) -> bool {
        let name = name.to_string_lossy();
        let kind = name.rsplit_once('-').map_or("", |(kind, _)| kind);
        let mut kinds = self.workspace.config.mail.kinds.iter();
        kinds.any(|known| known.name == kind && known.state == MailState::Public)
    }

    pub(super) fn move_ledger(&self) -> Result<(), Failure> {
        for (path, target) in self.waiting_entries()? {
            let fault = |why: &dyn std::fmt::Display| {
                Failure::World(format!("cannot take along {}: {why}", path.display()), None)
            };
            let bytes = source::read_bytes(&path).map_err(|error| fault(&error))?;
            let entry: Entry = serde_json::from_slice(&bytes).map_err(|error| fault(&error))?;
            let entry = Entry {
                document: self.plan.id.clone(),
                ..entry
            };
            match target.starts_with(&self.workspace.private) {
                true => output::put_private(&target, entry.to_json().as_bytes())?,
                false => output::put(&target, entry.to_json().as_bytes())?,
            }
            output::remove(&path)?;
        }
        Ok(())
    }
}
