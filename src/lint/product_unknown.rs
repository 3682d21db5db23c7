//! `product-unknown`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::tree::yaml::quote;

/// A product that vmt.toml does not know.
pub(super) static CODE: Code = Code {
    id: "product-unknown",
    severity: Severity::Error,
    summary: "a product that vmt.toml does not know",
    explanation: "The name decides on pages, packages and release histories, so a misspelt product is one \
        that nobody finds. Use the canonical name of `[[products]]` in vmt.toml, or add the \
        product there.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: novva\n    version: '<32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for affected in &document.affected {
        let name = affected.product.value.trim();
        let several = name.contains([',', ';']);
        if name.is_empty() || several || context.config.product(name).is_some() {
            continue;
        }
        let problem = CODE.at(
            affected.product.span,
            format!("there is no product `{name}`"),
        );
        found.push(match context.config.product_like(name) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).replace(
                affected.product.span,
                quote(near),
                format!("write `{near}`"),
            ),
            None => problem.help("use a name of [[products]] in vmt.toml, or add one there"),
        });
    }
    found
}
