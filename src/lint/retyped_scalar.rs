//! `retyped-scalar`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::model::Text;
use crate::tree::Style;

/// A text that other YAML readers take for a number or a boolean.
pub(super) static CODE: Code = Code {
    id: "retyped-scalar",
    severity: Severity::Advice,
    summary: "a text that other YAML readers take for a number or a boolean",
    explanation: "YAML 1.1 readers, upstream's tools among them, turn an unquoted `2014.1` into a number, \
        `2013.10` into 2013.1, and `no` into false. vmt keeps the text; put it in quotes for the \
        others. `--fix` does.",
    since: None,
    example: Some(Example::advisory(
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\nreporters:\n  - name: no\n    affiliation: An Org\ndescription: No from An Org reported a flaw in Nova.\n",
        "affected-products:\n  - product: nova\n    version: '<32.1.1'\nreporters:\n  - name: 'no'\n    affiliation: An Org\ndescription: No from An Org reported a flaw in Nova.\n",
    )),
};

/// Checks one document.
pub(super) fn check(_: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut texts: Vec<&Text> = vec![&document.title];
    texts.extend(
        document
            .affected
            .iter()
            .flat_map(|affected| [&affected.product, &affected.version]),
    );
    for entry in &document.vulnerabilities {
        texts.extend(entry.text.as_ref());
    }
    texts.extend(document.reporters.iter().map(|reporter| &reporter.name));
    texts
        .into_iter()
        .filter(|text| {
            text.style == Style::Plain && !text.is_blank() && is_retyped(text.value.trim())
        })
        .map(|text| {
            let value = text.value.trim();
            CODE.at(text.span, format!("`{value}` is no text to every reader"))
                .replace(text.span, format!("'{value}'"), "put it in quotes")
        })
        .collect()
}

/// The readings of YAML 1.1 that change a text (yaml.org/type).
fn is_retyped(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let boolean = matches!(
        word.as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false"
    );
    let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
        && text.replace('_', "").parse::<f64>().is_ok();
    let sexagesimal = text.contains(':')
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'));
    boolean || number || sexagesimal
}

#[cfg(test)]
mod tests {
    use super::is_retyped;

    #[test]
    fn what_yaml_11_retypes_is_known() {
        for text in ["2014.1", "no", "On", "010", "1e3", "12:30:45", "-1"] {
            assert!(is_retyped(text), "{text}");
        }
        for text in ["2014.1.2", "nova", "'x'", "<2", "CVE-2026-1234", "inf"] {
            assert!(!is_retyped(text), "{text}");
        }
    }
}
