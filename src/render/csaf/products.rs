//! The product tree: runs of versions as ranges of vers, releases with the fix, and what is undecided.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::config::Config;
use crate::exposure::Concern;
use crate::inventory::pypi_name;
use crate::release;
use crate::release::lock::LockedRelease;
use crate::release::verdict::Status;
use crate::view::DocumentView;
use crate::view::intervals::{End, Interval, intervals};

/// A leaf of the product tree.
pub(super) struct Leaf {
    pub(super) id: String,
    /// A version, or a range in the form of vers.
    pub(super) name: String,
    pub(super) is_range: bool,
    /// Name for readers.
    pub(super) title: String,
    pub(super) purl: Option<String>,
}

/// What a document says of a product.
pub(super) struct Product {
    pub(super) title: String,
    /// Runs of affected versions, each with where to go from it.
    pub(super) affected: Vec<(Leaf, String)>,
    /// The first release of each line with the fix.
    pub(super) first_fixed: Vec<Leaf>,
    /// The newest release, where it holds the fix.
    pub(super) newest: Option<Leaf>,
    pub(super) undecided: Vec<Leaf>,
}

impl Product {
    fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        let affected = self.affected.iter().map(|(leaf, _)| leaf);
        let fixed = self.first_fixed.iter().chain(&self.newest);
        affected.chain(fixed).chain(&self.undecided)
    }
}

pub(super) fn product(
    concern: &Concern<'_>,
    config: &Config,
    releases: &[LockedRelease],
) -> Product {
    let name = concern.pair.product;
    let known = config.product(name);
    let title = known.map_or(name, |product| &product.title).to_owned();
    let pypi = known.map_or(name, |product| &product.pypi);
    let fixed: Vec<&LockedRelease> = releases
        .iter()
        .filter(|release| concern.is_first_fixed(release))
        .collect();
    let newest_fixed = releases
        .last()
        .filter(|release| concern.status(release).0 == Status::Fixed);
    let affected = intervals(concern, releases, Status::Affected)
        .into_iter()
        .map(|interval| {
            let advice = advice(&interval, &title, &fixed, newest_fixed);
            (leaf(&interval, name, &title, pypi), advice)
        });
    let affected: Vec<(Leaf, String)> = affected.collect();
    let undecided: Vec<Leaf> = intervals(concern, releases, Status::Unknown)
        .iter()
        .map(|interval| leaf(interval, name, &title, pypi))
        .collect();
    let nothing = affected.is_empty() && undecided.is_empty();
    Product {
        first_fixed: fixed
            .iter()
            .map(|release| version_leaf(release.version.as_str(), name, &title, pypi))
            .collect(),
        newest: newest_fixed
            .map(|release| version_leaf(release.version.as_str(), name, &title, pypi)),
        // Where nothing at all is known of versions, every one of them is in question.
        undecided: match nothing {
            true => vec![any_leaf(name, &title, pypi)],
            false => undecided,
        },
        affected,
        title,
    }
}

/// Products that vmt.toml does not know: nobody can say which of their versions are meant.
pub(super) fn unknown_products(document: &DocumentView<'_>, config: &Config) -> Vec<Product> {
    let unknown = release::unknown_products(document.document, config).into_iter();
    let product = |(name, _): (&str, &str)| Product {
        title: name.to_owned(),
        affected: Vec::new(),
        first_fixed: Vec::new(),
        newest: None,
        undecided: vec![any_leaf(name, name, name)],
    };
    unknown.map(product).collect()
}

/// The package URL of a package on PyPI; `None` for a name that no package can have.
fn purl(pypi: &str) -> Option<String> {
    Some(format!("pkg:pypi/{}", pypi_name(pypi)?))
}

fn any_leaf(name: &str, title: &str, pypi: &str) -> Leaf {
    Leaf {
        id: format!("{name}:*"),
        name: "vers:pypi/*".into(),
        is_range: true,
        title: format!("{title}, any version"),
        purl: purl(pypi),
    }
}

fn version_leaf(version: &str, name: &str, title: &str, pypi: &str) -> Leaf {
    Leaf {
        id: format!("{name}:{version}"),
        name: version.to_owned(),
        is_range: false,
        title: format!("{title} {version}"),
        purl: purl(pypi).map(|purl| format!("{purl}@{version}")),
    }
}

/// A run of versions as a range of vers (package-url/vers-spec), or as the version that it is.
fn leaf(interval: &Interval, name: &str, title: &str, pypi: &str) -> Leaf {
    let upper = match &interval.end {
        End::Open => None,
        End::Fixed(version) => Some(format!("<{version}")),
        End::LastAffected(version) if *version == interval.introduced => {
            return version_leaf(version, name, title, pypi);
        }
        End::LastAffected(version) => Some(format!("<={version}")),
    };
    let lower = (interval.introduced != "0").then(|| format!(">={}", interval.introduced));
    let constraints: Vec<String> = lower.into_iter().chain(upper).collect();
    let range = match constraints.is_empty() {
        true => "*".to_owned(),
        false => constraints.join("|"),
    };
    Leaf {
        id: format!("{name}:{range}"),
        name: format!("vers:pypi/{range}"),
        is_range: true,
        title: format!("{title} {}", constraints.join(" "))
            .trim_end()
            .to_owned(),
        purl: purl(pypi),
    }
}

/// Where to go from a run of affected versions; empty where no release holds the fix.
fn advice(
    interval: &Interval,
    title: &str,
    fixed: &[&LockedRelease],
    newest: Option<&LockedRelease>,
) -> String {
    if let End::Fixed(version) = &interval.end {
        return format!(
            "Upgrade {title} to {version}, or to a newer release that is not among the affected ones; or apply the patches."
        );
    }
    match fixed.first().copied().or(newest) {
        Some(release) => format!(
            "No release of these lines holds the fix: move to {title} {} ({}) or later, or apply the patches.",
            release.version, release.line
        ),
        None => String::new(),
    }
}

pub(super) fn tree(products: &[Product], config: &Config) -> Value {
    let mut seen = BTreeSet::new();
    let branches: Vec<Value> = products
        .iter()
        .map(|product| {
            let leaves: Vec<Value> = product
                .leaves()
                .filter(|leaf| seen.insert(leaf.id.clone()))
                .map(|leaf| {
                    json!({
                        "category": if leaf.is_range { "product_version_range" } else { "product_version" },
                        "name": leaf.name,
                        "product": {
                            "name": leaf.title,
                            "product_id": leaf.id,
                            "product_identification_helper": {"purl": leaf.purl},
                        },
                    })
                })
                .collect();
            json!({"category": "product_name", "name": product.title, "branches": leaves})
        })
        .collect();
    let vendor = match config.organisation.is_empty() {
        true => &config.team,
        false => &config.organisation,
    };
    json!({"branches": [{"category": "vendor", "name": vendor, "branches": branches}]})
}
