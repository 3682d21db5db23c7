//! What takes files as they are made. Formats offer each file by its path and the key of its inputs;
//! whoever takes it decides whether it needs the bytes.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::{Artifact, archive};
use crate::key::Key;
use crate::template::TemplateError;

/// Makes the bytes of a file, when asked.
pub type Make<'m> = &'m (dyn Fn() -> Result<Vec<u8>, TemplateError> + Sync);

/// A piece of a file that is made of many.
pub struct Piece<'p> {
    /// The key of its inputs.
    pub key: Key,
    /// Makes its bytes.
    pub make: Box<dyn Fn() -> Vec<u8> + Send + Sync + 'p>,
}

/// A file in the making, of pieces.
pub trait Pieces: Send {
    /// Adds the next pieces.
    fn put(&mut self, pieces: &[Piece<'_>]);

    /// Ends the file.
    ///
    /// # Errors
    /// What making it says.
    fn end(self: Box<Self>) -> Result<(), TemplateError>;
}

/// The key of a file that is made of pieces.
pub fn key_of_pieces(keys: &[Key]) -> Key {
    Key::of("pieces").keys(keys.iter().copied()).done()
}

/// Takes the files of a build. Files come from several threads, in no order.
pub trait Sink: Sync {
    /// Takes a file, which need not be made where one of the same path and key is there.
    ///
    /// # Errors
    /// What making it says.
    fn take(&self, path: &str, key: Key, make: Make<'_>) -> Result<(), TemplateError>;

    /// Returns the bytes of a file that was taken before, where they need not be made again for that.
    fn recall(&self, _path: &str, _key: Key) -> Option<Vec<u8>> {
        None
    }

    /// Returns what is made of a key's inputs and is no file of the site: half-finished work, which need
    /// not be made where it is kept from the last build.
    fn remember(&self, _key: Key, make: &dyn Fn() -> Vec<u8>) -> Vec<u8> {
        make()
    }

    /// Begins a file that is made of pieces one after the other, by the keys of all of them. Only those
    /// that are not in the file of that path that is there need be made.
    fn begin<'k>(&'k self, path: &str, keys: &[Key]) -> Box<dyn Pieces + 'k>;

    /// Takes such a file whose pieces are all there.
    ///
    /// # Errors
    /// What making it says.
    fn take_pieces(&self, path: &str, pieces: &[Piece<'_>]) -> Result<(), TemplateError> {
        let keys: Vec<Key> = pieces.iter().map(|piece| piece.key).collect();
        let mut file = self.begin(path, &keys);
        file.put(pieces);
        file.end()
    }

    /// Takes an archive of files: their names in it, and what they hold.
    ///
    /// # Errors
    /// What making it says.
    fn take_archive(
        &self,
        path: &str,
        names: &[String],
        pieces: &[Piece<'_>],
    ) -> Result<(), TemplateError> {
        self.take(path, archive::key(names, pieces), &|| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            // Writing into memory cannot fail.
            let _ = archive::write(&mut bytes, names, make_pieces(pieces));
            Ok(bytes.into_inner())
        })
    }
}

/// Makes pieces side by side.
fn make_pieces(pieces: &[Piece<'_>]) -> Vec<Vec<u8>> {
    pieces.par_iter().map(|piece| (piece.make)()).collect()
}

/// Keeps every file in memory.
#[derive(Debug, Default)]
pub struct Collected(Mutex<Vec<Artifact>>);

impl Collected {
    /// Returns the files since the last time, by path.
    pub fn drain(&self) -> Vec<Artifact> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut files = std::mem::take(&mut *files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

impl Sink for Collected {
    fn take(&self, path: &str, _: Key, make: Make<'_>) -> Result<(), TemplateError> {
        let artifact = Artifact {
            path: path.to_owned(),
            bytes: make()?,
        };
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(artifact);
        Ok(())
    }

    fn begin<'k>(&'k self, path: &str, _: &[Key]) -> Box<dyn Pieces + 'k> {
        Box::new(InMemory {
            sink: self,
            path: path.to_owned(),
            bytes: Vec::new(),
        })
    }
}

/// A file of pieces whose bytes are kept.
struct InMemory<'k> {
    sink: &'k Collected,
    path: String,
    bytes: Vec<u8>,
}

impl Pieces for InMemory<'_> {
    fn put(&mut self, pieces: &[Piece<'_>]) {
        self.bytes.extend(make_pieces(pieces).concat());
    }

    fn end(self: Box<Self>) -> Result<(), TemplateError> {
        let InMemory { sink, path, bytes } = *self;
        sink.take(&path, Key::default(), &|| Ok(bytes.clone()))
    }
}
