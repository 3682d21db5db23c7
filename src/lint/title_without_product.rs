//! `title-without-product`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;

/// The title names no affected product.
pub(super) static CODE: Code = Code {
    id: "title-without-product",
    severity: Severity::Advice,
    summary: "the title names no affected product",
    explanation: "In a list of titles a reader looks for the software that they run. Mail subjects get the \
        names in front, pages do not.",
    since: Some("2016-01-01"),
    example: Some(Example::advisory(
        "title: Example flaw\n",
        "title: Example flaw in Nova\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let title = document.title.value.to_lowercase();
    let mut named = document.affected.is_empty() || document.title.is_blank();
    for affected in &document.affected {
        for name in affected.product.value.split([',', ';']).map(str::trim) {
            // An unknown product is a finding of its own.
            let Some(product) = context.config.product(name) else {
                return Vec::new();
            };
            let mut names = vec![name, &product.name, &product.title]
                .into_iter()
                .map(str::to_lowercase)
                .collect::<Vec<_>>();
            names.extend(product.aliases.iter().map(|alias| alias.to_lowercase()));
            // `keystone` in a title stands for python-keystoneclient as well.
            let core = name
                .to_lowercase()
                .replace("python-", "")
                .replace("client", "");
            names.push(core);
            named |= names
                .iter()
                .any(|name| !name.is_empty() && title.contains(name.as_str()));
        }
    }
    if named {
        return Vec::new();
    }
    vec![
        CODE.at(document.title.span, "the title names no affected product")
            .help("name the product"),
    ]
}
