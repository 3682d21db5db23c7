//! Docs cannot rot: every path of the tree and every command that they name exists.

use std::path::Path;

const DOCS: [&str; 3] = ["README.md", "CONTRIBUTING.md", "tests/README.md"];

/// Those and every page of the book.
fn docs() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = vmt::source::list_tree(&folder).expect("a listing");
    let pages = files
        .iter()
        .map(|path| format!("docs/{}", path.to_string_lossy()))
        .filter(|name| name.ends_with(".md"));
    DOCS.iter()
        .map(|name| (*name).to_owned())
        .chain(pages)
        .collect()
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The pieces of a text in backticks, outside fenced blocks.
fn code(text: &str) -> Vec<&str> {
    let outside = text.split("\n```").step_by(2);
    // Lines that show backticks themselves cannot be cut at them.
    let lines = outside
        .flat_map(str::lines)
        .filter(|line| !line.contains("``"));
    lines
        .flat_map(|line| line.split('`').skip(1).step_by(2))
        .collect()
}

/// The lines of fenced blocks.
fn fenced(text: &str) -> Vec<&str> {
    text.split("\n```")
        .skip(1)
        .step_by(2)
        .flat_map(str::lines)
        .map(str::trim)
        .collect()
}

#[test]
fn every_path_that_the_docs_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in docs() {
        let text = read(&name);
        for piece in code(&text) {
            let rooted = [
                "src/",
                "tests/",
                "docs/",
                "templates/",
                "schema/",
                "site/",
                "benches/",
                ".ci/",
            ];
            let path = piece.split([' ', ':']).next().unwrap_or_default();
            let is_path = rooted.iter().any(|start| path.starts_with(start))
                && !path.contains(['<', '*', '…']);
            assert!(
                !is_path || root.join(path).exists(),
                "{name} names {path}, which is not there"
            );
        }
    }
}

#[test]
fn every_command_that_the_docs_name_exists() {
    let env = crate::env::TestEnv::empty();
    let help = env.vmt(&["--help"]).exits(0).stdout;
    let known: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .collect();
    let mut seen = 0;
    for name in docs() {
        let text = read(&name);
        let pieces = code(&text).into_iter().chain(fenced(&text));
        for piece in pieces.filter(|piece| piece.starts_with("vmt ")) {
            let command = piece.split(' ').nth(1).unwrap_or_default();
            if command.starts_with(|c: char| c.is_ascii_lowercase()) {
                assert!(known.contains(&command), "{name} names `{piece}`");
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "only {seen} commands were found");
}

#[test]
fn the_readme_starts_with_its_two_commands() {
    let readme = read("README.md");
    let (build, test) = (
        readme.find("cargo run --release -- build"),
        readme.find("cargo test"),
    );
    assert!(build.is_some() && build < test);
}

#[test]
fn every_rule_of_mails_is_in_the_docs() {
    let text = read("docs/mail.md");
    for (rule, _) in vmt::mail::policy::RULES {
        assert!(text.contains(&format!("| `{}` |", rule.id)), "{}", rule.id);
    }
}
