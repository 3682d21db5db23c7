//! Text to a positioned tree: every value knows its place, every scalar stays text.
//!
//! Knows the two syntaxes (YAML for documents, TOML for vmt.toml) and no field. A scalar gets a type
//! only when a field gives it one, so `2026.1` never becomes a number on its way.

pub mod locate;
pub mod toml;
pub mod yaml;

use crate::diagnostic::Span;

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// YAML without quotes.
    Plain,
    /// YAML in single quotes.
    Single,
    /// YAML in double quotes.
    Double,
    /// YAML block that keeps its line breaks (`|`).
    Literal,
    /// YAML block that joins its lines (`>`).
    Folded,
    /// A TOML string, of any of its four forms.
    TomlString,
    /// A TOML number, boolean or date: the text as written.
    TomlBare,
}

/// A scalar: its decoded text and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, escapes and folding undone.
    pub value: String,
    /// How it was written.
    pub style: Style,
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The text.
    pub name: String,
    /// Where the key itself stands.
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing written, or `~`, or `null`.
    Null,
    /// A text.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From the first byte (a quote counts) to the end of the value.
    pub span: Span,
    /// The value.
    pub value: Value,
}

impl Node {
    /// Returns the value under a key of a mapping.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match &self.value {
            Value::Map(entries) => entries
                .iter()
                .find(|(key, _)| key.name == name)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// Returns the text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.value),
            _ => None,
        }
    }

    /// Returns whether nothing is written here.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Returns what kind of value this is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}
