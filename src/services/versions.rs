//! What a text says of versions: comparators, bounds in words, and series, in a form that
//! `version::expression` reads.

use super::Reader;
use crate::prose::text::one_line;
use crate::version::Version;
use crate::version::expression::{Expression, Reading};

impl Reader<'_> {
    /// Whether a piece is nothing but versions or series.
    pub(super) fn says_version(&self, text: &str) -> bool {
        let starts = text.starts_with(['<', '>', '=']) || Version::parse(text).is_some();
        let bounded = text.split_once('(').is_some_and(|(name, _)| {
            let words: Vec<&str> = name
                .split_whitespace()
                .filter(|word| !self.is_around(word))
                .collect();
            matches!(words.as_slice(), [name] if self.series(name).is_some())
        });
        starts || bounded || self.version(text).is_some()
    }

    /// Returns a text in a form that `version::expression` reads, where it says versions or series.
    pub(super) fn version(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_end_matches('.');
        let comparators = text.contains(['<', '>', '=']);
        if comparators {
            return self.number_range(text);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let said = words.join(" ");
        let lower = said.to_lowercase();
        let everything = ["all", "all versions", "all releases", "any version"];
        if everything.contains(&lower.as_str()) {
            return Some("all versions".into());
        }
        if matches!(
            lower.as_str(),
            "all supported versions" | "all supported releases"
        ) {
            return Some(lower);
        }
        self.listed_series(text).or_else(|| {
            let number = words
                .iter()
                .any(|word| Version::parse(word.trim_matches(['(', ')', ',', '.'])).is_some());
            number.then(|| self.number_range(&said)).flatten()
        })
    }

    /// Reads comparators, and bounds in words, to canonical comparators.
    pub(super) fn number_range(&self, text: &str) -> Option<String> {
        let said = text
            .trim()
            .trim_end_matches('.')
            .replace("=<", "<=")
            .replace("=>", ">=");
        let said = one_line(&said);
        let lower = said.to_lowercase();
        // `prior to 20.2.4 or 19.2.6` bounds two branches that are not named.
        let two_bounds = ["prior to", "before", "earlier than", "up to"]
            .iter()
            .any(|lead| lower.contains(lead))
            && (lower.contains(" or ") || lower.contains(" and ") || lower.contains(','));
        if two_bounds {
            return None;
        }
        let expression = Expression::parse(&said);
        match &expression.reading {
            Reading::Intervals(_) => expression.canonical(),
            _ => None,
        }
    }

    /// Returns names of series, separated by commas, where a text holds nothing else.
    fn listed_series(&self, text: &str) -> Option<String> {
        let mut names = Vec::new();
        for part in text.split([',', ';']) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let words: Vec<&str> = words
                .into_iter()
                .filter(|word| !self.is_around(word))
                .collect();
            match words.as_slice() {
                [] => {}
                [first, "later" | "newer" | "onwards"] => {
                    names.push(format!("{} and later", self.series(first)?));
                }
                [first, "earlier" | "older"] => {
                    names.push(format!("{} and earlier", self.series(first)?));
                }
                all => {
                    for word in all {
                        names.push(self.series(word)?);
                    }
                }
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// Series with bounds in brackets, resolved to numbers where vmt.toml says when they begin:
    /// `versions through Mitaka, Newton (<= 10.0.3)`, `Mitaka (2.0.0) through Victoria (11.0.0)`.
    pub(super) fn bounded_series(&self, text: &str, product: &str) -> Option<String> {
        let mut clauses: Vec<String> = Vec::new();
        let rest = one_line(text.trim().trim_end_matches('.'));
        if let Some((from, to)) = rest.split_once(" through ")
            && let (Some(from), Some(to)) = (self.numbered_series(from), self.numbered_series(to))
        {
            return Some(format!(">={from} <={to}"));
        }
        let mut depth = 0usize;
        let parts = rest.split(|c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        });
        for part in parts {
            let words: Vec<&str> = part
                .split_whitespace()
                .filter(|word| !self.is_around(word))
                .collect();
            let releases = |name: &str| {
                let name = self.series(name)?;
                self.config.releases_of(self.config.series(&name)?, product)
            };
            match words.as_slice() {
                [] => {}
                ["through" | "until", name] => {
                    let end = releases(name)?.upper?;
                    clauses.push(format!("<{}", end.version));
                }
                [name, bound @ ..] if !bound.is_empty() => {
                    let inside = bound.join(" ");
                    let inside = inside.strip_prefix('(')?.strip_suffix(')')?;
                    let start = releases(name)?.lower?;
                    let canonical = self.number_range(inside)?;
                    if !canonical.starts_with('<') || canonical.contains(',') {
                        return None;
                    }
                    clauses.push(format!(">={} {canonical}", start.version));
                }
                [name] => {
                    let releases = releases(name)?;
                    clauses.push(releases.to_string());
                }
                _ => return None,
            }
        }
        Expression::parse(&clauses.join(", ")).canonical()
    }

    /// `Mitaka (2.0.0)` is the version 2.0.0.
    fn numbered_series<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (name, inside) = text.trim().strip_suffix(')')?.split_once('(')?;
        let name = name.split_whitespace().last()?;
        self.series(name)?;
        let inside = inside.trim();
        Version::parse(inside).map(|_| inside)
    }
}
