//! `product-case`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::tree::yaml::quote;

/// A product is not written by its canonical name.
pub(super) static CODE: Code = Code {
    id: "product-case",
    severity: Severity::Warning,
    summary: "a product is not written by its canonical name",
    explanation: "Scripts, package names and data files compare names by the letter: `Nova` and `nova` are \
        two products to them. Readers get the capital letter from vmt.toml. `--fix` writes the \
        canonical name.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: Nova\n    version: '<32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for affected in &document.affected {
        let name = affected.product.value.trim();
        let Some(product) = context
            .config
            .product(name)
            .filter(|product| product.name != name)
        else {
            continue;
        };
        let message = format!("the canonical name of `{name}` is `{}`", product.name);
        found.push(CODE.at(affected.product.span, message).replace(
            affected.product.span,
            quote(&product.name),
            format!("write `{}`", product.name),
        ));
    }
    found
}
