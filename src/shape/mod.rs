//! Field tables: what a tree may look like, in one place.
//!
//! A table says which fields a mapping has, of what shape, and what they are for. From the same
//! table come the structural check (unknown, missing and mistyped fields, with "did you mean"), the
//! JSON Schema for editors and the field reference in the docs, so the three cannot disagree.
//! Knows no particular field.

pub mod read;
pub mod reference;
pub mod schema;

use crate::diagnostic::{Code, Diagnostic, Example, Severity, Span, did_you_mean};
use crate::tree::{Key, Node, Style, Value};

/// A field that a mapping does not have.
pub static UNKNOWN_FIELD: Code = Code {
    id: "unknown-field",
    severity: Severity::Error,
    summary: "a field that does not exist",
    explanation: "A misspelt field would be left out of every page and mail in silence. The names are \
        those of the schema (`vmt schema advisory`), hyphens and underscores included. `--fix` renames \
        a field when there is one near enough.",
    since: None,
    example: Some(Example::advisory(
        "errata-history:\n  - 2026-03-03 - Original Version\n",
        "",
    )),
};

/// A field that has to be there.
pub static MISSING_FIELD: Code = Code {
    id: "missing-field",
    severity: Severity::Error,
    summary: "a required field is missing or empty",
    explanation: "Without the field the document cannot be published: a page, a mail or a data file \
        would have a hole. Fill it in, or delete the entry that needs it.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// A value of another kind than the field's.
pub static WRONG_TYPE: Code = Code {
    id: "wrong-type",
    severity: Severity::Error,
    summary: "a value has another kind than its field",
    explanation: "A list where a text belongs, a text where a mapping belongs, and so on. The message \
        says what is expected.",
    since: None,
    example: Some(Example::advisory(
        "notes:\n  text: A remark.\n",
        "notes:\n  - A remark.\n",
    )),
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&UNKNOWN_FIELD, &MISSING_FIELD, &WRONG_TYPE];

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any text.
    Text,
    /// A text that YAML readers may take for a number when it is not quoted, such as `2014.1`.
    NumberLike,
    /// A day, `2026-11-24`. Other texts are read and linted.
    Date,
    /// A moment, `2026-11-24T15:00:00Z`. Other texts are read and linted.
    Moment,
    /// A web address. Other texts are read and linted.
    Url,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A whole number, not negative.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List(&'static Shape),
    /// A mapping whose keys are the author's.
    Map(&'static Shape),
    /// A mapping with known fields.
    Table(&'static Table),
    /// One of several shapes of different kinds.
    AnyOf(&'static [Shape]),
}

/// Whether a field has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It has.
    Required,
    /// It may.
    Optional,
    /// Old documents have it; it is read, kept, and not written any more.
    Legacy,
}

/// One field of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, in upstream's spelling.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// Whether it has to be there.
    pub presence: Presence,
    /// What it is for; one sentence, shown in editors and the reference.
    pub summary: &'static str,
}

impl Field {
    /// A field that has to be there.
    pub const fn required(name: &'static str, shape: Shape, summary: &'static str) -> Field {
        Field {
            name,
            shape,
            presence: Presence::Required,
            summary,
        }
    }

    /// A field that may be there.
    pub const fn optional(name: &'static str, shape: Shape, summary: &'static str) -> Field {
        Field {
            name,
            shape,
            presence: Presence::Optional,
            summary,
        }
    }

    /// A field of old documents.
    pub const fn legacy(name: &'static str, shape: Shape, summary: &'static str) -> Field {
        Field {
            name,
            shape,
            presence: Presence::Legacy,
            summary,
        }
    }
}

/// The fields of a mapping.
#[derive(Debug)]
pub struct Table {
    /// Name of what the mapping is, for messages and the schema.
    pub name: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// Its fields in the order to write them.
    pub fields: &'static [Field],
}

impl Table {
    /// Returns a field by name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Holds a mapping against its table: every unknown, missing and mistyped field, in file order.
pub fn check(node: &Node, table: &'static Table) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    check_table(node, None, table, &mut problems);
    problems
}

fn check_table(
    node: &Node,
    key: Option<&Key>,
    table: &'static Table,
    problems: &mut Vec<Diagnostic>,
) {
    let Value::Map(entries) = &node.value else {
        return;
    };
    let present = |name: &str| {
        entries
            .iter()
            .any(|(key, value)| key.name == name && !value.is_null())
    };
    // A misspelt field is one finding, not a missing one as well.
    let misspelt: Vec<&str> = entries
        .iter()
        .filter(|(key, _)| table.field(&key.name).is_none())
        .filter_map(|(key, _)| near(&key.name, table))
        .collect();
    for field in table.fields {
        let missing = field.presence == Presence::Required && !present(field.name);
        if missing && !misspelt.contains(&field.name) {
            let empty = entries.iter().find(|(key, _)| key.name == field.name);
            let span = empty.map_or_else(|| anchor(key, entries, node), |(key, _)| key.span);
            let what = if empty.is_some() {
                "is empty"
            } else {
                "is missing"
            };
            problems.push(
                MISSING_FIELD
                    .at(
                        span,
                        format!("the field `{}` of the {} {what}", field.name, table.name),
                    )
                    .help(format!("{}: {}", field.name, field.summary)),
            );
        }
    }
    for (key, value) in entries {
        match table.field(&key.name) {
            Some(field) => check_shape(value, Some(key), &field.shape, problems),
            None => problems.push(unknown(key, table, &present)),
        }
    }
}

/// Where to point for a field that is not there: the first key, or the key that the mapping is under.
fn anchor(key: Option<&Key>, entries: &[(Key, Node)], node: &Node) -> Span {
    entries
        .first()
        .map(|(key, _)| key.span)
        .or(key.map(|key| key.span))
        .unwrap_or(node.span)
}

/// The field that a misspelt name is near to.
fn near(name: &str, table: &'static Table) -> Option<&'static str> {
    let names = table
        .fields
        .iter()
        .filter(|field| field.presence != Presence::Legacy);
    did_you_mean(name, names.map(|field| field.name))
}

fn unknown(key: &Key, table: &'static Table, present: &dyn Fn(&str) -> bool) -> Diagnostic {
    let problem = UNKNOWN_FIELD.at(
        key.span,
        format!("the {} has no field `{}`", table.name, key.name),
    );
    match near(&key.name, table) {
        Some(near) if !present(near) => problem.help(format!("did you mean `{near}`?")).replace(
            key.span,
            near,
            format!("rename `{}` to `{near}`", key.name),
        ),
        Some(near) => problem.help(format!("`{near}` is there already")),
        None => {
            let names = table
                .fields
                .iter()
                .filter(|field| field.presence != Presence::Legacy);
            let names: Vec<&str> = names.map(|field| field.name).collect();
            problem.help(format!("its fields are {}", names.join(", ")))
        }
    }
}

fn check_shape(
    node: &Node,
    key: Option<&Key>,
    shape: &'static Shape,
    problems: &mut Vec<Diagnostic>,
) {
    if node.is_null() {
        if key.is_none() {
            problems.push(
                WRONG_TYPE
                    .at(node.span, "an empty item in a list")
                    .help("delete it"),
            );
        }
        return;
    }
    if !fits(node, shape) {
        let (wanted, found) = (describe(shape), found_kind(node));
        problems.push(WRONG_TYPE.at(
            first_line(node, key),
            format!("expected {wanted}, found {found}"),
        ));
        return;
    }
    match (shape, &node.value) {
        (Shape::List(item), Value::List(items)) => {
            for node in items {
                check_shape(node, None, item, problems);
            }
        }
        (Shape::Map(value), Value::Map(entries)) => {
            for (key, node) in entries {
                check_shape(node, Some(key), value, problems);
            }
        }
        (Shape::Table(table), Value::Map(_)) => check_table(node, key, table, problems),
        (Shape::AnyOf(shapes), _) => {
            if let Some(shape) = shapes.iter().find(|shape| fits(node, shape)) {
                check_shape(node, key, shape, problems);
            }
        }
        _ => {}
    }
}

/// A value may span pages: point at its key where there is one.
fn first_line(node: &Node, key: Option<&Key>) -> Span {
    match (&node.value, key) {
        (Value::Scalar(_), _) | (_, None) => node.span,
        (_, Some(key)) => key.span,
    }
}

fn fits(node: &Node, shape: &Shape) -> bool {
    match (shape, &node.value) {
        (Shape::AnyOf(shapes), _) => shapes.iter().any(|shape| fits(node, shape)),
        (Shape::List(_), Value::List(_)) => true,
        (Shape::Map(_) | Shape::Table(_), Value::Map(_)) => true,
        (Shape::Choice(words), Value::Scalar(scalar)) => words.contains(&scalar.value.as_str()),
        (Shape::Integer, Value::Scalar(scalar)) => {
            scalar.style != Style::TomlString && scalar.value.parse::<u32>().is_ok()
        }
        (Shape::Boolean, Value::Scalar(scalar)) => {
            scalar.style != Style::TomlString && matches!(scalar.value.as_str(), "true" | "false")
        }
        (Shape::Date, Value::Scalar(_)) => true,
        (Shape::Text | Shape::NumberLike | Shape::Moment | Shape::Url, Value::Scalar(scalar)) => {
            // TOML says what is a number; YAML only guesses, so there every scalar is a text.
            scalar.style != Style::TomlBare
        }
        _ => false,
    }
}

fn found_kind(node: &Node) -> String {
    match &node.value {
        Value::Scalar(scalar) if scalar.value.chars().count() <= 40 => {
            format!("`{}`", scalar.value)
        }
        _ => node.kind().to_owned(),
    }
}

/// Returns what a shape wants, in words.
pub fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::NumberLike => "a text".into(),
        Shape::Date => "a day such as 2026-11-24".into(),
        Shape::Moment => "a moment such as 2026-11-24T15:00:00Z".into(),
        Shape::Url => "a web address".into(),
        Shape::Choice(words) => format!("one of {}", words.join(", ")),
        Shape::Integer => "a whole number".into(),
        Shape::Boolean => "true or false".into(),
        Shape::List(item) => format!("a list, each item {}", describe(item)),
        Shape::Map(value) => format!("a mapping, each value {}", describe(value)),
        Shape::Table(table) => format!("a mapping ({})", table.name),
        Shape::AnyOf(shapes) => shapes
            .iter()
            .map(describe)
            .collect::<Vec<_>>()
            .join(", or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::tree::yaml;

    static ITEM: Table = Table {
        name: "item",
        summary: "An item.",
        fields: &[
            Field::required("name", Shape::Text, "Its name."),
            Field::optional("count", Shape::Integer, "How many."),
        ],
    };
    static ROOT: Table = Table {
        name: "thing",
        summary: "A thing.",
        fields: &[
            Field::required("title", Shape::Text, "Its title."),
            Field::optional("items", Shape::List(&Shape::Table(&ITEM)), "Its items."),
            Field::optional(
                "free",
                Shape::Map(&Shape::AnyOf(&[Shape::Text, Shape::List(&Shape::Text)])),
                "Free.",
            ),
        ],
    };

    fn problems(text: &str) -> Vec<String> {
        let (tree, _) = yaml::parse(FileId(0), text);
        check(&tree.expect("a tree"), &ROOT)
            .into_iter()
            .map(|problem| {
                format!(
                    "{} at `{}`: {}",
                    problem.code.id,
                    &text[problem.span.range()],
                    problem.message
                )
            })
            .collect()
    }

    #[test]
    fn every_structural_fault_is_found_in_one_pass() {
        insta::assert_snapshot!(
            problems("titel: x\nitems:\n  - nane: a\n    count: many\n  - b\n  -\nfree:\n  x: {a: b}\n  y: [c]\n").join("\n"),
            @r"
        unknown-field at `titel`: the thing has no field `titel`
        unknown-field at `nane`: the item has no field `nane`
        wrong-type at `many`: expected a whole number, found `many`
        wrong-type at `b`: expected a mapping (item), found `b`
        wrong-type at ``: an empty item in a list
        wrong-type at `x`: expected a text, or a list, each item a text, found a mapping
        "
        );
    }

    #[test]
    fn a_sound_mapping_has_no_fault() {
        assert_eq!(
            problems("title: 2026.1\nitems: [{name: no, count: 3}]\nfree: {x: y}\n"),
            [""; 0]
        );
    }
}
