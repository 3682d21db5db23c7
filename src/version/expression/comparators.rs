//! The canonical dialect: comparators to intervals, with the slips in them.

use std::ops::Range;

use super::interval::{Bound, Interval, lower_key};
use super::token::{Lexeme, Operator, Token};
use super::{Dialect, Expression, Fault, FaultKind, Reading};
use crate::version::Version;

/// One comparator with its version.
struct Clause {
    operator: Operator,
    version: Version,
    place: Range<usize>,
    /// A comma, semicolon or `and` stood before it.
    separated: bool,
}

/// Reads a text that holds a comparator.
pub(super) fn read(text: &str, tokens: &[Token]) -> Expression {
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
