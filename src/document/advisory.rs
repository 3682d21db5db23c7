//! The fields of an advisory.

use super::fields;
use crate::model::{AdvisoryBody, Body, Fix};
use crate::shape::read::{items, required, text, texts};
use crate::shape::{Field, Shape, Table};
use crate::tree::Node;

/// The fields of an advisory, in the order to write them.
pub(super) static ADVISORY: Table = Table {
    name: "advisory",
    summary: "A security advisory.",
    fields: &[
        fields::ID,
        fields::DATE,
        fields::TITLE,
        Field::required(
            "description",
            Shape::Text,
            "Who reported it, what is wrong, what it allows, who is affected; Markdown.",
        ),
        Field::required(
            "affected-products",
            fields::AFFECTED_PRODUCTS,
            "Products and versions.",
        ),
        fields::VULNERABILITIES,
        fields::REPORTERS,
        fields::ISSUES_FIELD,
        fields::REVIEWS,
        Field::optional(
            "workarounds",
            Shape::Text,
            "What to do without the fix; Markdown.",
        ),
        fields::HOW_TO_CHECK,
        fields::FIXES,
        fields::NOTES,
        fields::ERRATA,
        fields::ERRATA_HISTORY,
        fields::EMBARGO_FIELD,
        fields::WITHDRAWN,
        fields::WAIVERS,
        Field::legacy(
            "reference",
            Shape::Url,
            "Announcement, in documents of 2011 to 2013.",
        ),
        Field::legacy(
            "type",
            Shape::Text,
            "Review system, slipped out of `reviews`.",
        ),
    ],
};

/// Returns the parts that only an advisory has.
pub(super) fn decode(root: &Node) -> Body {
    Body::Advisory(Box::new(AdvisoryBody {
        description: required(root, "description"),
        workarounds: text(root, "workarounds"),
        fixes: items(root, "fixes")
            .into_iter()
            .map(|node| Fix {
                product: required(node, "product"),
                change_id: text(node, "change-id"),
                commit: text(node, "commit"),
                introduced: text(node, "introduced"),
            })
            .collect(),
        notes: texts(root, "notes"),
        reference: text(root, "reference"),
    }))
}
