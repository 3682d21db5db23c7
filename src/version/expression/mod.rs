//! Version expressions in every dialect that advisories have used.
//!
//! The canonical form is comparators: a blank is *and*, a comma is *or*
//! (`>=17.0.0 <26.1.7, ==27.0.0`), the opposite of PEP 440. Real documents also use a comma as *and*,
//! words (`2014.1 versions up to 2014.1.2`), names of series (`Essex, Folsom`), everything
//! (`All versions`) and several products in one text. Reading gives intervals, or says *all*,
//! *series*, *several* or *unknown*; it never guesses.

mod comparators;
mod interval;
mod prose;
mod token;

use std::ops::Range;

use self::interval::lower_key;
use self::token::Lexeme;
use super::Version;

pub use self::interval::{Bound, Interval};

/// How far a named series reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only the series itself.
    Only,
    /// It and every later one.
    Later,
    /// It and every earlier one.
    Earlier,
    /// Every one before it.
    Before,
}

/// A series named instead of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesTerm {
    /// Name in lower case.
    pub name: String,
    /// Where the name stands.
    pub place: Range<usize>,
    /// How far it reaches.
    pub reach: Reach,
    /// First version of the series that is not affected, where brackets say so.
    pub before: Option<Version>,
}

/// What an expression says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// These versions, in the order written.
    Intervals(Vec<Interval>),
    /// Every version.
    All {
        /// The text says "supported": what was out of support was not looked at.
        supported: bool,
    },
    /// Named series, and perhaps versions beside them.
    Series(Vec<SeriesTerm>, Vec<Interval>),
    /// One expression for each of several products.
    Several(Vec<(String, Expression)>),
    /// A placeholder such as `TODO`.
    Placeholder,
    /// Not understood; the place is where understanding ended.
    Unknown(Range<usize>),
}

/// How an expression is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Comparators.
    Comparators,
    /// Words.
    Prose,
}

/// A slip in an expression that is understood all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Where.
    pub place: Range<usize>,
}

/// The kinds of slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// `=` where `==` is meant.
    SingleEquals,
    /// A version without an operator.
    BareVersion,
    /// A comma between the two bounds of one range.
    CommaAsAnd,
    /// A range that can hold no version.
    Empty,
    /// A range that shares versions with one before it.
    Overlap,
    /// A range that lies below one before it.
    OutOfOrder,
    /// A blank between operator and version, or none between two clauses.
    Spacing,
}

/// A version expression as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// What it says.
    pub reading: Reading,
    /// How it is written.
    pub dialect: Dialect,
    /// Slips in it.
    pub faults: Vec<Fault>,
}

impl Expression {
    /// Reads an expression. Never fails: what is not understood reads as unknown.
    pub fn parse(text: &str) -> Expression {
        let tokens = token::lex(text);
        if tokens
            .iter()
            .any(|token| matches!(token.kind, Lexeme::Operator(_)))
        {
            comparators::read(text, &tokens)
        } else {
            Expression {
                reading: prose::read(&tokens, text),
                dialect: Dialect::Prose,
                faults: Vec::new(),
            }
        }
    }

    /// Returns the canonical form of the same intervals, in ascending order.
    pub fn canonical(&self) -> Option<String> {
        let Reading::Intervals(intervals) = &self.reading else {
            return None;
        };
        let mut intervals: Vec<&Interval> = intervals.iter().collect();
        intervals.sort_by(|a, b| lower_key(a).cmp(&lower_key(b)));
        Some(
            intervals
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reading on one line.
    fn read(text: &str) -> String {
        let expression = Expression::parse(text);
        show(&expression)
    }

    fn show(expression: &Expression) -> String {
        let list = |intervals: &[Interval]| {
            intervals
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match &expression.reading {
            Reading::Intervals(intervals) => list(intervals),
            Reading::All { supported: true } => "all supported".into(),
            Reading::All { supported: false } => "all".into(),
            Reading::Series(terms, intervals) => {
                let mut said: Vec<String> = terms
                    .iter()
                    .map(|term| {
                        let before = term
                            .before
                            .as_ref()
                            .map(|v| format!("<{v}"))
                            .unwrap_or_default();
                        format!("{} {:?}{before}", term.name, term.reach)
                    })
                    .collect();
                said.extend((!intervals.is_empty()).then(|| list(intervals)));
                format!("series {}", said.join(", "))
            }
            Reading::Several(parts) => parts
                .iter()
                .map(|(name, part)| format!("{name}: {}", show(part)))
                .collect::<Vec<_>>()
                .join("; "),
            Reading::Placeholder => "placeholder".into(),
            Reading::Unknown(place) => format!("unknown at {}", place.start),
        }
    }

    #[test]
    fn every_dialect_is_read() {
        for (text, reading) in [
            (
                ">=17.0.0 <26.1.7, >=27.0.0 <29.0.6",
                ">=17.0.0 <26.1.7, >=27.0.0 <29.0.6",
            ),
            (">=25.0.0, <26.1.0", ">=25.0.0 <26.1.0"),
            (
                "<=2014.2.3, >=2015.1.0, <=2015.1.1",
                "<=2014.2.3, >=2015.1.0 <=2015.1.1",
            ),
            (
                "<17.0.12,>=18.0.0<18.2.2,>=19.0.0<19.0.2",
                "<17.0.12, >=18.0.0 <18.2.2, >=19.0.0 <19.0.2",
            ),
            (">=1.15.0<1.15.2, 1.16.0", ">=1.15.0 <1.15.2, ==1.16.0"),
            ("=18.0.0", "==18.0.0"),
            (
                "<=5.0.3, >=6.0.0 <=6.1.0 and ==7.0.0",
                "<=5.0.3, >=6.0.0 <=6.1.0, ==7.0.0",
            ),
            (">= 1.5.0 <= 1.5.3", ">=1.5.0 <=1.5.3"),
            ("<2.0 >=1.0", ">=1.0 <2.0"),
            ("2014.1", "==2014.1"),
            ("2014.1 versions up to 2014.1.2", ">=2014.1 <=2014.1.2"),
            (
                "from 2013.2 to 2013.2.3, and 2014.1",
                ">=2013.2 <=2013.2.3, ==2014.1",
            ),
            ("up to 1.1.1", "<=1.1.1"),
            ("versions through 2.2.2", "<=2.2.2"),
            ("Versions 0.2.3 up to 0.2.5", ">=0.2.3 <=0.2.5"),
            ("2013.1 (Grizzly) and later", ">=2013.1"),
            ("Versions after 0.2.0", ">0.2.0"),
            ("All versions up to 0.6.0", "<=0.6.0"),
            (
                "up to 2014.1.3 and 2014.2 versions up to 2014.2.1",
                "<=2014.1.3, >=2014.2 <=2014.2.1",
            ),
            ("versions before 1.2", "<1.2"),
            ("Essex, Folsom", "series essex Only, folsom Only"),
            ("Essex (prior to 2012.1.2)", "series essex Only<2012.1.2"),
            ("Grizzly and later", "series grizzly Later"),
            (
                "Grizzly, Folsom (and earlier versions)",
                "series grizzly Only, folsom Earlier",
            ),
            (
                "All supported versions prior to Havana",
                "series havana Before",
            ),
            ("2011.3, Essex", "series essex Only, ==2011.3"),
            ("All versions", "all"),
            ("All supported releases", "all supported"),
            (
                "Cinder <19.1.2, ==21.0.0; Nova <24.1.2",
                "cinder: <19.1.2, ==21.0.0; nova: <24.1.2",
            ),
            ("TODO", "placeholder"),
            ("", "unknown at 0"),
            ("!=2.0", "unknown at 0"),
            ("<", "unknown at 0"),
            ("the one with the flaw", "unknown at 4"),
            ("<2.0 nova >=3", "unknown at 5"),
        ] {
            assert_eq!(read(text), reading, "{text}");
        }
    }

    #[test]
    fn slips_are_named_with_their_place() {
        let faults = |text: &str| -> Vec<(FaultKind, String)> {
            Expression::parse(text)
                .faults
                .into_iter()
                .map(|fault| (fault.kind, text[fault.place].to_owned()))
                .collect()
        };
        assert_eq!(
            faults("=18.0.0"),
            [(FaultKind::SingleEquals, "=18.0.0".into())]
        );
        assert_eq!(
            faults("<1.0, 2.0"),
            [(FaultKind::BareVersion, "2.0".into())]
        );
        assert_eq!(
            faults(">=25.0.0, <26.1.0"),
            [(FaultKind::CommaAsAnd, ">=25.0.0, <26.1.0".into())]
        );
        assert_eq!(
            faults(">=3.0 <2.0"),
            [(FaultKind::Empty, ">=3.0 <2.0".into())]
        );
        assert_eq!(
            faults("<2.0, ==1.0"),
            [(FaultKind::Overlap, "==1.0".into())]
        );
        assert_eq!(
            faults("==3.0, ==1.0"),
            [(FaultKind::OutOfOrder, "==1.0".into())]
        );
        assert_eq!(faults("<=2015.1.2, ==12.0.0"), []);
        assert_eq!(
            faults(">= 1.0 <2.0"),
            [(FaultKind::Spacing, ">= 1.0".into())]
        );
        assert_eq!(faults("<17.0.12,>=18.0.0").len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn the_canonical_form_reads_back_as_itself(
            bounds in proptest::collection::btree_set(1u32..60, 2..10),
        ) {
            let bounds: Vec<u32> = bounds.into_iter().collect();
            let text: Vec<String> =
                bounds.chunks_exact(2).map(|pair| format!(">={}.0.0 <{}.0.0", pair[0], pair[1])).collect();
            let text = text.join(", ");
            let expression = Expression::parse(&text);
            proptest::prop_assert!(expression.faults.is_empty());
            proptest::prop_assert_eq!(expression.canonical(), Some(text));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}|[<>=!,; .0-9a-z()]{0,40}") {
            let expression = Expression::parse(&text);
            for fault in &expression.faults {
                proptest::prop_assert!(text.get(fault.place.clone()).is_some());
            }
        }
    }
}
