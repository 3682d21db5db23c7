//! Writes a site: only what changed since the last build, and into a folder of its own that takes
//! the place of the published one in a single step (effect: write).
//!
//! Beside the published folder, `.vmt-cache/` keeps the folder that it replaced, and a manifest of
//! both. A build takes that older folder, brings it up to date and exchanges the two. Nobody reads
//! from it, so an interrupted build leaves the published folder whole; and what is not known to be
//! right of a file is never used: its key, and the marks by which it is known again.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::folder::{readable, swap};
use super::hold::{FRESH, Hold, remove};
use super::kept::Kept;
use super::manifest::{Fact, Facts, Places, Stamp, Taken, name_of};
use super::older::{clean, make_room, remove_others};
use super::pieces::OldPieces;
use super::tail::Tail;
use super::{OutputError, io, is_sound};
use crate::key::Key;
use crate::paths::{Folders, MARK};
use crate::render::{self, Artifact, Make, Piece, Pieces, Sink, archive};
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

/// The files of a site in the making.
#[derive(Debug, Default)]
struct OwnFiles {
    files: Taken,
    /// The folders that they lie in.
    folders: Folders,
}

impl OwnFiles {
    fn is_in_the_way(&self, path: &str) -> bool {
        let has = |path: &str| self.files.get(name_of(path)).is_some();
        self.folders.is_in_the_way(path, has)
    }

    /// Adds a file; says whether it is in the way of no other that was added since it was begun.
    fn add(&mut self, path: &str, fact: Fact, pieces: Option<Places>) -> bool {
        if self.is_in_the_way(path) {
            return false;
        }
        self.folders.add(path);
        self.files.insert(name_of(path), fact, pieces);
        true
    }
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
    /// Whether something may lie in it that this build has not.
    has_others: bool,
    /// Half-finished work of the last build, where it may be used.
    kept: Option<Kept>,
    /// Files of this build.
    taken: Mutex<OwnFiles>,
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
            facts: Facts::default(),
            has_others: false,
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
        let Some(mut facts) = read_manifest(&self.cache.join("manifest")) else {
            return Ok(());
        };
        // Renaming over the empty folder is one step: of two builds at once, one gets it.
        if fs::rename(self.cache.join("older"), self.fresh.path()).is_ok() {
            let path = self.fresh.path().to_path_buf();
            self.has_others = clean(&path, &mut facts).map_err(io(&path))?;
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
        let taken = taken.unwrap_or_else(PoisonError::into_inner).files;
        let root = self.fresh.path().to_path_buf();
        let (cache, facts) = (&self.cache, self.facts);
        let is_wanted = |name: Key| taken.get(name).is_some();
        // Most builds make again what lies there: then there is nothing to look for.
        let has_others = self.has_others || !facts.all_lying().all(is_wanted);
        // What cannot be kept makes the next build slower, and no build wrong.
        let (keeps, removed) = rayon::join(
            || keep_cache(cache, &taken, &facts).is_ok(),
            || match has_others {
                true => remove_others(&root, &is_wanted),
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
        let summary = Summary {
            files: taken.len(),
            written: self.written.into_inner(),
        };
        // A program finishes a site once and ends: a million rows need not go one by one.
        std::mem::forget((taken, facts));
        Ok(summary)
    }

    /// Returns those of some files that stand in the way of none that was taken.
    pub fn without<'f>(&self, files: &'f [Artifact]) -> Vec<&'f Artifact> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_left = |file: &&Artifact| !taken.is_in_the_way(&file.path);
        files.iter().filter(is_left).collect()
    }

    fn fail(&self, path: &Path, error: std::io::Error) {
        // The first thing that went wrong is what is said.
        let _ = self.failed.set(io(path)(error));
    }

    fn has_failed(&self) -> bool {
        self.failed.get().is_some()
    }

    fn record(&self, path: &str, fact: Fact, pieces: Option<Places>) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.add(path, fact, pieces) {
            let _ = self.failed.set(OutputError::Path(path.to_owned()));
        }
    }

    /// Takes a file as it lies in the folder in the making, or in the published one.
    fn keep(&self, path: &str, key: Key) -> Option<Fact> {
        let name = name_of(path);
        let known = self.facts.get(name)?;
        if let Some(fact) = known.lying().filter(|fact| fact.key == key) {
            return Some(fact);
        }
        let published = self.folder.join(path);
        let stamp = stamp_of(&fs::symlink_metadata(&published).ok()?)?;
        let mut facts = known.facts();
        let fact = facts.find(|fact| fact.key == key && fact.stamp == stamp)?;
        self.link(&published, path, stamp).then_some(fact)
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
        let known = self.facts.get(name_of(path))?;
        if let Some(lying) = known.lying()
            && let Some(stamp) = same(self.fresh.path(), lying.stamp)
        {
            return Some(stamp);
        }
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

    /// Writes an archive entry by entry.
    fn write_archive(
        &self,
        path: &str,
        names: &[String],
        pieces: &[Piece<'_>],
    ) -> std::io::Result<Written> {
        let old = self.old_pieces(path);
        let mut file = Tail::new(self.create(path)?);
        let groups = pieces.chunks(GROUP);
        let made = groups.flat_map(|group| make_group(group, old.as_ref()));
        let places = archive::write(&mut file, names, made)?;
        let mut known = Vec::new();
        let mut end = 0;
        for (piece, (start, length)) in pieces.iter().zip(places) {
            // What stands between the entries belongs to none of them.
            known.extend([(Key::default(), start - end), (piece.key, length)]);
            end = start + length;
        }
        Ok(Written::of(&file.into_file()?, known))
    }

    fn put(&self, path: &str, key: Key, written: std::io::Result<Written>) {
        match written {
            Ok(Written { stamp, pieces }) => self.record(path, Fact { key, stamp }, pieces),
            Err(error) => self.fail(&self.folder.join(path), error),
        }
    }

    /// Takes a file that is right; says whether nothing is left to do.
    fn is_done(&self, path: &str, key: Key) -> bool {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_in_the_way = taken.is_in_the_way(path);
        drop(taken);
        if is_in_the_way || !is_sound(path) {
            let _ = self.failed.set(OutputError::Path(path.to_owned()));
            return true;
        }
        if self.has_failed() {
            return true;
        }
        let Some(fact) = self.keep(path, key) else {
            return false;
        };
        let name = name_of(path);
        let known = self.facts.get(name);
        let pieces = known
            .filter(|known| known.newest.key == key)
            .and_then(|_| self.facts.pieces(name));
        self.record(path, fact, pieces.cloned());
        true
    }

    /// Opens a file of the last build that was made of pieces.
    fn old_pieces(&self, path: &str) -> Option<OldPieces> {
        let name = name_of(path);
        let pieces = self.facts.pieces(name)?;
        let fact = self.facts.get(name)?.newest;
        let file = fs::File::open(self.folder.join(path)).ok()?;
        let is_it = stamp_of(&file.metadata().ok()?)? == fact.stamp;
        is_it.then(|| OldPieces::new(file, pieces))
    }
}

/// What is known of a file that was just written.
struct Written {
    stamp: Stamp,
    pieces: Option<Places>,
}

impl Written {
    fn of(file: &fs::File, pieces: Vec<(Key, u64)>) -> Written {
        let data = file.metadata().ok();
        Written {
            stamp: data.and_then(|data| stamp_of(&data)).unwrap_or_default(),
            pieces: (!pieces.is_empty()).then(|| pieces.into()),
        }
    }
}

/// A file that is written piece by piece, so that no file need be in memory as a whole.
struct PiecesFile<'k> {
    site: &'k Site,
    path: String,
    key: Key,
    /// `None` where it is right as it is.
    file: Option<std::io::Result<fs::File>>,
    old: Option<OldPieces>,
    /// Keys and lengths of what was written.
    places: Vec<(Key, u64)>,
}

impl Pieces for PiecesFile<'_> {
    fn put(&mut self, pieces: &[Piece<'_>]) {
        for group in pieces.chunks(GROUP) {
            let Some(Ok(file)) = &mut self.file else {
                return;
            };
            let made = make_group(group, self.old.as_ref());
            if let Err(error) = file.write_all(&made.concat()) {
                self.file = Some(Err(error));
                return;
            }
            let lengths = made.iter().map(|bytes| bytes.len() as u64);
            let keys = group.iter().map(|piece| piece.key);
            self.places.extend(keys.zip(lengths));
        }
    }

    fn end(self: Box<Self>) -> Result<(), TemplateError> {
        let PiecesFile { site, places, .. } = *self;
        if let Some(file) = self.file {
            let written = file.map(|file| Written::of(&file, places));
            site.put(&self.path, self.key, written);
        }
        Ok(())
    }
}

/// Makes those pieces of a group that an old file has not.
fn make_group(group: &[Piece<'_>], old: Option<&OldPieces>) -> Vec<Vec<u8>> {
    let near = old.map(|old| old.near(group.iter().map(|piece| piece.key)));
    let old = |piece: &Piece<'_>| near.as_ref()?.read(piece.key);
    let make = |piece: &Piece<'_>| old(piece).unwrap_or_else(|| (piece.make)());
    group.par_iter().map(make).collect()
}

impl Sink for Site {
    fn take(&self, path: &str, key: Key, make: Make<'_>) -> Result<(), TemplateError> {
        if !self.is_done(path, key) {
            let stamp = self.write(path, &make()?);
            let written = |stamp| Written {
                stamp,
                pieces: None,
            };
            self.put(path, key, stamp.map(written));
        }
        Ok(())
    }

    fn recall(&self, path: &str, key: Key) -> Option<Vec<u8>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let fact = taken.files.get(name_of(path))?;
        drop(taken);
        (fact.key == key).then(|| read_if(&self.fresh.path().join(path), fact.stamp))?
    }

    fn remember(&self, key: Key, make: &dyn Fn() -> Vec<u8>) -> Vec<u8> {
        match &self.kept {
            Some(kept) => kept.get(key, make),
            None => make(),
        }
    }

    fn begin<'k>(&'k self, path: &str, keys: &[Key]) -> Box<dyn Pieces + 'k> {
        let key = render::key_of_pieces(keys);
        let file = match self.is_done(path, key) {
            true => None,
            false => Some(self.create(path)),
        };
        Box::new(PiecesFile {
            site: self,
            path: path.to_owned(),
            key,
            old: file.as_ref().and_then(|_| self.old_pieces(path)),
            file,
            places: Vec::new(),
        })
    }

    fn take_archive(
        &self,
        path: &str,
        names: &[String],
        pieces: &[Piece<'_>],
    ) -> Result<(), TemplateError> {
        let key = archive::key(names, pieces);
        if !self.is_done(path, key) {
            self.put(path, key, self.write_archive(path, names, pieces));
        }
        Ok(())
    }
}

/// Reads what is known of files. A file that was written in the same instant as the manifest, or
/// later, may have been written again without a change of its marks: it is not known.
fn read_manifest(path: &Path) -> Option<Facts> {
    let mut file = fs::File::open(path).ok()?;
    let mut facts = Facts::read(&mut file)?;
    facts.trust_before(stamp_of(&file.metadata().ok()?)?.modified);
    Some(facts)
}

/// Makes the cache ready and writes the manifest into it: of the new files, and of the published
/// ones, whose folder is the older one from now on. It is true before the exchange as well as after.
fn keep_cache(own: &Path, taken: &Taken, before: &Facts) -> std::io::Result<()> {
    let older = own.join("older");
    if older.exists() {
        // This build was told not to use it.
        remove(&older);
    }
    let mut file = tempfile::NamedTempFile::new_in(own)?;
    taken.write(&mut file, before)?;
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
