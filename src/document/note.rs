//! The fields of a note, as upstream shaped them in 2026, and those that vmt adds.

use super::fields;
use crate::model::{Body, NoteBody, Reference};
use crate::shape::read::{items, required, text, texts};
use crate::shape::{Field, Shape, Table};
use crate::tree::Node;

/// The fields of a note, in the order to write them.
pub(super) static NOTE: Table = Table {
    name: "note",
    summary: "A security note.",
    fields: &[
        fields::ID,
        fields::TITLE,
        fields::DATE,
        fields::SERVICES,
        Field::optional(
            "affected-products",
            fields::AFFECTED_PRODUCTS,
            "The same with exact versions, where they are known.",
        ),
        Field::required(
            "summary",
            Shape::Text,
            "The risk in a few sentences; Markdown.",
        ),
        Field::required("discussion", Shape::Text, "The risk in full; Markdown."),
        fields::HOW_TO_CHECK,
        Field::required("recommended-actions", Shape::Text, "What to do; Markdown."),
        fields::VULNERABILITIES,
        fields::ISSUES_FIELD,
        fields::REVIEWS,
        fields::CREDITS,
        fields::REFERENCES_FIELD,
        fields::AUTHOR,
        fields::ERRATA,
        fields::ERRATA_HISTORY,
        fields::EMBARGO_FIELD,
        fields::WITHDRAWN,
        fields::WAIVERS,
    ],
};

/// Returns the parts that only a note has.
pub(super) fn decode(root: &Node) -> Body {
    let references = root
        .get("references")
        .map(|node| items(node, "links"))
        .unwrap_or_default();
    Body::Note(Box::new(NoteBody {
        services: texts(root, "affected-services"),
        summary: required(root, "summary"),
        discussion: required(root, "discussion"),
        actions: required(root, "recommended-actions"),
        credits: texts(root, "credits"),
        references: references
            .into_iter()
            .map(|node| Reference {
                description: text(node, "description"),
                url: required(node, "url"),
            })
            .collect(),
        authors: texts(root, "author"),
    }))
}
