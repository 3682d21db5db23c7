//! The documents of this repository are a workspace: they pass the strictest check and build.

use std::path::Path;

use vmt::diagnostic::Severity;
use vmt::lint;
use vmt::model::Kind;
use vmt::workspace::{Include, Workspace};

fn workspace() -> Workspace {
    Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR")), Include::Public, &[])
        .expect("a workspace")
}

#[test]
fn they_pass_with_warnings_denied() {
    let workspace = workspace();
    let today = crate::env::NOW[..10].parse().expect("a day");
    let worse: Vec<String> = lint::check(&workspace, today)
        .iter()
        .filter(|finding| finding.severity > Severity::Advice)
        .map(|finding| {
            let file = workspace.sources.file(finding.span.file);
            format!(
                "{}: {}: {}",
                file.path.display(),
                finding.code.id,
                finding.message
            )
        })
        .collect();
    assert!(worse.is_empty(), "\n{}", worse.join("\n"));
}

#[test]
fn they_cover_every_era() {
    let workspace = workspace();
    let count = |kind| {
        workspace
            .corpus
            .documents()
            .iter()
            .filter(|document| document.kind == kind)
            .count()
    };
    assert!(count(Kind::Advisory) >= 14 && count(Kind::Note) >= 6);
}
