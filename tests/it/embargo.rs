//! `vmt embargo dates` and what belongs to the life of a private document.

use crate::env::TestEnv;

#[test]
fn dates_are_proposed_and_the_others_explained() {
    let env = TestEnv::workspace();
    let arguments = [
        "embargo",
        "dates",
        "--received",
        "2026-10-01",
        "--notice",
        "2026-11-24",
    ];
    insta::assert_snapshot!(env.vmt(&arguments).exits(0).transcript());
    let asked = [
        "embargo",
        "dates",
        "--notice",
        "2026-11-24",
        "--at",
        "2026-12-01",
        "2026-12-04T10:00:00+02:00",
    ];
    insta::assert_snapshot!(env.vmt(&asked).exits(1).transcript());
    let _ = env.vmt(&["embargo", "dates", "--at", "tomorrow"]).exits(2);
    let json = env
        .vmt(&["embargo", "dates", "--format", "json"])
        .exits(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(
        json["dates"]
            .as_array()
            .is_some_and(|dates| !dates.is_empty())
    );
}

/// A private draft in the folder of private documents.
fn draft(id: &str, received: &str, notice: &str, disclosure: &str) -> String {
    format!(
        "id: {id}\ndate: {}\ntitle: Nova flaw of {id}\ndescription: A Name reported a flaw in Nova.\n\
         affected-products:\n  - {{product: nova, version: '<32.1.1'}}\n\
         vulnerabilities:\n  - cve-id: pending\n\
         embargo:\n  received: {received}\n  notice: {notice}\n  disclosure: {disclosure}\n\
         \x20 patches:\n    - cve-2026-1-stable-2025.2-nova.patch\n",
        &disclosure[..10]
    )
}

#[test]
fn status_shows_clocks_and_what_is_missing() {
    let env = TestEnv::workspace();
    env.write(
        "embargoed/OSSA-2026-DRAFT-bbbb.yaml",
        draft(
            "OSSA-2026-DRAFT-bbbb",
            "2026-10-01",
            "2026-11-24",
            "2026-12-01T15:00:00Z",
        ),
    );
    env.write(
        "embargoed/OSSA-2026-DRAFT-cccc.yaml",
        draft(
            "OSSA-2026-DRAFT-cccc",
            "2026-09-10",
            "2026-11-17",
            "2026-11-24T15:00:00Z",
        ),
    );
    env.write(
        "embargoed/OSSA-2026-DRAFT-dddd.yaml",
        draft(
            "OSSA-2026-DRAFT-dddd",
            "2026-09-10",
            "2026-11-12",
            "2026-11-19T15:00:00Z",
        ),
    );
    env.write(
        "embargoed/sent/OSSA-2026-DRAFT-cccc/notice-1.json",
        r#"{"document": "OSSA-2026-DRAFT-cccc", "kind": "notice", "revision": 1, "message_id": null,
            "moment": "2026-11-17T15:00:00Z", "recipients": [], "evidence": []}"#,
    );
    env.write(
        "advisories/OSSA-2026-001.yaml",
        "id: OSSA-2026-001\ndate: 2026-11-10\ntitle: Nova flaw\ndescription: x\naffected-products:\n  - {product: nova, version: '<30.2.2'}\nvulnerabilities:\n  - cve-id: pending\n",
    );
    insta::assert_snapshot!(
        env.vmt(&["embargo", "status", "--zone", "+09:00"])
            .exits(0)
            .transcript()
    );
    let json = env
        .vmt(&["embargo", "status", "--format", "json"])
        .exits(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["documents"][0]["state"], "published");
    let calendar = env.vmt(&["embargo", "status", "--ics"]).exits(0).stdout;
    assert!(calendar.lines().all(|line| line.len() <= 75) && calendar.matches("\r\n").count() > 30);
    for secret in ["DRAFT", "flaw", "bbbb"] {
        assert!(!calendar.contains(secret), "{secret}");
    }
    assert!(calendar.contains("DTSTART:20261201T150000Z"));
    assert!(
        env.vmt(&["embargo", "status", "--ics", "--named"])
            .exits(0)
            .stdout
            .contains("bbbb")
    );
    let _ = env.vmt(&["embargo", "status", "OSSA-2026-999"]).exits(2);
}

#[test]
fn a_private_draft_has_a_placeholder_and_dates_by_the_policy() {
    let env = TestEnv::workspace();
    let arguments = [
        "new",
        "advisory",
        "--embargoed",
        "--product",
        "nova",
        "--title",
        "Nova: a flaw",
    ];
    let dry = [arguments.as_slice(), &["--dry-run"]].concat();
    let _ = env.vmt(&dry).exits(0);
    assert!(env.tree("embargoed").is_empty());
    let path = env.vmt(&arguments).exits(0).stdout.trim().to_owned();
    assert!(path.starts_with("embargoed/OSSA-2026-DRAFT-"), "{path}");
    let text = env.read(&path);
    assert!(
        text.contains("received: 2026-11-21") && text.contains("disclosure: 2027-02-18T15:00:00Z"),
        "{text}"
    );
    let report = env.vmt(&["check", "--drafts", "--format", "json"]).stdout;
    for rule in [
        "id-malformed",
        "id-file-name",
        "disclosure-off-policy",
        "embargo-dates",
        "unknown-field",
    ] {
        assert!(!report.contains(&format!("\"{rule}\"")), "{rule}: {report}");
    }
    // A second one has other letters; no number is taken.
    let _ = env.vmt(&arguments).exits(0);
    assert_eq!(env.tree("embargoed").len(), 2);
    assert_eq!(
        env.vmt(&["reserve", "advisory", "--dry-run"])
            .exits(0)
            .stdout,
        "OSSA-2026-001\n"
    );
    // In a public document the placeholder is an error, which stops a build.
    let name = path.trim_start_matches("embargoed/");
    let public = text.split("\n# Private while").next().expect("a part");
    env.write(&format!("advisories/{name}"), public);
    let _ = env.vmt(&["build"]).exits(1);
}

#[test]
fn an_old_report_gets_no_disclosure_in_the_past_and_none_is_of_the_future() {
    let env = TestEnv::workspace();
    let new = |day: &str| env.vmt(&["new", "advisory", "--embargoed", "--received", day]);
    let made = new("2026-08-20").exits(0);
    let text = env.read(made.stdout.trim());
    assert!(
        text.contains("received: 2026-08-20") && !text.contains("disclosure: "),
        "{text}"
    );
    assert!(
        made.stderr.contains("no disclosure is proposed"),
        "{}",
        made.stderr
    );
    let _ = new("2026-11-22").exits(2);
}

#[test]
fn a_notice_that_few_read_or_before_the_report_is_objected_to() {
    let env = TestEnv::workspace();
    for (notice, objection) in [
        ("2026-11-28", "goes out on a Saturday"),
        ("2026-11-24", "comes before the report"),
    ] {
        let asked = [
            "embargo",
            "dates",
            "--received",
            "2026-11-25",
            "--notice",
            notice,
            "--at",
            "2026-12-03",
        ];
        let answer = env.vmt(&asked).exits(1);
        assert!(answer.stdout.contains(objection), "{}", answer.transcript());
    }
}

#[test]
fn private_drafts_are_never_built_into_a_public_site() {
    let env = TestEnv::workspace();
    let _ = env.vmt(&["build", "--drafts", "--out", "public"]).exits(2);
    let _ = env.vmt(&["build", "--out", "www"]).exits(0);
    let _ = env.vmt(&["build", "--drafts", "--out", "www"]).exits(2);
    for _ in 0..3 {
        let _ = env.vmt(&["build", "--drafts"]).exits(0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let folder = std::fs::metadata(env.path().join(".vmt-drafts")).expect("a folder");
            assert_eq!(folder.permissions().mode() & 0o777, 0o700);
        }
    }
}

#[test]
fn reservations_are_numbers_that_nothing_else_gets() {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-044.yaml", "id: OSSA-2026-044\n");
    assert_eq!(
        env.vmt(&["reserve", "advisory"]).exits(0).stdout,
        "OSSA-2026-045\n"
    );
    assert_eq!(
        env.vmt(&["reserve", "advisory"]).exits(0).stdout,
        "OSSA-2026-046\n"
    );
    assert_eq!(env.vmt(&["reserve", "note"]).exits(0).stdout, "OSSN-0001\n");
    let path = env.vmt(&["new", "advisory"]).exits(0).stdout;
    assert_eq!(path, "advisories/OSSA-2026-047.yaml\n");
    // Two branches that take the same number have different files, which git does not merge.
    assert_ne!(
        env.read("reservations/OSSA-2026-045"),
        env.read("reservations/OSSA-2026-046")
    );
    assert!(
        !env.vmt(&["check", "--format", "json"])
            .stdout
            .contains("id-gap")
    );
}
