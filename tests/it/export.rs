//! `vmt export`, and the machine-readable files of `vmt build`.

use serde_json::Value;

use crate::env::{TestEnv, shared};

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova flaw
description: A Name reported a flaw in Nova.
affected-products:
  - {product: nova, version: '<30.2.2, ==31.0.0'}
vulnerabilities:
  - cve-id: CVE-2026-12345
    cvss: CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N
reporters:
  - {name: A Name, affiliation: An Org}
reviews:
  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/1']
";

/// The releases of nova, two lines with a fix and an old one without.
const LOCK: &str = r#"{"lock": 1, "products": {"nova": {"refs": "", "releases": [
"2015.1.0 2015-04-30 kilo", "30.0.0 2024-10-02 2024.2/dalmatian", "30.3.0 2026-03-10 2024.2/dalmatian",
"31.0.0 2025-04-02 2025.1/epoxy", "31.1.0 2026-03-11 2025.1/epoxy"]}},
"documents": {"OSSA-2026-001": {"nova": {"inputs": "", "evidence": ["closes a bug"], "lines": [
{"line": "kilo", "state": "unfixed", "affected": ["2015.1.0"]},
{"line": "2024.2/dalmatian", "state": "fixed", "first": "30.3.0", "affected": ["30.0.0"],
 "commits": ["0123456789012345678901234567890123456789"]},
{"line": "2025.1/epoxy", "state": "fixed", "first": "31.1.0", "affected": ["31.0.0"],
 "commits": ["1123456789012345678901234567890123456789"]}]}}}}"#;

fn workspace() -> TestEnv {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    env.write("releases.lock", LOCK);
    env
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn an_osv_record_names_real_releases_only() {
    let env = workspace();
    let output = env.vmt(&["export", "osv", "OSSA-2026-001"]).exits(0);
    insta::assert_snapshot!(output.stdout);
    let record = json(&output.stdout);
    // An older scheme of numbers is an entry of its own: it is the newer one for PEP 440.
    assert_eq!(
        record["affected"][1]["versions"],
        serde_json::json!(["2015.1.0"])
    );
    // A release of a later day than the document changes the record.
    assert_eq!(record["modified"], "2026-03-11T15:00:00Z");
}

#[test]
fn every_form_of_an_advisory_is_written() {
    let env = workspace();
    insta::assert_snapshot!(
        env.vmt(&["export", "csaf", "OSSA-2026-001"])
            .exits(0)
            .stdout
    );
    insta::assert_snapshot!(env.vmt(&["export", "cve", "OSSA-2026-001"]).exits(0).stdout);
    insta::assert_snapshot!(
        env.vmt(&["export", "cve", "--form", "OSSA-2026-001"])
            .exits(0)
            .stdout
    );
    let _ = env.vmt(&["export", "osv", "--out", "records"]).exits(0);
    assert_eq!(
        env.tree("records"),
        [
            "all.json",
            "all.zip",
            "modified_id.csv",
            "x_OSSA-2026-001.json"
        ]
    );
    let _ = env.vmt(&["export", "osv"]).exits(2);
    let _ = env.vmt(&["export", "osv", "OSSA-2026-009"]).exits(2);
    let _ = env
        .vmt(&["export", "osv", "--form", "OSSA-2026-001"])
        .exits(2);
}

#[test]
fn what_nobody_can_say_is_not_made_up() {
    let env = TestEnv::workspace();
    let unclear = ADVISORY.replace(
        "product: nova, version: '<30.2.2, ==31.0.0'",
        "product: unheard-of, version: TODO",
    );
    env.write("advisories/OSSA-2026-001.yaml", unclear);
    let record = json(&env.vmt(&["export", "osv", "OSSA-2026-001"]).exits(0).stdout);
    assert_eq!(
        record["affected"],
        serde_json::json!([{
            "database_specific": {"affected_text": "TODO"},
            "package": {"ecosystem": "PyPI", "name": "unheard-of", "purl": "pkg:pypi/unheard-of"},
        }])
    );
    let csaf = json(
        &env.vmt(&["export", "csaf", "OSSA-2026-001"])
            .exits(0)
            .stdout,
    );
    let status = &csaf["vulnerabilities"][0]["product_status"];
    assert_eq!(
        *status,
        serde_json::json!({"under_investigation": ["unheard-of:*"]})
    );
    let cve = json(&env.vmt(&["export", "cve", "OSSA-2026-001"]).exits(0).stdout);
    assert_eq!(cve["affected"][0]["defaultStatus"], "unknown");
}

#[test]
fn a_withdrawn_document_stays_marked_and_a_private_one_is_nowhere() {
    let env = workspace();
    env.write(
        "advisories/OSSA-2026-001.yaml",
        format!("{ADVISORY}withdrawn: 2026-04-01\n"),
    );
    let private = ADVISORY
        .replace("2026-001", "2026-002")
        .replace("Nova flaw", "Zebra flaw")
        .replace("CVE-2026-12345", "CVE-2026-54321")
        .replace("+/1", "+/2");
    env.write(
        "advisories/OSSA-2026-002.yaml",
        format!("{private}embargo: {{received: 2026-03-01}}\n"),
    );
    let _ = env.vmt(&["build"]).exits(0);
    let record = json(&env.read("public/osv/x_OSSA-2026-001.json"));
    assert_eq!(record["withdrawn"], "2026-04-01T15:00:00Z");
    assert_eq!(
        record["affected"][0]["versions"],
        serde_json::json!(["30.0.0", "31.0.0"])
    );
    let csaf = env.read("public/.well-known/csaf/white/2026/ossa-2026-001.json");
    assert!(
        csaf.contains("This document was withdrawn on 2026-04-01"),
        "{csaf}"
    );
    for name in env.tree("public") {
        let bytes = std::fs::read(env.path().join("public").join(&name)).expect("a file");
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            !text.contains("Zebra") && !text.contains("2026-002"),
            "{name}"
        );
    }
}

#[test]
fn what_was_published_is_held_to_its_promises() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    let _ = env.vmt(&["check", "--against", "public"]).exits(0);
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("Nova flaw", "Another flaw of Nova"),
    );
    let output = env.vmt(&["check", "--against", "public"]).exits(1);
    assert!(
        output
            .stdout
            .contains("content changed, but `modified` stays"),
        "{}",
        output.stdout
    );
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("Nova flaw", "Another flaw of Nova")
            + "errata: Another title.\nerrata_history: [2026-04-01 - Errata 1, 2026-03-03 - Original Version]\n",
    );
    let _ = env.vmt(&["check", "--against", "public"]).exits(0);
    std::fs::remove_file(env.path().join("advisories/OSSA-2026-001.yaml")).expect("removed");
    let output = env
        .vmt(&["check", "--against", "public", "--format", "json"])
        .exits(1);
    assert_eq!(json(&output.stdout)["breaches"][0]["id"], "OSSA-2026-001");
    let _ = env.vmt(&["check", "--against", "nowhere"]).exits(2);
}

#[test]
fn real_documents_are_valid_in_every_format() {
    let Some(shared) = shared("real_documents_are_valid_in_every_format") else {
        return;
    };
    let env = TestEnv::workspace();
    crate::env::copy_corpus(&env, &shared.join("corpus/ossa"), "advisories");
    crate::env::copy_corpus(&env, &shared.join("corpus/ossn-yaml"), "notes");
    let _ = env.vmt(&["build"]).exits(0);
    let schema: Value = json(vmt::render::data::SCHEMA);
    let all = json(&env.read("public/advisories.json"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let faults: Vec<String> = validator
        .iter_errors(&all)
        .map(|fault| fault.to_string())
        .collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(all["documents"].as_array().map(Vec::len), Some(126));
    let mut records = 0;
    for name in env
        .tree("public/osv")
        .iter()
        .filter(|name| name.starts_with("x_"))
    {
        let record = json(&env.read(&format!("public/osv/{name}")));
        assert_eq!(
            record["id"]
                .as_str()
                .map(|id| format!("{id}.json"))
                .as_ref(),
            Some(name)
        );
        records += 1;
    }
    assert!(records >= 115, "{records}");
}
