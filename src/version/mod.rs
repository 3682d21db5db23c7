//! Versions in the order in which they were released, and the ranges that documents write.
//!
//! Knows no git. Order is PEP 440 within a numbering scheme; services that numbered their releases
//! by year (`2015.1.4`) and later by major version (`12.0.0`) have an implicit epoch: year-based
//! versions are the older ones.

pub mod claim;
pub mod expression;
pub mod set;
pub mod suggest;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// First component from which a version counts as year-based.
const FIRST_YEAR: u64 = 2010;

/// First component from which it is something else again (a date such as `20260101`).
const LAST_YEAR: u64 = 2999;

/// A released version. Equality is that of PEP 440: `1.0` equals `1.0.0`.
#[derive(Debug, Clone)]
pub struct Version {
    number: pep440_rs::Version,
    text: String,
    early: bool,
}

impl Version {
    /// Reads a version as PEP 440 does, normalising as it does.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        // `1.*` is a pattern, and pep440 would take a local label: neither is a release.
        let number = pep440_rs::Version::from_str(text).ok()?;
        Some(Version {
            number,
            text: text.to_owned(),
            early: false,
        })
    }

    /// Returns the version as one that was released before its product numbered by year (nova
    /// 0.9.0, glance 0.1.7). Only the dates of a product's tags can tell.
    #[must_use]
    pub fn before_years(mut self) -> Version {
        self.early = true;
        self
    }

    /// Compares as PEP 440 alone does, to which 2015.1.0 is newer than 33.0.0: the order of readers
    /// that know nothing of the products.
    pub fn cmp_pep440(&self, other: &Version) -> Ordering {
        self.number.cmp(&other.number)
    }

    /// Returns whether it was released before its product numbered by year.
    pub fn is_before_years(&self) -> bool {
        self.early
    }

    /// Returns the version without pre-release, post-release, development and local parts.
    #[must_use]
    pub fn base(&self) -> Version {
        let number = pep440_rs::Version::new(self.number.release().iter().copied())
            .with_epoch(self.number.epoch());
        Version {
            text: number.to_string(),
            number,
            early: self.early,
        }
    }

    /// Returns whether it is a post-release (`29.0.1.post3`).
    pub fn is_post(&self) -> bool {
        self.number.is_post()
    }

    /// Returns whether it is a development version (`29.0.1.dev12`).
    pub fn is_development(&self) -> bool {
        self.number.is_dev()
    }

    /// Returns the numbers between the dots.
    pub fn components(&self) -> &[u64] {
        self.number.release()
    }

    /// Returns the development, post-release and local parts, which upstream tags do not have.
    pub fn has_build_parts(&self) -> bool {
        self.number.is_dev() || self.number.is_post() || self.number.is_local()
    }

    /// Returns whether the version is numbered by year.
    pub fn is_year_based(&self) -> bool {
        self.number
            .release()
            .first()
            .is_some_and(|first| (FIRST_YEAR..=LAST_YEAR).contains(first))
    }

    /// Returns whether it is a development, alpha, beta or candidate version.
    pub fn is_prerelease(&self) -> bool {
        self.number.any_prerelease()
    }

    /// Returns the version as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// 0 before years were used, 1 for year-based versions, 2 for all others.
    fn era(&self) -> u8 {
        match (self.early, self.is_year_based()) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => 2,
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        (self.number.epoch(), self.era())
            .cmp(&(other.number.epoch(), other.era()))
            .then_with(|| self.number.cmp(&other.number))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn year_based_versions_are_the_older_ones() {
        let released = [
            "2011.3",
            "2014.1",
            "2014.1.2",
            "2015.1.0",
            "2015.1.4",
            "12.0.0",
            "29.0.6",
            "33.0.0.0rc1",
            "33.0.0",
        ];
        for pair in released.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("1.0"), version("1.0.0"));
    }

    #[test]
    fn what_came_before_the_years_sorts_before_them() {
        let early = version("0.9.0").before_years();
        assert!(early < version("2010.1") && version("2010.1") < version("0.9.0"));
        assert_eq!(version("12.0.0.0b1").base(), version("12.0.0"));
        assert_eq!(version("29.0.1.dev12").base().as_str(), "29.0.1");
    }

    proptest::proptest! {
        #[test]
        fn the_order_is_total_and_is_pep_440_within_a_scheme(
            texts in proptest::collection::vec("(20(1[0-9]|2[0-6])|[0-9]{1,2})(\\.[0-9]{1,2}){0,3}((a|b|rc|\\.dev|\\.post)[0-9])?", 3)
        ) {
            let versions: Vec<Version> = texts.iter().map(|text| version(text)).collect();
            for a in &versions {
                for b in &versions {
                    proptest::prop_assert_eq!(a.cmp(b), b.cmp(a).reverse());
                    if a.is_year_based() == b.is_year_based() {
                        proptest::prop_assert_eq!(a.cmp(b), a.number.cmp(&b.number));
                    }
                    for c in &versions {
                        proptest::prop_assert!(!(a <= b && b <= c) || a <= c);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_release_is_not_a_version() {
        for text in ["", "x", "2025.1-eol", "folsom-2", "1.0.x", "master"] {
            assert!(Version::parse(text).is_none(), "{text}");
        }
    }
}
