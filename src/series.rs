//! The table of series, refreshed from OpenStack's releases repository (pure).
//!
//! Source: `data/series_status.yaml` (name, release-id, dates, phases) and `deliverables/SERIES/*.yaml`
//! (versions with the commits that they were tagged on), keyed by their `repo:`, not by file name.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDate;

use crate::config::{Config, Series};
use crate::diagnostic::FileId;
use crate::tree::toml::quoted;
use crate::tree::{Node, Value, yaml};
use crate::version::Version;

/// A version as the releases repository knows it: a second witness for a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Canonical name of the product.
    pub product: String,
    /// The version.
    pub version: String,
    /// The commit.
    pub commit: String,
    /// Name of the series under which it stands.
    pub series: String,
}

/// What the repository says.
#[derive(Debug, Default)]
pub struct Facts {
    /// Series, the oldest first.
    pub series: Vec<Series>,
    /// Versions with their commits.
    pub witnesses: Vec<Witness>,
}

/// Why the repository cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {why}")]
pub struct SeriesError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub why: String,
}

/// Reads the status file and the deliverables: the name of each one's folder, its path, its text.
///
/// # Errors
/// When a file is no YAML, or the status file lists no series.
pub fn read(
    status: (&str, &str),
    deliverables: &[(String, String, String)],
    config: &Config,
) -> Result<Facts, SeriesError> {
    let mut facts = Facts::default();
    // The reader of documents wants a mapping at the top; this file is a list.
    let listed = status.1.trim_start().trim_start_matches("---");
    let root = parse(
        status.0,
        &format!("series:\n{}", listed.trim_start_matches('\n')),
    )?;
    for row in list(root.get("series")) {
        let Some(one) = one_series(row) else { continue };
        // A name that stands there twice would be two series of vmt.toml with facts that differ.
        if !facts.series.iter().any(|known| known.name == one.name) {
            facts.series.push(one);
        }
    }
    if facts.series.is_empty() {
        let why = "it lists no series".into();
        return Err(SeriesError {
            file: status.0.into(),
            why,
        });
    }
    facts
        .series
        .sort_by_key(|series| (series.released.is_none(), series.released));
    let mut first: BTreeMap<(String, String), Version> = BTreeMap::new();
    for (series, path, text) in deliverables {
        let root = parse(path, text)?;
        for release in list(root.get("releases")) {
            let Some(version) = release.get("version").and_then(Node::text) else {
                continue;
            };
            let Some(parsed) = Version::parse(version) else {
                continue;
            };
            for project in list(release.get("projects")) {
                let field = |name| project.get(name).and_then(Node::text);
                let product = field("repo").and_then(|repo| repo.rsplit('/').next());
                let Some(product) = product.and_then(|name| config.product(name)) else {
                    continue;
                };
                if let Some(commit) = field("hash") {
                    facts.witnesses.push(Witness {
                        product: product.name.clone(),
                        version: version.to_owned(),
                        commit: commit.to_owned(),
                        series: series.clone(),
                    });
                }
                let lowest = first
                    .entry((series.clone(), product.name.clone()))
                    .or_insert_with(|| parsed.base());
                // `41.0.0.0rc1` comes before `41.0.0`, which is the same number in fewer words.
                let base = parsed.base();
                let shorter = base == *lowest && base.as_str().len() < lowest.as_str().len();
                if base < *lowest || shorter {
                    *lowest = base;
                }
            }
        }
    }
    for ((series, product), version) in first {
        let same =
            |known: &&mut Series| known.name == series || known.number.as_deref() == Some(&series);
        if let Some(known) = facts.series.iter_mut().find(same) {
            known.first_releases.push((product, version));
        }
    }
    Ok(facts)
}

fn parse(file: &str, text: &str) -> Result<Node, SeriesError> {
    let (root, problems) = yaml::parse(FileId(0), text);
    root.filter(|_| problems.is_empty())
        .ok_or_else(|| SeriesError {
            file: file.to_owned(),
            why: problems
                .first()
                .map_or_else(|| "it is empty".into(), |problem| problem.message.clone()),
        })
}

fn list(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

fn one_series(row: &Node) -> Option<Series> {
    let text = |name: &str| row.get(name).and_then(Node::text);
    let day = |text: Option<&str>| text.and_then(|text| text.parse::<NaiveDate>().ok());
    // One phase, or a list of them.
    let next = row.get("next-phase");
    let phases: Vec<&Node> = match next.map(|node| &node.value) {
        Some(Value::List(items)) => items.iter().collect(),
        Some(_) => next.into_iter().collect(),
        None => Vec::new(),
    };
    let ends = |phase: &&&Node| {
        matches!(
            phase.get("status").and_then(Node::text),
            Some("unmaintained" | "extended maintenance")
        )
    };
    let ending = phases
        .iter()
        .find(ends)
        .and_then(|phase| day(phase.get("date").and_then(Node::text)));
    Some(Series {
        name: text("name")?.to_owned(),
        number: text("release-id").map(str::to_owned),
        released: day(text("initial-release")),
        maintained_until: ending,
        end_of_life: day(text("eol-date")),
        first_releases: Vec::new(),
    })
}

/// Joins what vmt.toml says of the series with what is new. Facts that the repository no longer
/// gives (the end of a phase that is over, versions of products without deliverables) are kept.
pub fn merge(old: &[Series], new: Vec<Series>) -> Vec<Series> {
    let mut merged = new;
    for known in old {
        let Some(fresh) = merged.iter_mut().find(|fresh| fresh.name == known.name) else {
            merged.push(known.clone());
            continue;
        };
        fresh.number = fresh.number.take().or(known.number.clone());
        fresh.released = fresh.released.or(known.released);
        fresh.maintained_until = fresh.maintained_until.or(known.maintained_until);
        fresh.end_of_life = fresh.end_of_life.or(known.end_of_life);
        for (product, version) in &known.first_releases {
            match fresh
                .first_releases
                .iter_mut()
                .find(|(name, _)| name == product)
            {
                Some((_, lowest)) if version < lowest => *lowest = version.clone(),
                Some(_) => {}
                None => fresh
                    .first_releases
                    .push((product.clone(), version.clone())),
            }
        }
    }
    for series in &mut merged {
        series.first_releases.sort_by(|a, b| a.0.cmp(&b.0));
    }
    merged.sort_by_key(|series| (series.released.is_none(), series.released));
    merged
}

/// Writes series as vmt.toml has them.
pub fn render(series: &[Series]) -> String {
    let mut text = String::new();
    for one in series {
        let _ = write!(text, "\n[[series]]\nname = {}\n", quoted(&one.name));
        if let Some(number) = &one.number {
            let _ = writeln!(text, "number = {}", quoted(number));
        }
        let days = [
            ("released", one.released),
            ("maintained-until", one.maintained_until),
            ("end-of-life", one.end_of_life),
        ];
        for (name, day) in days {
            if let Some(day) = day {
                let _ = writeln!(text, "{name} = \"{day}\"");
            }
        }
        if !one.first_releases.is_empty() {
            text.push_str("\n[series.first-releases]\n");
        }
        for (product, version) in &one.first_releases {
            let bare = product
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            let key = if bare {
                product.clone()
            } else {
                quoted(product)
            };
            let _ = writeln!(text, "{key} = \"{version}\"");
        }
    }
    text
}

/// Replaces the series of a vmt.toml, which stand together; the rest stays as it is.
pub fn replace(toml: &str, series: &[Series]) -> String {
    let lines: Vec<&str> = toml.split_inclusive('\n').collect();
    let is_series =
        |line: &str| line.trim() == "[[series]]" || line.trim_start().starts_with("[series.");
    let is_table = |line: &str| line.trim_start().starts_with('[');
    let Some(first) = lines.iter().position(|line| is_series(line)) else {
        return format!("{}{}", toml, render(series));
    };
    let rest = lines[first..]
        .iter()
        .position(|line| is_table(line) && !is_series(line));
    let end = rest.map_or(lines.len(), |rest| first + rest);
    let before = lines[..first].concat();
    let after = lines[end..].concat();
    let gap = if after.is_empty() { "" } else { "\n" };
    format!(
        "{}{}{gap}{after}",
        before,
        render(series).trim_start_matches('\n')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "- name: zulu\n  release-id: 2030.1\n  status: development\n  initial-release: 2030-04-01\n  next-phase:\n    status: maintained\n    date: 2030-04-01\n\
        - name: yankee\n  release-id: 2029.2\n  status: maintained\n  initial-release: 2029-10-03\n  next-phase:\n    - status: unmaintained\n      date: 2031-04-03\n    - status: end of life\n      date: 2032-04-03\n\
        - name: austin\n  status: end of life\n  initial-release: 2010-10-21\n";
    const NOVA: &str = "releases:\n  - version: 41.0.0.0rc1\n    projects:\n      - repo: openstack/nova\n        hash: c993d4fe2ffaadea76d5ae76eedfddc3a4c71346\n  - version: 41.0.0\n    projects:\n      - {repo: openstack/nova, hash: d1f37ff8040d28ce14a39f58b899aaeac9fa0918}\n      - {repo: openstack/unknown, hash: d1f37ff8040d28ce14a39f58b899aaeac9fa0918}\n";

    fn shipped() -> Config {
        Config::parse(FileId(0), crate::config::SHIPPED).0
    }

    #[test]
    fn status_and_deliverables_become_series() {
        let deliverables = [(
            "yankee".to_owned(),
            "deliverables/yankee/compute.yaml".to_owned(),
            NOVA.to_owned(),
        )];
        let facts = read(("series_status.yaml", STATUS), &deliverables, &shipped()).expect("facts");
        assert_eq!(facts.witnesses.len(), 2);
        let merged = merge(&shipped().series, facts.series);
        let names: Vec<&str> = merged.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(
            (names[0], &names[names.len() - 2..]),
            ("austin", &["yankee", "zulu"][..])
        );
        let text = replace(crate::config::SHIPPED, &merged);
        let (config, problems) = Config::parse(FileId(0), &text);
        assert!(problems.is_empty(), "{problems:?}");
        let yankee = config.series("yankee").expect("the series");
        assert_eq!(yankee.maintained_until, "2031-04-03".parse().ok());
        assert_eq!(yankee.first_releases[0].1.to_string(), "41.0.0");
        // What the repository does not name is kept.
        assert!(
            config
                .series("gazpacho")
                .is_some_and(|series| series.first_releases.len() > 20)
        );
        assert_eq!(config.products.len(), shipped().products.len());
    }

    #[test]
    fn a_series_that_is_listed_twice_is_one() {
        let twice = format!("{STATUS}- name: austin\n  initial-release: 2011-10-21\n");
        let facts = read(("series_status.yaml", &twice), &[], &shipped()).expect("facts");
        assert_eq!(facts.series.len(), 3);
        assert_eq!(facts.series[0].released, "2010-10-21".parse().ok());
    }

    #[test]
    fn the_same_facts_leave_the_file_as_it_is() {
        let config = shipped();
        assert_eq!(
            replace(
                crate::config::SHIPPED,
                &merge(&config.series, config.series.clone())
            ),
            crate::config::SHIPPED
        );
    }

    #[test]
    fn a_broken_file_is_named() {
        let error =
            read(("data/series_status.yaml", "a: [1"), &[], &shipped()).expect_err("an error");
        assert_eq!(error.file, "data/series_status.yaml");
        assert!(read(("x", "[]"), &[], &shipped()).is_err());
    }
}
