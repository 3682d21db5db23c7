//! `version-placeholder`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::Reading;

/// A placeholder stands where the affected versions belong.
pub(super) static CODE: Code = Code {
    id: "version-placeholder",
    severity: Severity::Error,
    summary: "a placeholder stands where the affected versions belong",
    explanation: "The versions are what readers come for. Until they are known the document is not ready.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: TODO\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (affected, expression) in context.expressions(document) {
        if expression.reading == Reading::Placeholder {
            let message = format!("`{}` is no version", affected.version.value.trim());
            found.push(
                CODE.at(affected.version.span, message)
                    .help("write it like `>=30.0.0 <30.2.2, ==31.0.0`"),
            );
        }
    }
    found
}
