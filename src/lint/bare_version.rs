//! `bare-version`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::tree::yaml::quote;
use crate::version::expression::{Dialect, FaultKind};

/// A version stands without an operator.
pub(super) static CODE: Code = Code {
    id: "bare-version",
    severity: Severity::Warning,
    summary: "a version stands without an operator",
    explanation: "A bare number can be read as \"this one\", as \"from this one on\" and as \"up to this \
        one\". Say `==` when only this release is meant. `--fix` does.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1, 32.2.0'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1, ==32.2.0'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        let text = &affected.version;
        let lone = expression.dialect == Dialect::Prose && !text.value.trim().contains(' ');
        let faulty = expression
            .faults
            .iter()
            .any(|fault| fault.kind == FaultKind::BareVersion);
        if let Some(canonical) = expression.canonical()
            && (lone || faulty)
        {
            let fault = expression
                .faults
                .iter()
                .find(|fault| fault.kind == FaultKind::BareVersion);
            let place = fault.map_or(text.span, |fault| context.place(text, fault.place.clone()));
            found.push(
                CODE.at(place, "a version without an operator")
                    .help("write `==` before it")
                    .replace(text.span, quote(&canonical), format!("write `{canonical}`")),
            );
        }
    }
    found
}
