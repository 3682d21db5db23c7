//! Words: `2014.1 versions up to 2014.1.2`, names of series, everything, placeholders.

use std::ops::Range;

use super::interval::{Bound, Interval};
use super::token::{Lexeme, Token};
use super::{Reach, Reading, SeriesTerm};
use crate::version::Version;

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

/// Reads a text without comparators.
pub(super) fn read(tokens: &[Token], text: &str) -> Reading {
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
