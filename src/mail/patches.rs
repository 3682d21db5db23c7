//! Patch sets of a notice: by product and branch, in the order to apply them.

use serde::Serialize;

use crate::config::Config;
use crate::model::branch::BranchKind;
use crate::model::{Branch, Embargo, Patch};

/// The patches for one branch of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct PatchSet {
    /// `Nova, 2026.1/gazpacho: maintained until 2027-10-01`.
    heading: String,
    /// The patches in the order to apply them.
    patches: Vec<PatchLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct PatchLine {
    number: usize,
    name: String,
    sha256: Option<String>,
    requires: String,
    with: String,
}

/// Groups the patches of an embargo. `digest` gives the SHA-256 of a file by its path as written.
pub(super) fn sets(
    embargo: &Embargo,
    config: &Config,
    digest: &dyn Fn(&str) -> Option<String>,
) -> Vec<PatchSet> {
    let mut sets: Vec<PatchSet> = Vec::new();
    for patch in &embargo.patches {
        let heading = heading(patch, embargo, config);
        let at = match sets.iter().position(|set| set.heading == heading) {
            Some(at) => at,
            None => {
                let patches = Vec::new();
                sets.push(PatchSet { heading, patches });
                sets.len() - 1
            }
        };
        let names = |texts: &[crate::model::Text]| {
            let names = texts.iter().map(|text| text.value.trim());
            let names = names.map(|path| path.rsplit('/').next().unwrap_or(path));
            names.collect::<Vec<_>>().join(", ")
        };
        let line = PatchLine {
            number: sets[at].patches.len() + 1,
            name: patch.name().to_owned(),
            sha256: digest(&patch.file.value),
            requires: names(&patch.requires),
            with: names(&patch.with),
        };
        sets[at].patches.push(line);
    }
    sets
}

fn heading(patch: &Patch, embargo: &Embargo, config: &Config) -> String {
    let product = product(patch, config);
    let branch = branch(patch, config);
    let standing = branch.as_ref().and_then(|branch| {
        let day = embargo.moment()?.date_naive();
        let series = match &branch.kind {
            BranchKind::Master => return Some("development".to_owned()),
            _ => config.series(branch.series()?)?,
        };
        Some(match config.maintained_until(series) {
            Some(until) if until >= day => format!("maintained until {until}"),
            Some(_) => "unmaintained, a courtesy".to_owned(),
            None => return None,
        })
    });
    let label = branch.map(|branch| {
        let series = branch.series().and_then(|name| config.series(name));
        series.map_or(branch.bare, crate::config::Series::label)
    });
    let place: Vec<String> = product.into_iter().chain(label).collect();
    let place = match place.is_empty() {
        true => "Further patches".to_owned(),
        false => place.join(", "),
    };
    match standing {
        Some(standing) => format!("{place}: {standing}"),
        None => place,
    }
}

/// The product of a patch: as the entry says, or as its name does, as in `cve-2026-1-nova-master.patch`.
fn product(patch: &Patch, config: &Config) -> Option<String> {
    let written = patch.product.as_ref().map(|text| text.value.trim());
    let title = |name: &str| config.product(name).map(|product| product.title.clone());
    if let Some(name) = written {
        return Some(title(name).unwrap_or_else(|| name.to_owned()));
    }
    let name = format!("-{}-", words(patch.name()));
    let known = config.products.iter();
    let within = known.filter(|product| name.contains(&format!("-{}-", words(&product.name))));
    let longest = within.max_by_key(|product| product.name.len())?;
    Some(longest.title.clone())
}

/// The branch of a patch, by the same two ways.
fn branch(patch: &Patch, config: &Config) -> Option<Branch> {
    if let Some(text) = &patch.branch {
        return Some(Branch::read(&text.value));
    }
    let name = format!("-{}-", words(patch.name()));
    let says = |word: &str| name.contains(&format!("-{}-", words(word)));
    let series = config
        .series
        .iter()
        .rev()
        .find(|series| says(&series.name) || series.number.as_deref().is_some_and(says));
    match series {
        Some(series) => Some(Branch::read(&series.label())),
        None => (says("master") || says("main")).then(|| Branch::read("master")),
    }
}

/// A name in words, without its ending.
fn words(name: &str) -> String {
    let stem = name
        .strip_suffix(".patch")
        .or_else(|| name.strip_suffix(".diff"));
    stem.unwrap_or(name)
        .to_lowercase()
        .replace(['_', '.', ' '], "-")
}
