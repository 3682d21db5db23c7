//! Values out of a tree, by field name. What does not fit is left out here: `shape::check` has said
//! so already, with its place.

use crate::model::{Date, Text};
use crate::tree::{Key, Node, Scalar, Value};

/// Returns a scalar as a text with its place.
pub fn text_of(node: &Node) -> Option<Text> {
    match &node.value {
        Value::Scalar(Scalar { value, style }) => Some(Text {
            value: value.clone(),
            span: node.span,
            style: *style,
        }),
        _ => None,
    }
}

/// Returns the text of a field.
pub fn text(node: &Node, field: &str) -> Option<Text> {
    node.get(field).and_then(text_of)
}

/// Returns the text of a field that should be there, or an empty one at its place.
pub fn required(node: &Node, field: &str) -> Text {
    text(node, field)
        .unwrap_or_else(|| Text::missing(node.get(field).map_or(node.span, |node| node.span)))
}

/// Returns the texts of a field that holds a list, or one text.
pub fn texts(node: &Node, field: &str) -> Vec<Text> {
    node.get(field).map(texts_of).unwrap_or_default()
}

/// Returns the texts of a value that is a list, or one text.
pub fn texts_of(node: &Node) -> Vec<Text> {
    match &node.value {
        Value::List(items) => some(items.iter().map(text_of)),
        _ => text_of(node).into_iter().collect(),
    }
}

/// Collects what there is into a list that is as long as that, as what is read stays in memory.
pub fn some<T>(found: impl ExactSizeIterator<Item = Option<T>>) -> Vec<T> {
    let mut some = Vec::with_capacity(found.len());
    some.extend(found.flatten());
    some.shrink_to_fit();
    some
}

/// Returns the day of a field.
pub fn date(node: &Node, field: &str) -> Option<Date> {
    text(node, field).map(Date::read)
}

/// Returns the mappings of a field that holds a list.
pub fn items<'a>(node: &'a Node, field: &str) -> Vec<&'a Node> {
    match node.get(field).map(|node| &node.value) {
        Some(Value::List(items)) => items
            .iter()
            .filter(|item| matches!(item.value, Value::Map(_)))
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the entries of a field that holds a mapping.
pub fn entries<'a>(node: &'a Node, field: &str) -> &'a [(Key, Node)] {
    match node.get(field).map(|node| &node.value) {
        Some(Value::Map(entries)) => entries,
        _ => &[],
    }
}
