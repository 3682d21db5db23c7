//! A text to words, versions and signs, each with its place. Knows no dialect.

use std::ops::Range;

use crate::version::Version;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme {
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
pub(super) struct Token {
    pub(super) kind: Lexeme,
    pub(super) place: Range<usize>,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Lexeme::Word(word) => Some(word),
            _ => None,
        }
    }
}

pub(super) fn lex(text: &str) -> Vec<Token> {
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
