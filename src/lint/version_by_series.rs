//! `version-by-series`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::claim::Claim;
use crate::version::expression::Reading;

/// Affected versions are given as names of series.
pub(super) static CODE: Code = Code {
    id: "version-by-series",
    severity: Severity::Warning,
    summary: "affected versions are given as names of series",
    explanation: "A series has many releases, and the fixed ones among them are the point. Since 2016 \
        advisories give version numbers.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: gazpacho\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        if let Reading::Series(terms, _) = &expression.reading
            && let Some(first) = terms.first()
        {
            let place = context.place(&affected.version, first.place.clone());
            let unknown = terms
                .iter()
                .find(|term| context.config.series(&term.name).is_none());
            let near = unknown.and_then(|term| context.config.series_like(&term.name));
            let product = context.config.product(&affected.product.value);
            let claim = product
                .map(|product| Claim::of(&expression, &context.config.names_of(&product.name)));
            let versions = claim.as_ref().and_then(Claim::set);
            let help = match (near, versions) {
                (Some(series), _) => format!(
                    "did you mean `{}`? Better still, name its versions",
                    series.name
                ),
                (None, Some(set)) => format!("its versions are `{set}`"),
                (None, None) => "write it like `>=30.0.0 <30.2.2, ==31.0.0`".to_owned(),
            };
            let message = match unknown {
                Some(term) => format!("`{}` is neither a version nor a series", term.name),
                None => format!("`{}` is a series, not a version", first.name),
            };
            found.push(CODE.at(place, message).help(help));
        }
    }
    found
}
