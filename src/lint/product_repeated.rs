//! `product-repeated`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A product has two entries in `affected-products`.
pub(super) static CODE: Code = Code {
    id: "product-repeated",
    severity: Severity::Error,
    summary: "a product has two entries in `affected-products`",
    explanation: "Readers and tools take one of the two and lose the other. Join the version expressions \
        with a comma, which means *or*.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n  - product: nova\n    version: '==32.2.0'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1, ==32.2.0'\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (at, affected) in document.affected.iter().enumerate() {
        let name = affected.product.value.trim();
        let first = document.affected[..at].iter().find(|other| {
            !name.is_empty() && other.product.value.trim().eq_ignore_ascii_case(name)
        });
        if let Some(first) = first {
            found.push(
                CODE.at(
                    affected.product.span,
                    format!("`{name}` has an entry already"),
                )
                .related(first.product.span, "here")
                .help("join the two version expressions with a comma"),
            );
        }
    }
    found
}
