//! `version-unreadable`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::Reading;
use crate::version::suggest::suggest;

/// A version expression cannot be read.
pub(super) static CODE: Code = Code {
    id: "version-unreadable",
    severity: Severity::Error,
    summary: "a version expression cannot be read",
    explanation: "Nobody can say which releases such an entry means, least of all a program: a scanner \
        would pass over a vulnerable release. Write comparators: a blank means *and*, a comma \
        means *or*.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '!=2.0'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        let Reading::Unknown(place) = &expression.reading else {
            continue;
        };
        if affected.version.is_blank() {
            continue;
        }
        let odd = &affected.version.value[place.clone()];
        found.push(
            CODE.at(
                context.place(&affected.version, place.clone()),
                format!("`{odd}` makes no sense here"),
            )
            .help(match suggest(&affected.version.value) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write it like `>=30.0.0 <30.2.2, ==31.0.0`".to_owned(),
            }),
        );
    }
    found
}
