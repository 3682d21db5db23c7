//! `vmt check` on the real binary.

use crate::env::TestEnv;

const SOUND: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova example flaw
description: |
  A Name from An Org reported a flaw in Nova. All deployments are
  affected.
affected-products:
  - product: nova
    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'
vulnerabilities:
  - cve-id: CVE-2026-12345
reporters:
  - name: A Name
    affiliation: An Org
    reported: [CVE-2026-12345]
issues:
  links:
    - https://launchpad.net/bugs/1000001
reviews:
  2026.1/gazpacho:
    - https://review.opendev.org/c/openstack/nova/+/1000001
  2025.2/flamingo:
    - https://review.opendev.org/c/openstack/nova/+/1000002
  2025.1/epoxy:
    - https://review.opendev.org/c/openstack/nova/+/1000003
  2024.2/dalmatian:
    - https://review.opendev.org/c/openstack/nova/+/1000004
";

fn with(document: &str) -> TestEnv {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", document);
    env
}

fn faulty() -> TestEnv {
    with(
        &SOUND
            .replace("title: Nova example flaw", "titel: Nova example flaw.")
            .replace("<31.2.1", "=31.2.1"),
    )
}

#[test]
fn a_sound_workspace_has_no_findings() {
    insta::assert_snapshot!(with(SOUND).vmt(&["check"]).exits(0).transcript(), @"
    $ vmt check
    checked 1 document: no findings
    --- exit 0
    ");
}

#[test]
fn findings_point_at_the_word() {
    insta::assert_snapshot!(faulty().vmt(&["check"]).exits(1).transcript());
}

#[test]
fn json_has_the_documented_shape() {
    insta::assert_snapshot!(
        faulty()
            .vmt(&["check", "--format", "json"])
            .exits(1)
            .transcript()
    );
}

#[test]
fn sarif_and_annotations_say_the_same() {
    let env = faulty();
    insta::assert_snapshot!(
        env.vmt(&["check", "--format", "github"])
            .exits(1)
            .transcript()
    );
    let sarif: serde_json::Value =
        serde_json::from_str(&env.vmt(&["check", "--format", "sarif"]).exits(1).stdout)
            .expect("JSON");
    let json: serde_json::Value =
        serde_json::from_str(&env.vmt(&["check", "--format", "json"]).exits(1).stdout)
            .expect("JSON");
    let rules = |value: &serde_json::Value, list: &str, field: &str| -> Vec<String> {
        let items = value
            .pointer(list)
            .and_then(serde_json::Value::as_array)
            .expect("a list");
        items
            .iter()
            .map(|item| item[field].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(
        rules(&sarif, "/runs/0/results", "ruleId"),
        rules(&json, "/diagnostics", "rule")
    );
}

#[test]
fn warnings_fail_a_run_only_when_denied() {
    let env = with(&SOUND.replace("Nova example flaw", "Nova example flaw."));
    let _ = env.vmt(&["check"]).exits(0);
    let _ = env.vmt(&["check", "--deny", "warnings"]).exits(1);
}

#[test]
fn fix_mends_in_place_and_keeps_everything_else() {
    let text = SOUND.replace(
        "title: Nova example flaw",
        "title: 'Nova example flaw.'   # a remark",
    );
    let env = with(&text);
    insta::assert_snapshot!(env.vmt(&["check", "--fix"]).exits(0).transcript(), @"
    $ vmt check --fix
    checked 1 document: no findings
    --- stderr
    fixed advisories/OSSA-2026-001.yaml:3: remove the full stop
      - title: 'Nova example flaw.'   # a remark
      + title: 'Nova example flaw'   # a remark
    --- exit 0
    ");
    assert_eq!(
        env.read("advisories/OSSA-2026-001.yaml"),
        text.replace("flaw.'", "flaw'")
    );
}

#[test]
fn a_rule_can_be_changed_or_waived() {
    let env = with(&SOUND.replace("Nova example flaw", "Nova example flaw."));
    let config = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        config.replace("[rules]", "[rules]\ntitle-stop = \"error\""),
    );
    let _ = env.vmt(&["check"]).exits(1);
    env.write(
        "vmt.toml",
        config.replace("[rules]", "[rules]\ntitle-stop = \"off\""),
    );
    let _ = env.vmt(&["check", "--deny", "warnings"]).exits(0);
    let waiver = "\n[[waivers]]\ndocument = \"OSSA-2026-001\"\nrule = \"title-stop\"\nreason = \"so announced\"\nby = \"A. N.\"\n";
    env.write("vmt.toml", format!("{config}{waiver}"));
    let _ = env.vmt(&["check", "--deny", "warnings"]).exits(0);
    env.write("advisories/OSSA-2026-001.yaml", SOUND);
    let output = env.vmt(&["check", "--deny", "warnings"]).exits(1);
    assert!(
        output.stdout.contains("warning[unused-waiver]"),
        "{}",
        output.stdout
    );
}

#[test]
fn only_the_named_files_are_reported() {
    let env = faulty();
    env.write(
        "advisories/OSSA-2026-002.yaml",
        SOUND
            .replace("2026-001", "2026-002")
            .replace("12345", "12346")
            .replace("100000", "200000"),
    );
    let _ = env
        .vmt(&["check", "advisories/OSSA-2026-002.yaml"])
        .exits(0);
    let _ = env
        .vmt(&["check", "advisories/OSSA-2026-001.yaml"])
        .exits(1);
    let outside = env.write("elsewhere/OSSA-2026-003.yaml", "id: x\n");
    let output = env.vmt(&["check", &outside.to_string_lossy()]).exits(1);
    assert!(output.stdout.contains("id-malformed"), "{}", output.stdout);
    let _ = env.vmt(&["check", "missing.yaml"]).exits(1);
}

#[test]
fn bad_files_are_findings_with_a_place_and_no_panic() {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", b"title: caf\xe9\n");
    env.write(
        "advisories/OSSA-2026-002.yaml",
        format!("a: {}", "[".repeat(10_000)),
    );
    env.write("advisories/OSSA-2026-003.yaml", "");
    env.write("advisories/OSSA-2026-004.yaml", "\u{feff}a: 1\n\tb: 2\r\n");
    env.write("advisories/OSSA-2026-005.yaml", "id: ../../etc/passwd\n");
    std::fs::create_dir(env.path().join("advisories/OSSA-2026-006.yaml")).expect("a folder");
    std::fs::File::create(env.path().join("advisories/OSSA-2026-007.yaml"))
        .and_then(|file| file.set_len(50 << 20))
        .expect("a sparse file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        "OSSA-2026-008.yaml",
        env.path().join("advisories/OSSA-2026-008.yaml"),
    )
    .expect("a link");
    env.write(
        "advisories/OSSA-2026-009.yaml",
        "a: &a [x]\nb: [*a, *a]\nc: \"\\e[31m\u{202e}\"\n",
    );
    insta::assert_snapshot!(
        env.vmt(&["check", "--format", "github"])
            .exits(1)
            .transcript()
    );
    let human = env.vmt(&["check", "--color", "never"]).exits(1);
    assert!(
        !human.stdout.contains(['\u{1b}', '\u{202e}']),
        "terminal codes pass through"
    );
}
