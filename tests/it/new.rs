//! `vmt init` and `vmt new`.

use crate::env::TestEnv;

#[test]
fn init_starts_a_workspace_once() {
    let env = TestEnv::empty();
    insta::assert_snapshot!(env.vmt(&["init", "security"]).exits(0).transcript(), @"
    $ vmt init security
    --- stderr
    started a workspace in [ROOT]/security
    next: `vmt new advisory --title \"...\"`, then `vmt check` and `vmt build`
    --- exit 0
    ");
    assert_eq!(
        env.tree("security"),
        [
            ".gitignore",
            "schema/advisory.json",
            "schema/config.json",
            "schema/note.json",
            "vmt.toml"
        ]
    );
    assert!(env.read("security/.gitignore").contains("/embargoed"));
    env.write("security/vmt.toml", "# mine\n");
    let _ = env.vmt(&["init", "security"]).exits(2);
    assert_eq!(env.read("security/vmt.toml"), "# mine\n");
}

#[test]
fn new_takes_the_next_id_of_the_year_and_fills_the_template() {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-007.yaml", "id: OSSA-2026-007\n");
    env.write("embargoed/OSSA-2026-011.yaml", "id: OSSA-2026-011\n");
    let arguments = [
        "new",
        "advisory",
        "--title",
        "Nova: a flaw",
        "--product",
        "Nova",
        "--product",
        "glance_store",
        "--bug",
        "https://bugs.launchpad.net/nova/+bug/1000001",
        "--cve",
        "cve-2026-12345",
    ];
    insta::assert_snapshot!(env.vmt(&arguments).exits(0).stdout, @"advisories/OSSA-2026-012.yaml");
    insta::assert_snapshot!(env.read("advisories/OSSA-2026-012.yaml"));
}

#[test]
fn a_new_document_loads_and_says_what_is_missing() {
    let env = TestEnv::workspace();
    for kind in ["advisory", "note"] {
        let path = env.vmt(&["new", kind]).exits(0).stdout.trim().to_owned();
        let output = env.vmt(&["check", &path, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
        let rules: Vec<&str> = report["diagnostics"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|finding| finding["rule"].as_str())
            .collect();
        for structural in [
            "yaml-syntax",
            "missing-field",
            "wrong-type",
            "unknown-field",
            "id-malformed",
        ] {
            assert!(!rules.contains(&structural), "{rules:?}");
        }
        assert!(rules.contains(&"placeholder-text"), "{rules:?}");
    }
}

#[test]
fn wrong_options_write_nothing() {
    let env = TestEnv::workspace();
    insta::assert_snapshot!(env.vmt(&["new", "advisory", "--product", "novva"]).exits(2).transcript(), @"
    $ vmt new advisory --product novva
    --- stderr
    error: there is no product `novva`
    help: did you mean `nova`?
    --- exit 2
    ");
    let _ = env.vmt(&["new", "advisory", "--cve", "CVE-26-1"]).exits(2);
    let _ = env.vmt(&["new", "advisory", "--bug", "1000001"]).exits(2);
    assert!(env.tree("advisories").is_empty());
}

#[test]
fn nothing_is_overwritten() {
    let env = TestEnv::workspace();
    // A file of that name that is no document with that id.
    env.write("advisories/OSSA-2026-001.yaml", "id: OSSA-2025-001\n");
    insta::assert_snapshot!(env.vmt(&["new", "advisory"]).exits(2).transcript(), @"
    $ vmt new advisory
    --- stderr
    error: [ROOT]/advisories/OSSA-2026-001.yaml exists and is not overwritten
    help: move it away, or write elsewhere
    --- exit 2
    ");
    assert_eq!(
        env.read("advisories/OSSA-2026-001.yaml"),
        "id: OSSA-2025-001\n"
    );
}
