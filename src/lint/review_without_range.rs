//! `review-without-range`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A review is for a product that is not listed as affected.
pub(super) static CODE: Code = Code {
    id: "review-without-range",
    severity: Severity::Warning,
    summary: "a review is for a product that is not listed as affected",
    explanation: "The key of a branch or the address of a review names a product. Where that product has \
        no entry in `affected-products`, either the entry is missing, or the patch belongs to \
        another document.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\nreviews:\n  2026.1/gazpacho(nova): [https://review.opendev.org/1000001]\n  2025.2/flamingo(nova): [https://review.opendev.org/1000002]\n  2025.1/epoxy(nova): [https://review.opendev.org/1000003]\n  2024.2/dalmatian(nova): [https://review.opendev.org/1000004]\n  2026.1/gazpacho(glance): [https://review.opendev.org/1000005]\n  2025.2/flamingo(glance): [https://review.opendev.org/1000006]\n  2025.1/epoxy(glance): [https://review.opendev.org/1000007]\n  2024.2/dalmatian(glance): [https://review.opendev.org/1000008]\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n  - product: glance\n    version: '<32.0.0'\nreviews:\n  2026.1/gazpacho(nova): [https://review.opendev.org/1000001]\n  2025.2/flamingo(nova): [https://review.opendev.org/1000002]\n  2025.1/epoxy(nova): [https://review.opendev.org/1000003]\n  2024.2/dalmatian(nova): [https://review.opendev.org/1000004]\n  2026.1/gazpacho(glance): [https://review.opendev.org/1000005]\n  2025.2/flamingo(glance): [https://review.opendev.org/1000006]\n  2025.1/epoxy(glance): [https://review.opendev.org/1000007]\n  2024.2/dalmatian(glance): [https://review.opendev.org/1000008]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let known = |affected: &crate::model::Affected| {
        affected
            .product
            .value
            .split([',', ';'])
            .any(|name| context.config.product(name).is_some())
    };
    // An unknown product is a finding of its own, and may be this one.
    if !document.affected.iter().all(known) {
        return Vec::new();
    }
    let affected: Vec<&str> = document
        .affected
        .iter()
        .flat_map(|affected| affected.product.value.split([',', ';']))
        .filter_map(|name| context.config.product(name))
        .map(|product| product.name.as_str())
        .collect();
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut said = Vec::new();
    for (group, review) in document.all_reviews() {
        let Some(product) = context.product_of(group, review) else {
            continue;
        };
        if affected.is_empty() || affected.contains(&product) || said.contains(&product) {
            continue;
        }
        said.push(product);
        let span = if group.branch.product().is_some() {
            group.key.span
        } else {
            review.link.text.span
        };
        found.push(
            CODE.at(span, format!("`{product}` is not listed as affected"))
                .help("add it to `affected-products`, or correct the branch"),
        );
    }
    found
}
