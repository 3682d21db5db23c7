//! What is known of files that were written: the key of each file's inputs, and by what marks the
//! file is known again. Pure.
//!
//! A row is true of a file, wherever its folder stands: a file with these marks holds the bytes of
//! that key. A manifest that cannot be read is none; then everything is made. Files are named by the
//! digests of their paths: of a million files that is a third of the memory, and the time.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::Arc;

use crate::key::Key;

/// The first bytes of a manifest; the number changes with its form.
const MAGIC: &[u8; 16] = b"vmt manifest 02\n";

/// Bytes of rows that are written and read in one go.
const BLOCK: usize = 1024 * 1024;

/// By what a file is known again: whoever writes to it or puts another in its place changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Stamp {
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i64,
    pub(super) inode: u64,
}

/// A file that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fact {
    pub(super) key: Key,
    pub(super) stamp: Stamp,
}

/// The keys of the pieces that a file is made of one after the other, with their lengths.
pub(super) type Places = Arc<[(Key, u64)]>;

/// What is known of the files at a path: of the newest one, and of the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) newest: Fact,
    pub(super) older: Option<Fact>,
    /// Which of them lies in the folder of the older build.
    lying: Option<Which>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Newest,
    Older,
}

impl Known {
    /// Both, the newest first.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        std::iter::once(self.newest).chain(self.older)
    }

    /// The one in the folder of the older build.
    pub(super) fn lying(&self) -> Option<Fact> {
        match self.lying? {
            Which::Newest => Some(self.newest),
            Which::Older => self.older,
        }
    }
}

/// What is known of all files of the last builds, by the names of their paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    files: HashMap<Key, Known>,
    /// Of the few that are made of pieces, those of the newest one.
    pieces: HashMap<Key, Places>,
}

/// The files of a build, by the names of their paths.
#[derive(Debug, Default)]
pub(super) struct Taken {
    files: HashMap<Key, Fact>,
    pieces: HashMap<Key, Places>,
}

/// Returns the name under which facts of a path stand.
pub(super) fn name_of(path: &str) -> Key {
    Key::of_bytes(path.as_bytes())
}

impl Facts {
    /// Returns what is known of the files of a name.
    pub(super) fn get(&self, name: Key) -> Option<&Known> {
        self.files.get(&name)
    }

    /// Returns the pieces of the newest file of a name.
    pub(super) fn pieces(&self, name: Key) -> Option<&Places> {
        self.pieces.get(&name)
    }

    /// Notes which file of a name lies in the folder of the older build.
    pub(super) fn lies(&mut self, name: Key, stamp: Stamp) {
        if let Some(known) = self.files.get_mut(&name) {
            known.lying = match known.older {
                _ if known.newest.stamp == stamp => Some(Which::Newest),
                Some(older) if older.stamp == stamp => Some(Which::Older),
                _ => None,
            };
        }
    }

    /// The names of what lies there.
    pub(super) fn all_lying(&self) -> impl Iterator<Item = Key> {
        let lying = self.files.iter().filter(|(_, known)| known.lying.is_some());
        lying.map(|(name, _)| *name)
    }

    /// Forgets of what files were made that may have been written again without a change of their marks:
    /// those that were written at a moment or later. Only their own bytes tell what is in them.
    pub(super) fn trust_before(&mut self, moment: i64) {
        for (name, known) in &mut self.files {
            if known.newest.stamp.modified >= moment {
                known.newest.key = Key::default();
                self.pieces.remove(name);
            }
            if let Some(older) = known.older.as_mut()
                && older.stamp.modified >= moment
            {
                older.key = Key::default();
            }
        }
    }

    /// Reads them; `None` where a byte is missing or was changed.
    pub(super) fn read(from: &mut dyn Read) -> Option<Facts> {
        let mut magic = *MAGIC;
        from.read_exact(&mut magic).ok()?;
        if magic != *MAGIC {
            return None;
        }
        let mut facts = Facts::default();
        let mut whole = Key::of("blocks");
        let mut rows = Vec::new();
        loop {
            let mut length = [0; 8];
            from.read_exact(&mut length).ok()?;
            let length = u64::from_le_bytes(length);
            // A length that was changed is no reason to take all the memory there is.
            rows.clear();
            Read::take(&mut *from, length).read_to_end(&mut rows).ok()?;
            let mut key = Key::default();
            from.read_exact(&mut key.0).ok()?;
            if rows.is_empty() {
                let is_end = length == 0 && whole.done() == key && from.read(&mut [0]).ok()? == 0;
                return is_end.then_some(facts);
            }
            if rows.len() as u64 != length || Key::of_bytes(&rows) != key {
                return None;
            }
            whole = whole.key(key);
            let mut rest = rows.as_slice();
            while !rest.is_empty() {
                take_row(&mut rest, &mut facts)?;
            }
        }
    }
}

impl Taken {
    /// Returns what is known of the file of a name.
    pub(super) fn get(&self, name: Key) -> Option<Fact> {
        self.files.get(&name).copied()
    }

    /// Returns how many files there are.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Adds a file.
    pub(super) fn insert(&mut self, name: Key, fact: Fact, pieces: Option<Places>) {
        if let Some(pieces) = pieces {
            self.pieces.insert(name, pieces);
        }
        self.files.insert(name, fact);
    }

    /// Writes them, with what `before` knew of the same paths.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&self, out: &mut dyn Write, before: &Facts) -> io::Result<()> {
        let mut out = Blocks::new(out)?;
        for (name, fact) in &self.files {
            let fact = *fact;
            let others = before.get(*name).into_iter().flat_map(Known::facts);
            let older = others.into_iter().find(|other| other.stamp != fact.stamp);
            let pieces = self.pieces.get(name);
            let row = &mut out.rows;
            row.extend(name.0);
            row.push(u8::from(older.is_some()) | u8::from(pieces.is_some()) << 1);
            put_fact(row, fact);
            older.into_iter().for_each(|older| put_fact(row, older));
            if let Some(pieces) = pieces {
                row.extend((pieces.len() as u64).to_le_bytes());
                for (key, length) in pieces.iter() {
                    row.extend(key.0);
                    row.extend(length.to_le_bytes());
                }
            }
            out.row_ends()?;
        }
        out.end()
    }
}

/// Rows on their way into a manifest: in blocks with the digest of each, and one of all at the end.
struct Blocks<'w> {
    out: &'w mut dyn Write,
    rows: Vec<u8>,
    whole: crate::key::KeyMaker,
}

impl Blocks<'_> {
    fn new(out: &mut dyn Write) -> io::Result<Blocks<'_>> {
        out.write_all(MAGIC)?;
        Ok(Blocks {
            out,
            rows: Vec::new(),
            whole: Key::of("blocks"),
        })
    }

    fn row_ends(&mut self) -> io::Result<()> {
        match self.rows.len() < BLOCK {
            true => Ok(()),
            false => self.block_ends(),
        }
    }

    fn block_ends(&mut self) -> io::Result<()> {
        let key = Key::of_bytes(&self.rows);
        self.whole = self.whole.clone().key(key);
        self.put(key)
    }

    fn put(&mut self, key: Key) -> io::Result<()> {
        self.out
            .write_all(&(self.rows.len() as u64).to_le_bytes())?;
        self.out.write_all(&self.rows)?;
        self.out.write_all(&key.0)?;
        self.rows.clear();
        Ok(())
    }

    /// An empty block is the end.
    fn end(mut self) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.block_ends()?;
        }
        let whole = self.whole.clone().done();
        self.put(whole)
    }
}

fn put_fact(out: &mut Vec<u8>, fact: Fact) {
    out.extend(fact.key.0);
    out.extend(fact.stamp.size.to_le_bytes());
    out.extend(fact.stamp.modified.to_le_bytes());
    out.extend(fact.stamp.inode.to_le_bytes());
}

fn take_row(rest: &mut &[u8], facts: &mut Facts) -> Option<()> {
    let name = Key(take(rest)?);
    let [has] = take(rest)?;
    let newest = take_fact(rest)?;
    let older = match has & 1 {
        0 => None,
        _ => Some(take_fact(rest)?),
    };
    let mut pieces = None;
    if has & 2 != 0 {
        let count = u64::from_le_bytes(take(rest)?);
        let read = (0..count).map(|_| Some((Key(take(rest)?), u64::from_le_bytes(take(rest)?))));
        pieces = Some(read.collect::<Option<Places>>()?);
    }
    if let Some(pieces) = pieces {
        facts.pieces.insert(name, pieces);
    }
    let known = Known {
        newest,
        older,
        lying: None,
    };
    facts.files.insert(name, known);
    Some(())
}

fn take_fact(rest: &mut &[u8]) -> Option<Fact> {
    let key = Key(take(rest)?);
    let stamp = Stamp {
        size: u64::from_le_bytes(take(rest)?),
        modified: i64::from_le_bytes(take(rest)?),
        inode: u64::from_le_bytes(take(rest)?),
    };
    Some(Fact { key, stamp })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(size: u64, modified: i64) -> Fact {
        let stamp = Stamp {
            size,
            modified,
            inode: 7,
        };
        Fact {
            key: Key::of("x").done(),
            stamp,
        }
    }

    /// What two builds leave.
    fn written() -> Vec<u8> {
        let build = |files: &[(&str, Fact)]| {
            let mut taken = Taken::default();
            for (path, fact) in files {
                let pieces: Places = Arc::new([(Key::default(), fact.stamp.size)]);
                taken.insert(name_of(path), *fact, (*path == "c").then_some(pieces));
            }
            taken
        };
        let mut first = Vec::new();
        let before = build(&[("c", fact(4, 3)), ("gone", fact(1, 1))]);
        before
            .write(&mut first, &Facts::default())
            .expect("written");
        let before = Facts::read(&mut first.as_slice()).expect("read");
        let mut bytes = Vec::new();
        let taken = build(&[("a/b.html", fact(1, -5)), ("c", fact(2, 9))]);
        taken.write(&mut bytes, &before).expect("written");
        bytes
    }

    #[test]
    fn a_manifest_reads_back_and_a_broken_one_does_not() {
        let bytes = written();
        let mut facts = Facts::read(&mut bytes.as_slice()).expect("it reads back");
        let known = |facts: &Facts, path: &str| {
            let known = facts.get(name_of(path));
            known.map(|known| known.facts().collect::<Vec<_>>())
        };
        assert_eq!(known(&facts, "a/b.html"), Some(vec![fact(1, -5)]));
        assert_eq!(known(&facts, "c"), Some(vec![fact(2, 9), fact(4, 3)]));
        assert_eq!(known(&facts, "gone"), None);
        let pieces = facts.pieces(name_of("c")).map(|pieces| pieces.to_vec());
        assert_eq!(pieces, Some(vec![(Key::default(), 2)]));
        facts.lies(name_of("c"), fact(4, 3).stamp);
        facts.lies(name_of("a/b.html"), fact(9, 9).stamp);
        assert_eq!(facts.all_lying().collect::<Vec<_>>(), [name_of("c")]);
        let c = facts.get(name_of("c")).and_then(Known::lying);
        assert_eq!(c, Some(fact(4, 3)));
        for at in 0..bytes.len() {
            assert_eq!(Facts::read(&mut &bytes[..at]), None, "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let read = Facts::read(&mut changed.as_slice());
            assert_eq!(read, None, "changed at {at}");
        }
        let longer = [bytes.as_slice(), b"x"].concat();
        assert_eq!(Facts::read(&mut longer.as_slice()), None);
    }

    #[test]
    fn many_rows_fill_several_blocks() {
        let mut many = Taken::default();
        for at in 0..40_000 {
            many.insert(name_of(&at.to_string()), fact(at, 0), None);
        }
        let mut bytes = Vec::new();
        many.write(&mut bytes, &Facts::default()).expect("written");
        assert!(bytes.len() > 2 * BLOCK);
        let read = Facts::read(&mut bytes.as_slice()).expect("it reads back");
        for at in 0..40_000 {
            let known = read.get(name_of(&at.to_string()));
            assert_eq!(known.map(|known| known.newest), Some(fact(at, 0)));
        }
    }

    #[test]
    fn of_what_was_written_with_the_manifest_no_key_is_known() {
        let mut known = Facts::read(&mut written().as_slice()).expect("it reads back");
        known.trust_before(9);
        let c = known.get(name_of("c")).expect("it is there");
        let keys: Vec<Key> = c.facts().map(|fact| fact.key).collect();
        assert_eq!(keys, [Key::default(), fact(4, 3).key]);
        assert_eq!(known.pieces(name_of("c")), None);
        let other = known.get(name_of("a/b.html")).expect("it is there");
        assert_eq!(other.newest, fact(1, -5));
    }
}
