//! TOML text to the same positioned tree; the only user of the TOML crate.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Key, Node, Scalar, Style, Value};
use crate::diagnostic::{Code, Diagnostic, Example, FileId, Severity, Span};

/// Text that is not TOML.
pub static TOML_SYNTAX: Code = Code {
    id: "toml-syntax",
    severity: Severity::Error,
    summary: "vmt.toml is not valid TOML",
    explanation: "The TOML parser stumbled at the place named. Texts need quotes, a table starts with \
        its name in brackets, and a key stands once in a table.",
    since: None,
    example: Some(Example::config(
        "[site]\ntitle = Example\n",
        "[site]\ntitle = \"Example\"\n",
    )),
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&TOML_SYNTAX];

/// Writes a text as a basic string of TOML. It is that of JSON, but for the one control that JSON leaves as it is.
pub fn quoted(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace('\u{7f}', "\\u007F")
}

/// Parses a file. Every syntax error is reported; the tree holds what could be read.
pub fn parse(file: FileId, text: &str) -> (Node, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let problems = errors
        .into_iter()
        .map(|error| {
            let range = error.span().unwrap_or(0..0);
            TOML_SYNTAX.at(Span::new(file, range), error.message().replace('\n', " "))
        })
        .collect();
    let span = Span::new(file, 0..text.len());
    let node = Node {
        span,
        value: map(file, text, table.get_ref()),
    };
    (node, problems)
}

fn map(file: FileId, text: &str, table: &DeTable<'_>) -> Value {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| {
            let span = Span::new(file, key.span());
            (
                Key {
                    name: key.get_ref().to_string(),
                    span,
                },
                node(file, text, value),
            )
        })
        .collect();
    // The parser sorts keys; people read files from the top.
    entries.sort_by_key(|(key, _)| key.span.start);
    Value::Map(entries)
}

fn node(file: FileId, text: &str, value: &Spanned<DeValue<'_>>) -> Node {
    let range = value.span();
    let span = Span::new(file, range.clone());
    let value = match value.get_ref() {
        DeValue::String(found) => Value::Scalar(Scalar {
            value: found.to_string(),
            style: Style::TomlString,
        }),
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| node(file, text, item)).collect())
        }
        DeValue::Table(table) => map(file, text, table),
        _ => {
            let written = text.get(range).unwrap_or_default().to_owned();
            Value::Scalar(Scalar {
                value: written,
                style: Style::TomlBare,
            })
        }
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place_and_stay_text() {
        let text = "[b]\nx = 1.50\n[a]\ny = \"z\"\nw = [true, 2026-01-02]\n";
        let (root, problems) = parse(FileId(0), text);
        assert!(problems.is_empty());
        let number = root.get("b").and_then(|b| b.get("x")).expect("x");
        assert_eq!(
            (number.text(), &text[number.span.range()]),
            (Some("1.50"), "1.50")
        );
        let Value::Map(entries) = &root.value else {
            panic!("a map")
        };
        assert_eq!(
            entries
                .iter()
                .map(|(key, _)| key.name.as_str())
                .collect::<Vec<_>>(),
            ["b", "a"]
        );
    }

    #[test]
    fn every_syntax_error_is_reported_with_its_place() {
        let (_, problems) = parse(FileId(0), "a = \nb = 'x\n[c\n");
        assert!(problems.len() >= 2, "{problems:?}");
        assert!(
            problems
                .iter()
                .all(|problem| problem.code.id == "toml-syntax")
        );
    }
}
