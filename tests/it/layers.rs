//! The layering: a module imports only from the modules above it in lib.rs, and files of one folder
//! import from each other only through their parent.

use std::fs;
use std::path::Path;

fn order() -> Vec<String> {
    include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// The code of a file before its tests: tests may reach anywhere.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    text.split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Names that follow `crate::` in a file, whether in a `use`, a `use crate::{...}` or a path.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let name = |text: &str| -> String {
            text.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        };
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                for piece in list.split_inclusive([',', '{', '}']) {
                    if depth == 0 {
                        found.push(name(piece.trim()));
                    }
                    depth += piece.matches('{').count() as i32 - piece.matches('}').count() as i32;
                    if depth < 0 {
                        break;
                    }
                }
            }
            None => found.push(name(rest)),
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn modules_import_only_from_those_above_them() {
    let order = order();
    assert!(order.len() > 10, "lib.rs lists the modules");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for path in vmt::source::list_tree(&root).expect("a listing") {
        let first = path
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy()
            .replace(".rs", "");
        let Some(own) = order.iter().position(|name| *name == first) else {
            continue;
        };
        for name in imports(&code(&root.join(&path))) {
            match order.iter().position(|other| *other == name) {
                Some(other) if other <= own => {}
                Some(_) => wrong.push(format!(
                    "{} imports {name}, which is below it",
                    path.display()
                )),
                None => wrong.push(format!(
                    "{} names crate::{name}, no module of lib.rs",
                    path.display()
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn rules_do_not_import_each_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint");
    for path in vmt::source::list_tree(&folder).expect("a listing") {
        let rule = !matches!(
            path.to_str(),
            Some(
                "mod.rs"
                    | "context.rs"
                    | "resolved.rs"
                    | "settings.rs"
                    | "table.rs"
                    | "reference.rs"
            )
        );
        if !rule {
            continue;
        }
        for line in code(&folder.join(&path))
            .lines()
            .filter(|line| line.contains("super::"))
        {
            let names = line.split("super::").nth(1).unwrap_or_default();
            assert!(
                names.starts_with("Context")
                    || names.starts_with("{Context")
                    || names.starts_with("Topic"),
                "{}: {line}",
                path.display()
            );
        }
    }
}
