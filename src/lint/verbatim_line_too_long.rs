//! `verbatim-line-too-long`.

use super::Context;
use crate::diagnostic::{Code, Diagnostic, Example, Severity};
use crate::model::Document;
use crate::prose::{self, Block};

/// A line of a code block is too long for a mail.
pub(super) static CODE: Code = Code {
    id: "verbatim-line-too-long",
    severity: Severity::Warning,
    summary: "a line of a code block is too long for a mail",
    explanation: "Mails have 72 columns. Prose is wrapped, but a code block is sent as it stands, indented \
        by four: a line beyond 68 characters breaks somewhere on its way. Break it where its \
        language allows.",
    since: Some("2020-01-01"),
    example: Some(Example::advisory(
        "description: |\n  A Name from An Org reported a flaw in Nova. It is seen in\n\n  ```\n  nova-manage --config-file /etc/nova/nova.conf cell_v2 list_hosts --verbose --all\n  ```\n",
        "description: |\n  A Name from An Org reported a flaw in Nova. It is seen in\n\n  ```\n  nova-manage cell_v2 list_hosts --verbose\n  ```\n",
    )),
};

/// Checks one document.
pub(super) fn check(context: &Context<'_>, document: &Document) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, text) in document.prose() {
        for line in long_lines(&prose::parse(&text.value)) {
            let Some(at) = text.value.find(line.as_str()) else {
                continue;
            };
            let place = context.place(text, at..at + line.len());
            found.push(
                CODE.at(
                    place,
                    format!("a verbatim line of {} columns", line.chars().count()),
                )
                .help(format!("break it at {LIMIT} columns")),
            );
        }
    }
    found
}

/// Columns of a mail without the indentation of a code block.
const LIMIT: usize = 68;

fn long_lines(blocks: &[Block]) -> Vec<String> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Code { text, .. } => {
                let long = |line: &&str| line.chars().count() > LIMIT && !line.contains("://");
                found.extend(text.lines().filter(long).map(str::to_owned));
            }
            Block::List { items, .. } => {
                found.extend(items.iter().flat_map(|item| long_lines(item)));
            }
            Block::Quote(blocks) => found.extend(long_lines(blocks)),
            _ => {}
        }
    }
    found
}
