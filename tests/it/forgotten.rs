//! A file that nobody names never runs: no test module, rule or snapshot is left out.

use std::path::Path;

fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = vmt::source::list_tree(&folder).expect("a listing");
    files
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_test_file_is_a_module() {
    let main = include_str!("main.rs");
    for name in names("tests/it")
        .iter()
        .filter_map(|name| name.strip_suffix(".rs"))
    {
        assert!(
            name == "main" || main.contains(&format!("mod {name};")),
            "{name}.rs is not in main.rs"
        );
    }
}

#[test]
fn every_rule_file_is_in_the_table() {
    let (module, table) = (
        include_str!("../../src/lint/mod.rs"),
        include_str!("../../src/lint/table.rs"),
    );
    for name in names("src/lint")
        .iter()
        .filter_map(|name| name.strip_suffix(".rs"))
    {
        if matches!(
            name,
            "mod" | "context" | "resolved" | "settings" | "table" | "reference"
        ) {
            continue;
        }
        assert!(
            module.contains(&format!("mod {name};")),
            "{name}.rs is not in lint/mod.rs"
        );
        let row = |kind: &str| table.contains(&format!("{kind} {name},"));
        assert!(
            row("Document") || row("Corpus"),
            "{name}.rs has no row in lint/table.rs"
        );
    }
}

#[test]
fn a_rule_file_has_the_name_of_its_rule() {
    for rule in vmt::lint::RULES {
        let file = format!("{}.rs", rule.code.id.replace('-', "_"));
        assert!(names("src/lint").contains(&file), "{file} is missing");
    }
}
