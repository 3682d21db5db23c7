//! `range-without-review`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// A product is affected, but no review is for it.
pub(super) static CODE: Code = Code {
    id: "range-without-review",
    severity: Severity::Warning,
    summary: "a product is affected, but no review is for it",
    explanation: "Where branches name products, each affected one has its patches. A product without any \
        is either not affected, or its patches were forgotten.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n  - product: glance\n    version: '<32.0.0'\nreviews:\n  2026.1/gazpacho(nova): [https://review.opendev.org/1000001]\n  2025.2/flamingo(nova): [https://review.opendev.org/1000002]\n  2025.1/epoxy(nova): [https://review.opendev.org/1000003]\n  2024.2/dalmatian(nova): [https://review.opendev.org/1000004]\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n  - product: glance\n    version: '<32.0.0'\nreviews:\n  2026.1/gazpacho(nova): [https://review.opendev.org/1000001]\n  2025.2/flamingo(nova): [https://review.opendev.org/1000002]\n  2025.1/epoxy(nova): [https://review.opendev.org/1000003]\n  2024.2/dalmatian(nova): [https://review.opendev.org/1000004]\n  2026.1/gazpacho(glance): [https://review.opendev.org/1000005]\n  2025.2/flamingo(glance): [https://review.opendev.org/1000006]\n  2025.1/epoxy(glance): [https://review.opendev.org/1000007]\n  2024.2/dalmatian(glance): [https://review.opendev.org/1000008]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    // Only where every branch says its product can one be missing.
    let mut reviewed = Vec::new();
    for (group, review) in document.all_reviews() {
        match context.product_of(group, review) {
            Some(product) => reviewed.push(product),
            None => return Vec::new(),
        }
    }
    if reviewed.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for affected in &document.affected {
        let Some(product) = context.config.product(&affected.product.value) else {
            continue;
        };
        if !reviewed.contains(&product.name.as_str()) {
            found.push(
                CODE.at(
                    affected.product.span,
                    format!("no review is for `{}`", product.name),
                )
                .help("add its reviews, or delete the entry"),
            );
        }
    }
    found
}
