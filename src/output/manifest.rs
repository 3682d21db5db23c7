//! What is known of files that were written: the key of each file's inputs, and by what marks the
//! file is known again. Pure.
//!
//! A row is true of a file, wherever its folder stands: a file with these marks holds the bytes of
//! that key. A manifest that cannot be read is none; then everything is made.

use std::collections::HashMap;

use crate::key::Key;

/// The first bytes of a manifest; the number changes with its form.
const MAGIC: &[u8; 16] = b"vmt manifest 01\n";

/// By what a file is known again: whoever writes to it or puts another in its place changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Stamp {
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i64,
    pub(super) inode: u64,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fact {
    pub(super) key: Key,
    pub(super) stamp: Stamp,
    /// The pieces that it is made of, with their lengths.
    pub(super) pieces: Vec<(Key, u64)>,
}

/// Facts by path: of the file in the published folder, and of the one in the folder before that.
pub(super) type Facts = HashMap<String, Vec<Fact>>;

/// Writes facts in the order of their paths.
pub(super) fn encode<'f>(facts: impl IntoIterator<Item = (&'f str, &'f [Fact])>) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for (path, facts) in facts {
        number(&mut out, path.len() as u64);
        out.extend(path.as_bytes());
        number(&mut out, facts.len() as u64);
        for fact in facts {
            out.extend(fact.key.0);
            number(&mut out, fact.stamp.size);
            out.extend(fact.stamp.modified.to_le_bytes());
            number(&mut out, fact.stamp.inode);
            number(&mut out, fact.pieces.len() as u64);
            for (key, length) in &fact.pieces {
                out.extend(key.0);
                number(&mut out, *length);
            }
        }
    }
    let whole = Key::of_bytes(&out);
    out.extend(whole.0);
    out
}

/// Reads facts; `None` where a byte is missing or was changed.
pub(super) fn decode(bytes: &[u8]) -> Option<Facts> {
    let (body, whole) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
    if Key::of_bytes(body).0 != *whole {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let mut facts = Facts::new();
    while !rest.is_empty() {
        let length = take_number(&mut rest)?;
        let path = std::str::from_utf8(take(&mut rest, length)?).ok()?;
        let count = take_number(&mut rest)?;
        let read = (0..count).map(|_| take_fact(&mut rest));
        let read: Option<Vec<Fact>> = read.collect();
        facts.insert(path.to_owned(), read?);
    }
    Some(facts)
}

fn take_fact(rest: &mut &[u8]) -> Option<Fact> {
    let key = take_key(rest)?;
    let size = take_number(rest)?;
    let modified = i64::from_le_bytes(take(rest, 8)?.try_into().ok()?);
    let inode = take_number(rest)?;
    let count = take_number(rest)?;
    let mut pieces = Vec::new();
    for _ in 0..count {
        pieces.push((take_key(rest)?, take_number(rest)?));
    }
    let stamp = Stamp {
        size,
        modified,
        inode,
    };
    Some(Fact { key, stamp, pieces })
}

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend(number.to_le_bytes());
}

fn take<'r>(rest: &mut &'r [u8], length: u64) -> Option<&'r [u8]> {
    let (taken, left) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = left;
    Some(taken)
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(take(rest, 8)?.try_into().ok()?))
}

fn take_key(rest: &mut &[u8]) -> Option<Key> {
    Some(Key(take(rest, 16)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_a_broken_one_does_not() {
        let fact = |size: u64, pieces: Vec<(Key, u64)>| Fact {
            key: Key::of("x").done(),
            stamp: Stamp {
                size,
                modified: -5,
                inode: 7,
            },
            pieces,
        };
        let facts = Facts::from([
            ("a/b.html".to_owned(), vec![fact(1, Vec::new())]),
            (
                "c".to_owned(),
                vec![fact(2, vec![(Key::default(), 3)]), fact(4, Vec::new())],
            ),
        ]);
        let bytes = encode(facts.iter().map(|(path, facts)| (&**path, &**facts)));
        assert_eq!(decode(&bytes), Some(facts));
        for at in 0..bytes.len() {
            assert_eq!(decode(&bytes[..at]), None, "cut at {at}");
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(decode(&changed), None, "changed at {at}");
        }
    }
}
