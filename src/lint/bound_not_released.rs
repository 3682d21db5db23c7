//! `bound-not-released`.

use super::{Context, Resolved, SAMPLE_LOCK};
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::release::lock::LockedRelease;
use crate::version::Version;
use crate::version::expression::{Expression, Reading};

/// An upper bound that was never released.
pub(super) static CODE: Code = Code {
    id: "bound-not-released",
    severity: Severity::Advice,
    summary: "an upper bound names a version that was never released",
    explanation: "By convention `<X` names the lowest possible fixed version, so this is no mistake as \
        such. But readers look for X and do not find it. Since 2019 more than a third of all upper bounds \
        name a version that never came: the next release was numbered otherwise, or none followed. The \
        help says which release exists.",
    since: Some("2026-01-01"),
    example: Some(
        Example::advisory(
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.0, >=32.0.0 <32.1.1'\n",
            "affected-products:\n  - product: nova\n    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'\n",
        )
        .resolved(SAMPLE_LOCK),
    ),
};

/// Checks one document.
pub(super) fn check<'a>(context: &Context<'a>, document: &'a Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for resolved in context.resolved(document) {
        let text = &resolved.affected.version;
        let Reading::Intervals(intervals) = Expression::parse(&text.value).reading else {
            continue;
        };
        for interval in intervals {
            let Some(bound) = interval
                .upper
                .filter(|bound| resolved.product.release(&bound.version).is_none())
            else {
                continue;
            };
            // Which line the bound is of: that of the highest release below it.
            let Some(below) = below(resolved, &bound.version) else {
                continue;
            };
            let place = context.place(text, interval.place);
            let message = format!(
                "{} {} was never released",
                resolved.product_name, bound.version
            );
            found.push(
                CODE.at(place, message)
                    .help(resolved.first_fixed(&below.line)),
            );
        }
    }
    found
}

fn below<'a>(resolved: &Resolved<'a>, version: &Version) -> Option<&'a LockedRelease> {
    resolved
        .product
        .releases
        .iter()
        .rev()
        .find(|release| release.version < *version)
}
