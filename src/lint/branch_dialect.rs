//! `branch-dialect`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::branch::BranchKind;

/// A branch is written in a form that went out of use.
pub(super) static CODE: Code = Code {
    id: "branch-dialect",
    severity: Severity::Advice,
    summary: "a branch is written in a form that went out of use",
    explanation: "Since 2023 a series has a number before its name (`2023.1/antelope`), and brackets \
        behind it hold a product or a remark. Folders of git (`stable/`) and releases of a \
        library are not series.",
    since: Some("2023-03-22"),
    example: Some(Example::advisory(
        "reviews:\n  gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
        "reviews:\n  2026.1/gazpacho: [https://review.opendev.org/1000001]\n  2025.2/flamingo: [https://review.opendev.org/1000002]\n  2025.1/epoxy: [https://review.opendev.org/1000003]\n  2024.2/dalmatian: [https://review.opendev.org/1000004]\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in &document.reviews {
        let branch = &group.branch;
        let help = match &branch.kind {
            BranchKind::Series { number, name } => {
                let text = name.as_deref().or(number.as_deref()).unwrap_or_default();
                match context.config.series(text) {
                    // A wrong number is an error of its own.
                    Some(series)
                        if number.is_none() || name.is_none() || branch.folder.is_some() =>
                    {
                        (series.label() != branch.bare)
                            .then(|| format!("write `{}`", series.label()))
                    }
                    Some(_) => None,
                    None => context
                        .config
                        .product(text)
                        .map(|_| "name the series".to_owned()),
                }
            }
            BranchKind::Release { .. } => {
                Some("name the series, and the product in brackets".to_owned())
            }
            BranchKind::Bugfix(_) | BranchKind::Master => None,
        };
        if let Some(help) = help {
            found.push(
                CODE.at(
                    group.key.span,
                    format!("`{}` is an old form", group.key.value),
                )
                .help(help),
            );
        }
    }
    found
}
