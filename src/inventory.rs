//! Lists of installed software: pip requirements, CycloneDX and SPDX, to names and versions (pure).
//!
//! Sources: PEP 508 and pip's requirements file format; CycloneDX 1.x JSON (ECMA-424); SPDX 2.2, 2.3
//! and 3.0 JSON; package URLs (purl). Versions of distributions are reduced to the upstream version.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

use crate::config::Config;
use crate::version::Version;

/// Something installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Name as written.
    pub name: String,
    /// Version as written; `None` where the list pins none.
    pub version: Option<String>,
    /// Who packaged it, where that is not the upstream project: `deb`, `rpm`.
    pub distribution: Option<String>,
    /// Line of the list, from 1; `None` for JSON.
    pub line: Option<usize>,
}

/// Why a list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryError(pub String);

impl fmt::Display for InventoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a list: JSON when it begins with a brace, else requirements.
///
/// # Errors
/// When it is JSON but neither CycloneDX nor SPDX.
pub fn read(text: &str) -> Result<Vec<Component>, InventoryError> {
    match text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{')
    {
        true => read_sbom(text),
        false => Ok(read_requirements(text)),
    }
}

/// Reads a pip requirements or constraints file, or the output of `pip freeze`. What is no
/// requirement (options, comments, addresses) is passed over.
pub fn read_requirements(text: &str) -> Vec<Component> {
    let mut found = Vec::new();
    let mut joined = String::new();
    let mut first = 0;
    let mut lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .peekable();
    while let Some((at, line)) = lines.next() {
        if joined.is_empty() {
            first = at + 1;
        }
        // A backslash at the end continues the line, where there is a next one.
        let continued = line.strip_suffix('\\').filter(|_| lines.peek().is_some());
        let line = line.strip_suffix('\\').unwrap_or(line);
        if let Some(start) = continued {
            joined.push_str(start);
            joined.push(' ');
            continue;
        }
        joined.push_str(line);
        found.extend(requirement(&joined).map(|(name, version)| Component {
            name,
            version,
            distribution: None,
            line: Some(first),
        }));
        joined.clear();
    }
    found
}

fn requirement(line: &str) -> Option<(String, Option<String>)> {
    let line = line.split(" #").next().unwrap_or_default().trim();
    if line.is_empty() || line.starts_with(['#', '-']) {
        return None;
    }
    let end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() || rest.starts_with([':', '/']) {
        return None;
    }
    let mut rest = rest.trim_start();
    // Extras: `nova[osprofiler]==1`.
    if let Some(after) = rest.strip_prefix('[') {
        rest = after.split_once(']')?.1.trim_start();
    }
    let rest = rest.split(';').next().unwrap_or_default();
    let rest = rest.split(" --").next().unwrap_or_default().trim();
    let rest = rest.trim_start_matches('(').trim_end_matches(')');
    // `name version` with a blank is how `pip list` writes it.
    let version = rest.strip_prefix("===").or(rest.strip_prefix("=="));
    let version = version
        .map(str::trim)
        .filter(|text| !text.is_empty() && !text.contains([',', '*', ' ']));
    let plain = rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains(' ');
    Some((
        name.to_owned(),
        version.or(plain.then_some(rest)).map(str::to_owned),
    ))
}

/// Reads a CycloneDX or SPDX document.
///
/// # Errors
/// When the text is no JSON, or is neither of them.
pub fn read_sbom(text: &str) -> Result<Vec<Component>, InventoryError> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| InventoryError(format!("this is no sound JSON: {error}")))?;
    let mut found = Vec::new();
    if value.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX") {
        let main = value.pointer("/metadata/component");
        main.into_iter()
            .for_each(|component| cyclonedx(component, &mut found));
        list(&value, "components").for_each(|component| cyclonedx(component, &mut found));
    } else if value.get("spdxVersion").is_some() {
        list(&value, "packages").for_each(|package| found.extend(spdx(package)));
    } else if value.get("@graph").is_some() {
        list(&value, "@graph").for_each(|element| found.extend(spdx3(element)));
    } else {
        return Err(InventoryError(
            "this is neither CycloneDX (no `bomFormat`) nor SPDX (no `spdxVersion`)".into(),
        ));
    }
    Ok(found)
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

fn cyclonedx(component: &Value, found: &mut Vec<Component>) {
    found.extend(match text(component, "purl") {
        // A package of another world (npm, maven) is not ours, whatever its name.
        Some(purl) => read_purl(&purl).map(|read| Component {
            version: read.version.clone().or_else(|| text(component, "version")),
            ..read
        }),
        None => text(component, "name").map(|name| Component {
            name,
            version: text(component, "version"),
            distribution: None,
            line: None,
        }),
    });
    list(component, "components").for_each(|inner| cyclonedx(inner, found));
}

fn spdx(package: &Value) -> Option<Component> {
    let locators =
        list(package, "externalRefs").filter_map(|reference| text(reference, "referenceLocator"));
    let purl = locators.filter_map(|locator| read_purl(&locator)).next();
    let named = || {
        Some(Component {
            name: text(package, "name")?,
            version: text(package, "versionInfo"),
            distribution: None,
            line: None,
        })
    };
    purl.or_else(named)
}

fn spdx3(element: &Value) -> Option<Component> {
    if text(element, "type").as_deref() != Some("software_Package") {
        return None;
    }
    let purl = text(element, "software_packageUrl").and_then(|purl| read_purl(&purl));
    let named = || {
        Some(Component {
            name: text(element, "name")?,
            version: text(element, "software_packageVersion"),
            distribution: None,
            line: None,
        })
    };
    purl.or_else(named)
}

/// Reads a package URL: `pkg:pypi/nova@29.0.1`, `pkg:deb/ubuntu/nova@2:29.0.1-0ubuntu1?arch=all`.
fn read_purl(purl: &str) -> Option<Component> {
    let rest = purl.strip_prefix("pkg:")?.trim_start_matches('/');
    let rest = rest.split(['?', '#']).next()?;
    let (kind, rest) = rest.split_once('/')?;
    let (path, version) = match rest.rsplit_once('@') {
        Some((path, version)) => (path, Some(decode(version))),
        None => (rest, None),
    };
    let name = decode(path.rsplit('/').next()?);
    let distribution = matches!(kind, "deb" | "rpm" | "apk" | "alpm").then(|| kind.to_owned());
    let known = kind == "pypi" || kind == "generic" || kind == "github" || distribution.is_some();
    known.then_some(Component {
        name,
        version,
        distribution,
        line: None,
    })
}

/// Undoes percent-encoding (RFC 3986 section 2.1); what is not sound stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The names that products have in lists of software.
#[derive(Debug)]
pub struct Catalogue<'a> {
    names: HashMap<String, &'a str>,
    /// What distributions put before a name.
    prefixes: Vec<String>,
}

impl<'a> Catalogue<'a> {
    /// Collects the names of products and of their packages on PyPI.
    pub fn new(config: &'a Config) -> Catalogue<'a> {
        let mut names = HashMap::new();
        for product in &config.products {
            for name in [&product.name, &product.pypi] {
                names.entry(normal(name)).or_insert(product.name.as_str());
            }
        }
        let organisation = normal(config.organisation.trim()).replace(' ', "-");
        let prefixes = ["python3", "python", &organisation].into_iter();
        Catalogue {
            names,
            prefixes: prefixes
                .filter(|prefix| !prefix.is_empty())
                .map(|prefix| format!("{prefix}-"))
                .collect(),
        }
    }

    /// Returns what distributions put before the name of a product: the language, or the organisation.
    pub fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Returns each name in the form in which names are compared, with the product that it means.
    pub fn names(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.names
            .iter()
            .map(|(name, product)| (name.as_str(), *product))
    }

    /// Returns the canonical name of the product that a component is: by its name, its name on PyPI,
    /// or the names that distributions make of it (`python3-nova`, `openstack-nova-api`, `nova-common`).
    pub fn product_of(&self, component: &Component) -> Option<&'a str> {
        let wanted = normal(&component.name);
        if let Some(product) = self.names.get(&wanted) {
            return Some(product);
        }
        component.distribution.as_ref()?;
        let mut prefixes = self.prefixes.iter();
        let bare = prefixes.find_map(|prefix| wanted.strip_prefix(prefix.as_str()));
        let bare = bare.unwrap_or(&wanted);
        if let Some(product) = self.names.get(bare) {
            return Some(product);
        }
        // `nova-api-os-compute` is a part of nova, `neutron-lib` is something else.
        let mut cut = bare;
        while let Some((start, part)) = cut.rsplit_once('-') {
            if !PARTS.contains(&part) {
                return None;
            }
            if let Some(product) = self.names.get(start) {
                return Some(product);
            }
            cut = start;
        }
        None
    }
}

/// What distributions append to the name of a service for its parts.
pub const PARTS: [&str; 40] = [
    "account",
    "agent",
    "api",
    "backup",
    "cell",
    "cells",
    "central",
    "common",
    "compute",
    "conductor",
    "container",
    "data",
    "dashboard",
    "dhcp",
    "doc",
    "engine",
    "health",
    "inspector",
    "l3",
    "manager",
    "metadata",
    "network",
    "notification",
    "novncproxy",
    "object",
    "openvswitch",
    "os",
    "placement",
    "plugin",
    "polling",
    "producer",
    "proxy",
    "rpc",
    "scheduler",
    "server",
    "share",
    "sriov",
    "volume",
    "worker",
    "wsgi",
];

/// The form in which names are compared here: that of PyPI, without joining runs of signs.
fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Returns the normal form of the name of a package on PyPI (PEP 503); `None` for what cannot be one.
pub fn pypi_name(name: &str) -> Option<String> {
    let sign = |c: char| matches!(c, '-' | '_' | '.');
    let sound = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || sign(c));
    let parts = name.split(sign).filter(|part| !part.is_empty());
    let normal = parts.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    (sound && !normal.is_empty()).then_some(normal)
}

fn comes_before(written: &str, version: &Version) -> String {
    format!(
        "`{written}` comes before {}: judged by the last release that it surely holds",
        version.base()
    )
}

/// The candidate in RPM's way to write one: a release that begins with `0.`, and names it.
fn rpm_candidate(text: &str) -> Option<Version> {
    let (upstream, release) = text.split_once('-')?;
    let tail = release.strip_prefix("0.")?;
    let at = ["rc", "b", "a"].iter().find_map(|mark| {
        tail.match_indices(mark).map(|(at, _)| at).find(|at| {
            let digits = tail[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit());
            digits && (*at == 0 || !tail.as_bytes()[at - 1].is_ascii_alphabetic())
        })
    })?;
    let end = tail[at..]
        .find(['.', '+', '-'])
        .map_or(tail.len(), |end| at + end);
    Version::parse(&format!("{upstream}{}", &tail[at..end])).filter(Version::is_prerelease)
}

/// A version as it can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduced {
    /// The upstream version.
    pub version: Version,
    /// What was left out of it, and what that means.
    pub remark: Option<String>,
}

/// Reduces a version to the upstream one: `2:29.0.1-0ubuntu1.2` and `29.0.1-1.el9` to 29.0.1. A
/// development version stays before its release: `29.0.1.dev12` holds 29.0.0 for certain, no more.
pub fn reduce(text: &str) -> Option<Reduced> {
    let trimmed = text.trim();
    let rest = match trimmed.split_once(':') {
        Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => trimmed,
    };
    let rest = rest.strip_prefix('v').unwrap_or(rest);
    // `29.1.0-rc1` and RPM's `29.1.0-0.1.0rc1.el9` are candidates.
    // An epoch of PEP 440 (`1!`) is one that no tag has.
    if rest.contains('!') {
        return None;
    }
    let is_early = |version: &Version| version.is_prerelease() && !version.is_post();
    let early = Version::parse(rest).filter(is_early);
    if let Some(version) = early.or_else(|| rpm_candidate(rest)) {
        let remark = match version.is_development() {
            true => Some(comes_before(trimmed, &version)),
            false if version.as_str() != trimmed => {
                Some(format!("`{trimmed}` is judged as {version}"))
            }
            false => None,
        };
        return Some(Reduced { version, remark });
    }
    // A tilde sorts before everything: `30.0.0~rc1` is the candidate.
    let upstream = rest.split(['-', '+']).next()?;
    let (upstream, before) = match upstream.split_once('~') {
        Some((version, tail)) => {
            let candidate = format!("{version}{tail}");
            match Version::parse(&candidate).filter(Version::is_prerelease) {
                Some(_) => (candidate, false),
                // `30.0.0~git2024…` is something before 30.0.0.
                None => (format!("{version}.dev0"), true),
            }
        }
        None => (upstream.to_owned(), false),
    };
    let version = Version::parse(&upstream)?;
    let downstream = upstream != trimmed && !before;
    let development = version.is_development() && !version.is_post();
    let remark = if before || development {
        Some(comes_before(trimmed, &version))
    } else if version.has_build_parts() || downstream {
        Some(format!(
            "`{trimmed}` is judged as {}; whoever packaged it may have patched it",
            version.base()
        ))
    } else {
        None
    };
    let version = match version.has_build_parts() && !development {
        true => version.base(),
        false => version,
    };
    Some(Reduced { version, remark })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(component: &Component) -> (&str, Option<&str>) {
        (&component.name, component.version.as_deref())
    }

    #[test]
    fn requirements_are_read() {
        let text = "# comment\nnova==29.0.1\nkeystone===25.0.0;python_version=='3.11'\n-e git+https://example.org/x#egg=x\n\
            glance[s3] == 28.0.0  # why\nheat>=20\ncinder @ https://example.org/cinder.tar.gz\n--index-url https://example.org\n\
            swift==2.33.0 \\\n    --hash=sha256:00\nironic 26.1.0\nhttps://example.org/x.whl\ntrove==21.0.0 \\";
        let found = read_requirements(text);
        let found: Vec<_> = found.iter().map(parts).collect();
        assert_eq!(
            found,
            [
                ("nova", Some("29.0.1")),
                ("keystone", Some("25.0.0")),
                ("glance", Some("28.0.0")),
                ("heat", None),
                ("cinder", None),
                ("swift", Some("2.33.0")),
                ("ironic", Some("26.1.0")),
                ("trove", Some("21.0.0")),
            ]
        );
    }

    #[test]
    fn a_package_may_begin_with_the_organisation() {
        let text =
            "[team]\norganisation = 'Wind River'\n[[products]]\nname = 'fault'\ntitle = 'Fault'\n";
        let (config, problems) = Config::parse(crate::diagnostic::FileId(0), text);
        assert!(problems.is_empty(), "{problems:?}");
        let catalogue = Catalogue::new(&config);
        let product = |name: &str| {
            catalogue.product_of(&Component {
                name: name.to_owned(),
                version: None,
                distribution: Some("deb".to_owned()),
                line: None,
            })
        };
        assert_eq!(product("wind-river-fault-api"), Some("fault"));
        assert_eq!(product("python3-fault"), Some("fault"));
        assert_eq!(product("openstack-fault"), None);
    }

    #[test]
    fn both_kinds_of_bill_are_read() {
        let cyclonedx = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
            {"type": "library", "name": "nova", "version": "29.0.1", "purl": "pkg:pypi/nova@29.0.1"},
            {"type": "library", "name": "x", "components": [{"name": "y", "purl": "pkg:deb/ubuntu/nova-common@3%3A29.0.1-0ubuntu1.2?arch=all"}]}]}"#;
        let found = read(cyclonedx).expect("a bill");
        let found: Vec<_> = found.iter().map(parts).collect();
        assert_eq!(
            found,
            [
                ("nova", Some("29.0.1")),
                ("x", None),
                ("nova-common", Some("3:29.0.1-0ubuntu1.2"))
            ]
        );
        let spdx = r#"{"spdxVersion": "SPDX-2.3", "packages": [{"name": "n", "versionInfo": "1",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/keystone@25.0.0"}]}]}"#;
        assert_eq!(
            parts(&read(spdx).expect("a bill")[0]),
            ("keystone", Some("25.0.0"))
        );
        let spdx3 = r#"{"@graph": [{"type": "software_Package", "name": "swift", "software_packageVersion": "2.33.0"}]}"#;
        assert_eq!(
            parts(&read(spdx3).expect("a bill")[0]),
            ("swift", Some("2.33.0"))
        );
        assert!(read("{}").is_err() && read("{\"a\"").is_err());
    }

    #[test]
    fn versions_of_distributions_are_reduced() {
        let said = |text: &str| {
            reduce(text).map(|reduced| (reduced.version.to_string(), reduced.remark.is_some()))
        };
        assert_eq!(said("29.0.1"), Some(("29.0.1".into(), false)));
        assert_eq!(said("2:29.0.1-0ubuntu1.2"), Some(("29.0.1".into(), true)));
        assert_eq!(said("29.0.1-1.el9"), Some(("29.0.1".into(), true)));
        assert_eq!(said("29.0.1+ubuntu1"), Some(("29.0.1".into(), true)));
        assert_eq!(said("29.0.1.dev12"), Some(("29.0.1.dev12".into(), true)));
        assert_eq!(
            said("1:30.0.0~rc1-0ubuntu1"),
            Some(("30.0.0rc1".into(), true))
        );
        assert_eq!(
            said("1:30.0.0~git2024-0ubuntu1"),
            Some(("30.0.0.dev0".into(), true))
        );
        assert_eq!(said("v29.0.1"), Some(("29.0.1".into(), true)));
        assert_eq!(said("29.1.0-rc1"), Some(("29.1.0-rc1".into(), false)));
        assert_eq!(
            said("29.1.0-0.1.0rc1.el9"),
            Some(("29.1.0rc1".into(), true))
        );
        assert_eq!(said("29.0.1.post3.dev2"), Some(("29.0.1".into(), true)));
        assert_eq!(said("1!29.0.1"), None);
        assert_eq!(said("latest"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_list_makes_it_panic(text in "\\PC{0,80}|[a-z=;#@<>~. 0-9\\n\\\\-]{0,80}") {
            let _ = read(&text);
            let _ = reduce(&text);
            let _ = read_purl(&text);
        }
    }
}
