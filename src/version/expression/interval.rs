//! Runs of versions between two bounds: what is in them, whether they meet, how they are written.

use std::fmt;
use std::ops::Range;

use crate::version::Version;

/// One end of an interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The version named.
    pub version: Version,
    /// Whether the version itself belongs to the interval.
    pub inclusive: bool,
}

/// A run of versions; an end that is missing is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Lower end.
    pub lower: Option<Bound>,
    /// Upper end.
    pub upper: Option<Bound>,
    /// The bytes of the text that say so.
    pub place: Range<usize>,
}

impl Interval {
    /// Returns whether a version lies in the interval.
    pub fn contains(&self, version: &Version) -> bool {
        let above = self.lower.as_ref().is_none_or(|bound| {
            *version > bound.version || (bound.inclusive && *version == bound.version)
        });
        let below = self.upper.as_ref().is_none_or(|bound| {
            *version < bound.version || (bound.inclusive && *version == bound.version)
        });
        above && below
    }

    /// Returns whether no version can lie in the interval.
    pub fn is_empty(&self) -> bool {
        match (&self.lower, &self.upper) {
            (Some(lower), Some(upper)) => {
                lower.version > upper.version
                    || (lower.version == upper.version && !(lower.inclusive && upper.inclusive))
            }
            _ => false,
        }
    }

    /// Returns whether two intervals share a version.
    pub fn overlaps(&self, other: &Interval) -> bool {
        let tighter_lower = match (&self.lower, &other.lower) {
            (Some(a), Some(b)) if (&b.version, !b.inclusive) > (&a.version, !a.inclusive) => {
                Some(b)
            }
            (Some(a), _) => Some(a),
            (None, b) => b.as_ref(),
        };
        let tighter_upper = match (&self.upper, &other.upper) {
            (Some(a), Some(b)) if (&b.version, b.inclusive) < (&a.version, a.inclusive) => Some(b),
            (Some(a), _) => Some(a),
            (None, b) => b.as_ref(),
        };
        let both = Interval {
            lower: tighter_lower.cloned(),
            upper: tighter_upper.cloned(),
            place: 0..0,
        };
        !both.is_empty()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.lower, &self.upper) {
            (Some(lower), Some(upper))
                if lower.inclusive && upper.inclusive && lower.version == upper.version =>
            {
                write!(f, "=={}", lower.version)
            }
            (lower, upper) => {
                if let Some(bound) = lower {
                    write!(
                        f,
                        "{}{}",
                        if bound.inclusive { ">=" } else { ">" },
                        bound.version
                    )?;
                }
                if lower.is_some() && upper.is_some() {
                    f.write_str(" ")?;
                }
                if let Some(bound) = upper {
                    write!(
                        f,
                        "{}{}",
                        if bound.inclusive { "<=" } else { "<" },
                        bound.version
                    )?;
                }
                Ok(())
            }
        }
    }
}

/// Sorts an open lower end below every version.
pub(super) fn lower_key(interval: &Interval) -> Option<(&Version, bool)> {
    interval
        .lower
        .as_ref()
        .map(|bound| (&bound.version, !bound.inclusive))
}
