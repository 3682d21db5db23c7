//! Writes a site: only what changed since the last build, and into a folder of its own that takes
//! the place of the published one in a single step (effect: write).
//!
//! Beside the published folder, `.vmt-cache/` keeps the folder that it replaced, and a manifest of
//! both. A build takes that older folder, brings it up to date and exchanges the two. Nobody reads
//! from it, so an interrupted build leaves the published folder whole; and what is not known to be
//! right of a file is never used: its key, and the marks by which it is known again.

use std::collections::HashMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::folder::{readable, swap};
use super::hold::{FRESH, Hold, remove};
use super::kept::Kept;
use super::manifest::{self, Fact, Facts, Stamp};
use super::older::{clean, make_room, remove_others};
use super::pieces::OldPieces;
use super::tail::Tail;
use super::{MARK, OutputError, io, is_sound};
use crate::key::Key;
use crate::render::{Artifact, Make, Piece, Sink, Write};
use crate::template::TemplateError;

/// What the mark says.
const MARK_TEXT: &str = "Made by vmt; the next build replaces this folder.\n";

/// What the mark of a preview says besides; a folder whose mark does not is a public site.
const MARK_DRAFTS: &str = "It holds private drafts: never publish it.\n";

/// For whom a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody.
    All,
    /// The team: it holds private drafts.
    Team,
}

/// Whether a folder holds a site for everybody.
pub fn is_public_site(folder: &Path) -> bool {
    fs::read_to_string(folder.join(MARK)).is_ok_and(|mark| !mark.contains(MARK_DRAFTS))
}

/// Pieces of a file that are made side by side.
const GROUP: usize = 256;

/// Whether files of the last build may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Those that are known to be right.
    Known,
    /// None: every file is made.
    Nothing,
}

/// What a build did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Files of the site.
    pub files: usize,
    /// Files that were written; the others were right.
    pub written: usize,
}

/// A site in the making. Dropped before [`Site::finish`], it leaves everything as it was.
#[derive(Debug)]
pub struct Site {
    /// The published folder.
    folder: PathBuf,
    readers: Readers,
    /// Its own folder in the cache.
    cache: PathBuf,
    /// The folder in the making.
    fresh: tempfile::TempDir,
    /// What is known of files in the published folder and in `fresh`.
    facts: Facts,
    /// Whether `fresh` is the folder of an older build.
    is_older: bool,
    /// What lies in it that is known, by path.
    lying: HashMap<String, Stamp>,
    /// Half-finished work of the last build, where it may be used.
    kept: Option<Kept>,
    /// Files of this build.
    taken: Mutex<Vec<(String, Fact)>>,
    written: AtomicUsize,
    /// The first thing that went wrong.
    failed: OnceLock<OutputError>,
    /// No other build is at work on it. It goes last: until then nobody else takes `fresh` away.
    _hold: Hold,
}

impl Site {
    /// Begins a site that shall replace a folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn begin(hold: Hold, reuse: Reuse, readers: Readers) -> Result<Site, OutputError> {
        let fresh = tempfile::Builder::new()
            .prefix(FRESH)
            .tempdir_in(&hold.cache)
            .map_err(io(&hold.cache))?;
        let mut site = Site {
            folder: hold.folder.clone(),
            cache: hold.cache.clone(),
            readers,
            fresh,
            facts: Facts::new(),
            is_older: false,
            lying: HashMap::new(),
            kept: None,
            taken: Mutex::default(),
            written: AtomicUsize::new(0),
            failed: OnceLock::new(),
            _hold: hold,
        };
        if reuse == Reuse::Known {
            site.kept = Some(Kept::new(site.cache.join("kept")));
            site.recover()?;
        }
        Ok(site)
    }

    /// Reads the manifest and takes the older folder.
    fn recover(&mut self) -> Result<(), OutputError> {
        let Some(facts) = read_manifest(&self.cache.join("manifest")) else {
            return Ok(());
        };
        // Renaming over the empty folder is one step: of two builds at once, one gets it.
        if fs::rename(self.cache.join("older"), self.fresh.path()).is_ok() {
            self.is_older = true;
            let path = self.fresh.path().to_path_buf();
            let known = |name: &str, stamp: Stamp| {
                let facts = facts.get(name).into_iter().flatten();
                facts.into_iter().any(|fact| fact.stamp == stamp)
            };
            let lying = clean(&path, "", &known).map_err(io(&path))?;
            self.lying = lying.into_iter().collect();
        }
        self.facts = facts;
        Ok(())
    }

    /// Puts the site in the place of the published folder.
    ///
    /// # Errors
    /// `Path` for an unsound artifact, or what the system says. The published folder is as it was then.
    pub fn finish(self) -> Result<Summary, OutputError> {
        if let Some(error) = self.failed.into_inner() {
            return Err(error);
        }
        let taken = self.taken.into_inner();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        if let Some(pair) = taken.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(OutputError::Path(pair[0].0.clone()));
        }
        let root = self.fresh.path().to_path_buf();
        let (cache, facts) = (&self.cache, self.facts);
        // What cannot be kept makes the next build slower, and no build wrong.
        let (keeps, removed) = rayon::join(
            || keep_cache(cache, &taken, facts).is_ok(),
            || match self.is_older {
                true => remove_others(&root, &self.lying, &taken),
                false => Ok(()),
            },
        );
        removed.map_err(io(&root))?;
        let mark = root.join(MARK);
        match self.readers {
            Readers::All => {
                fs::write(&mark, MARK_TEXT).map_err(io(&mark))?;
                readable(&root)?;
            }
            Readers::Team => {
                let text = format!("{MARK_TEXT}{MARK_DRAFTS}");
                fs::write(&mark, text).map_err(io(&mark))?;
                owners(&root)?;
            }
        }
        self.kept.into_iter().for_each(Kept::clean);
        let old = swap(self.fresh, &self.folder, cache)?;
        if let (Some(old), true) = (old, keeps) {
            let older = cache.join("older");
            if fs::rename(old.path(), &older).is_ok() {
                let _ = old.keep();
            }
        }
        Ok(Summary {
            files: taken.len(),
            written: self.written.into_inner(),
        })
    }

    /// Returns those of some files whose paths were not taken yet.
    pub fn without<'f>(&self, files: &'f [Artifact]) -> Vec<&'f Artifact> {
        let mut left: HashMap<&str, &Artifact> = files
            .iter()
            .map(|file| (file.path.as_str(), file))
            .collect();
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, _) in taken.iter() {
            left.remove(path.as_str());
        }
        left.into_values().collect()
    }

    fn fail(&self, path: &Path, error: std::io::Error) {
        // The first thing that went wrong is what is said.
        let _ = self.failed.set(io(path)(error));
    }

    fn has_failed(&self) -> bool {
        self.failed.get().is_some()
    }

    fn record(&self, path: &str, fact: Fact) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push((path.to_owned(), fact));
    }

    /// Takes a file as it lies in the folder in the making, or in the published one.
    fn keep(&self, path: &str, key: Key) -> Option<Fact> {
        let facts = self.facts.get(path)?;
        let of_key = || facts.iter().filter(|fact| fact.key == key);
        if let Some(lying) = self.lying.get(path)
            && let Some(fact) = of_key().find(|fact| fact.stamp == *lying)
        {
            return Some(fact.clone());
        }
        let published = self.folder.join(path);
        let stamp = stamp_of(&fs::symlink_metadata(&published).ok()?)?;
        let fact = of_key().find(|fact| fact.stamp == stamp)?;
        self.link(&published, path, stamp).then(|| fact.clone())
    }

    /// Links a published file into the folder in the making; says whether it is the one that was meant.
    fn link(&self, published: &Path, path: &str, stamp: Stamp) -> bool {
        let own = self.fresh.path().join(path);
        let link = || fs::hard_link(published, &own);
        if link()
            .or_else(|_| make_room(self.fresh.path(), &own).and_then(|()| link()))
            .is_err()
        {
            return false;
        }
        // Another build may have exchanged the folders meanwhile.
        let linked = fs::symlink_metadata(&own).ok();
        linked.and_then(|linked| stamp_of(&linked)) == Some(stamp)
    }

    /// Returns the stamp of a file that holds these bytes already, in the folder in the making.
    fn unchanged(&self, path: &str, bytes: &[u8]) -> Option<Stamp> {
        let size = bytes.len() as u64;
        let same = |root: &Path, stamp: Stamp| {
            let is_same = stamp.size == size && read_if(&root.join(path), stamp)? == bytes;
            is_same.then_some(stamp)
        };
        if let Some(lying) = self.lying.get(path)
            && let Some(stamp) = same(self.fresh.path(), *lying)
        {
            return Some(stamp);
        }
        self.facts.get(path)?;
        let published = self.folder.join(path);
        let stamp = stamp_of(&fs::symlink_metadata(&published).ok()?)?;
        same(&self.folder, stamp)?;
        self.link(&published, path, stamp).then_some(stamp)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> std::io::Result<Stamp> {
        if let Some(stamp) = self.unchanged(path, bytes) {
            return Ok(stamp);
        }
        let mut file = self.create(path)?;
        file.write_all(bytes)?;
        Ok(stamp_of(&file.metadata()?).unwrap_or_default())
    }

    /// Creates a file. What lies in its place is never written into: it may be linked to a published file.
    fn create(&self, path: &str) -> std::io::Result<fs::File> {
        self.written.fetch_add(1, Ordering::Relaxed);
        let own = self.fresh.path().join(path);
        let open = || fs::File::options().write(true).create_new(true).open(&own);
        open().or_else(|_| make_room(self.fresh.path(), &own).and_then(|()| open()))
    }

    /// Writes a file piece by piece, so that no file need be in memory as a whole.
    fn write_pieces(&self, path: &str, pieces: &[Piece<'_>]) -> std::io::Result<Fact> {
        let old = self.old_pieces(path);
        let mut file = self.create(path)?;
        let mut fact = Fact::default();
        for group in pieces.chunks(GROUP) {
            let near = old.as_ref().map(|old| old.near(group));
            let old = |piece: &Piece<'_>| near.as_ref()?.read(piece.key);
            let make = |piece: &Piece<'_>| old(piece).unwrap_or_else(|| (piece.make)());
            let made: Vec<Vec<u8>> = group.par_iter().map(make).collect();
            file.write_all(&made.concat())?;
            let lengths = made.iter().map(|bytes| bytes.len() as u64);
            fact.pieces
                .extend(group.iter().map(|piece| piece.key).zip(lengths));
        }
        fact.stamp = stamp_of(&file.metadata()?).unwrap_or_default();
        Ok(fact)
    }

    fn write_stream(&self, path: &str, write: Write<'_>) -> std::io::Result<Fact> {
        let mut file = Tail::new(self.create(path)?);
        write(&mut file)?;
        let file = file.into_file()?;
        Ok(Fact {
            stamp: stamp_of(&file.metadata()?).unwrap_or_default(),
            ..Fact::default()
        })
    }

    fn put(&self, path: &str, key: Key, fact: std::io::Result<Fact>) {
        match fact {
            Ok(fact) => self.record(path, Fact { key, ..fact }),
            Err(error) => self.fail(&self.folder.join(path), error),
        }
    }

    /// Takes a file that is right; says whether nothing is left to do.
    fn is_done(&self, path: &str, key: Key) -> bool {
        if !is_sound(path) {
            let _ = self.failed.set(OutputError::Path(path.to_owned()));
            return true;
        }
        if self.has_failed() {
            return true;
        }
        let kept = self.keep(path, key);
        let is_kept = kept.is_some();
        kept.into_iter().for_each(|fact| self.record(path, fact));
        is_kept
    }

    /// Opens a file of the last build that was made of pieces.
    fn old_pieces(&self, path: &str) -> Option<OldPieces> {
        let facts = self.facts.get(path)?;
        let fact = facts.iter().find(|fact| !fact.pieces.is_empty())?;
        let file = fs::File::open(self.folder.join(path)).ok()?;
        let is_it = stamp_of(&file.metadata().ok()?)? == fact.stamp;
        is_it.then(|| OldPieces::new(file, &fact.pieces))
    }
}

impl Sink for Site {
    fn take(&self, path: &str, key: Key, make: Make<'_>) -> Result<(), TemplateError> {
        if !self.is_done(path, key) {
            let stamp = self.write(path, &make()?);
            let fact = |stamp| Fact {
                stamp,
                ..Fact::default()
            };
            self.put(path, key, stamp.map(fact));
        }
        Ok(())
    }

    fn recall(&self, path: &str, key: Key) -> Option<Vec<u8>> {
        let facts = self.facts.get(path)?;
        let of_key = facts.iter().filter(|fact| fact.key == key);
        let mut found = of_key.filter_map(|fact| {
            let root = [self.fresh.path(), &self.folder];
            root.into_iter()
                .find_map(|root| read_if(&root.join(path), fact.stamp))
        });
        found.next()
    }

    fn remember(&self, key: Key, make: &dyn Fn() -> Vec<u8>) -> Vec<u8> {
        match &self.kept {
            Some(kept) => kept.get(key, make),
            None => make(),
        }
    }

    fn take_stream(&self, path: &str, key: Key, write: Write<'_>) -> Result<(), TemplateError> {
        if !self.is_done(path, key) {
            self.put(path, key, self.write_stream(path, write));
        }
        Ok(())
    }

    fn take_pieces(&self, path: &str, pieces: &[Piece<'_>]) -> Result<(), TemplateError> {
        let key = Key::of("pieces").keys(pieces.iter().map(|piece| piece.key));
        let key = key.done();
        if !self.is_done(path, key) {
            self.put(path, key, self.write_pieces(path, pieces));
        }
        Ok(())
    }
}

/// Reads what is known of files. A file that was written in the same instant as the manifest, or
/// later, may have been written again without a change of its marks: it is not known.
fn read_manifest(path: &Path) -> Option<Facts> {
    let bytes = fs::read(path).ok()?;
    let written = stamp_of(&fs::symlink_metadata(path).ok()?)?.modified;
    let mut facts = manifest::decode(&bytes)?;
    for of_path in facts.values_mut() {
        of_path.retain(|fact| fact.stamp.modified < written);
    }
    Some(facts)
}

/// Makes the cache ready and writes the manifest into it: of the new files, and of the published
/// ones, whose folder is the older one from now on. It is true before the exchange as well as after.
fn keep_cache(own: &Path, taken: &[(String, Fact)], mut facts: Facts) -> std::io::Result<()> {
    let older = own.join("older");
    if older.exists() {
        // This build was told not to use it.
        remove(&older);
    }
    let rows: Vec<(&str, Vec<Fact>)> = taken
        .iter()
        .map(|(path, fact)| {
            let known = facts.remove(path).unwrap_or_default().into_iter();
            let others = known.filter(|other| other.stamp != fact.stamp).take(1);
            let others = others.map(|other| Fact {
                pieces: Vec::new(),
                ..other
            });
            let rows = std::iter::once(fact.clone()).chain(others).collect();
            (path.as_str(), rows)
        })
        .collect();
    let bytes = manifest::encode(rows.iter().map(|(path, facts)| (*path, facts.as_slice())));
    let mut file = tempfile::NamedTempFile::new_in(own)?;
    file.write_all(&bytes)?;
    file.persist(own.join("manifest"))?;
    Ok(())
}

/// Reads a file if it is the one that is meant.
fn read_if(path: &Path, stamp: Stamp) -> Option<Vec<u8>> {
    let mut file = fs::File::open(path).ok()?;
    if stamp_of(&file.metadata().ok()?)? != stamp {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(stamp.size).ok()?);
    file.read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == stamp.size).then_some(bytes)
}

/// Returns the marks of a plain file.
pub(super) fn stamp_of(data: &fs::Metadata) -> Option<Stamp> {
    if !data.is_file() {
        return None;
    }
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(data);
    #[cfg(not(unix))]
    let inode = 0;
    let since = data.modified().ok()?.duration_since(std::time::UNIX_EPOCH);
    Some(Stamp {
        size: data.len(),
        modified: i64::try_from(since.ok()?.as_nanos()).ok()?,
        inode,
    })
}
/// A preview is its owner's alone, also where the folder of an older one is used again.
fn owners(folder: &Path) -> Result<(), OutputError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io(folder))?;
    }
    let _ = folder;
    Ok(())
}
