//! A file of the last build that was made of pieces, to take those from it that are still right (effect: read).

use std::collections::HashMap;
use std::fs;

use crate::key::Key;

/// A file of the last build with the places of its pieces.
pub(super) struct OldPieces {
    file: fs::File,
    /// Where each piece begins, and its length.
    places: HashMap<Key, (u64, u64)>,
}

/// Pieces that stand near each other, read in one go.
pub(super) struct NearPieces<'o> {
    old: &'o OldPieces,
    /// Where `bytes` begin.
    start: u64,
    bytes: Vec<u8>,
}

impl OldPieces {
    /// A file with the keys and lengths of its pieces, one after the other.
    pub(super) fn new(file: fs::File, pieces: &[(Key, u64)]) -> OldPieces {
        let mut at = 0;
        let mut places = HashMap::new();
        for (key, length) in pieces {
            places.insert(*key, (at, *length));
            at += length;
        }
        OldPieces { file, places }
    }

    /// Reads the stretch in which pieces stand, where little else stands in it.
    pub(super) fn near(&self, keys: impl Iterator<Item = Key>) -> NearPieces<'_> {
        let places = keys.filter_map(|key| self.places.get(&key));
        let (mut start, mut end, mut sum) = (u64::MAX, 0, 0);
        for (at, length) in places {
            start = start.min(*at);
            end = end.max(at + length);
            sum += length;
        }
        let is_dense = sum > 0 && end - start <= 2 * sum;
        let bytes = is_dense.then(|| self.read_at(start, end - start)).flatten();
        NearPieces {
            old: self,
            start,
            bytes: bytes.unwrap_or_default(),
        }
    }

    fn read_at(&self, at: u64, length: u64) -> Option<Vec<u8>> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileExt as _;
            let mut bytes = vec![0; usize::try_from(length).ok()?];
            self.file.read_exact_at(&mut bytes, at).ok()?;
            Some(bytes)
        }
        #[cfg(not(unix))]
        {
            // Reading at a place, from several threads, differs elsewhere: the piece is made again.
            let _ = (&self.file, at, length);
            None
        }
    }
}

impl NearPieces<'_> {
    pub(super) fn read(&self, key: Key) -> Option<Vec<u8>> {
        let (at, length) = *self.old.places.get(&key)?;
        let inside = || {
            let begin = usize::try_from(at.checked_sub(self.start)?).ok()?;
            let end = begin.checked_add(usize::try_from(length).ok()?)?;
            self.bytes.get(begin..end).map(<[u8]>::to_vec)
        };
        inside().or_else(|| self.old.read_at(at, length))
    }
}
