//! Brings releases.lock up to date: reads clones, resolves, keeps what did not change (effect: git).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::config::Config;
use crate::corpus::Corpus;
use crate::git::{GitError, Repository};
use crate::release::lock::{Entry, Lock, LockedProduct};
use crate::release::{self, Pair, Resolution, Universe};

/// Why the lock cannot be refreshed. Nothing is written then.
#[derive(Debug, thiserror::Error)]
#[error("{product}: {error}")]
pub struct RefreshError {
    /// The product whose history cannot be read.
    pub product: String,
    /// Why.
    pub error: GitError,
}

/// What to do.
#[derive(Debug)]
pub struct Request<'a> {
    /// Documents.
    pub corpus: &'a Corpus,
    /// Settings.
    pub config: &'a Config,
    /// The lock so far.
    pub old: &'a Lock,
    /// The clone of each product that has one.
    pub clones: BTreeMap<String, PathBuf>,
    /// Resolve anew even where nothing changed.
    pub all: bool,
    /// Only some products were asked for: what is known of the others stays as it is.
    pub some: bool,
}

/// What was done.
#[derive(Debug)]
pub struct Refreshed {
    /// The new lock.
    pub lock: Lock,
    /// Products whose history was read.
    pub read: Vec<String>,
    /// Products that documents name and that have no clone.
    pub missing: Vec<String>,
}

/// What became of one product.
struct Part {
    locked: LockedProduct,
    entries: Vec<(String, Entry)>,
    was_read: bool,
}

/// Resolves every pair of a workspace. `progress` hears the name of each product that is read.
///
/// # Errors
/// When any history cannot be read whole.
pub fn refresh(
    request: &Request<'_>,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Refreshed, RefreshError> {
    let pairs = release::all_pairs(request.corpus, request.config);
    let mut by_product: BTreeMap<&str, Vec<&Pair<'_>>> = BTreeMap::new();
    for product in request.clones.keys() {
        by_product.insert(product, Vec::new());
    }
    for pair in &pairs {
        by_product.entry(pair.product).or_default().push(pair);
    }
    // What is known of a product whose clone is not read now stays.
    let mut lock = Lock {
        products: request.old.products.clone(),
        ..Lock::default()
    };
    let mut missing = Vec::new();
    let mut waiting: Vec<(&str, &[&Pair<'_>], &PathBuf)> = Vec::new();
    for (product, pairs) in &by_product {
        match request.clones.get(*product) {
            Some(path) => waiting.push((product, pairs, path)),
            None => {
                missing.push((*product).to_owned());
                keep(request, product, pairs, &mut lock);
            }
        }
    }
    let (mut read, mut failed) = (Vec::new(), None);
    for (product, part) in in_parallel(request, &waiting, progress) {
        match part {
            Ok(part) => {
                if part.was_read {
                    read.push(product.clone());
                }
                for (id, entry) in part.entries {
                    lock.documents
                        .entry(id)
                        .or_default()
                        .insert(product.clone(), entry);
                }
                lock.products.insert(product, part.locked);
            }
            Err(error) => failed = failed.or(Some(RefreshError { product, error })),
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(Refreshed {
            lock,
            read,
            missing,
        }),
    }
}

/// How the reason of an entry begins that stands for a product without a clone.
const NO_CLONE: &str = "there was no clone of";

fn is_placeholder(entry: &Entry) -> bool {
    let reason = entry.resolution.unresolved.as_deref();
    reason.is_some_and(|reason| reason.starts_with(NO_CLONE))
}

/// Keeps what an earlier run found for a product whose clone is not read.
fn keep(request: &Request<'_>, product: &str, pairs: &[&Pair<'_>], lock: &mut Lock) {
    for pair in pairs {
        let id = pair.document.name();
        let known = request.old.entry(id, product);
        let entry = match known {
            Some(entry) if request.some || !is_placeholder(entry) => entry.clone(),
            // Not asked for, never resolved: it stays unresolved.
            None if request.some => continue,
            // Without inputs, so that it is never taken for an outcome.
            _ => Entry {
                inputs: String::new(),
                resolution: Resolution {
                    evidence: Vec::new(),
                    changes: Vec::new(),
                    lines: Vec::new(),
                    unresolved: Some(format!(
                        "{NO_CLONE} {product}; run `vmt releases sync {product}`"
                    )),
                },
            },
        };
        lock.documents
            .entry(id.to_owned())
            .or_default()
            .insert(product.to_owned(), entry);
    }
}

type Done = (String, Result<Part, GitError>);

/// Works on products side by side, as many as there are processors, and returns them by name.
fn in_parallel(
    request: &Request<'_>,
    waiting: &[(&str, &[&Pair<'_>], &PathBuf)],
    progress: &(dyn Fn(&str) + Sync),
) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Done>> = Mutex::new(Vec::new());
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        while let Some((product, pairs, path)) = waiting.get(next.fetch_add(1, Ordering::Relaxed)) {
            let part = one(request, product, pairs, path, progress);
            if let Ok(mut done) = done.lock() {
                done.push(((*product).to_owned(), part));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..processors.min(waiting.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by(|a, b| a.0.cmp(&b.0));
    done
}

fn one(
    request: &Request<'_>,
    product: &str,
    pairs: &[&Pair<'_>],
    path: &Path,
    progress: &(dyn Fn(&str) + Sync),
) -> Result<Part, GitError> {
    let (config, old) = (request.config, request.old);
    let repository = Repository::open(path)?;
    let refs = repository.refs()?;
    let digest = repository.digest(&refs)?;
    let inputs: Vec<String> = pairs
        .iter()
        .map(|pair| release::inputs(pair, config))
        .collect();
    let kept = |pair: &Pair<'_>, inputs: &str| {
        old.entry(pair.document.name(), product)
            .filter(|entry| entry.inputs == *inputs && !is_placeholder(entry))
    };
    let locked = old
        .product(product)
        .filter(|locked| locked.refs == digest && !request.all);
    let entries: Option<Vec<&Entry>> = pairs
        .iter()
        .zip(&inputs)
        .map(|(pair, inputs)| kept(pair, inputs))
        .collect();
    if let (Some(locked), Some(entries)) = (locked, entries) {
        let names = pairs.iter().map(|pair| pair.document.name().to_owned());
        return Ok(Part {
            locked: locked.clone(),
            entries: names.zip(entries.into_iter().cloned()).collect(),
            was_read: false,
        });
    }
    progress(product);
    let history = repository.read(&refs, &config.advisory.prefix)?;
    let universe = Universe::new(&history, config, product);
    let clues: Vec<release::Clues> = pairs
        .iter()
        .map(|pair| release::clues(pair, config))
        .collect();
    let resolved = release::resolve(&history, &universe, &clues, &|commit| {
        repository.touches_code(&history, commit)
    });
    let entries = pairs.iter().zip(inputs).zip(resolved);
    Ok(Part {
        locked: LockedProduct::new(digest, &universe),
        entries: entries
            .map(|((pair, inputs), resolution)| {
                (
                    pair.document.name().to_owned(),
                    Entry { inputs, resolution },
                )
            })
            .collect(),
        was_read: true,
    })
}

/// Returns the products that the documents of a corpus name, sorted.
pub fn products_of(corpus: &Corpus, config: &Config) -> BTreeSet<String> {
    let pairs = release::all_pairs(corpus, config);
    pairs.iter().map(|pair| pair.product.to_owned()).collect()
}
