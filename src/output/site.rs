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
use std::sync::{OnceLock, PoisonError, RwLock};

use rayon::prelude::*;

use super::folder::{readable, swap};
use super::hold::{FRESH, Hold, remove};
use super::kept::Kept;
use super::manifest::{Fact, Facts, Place, Places, Stamp, Taken, name_of};
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
    taken: Taken,
    /// The folders that they lie in.
    folders: RwLock<Folders>,
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
            taken: Taken::none(&Facts::default()),
            folders: RwLock::default(),
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
            let path = self.fresh.path().to_path_buf();
            self.has_others = clean(&path, &facts).map_err(io(&path))?;
        }
        self.taken = Taken::none(&facts);
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
        let root = self.fresh.path().to_path_buf();
        let (cache, facts, taken) = (&self.cache, self.facts, self.taken);
        let is_wanted = |name: Key| taken.has(&facts, name);
        // Most builds make again what lies there: then there is nothing to look for.
        let has_others = self.has_others || !facts.all_lying_are(&taken);
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
        let is_left = |file: &&Artifact| !self.is_in_the_way(&file.path);
        files.iter().filter(is_left).collect()
    }

    fn has(&self, path: &str) -> bool {
        self.taken.has(&self.facts, name_of(path))
    }

    fn is_in_the_way(&self, path: &str) -> bool {
        let folders = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        folders.is_in_the_way(path, |path| self.has(path))
    }

    fn fail(&self, path: &Path, error: std::io::Error) {
        // The first thing that went wrong is what is said.
        let _ = self.failed.set(io(path)(error));
    }

    fn has_failed(&self) -> bool {
        self.failed.get().is_some()
    }

    /// Says that a path cannot be that of a file.
    fn refuse(&self, path: &str) {
        let _ = self.failed.set(OutputError::Path(path.to_owned()));
    }

    fn record(&self, path: &str, fact: Fact, pieces: Option<Places>) {
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        // Another may have been added since this one was begun.
        let in_the_way = folders.is_in_the_way(path, |path| self.has(path));
        if in_the_way
            || !self
                .taken
                .take_new(&self.facts, name_of(path), fact, pieces)
        {
            return self.refuse(path);
        }
        folders.add(path);
    }

    /// Takes the file of this key at a place where it is right already: in the folder in the making, or in the
    /// published one. Says whether it is taken.
    fn take_known(&self, path: &str, key: Key, place: Place) -> bool {
        let lying = self.facts.lying(place).filter(|fact| fact.key == key);
        let Some(fact) = lying.or_else(|| self.published(path, key, place)) else {
            return false;
        };
        let is_first = self.taken.take_known(&self.facts, place, fact.stamp);
        // It was taken before its folders are looked at; who makes a folder of a file looks at files after that.
        let folders = self.folders.read().unwrap_or_else(PoisonError::into_inner);
        let mut has_room = folders.has_room(path);
        drop(folders);
        if !has_room {
            let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
            has_room = !folders.is_in_the_way(path, |other| other != path && self.has(other));
            folders.add(path);
        }
        if !is_first || !has_room {
            self.refuse(path);
        }
        true
    }

    /// Links the published file of a path where it is the one of this key.
    fn published(&self, path: &str, key: Key, place: Place) -> Option<Fact> {
        let mut facts = self.facts.known(place).facts();
        // Without a look at the disk, most that changed are known to have.
        if facts.all(|fact| fact.key != key) {
            return None;
        }
        let published = self.folder.join(path);
        let stamp = stamp_of(&fs::symlink_metadata(&published).ok()?)?;
        let mut facts = self.facts.known(place).facts();
        let fact = facts.find(|fact| fact.key == key && fact.stamp == stamp)?;
        let may = !self.is_in_the_way(path) && !self.has_failed();
        (may && self.link(&published, path, stamp)).then_some(fact)
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
        let place = self.facts.place(name_of(path))?;
        if let Some(lying) = self.facts.lying(place)
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
        let place = self.facts.place(name_of(path));
        if place.is_some_and(|place| self.take_known(path, key, place)) {
            return true;
        }
        if self.is_in_the_way(path) || !is_sound(path) {
            self.refuse(path);
            return true;
        }
        self.has_failed()
    }

    /// Opens a file of the last build that was made of pieces.
    fn old_pieces(&self, path: &str) -> Option<OldPieces> {
        let name = name_of(path);
        let pieces = self.facts.pieces(name)?;
        let fact = self.facts.known(self.facts.place(name)?).newest;
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
        let fact = self.taken.get(&self.facts, name_of(path))?;
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
    let stamp = stamp_of(&file.metadata().ok()?)?;
    let mut facts = Facts::read(&mut file, stamp.size)?;
    facts.trust_before(stamp.modified);
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
