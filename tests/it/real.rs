//! The real corpus: everything loads, builds, links and mails.

use std::collections::BTreeSet;
use std::path::Path;

use vmt::diagnostic::Severity;
use vmt::source::list_tree;
use vmt::workspace::{Include, Workspace};

use crate::env::{TestEnv, copy_corpus, shared};

/// A scratch workspace with the corpus in it.
fn workspace(test: &str) -> Option<TestEnv> {
    let shared = shared(test)?;
    let env = TestEnv::workspace();
    for (from, to) in [("corpus/ossa", "advisories"), ("corpus/ossn-yaml", "notes")] {
        copy_corpus(&env, &shared.join(from), to);
    }
    Some(env)
}

#[test]
fn every_real_document_loads_unchanged() {
    let Some(env) = workspace("every_real_document_loads_unchanged") else {
        return;
    };
    // The template given to authors is a document, too, when it is named.
    let template = env.path().join("notes/template.yaml");
    let workspace = Workspace::open(env.path(), Include::Public, &[template]).expect("a workspace");
    let refused: Vec<_> = workspace
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| {
            (
                &workspace.sources.file(problem.span.file).path,
                problem.code.id,
            )
        })
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(workspace.corpus.documents().len(), workspace.files.len());
    assert!(workspace.files.len() >= 127, "{}", workspace.files.len());
}

#[test]
fn every_real_document_has_its_page_and_no_link_is_broken() {
    let Some(env) = workspace("every_real_document_has_its_page_and_no_link_is_broken") else {
        return;
    };
    let _ = env.vmt(&["build"]).exits(0);
    let public = env.path().join("public");
    let files: BTreeSet<String> = list_tree(&public)
        .expect("a listing")
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    for (folder, prefix) in [("advisories", "ossa"), ("notes", "ossn")] {
        for name in env
            .tree(folder)
            .iter()
            .filter(|name| *name != "template.yaml")
        {
            let stem = name.trim_end_matches(".yaml");
            assert!(
                files.contains(&format!("{prefix}/{stem}.html")),
                "{stem} has no page"
            );
            assert!(
                files.contains(&format!("{prefix}/{stem}.txt")),
                "{stem} has no text"
            );
        }
    }
    let mut checked = 0;
    for name in files.iter().filter(|name| name.ends_with(".html")) {
        let page = env.read(&format!("public/{name}"));
        for target in local_links(&page) {
            let base = Path::new(name).parent().unwrap_or(Path::new(""));
            let mut path: Vec<&str> = base.iter().filter_map(|part| part.to_str()).collect();
            for part in target.split('/') {
                if part.is_empty() {
                    // The page for lost addresses links from the top.
                    path.clear();
                } else if part == ".." {
                    let _ = path.pop();
                } else {
                    path.push(part);
                }
            }
            assert!(files.contains(&path.join("/")), "{name} links to {target}");
            checked += 1;
        }
    }
    assert!(checked > 500, "only {checked} links were followed");
}

fn local_links(page: &str) -> Vec<String> {
    page.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(|target| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty())
        .collect()
}

#[test]
fn mails_of_real_documents_fit_their_columns() {
    let Some(env) = workspace("mails_of_real_documents_fit_their_columns") else {
        return;
    };
    let _ = env.vmt(&["build"]).exits(0);
    let mut long = 0;
    let mut lines = 0;
    for name in env
        .tree("public")
        .iter()
        .filter(|name| name.ends_with(".txt"))
    {
        let text = env.read(&format!("public/{name}"));
        for line in text.lines() {
            lines += 1;
            assert_eq!(line.trim_end(), line, "{name}");
            assert!(!line.starts_with('-'), "{name}: {line}");
            let words = line.trim_start_matches([' ', '*']).split(' ').count();
            // Only a verbatim line, or one token, may be wider.
            if line.chars().count() > 72 && words > 1 && !line.starts_with("    ") {
                let token = line.contains("://") || line.contains('`');
                assert!(token, "{name}: {line}");
                long += 1;
            }
        }
    }
    assert!(
        lines > 5_000 && long * 500 < lines,
        "{long} of {lines} lines are too long"
    );
}

/// The table of docs/corpus-findings.md is what the rules report today.
#[test]
fn findings_are_those_that_were_examined() {
    let Some(env) = workspace("findings_are_those_that_were_examined") else {
        return;
    };
    let report = env.vmt(&["check", "--format", "json"]).exits(1);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).expect("JSON");
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for finding in report["diagnostics"].as_array().expect("a list") {
        if finding["severity"] != "advice" {
            *counts
                .entry(finding["rule"].as_str().expect("a rule").to_owned())
                .or_default() += 1;
        }
    }
    let page = include_str!("../../docs/corpus-findings.md");
    let examined: std::collections::BTreeMap<String, usize> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let rule = cells.next()?.trim_end_matches('`').to_owned();
            matches!(cells.next()?, "error" | "warning").then_some(())?;
            let number = |text: &str| text.trim().parse::<usize>().ok();
            Some((rule, number(cells.next()?)? + number(cells.next()?)?))
        })
        .collect();
    assert_eq!(counts, examined);
}
