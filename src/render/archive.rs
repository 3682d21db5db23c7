//! ZIP archives, without compression and without times, so that equal files make equal bytes.

use std::cell::Cell;
use std::io::{self, Seek, SeekFrom, Write};

use super::Piece;
use crate::key::Key;

/// What an archive can be written to.
pub trait Stream: Write + Seek {}

impl<S: Write + Seek> Stream for S {}

/// Returns the key of an archive of files with these names, in this order.
pub fn key(names: &[String], pieces: &[Piece<'_>]) -> Key {
    let maker = Key::of("archive").texts(names.iter().map(String::as_str));
    maker.keys(pieces.iter().map(|piece| piece.key)).done()
}

/// Writes an archive of files by their names, in this order. Returns where the bytes of each begin, and
/// how many there are.
///
/// # Errors
/// What writing says.
pub fn write(
    out: &mut dyn Stream,
    names: &[String],
    files: impl IntoIterator<Item = Vec<u8>>,
) -> io::Result<Vec<(u64, u64)>> {
    let at = Cell::new(0);
    let mut zip = zip::ZipWriter::new(Followed { out, at: &at });
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    let mut places = Vec::new();
    for (name, bytes) in names.iter().zip(files) {
        zip.start_file(name, options)?;
        places.push((at.get(), bytes.len() as u64));
        zip.write_all(&bytes)?;
    }
    zip.finish()?;
    Ok(places)
}

/// Says where in it the next byte goes.
struct Followed<'f> {
    out: &'f mut dyn Stream,
    at: &'f Cell<u64>,
}

impl Write for Followed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.at.set(self.at.get() + written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Seek for Followed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.out.seek(to)?;
        self.at.set(at);
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn files_stand_where_it_says() {
        let names = ["a.json", "empty", "c"].map(str::to_owned);
        let files = [b"{}".to_vec(), Vec::new(), b"longer".to_vec()];
        let mut out = io::Cursor::new(Vec::new());
        let places = write(&mut out, &names, files.clone()).expect("written");
        let bytes = out.into_inner();
        let mut zip = zip::ZipArchive::new(io::Cursor::new(&bytes)).expect("an archive");
        for (at, (start, length)) in places.into_iter().enumerate() {
            let mut file = zip.by_index(at).expect("a file");
            assert_eq!((file.name(), file.data_start()), (&*names[at], start));
            let mut read = Vec::new();
            file.read_to_end(&mut read).expect("whole");
            assert_eq!(read, files[at]);
            let start = usize::try_from(start).expect("small");
            assert_eq!(
                &bytes[start..start + usize::try_from(length).expect("small")],
                read
            );
        }
    }
}
