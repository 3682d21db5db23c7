//! What was sent: one small file a mail, kept in the workspace (effect: read).
//!
//! `sent/ID/KIND-REVISION.json` for what everybody may know, to be committed; the same below the private
//! folder for what was sent under embargo. The outbox writes an entry when a server has taken the mail;
//! for a mail that went out another way, or whose copy in an archive was found, a coordinator does. Knows
//! no outbox and no view.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::source;

/// Folder of entries, in the workspace and in its private folder.
pub const FOLDER: &str = "sent";

/// A mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id of the document.
    pub document: String,
    /// Kind of the mail, as vmt.toml names it.
    pub kind: String,
    /// 1 for the first mail of this kind, 2 for that after the first erratum or update, and so on.
    pub revision: u32,
    /// Its Message-ID with the angle brackets (RFC 5322 section 3.6.4); `None` where nobody knows it.
    pub message_id: Option<String>,
    /// When it was sent (RFC 3339, UTC).
    pub moment: DateTime<Utc>,
    /// Addresses that took it.
    pub recipients: Vec<String>,
    /// Addresses of its copies in archives, and what else shows that it arrived.
    pub evidence: Vec<String>,
    /// What it said, for the comparison with what is said later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Value>,
}

impl Entry {
    /// Returns the path of the entry below a folder of entries.
    pub fn path(&self) -> PathBuf {
        path(&self.document, &self.kind, self.revision)
    }

    /// Returns this entry with what an earlier one knew beyond it.
    pub fn joined(mut self, earlier: &Entry) -> Entry {
        let recipients = earlier.recipients.iter();
        let more: Vec<String> = recipients
            .filter(|address| !self.recipients.contains(address))
            .cloned()
            .collect();
        self.recipients.extend(more);
        self.recipients.sort();
        let evidence = earlier.evidence.iter();
        let more: Vec<String> = evidence
            .filter(|url| !self.evidence.contains(url))
            .cloned()
            .collect();
        self.evidence.extend(more);
        self.evidence.sort();
        self.moment = earlier.moment.min(self.moment);
        self.message_id = earlier.message_id.clone().or(self.message_id);
        self.facts = earlier.facts.clone().or(self.facts);
        self
    }

    fn is_of(&self, document: &str, kind: &str) -> bool {
        self.document.eq_ignore_ascii_case(document) && self.kind == kind
    }

    /// Returns the entry as JSON with a final line break.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts and numbers always have JSON");
        format!("{text}\n")
    }
}

/// Returns the path of an entry below a folder of entries. The kind in an entry is what somebody wrote there.
pub fn path(document: &str, kind: &str, revision: u32) -> PathBuf {
    PathBuf::from(file_name(document)).join(format!("{}-{revision}.json", file_name(kind)))
}

/// Returns the name of a file or folder for a document. Different ids have different names, and none leads out
/// of its folder.
pub fn file_name(document: &str) -> String {
    let mut name = String::new();
    for byte in document.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() || byte == b'-' => name.push(char::from(byte)),
            byte => name.push_str(&format!("_{byte:02X}")),
        }
    }
    // No path has a part without a letter.
    match name.is_empty() {
        true => "_".to_owned(),
        false => name,
    }
}

/// Why the entries cannot be read. What was sent must not be forgotten in silence: it might be sent again.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {why}", .path.display())]
pub struct LedgerError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system or the parser says.
    pub why: String,
}

/// All entries, sorted by document, kind and revision.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// Reads the entries below folders, each a workspace's or its private folder's. One that does not
    /// exist has none.
    ///
    /// # Errors
    /// When a folder cannot be listed, or an entry cannot be read.
    pub fn read(folders: &[&Path]) -> Result<Ledger, LedgerError> {
        let mut entries = Vec::new();
        for folder in folders {
            let folder = folder.join(FOLDER);
            let fault = |path: &Path, why: &dyn std::fmt::Display| LedgerError {
                path: path.to_path_buf(),
                why: why.to_string(),
            };
            let files = source::list_tree(&folder).map_err(|error| fault(&folder, &error))?;
            for file in files {
                let path = folder.join(&file);
                if file.to_string_lossy().ends_with(".json.asc") {
                    return Err(fault(
                        &path,
                        &"it is sealed; open it with `vmt embargo open`",
                    ));
                }
                if file.extension().is_none_or(|ending| ending != "json") {
                    continue;
                }
                let bytes = source::read_bytes(&path).map_err(|error| fault(&path, &error))?;
                entries.push(serde_json::from_slice(&bytes).map_err(|error| fault(&path, &error))?);
            }
        }
        Ok(Ledger::of(entries))
    }

    /// Reads one entry; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read_entry(path: &Path) -> Result<Option<Entry>, LedgerError> {
        let fault = |why: &dyn std::fmt::Display| LedgerError {
            path: path.to_path_buf(),
            why: why.to_string(),
        };
        match source::read_bytes(path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| fault(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    /// Makes a ledger of entries.
    pub fn of(mut entries: Vec<Entry>) -> Ledger {
        entries.sort_by(|a, b| {
            (&a.document, &a.kind, a.revision).cmp(&(&b.document, &b.kind, b.revision))
        });
        Ledger { entries }
    }

    /// Returns all entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries of a document; case does not count.
    pub fn of_document<'a, 'b>(
        &'a self,
        document: &'b str,
    ) -> impl Iterator<Item = &'a Entry> + use<'a, 'b> {
        let same = move |entry: &&Entry| entry.document.eq_ignore_ascii_case(document);
        self.entries.iter().filter(same)
    }

    /// Returns the newest entry of a kind for a document.
    pub fn last(&self, document: &str, kind: &str) -> Option<&Entry> {
        let mut of_kind = self.entries.iter().rev();
        of_kind.find(|entry| entry.is_of(document, kind))
    }

    /// Returns the oldest entry of a kind for a document: the mail that a thread begins with.
    pub fn first(&self, document: &str, kind: &str) -> Option<&Entry> {
        let mut of_kind = self.entries.iter();
        of_kind.find(|entry| entry.is_of(document, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_ids_have_different_names_and_none_leads_away() {
        assert_eq!(file_name("OSSA-2026-001"), "OSSA-2026-001");
        assert_eq!(file_name("../../evil"), "_2E_2E_2F_2E_2E_2Fevil");
        assert_ne!(file_name("a.b"), file_name("a_b"));
        assert_eq!(path("", "", 1), Path::new("_/_-1.json"));
        assert_ne!(file_name("a_2Eb"), file_name("a.b"));
    }

    #[test]
    fn the_kind_of_an_entry_leads_nowhere_else() {
        assert_eq!(path("A", "notice-vs", 2), Path::new("A/notice-vs-2.json"));
        for kind in ["../../evil", "/etc/evil", "a/b"] {
            assert_eq!(path("A", kind, 1).components().count(), 2, "{kind}");
        }
    }
}
