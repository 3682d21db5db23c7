//! What a version expression says of one product: a set, or that nothing can be said.
//!
//! Series and product names mean something only with the settings around them, which come in as a
//! [`Names`].

use std::fmt;

use super::expression::{Expression, Interval, Reach, Reading, SeriesTerm};
use super::set::VersionSet;

/// What the names in an expression stand for.
pub trait Names {
    /// Returns the versions of the product that a series holds, `None` when that is not known.
    fn series(&self, name: &str) -> Option<Interval>;
    /// Returns whether a name, in any case, is one of the product's.
    fn is_product(&self, name: &str) -> bool;
}

/// What is claimed of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// These versions are affected.
    Set(VersionSet),
    /// These are, in words that name no end: `All versions`, a series, `2013.1 and later`. They speak
    /// of what was released when they were written.
    Loose(VersionSet),
    /// Nothing that can be compared is said.
    Unknown(Gap),
}

/// Why a claim says nothing that can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// A placeholder stands there.
    Placeholder,
    /// The text is not understood.
    Unreadable,
    /// It is not known which versions of the product a series holds.
    Series(String),
    /// The text speaks of other products only.
    OtherProducts,
    /// The text names the product and no version.
    Unstated,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::Placeholder => f.write_str("the version is still a placeholder"),
            Gap::Unreadable => f.write_str("the version expression is not understood"),
            Gap::Series(name) => write!(f, "vmt.toml does not say which versions `{name}` holds"),
            Gap::Unstated => f.write_str("the document does not say which versions"),
            Gap::OtherProducts => f.write_str("the expression speaks of other products only"),
        }
    }
}

impl Claim {
    /// Reads a text as a claim about the product that `names` knows.
    pub fn read(text: &str, names: &dyn Names) -> Claim {
        Claim::of(&Expression::parse(text), names)
    }

    /// Takes an expression as a claim about the product that `names` knows.
    pub fn of(expression: &Expression, names: &dyn Names) -> Claim {
        match &expression.reading {
            Reading::Intervals(intervals) => {
                let set = VersionSet::of(intervals);
                match intervals.iter().any(|interval| interval.upper.is_none()) {
                    true => Claim::Loose(set),
                    false => Claim::Set(set),
                }
            }
            Reading::All { .. } => Claim::Loose(VersionSet::all()),
            Reading::Series(terms, intervals) => {
                let mut set = VersionSet::of(intervals);
                for term in terms {
                    match names.series(&term.name) {
                        Some(interval) => set = set.union(&reached(term, interval)),
                        None => return Claim::Unknown(Gap::Series(term.name.clone())),
                    }
                }
                Claim::Loose(set)
            }
            Reading::Several(parts) => {
                let mine = parts.iter().filter(|(name, _)| names.is_product(name));
                let claims = mine.map(|(_, part)| Claim::of(part, names));
                claims
                    .reduce(Claim::or)
                    .unwrap_or(Claim::Unknown(Gap::OtherProducts))
            }
            Reading::Placeholder => Claim::Unknown(Gap::Placeholder),
            Reading::Unknown(_) => Claim::Unknown(Gap::Unreadable),
        }
    }

    /// Joins two claims about one product: what either calls affected is.
    #[must_use]
    pub fn or(self, other: Claim) -> Claim {
        match (self, other) {
            (Claim::Unknown(gap), _) | (_, Claim::Unknown(gap)) => Claim::Unknown(gap),
            (Claim::Set(a), Claim::Set(b)) => Claim::Set(a.union(&b)),
            (Claim::Set(a) | Claim::Loose(a), Claim::Set(b) | Claim::Loose(b)) => {
                Claim::Loose(a.union(&b))
            }
        }
    }

    /// Returns the versions claimed, `None` where nothing is said.
    pub fn set(&self) -> Option<&VersionSet> {
        match self {
            Claim::Set(set) | Claim::Loose(set) => Some(set),
            Claim::Unknown(_) => None,
        }
    }
}

fn reached(term: &SeriesTerm, series: Interval) -> VersionSet {
    let interval = match term.reach {
        Reach::Only => series,
        Reach::Later => Interval {
            upper: None,
            ..series
        },
        Reach::Earlier => Interval {
            lower: None,
            ..series
        },
        Reach::Before => Interval {
            upper: series.lower.map(|bound| super::expression::Bound {
                inclusive: !bound.inclusive,
                ..bound
            }),
            lower: None,
            place: series.place,
        },
    };
    let set = VersionSet::of([&interval]);
    match &term.before {
        Some(version) => set.intersection(&VersionSet::of([&Interval {
            lower: None,
            upper: Some(super::expression::Bound {
                version: version.clone(),
                inclusive: false,
            }),
            place: 0..0,
        }])),
        None => set,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::Version;
    use crate::version::expression::Bound;

    struct Nova;

    impl Names for Nova {
        fn series(&self, name: &str) -> Option<Interval> {
            let (from, to) = match name {
                "essex" => ("2012.1", "2012.2"),
                "folsom" => ("2012.2", "2013.1"),
                "grizzly" => ("2013.1", "2013.2"),
                _ => return None,
            };
            let bound =
                |text, inclusive| Version::parse(text).map(|version| Bound { version, inclusive });
            Some(Interval {
                lower: bound(from, true),
                upper: bound(to, false),
                place: 0..0,
            })
        }

        fn is_product(&self, name: &str) -> bool {
            name == "nova"
        }
    }

    #[test]
    fn names_become_versions() {
        let read = |text: &str| match Claim::read(text, &Nova) {
            Claim::Set(set) => set.to_string(),
            Claim::Loose(set) => format!("{set}, loosely"),
            Claim::Unknown(gap) => gap.to_string(),
        };
        for (text, reading) in [
            ("Essex, Folsom", ">=2012.1 <2013.1, loosely"),
            ("Essex (prior to 2012.1.2)", ">=2012.1 <2012.1.2, loosely"),
            ("Folsom and later", ">=2012.2, loosely"),
            ("Folsom (and earlier versions)", "<2013.1, loosely"),
            ("versions prior to Grizzly", "<2013.1, loosely"),
            ("Cinder <19.1.2; Nova <24.1.2", "<24.1.2"),
            (
                "Cinder <19.1.2; Glance <24.1.2",
                "the expression speaks of other products only",
            ),
            ("Zulu", "vmt.toml does not say which versions `zulu` holds"),
            ("All versions", "All versions, loosely"),
            (">=13.0.0", ">=13.0.0, loosely"),
            ("2012.1 to 2012.1.3", ">=2012.1 <=2012.1.3"),
            ("TODO", "the version is still a placeholder"),
        ] {
            assert_eq!(read(text), reading, "{text}");
        }
    }
}
