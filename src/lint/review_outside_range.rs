//! `review-outside-range`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::{Interval, Reading};

/// A series has a review, but the range covers none of its releases.
pub(super) static CODE: Code = Code {
    id: "review-outside-range",
    severity: Severity::Advice,
    summary: "a series has a review, but the range covers none of its releases",
    explanation: "A patch for a series says that its releases lack the fix; the declared range says that \
        they are not affected. Either the range ends too early, or the fix was in the series \
        from its first release and the review belongs to the branch before it.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '>=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let Some(day) = document.date.day else {
        return Vec::new();
    };
    let expressions = context.expressions(document);
    let mut found = Vec::new();
    for group in &document.reviews {
        let Some(series) = group
            .branch
            .series()
            .and_then(|name| context.config.series(name))
        else {
            continue;
        };
        // A series that was still in development has no release that could be affected.
        let old = series.released.is_some_and(|released| released < day);
        let names: Vec<&str> = group
            .reviews
            .iter()
            .filter_map(|review| context.product_of(group, review))
            .collect();
        // Products without a range of their own are the matter of `review-without-range`.
        let declared = expressions.iter().any(|(affected, _)| {
            context
                .config
                .product(&affected.product.value)
                .is_none_or(|product| names.is_empty() || names.contains(&product.name.as_str()))
        });
        let covered = expressions.iter().any(|(affected, expression)| {
            let Some(product) = context.config.product(&affected.product.value) else {
                return true;
            };
            if !names.is_empty() && !names.contains(&product.name.as_str()) {
                return false;
            }
            match (
                &expression.reading,
                context.config.releases_of(series, &product.name),
            ) {
                (Reading::Intervals(intervals), Some(releases)) => {
                    // A range that covers nothing at all is the matter of `empty-range`.
                    intervals.iter().all(Interval::is_empty)
                        || intervals.iter().any(|range| range.overlaps(&releases))
                }
                // Not known: nothing to hold against it.
                _ => true,
            }
        });
        if old && declared && !covered && !group.reviews.is_empty() {
            found.push(
                CODE.at(
                    group.key.span,
                    format!("no release of {} is in a declared range", series.label()),
                )
                .help("widen the range, or say in `notes` why it ends before"),
            );
        }
    }
    found
}
