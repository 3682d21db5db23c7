//! The reference of rules, for `vmt explain` and docs/rules.md.

use std::fmt::Write as _;

use crate::diagnostic::{Code, Example, Sample};
use crate::prose;

/// Lists the rules, one a line.
pub fn list(codes: &[&Code]) -> String {
    let width = codes.iter().map(|code| code.id.len()).max().unwrap_or(0);
    codes
        .iter()
        .map(|code| {
            format!(
                "{:width$}  {:7}  {}\n",
                code.id,
                code.severity.name(),
                code.summary
            )
        })
        .collect()
}

/// Explains one rule in plain text.
pub fn explain(code: &Code) -> String {
    let mut out = format!("{} ({})\n{}\n\n", code.id, code.severity, code.summary);
    out.push_str(&prose::text::render(&prose::parse(code.explanation), 79));
    out.push('\n');
    if let Some(since) = code.since {
        let _ = writeln!(out, "\nHolds for documents from {since} on.");
    }
    if let Some(example) = &code.example {
        for (title, text) in samples(example) {
            let _ = writeln!(out, "\n{title}:\n\n{}", indented(text));
        }
    }
    out
}

/// Writes the page of all rules in Markdown.
pub fn page(codes: &[&Code]) -> String {
    let mut out = String::from(
        "<!-- Made by `vmt explain --markdown`; a test holds the two together. -->\n\n# Rules of `vmt check`\n\n\
         Each can be switched off or given another severity in `vmt.toml` (`[rules]`), and a single\n\
         finding can be waived with a reason (`[[waivers]]`, or `waivers:` in the document).\n\n\
         | rule | severity | what it reports |\n|---|---|---|\n",
    );
    for code in codes {
        let _ = writeln!(
            out,
            "| [`{0}`](#{0}) | {1} | {2} |",
            code.id, code.severity, code.summary
        );
    }
    for code in codes {
        let _ = write!(
            out,
            "\n## `{}`\n\n{}: {}.\n\n{}\n",
            code.id, code.severity, code.summary, code.explanation
        );
        if let Some(since) = code.since {
            let _ = writeln!(out, "\nHolds for documents from {since} on.");
        }
        if let Some(example) = &code.example {
            for (title, text) in samples(example) {
                let language = if example.sample == Sample::Config {
                    "toml"
                } else {
                    "yaml"
                };
                let _ = write!(
                    out,
                    "\n{title}:\n\n```{language}\n{}\n```\n",
                    text.trim_end()
                );
            }
        }
    }
    out
}

fn samples(example: &Example) -> Vec<(&'static str, &'static str)> {
    [
        ("Reported", Some(example.bad)),
        ("Beside it", example.beside),
        ("Accepted", Some(example.good)),
    ]
    .into_iter()
    .filter_map(|(title, text)| {
        text.filter(|text| !text.is_empty())
            .map(|text| (title, text))
    })
    .collect()
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
