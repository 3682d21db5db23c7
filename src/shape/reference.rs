//! The reference of a field table in Markdown, for the book.

use std::fmt::Write as _;

use super::{Field, Presence, Shape, Table, describe};

/// How a format writes the place of a nested mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `[mail]`, `[[mail.lists]]`.
    Toml,
    /// `embargo`, `reporters[]`.
    Yaml,
}

/// Writes the fields of a table and of all mappings below it. A mapping that several fields hold is
/// described once, with all their places.
pub fn fields(table: &'static Table, syntax: Syntax) -> String {
    let mut parts = Vec::new();
    collect(table, "", syntax, &mut parts);
    let mut out = rows(table);
    for part in &parts {
        let [first, others @ ..] = part.places.as_slice() else {
            continue;
        };
        let _ = write!(out, "\n## `{first}`\n\n{}", part.table.summary);
        if !others.is_empty() {
            let _ = write!(
                out,
                " The same fields are those of `{}`.",
                others.join("`, `")
            );
        }
        out.push('\n');
        out.push_str(&rows(part.table));
    }
    out
}

/// A mapping and where it is found.
struct Part {
    table: &'static Table,
    places: Vec<String>,
}

/// Collects the mappings below a table, each part right before what belongs to it.
fn collect(table: &'static Table, path: &str, syntax: Syntax, parts: &mut Vec<Part>) {
    for field in table.fields {
        let path = match path.is_empty() {
            true => field.name.to_owned(),
            false => format!("{path}.{}", field.name),
        };
        for (nesting, table) in nested(&field.shape, Nesting::One) {
            let place = place(&path, nesting, syntax);
            if let Some(part) = parts
                .iter_mut()
                .find(|part| std::ptr::eq(part.table, table))
            {
                part.places.push(place);
                continue;
            }
            let inner = match syntax {
                Syntax::Toml => path.clone(),
                Syntax::Yaml => place.clone(),
            };
            let places = vec![place];
            parts.push(Part { table, places });
            collect(table, &inner, syntax, parts);
        }
    }
}

fn rows(table: &Table) -> String {
    let mut out = String::from("\n| field | value | meaning |\n|---|---|---|\n");
    for field in table.fields {
        let (name, value, meaning) = (field.name, value(field), meaning(field));
        let _ = writeln!(out, "| `{name}` | {value} | {meaning} |");
    }
    out
}

/// How a mapping is held by its field.
#[derive(Debug, Clone, Copy)]
enum Nesting {
    One,
    ListOf,
    NamesTo,
}

/// The mappings that a shape holds.
fn nested(shape: &'static Shape, nesting: Nesting) -> Vec<(Nesting, &'static Table)> {
    match shape {
        Shape::Table(table) => vec![(nesting, *table)],
        Shape::List(item) => nested(item, Nesting::ListOf),
        Shape::Map(value) => nested(value, Nesting::NamesTo),
        Shape::AnyOf(shapes) => shapes
            .iter()
            .flat_map(|shape| nested(shape, nesting))
            .collect(),
        _ => Vec::new(),
    }
}

fn place(path: &str, nesting: Nesting, syntax: Syntax) -> String {
    match (syntax, nesting) {
        (Syntax::Toml, Nesting::One) => format!("[{path}]"),
        (Syntax::Toml, Nesting::ListOf) => format!("[[{path}]]"),
        (Syntax::Toml, Nesting::NamesTo) => format!("[{path}.NAME]"),
        (Syntax::Yaml, Nesting::One) => path.to_owned(),
        (Syntax::Yaml, Nesting::ListOf) => format!("{path}[]"),
        (Syntax::Yaml, Nesting::NamesTo) => format!("{path}.NAME"),
    }
}

fn value(field: &Field) -> String {
    let words = match &field.shape {
        Shape::Choice(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        shape => describe(shape),
    };
    words.replace('|', "\\|")
}

fn meaning(field: &Field) -> String {
    let summary = field.summary.replace('|', "\\|");
    match field.presence {
        Presence::Required => format!("{summary} Required."),
        Presence::Optional => summary,
        Presence::Legacy => format!("{summary} Of old documents: read, not written any more."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ITEM: Table = Table {
        name: "item",
        summary: "An item.",
        fields: &[Field::required(
            "kind",
            Shape::Choice(&["a", "b"]),
            "Its kind.",
        )],
    };
    static ROOT: Table = Table {
        name: "thing",
        summary: "A thing.",
        fields: &[
            Field::optional("items", Shape::List(&Shape::Table(&ITEM)), "Its items."),
            Field::legacy("item", Shape::Table(&ITEM), "Its only item."),
        ],
    };

    #[test]
    fn a_mapping_is_described_once_where_it_comes_first() {
        insta::assert_snapshot!(fields(&ROOT, Syntax::Toml), @"
        | field | value | meaning |
        |---|---|---|
        | `items` | a list, each item a mapping (item) | Its items. |
        | `item` | a mapping (item) | Its only item. Of old documents: read, not written any more. |

        ## `[[items]]`

        An item. The same fields are those of `[item]`.

        | field | value | meaning |
        |---|---|---|
        | `kind` | `a`, `b` | Its kind. Required. |
        ");
        assert!(fields(&ROOT, Syntax::Yaml).contains("## `items[]`"));
    }
}
