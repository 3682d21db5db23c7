//! Finds and reads files (effect: read). Keeps their text, so that spans can be shown.
//!
//! Knows no YAML and no field: it hands out text and places.

#![allow(clippy::disallowed_methods)] // The module for reading.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::string::FromUtf8Error;
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, FileId, Severity, Span};
use crate::key::Key;

/// Name of the file that makes a folder a workspace.
pub const CONFIG_FILE: &str = "vmt.toml";

/// Largest file that is read, in bytes. The longest real document has 12 KB.
pub const MAX_FILE_BYTES: u64 = 2 * 1024 * 1024;

/// Largest file that vmt itself makes and reads back, in bytes: releases.lock grows with every
/// document, some 3 KB each.
pub const MAX_MADE_BYTES: u64 = 512 * 1024 * 1024;

/// Largest list of installed software that is read, in bytes.
pub const MAX_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// A file that cannot be read: missing, a folder, a link in a circle, no permission.
pub static UNREADABLE_FILE: Code = Code {
    id: "unreadable-file",
    severity: Severity::Error,
    summary: "a file cannot be read",
    explanation: "The path is missing, is a folder, is a link that leads in a circle, or may not be \
        opened. Nothing is known about its content, so nothing is built from it. Mend the path or \
        its permissions, or take it out of the folder.",
    since: None,
    example: None,
};

/// A file beyond the limit.
pub static FILE_TOO_LARGE: Code = Code {
    id: "file-too-large",
    severity: Severity::Error,
    summary: "a file is larger than 2 MiB",
    explanation: "The longest document that the field has produced has some 12 KB. A file beyond \
        2 MiB is something else in the wrong place, and is not read at all.",
    since: None,
    example: None,
};

/// A file that is not UTF-8.
pub static NOT_UTF8: Code = Code {
    id: "not-utf8",
    severity: Severity::Error,
    summary: "a file is not UTF-8 text",
    explanation: "Documents are UTF-8. The place named is the first byte that is not. Convert the \
        file, for instance with `iconv -f latin1 -t utf-8`.",
    since: None,
    example: None,
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&UNREADABLE_FILE, &FILE_TOO_LARGE, &NOT_UTF8];

/// A line and column, both counted from 1; a column is one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One file that was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as shown to a human: relative to the workspace where it lies in it.
    pub path: PathBuf,
    /// The whole text, without a byte order mark being removed, so that offsets hold.
    pub text: String,
    /// Where lines begin; worked out when a place is first asked for, as most files have no finding.
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn new(path: PathBuf, text: String) -> SourceFile {
        SourceFile {
            path,
            text,
            line_starts: OnceLock::new(),
        }
    }

    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let breaks = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0)
                .chain(breaks.map(|at| at + 1))
                .map(|at| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        })
    }

    /// Returns the name of the file without folder and ending.
    pub fn stem(&self) -> &str {
        self.path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default()
    }

    /// Returns line and column of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line_starts = self.line_starts();
        let line = line_starts
            .partition_point(|start| *start as usize <= offset)
            .max(1);
        let start = line_starts[line - 1] as usize;
        let column = self
            .text
            .get(start..offset)
            .map_or(1, |before| before.chars().count() + 1);
        Position { line, column }
    }
}

/// Every file of a run, by number.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Keeps a text under a path and returns its number.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile::new(path.into(), text.into()));
        id
    }

    /// Returns the file of a number that this store gave out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Returns the key of every file, by number: of its path and text.
    pub fn keys(&self) -> Vec<Key> {
        let key = |file: &SourceFile| {
            let maker = Key::of("source").text(&file.path.to_string_lossy());
            maker.text(&file.text).done()
        };
        self.files.par_iter().map(key).collect()
    }

    /// Forgets the texts, where nobody will ask for a place in them any more.
    pub fn forget_texts(&mut self) {
        for file in &mut self.files {
            *file = SourceFile::new(std::mem::take(&mut file.path), String::new());
        }
    }

    /// Returns the text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span.file)
            .text
            .get(span.range())
            .unwrap_or_default()
    }

    /// Reads a file, shown under `shown`. A file that cannot be read is kept with an empty text, so
    /// that the diagnostic has a place.
    ///
    /// # Errors
    /// `unreadable-file`, `file-too-large` or `not-utf8`.
    pub fn read(&mut self, path: &Path, shown: PathBuf) -> Result<FileId, Box<Diagnostic>> {
        self.read_up_to(path, shown, MAX_FILE_BYTES)
    }

    /// Reads a file that vmt makes itself, which may be larger than a document.
    ///
    /// # Errors
    /// As [`Sources::read`].
    pub fn read_large(&mut self, path: &Path, shown: PathBuf) -> Result<FileId, Box<Diagnostic>> {
        self.read_up_to(path, shown, MAX_MADE_BYTES)
    }

    /// Reads documents side by side, each with the path to show it under, and keeps them in this order.
    pub fn read_all(
        &mut self,
        files: &[(PathBuf, PathBuf)],
    ) -> Vec<Result<FileId, Box<Diagnostic>>> {
        let read = |(path, _): &(PathBuf, PathBuf)| text_of(read_limited(path, MAX_FILE_BYTES));
        let read: Vec<Result<String, ReadError>> = files.par_iter().map(read).collect();
        let files = read.into_iter().zip(files);
        files
            .map(|(text, (_, shown))| self.keep(text, shown.clone(), MAX_FILE_BYTES))
            .collect()
    }

    fn read_up_to(
        &mut self,
        path: &Path,
        shown: PathBuf,
        limit: u64,
    ) -> Result<FileId, Box<Diagnostic>> {
        self.keep(text_of(read_limited(path, limit)), shown, limit)
    }

    fn keep(
        &mut self,
        text: Result<String, ReadError>,
        shown: PathBuf,
        limit: u64,
    ) -> Result<FileId, Box<Diagnostic>> {
        let fail = |sources: &mut Sources, shown: PathBuf, code: &'static Code, why: String| {
            let id = sources.add(shown, "");
            Err(Box::new(code.at(Span::new(id, 0..0), why)))
        };
        match text {
            Ok(text) => Ok(self.add(shown, text)),
            Err(ReadError::TooLarge(size)) => {
                let why = format!("the file has {size} bytes, more than {limit}");
                fail(self, shown, &FILE_TOO_LARGE, why)
            }
            Err(ReadError::Folder) => {
                fail(self, shown, &UNREADABLE_FILE, "this is a folder".into())
            }
            Err(ReadError::Io(error)) => fail(self, shown, &UNREADABLE_FILE, error.to_string()),
            Err(ReadError::NotText(error)) => {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let byte = error.as_bytes()[good];
                let id = self.add(shown, text);
                // U+FFFD, the mark that stands for the bad byte, is three bytes long.
                let span = Span::new(id, good..good + 3);
                Err(Box::new(
                    NOT_UTF8
                        .at(span, format!("byte 0x{byte:02x} is not UTF-8"))
                        .help("save the file as UTF-8"),
                ))
            }
        }
    }
}

enum ReadError {
    TooLarge(u64),
    Folder,
    Io(std::io::Error),
    NotText(FromUtf8Error),
}

fn text_of(bytes: Result<Vec<u8>, ReadError>) -> Result<String, ReadError> {
    String::from_utf8(bytes?).map_err(ReadError::NotText)
}

fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = fs::File::open(path).map_err(|error| match path.is_dir() {
        // Some systems open no folder.
        true => ReadError::Folder,
        false => ReadError::Io(error),
    })?;
    let metadata = file.metadata().map_err(ReadError::Io)?;
    if metadata.is_dir() {
        return Err(ReadError::Folder);
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge(metadata.len()));
    }
    // One byte more than there should be, so that the end is seen at the first try.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // A pipe or device has no length beforehand: the limit holds while reading, too.
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Returns the folder with a vmt.toml at or above a folder.
pub fn find_workspace(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(CONFIG_FILE).is_file())
        .map(Path::to_path_buf)
}

/// Lists the YAML files of a folder in name order; nothing where the folder does not exist.
///
/// # Errors
/// What the system says when the folder exists and cannot be listed.
pub fn list_yaml(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    list(folder, |path| {
        path.extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
    })
}

/// Lists the files below a folder in name order, as paths relative to it, links not followed into
/// folders; nothing where the folder does not exist.
///
/// # Errors
/// What the system says when a folder exists and cannot be listed.
pub fn list_tree(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        for path in list(&folder.join(&relative), |_| true)? {
            let Some(name) = path.file_name() else {
                continue;
            };
            let relative = relative.join(name);
            if path.symlink_metadata()?.is_dir() {
                waiting.push(relative);
            } else {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads a text that is no document.
///
/// # Errors
/// What the system says, that the text is larger than `limit` bytes, or that it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> std::io::Result<String> {
    let failed = |why: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, why.to_owned());
    text_of(read_limited(path, limit)).map_err(|error| match error {
        ReadError::TooLarge(size) => failed(&format!("it has {size} bytes, more than {limit}")),
        ReadError::Folder => failed("it is a folder"),
        ReadError::NotText(_) => failed("it is not UTF-8 text"),
        ReadError::Io(error) => error,
    })
}

/// Reads a file's bytes without looking at them, when it has at most `limit` bytes.
///
/// # Errors
/// What the system says, or that the file is larger.
pub fn read_whole(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    read_limited(path, limit).map_err(|error| match error {
        ReadError::Io(error) => error,
        ReadError::NotText(_) => std::io::Error::from(std::io::ErrorKind::InvalidData),
        ReadError::Folder => std::io::Error::from(std::io::ErrorKind::IsADirectory),
        ReadError::TooLarge(_) => std::io::Error::from(std::io::ErrorKind::FileTooLarge),
    })
}

/// Reads a file's bytes without looking at them, for static files of a site.
///
/// # Errors
/// What the system says.
pub fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    fs::read(path)
}

fn list(folder: &Path, keep: impl Fn(&Path) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if keep(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_lines_from_one() {
        let mut sources = Sources::default();
        let id = sources.add("x.yaml", "aé\nb\n");
        let file = sources.file(id);
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(4), Position { line: 2, column: 1 });
        assert_eq!(file.position(99), Position { line: 3, column: 1 });
    }

    #[test]
    fn what_cannot_be_read_is_a_diagnostic_with_a_place() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).expect("a file is written");
        };
        write("latin.yaml", b"title: caf\xe9\n");
        fs::create_dir(folder.path().join("folder.yaml")).expect("a folder is made");
        fs::File::create(folder.path().join("big.yaml"))
            .and_then(|file| file.set_len(50 << 20))
            .expect("a sparse file is made");
        let mut sources = Sources::default();
        let mut code = |name: &str| {
            let error = sources
                .read(&folder.path().join(name), name.into())
                .expect_err(name);
            (
                error.code.id,
                sources
                    .file(error.span.file)
                    .position(error.span.start as usize),
            )
        };
        assert_eq!(
            code("latin.yaml"),
            (
                "not-utf8",
                Position {
                    line: 1,
                    column: 11
                }
            )
        );
        assert_eq!(code("folder.yaml").0, "unreadable-file");
        assert_eq!(code("missing.yaml").0, "unreadable-file");
        assert_eq!(code("big.yaml").0, "file-too-large");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_circle_is_unreadable_and_does_not_hang_a_listing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink("loop.yaml", folder.path().join("loop.yaml")).expect("a link");
        std::os::unix::fs::symlink(".", folder.path().join("self")).expect("a link");
        let mut sources = Sources::default();
        let error = sources.read(&folder.path().join("loop.yaml"), "loop.yaml".into());
        assert_eq!(error.expect_err("a loop").code.id, "unreadable-file");
        assert_eq!(list_tree(folder.path()).expect("a listing").len(), 2);
    }
}
