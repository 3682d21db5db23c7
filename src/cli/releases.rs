//! `vmt releases`.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::affected::Format;
use super::{Environment, Failure, Outcome, known_product};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Severity};
use crate::git::Repository;
use crate::git::sync::{clone_folder, sync};
use crate::refresh::{self, Request};
use crate::release::lock::LOCK_FILE;
use crate::release::verdict::verdict;
use crate::report::json::pretty;
use crate::report::{FORMATS, releases as shown, table};
use crate::workspace::{Include, Workspace};
use crate::{lint, output, release, series, source};

/// Folder of clones in a workspace, ignored by git.
const CLONES: &str = ".vmt-clones";

/// Resolve from git tags which releases hold each fix
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make or refresh bare clones of the products that documents name
    Sync(SyncArguments),
    /// Read the clones and write releases.lock
    Resolve(ResolveArguments),
    /// Hold the declared ranges against releases.lock
    Verify(VerifyArguments),
    /// Show what was resolved for a document or a product
    Show(ShowArguments),
}

#[derive(Debug, Args)]
struct Clones {
    /// Folder of the clones [default: .vmt-clones in the workspace]
    #[arg(long, value_name = "DIR", env = "VMT_CLONES")]
    clones: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct SyncArguments {
    /// Products; all that documents name when none is given
    products: Vec<String>,
    #[command(flatten)]
    clones: Clones,
    /// Refresh the series in vmt.toml from a clone of OpenStack's releases repository, and hold its
    /// hashes against the tags; fetches only products that are named
    #[arg(long, value_name = "PATH")]
    series_from: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ResolveArguments {
    /// Products; all that documents name when none is given
    products: Vec<String>,
    #[command(flatten)]
    clones: Clones,
    /// Use an existing clone for a product
    #[arg(long, value_name = "PRODUCT=PATH", value_parser = read_repo)]
    repo: Vec<(String, PathBuf)>,
    /// Read every history anew, even where nothing changed
    #[arg(long)]
    all: bool,
    /// Write nothing; fail when releases.lock differs from what would be written
    #[arg(long)]
    check: bool,
}

#[derive(Debug, Args)]
struct VerifyArguments {
    /// Ids of documents; all when none is given
    ids: Vec<String>,
    /// How to show the findings
    #[arg(long, default_value = "human", value_parser = PossibleValuesParser::new(FORMATS.iter().map(|format| format.name)))]
    format: String,
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// Id of a document, or name of a product
    what: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

fn read_repo(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((product, path)) if !product.is_empty() && !path.is_empty() => {
            Ok((product.to_owned(), path.into()))
        }
        _ => Err("write it as PRODUCT=PATH".into()),
    }
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = match &arguments.command {
        Command::Sync(_) | Command::Resolve(_) => environment.open(Include::Public)?,
        Command::Verify(_) | Command::Show(_) => environment.open_whole(Include::Public)?,
    };
    match &arguments.command {
        Command::Sync(arguments) => run_sync(arguments, environment, &workspace),
        Command::Resolve(arguments) => run_resolve(arguments, environment, &workspace),
        Command::Verify(arguments) => run_verify(arguments, environment, &workspace),
        Command::Show(arguments) => run_show(arguments, environment, &workspace),
    }
}

impl Clones {
    fn folder(&self, environment: &Environment, workspace: &Workspace) -> PathBuf {
        match &self.clones {
            Some(folder) => environment.resolve(folder),
            None => workspace.root.join(CLONES),
        }
    }
}

/// The canonical names of products as typed; all that documents name when none is.
fn chosen(names: &[String], workspace: &Workspace) -> Result<Vec<String>, Failure> {
    if names.is_empty() {
        return Ok(refresh::products_of(&workspace.corpus, &workspace.config)
            .into_iter()
            .collect());
    }
    let known = |name: &String| known_product(name, &workspace.config).map(str::to_owned);
    names.iter().map(known).collect()
}

/// Says how far a long work is, on a terminal only.
fn progress(environment: &Environment, text: &str) {
    if std::io::stderr().is_terminal() {
        environment.say(text);
    }
}

fn run_sync(
    arguments: &SyncArguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<Outcome, Failure> {
    let folder = arguments.clones.folder(environment, workspace);
    if let Some(path) = &arguments.series_from {
        let agreed = refresh_series(&environment.resolve(path), &folder, environment, workspace)?;
        if arguments.products.is_empty() {
            return Ok(agreed);
        }
    }
    let products = chosen(&arguments.products, workspace)?;
    let mut remotes = Vec::new();
    let mut failures = Vec::new();
    for name in products {
        match workspace
            .config
            .product(&name)
            .and_then(|product| product.repository.clone())
        {
            Some(url) => remotes.push((name, url)),
            None => failures.push(format!("{name}: vmt.toml names no `repository` for it")),
        }
    }
    let (next, done, failures) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        Mutex::new(failures),
    );
    let fetch = || {
        while let Some((name, url)) = remotes.get(next.fetch_add(1, Ordering::Relaxed)) {
            progress(environment, &format!("fetching {name}"));
            match sync(url, &clone_folder(&folder, name)) {
                Ok(()) => {
                    done.fetch_add(1, Ordering::Relaxed);
                    progress(environment, &format!("fetched {name}"));
                }
                Err(error) => {
                    if let Ok(mut failures) = failures.lock() {
                        failures.push(format!("{name}: {error}"));
                    }
                }
            }
        }
    };
    // Fetching waits for the network more than for processors.
    std::thread::scope(|scope| {
        for _ in 1..remotes.len().min(4) {
            scope.spawn(fetch);
        }
        fetch();
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort();
    let fetched = done.into_inner();
    environment.say(&format!(
        "{fetched} clones are up to date in {}",
        folder.display()
    ));
    match failures.is_empty() {
        true => Ok(Outcome::Done),
        false => Err(Failure::World(
            failures.join("\n       "),
            Some("what was fetched before is kept; run `vmt releases sync` again".into()),
        )),
    }
}

/// Rewrites the series of vmt.toml, and compares the versions that the repository knows with the
/// tags of the clones that are here.
fn refresh_series(
    path: &Path,
    clones: &Path,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<Outcome, Failure> {
    let read = |file: &Path| {
        source::read_text(file, source::MAX_FILE_BYTES).map_err(|error| {
            Failure::World(format!("cannot read {}: {error}", file.display()), None)
        })
    };
    let status_path = path.join("data/series_status.yaml");
    let status = read(&status_path)?;
    let folder = path.join("deliverables");
    let mut deliverables = Vec::new();
    let listed = source::list_tree(&folder).map_err(|error| {
        Failure::World(format!("cannot list {}: {error}", folder.display()), None)
    })?;
    for relative in listed {
        let parts: Vec<String> = relative
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        if let [series, file] = parts.as_slice()
            && file.ends_with(".yaml")
        {
            deliverables.push((
                series.clone(),
                format!("deliverables/{series}/{file}"),
                read(&folder.join(&relative))?,
            ));
        }
    }
    let facts = series::read(
        (&status_path.to_string_lossy(), &status),
        &deliverables,
        &workspace.config,
    )
    .map_err(|error| {
        Failure::usage(
            error,
            "name a clone of the releases repository, with `data` and `deliverables`",
        )
    })?;
    let old = &workspace.sources.file(workspace.config_file).text;
    let new = series::replace(old, &series::merge(&workspace.config.series, facts.series));
    // A file that would not read back is never written.
    let (_, problems) = Config::parse(workspace.config_file, &new);
    if let Some(problem) = problems.first() {
        return Err(Failure::World(
            format!("the series cannot be written: {}", problem.message),
            None,
        ));
    }
    let changed = new != *old;
    if changed {
        output::replace(&workspace.root.join(source::CONFIG_FILE), new.as_bytes())?;
    }
    let (mut compared, mut differing) = (0, 0);
    let mut repositories: BTreeMap<&str, Option<Repository>> = BTreeMap::new();
    for witness in &facts.witnesses {
        let open = || Repository::open(&clone_folder(clones, &witness.product)).ok();
        let repository = repositories.entry(&witness.product).or_insert_with(open);
        let Some(tagged) = repository
            .as_ref()
            .and_then(|repository| repository.tagged(&witness.version))
        else {
            continue;
        };
        compared += 1;
        if tagged != witness.commit {
            differing += 1;
            let (product, version, series) = (&witness.product, &witness.version, &witness.series);
            let line = format!(
                "{product} {version} ({series}): the tag is {tagged}, the releases repository says {}\n",
                witness.commit
            );
            environment.out(&line)?;
        }
    }
    environment.say(&format!(
        "series in vmt.toml {}; {compared} tags compared, {differing} differ",
        if changed { "refreshed" } else { "unchanged" }
    ));
    Ok(if differing == 0 {
        Outcome::Done
    } else {
        Outcome::Errors
    })
}

fn run_resolve(
    arguments: &ResolveArguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<Outcome, Failure> {
    let folder = arguments.clones.folder(environment, workspace);
    let mut clones: BTreeMap<String, PathBuf> = BTreeMap::new();
    for configured in &workspace.config.products {
        let path = clone_folder(&folder, &configured.name);
        if path.is_dir() {
            clones.insert(configured.name.clone(), path);
        }
    }
    for (name, path) in &arguments.repo {
        let name = known_product(name, &workspace.config)?;
        clones.insert(name.to_owned(), environment.resolve(path));
    }
    let named = !arguments.products.is_empty();
    if named {
        let wanted = chosen(&arguments.products, workspace)?;
        let given = |name: &String| arguments.repo.iter().any(|(product, _)| product == name);
        clones.retain(|name, _| wanted.contains(name) || given(name));
    }
    // What cannot be read cannot be kept: only a run over everything may replace it.
    if workspace.lock_is_broken && named {
        environment.say(&environment.render_human(workspace, &workspace.problems));
        return Err(Failure::documents(
            format!("{LOCK_FILE} cannot be read"),
            "run `vmt releases resolve` without products to write it anew",
        ));
    }
    let path = workspace.root.join(LOCK_FILE);
    // What this run rests on: the lock as it was read with the documents. One that could not be read gives way.
    let before = match workspace.lock_file {
        Some(file) if !workspace.lock_is_broken => {
            Some(workspace.sources.file(file).text.clone().into_bytes())
        }
        _ => source::read_whole(&path, source::MAX_MADE_BYTES).ok(),
    };
    let request = Request {
        corpus: &workspace.corpus,
        config: &workspace.config,
        old: &workspace.lock,
        clones,
        all: arguments.all,
        some: named,
    };
    let progress = |product: &str| progress(environment, &format!("reading {product}"));
    let refreshed = refresh::refresh(&request, &progress)
        .map_err(|error| Failure::World(error.to_string(), Some(error.error.help().to_owned())))?;
    if !named && !refreshed.missing.is_empty() {
        environment.say(&format!(
            "no clone of {}; what is known of them is kept",
            refreshed.missing.join(", ")
        ));
    }
    let text = refreshed.lock.render();
    let same = before.as_deref() == Some(text.as_bytes());
    let entries: usize = refreshed.lock.documents.values().map(BTreeMap::len).sum();
    let resolved = refreshed.lock.documents.values().flat_map(BTreeMap::values);
    let resolved = resolved
        .filter(|entry| entry.resolution.unresolved.is_none())
        .count();
    let counted = format!(
        "{resolved} of {entries} pairs of document and product resolved, {} histories read",
        refreshed.read.len()
    );
    if arguments.check {
        environment.say(&counted);
        return match same {
            true => Ok(Outcome::Done),
            false => Err(Failure::documents(
                format!("{LOCK_FILE} is out of date"),
                "run `vmt releases resolve` and commit it",
            )),
        };
    }
    if !same && !output::put_unchanged(&path, before.as_deref(), text.as_bytes())? {
        return Err(Failure::World(
            format!("{LOCK_FILE} was changed by something else meanwhile"),
            Some("run it again".into()),
        ));
    }
    environment.say(&format!(
        "{LOCK_FILE} {}: {counted}",
        if same { "unchanged" } else { "written" }
    ));
    Ok(Outcome::Done)
}

fn run_verify(
    arguments: &VerifyArguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<Outcome, Failure> {
    let wanted: Vec<&crate::model::Document> = match arguments.ids.as_slice() {
        [] => workspace.corpus.documents().iter().collect(),
        ids => {
            let mut found = Vec::new();
            for id in ids {
                let document = workspace
                    .corpus
                    .documents()
                    .iter()
                    .find(|document| document.name().eq_ignore_ascii_case(id));
                found.push(document.ok_or_else(|| no_document(id))?);
            }
            found
        }
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for document in &wanted {
        for pair in release::pairs(document, &workspace.config) {
            let entry = workspace.lock.entry(document.name(), pair.product);
            let locked = workspace.lock.product(pair.product);
            let word = match (entry, locked) {
                (Some(entry), Some(locked)) => {
                    verdict(entry, &pair.claim, locked).judgement.to_string()
                }
                _ => "not resolved".into(),
            };
            *counts.entry(word).or_default() += 1;
        }
    }
    let files: Vec<_> = wanted.iter().map(|document| document.file).collect();
    let is_lock = |finding: &Diagnostic| {
        workspace.sources.file(finding.span.file).path.as_os_str() == LOCK_FILE
    };
    let findings: Vec<Diagnostic> = lint::check(workspace, environment.today())
        .into_iter()
        .filter(|finding| lint::is_about_releases(finding.code))
        .filter(|finding| files.contains(&finding.span.file) || is_lock(finding))
        .collect();
    environment.report(&arguments.format, &findings, workspace, wanted.len())?;
    let counted: Vec<String> = counts
        .iter()
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    environment.say(&format!(
        "pairs of document and product: {}",
        counted.join(", ")
    ));
    let worst = findings.iter().map(|finding| finding.severity).max();
    Ok(match worst >= Some(Severity::Error) {
        true => Outcome::Errors,
        false => Outcome::Done,
    })
}

fn no_document(id: &str) -> Failure {
    Failure::usage(
        format!("there is no document `{id}`"),
        "`vmt releases show PRODUCT` lists those of a product",
    )
}

fn run_show(
    arguments: &ShowArguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<Outcome, Failure> {
    let what = &arguments.what;
    let document = workspace
        .corpus
        .documents()
        .iter()
        .find(|document| document.name().eq_ignore_ascii_case(what));
    let text = match (document, workspace.config.product(what)) {
        (Some(document), _) => show_document(document, arguments.format, workspace),
        (None, Some(product)) => show_product(&product.name, arguments.format, workspace),
        (None, None) => {
            return Err(Failure::usage(
                format!("`{what}` is neither a document nor a product"),
                "name an id such as OSSA-2026-001, or a product such as nova",
            ));
        }
    };
    environment.out(&text)?;
    Ok(Outcome::Done)
}

fn show_document(
    document: &crate::model::Document,
    format: Format,
    workspace: &Workspace,
) -> String {
    let mut text = format!("{}: {}\n", document.name(), document.title.value.trim());
    let mut values = Vec::new();
    for pair in release::pairs(document, &workspace.config) {
        let declared = pair.declared.as_str();
        let (entry, locked) = (
            workspace.lock.entry(document.name(), pair.product),
            workspace.lock.product(pair.product),
        );
        match (entry, locked) {
            (Some(entry), Some(locked)) => {
                let verdict = verdict(entry, &pair.claim, locked);
                text.push_str(&shown::pair(
                    pair.product,
                    declared,
                    entry,
                    locked,
                    &verdict,
                ));
                values.push(shown::pair_json(pair.product, declared, entry, &verdict));
            }
            _ => text.push_str(&format!(
                "{}\n  declared  {declared}\n  not resolved; run `vmt releases resolve`\n",
                pair.product
            )),
        }
    }
    match format {
        Format::Human => text,
        Format::Json => pretty(&serde_json::json!({"id": document.name(), "products": values})),
    }
}

fn show_product(product: &str, format: Format, workspace: &Workspace) -> String {
    let exposure = crate::exposure::Exposure::new(
        workspace.corpus.documents(),
        &workspace.config,
        &workspace.lock,
    );
    let mut rows = vec![
        ["release", "date", "line", "affected by"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut values = Vec::new();
    for found in exposure.releases(product).iter().rev() {
        let affecting: Vec<&str> = exposure
            .concerns(product)
            .iter()
            .filter(|concern| concern.status(found).0 == release::verdict::Status::Affected)
            .map(|concern| concern.pair.document.name())
            .collect();
        values.push(serde_json::json!({"version": found.version.to_string(), "date": found.day.to_string(), "line": found.line, "affected_by": affecting}));
        rows.push(vec![
            found.version.to_string(),
            found.day.to_string(),
            found.line.clone(),
            affecting.join(" "),
        ]);
    }
    match format {
        Format::Human => table::render(&rows),
        Format::Json => pretty(&serde_json::json!({"product": product, "releases": values})),
    }
}
