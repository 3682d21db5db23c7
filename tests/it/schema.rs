//! `vmt schema`: the pinned files, and the schema held against the checker.

use jsonschema::Validator;
use serde_json::{Map, Value, json};
use vmt::config::Config;
use vmt::diagnostic::{FileId, Severity};
use vmt::document;
use vmt::model::Kind;
use vmt::tree::{self, Node, yaml};

use crate::env::{TestEnv, pinned, shared};

#[test]
fn the_pinned_schemas_are_up_to_date() {
    let env = TestEnv::empty();
    for kind in ["advisory", "note", "config"] {
        let schema = env.vmt(&["schema", kind]).exits(0).stdout;
        pinned(&format!("schema/{kind}.json"), &schema);
    }
}

fn validator(kind: Kind) -> Validator {
    let schema = TestEnv::empty()
        .vmt(&["schema", kind.name()])
        .exits(0)
        .stdout;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    jsonschema::meta::validate(&schema).expect("the schema is one");
    jsonschema::validator_for(&schema).expect("the schema compiles")
}

/// A tree as a JSON reader sees it when every scalar is a text.
fn to_json(node: &Node) -> Value {
    match &node.value {
        tree::Value::Null => Value::Null,
        tree::Value::Scalar(scalar) => json!(scalar.value),
        tree::Value::List(items) => items.iter().map(to_json).collect(),
        tree::Value::Map(entries) => {
            let map: Map<String, Value> = entries
                .iter()
                .map(|(key, node)| (key.name.clone(), to_json(node)))
                .collect();
            Value::Object(map)
        }
    }
}

/// Whether the checker finds the structure sound.
fn accepted(text: &str, kind: Kind) -> bool {
    let (config, _) = Config::parse(FileId(0), "");
    let (_, problems) = document::read(FileId(0), text, Some(kind), &config);
    problems
        .iter()
        .all(|problem| problem.severity < Severity::Error)
}

fn agree(validator: &Validator, text: &str, kind: Kind, what: &str) -> bool {
    let (Some(tree), problems) = yaml::parse(FileId(0), text) else {
        return true;
    };
    if !problems.is_empty() {
        return true;
    }
    let (schema, checker) = (validator.is_valid(&to_json(&tree)), accepted(text, kind));
    assert_eq!(
        schema, checker,
        "schema and checker disagree on {what}:\n{text}"
    );
    checker
}

/// Every document of the repository and of the real corpus, and 20 mutants of each: a line dropped,
/// doubled as a list, emptied, its key misspelt.
#[test]
fn schema_and_checker_accept_the_same_documents() {
    let mut files = Vec::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, kind) in [("advisories", Kind::Advisory), ("notes", Kind::Note)] {
        files.extend(
            vmt::source::list_yaml(&root.join(folder))
                .expect("a listing")
                .into_iter()
                .map(|path| (path, kind)),
        );
    }
    if let Some(shared) = shared("schema_and_checker_accept_the_same_documents (real corpus)") {
        for (folder, kind) in [
            ("corpus/ossa", Kind::Advisory),
            ("corpus/ossn-yaml", Kind::Note),
        ] {
            files.extend(
                vmt::source::list_yaml(&shared.join(folder))
                    .expect("a listing")
                    .into_iter()
                    .map(|path| (path, kind)),
            );
        }
    }
    let validators = [validator(Kind::Advisory), validator(Kind::Note)];
    let mut refused = 0;
    for (path, kind) in files {
        let validator = &validators[usize::from(kind == Kind::Note)];
        let text = std::fs::read_to_string(&path).expect("a document");
        let what = path.display().to_string();
        assert!(agree(validator, &text, kind, &what), "{what} is refused");
        let lines: Vec<&str> = text.lines().collect();
        for step in 0..20 {
            let at = (step * 7919) % lines.len();
            let mut mutant: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            match step % 4 {
                0 => drop(mutant.remove(at)),
                1 => mutant[at] = mutant[at].replacen(": ", ": [x, {y: z}] #", 1),
                2 => {
                    mutant[at] = mutant[at]
                        .split_inclusive(':')
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                }
                _ => mutant[at] = mutant[at].replacen(':', "x:", 1),
            }
            let mutant = mutant.join("\n") + "\n";
            refused += usize::from(!agree(
                validator,
                &mutant,
                kind,
                &format!("{what}, mutant {step}"),
            ));
        }
    }
    assert!(
        refused > 20,
        "only {refused} mutants were refused: they test nothing"
    );
}
