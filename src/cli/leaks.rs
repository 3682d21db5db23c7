//! The leak guard at every border, and `vmt check --leaks`.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{Environment, Failure, Outcome};
use crate::diagnostic::Span;
use crate::embargo::leak::{Guard, Leak, Private, What};
use crate::embargo::place::{self, PRIVATE_IN_GIT};
use crate::git::exposed::{Exposed, ExposedError, Pushed, Range};
use crate::model::Document;
use crate::render::Artifact;
use crate::report::json::pretty;
use crate::source;
use crate::workspace::{Include, Workspace};

/// What to search.
pub(super) enum Scope<'a> {
    /// Files and folders; those of the workspace where none is named.
    Files(&'a [PathBuf]),
    /// All that the repository shows.
    Git,
    /// What a push sends, as git says on stdin.
    Pushed,
}

/// Makes the guard of a workspace. A document that cannot be read could be betrayed without anybody
/// noticing, so it is a failure.
pub(super) fn guard(workspace: &Workspace, environment: &Environment) -> Result<Guard, Failure> {
    guard_except(workspace, None, environment)
}

/// What is sealed cannot be looked for: nothing becomes public on the quiet then.
fn refuse_sealed(count: usize, environment: &Environment) -> Result<(), Failure> {
    let documents = match count {
        0 => return Ok(()),
        1 => "1 private document is".to_owned(),
        several => format!("{several} private documents are"),
    };
    let what = format!("{documents} sealed, so nobody can look for what betrays them");
    if environment.sealed_unsearched {
        environment.say(&what);
        return Ok(());
    }
    Err(Failure::documents(
        what,
        "open them with `vmt embargo open`; or take the risk with --sealed-unsearched",
    ))
}

/// Makes the guard of a workspace without one document, which is about to be public.
fn guard_except(
    workspace: &Workspace,
    except: Option<&Document>,
    environment: &Environment,
) -> Result<Guard, Failure> {
    let private = workspace.private_documents()?;
    if let Some(first) = private.broken.first() {
        return Err(Failure::documents(
            format!(
                "{} cannot be read, so nobody can tell whether something of it is in what would be public",
                match environment.public_log {
                    true => "a private document".to_owned(),
                    false => first.display().to_string(),
                }
            ),
            "`vmt check --drafts` says what is wrong with it",
        ));
    }
    refuse_sealed(private.sealed.len(), environment)?;
    let known = workspace
        .corpus
        .documents()
        .iter()
        .filter(|document| document.is_private());
    let path = |document: &Document| workspace.sources.file(document.file).path.clone();
    let read = private.documents.iter();
    let mut all: Vec<(PathBuf, &Document)> =
        known.map(|document| (path(document), document)).collect();
    all.extend(read.map(|document| (private.sources.file(document.file).path.clone(), document)));
    all.retain(|(_, document)| except.is_none_or(|except| except.name() != document.name()));
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let handles: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(at, (path, _))| match environment.public_log {
            // The name of the file may be the very id.
            true => format!("private document {} by name", at + 1),
            false => path.display().to_string(),
        })
        .collect();
    let private: Vec<Private<'_>> = all
        .iter()
        .zip(&handles)
        .map(|((_, document), handle)| Private { handle, document })
        .collect();
    Ok(Guard::new(&private, &workspace.config.harmless))
}

/// Returns whether there is anything to look for in what is published.
pub(super) fn knows_private_documents(
    workspace: &Workspace,
    environment: &Environment,
) -> Result<bool, Failure> {
    Ok(!guard(workspace, environment)?.is_empty())
}

/// Searches what is about to be published, and refuses it where it betrays a private document.
pub(super) fn refuse_artifacts<'a>(
    workspace: &Workspace,
    artifacts: impl IntoIterator<Item = &'a Artifact>,
    environment: &Environment,
) -> Result<(), Failure> {
    search_all(&guard(workspace, environment)?, artifacts)
}

/// The same for what becomes public together with one document: only others can be betrayed.
pub(super) fn refuse_others(
    workspace: &Workspace,
    published: &Document,
    artifacts: &[Artifact],
    environment: &Environment,
) -> Result<(), Failure> {
    search_all(
        &guard_except(workspace, Some(published), environment)?,
        artifacts,
    )
}

fn search_all<'a>(
    guard: &Guard,
    artifacts: impl IntoIterator<Item = &'a Artifact>,
) -> Result<(), Failure> {
    if guard.is_empty() {
        return Ok(());
    }
    let artifacts: Vec<&Artifact> = artifacts.into_iter().collect();
    let found = artifacts
        .par_iter()
        .flat_map_iter(|artifact| guard.search(&artifact.path, &artifact.bytes))
        .collect();
    refuse(found)
}

/// Searches a text that is about to leave, such as a mail, and refuses it where it betrays a private
/// document.
pub(super) fn refuse_text(
    workspace: &Workspace,
    name: &str,
    text: &[u8],
    environment: &Environment,
) -> Result<(), Failure> {
    refuse(guard(workspace, environment)?.search(name, text))
}

fn refuse(mut found: Vec<Leak>) -> Result<(), Failure> {
    if found.is_empty() {
        return Ok(());
    }
    found.sort();
    let lines: String = found.iter().map(|leak| format!("\n  {leak}")).collect();
    Err(Failure::documents(
        format!("nothing was written: it would betray a private document{lines}"),
        "take it out; what is public anyway goes into `[[harmless]]` of vmt.toml, with a reason",
    ))
}

pub(super) fn run(
    scope: &Scope<'_>,
    format: &str,
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let workspace = environment.open(Include::Public)?;
    let guard = guard(&workspace, environment)?;
    if guard.is_empty() {
        // A reader of the log must know that nothing was looked for.
        environment.say(
            "there is no private document here, so no text is looked for; where are yours? \
             --private DIR names their folder",
        );
    }
    let (mut found, searched) = match scope {
        Scope::Files(paths) => in_files(&guard, paths, &workspace, environment)?,
        Scope::Git => in_git(&guard, &Range::Reachable, &workspace, environment)?,
        Scope::Pushed => in_git(&guard, &pushed()?, &workspace, environment)?,
    };
    found.sort();
    found.dedup();
    environment.out(&shown(&found, searched, format))?;
    environment.say(&format!(
        "{searched} files and texts searched, {} places found",
        found.len()
    ));
    Ok(match found.is_empty() {
        true => Outcome::Done,
        false => Outcome::Errors,
    })
}

/// What a push sends, as git says on stdin. Where it says nothing, as when another program of the hook has
/// read it before, anything may be sent.
fn pushed() -> Result<Range, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::World(format!("cannot read stdin: {error}"), None))?;
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(Range::Reachable);
    }
    let all = Pushed::parse(&text).map_err(|error| {
        Failure::usage(
            error,
            "give it what git gives to the hook, or search all with `vmt check --leaks --git`",
        )
    })?;
    Ok(Range::Pushed(all))
}

fn shown(found: &[Leak], searched: usize, format: &str) -> String {
    if format != "json" {
        return found.iter().map(|leak| format!("{leak}\n")).collect();
    }
    let all: Vec<serde_json::Value> = found
        .iter()
        .map(|leak| {
            serde_json::json!({
                "file": leak.file,
                "place": leak.place,
                "document": leak.document,
                "what": leak.what.name(),
            })
        })
        .collect();
    pretty(&serde_json::json!({"leaks": all, "searched": searched}))
}

fn in_files(
    guard: &Guard,
    paths: &[PathBuf],
    workspace: &Workspace,
    environment: &Environment,
) -> Result<(Vec<Leak>, usize), Failure> {
    let files = match paths {
        [] => own_files(workspace)?,
        paths => named_files(paths, environment)?,
    };
    let read = |(path, shown): &(PathBuf, String)| match source::read_bytes(path) {
        Ok(bytes) => Ok(guard.search(shown, &bytes)),
        // A link that leads nowhere has nothing to tell but its name.
        Err(_) if path.symlink_metadata().is_ok_and(|data| !data.is_file()) => {
            Ok(guard.search(shown, b""))
        }
        Err(error) => Err(Failure::World(
            format!("cannot read {shown}: {error}"),
            None,
        )),
    };
    let found: Vec<Vec<Leak>> = files.par_iter().map(read).collect::<Result<_, _>>()?;
    let (mut found, mut searched) = (found.concat(), files.len());
    for path in paths {
        let folder = environment.resolve(path);
        if !is_repository(&folder) {
            continue;
        }
        if let Some(repository) = Exposed::open(&folder).map_err(git_failure)? {
            say_if_shallow(&repository, environment);
            let (more, others) = in_repository(guard, &Range::Reachable, &repository, None)?;
            found.extend(more);
            searched += others;
        }
    }
    Ok((found, searched))
}

/// The files that git tracks or would add, and the built site; all files where there is no repository.
fn own_files(workspace: &Workspace) -> Result<Vec<(PathBuf, String)>, Failure> {
    let root = &workspace.root;
    let world = |error: std::io::Error| Failure::World(format!("cannot list files: {error}"), None);
    let mut names = match Exposed::open(root).map_err(git_failure)? {
        Some(repository) => repository.files().map_err(git_failure)?,
        None => source::list_tree(root)
            .map_err(world)?
            .into_iter()
            .filter(|path| !path.starts_with(".git"))
            .filter(|path| !path.to_string_lossy().starts_with(".vmt-"))
            .collect(),
    };
    let site = Path::new("public");
    for name in source::list_tree(&root.join(site)).map_err(world)? {
        names.insert(site.join(name));
    }
    let private = workspace.private_inside();
    let known = workspace
        .corpus
        .documents()
        .iter()
        .filter(|document| document.is_private());
    let known: Vec<&PathBuf> = known
        .map(|document| &workspace.sources.file(document.file).path)
        .collect();
    // That a private document is tracked at all is another finding.
    let is_private = |name: &Path| private.iter().any(|folder| name.starts_with(folder));
    names.retain(|name| !is_private(name) && !known.contains(&name));
    // Deleted files are in the index still.
    names.retain(|name| root.join(name).symlink_metadata().is_ok());
    Ok(names
        .into_iter()
        .map(|name| (root.join(&name), name.to_string_lossy().replace('\\', "/")))
        .collect())
}

/// The files at and below some paths. A link to a folder is followed, to each folder once; a repository
/// is searched as such.
fn named_files(
    paths: &[PathBuf],
    environment: &Environment,
) -> Result<Vec<(PathBuf, String)>, Failure> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for path in paths {
        let shown = path.to_string_lossy().replace('\\', "/");
        let mut waiting = vec![(environment.resolve(path), shown)];
        while let Some((place, shown)) = waiting.pop() {
            if !place.is_dir() {
                found.push((place, shown));
                continue;
            }
            if !seen.insert(real(&place)) {
                continue;
            }
            let names = source::list_tree(&place)
                .map_err(|error| Failure::World(format!("cannot list {shown}: {error}"), None))?;
            let git = Path::new(GIT_FOLDER);
            let is_repository = is_repository(&place);
            for name in names {
                if is_repository && name.starts_with(git) {
                    continue;
                }
                let inner = name.to_string_lossy().replace('\\', "/");
                let inner = format!("{}/{inner}", shown.trim_end_matches('/'));
                waiting.push((place.join(&name), inner));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Folder in which git keeps its objects; a file of that name leads to it.
const GIT_FOLDER: &str = ".git";

fn is_repository(folder: &Path) -> bool {
    folder.join(GIT_FOLDER).exists()
}

/// Searches all that a repository shows or is about to show.
fn in_git(
    guard: &Guard,
    range: &Range,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<(Vec<Leak>, usize), Failure> {
    let Some(repository) = Exposed::open(&workspace.root).map_err(git_failure)? else {
        return Err(Failure::usage(
            format!("{} lies in no git repository", workspace.root.display()),
            "name files or folders instead",
        ));
    };
    if matches!(range, Range::Reachable) {
        say_if_shallow(&repository, environment);
    }
    in_repository(guard, range, &repository, Some(&Betrayed::new(workspace)))
}

fn say_if_shallow(repository: &Exposed, environment: &Environment) {
    if repository.is_shallow() {
        environment.say(
            "warning: the clone is shallow, so older commits are not searched\n\
             help: fetch them all: `git fetch --unshallow`, or `fetch-depth: 0` in GitHub Actions",
        );
    }
}

/// Searches commits; `betrayed` says which files may not be in them at all.
fn in_repository(
    guard: &Guard,
    range: &Range,
    repository: &Exposed,
    betrayed: Option<&Betrayed>,
) -> Result<(Vec<Leak>, usize), Failure> {
    let mut waiting: Vec<(String, Vec<u8>)> = Vec::new();
    let (mut found, mut searched, mut size) = (Vec::new(), 0, 0);
    let mut whole = Vec::new();
    let mut flush = |waiting: &mut Vec<(String, Vec<u8>)>, searched: &mut usize| {
        *searched += waiting.len();
        found.par_extend(
            std::mem::take(waiting)
                .into_par_iter()
                .flat_map_iter(|(name, bytes)| guard.search(&name, &bytes)),
        );
    };
    repository
        .everything(range, &mut |piece| {
            let inside = Path::new(piece.path).strip_prefix(repository.inside());
            let is_whole = betrayed.zip(inside.ok()).is_some_and(|(betrayed, inside)| {
                !piece.path.is_empty()
                    && betrayed.shows(&inside.to_string_lossy(), piece.bytes)
                    && !betrayed.is_public_by_now(piece.bytes)
            });
            if is_whole {
                whole.push(Leak {
                    file: piece.name.to_owned(),
                    place: "it is a private document or belongs to one".to_owned(),
                    document: String::new(),
                    what: What::File,
                });
            }
            waiting.push((piece.name.to_owned(), piece.bytes.to_vec()));
            size += piece.bytes.len();
            if size > 32 << 20 {
                flush(&mut waiting, &mut searched);
                size = 0;
            }
        })
        .map_err(git_failure)?;
    flush(&mut waiting, &mut searched);
    found.extend(whole);
    Ok((found, searched))
}

/// Tells the files that git may not show.
struct Betrayed {
    /// Folders of private files, relative to the workspace.
    private: Vec<PathBuf>,
    /// Folders in which an `embargo` block makes a document private.
    folders: Vec<PathBuf>,
    /// What is public by now needs no guard any more.
    public: HashSet<String>,
}

impl Betrayed {
    fn new(workspace: &Workspace) -> Betrayed {
        let config = &workspace.config;
        let documents = workspace.corpus.documents().iter();
        Betrayed {
            private: workspace.private_inside(),
            folders: vec![
                PathBuf::from(&config.advisory.folder),
                PathBuf::from(&config.note.folder),
            ],
            public: documents
                .filter(|document| !document.is_private())
                .map(|document| document.name().to_owned())
                .collect(),
        }
    }

    /// All folders that are looked at.
    fn folders(&self) -> Vec<String> {
        let all = self.private.iter().chain(&self.folders);
        all.map(|folder| folder.to_string_lossy().replace('\\', "/"))
            .collect()
    }

    fn shows(&self, path: &str, bytes: &[u8]) -> bool {
        let is_in = |folders: &[PathBuf]| {
            folders
                .iter()
                .any(|folder| Path::new(path).starts_with(folder))
        };
        let ending = path.rsplit('.').next().unwrap_or_default();
        let yaml = ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml");
        is_in(&self.private) || (yaml && is_in(&self.folders) && place::is_private(bytes))
    }

    fn is_public_by_now(&self, bytes: &[u8]) -> bool {
        place::id_of(bytes).is_some_and(|id| self.public.contains(&id))
    }
}

pub(super) fn git_failure(error: ExposedError) -> Failure {
    Failure::World(error.to_string(), Some("`git status` may say more".into()))
}

/// Adds to the problems of a workspace each private document that git shows: tracked, staged or in a
/// commit.
pub(super) fn find_in_git(
    workspace: &mut Workspace,
    environment: &Environment,
) -> Result<(), Failure> {
    let repository = match Exposed::open(&workspace.root) {
        Ok(Some(repository)) => repository,
        Ok(None) => return Ok(()),
        Err(error) if error.not_ours => {
            let folder = error.folder.display();
            let finding = PRIVATE_IN_GIT
                .at(
                    Span::new(workspace.config_file, 0..0),
                    format!("nobody can tell whether a private document is in git: {error}"),
                )
                .help(format!(
                    "if you trust it: `git config --global --add safe.directory {folder}`"
                ));
            workspace.problems.push(finding);
            return Ok(());
        }
        Err(error) => {
            environment.say(&format!(
                "whether git shows a private document is not known: {error}"
            ));
            return Ok(());
        }
    };
    say_if_shallow(&repository, environment);
    let betrayed = Betrayed::new(workspace);
    let mut found: Vec<(String, String)> = Vec::new();
    for (path, bytes) in repository.staged().map_err(git_failure)? {
        if betrayed.shows(&path, &bytes) {
            let help = format!("git rm --cached {path}");
            found.push((path, format!("it is tracked or staged; {help}")));
        }
    }
    let folders = betrayed.folders();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    repository
        .history_of(&folders, &mut |piece| {
            let gone_public = betrayed.is_public_by_now(piece.bytes);
            if betrayed.shows(piece.path, piece.bytes) && !gone_public {
                let commit = piece.name.split(':').next().unwrap_or_default();
                found.push((
                    piece.path.to_owned(),
                    format!("it is in the commit {commit}"),
                ));
            }
        })
        .map_err(git_failure)?;
    for folder in not_ignored(workspace, &repository, &betrayed)? {
        let finding = PRIVATE_IN_GIT
            .at(
                Span::new(workspace.config_file, 0..0),
                format!("git does not ignore {folder}: `git add` would take a private document"),
            )
            .help(format!("add the line `/{folder}` to .gitignore"));
        workspace.problems.push(finding);
    }
    for (path, why) in found {
        let known = workspace.files.iter().copied();
        let mut known = known.filter(|file| workspace.sources.file(*file).path == Path::new(&path));
        let file = match known.next() {
            Some(file) => file,
            None => workspace.sources.add(&path, ""),
        };
        let finding = PRIVATE_IN_GIT
            .at(Span::new(file, 0..0), format!("a private document is in git: {why}"))
            .help("take it out of git before anything is pushed; `vmt explain private-in-git` says how");
        workspace.problems.push(finding);
    }
    Ok(())
}

/// The private folders with files that the next `git add` would take.
fn not_ignored(
    workspace: &Workspace,
    repository: &Exposed,
    betrayed: &Betrayed,
) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    if repository.top().is_none() {
        return Ok(found);
    }
    for folder in &betrayed.private {
        let files = source::list_tree(&workspace.root.join(folder)).map_err(|error| {
            Failure::World(format!("cannot list {}: {error}", folder.display()), None)
        })?;
        for file in files {
            if !repository
                .ignores(&folder.join(file))
                .map_err(git_failure)?
            {
                found.push(folder.to_string_lossy().replace('\\', "/"));
                break;
            }
        }
    }
    Ok(found)
}
