//! Changes of documents as bytes. The first line says what is done (`publish ID`, `assign CVE` or `erratum WORDS`), the
//! rest is the document. What comes out parses, says what it should, and everything else that it said before; no comment
//! is lost but those of what is taken out.

#![no_main]

use std::sync::LazyLock;

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED};
use vmt::diagnostic::FileId;
use vmt::model::Document;
use vmt::model::id::cve_id;
use vmt::tree::{Node, Value, yaml};
use vmt::{document, revise};

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::parse(FileId(0), SHIPPED).0);

fuzz_target!(|text: &str| {
    let (order, text) = text.split_once('\n').unwrap_or(("", text));
    let (order, argument) = order.split_once(' ').unwrap_or((order, ""));
    let (argument, day) = (argument.trim(), day("2026-12-08"));
    if argument.is_empty() || argument.contains(char::is_control) {
        return;
    }
    let before = values(text);
    match order {
        // The id is one that vmt gives out.
        "publish"
            if argument
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
        {
            if let Ok(after) = revise::publish(text, argument, day) {
                let changed = ["id", "date", "embargo"];
                assert_eq!(
                    without(&values(&after), &changed),
                    without(&before, &changed)
                );
                assert!(is_part(&comments(&after), &comments(text)), "{after}");
            }
        }
        "assign" => {
            let (Some(cve), Some(read)) = (cve_id(argument), read(text)) else {
                return;
            };
            if let Ok(after) = revise::assign(text, &read, &cve, None, day) {
                let changed = ["vulnerabilities", "reporters"];
                assert_eq!(
                    without(&values(&after), &changed),
                    without(&before, &changed)
                );
                assert_eq!(comments(&after), comments(text));
                let cves: Vec<String> = self::read(&after)
                    .iter()
                    .flat_map(Document::cves)
                    .map(str::to_owned)
                    .collect();
                assert!(cves.contains(&cve), "{after}");
                assert!(
                    read.cves().all(|cve| cves.iter().any(|one| one == cve)),
                    "{after}"
                );
            }
        }
        "erratum" => {
            let Some(read) = read(text) else { return };
            if let Ok((after, number)) = revise::erratum(text, &read, argument, day) {
                let changed = ["errata", "errata_history"];
                assert_eq!(
                    without(&values(&after), &changed),
                    without(&before, &changed)
                );
                assert!(number > 0);
                assert!(is_part(&comments(text), &comments(&after)), "{after}");
                let _ = revise::render_difference(text, &after);
            }
        }
        _ => {}
    }
});

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn read(text: &str) -> Option<Document> {
    document::read(FileId(0), text, None, &CONFIG).0
}

/// What each field of a document says, without places.
fn values(text: &str) -> Vec<(String, String)> {
    let tree = yaml::parse(FileId(0), text).0;
    match tree.map(|tree| tree.value) {
        Some(Value::Map(entries)) => entries
            .iter()
            .map(|(key, node)| (key.name.clone(), shown(node)))
            .collect(),
        _ => Vec::new(),
    }
}

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Map(entries) => {
            let all = entries
                .iter()
                .map(|(key, node)| format!("{:?}: {}", key.name, shown(node)));
            format!("{{{}}}", all.collect::<Vec<_>>().join(", "))
        }
        Value::List(items) => {
            let all = items.iter().map(shown);
            format!("[{}]", all.collect::<Vec<_>>().join(", "))
        }
        Value::Scalar(scalar) => format!("{:?}", scalar.value.trim_end()),
        _ => "nothing".to_owned(),
    }
}

fn without(values: &[(String, String)], names: &[&str]) -> Vec<(String, String)> {
    let kept = values
        .iter()
        .filter(|(name, _)| !names.contains(&name.as_str()));
    kept.cloned().collect()
}

fn comments(text: &str) -> Vec<String> {
    let mut all: Vec<String> = revise::comments(text)
        .into_iter()
        .map(|(_, comment)| comment)
        .collect();
    all.sort();
    all
}

/// Whether a sorted list holds everything of another, as often.
fn is_part(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|one| rest.any(|other| other == one))
}
