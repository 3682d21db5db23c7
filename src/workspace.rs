//! A workspace: the folder with a vmt.toml, its settings and its documents, read (effect: read).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::Config;
use crate::corpus::Corpus;
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::document;
use crate::model::{Document, Id, Kind};
use crate::release::lock::{LOCK_FILE, Lock};
use crate::source::{self, CONFIG_FILE, Sources};
use crate::tree::yaml;

/// Folder of private documents. It is read only when drafts are asked for.
pub const PRIVATE_FOLDER: &str = "embargoed";

/// Why a workspace cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no vmt.toml at or above the folder.
    #[error("no {CONFIG_FILE} in {} or any folder above it", .0.display())]
    NotFound(PathBuf),
    /// A folder cannot be listed.
    #[error("cannot list {}: {error}", .path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

/// Folder of reservations: an empty-handed file for each number that is taken.
pub const RESERVATIONS: &str = "reservations";

/// Which documents to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    /// Those in the public folders.
    Public,
    /// Those in the private folder as well.
    Drafts,
}

/// A workspace as read.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub root: PathBuf,
    /// The folder of its private documents, which may lie elsewhere.
    pub private: PathBuf,
    /// Other folders in which private documents may lie, for the leak guard.
    pub also_private: Vec<PathBuf>,
    /// Text of every file.
    pub sources: Sources,
    /// Settings.
    pub config: Config,
    /// Documents.
    pub corpus: Corpus,
    /// Numbers that are reserved for documents to come.
    pub reserved: Vec<Id>,
    /// What was resolved of their releases; empty where there is no releases.lock.
    pub lock: Lock,
    /// Whether there is a releases.lock that cannot be read.
    pub lock_is_broken: bool,
    /// What is wrong with vmt.toml.
    pub config_problems: Vec<Diagnostic>,
    /// What is wrong with the files and their structure.
    pub problems: Vec<Diagnostic>,
    /// Files that hold a document's text.
    pub files: Vec<FileId>,
    /// The number of vmt.toml.
    pub config_file: FileId,
    /// The number of releases.lock, where there is one.
    pub lock_file: Option<FileId>,
}

/// What lies in the private folder.
#[derive(Debug, Default)]
pub struct PrivateDocuments {
    /// Text of every file.
    pub sources: Sources,
    /// The documents.
    pub documents: Vec<Document>,
    /// Files that cannot be read as documents, so that nobody knows what they hold.
    pub broken: Vec<PathBuf>,
    /// Files that are sealed.
    pub sealed: Vec<PathBuf>,
}

impl Workspace {
    /// Reads the workspace at a folder. `extra` are further files to read as documents, as shown to
    /// the user; a file that lies in the workspace anyway is read once.
    ///
    /// # Errors
    /// When there is no vmt.toml, or a folder cannot be listed. Files that cannot be read are
    /// problems, not errors.
    pub fn open(
        root: &Path,
        include: Include,
        extra: &[PathBuf],
    ) -> Result<Workspace, WorkspaceError> {
        Workspace::open_with(root, &root.join(PRIVATE_FOLDER), include, extra)
    }

    /// Reads the workspace at a folder, with its private documents in a folder that may lie elsewhere.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn open_with(
        root: &Path,
        private: &Path,
        include: Include,
        extra: &[PathBuf],
    ) -> Result<Workspace, WorkspaceError> {
        let mut sources = Sources::default();
        let config_path = root.join(CONFIG_FILE);
        if !config_path.exists() {
            return Err(WorkspaceError::NotFound(root.to_path_buf()));
        }
        let mut config_problems = Vec::new();
        let config_file = match sources.read(&config_path, CONFIG_FILE.into()) {
            Ok(file) => file,
            Err(problem) => {
                let file = problem.span.file;
                config_problems.push(*problem);
                file
            }
        };
        let (config, problems) = match config_problems.is_empty() {
            true => Config::parse(config_file, &sources.file(config_file).text),
            false => Config::parse(config_file, ""),
        };
        config_problems.extend(problems);

        let mut files = Vec::new();
        let mut problems = Vec::new();
        let mut wanted = listed(root, private, &config, include)?;
        wanted.extend(extra.iter().map(|path| (path.clone(), path.clone(), None)));
        let wanted = each_once(wanted);
        let paths: Vec<(PathBuf, PathBuf)> = wanted
            .iter()
            .map(|(path, shown, _)| (path.clone(), shown.clone()))
            .collect();
        let mut kinds: Vec<(FileId, Option<Kind>)> = Vec::new();
        for (read, (.., kind)) in sources.read_all(&paths).into_iter().zip(wanted) {
            match read {
                Ok(file) => {
                    files.push(file);
                    kinds.push((file, kind));
                }
                Err(problem) => {
                    files.push(problem.span.file);
                    problems.push(*problem);
                }
            }
        }
        let lock = read_lock(root, &mut sources);
        let lock_file = lock.as_ref().ok().copied().flatten();
        let (documents, lock) = rayon::join(
            || -> Vec<(Option<Document>, Vec<Diagnostic>)> {
                let one = |(file, kind): &(FileId, Option<Kind>)| {
                    document::read(*file, &sources.file(*file).text, *kind, &config)
                };
                kinds.par_iter().map(one).collect()
            },
            || match lock {
                Ok(Some(file)) => Lock::parse(file, &sources.file(file).text),
                Ok(None) => Ok(Lock::default()),
                Err(problem) => Err(problem),
            },
        );
        let mut corpus = Vec::new();
        for (document, found) in documents {
            corpus.extend(document);
            problems.extend(found);
        }
        let corpus = Corpus::new(corpus);
        let lock_is_broken = lock.is_err();
        let lock = lock.unwrap_or_else(|problem| {
            problems.push(*problem);
            Lock::default()
        });
        let mut workspace = Workspace {
            root: root.to_path_buf(),
            private: private.to_path_buf(),
            also_private: Vec::new(),
            reserved: reserved(root)?,
            sources,
            corpus,
            lock,
            lock_is_broken,
            config_problems,
            problems,
            files,
            config_file,
            lock_file,
            config,
        };
        workspace.add_private(root.join(PRIVATE_FOLDER));
        Ok(workspace)
    }

    /// Adds a folder in which private documents may lie, for the leak guard.
    pub fn add_private(&mut self, folder: PathBuf) {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut known = std::iter::once(&self.private).chain(&self.also_private);
        if known.all(|other| real(other) != real(&folder)) {
            self.also_private.push(folder);
        }
    }

    /// Returns the folders of private documents that lie in the workspace, relative to it.
    pub fn private_inside(&self) -> Vec<PathBuf> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let root = real(&self.root);
        let mut found = vec![PathBuf::from(PRIVATE_FOLDER)];
        for folder in std::iter::once(&self.private).chain(&self.also_private) {
            let inside = folder.strip_prefix(&self.root).map(Path::to_path_buf);
            let real = real(folder);
            let inside = inside.or_else(|_| real.strip_prefix(&root).map(Path::to_path_buf));
            // The workspace as a whole is no private folder.
            found.extend(inside.ok().filter(|inside| !inside.as_os_str().is_empty()));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Reads what the private folders hold, besides the private documents that were read already: what
    /// the leak guard has to know. Costs nothing where there is no private folder.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub fn private_documents(&self) -> Result<PrivateDocuments, WorkspaceError> {
        let mut found = PrivateDocuments::default();
        for folder in std::iter::once(&self.private).chain(&self.also_private) {
            self.read_private(folder, &mut found)?;
        }
        Ok(found)
    }

    fn read_private(
        &self,
        folder: &Path,
        found: &mut PrivateDocuments,
    ) -> Result<(), WorkspaceError> {
        let fault = |error| WorkspaceError::List {
            path: folder.to_path_buf(),
            error,
        };
        let files = source::list_tree(folder).map_err(fault)?;
        let known: HashSet<&Path> = self
            .files
            .iter()
            .map(|file| self.sources.file(*file).path.as_path())
            .collect();
        let shown = folder.strip_prefix(&self.root).unwrap_or(folder);
        for name in files {
            let ending = name.extension().and_then(|ending| ending.to_str());
            let ending = ending.unwrap_or_default().to_ascii_lowercase();
            let shown = shown.join(&name);
            // Patches lie in folders of their own, with whatever belongs to them.
            let is_top = name.components().count() == 1;
            match ending.as_str() {
                "yaml" | "yml" if !known.contains(shown.as_path()) => {}
                "asc" | "gpg" if is_top => {
                    found.sealed.push(shown);
                    continue;
                }
                _ => continue,
            }
            let read = found.sources.read(&folder.join(&name), shown.clone());
            let (file, is_whole) = match read {
                Ok(file) => (file, true),
                Err(problem) => (problem.span.file, false),
            };
            let text = &found.sources.file(file).text;
            if !is_top && !claims_to_be_a_document(text) {
                continue;
            }
            let document = match is_whole {
                true => document::read(file, text, None, &self.config).0,
                false => None,
            };
            match document {
                Some(document) => found.documents.push(document),
                None => found.broken.push(shown),
            }
        }
        Ok(())
    }

    /// Returns whether any file could not be read as a document that can be published.
    pub fn is_broken(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }
}

/// Returns whether a text is a document by its looks: it has an id or an `embargo` block.
fn claims_to_be_a_document(text: &str) -> bool {
    let (tree, _) = yaml::parse(FileId(0), text);
    match tree {
        Some(tree) => tree.get("id").is_some() || tree.get("embargo").is_some(),
        None => text
            .lines()
            .any(|line| line.starts_with("id:") || line.starts_with("embargo:")),
    }
}

/// The ids that files in the folder of reservations are named by.
fn reserved(root: &Path) -> Result<Vec<Id>, WorkspaceError> {
    let path = root.join(RESERVATIONS);
    let names = source::list_tree(&path).map_err(|error| WorkspaceError::List { path, error })?;
    let id = |name: &PathBuf| name.to_str().and_then(Id::parse);
    Ok(names.iter().filter_map(id).collect())
}

/// Reads the text of releases.lock. A workspace need not have one.
fn read_lock(root: &Path, sources: &mut Sources) -> Result<Option<FileId>, Box<Diagnostic>> {
    let path = root.join(LOCK_FILE);
    if !path.exists() {
        return Ok(None);
    }
    sources.read_large(&path, LOCK_FILE.into()).map(Some)
}

/// A file to read: where it is, the path to show, and the kind that its folder says.
type Wanted = (PathBuf, PathBuf, Option<Kind>);

/// Leaves a file out that is another one by another path.
fn each_once(files: Vec<Wanted>) -> Vec<Wanted> {
    // The way to a folder is the same for all its files, and takes as many steps as it has parts.
    let mut folders: HashMap<PathBuf, PathBuf> = HashMap::new();
    let links = files.par_iter().map(|(path, ..)| path.is_symlink());
    let links: Vec<bool> = links.collect();
    let mut real = |path: &Path, is_link: bool| {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return None;
        };
        if is_link {
            return path.canonicalize().ok();
        }
        if !folders.contains_key(folder) {
            let folder_is = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            folders.insert(folder.to_path_buf(), folder_is.canonicalize().ok()?);
        }
        Some(folders.get(folder)?.join(name))
    };
    let mut seen = HashSet::new();
    let mut is_new = |(path, ..): &Wanted, is_link: bool| {
        let real = real(path, is_link).or_else(|| path.canonicalize().ok());
        seen.insert(real.unwrap_or_else(|| path.clone()))
    };
    let files = files.into_iter().zip(links);
    files
        .filter(|(file, is_link)| is_new(file, *is_link))
        .map(|(file, _)| file)
        .collect()
}

/// Lists the files of the document folders.
fn listed(
    root: &Path,
    private: &Path,
    config: &Config,
    include: Include,
) -> Result<Vec<Wanted>, WorkspaceError> {
    let mut folders: Vec<(PathBuf, Option<Kind>)> = Kind::ALL
        .map(|kind| (PathBuf::from(&config.kind(kind).folder), Some(kind)))
        .to_vec();
    if include == Include::Drafts {
        // Shown as what it is in the workspace, or with its whole path.
        let shown = private.strip_prefix(root).unwrap_or(private);
        folders.push((shown.to_path_buf(), None));
    }
    let mut found = Vec::new();
    for (folder, kind) in folders {
        let path = root.join(&folder);
        let files =
            source::list_yaml(&path).map_err(|error| WorkspaceError::List { path, error })?;
        for path in files {
            let Some(name) = path.file_name() else {
                continue;
            };
            if config.ignore.iter().any(|ignored| name == ignored.as_str()) {
                continue;
            }
            let shown = folder.join(name);
            found.push((path, shown, kind));
        }
    }
    Ok(found)
}
