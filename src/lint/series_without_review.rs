//! `series-without-review`.

use super::Context;
use crate::config::Series;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::Kind;
use crate::version::expression::Reading;

/// A series that was maintained then is affected and has no review.
pub(super) static CODE: Code = Code {
    id: "series-without-review",
    severity: Severity::Advice,
    summary: "a series that was maintained then is affected and has no review",
    explanation: "Each series that still gets releases on the day of publication needs the fix where the \
        declared range covers its releases, or a note that says why not. vmt.toml says until \
        when a series is maintained, and with which version of a product it begins.",
    since: Some("2013-01-01"),
    example: Some(Example::advisory(
        "reviews:\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let (Some(day), Kind::Advisory) = (document.date.day, document.kind) else {
        return Vec::new();
    };
    if document.withdrawn.is_some() || document.reviews.is_empty() {
        return Vec::new();
    }
    let prose: String = document
        .prose()
        .iter()
        .map(|(_, text)| text.value.to_lowercase())
        .collect();
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        let Some(product) = context.config.product(&affected.product.value) else {
            continue;
        };
        let Reading::Intervals(intervals) = &expression.reading else {
            continue;
        };
        // A product without any review is the matter of `range-without-review`.
        let any = document.all_reviews().any(|(group, review)| {
            context
                .product_of(group, review)
                .is_none_or(|name| name == product.name)
        });
        if !any {
            continue;
        }
        let reviewed = |series: &Series| {
            document.all_reviews().any(|(group, review)| {
                let same = group
                    .branch
                    .series()
                    .and_then(|name| context.config.series(name));
                let theirs = context
                    .product_of(group, review)
                    .is_none_or(|name| name == product.name);
                theirs && same.is_some_and(|same| same.name == series.name)
            })
        };
        let missing: Vec<String> = context
            .config
            .maintained_on(day)
            .filter(|series| {
                let releases = context.config.releases_of(series, &product.name);
                releases
                    .is_some_and(|releases| intervals.iter().any(|range| range.overlaps(&releases)))
            })
            // A note that speaks of the series explains it.
            .filter(|series| !reviewed(series) && !prose.contains(&series.name))
            .map(Series::label)
            .collect();
        if !missing.is_empty() {
            found.push(
                CODE.at(
                    affected.version.span,
                    format!("no review of {} for {}", product.name, missing.join(", ")),
                )
                .help("add the reviews, or say in `notes` why there are none"),
            );
        }
    }
    found
}
