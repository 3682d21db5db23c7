//! vmt.toml: who publishes, what products and series there are, how strict the checks are.
//!
//! Read through the same trees and field tables as a document, so its mistakes have places, too.
//! Knows no command. The workspace of this project holds the shipped default, which is OpenStack's.

pub mod holiday;
mod mail;
mod read;
mod starter;
mod tables;

use std::collections::HashMap;

use chrono::{Months, NaiveDate, NaiveTime, Weekday};

use crate::diagnostic::{Code, Diagnostic, Example, FileId, Severity, did_you_mean};
use crate::model::{Kind, Text};
use crate::shape;
use crate::tree::toml;
use crate::version::Version;
use crate::version::claim::Names;
use crate::version::expression::{Bound, Interval};

pub use holiday::Holiday;
pub use mail::{
    Encryption, MailKind, MailList, MailSettings, MailState, Occasion, Readers, Smtp, is_address,
};
pub use starter::{Starter, shipped};
pub use tables::CONFIG;

/// The vmt.toml of this project, which is OpenStack's.
pub const SHIPPED: &str = include_str!("../../vmt.toml");

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

/// What security.txt says (RFC 9116).
#[derive(Debug, Clone)]
pub struct SecurityTxt {
    /// Where to report, the preferred way first.
    pub contact: Vec<String>,
    /// Last day on which it holds, with its place.
    pub expires: (NaiveDate, Text),
    /// Address of the key for reports.
    pub encryption: Option<String>,
    /// Address of the policy.
    pub policy: Option<String>,
    /// Address of the page that thanks reporters.
    pub acknowledgments: Option<String>,
    /// Languages that the team reads.
    pub languages: Vec<String>,
}

/// An old address of the site.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// Path on the site, without a leading slash.
    pub from: String,
    /// Path on the site without a leading slash, or a whole address.
    pub to: String,
}

/// When an embargo may end.
#[derive(Debug, Clone)]
pub struct EmbargoPolicy {
    /// Days after the reception on which the disclosure comes at the latest.
    pub longest_days: u32,
    /// Business days from the notice to the disclosure, at least and at most.
    pub notice_days: (u32, u32),
    /// Days after a notice to linux-distros on which the disclosure comes at the latest.
    pub distros_days: u32,
    /// Time of the disclosure (UTC).
    pub time: NaiveTime,
    /// Weekdays without disclosures, besides the weekend.
    pub avoided: Vec<Weekday>,
    /// Days without disclosures, which are no business days either.
    pub holidays: Vec<Holiday>,
}

/// A text that the leak guard does not take for a private document's.
#[derive(Debug, Clone)]
pub struct Harmless {
    /// The text; case and signs do not count.
    pub text: String,
    /// Why it betrays nothing.
    pub reason: String,
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
    /// Folder of the book that is published under `/docs/`.
    pub docs: Option<String>,
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
    /// Parts of addresses that lead nowhere any more.
    pub dead_addresses: Vec<String>,
    /// When an embargo may end.
    pub embargo: EmbargoPolicy,
    /// Texts that betray nothing although a private document holds them.
    pub harmless: Vec<Harmless>,
    /// Fingerprints of the keys that private documents are sealed to.
    pub team_keys: Vec<String>,
    /// Rule id and severity, as written.
    pub rules: Vec<(Text, String)>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// What security.txt says; none is written without it.
    pub security_txt: Option<SecurityTxt>,
    /// Old addresses of the site.
    pub redirects: Vec<Redirect>,
    /// Fingerprint of the key that signs what is published.
    pub sign_with: Option<String>,
    /// Settings of mails.
    pub mail: MailSettings,
    /// What is put before ids in OSV records.
    pub osv_prefix: String,
    /// Licence of OSV records.
    pub osv_license: Option<String>,
    /// Products.
    pub products: Vec<Product>,
    /// Places in `products` by name, title and alias in lower case.
    by_name: HashMap<String, usize>,
    /// The same by name and title without blanks and signs.
    by_squeezed: HashMap<String, usize>,
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
        let config = read::read(&root, &mut problems);
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
        let at = self.by_name.get(&name.trim().to_ascii_lowercase())?;
        Some(&self.products[*at])
    }

    /// Returns the product of a name or title in which blanks and signs do not count either:
    /// `Keystone middleware` is `keystonemiddleware`.
    pub fn product_squeezed(&self, name: &str) -> Option<&Product> {
        let at = self.by_squeezed.get(&squeeze(name))?;
        Some(&self.products[*at])
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

/// A name without what people leave out or exchange: `Keystone middleware` is `keystonemiddleware`.
fn squeeze(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
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
    fn dead_addresses_are_those_of_vmt_toml() {
        let of = |text: &str| Config::parse(FileId(0), text).0.dead_addresses;
        // What was written before there was the key goes on as it did.
        assert_eq!(of(""), of(SHIPPED));
        let own = "[policy]\ndead-addresses = [\"old.example.org/\", \" \"]\n";
        assert_eq!(of(own), ["old.example.org/"]);
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
