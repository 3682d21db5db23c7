//! Version expressions in every dialect that advisories have used.
//!
//! The canonical form is comparators: a blank is *and*, a comma is *or*
//! (`>=17.0.0 <26.1.7, ==27.0.0`), the opposite of PEP 440. Real documents also use a comma as *and*,
//! words (`2014.1 versions up to 2014.1.2`), names of series (`Essex, Folsom`), everything
//! (`All versions`) and several products in one text. Reading gives intervals, or says *all*,
//! *series*, *several* or *unknown*; it never guesses.

use std::fmt;
use std::ops::Range;

use super::Version;

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
        let tokens = lex(text);
        if tokens
            .iter()
            .any(|token| matches!(token.kind, Lexeme::Operator(_)))
        {
            comparators(text, &tokens)
        } else {
            Expression {
                reading: prose(&tokens, text),
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

/// Sorts an open lower end below every version.
fn lower_key(interval: &Interval) -> Option<(&Version, bool)> {
    interval
        .lower
        .as_ref()
        .map(|bound| (&bound.version, !bound.inclusive))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Lexeme {
    Operator(Operator),
    Version(Version),
    Word(String),
    Comma,
    Semicolon,
    Open,
    Close,
    Other,
}

#[derive(Debug, Clone)]
struct Token {
    kind: Lexeme,
    place: Range<usize>,
}

impl Token {
    fn word(&self) -> Option<&str> {
        match &self.kind {
            Lexeme::Word(word) => Some(word),
            _ => None,
        }
    }
}

fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let simple = |kind| (kind, first.len_utf8());
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            ',' => simple(Lexeme::Comma),
            ';' => simple(Lexeme::Semicolon),
            '(' => simple(Lexeme::Open),
            ')' => simple(Lexeme::Close),
            '<' | '>' | '=' => operator(rest),
            '!' | '~' | '^' | '*' => simple(Lexeme::Other),
            _ => word(rest),
        };
        tokens.push(Token {
            kind,
            place: at..at + length,
        });
        at += length;
    }
    tokens
}

fn operator(rest: &str) -> (Lexeme, usize) {
    let table = [
        ("<=", Operator::LessEqual),
        (">=", Operator::GreaterEqual),
        ("==", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
    ];
    let found = table.into_iter().find(|(sign, _)| rest.starts_with(sign));
    let (sign, operator) = found.expect("the caller saw one of these signs");
    (Lexeme::Operator(operator), sign.len())
}

fn word(rest: &str) -> (Lexeme, usize) {
    let end = rest
        .find(|c: char| {
            c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '<' | '>' | '=' | '!')
        })
        .unwrap_or(rest.len());
    // A full stop ends a sentence, not a version.
    let end = if rest[..end].trim_end_matches('.').is_empty() {
        end
    } else {
        rest[..end].trim_end_matches('.').len()
    };
    let text = &rest[..end];
    let kind = match Version::parse(text) {
        Some(version) => Lexeme::Version(version),
        None if text.chars().any(char::is_alphabetic) => Lexeme::Word(text.to_lowercase()),
        None => Lexeme::Other,
    };
    (kind, end.max(1))
}

/// One comparator with its version.
struct Clause {
    operator: Operator,
    version: Version,
    place: Range<usize>,
    /// A comma, semicolon or `and` stood before it.
    separated: bool,
}

fn comparators(text: &str, tokens: &[Token]) -> Expression {
    let mut faults = Vec::new();
    let mut parts: Vec<(Option<String>, Vec<Clause>)> = vec![(None, Vec::new())];
    let mut separated = true;
    let mut at = 0;
    let unknown = |place: Range<usize>, faults| Expression {
        reading: Reading::Unknown(place),
        dialect: Dialect::Comparators,
        faults,
    };
    while let Some(token) = tokens.get(at) {
        at += 1;
        let (operator, version, place) = match (&token.kind, tokens.get(at)) {
            (Lexeme::Comma | Lexeme::Semicolon, _) => {
                separated = true;
                continue;
            }
            (Lexeme::Word(word), _) if word == "and" || word == "or" => {
                separated = true;
                continue;
            }
            (Lexeme::Word(word), _) if separated => {
                parts.push((Some(word.clone()), Vec::new()));
                continue;
            }
            (Lexeme::Version(version), _) => {
                faults.push(Fault {
                    kind: FaultKind::BareVersion,
                    place: token.place.clone(),
                });
                (Operator::Equal, version, token.place.clone())
            }
            (
                Lexeme::Operator(operator),
                Some(Token {
                    kind: Lexeme::Version(version),
                    place,
                }),
            ) => {
                at += 1;
                let whole = token.place.start..place.end;
                if *operator == Operator::Equal && token.place.len() == 1 {
                    faults.push(Fault {
                        kind: FaultKind::SingleEquals,
                        place: whole.clone(),
                    });
                }
                let glued = whole.start > 0
                    && !text[..whole.start].ends_with(|c: char| c.is_whitespace() || c == '(');
                if place.start > token.place.end || glued {
                    faults.push(Fault {
                        kind: FaultKind::Spacing,
                        place: whole.clone(),
                    });
                }
                (*operator, version, whole)
            }
            _ => return unknown(token.place.clone(), faults),
        };
        let clause = Clause {
            operator,
            version: version.clone(),
            place,
            separated,
        };
        separated = false;
        if let Some((_, clauses)) = parts.last_mut() {
            clauses.push(clause);
        }
    }
    if parts[0].1.is_empty() && parts.len() > 1 {
        parts.remove(0);
    }
    let named = parts
        .iter()
        .all(|(name, clauses)| name.is_some() && !clauses.is_empty());
    if named {
        let several = parts
            .into_iter()
            .map(|(name, clauses)| {
                let mut faults = Vec::new();
                let intervals = intervals(clauses, &mut faults);
                let reading = Reading::Intervals(intervals);
                (
                    name.unwrap_or_default(),
                    Expression {
                        reading,
                        dialect: Dialect::Comparators,
                        faults,
                    },
                )
            })
            .collect();
        return Expression {
            reading: Reading::Several(several),
            dialect: Dialect::Comparators,
            faults,
        };
    }
    if parts.len() > 1 {
        let place = tokens.iter().find(|token| {
            token
                .word()
                .is_some_and(|word| word != "and" && word != "or")
        });
        return unknown(
            place.map_or(0..text.len(), |token| token.place.clone()),
            faults,
        );
    }
    let clauses = parts.pop().map(|(_, clauses)| clauses).unwrap_or_default();
    let intervals = intervals(clauses, &mut faults);
    Expression {
        reading: Reading::Intervals(intervals),
        dialect: Dialect::Comparators,
        faults,
    }
}

/// Pairs bounds: a lower bound takes the upper bound that follows it; anything else starts a range.
fn intervals(clauses: Vec<Clause>, faults: &mut Vec<Fault>) -> Vec<Interval> {
    let mut found: Vec<Interval> = Vec::new();
    let mut waiting: Option<Interval> = None;
    for clause in clauses {
        let inclusive = !matches!(clause.operator, Operator::Less | Operator::Greater);
        let bound = Bound {
            version: clause.version,
            inclusive,
        };
        match clause.operator {
            Operator::Equal => {
                found.extend(waiting.take());
                found.push(Interval {
                    lower: Some(bound.clone()),
                    upper: Some(bound),
                    place: clause.place,
                });
            }
            Operator::Greater | Operator::GreaterEqual => {
                found.extend(waiting.take());
                // `<2.0 >=1.0`: the same range, its bounds the other way round.
                if let Some(last) = found.last_mut()
                    && !clause.separated
                    && last.lower.is_none()
                    && last
                        .upper
                        .as_ref()
                        .is_some_and(|upper| upper.version > bound.version)
                {
                    last.lower = Some(bound);
                    last.place.end = clause.place.end;
                } else {
                    waiting = Some(Interval {
                        lower: Some(bound),
                        upper: None,
                        place: clause.place,
                    });
                }
            }
            Operator::Less | Operator::LessEqual => match waiting.take() {
                Some(mut range) => {
                    range.place.end = clause.place.end;
                    range.upper = Some(bound);
                    if clause.separated {
                        faults.push(Fault {
                            kind: FaultKind::CommaAsAnd,
                            place: range.place.clone(),
                        });
                    }
                    found.push(range);
                }
                None => found.push(Interval {
                    lower: None,
                    upper: Some(bound),
                    place: clause.place,
                }),
            },
        }
    }
    found.extend(waiting);
    for at in 0..found.len() {
        let range = &found[at];
        let kind = if range.is_empty() {
            Some(FaultKind::Empty)
        } else if found[..at].iter().any(|before| before.overlaps(range)) {
            Some(FaultKind::Overlap)
        } else if found[..at]
            .iter()
            .any(|before| lower_key(before) > lower_key(range))
        {
            Some(FaultKind::OutOfOrder)
        } else {
            None
        };
        faults.extend(kind.map(|kind| Fault {
            kind,
            place: range.place.clone(),
        }));
    }
    found
}

/// Words that say nothing.
const FILLERS: [&str; 10] = [
    "version",
    "versions",
    "release",
    "releases",
    "the",
    "all",
    "supported",
    "of",
    "in",
    "series",
];

/// What a segment of prose ends up as.
enum Segment {
    Interval(Interval),
    Series(SeriesTerm),
}

fn prose(tokens: &[Token], text: &str) -> Reading {
    let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    if tokens.is_empty() {
        return Reading::Unknown(0..text.len());
    }
    if words.len() == tokens.len() {
        match words.as_slice() {
            ["todo" | "tbd" | "tba" | "fixme" | "unknown" | "none" | "n/a" | "xxx"] => {
                return Reading::Placeholder;
            }
            ["all"] | ["all" | "any", "versions" | "releases"] => {
                return Reading::All { supported: false };
            }
            ["all", "supported", "versions" | "releases"] => {
                return Reading::All { supported: true };
            }
            _ => {}
        }
    }
    let mut intervals = Vec::new();
    let mut series = Vec::new();
    for segment in segments(tokens) {
        match read_segment(segment) {
            Ok(Segment::Interval(interval)) => intervals.push(interval),
            Ok(Segment::Series(term)) => series.push(term),
            Err(place) => return Reading::Unknown(place),
        }
    }
    match (intervals.is_empty(), series.is_empty()) {
        (true, true) => Reading::Unknown(0..text.len()),
        (_, true) => Reading::Intervals(intervals),
        _ => Reading::Series(series, intervals),
    }
}

/// Cuts at commas, semicolons and at an `and` that does not belong to `and later`.
fn segments(tokens: &[Token]) -> Vec<&[Token]> {
    let reach = [
        "later", "earlier", "newer", "older", "above", "below", "onwards", "up",
    ];
    let mut found = Vec::new();
    let mut start = 0;
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        let cut = match &token.kind {
            Lexeme::Open => {
                depth += 1;
                false
            }
            Lexeme::Close => {
                depth = depth.saturating_sub(1);
                false
            }
            Lexeme::Comma | Lexeme::Semicolon => depth == 0,
            Lexeme::Word(word) if word == "and" || word == "or" => {
                let next = tokens.get(at + 1).and_then(Token::word);
                let after = tokens.get(at + 2).and_then(Token::word);
                // "and up to X" starts a range; "and up" ends one.
                let reaches = next.is_some_and(|next| {
                    reach.contains(&next) && !(next == "up" && after == Some("to"))
                });
                depth == 0 && !reaches
            }
            _ => false,
        };
        if cut {
            found.push(&tokens[start..at]);
            start = at + 1;
        }
    }
    found.push(&tokens[start..]);
    found.retain(|segment| !segment.is_empty());
    found
}

/// Splits a segment into what stands outside and inside brackets.
fn brackets(segment: &[Token]) -> (Vec<&Token>, Vec<&Token>) {
    let (mut outside, mut inside, mut depth) = (Vec::new(), Vec::new(), 0usize);
    for token in segment {
        match token.kind {
            Lexeme::Open => depth += 1,
            Lexeme::Close => depth = depth.saturating_sub(1),
            _ if depth > 0 => inside.push(token),
            _ => outside.push(token),
        }
    }
    (outside, inside)
}

fn read_segment(segment: &[Token]) -> Result<Segment, Range<usize>> {
    let place = segment[0].place.start..segment[segment.len() - 1].place.end;
    let (outside, inside) = brackets(segment);
    let meaning = |tokens: &[&Token]| -> Vec<Token> {
        let keep = |token: &&&Token| {
            !token
                .word()
                .is_some_and(|word| FILLERS.contains(&word) || word == "and" || word == "or")
        };
        tokens
            .iter()
            .filter(keep)
            .map(|token| (*token).clone())
            .collect()
    };
    let (outside, inside) = (meaning(&outside), meaning(&inside));
    let shape: Vec<Part<'_>> = outside.iter().map(Part::of).collect();
    use Part::{Other, V, W};
    let closed = |lower: Option<&Version>, upper: Option<&Version>, inclusive: (bool, bool)| {
        let bound = |version: Option<&Version>, inclusive| {
            version.map(|version| Bound {
                version: version.clone(),
                inclusive,
            })
        };
        Ok(Segment::Interval(Interval {
            lower: bound(lower, inclusive.0),
            upper: bound(upper, inclusive.1),
            place: place.clone(),
        }))
    };
    match shape.as_slice() {
        [V(v)] => closed(Some(v), Some(v), (true, true)),
        [W("from"), V(a), W("to" | "through" | "until"), V(b)]
        | [V(a), W("to" | "through" | "until"), V(b)]
        | [W("from"), V(a), W("up"), W("to"), V(b)]
        | [V(a), W("up"), W("to"), V(b)] => closed(Some(a), Some(b), (true, true)),
        [W("up"), W("to"), V(v)] | [W("through" | "until" | "to"), V(v)] => {
            closed(None, Some(v), (true, true))
        }
        [W("before" | "below"), V(v)]
        | [W("prior"), W("to"), V(v)]
        | [W("earlier" | "older" | "lower"), W("than"), V(v)] => {
            closed(None, Some(v), (true, false))
        }
        [W("after"), V(v)] | [W("newer" | "later"), W("than"), V(v)] => {
            closed(Some(v), None, (false, true))
        }
        [W("from" | "since"), V(v)] | [V(v), W("later" | "newer" | "above" | "onwards" | "up")] => {
            closed(Some(v), None, (true, true))
        }
        [V(v), W("earlier" | "older" | "below")] => closed(None, Some(v), (true, true)),
        [W(name)] => Ok(Segment::Series(series_term(
            name,
            outside[0].place.clone(),
            &inside,
        )?)),
        [W(name), W("later" | "newer" | "onwards" | "up")] => Ok(Segment::Series(term(
            name,
            outside[0].place.clone(),
            Reach::Later,
        ))),
        [W(name), W("earlier" | "older")] => Ok(Segment::Series(term(
            name,
            outside[0].place.clone(),
            Reach::Earlier,
        ))),
        [W("prior"), W("to"), W(name)] => Ok(Segment::Series(term(
            name,
            outside[2].place.clone(),
            Reach::Before,
        ))),
        [W("before"), W(name)] => Ok(Segment::Series(term(
            name,
            outside[1].place.clone(),
            Reach::Before,
        ))),
        parts => {
            let odd = parts
                .iter()
                .position(|part| matches!(part, Other))
                .unwrap_or(0);
            Err(outside
                .get(odd)
                .map_or(place.clone(), |token| token.place.clone()))
        }
    }
}

/// A token as the patterns see it.
enum Part<'a> {
    V(&'a Version),
    W(&'a str),
    Other,
}

impl<'a> Part<'a> {
    fn of(token: &'a Token) -> Part<'a> {
        match &token.kind {
            Lexeme::Version(version) => Part::V(version),
            Lexeme::Word(word) => Part::W(word),
            _ => Part::Other,
        }
    }
}

fn term(name: &str, place: Range<usize>, reach: Reach) -> SeriesTerm {
    SeriesTerm {
        name: name.to_owned(),
        place,
        reach,
        before: None,
    }
}

/// A series with brackets: `(prior to 2012.1.2)`, `(2012.1)`, `(and earlier versions)`.
fn series_term(
    name: &str,
    place: Range<usize>,
    inside: &[Token],
) -> Result<SeriesTerm, Range<usize>> {
    use Part::{V, W};
    let shape: Vec<Part<'_>> = inside.iter().map(Part::of).collect();
    match shape.as_slice() {
        [] | [V(_)] => Ok(term(name, place, Reach::Only)),
        [W("earlier" | "older")] => Ok(term(name, place, Reach::Earlier)),
        [W("later" | "newer")] => Ok(term(name, place, Reach::Later)),
        [W("prior"), W("to"), V(v)] | [W("before"), V(v)] => Ok(SeriesTerm {
            before: Some((*v).clone()),
            ..term(name, place, Reach::Only)
        }),
        // A milestone such as `folsom-2` is no release: the whole series stays named.
        [W("prior"), W("to"), ..] | [W("before"), ..] => Ok(term(name, place, Reach::Only)),
        _ => Err(inside[0].place.clone()),
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
