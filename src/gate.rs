//! What is published held against what was published before (pure).
//!
//! Consumers keep copies. So nothing published is deleted, the day of publication never changes, and a
//! record says that it was modified exactly when it was.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::render::Artifact;

/// A record as published, without the two times that the gates are about.
#[derive(Debug, Clone, PartialEq)]
struct Record {
    published: String,
    modified: String,
    content: Value,
}

/// What was, or would be, published: documents by id.
#[derive(Debug, Default)]
pub struct Published {
    /// Days of publication.
    documents: BTreeMap<String, String>,
    /// OSV records.
    records: BTreeMap<String, Record>,
}

/// A promise that would be broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Id of the document.
    pub id: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: &'static str,
}

impl Published {
    /// Reads the files of a site; those that are no lists of documents or records are passed over.
    ///
    /// # Errors
    /// The name of a file that should be one and is not.
    pub fn read<'a>(files: impl IntoIterator<Item = &'a Artifact>) -> Result<Published, String> {
        let mut published = Published::default();
        for file in files {
            let is_record = file.path.starts_with("osv/")
                && file.path.ends_with(".json")
                && file.path != "osv/all.json";
            if !is_record && file.path != "advisories.json" {
                continue;
            }
            let value: Value = serde_json::from_slice(&file.bytes)
                .map_err(|error| format!("{}: {error}", file.path))?;
            match is_record {
                true => published.add_record(value),
                false => published.add_documents(&value),
            }
        }
        Ok(published)
    }

    fn add_documents(&mut self, value: &Value) {
        for document in value["documents"].as_array().into_iter().flatten() {
            let text = |field: &str| document[field].as_str().unwrap_or_default().to_owned();
            self.documents.insert(text("id"), text("date"));
        }
    }

    fn add_record(&mut self, mut value: Value) {
        let mut take = |field: &str| match value.get_mut(field).map(Value::take) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let (id, published, modified) = (take("id"), take("published"), take("modified"));
        let record = Record {
            published,
            modified,
            content: value,
        };
        self.records.insert(id, record);
    }

    /// Returns how many documents there are.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }
}

/// Holds what would be published against what was.
pub fn breaches(before: &Published, after: &Published) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut breach = |id: &str, message: String, help: &'static str| {
        found.push(Breach {
            id: id.to_owned(),
            message,
            help,
        });
    };
    for (id, day) in &before.documents {
        match after.documents.get(id) {
            None => breach(
                id,
                "it was published and would be deleted".into(),
                "put it back, with `withdrawn` if it does not hold any more",
            ),
            Some(now) if now != day => breach(
                id,
                format!("its day of publication would change from {day} to {now}"),
                "put the day back; a change belongs into `errata_history`",
            ),
            Some(_) => {}
        }
    }
    for (id, old) in &before.records {
        let Some(new) = after.records.get(id) else {
            // That of a deleted document is told above.
            if after
                .documents
                .keys()
                .any(|document| id.ends_with(document.as_str()))
            {
                breach(
                    id,
                    "its OSV record would be deleted".into(),
                    "keep products and versions; withdraw the document if it does not hold any more",
                );
            }
            continue;
        };
        let changed = old.content != new.content;
        if old.published != new.published {
            breach(
                id,
                format!(
                    "`published` would change from {} to {}",
                    old.published, new.published
                ),
                "put the day back",
            );
        }
        if changed && new.modified <= old.modified {
            breach(
                id,
                format!("its content changed, but `modified` stays {}", new.modified),
                "add a line with the day of the change to `errata_history`",
            );
        }
        if !changed && new.modified != old.modified {
            breach(
                id,
                format!(
                    "`modified` would move from {} to {} without a change",
                    old.modified, new.modified
                ),
                "take the line out of `errata_history`, or say what changed",
            );
        }
    }
    found.sort_by(|a, b| (&a.id, &a.message).cmp(&(&b.id, &b.message)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(day: &str, modified: &str, summary: &str) -> Published {
        let file = |path: &str, value: Value| Artifact {
            path: path.into(),
            bytes: value.to_string().into_bytes(),
        };
        let files = [
            file(
                "advisories.json",
                serde_json::json!({"documents": [{"id": "OSSA-2026-001", "date": day}]}),
            ),
            file(
                "osv/x_OSSA-2026-001.json",
                serde_json::json!({"id": "x_OSSA-2026-001", "published": day, "modified": modified, "summary": summary}),
            ),
        ];
        Published::read(&files).expect("a site")
    }

    fn said(before: &Published, after: &Published) -> Vec<String> {
        let all = breaches(before, after).into_iter();
        all.map(|breach| breach.message).collect()
    }

    #[test]
    fn every_promise_is_held() {
        let old = site("2026-01-02", "2026-01-02", "a");
        assert_eq!(said(&old, &site("2026-01-02", "2026-01-02", "a")), [""; 0]);
        assert_eq!(said(&old, &site("2026-01-02", "2026-01-03", "b")), [""; 0]);
        assert!(said(&old, &site("2026-01-02", "2026-01-02", "b"))[0].contains("content changed"));
        assert!(said(&old, &site("2026-01-02", "2026-01-03", "a"))[0].contains("without a change"));
        assert_eq!(said(&old, &site("2026-01-03", "2026-01-02", "a")).len(), 2);
        assert!(said(&old, &Published::default())[0].contains("deleted"));
        assert!(
            Published::read(&[Artifact {
                path: "advisories.json".into(),
                bytes: b"{".to_vec()
            }])
            .is_err()
        );
    }
}
