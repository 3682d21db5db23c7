//! vmt.toml: who publishes, what products and series there are, how strict the checks are.
//!
//! Read through the same trees and field tables as a document, so its mistakes have places, too.
//! Knows no command. The workspace of this project holds the shipped default, which is OpenStack's.

use std::collections::HashMap;

use chrono::{Months, NaiveDate};

use crate::diagnostic::{Code, Diagnostic, Example, FileId, Severity, did_you_mean};
use crate::model::{Kind, Text};
use crate::shape::read::{date, entries, items, required, text, texts};
use crate::shape::{self, Field, Shape, Table};
use crate::tree::{Node, toml};
use crate::version::Version;
use crate::version::claim::Names;
use crate::version::expression::{Bound, Interval};

/// The vmt.toml that `vmt init` writes.
pub const SHIPPED: &str = include_str!("../vmt.toml");

/// A setting whose value makes no sense.
pub static INVALID_SETTING: Code = Code {
    id: "invalid-setting",
    severity: Severity::Error,
    summary: "a value in vmt.toml makes no sense",
    explanation: "The value has the right kind but not the right content: a day that does not exist, \
        a folder outside the workspace, a prefix that is not made of capitals.",
    since: None,
    example: Some(Example::config(
        "[[series]]\nname = \"gazpacho\"\nreleased = \"2026-13-01\"\n",
        "[[series]]\nname = \"gazpacho\"\nreleased = \"2026-04-01\"\n",
    )),
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&INVALID_SETTING];

static SITE: Table = Table {
    name: "site",
    summary: "The published site.",
    fields: &[
        Field::optional("title", Shape::Text, "Name of the site."),
        Field::optional("description", Shape::Text, "What it is, in one sentence."),
        Field::optional(
            "base-url",
            Shape::Url,
            "Address under which it is published.",
        ),
    ],
};

static TEAM: Table = Table {
    name: "team",
    summary: "Who publishes.",
    fields: &[
        Field::optional(
            "organisation",
            Shape::Text,
            "Name of the project, as in `OpenStack Nova`.",
        ),
        Field::optional(
            "name",
            Shape::Text,
            "Name of the team, as mails are signed.",
        ),
        Field::optional("url", Shape::Url, "Page that says how the team works."),
    ],
};

static KIND: Table = Table {
    name: "kind of document",
    summary: "How documents of a kind are numbered, and where they lie.",
    fields: &[
        Field::optional("prefix", Shape::Text, "Letters that ids start with."),
        Field::optional("folder", Shape::Text, "Folder in the workspace."),
        Field::optional(
            "numbering",
            Shape::Choice(&["yearly", "running"]),
            "`yearly` for PREFIX-2026-001, `running` for PREFIX-0001.",
        ),
    ],
};

static DOCUMENTS: Table = Table {
    name: "documents",
    summary: "Where documents lie and how they are numbered.",
    fields: &[
        Field::optional(
            "ignore",
            Shape::List(&Shape::Text),
            "File names that are no documents.",
        ),
        Field::optional("advisory", Shape::Table(&KIND), "Advisories."),
        Field::optional("note", Shape::Table(&KIND), "Notes."),
    ],
};

static POLICY: Table = Table {
    name: "policy",
    summary: "Rules of the organisation that checks know.",
    fields: &[Field::optional(
        "maintained-months",
        Shape::Integer,
        "How long a series gets releases, where its row does not say until when.",
    )],
};

static WAIVER: Table = Table {
    name: "waiver",
    summary: "A finding that is accepted.",
    fields: &[
        Field::required("document", Shape::Text, "Id of the document."),
        Field::required("rule", Shape::Text, "Id of the rule."),
        Field::required("reason", Shape::Text, "Why."),
        Field::required("by", Shape::Text, "Who accepted it."),
    ],
};

static PRODUCT: Table = Table {
    name: "product",
    summary: "A product that documents speak of.",
    fields: &[
        Field::required(
            "name",
            Shape::Text,
            "Canonical name, as `affected-products` writes it.",
        ),
        Field::optional("title", Shape::Text, "Name for readers."),
        Field::optional(
            "aliases",
            Shape::List(&Shape::Text),
            "Former and other names.",
        ),
        Field::optional(
            "pypi",
            Shape::Text,
            "Package name on PyPI, where it differs from the name.",
        ),
        Field::optional("repository", Shape::Url, "Address of its git repository."),
    ],
};

static SERIES: Table = Table {
    name: "series",
    summary: "A release series.",
    fields: &[
        Field::required("name", Shape::Text, "Name in lower case."),
        Field::optional(
            "number",
            Shape::NumberLike,
            "Year and number, such as 2026.1.",
        ),
        Field::optional("released", Shape::Date, "Day of the first release."),
        Field::optional(
            "maintained-until",
            Shape::Date,
            "Last day on which it gets releases.",
        ),
        Field::optional(
            "end-of-life",
            Shape::Date,
            "Day from which nobody looks after it.",
        ),
        Field::optional(
            "first-releases",
            Shape::Map(&Shape::Text),
            "The version of each product with which the series begins.",
        ),
    ],
};

/// The fields of vmt.toml.
pub static CONFIG: Table = Table {
    name: "vmt.toml",
    summary: "Settings of a vmt workspace.",
    fields: &[
        Field::optional("site", Shape::Table(&SITE), "The published site."),
        Field::optional("team", Shape::Table(&TEAM), "Who publishes."),
        Field::optional(
            "documents",
            Shape::Table(&DOCUMENTS),
            "Where documents lie.",
        ),
        Field::optional(
            "policy",
            Shape::Table(&POLICY),
            "Rules of the organisation.",
        ),
        Field::optional(
            "rules",
            Shape::Map(&Shape::Choice(&["off", "advice", "warning", "error"])),
            "Severity of a check rule, or `off`.",
        ),
        Field::optional(
            "waivers",
            Shape::List(&Shape::Table(&WAIVER)),
            "Accepted findings.",
        ),
        Field::optional(
            "products",
            Shape::List(&Shape::Table(&PRODUCT)),
            "Products.",
        ),
        Field::optional(
            "series",
            Shape::List(&Shape::Table(&SERIES)),
            "Series, oldest first.",
        ),
    ],
};

/// How ids of a kind count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// From 1 in every year.
    Yearly,
    /// From 1 once.
    Running,
}

/// Settings of a kind of document.
#[derive(Debug, Clone)]
pub struct KindSettings {
    /// Letters that ids start with.
    pub prefix: String,
    /// Folder in the workspace.
    pub folder: String,
    /// How ids count.
    pub numbering: Numbering,
}

impl KindSettings {
    /// Writes an id.
    pub fn id(&self, year: i32, number: u32) -> String {
        match self.numbering {
            Numbering::Yearly => format!("{}-{year}-{number:03}", self.prefix),
            Numbering::Running => format!("{}-{number:04}", self.prefix),
        }
    }
}

/// A product.
#[derive(Debug, Clone)]
pub struct Product {
    /// Canonical name.
    pub name: String,
    /// Name for readers.
    pub title: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Package name on PyPI.
    pub pypi: String,
    /// Git repository.
    pub repository: Option<String>,
}

/// A release series.
#[derive(Debug, Clone)]
pub struct Series {
    /// Name in lower case.
    pub name: String,
    /// Year and number.
    pub number: Option<String>,
    /// Day of the first release.
    pub released: Option<NaiveDate>,
    /// Last day with releases, where it is known.
    pub maintained_until: Option<NaiveDate>,
    /// Day from which nobody looks after it.
    pub end_of_life: Option<NaiveDate>,
    /// Canonical product name and the version with which the series begins.
    pub first_releases: Vec<(String, Version)>,
}

impl Series {
    /// Returns the name as people write it today: `2026.1/gazpacho`, or `icehouse` for old ones.
    pub fn label(&self) -> String {
        match &self.number {
            Some(number) => format!("{number}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// An accepted finding.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Id of the document.
    pub document: Text,
    /// Id of the rule.
    pub rule: Text,
}

/// All settings of a workspace.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the site.
    pub site_title: String,
    /// What the site is.
    pub site_description: String,
    /// Address of the site, with a final slash.
    pub base_url: String,
    /// Name of the project.
    pub organisation: String,
    /// Name of the team.
    pub team: String,
    /// Page of the team.
    pub team_url: Option<String>,
    /// File names that are no documents.
    pub ignore: Vec<String>,
    /// Settings of advisories.
    pub advisory: KindSettings,
    /// Settings of notes.
    pub note: KindSettings,
    /// Months that a series gets releases.
    pub maintained_months: u32,
    /// Rule id and severity, as written.
    pub rules: Vec<(Text, String)>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// Products.
    pub products: Vec<Product>,
    /// Series, oldest first.
    pub series: Vec<Series>,
    /// For each product the first version of each series, in release order.
    starts: HashMap<String, Vec<(Version, String)>>,
}

impl Config {
    /// Reads a vmt.toml. What is missing has a default; problems come with their places.
    pub fn parse(file: FileId, text: &str) -> (Config, Vec<Diagnostic>) {
        let (root, mut problems) = toml::parse(file, text);
        problems.extend(shape::check(&root, &CONFIG));
        let config = read(&root, &mut problems);
        (config, problems)
    }

    /// Returns the settings of a kind of document.
    pub fn kind(&self, kind: Kind) -> &KindSettings {
        match kind {
            Kind::Advisory => &self.advisory,
            Kind::Note => &self.note,
        }
    }

    /// Returns the product of a name, title or alias; case does not count.
    pub fn product(&self, name: &str) -> Option<&Product> {
        let same = |other: &str| other.eq_ignore_ascii_case(name.trim());
        self.products.iter().find(|product| {
            same(&product.name)
                || same(&product.title)
                || product.aliases.iter().any(|alias| same(alias))
        })
    }

    /// Returns the product whose name is near to a misspelt one.
    pub fn product_like(&self, name: &str) -> Option<&str> {
        did_you_mean(
            name,
            self.products.iter().map(|product| product.name.as_str()),
        )
    }

    /// Returns the series of a name or number.
    pub fn series(&self, name: &str) -> Option<&Series> {
        self.series.iter().find(|series| {
            series.name.eq_ignore_ascii_case(name) || series.number.as_deref() == Some(name)
        })
    }

    /// Returns the series whose name is near to a misspelt one.
    pub fn series_like(&self, name: &str) -> Option<&Series> {
        did_you_mean(name, self.series.iter().map(|series| series.name.as_str()))
            .and_then(|near| self.series(near))
    }

    /// Returns the versions of a product that belong to a series: from its first release to that of
    /// the next series. `None` where vmt.toml does not say when the series begins.
    pub fn releases_of(&self, series: &Series, product: &str) -> Option<Interval> {
        let starts = self.starts.get(product)?;
        let at = starts.iter().position(|(_, name)| *name == series.name)?;
        let start = starts[at].0.clone();
        let next = starts[at..]
            .iter()
            .map(|(version, _)| version)
            .find(|version| **version > start);
        Some(Interval {
            lower: Some(Bound {
                version: start,
                inclusive: true,
            }),
            upper: next.cloned().map(|version| Bound {
                version,
                inclusive: false,
            }),
            place: 0..0,
        })
    }

    /// Returns the first version of each series of a product with the name of the series, in release
    /// order.
    pub fn starts_of(&self, product: &str) -> Vec<(&str, &str)> {
        let starts = self
            .starts
            .get(product)
            .map(Vec::as_slice)
            .unwrap_or_default();
        starts
            .iter()
            .map(|(version, name)| (version.as_str(), name.as_str()))
            .collect()
    }

    /// Returns the meaning of the names in an expression about a product.
    pub fn names_of<'a>(&'a self, product: &'a str) -> impl Names + 'a {
        ProductNames {
            config: self,
            product,
        }
    }

    /// Returns the last day on which a series gets releases.
    pub fn maintained_until(&self, series: &Series) -> Option<NaiveDate> {
        series.maintained_until.or_else(|| {
            let months = Months::new(self.maintained_months);
            let computed = series
                .released
                .and_then(|day| day.checked_add_months(months));
            match (computed, series.end_of_life) {
                (Some(computed), Some(end)) => Some(computed.min(end)),
                (computed, end) => computed.or(end),
            }
        })
    }

    /// Returns the series that were released and still got releases on a day.
    pub fn maintained_on(&self, day: NaiveDate) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(move |series| {
            series.released.is_some_and(|released| released <= day)
                && self
                    .maintained_until(series)
                    .is_some_and(|until| day <= until)
        })
    }
}

struct ProductNames<'a> {
    config: &'a Config,
    product: &'a str,
}

impl Names for ProductNames<'_> {
    fn series(&self, name: &str) -> Option<Interval> {
        self.config
            .releases_of(self.config.series(name)?, self.product)
    }

    fn is_product(&self, name: &str) -> bool {
        self.config
            .product(name)
            .is_some_and(|found| found.name == self.product)
    }
}

fn read(root: &Node, problems: &mut Vec<Diagnostic>) -> Config {
    let empty = Node {
        span: root.span,
        value: crate::tree::Value::Null,
    };
    let part = |name: &str| root.get(name).unwrap_or(&empty);
    let value = |node: &Node, name: &str, default: &str| {
        text(node, name).map_or_else(|| default.to_owned(), |text| text.value)
    };
    let (site, team, documents) = (part("site"), part("team"), part("documents"));
    let base_url = value(site, "base-url", "http://localhost:8000/");
    let mut kind = |name: &str, prefix: &str, folder: &str, numbering: Numbering| {
        let node = documents.get(name).unwrap_or(&empty);
        check_name(
            node,
            "prefix",
            problems,
            "capitals and digits, a capital first",
            is_prefix,
        );
        check_name(
            node,
            "folder",
            problems,
            "a folder name inside the workspace",
            is_folder,
        );
        KindSettings {
            prefix: Some(value(node, "prefix", prefix))
                .filter(|text| is_prefix(text))
                .unwrap_or(prefix.into()),
            folder: Some(value(node, "folder", folder))
                .filter(|text| is_folder(text))
                .unwrap_or(folder.into()),
            numbering: match text(node, "numbering")
                .as_ref()
                .map(|text| text.value.as_str())
            {
                Some("yearly") => Numbering::Yearly,
                Some("running") => Numbering::Running,
                _ => numbering,
            },
        }
    };
    let advisory = kind("advisory", "OSSA", "advisories", Numbering::Yearly);
    let note = kind("note", "OSSN", "notes", Numbering::Running);
    let series: Vec<Series> = items(root, "series")
        .into_iter()
        .map(|node| read_series(node, problems))
        .collect();
    Config {
        site_title: value(site, "title", "Security advisories"),
        site_description: value(site, "description", ""),
        base_url: format!("{}/", base_url.trim_end_matches('/')),
        organisation: value(team, "organisation", ""),
        team: value(team, "name", "Vulnerability management team"),
        team_url: text(team, "url").map(|text| text.value),
        ignore: texts(documents, "ignore")
            .into_iter()
            .map(|text| text.value)
            .collect(),
        advisory,
        note,
        maintained_months: text(part("policy"), "maintained-months")
            .and_then(|text| text.value.parse().ok())
            .unwrap_or(18),
        rules: entries(root, "rules")
            .iter()
            .filter_map(|(key, node)| {
                let style = crate::tree::Style::Plain;
                let name = Text {
                    value: key.name.clone(),
                    span: key.span,
                    style,
                };
                Some((name, node.text()?.to_owned()))
            })
            .collect(),
        waivers: items(root, "waivers")
            .into_iter()
            .map(|node| Waiver {
                document: required(node, "document"),
                rule: required(node, "rule"),
            })
            .collect(),
        products: items(root, "products")
            .into_iter()
            .map(read_product)
            .collect(),
        starts: starts(&series),
        series,
    }
}

/// Sorts the first versions of series by product, so that a look-up is not a search of all.
fn starts(series: &[Series]) -> HashMap<String, Vec<(Version, String)>> {
    let mut starts: HashMap<String, Vec<(Version, String)>> = HashMap::new();
    for one in series {
        for (product, version) in &one.first_releases {
            let of_product = starts.entry(product.clone()).or_default();
            of_product.push((version.clone(), one.name.clone()));
        }
    }
    for of_product in starts.values_mut() {
        of_product.sort_by(|a, b| a.0.cmp(&b.0));
    }
    starts
}

fn read_product(node: &Node) -> Product {
    let name = required(node, "name").value;
    Product {
        title: text(node, "title").map_or_else(|| name.clone(), |text| text.value),
        aliases: texts(node, "aliases")
            .into_iter()
            .map(|text| text.value)
            .collect(),
        pypi: text(node, "pypi").map_or_else(|| name.clone(), |text| text.value),
        repository: text(node, "repository").map(|text| text.value),
        name,
    }
}

fn read_series(node: &Node, problems: &mut Vec<Diagnostic>) -> Series {
    let mut day = |field: &str| {
        let date = date(node, field)?;
        if date.day.is_none() {
            let message = format!("`{}` is not a day of the calendar", date.text.value);
            problems.push(
                INVALID_SETTING
                    .at(date.text.span, message)
                    .help("write it as 2026-04-01"),
            );
        }
        date.day
    };
    Series {
        released: day("released"),
        maintained_until: day("maintained-until"),
        end_of_life: day("end-of-life"),
        name: required(node, "name").value,
        number: text(node, "number").map(|text| text.value),
        first_releases: entries(node, "first-releases")
            .iter()
            .filter_map(|(key, node)| Some((key.name.clone(), Version::parse(node.text()?)?)))
            .collect(),
    }
}

fn check_name(
    node: &Node,
    field: &str,
    problems: &mut Vec<Diagnostic>,
    wanted: &str,
    sound: fn(&str) -> bool,
) {
    if let Some(text) = text(node, field)
        && !sound(&text.value)
    {
        let message = format!("`{}` is no sound {field}", text.value);
        problems.push(
            INVALID_SETTING
                .at(text.span, message)
                .help(format!("use {wanted}")),
        );
    }
}

fn is_prefix(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// One folder name of plain characters: no way out of the workspace.
fn is_folder(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_settings_are_sound() {
        let (config, problems) = Config::parse(FileId(0), SHIPPED);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            config.product("Nova").map(|product| product.name.as_str()),
            Some("nova")
        );
        assert_eq!(
            config.series("2026.1").map(|series| series.name.as_str()),
            Some("gazpacho")
        );
        assert_eq!(
            config.series_like("hibscus").map(Series::label),
            Some("2026.2/hibiscus".into())
        );
        assert_eq!(config.advisory.id(2026, 7), "OSSA-2026-007");
        assert_eq!(config.note.id(2026, 7), "OSSN-0007");
    }

    #[test]
    fn an_empty_file_has_defaults() {
        let (config, problems) = Config::parse(FileId(0), "");
        assert!(problems.is_empty());
        assert_eq!(
            (config.advisory.prefix.as_str(), config.maintained_months),
            ("OSSA", 18)
        );
    }

    #[test]
    fn series_are_maintained_between_release_and_end() {
        let (config, _) = Config::parse(FileId(0), SHIPPED);
        let on = |day: &str| -> Vec<String> {
            let day = day.parse().expect("a day");
            config
                .maintained_on(day)
                .map(|series| series.name.clone())
                .collect()
        };
        assert_eq!(on("2014-05-01"), ["havana", "icehouse"]);
        assert_eq!(on("2026-05-01"), ["epoxy", "flamingo", "gazpacho"]);
        assert_eq!(on("2026-10-08"), ["flamingo", "gazpacho", "hibiscus"]);
    }

    #[test]
    fn a_series_reaches_from_its_first_release_to_the_next() {
        let (config, _) = Config::parse(FileId(0), SHIPPED);
        let shown = |series: &str, product: &str| {
            let series = config.series(series).expect("a series");
            config
                .releases_of(series, product)
                .map(|releases| releases.to_string())
        };
        assert_eq!(shown("kilo", "nova").as_deref(), Some(">=2015.1.0 <12.0.0"));
        assert_eq!(
            shown("flamingo", "horizon").as_deref(),
            Some(">=25.4.0 <25.6.0")
        );
        assert_eq!(shown("gazpacho", "nova").as_deref(), Some(">=33.0.0"));
        assert_eq!(shown("indri", "nova"), None);
    }

    #[test]
    fn folders_cannot_lead_out_of_the_workspace() {
        for folder in ["../x", "/etc", "a/b", "", ".git"] {
            let text = format!("[documents.advisory]\nfolder = \"{folder}\"\n");
            let (config, problems) = Config::parse(FileId(0), &text);
            assert_eq!(problems.len(), 1, "{folder}");
            assert_eq!(config.advisory.folder, "advisories");
        }
    }
}
