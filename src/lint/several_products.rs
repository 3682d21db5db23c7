//! `several-products`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::{Expression, Reading};

/// One entry of `affected-products` names several products.
pub(super) static CODE: Code = Code {
    id: "several-products",
    severity: Severity::Warning,
    summary: "one entry of `affected-products` names several products",
    explanation: "Each product has versions of its own, and data formats have one entry a product. Write \
        an entry for each.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova, glance\n    version: '<32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for affected in &document.affected {
        let expression = Expression::parse(&affected.version.value);
        let span = if affected.product.value.contains([',', ';']) {
            affected.product.span
        } else if matches!(expression.reading, Reading::Several(_)) {
            affected.version.span
        } else {
            continue;
        };
        found.push(
            CODE.at(span, "several products in one entry")
                .help("write one entry with `product` and `version` for each"),
        );
    }
    found
}
