//! A file whose end is in memory, so that going back a little to fill in a length costs no call of the
//! system (effect: write). Archives do that for each of their entries.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

/// Bytes in memory at which the first of them are written.
const MOST: usize = 4 * 1024 * 1024;

/// Bytes that stay in memory then.
const LEFT: usize = 1024 * 1024;

/// A file being written.
#[derive(Debug)]
pub(super) struct Tail {
    file: File,
    /// Where in the file the first byte of `bytes` belongs.
    start: u64,
    bytes: Vec<u8>,
    /// Where in `bytes` the next one goes.
    at: usize,
}

impl Tail {
    pub(super) fn new(file: File) -> Tail {
        Tail {
            file,
            start: 0,
            bytes: Vec::new(),
            at: 0,
        }
    }

    /// Writes what is in memory and returns the file.
    pub(super) fn into_file(mut self) -> io::Result<File> {
        self.write_first(self.bytes.len())?;
        Ok(self.file)
    }

    fn write_first(&mut self, count: usize) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.start))?;
        self.file.write_all(&self.bytes[..count])?;
        self.bytes.drain(..count);
        self.start += count as u64;
        self.at = self.at.saturating_sub(count);
        Ok(())
    }
}

impl Write for Tail {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let over = (self.bytes.len() - self.at).min(bytes.len());
        self.bytes[self.at..self.at + over].copy_from_slice(&bytes[..over]);
        self.bytes.extend_from_slice(&bytes[over..]);
        self.at += bytes.len();
        if self.bytes.len() > MOST {
            self.write_first((self.bytes.len() - LEFT).min(self.at))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Tail {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.start + self.at as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(distance) => here.checked_add_signed(distance),
            SeekFrom::End(distance) => {
                let end = self.start + self.bytes.len() as u64;
                let end = end.max(self.file.metadata()?.len());
                end.checked_add_signed(distance)
            }
        };
        let place = place.ok_or(io::ErrorKind::InvalidInput)?;
        let inside = place.checked_sub(self.start);
        match inside.and_then(|inside| usize::try_from(inside).ok()) {
            Some(inside) if inside <= self.bytes.len() => self.at = inside,
            _ => {
                self.write_first(self.bytes.len())?;
                (self.start, self.at) = (place, 0);
            }
        }
        Ok(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        /// Whatever is written where, the file is the one that plain writing makes.
        #[test]
        fn is_a_file(steps in proptest::collection::vec((0..3u8, 0..3_000_000u64, 0..1_500_000usize), 1..12)) {
            let mut tail = Tail::new(tempfile::tempfile().expect("a file"));
            let mut plain = io::Cursor::new(Vec::new());
            for (way, distance, length) in steps {
                let to = match way {
                    0 => SeekFrom::Current(0),
                    1 => SeekFrom::Start(distance),
                    _ => SeekFrom::End(-i64::try_from(distance.min(plain.get_ref().len() as u64)).unwrap_or(0)),
                };
                proptest::prop_assert_eq!(tail.seek(to)?, plain.seek(to)?);
                let bytes = vec![u8::try_from(distance % 251).unwrap_or(0); length];
                tail.write_all(&bytes)?;
                plain.write_all(&bytes)?;
            }
            let mut file = tail.into_file()?;
            file.rewind()?;
            let mut written = Vec::new();
            file.read_to_end(&mut written)?;
            proptest::prop_assert!(written == plain.into_inner());
        }
    }
}
