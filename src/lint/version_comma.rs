//! `version-comma`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::version::expression::{Expression, FaultKind};

/// A comma between the two bounds of one range.
pub(super) static CODE: Code = Code {
    id: "version-comma",
    severity: Severity::Warning,
    summary: "a comma stands between the two bounds of one range",
    explanation: "In a version expression a comma means *or*. Read by the letter, `>=25.0.0, <26.1.0` \
        covers every release ever made. vmt reads it as one range; other readers may not. `--fix` \
        removes the comma.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '>=30.0.0, <32.1.1'\n",
        "affected-products:\n  - product: nova\n    version: '>=30.0.0 <32.1.1'\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for affected in &document.affected {
        let text = &affected.version;
        for fault in Expression::parse(&text.value).faults {
            if fault.kind != FaultKind::CommaAsAnd {
                continue;
            }
            let comma = text.value[fault.place.clone()]
                .find(',')
                .map(|at| fault.place.start + at);
            let Some(comma) = comma else { continue };
            let comma = context.place(text, comma..comma + 1);
            found.push(
                CODE.at(
                    context.place(text, fault.place),
                    "a comma means *or*, and this is one range",
                )
                .help("put a blank between the bounds")
                .replace(comma, "", "remove the comma"),
            );
        }
    }
    found
}
