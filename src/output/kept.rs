//! Half-finished work that the next build need not do again: bytes under the key of what they were made
//! of, beside the older folder of a site (effect: read, write). What cannot be kept is made again.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::key::Key;

/// A folder of such work.
#[derive(Debug)]
pub(super) struct Kept {
    folder: PathBuf,
    used: Mutex<HashSet<Key>>,
}

impl Kept {
    pub(super) fn new(folder: PathBuf) -> Kept {
        Kept {
            folder,
            used: Mutex::default(),
        }
    }

    /// Returns what was made of these inputs before, or makes and keeps it.
    pub(super) fn get(&self, key: Key, make: &dyn Fn() -> Vec<u8>) -> Vec<u8> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(key);
        drop(used);
        let path = self.folder.join(name(key));
        if let Some(bytes) = fs::read(&path).ok().and_then(whole) {
            return bytes;
        }
        let bytes = make();
        let _ = self.keep(&path, &bytes);
        bytes
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Its owner's alone, as a preview is.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.write_all(&Key::of_bytes(bytes).0)?;
        file.persist(path)?;
        Ok(())
    }

    /// Takes away what was not asked for.
    pub(super) fn clean(self) {
        let used = self.used.into_inner();
        let used = used.unwrap_or_else(PoisonError::into_inner);
        let used: HashSet<String> = used.into_iter().map(name).collect();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name.to_str().is_none_or(|name| !used.contains(name)) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn name(key: Key) -> String {
    key.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes the digest from the end; nothing where a byte is missing or was changed.
fn whole(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let body = bytes.len().checked_sub(size_of::<Key>())?;
    let is_whole = Key::of_bytes(&bytes[..body]).0 == bytes[body..];
    bytes.truncate(body);
    is_whole.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_on_disk_is_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let key = Key::of("words").done();
        let get = |text: &str| {
            let kept = Kept::new(folder.path().join("kept"));
            let bytes = kept.get(key, &|| text.into());
            kept.clean();
            String::from_utf8(bytes).expect("text")
        };
        assert_eq!(get("first"), "first");
        assert_eq!(get("second"), "first");
        let path = folder.path().join("kept").join(name(key));
        for spoilt in [
            &b"fir"[..],
            b"",
            b"something else that is longer than a digest",
        ] {
            fs::write(&path, spoilt).expect("written");
            assert_eq!(get("third"), "third");
        }
        Kept::new(folder.path().join("kept")).clean();
        assert!(!path.exists());
    }
}
