//! What is known of files that were written: the key of each file's inputs, and by what marks the
//! file is known again. Pure.
//!
//! A row is true of a file, wherever its folder stands: a file with these marks holds the bytes of
//! that key. A manifest that cannot be read is none; then everything is made. Files are named by the
//! digests of their paths: of a million files that is a third of the memory, and the time.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::key::Key;

/// The first bytes of a manifest; the number changes with its form.
const MAGIC: &[u8; 16] = b"vmt manifest 03\n";

/// Bytes of rows that are written and read in one go.
const BLOCK: usize = 1024 * 1024;

/// Bytes of a row of two files: its name, what it has, and a key and three numbers of each.
const LONG_ROW: usize = 16 + 1 + 2 * (16 + 3 * 8);

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) newest: Fact,
    pub(super) older: Option<Fact>,
}

impl Known {
    /// Both, the newest first.
    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        std::iter::once(self.newest).chain(self.older)
    }

    /// Which of the two a mark means.
    fn marked(&self, mark: u8) -> Option<Fact> {
        match mark {
            NEWEST => Some(self.newest),
            OLDER => self.older,
            _ => None,
        }
    }

    /// The mark of the one with this stamp.
    fn mark_of(&self, stamp: Stamp) -> u8 {
        match self.older {
            _ if self.newest.stamp == stamp => NEWEST,
            Some(older) if older.stamp == stamp => OLDER,
            _ => NONE,
        }
    }
}

// Which file of a path is meant: none, one of the two that are known, or another.
const NONE: u8 = 0;
const NEWEST: u8 = 1;
const OLDER: u8 = 2;
const OTHER: u8 = 3;

/// What is known of all files of the last builds. What belongs to a path stands at one place in each list, in the
/// order of the names: a million files are found without a table of their own.
#[derive(Debug, Default)]
pub(super) struct Facts {
    names: Vec<Key>,
    known: Vec<Known>,
    /// Which of them lies in the folder of the older build.
    lying: Vec<AtomicU8>,
    /// Where names begin whose first bits are a number: one more than there are such numbers.
    starts: Vec<u32>,
    /// Of the few that are made of pieces, those of the newest one.
    pieces: HashMap<Key, Places>,
}

/// Where the facts of a name stand.
pub(super) type Place = usize;

/// The files of a build.
#[derive(Debug)]
pub(super) struct Taken {
    /// Of the paths of which something is known: which file was taken.
    known: Vec<AtomicU8>,
    others: Mutex<Others>,
}

/// Files that are none of those that are known: of new paths, or made again.
#[derive(Debug, Default)]
struct Others {
    files: HashMap<Key, Fact>,
    pieces: HashMap<Key, Places>,
}

/// Returns the name under which facts of a path stand.
pub(super) fn name_of(path: &str) -> Key {
    Key::of_bytes(path.as_bytes())
}

impl Facts {
    /// Returns where the facts of a name stand.
    pub(super) fn place(&self, name: Key) -> Option<Place> {
        let first = first_bits(name, self.starts.len());
        let start = *self.starts.get(first)? as usize;
        let end = *self.starts.get(first + 1)? as usize;
        let found = self.names.get(start..end)?.binary_search(&name).ok()?;
        Some(start + found)
    }

    /// Returns what is known of the files at a place.
    pub(super) fn known(&self, place: Place) -> &Known {
        &self.known[place]
    }

    /// Returns the pieces of the newest file of a name.
    pub(super) fn pieces(&self, name: Key) -> Option<&Places> {
        self.pieces.get(&name)
    }

    /// Notes which file of a name lies in the folder of the older build; says whether it is known.
    pub(super) fn lies(&self, name: Key, stamp: Stamp) -> bool {
        let Some(place) = self.place(name) else {
            return false;
        };
        let mark = self.known[place].mark_of(stamp);
        self.lying[place].store(mark, Ordering::Relaxed);
        mark != NONE
    }

    /// The file at a place that lies there.
    pub(super) fn lying(&self, place: Place) -> Option<Fact> {
        let mark = self.lying[place].load(Ordering::Relaxed);
        self.known[place].marked(mark)
    }

    /// Returns whether all that lies there was taken.
    pub(super) fn all_lying_are(&self, taken: &Taken) -> bool {
        let mut lying = (0..self.lying.len()).filter(|place| self.lying(*place).is_some());
        lying.all(|place| taken.has_known(place))
    }

    /// Forgets of what files were made that may have been written again without a change of their marks:
    /// those that were written at a moment or later. Only their own bytes tell what is in them.
    pub(super) fn trust_before(&mut self, moment: i64) {
        for (name, known) in self.names.iter().zip(&mut self.known) {
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

    /// Reads them; `None` where a byte is missing or was changed. `length` is that of all, in bytes, so that lists
    /// grow once at most.
    pub(super) fn read(from: &mut dyn Read, length: u64) -> Option<Facts> {
        let mut magic = *MAGIC;
        from.read_exact(&mut magic).ok()?;
        if magic != *MAGIC {
            return None;
        }
        let mut facts = Facts::default();
        let about = usize::try_from(length).ok()? / LONG_ROW;
        facts.names.try_reserve_exact(about).ok()?;
        facts.known.try_reserve_exact(about).ok()?;
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
                return (is_end && facts.find_starts().is_some()).then_some(facts);
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

    /// Notes where names begin; `None` where they are not in order.
    fn find_starts(&mut self) -> Option<()> {
        self.lying.resize_with(self.names.len(), AtomicU8::default);
        let count = self.names.len().next_power_of_two();
        self.starts.reserve_exact(count + 1);
        for (place, name) in self.names.iter().enumerate() {
            if place > 0 && self.names[place - 1] >= *name {
                return None;
            }
            let upto = first_bits(*name, count + 1) + 1;
            let place = u32::try_from(place).ok()?;
            self.starts.resize(upto.max(self.starts.len()), place);
        }
        let end = u32::try_from(self.names.len()).ok()?;
        self.starts.resize(count + 1, end);
        Some(())
    }
}

/// The first bits of a name as a number, where there are `starts` of names and their end.
fn first_bits(name: Key, starts: usize) -> usize {
    let [a, b, c, d, ..] = name.0;
    let bits = starts.saturating_sub(1).checked_ilog2().unwrap_or(0);
    let first = u64::from(u32::from_be_bytes([a, b, c, d])) << bits >> 32;
    usize::try_from(first).unwrap_or(usize::MAX)
}

impl Taken {
    /// None yet of a build that knows so much.
    pub(super) fn none(facts: &Facts) -> Taken {
        let mut known = Vec::new();
        known.resize_with(facts.names.len(), AtomicU8::default);
        Taken {
            known,
            others: Mutex::default(),
        }
    }

    fn has_known(&self, place: Place) -> bool {
        self.known[place].load(Ordering::SeqCst) != NONE
    }

    /// Returns whether the file of a name was taken.
    pub(super) fn has(&self, facts: &Facts, name: Key) -> bool {
        match facts.place(name) {
            Some(place) => self.has_known(place),
            None => self.with_others(|others| others.files.contains_key(&name)),
        }
    }

    /// Returns what is known of the file of a name.
    pub(super) fn get(&self, facts: &Facts, name: Key) -> Option<Fact> {
        if let Some(place) = facts.place(name) {
            match self.known[place].load(Ordering::SeqCst) {
                OTHER => {}
                mark => return facts.known[place].marked(mark),
            }
        }
        self.with_others(|others| others.files.get(&name).copied())
    }

    fn with_others<T>(&self, act: impl FnOnce(&mut Others) -> T) -> T {
        act(&mut self.others.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the file with this stamp that is known at a place; says whether none of its path was taken before.
    pub(super) fn take_known(&self, facts: &Facts, place: Place, stamp: Stamp) -> bool {
        let mark = facts.known[place].mark_of(stamp);
        self.known[place].swap(mark, Ordering::SeqCst) == NONE
    }

    /// Takes a file that was made; says whether none of its path was taken before.
    pub(super) fn take_new(
        &self,
        facts: &Facts,
        name: Key,
        fact: Fact,
        pieces: Option<Places>,
    ) -> bool {
        let mut is_first = true;
        if let Some(place) = facts.place(name) {
            is_first = self.known[place].swap(OTHER, Ordering::SeqCst) == NONE;
        }
        self.with_others(|others| {
            if let Some(pieces) = pieces {
                others.pieces.insert(name, pieces);
            }
            others.files.insert(name, fact).is_none() && is_first
        })
    }

    /// Returns how many files there are.
    pub(super) fn len(&self) -> usize {
        let marks = self.known.iter().map(|mark| mark.load(Ordering::SeqCst));
        let known = marks.filter(|mark| matches!(*mark, NEWEST | OLDER)).count();
        known + self.with_others(|others| others.files.len())
    }

    /// Writes them in the order of their names, with what `before` knew of the same paths.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn write(&self, out: &mut dyn Write, before: &Facts) -> io::Result<()> {
        let mut out = Blocks::new(out)?;
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let mut new: Vec<(Key, Fact)> = others.files.iter().map(|(k, f)| (*k, *f)).collect();
        new.sort_unstable_by_key(|(name, _)| *name);
        let mut new = new.into_iter().peekable();
        for (place, name) in before.names.iter().enumerate() {
            while let Some((other, fact)) = new.next_if(|(other, _)| other < name) {
                out.row(other, fact, None, others.pieces.get(&other))?;
            }
            let known = &before.known[place];
            let other = new.next_if(|(other, _)| other == name);
            let mark = self.known[place].load(Ordering::SeqCst);
            let Some(fact) = known.marked(mark).or(other.map(|(_, fact)| fact)) else {
                continue;
            };
            let older = known.facts().find(|other| other.stamp != fact.stamp);
            let pieces = match mark {
                NEWEST => before.pieces(*name),
                OLDER if known.newest.key == fact.key => before.pieces(*name),
                _ => others.pieces.get(name),
            };
            out.row(*name, fact, older, pieces)?;
        }
        for (name, fact) in new {
            out.row(name, fact, None, others.pieces.get(&name))?;
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

    fn row(
        &mut self,
        name: Key,
        fact: Fact,
        older: Option<Fact>,
        pieces: Option<&Places>,
    ) -> io::Result<()> {
        let row = &mut self.rows;
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
        match row.len() < BLOCK {
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
    facts.names.push(name);
    facts.known.push(Known { newest, older });
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
            key: Key::of_bytes(&size.to_le_bytes()),
            stamp,
        }
    }

    fn read(bytes: &[u8]) -> Option<Facts> {
        Facts::read(&mut &*bytes, bytes.len() as u64)
    }

    fn known(facts: &Facts, path: &str) -> Option<Vec<Fact>> {
        let place = facts.place(name_of(path))?;
        Some(facts.known(place).facts().collect())
    }

    /// What a build of new files leaves after another.
    fn build(before: &Facts, files: &[(&str, Fact)]) -> Vec<u8> {
        let taken = Taken::none(before);
        for (path, fact) in files {
            let pieces: Places = Arc::new([(Key::default(), fact.stamp.size)]);
            let pieces = (*path == "c").then_some(pieces);
            assert!(
                taken.take_new(before, name_of(path), *fact, pieces),
                "{path}"
            );
        }
        let mut bytes = Vec::new();
        taken.write(&mut bytes, before).expect("written");
        bytes
    }

    /// What two builds leave.
    fn written() -> Vec<u8> {
        let files = [("c", fact(4, 3)), ("gone", fact(1, 1))];
        let before = read(&build(&Facts::default(), &files)).expect("it reads back");
        build(&before, &[("a/b.html", fact(1, -5)), ("c", fact(2, 9))])
    }

    #[test]
    fn a_manifest_reads_back_and_a_broken_one_does_not() {
        let bytes = written();
        let facts = read(&bytes).expect("it reads back");
        assert_eq!(known(&facts, "a/b.html"), Some(vec![fact(1, -5)]));
        assert_eq!(known(&facts, "c"), Some(vec![fact(2, 9), fact(4, 3)]));
        assert_eq!(known(&facts, "gone"), None);
        let pieces = facts.pieces(name_of("c")).map(|pieces| pieces.to_vec());
        assert_eq!(pieces, Some(vec![(Key::default(), 2)]));
        for at in 0..bytes.len() {
            assert!(read(&bytes[..at]).is_none(), "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(read(&changed).is_none(), "changed at {at}");
        }
        assert!(read(&[bytes.as_slice(), b"x"].concat()).is_none());
        assert!(Facts::read(&mut bytes.as_slice(), u64::MAX).is_none());
    }

    #[test]
    fn what_lies_there_is_taken_once_and_stays_known() {
        let facts = read(&written()).expect("it reads back");
        assert!(facts.lies(name_of("c"), fact(4, 3).stamp));
        assert!(!facts.lies(name_of("a/b.html"), fact(9, 9).stamp));
        assert!(!facts.lies(name_of("gone"), fact(1, 1).stamp));
        let (c, page) = (name_of("c"), name_of("a/b.html"));
        let place = facts.place(c).expect("it is known");
        assert_eq!(facts.lying(place), Some(fact(4, 3)));
        let taken = Taken::none(&facts);
        assert!(!facts.all_lying_are(&taken) && !taken.has(&facts, c));
        assert!(taken.take_known(&facts, place, fact(4, 3).stamp));
        assert!(facts.all_lying_are(&taken) && taken.has(&facts, c));
        assert!(!taken.take_known(&facts, place, fact(4, 3).stamp));
        assert!(taken.take_new(&facts, page, fact(7, 7), None));
        assert!(!taken.take_new(&facts, page, fact(7, 7), None));
        assert!(taken.take_new(&facts, name_of("new"), fact(8, 8), None));
        assert_eq!(taken.len(), 3);
        assert_eq!(taken.get(&facts, c), Some(fact(4, 3)));
        assert_eq!(taken.get(&facts, page), Some(fact(7, 7)));
        let mut bytes = Vec::new();
        taken.write(&mut bytes, &facts).expect("written");
        let facts = read(&bytes).expect("it reads back");
        assert_eq!(known(&facts, "c"), Some(vec![fact(4, 3), fact(2, 9)]));
        assert_eq!(facts.pieces(c), None, "those are of the other file");
        let page = known(&facts, "a/b.html");
        assert_eq!(page, Some(vec![fact(7, 7), fact(1, -5)]));
        assert_eq!(known(&facts, "new"), Some(vec![fact(8, 8)]));
    }

    #[test]
    fn pieces_stay_known_where_the_older_file_is_of_the_same_key() {
        // As where files cannot be linked: each build makes its own, of the same.
        let first = read(&build(&Facts::default(), &[("c", fact(1, 1))])).expect("it reads back");
        let facts = read(&build(&first, &[("c", fact(1, 2))])).expect("it reads back");
        let c = name_of("c");
        let taken = Taken::none(&facts);
        let place = facts.place(c).expect("it is known");
        assert!(taken.take_known(&facts, place, fact(1, 1).stamp));
        let mut bytes = Vec::new();
        taken.write(&mut bytes, &facts).expect("written");
        let facts = read(&bytes).expect("it reads back");
        assert_eq!(known(&facts, "c"), Some(vec![fact(1, 1), fact(1, 2)]));
        assert!(facts.pieces(c).is_some());
    }

    #[test]
    fn many_rows_fill_several_blocks_and_are_found() {
        let paths: Vec<String> = (0..40_000).map(|at| at.to_string()).collect();
        let numbered = paths.iter().zip(0..);
        let many: Vec<(&str, Fact)> = numbered.map(|(path, at)| (&**path, fact(at, 0))).collect();
        let bytes = build(&Facts::default(), &many);
        assert!(bytes.len() > 2 * BLOCK);
        let read = read(&bytes).expect("it reads back");
        for (path, fact) in many {
            assert_eq!(known(&read, path), Some(vec![fact]));
        }
        assert_eq!(known(&read, "40000"), None);
    }

    #[test]
    fn of_what_was_written_with_the_manifest_no_key_is_known() {
        let mut facts = read(&written()).expect("it reads back");
        facts.trust_before(9);
        let c = known(&facts, "c").expect("it is there");
        let keys: Vec<Key> = c.iter().map(|fact| fact.key).collect();
        assert_eq!(keys, [Key::default(), fact(4, 3).key]);
        assert_eq!(facts.pieces(name_of("c")), None);
        assert_eq!(known(&facts, "a/b.html"), Some(vec![fact(1, -5)]));
    }
}
