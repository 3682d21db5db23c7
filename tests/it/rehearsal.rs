//! The rehearsal in the docs, run as a transcript; and a publication that is killed at every step.

use std::process::Command;

use crate::env::{TestEnv, pinned};
use crate::gpg::{new_home, new_key};
use crate::peer::Peer;
use crate::repo::git;

/// The letters that stand in the page for the random ones.
const SHOWN: &str = "OSSA-2026-DRAFT-k3x9q2";

/// The port that stands in the page for that of the mail server.
const PORT: &str = "port = 2525";

/// A coordinator's key in a home of its own, outside the workspace that git looks after.
fn coordinator() -> Option<(TestEnv, String)> {
    let mut keys = TestEnv::empty();
    new_home(&mut keys);
    let user = "A Coordinator <coordinator@example.org>";
    let fingerprint = new_key(&keys, user, "ed25519", "sign", "never")?;
    Some((keys, fingerprint))
}

/// Words of mail servers, keys and opaque ids change from run to run.
fn steady(printed: &str, fingerprint: &str) -> String {
    let printed = printed.replace(fingerprint, "0123456789ABCDEF0123456789ABCDEF01234567");
    let line = |line: &str| {
        let line = match line.split_once(": sent: 250") {
            Some((address, _)) => format!("{address}: sent: 250 queued"),
            None => line.to_owned(),
        };
        let opaque = line
            .split(['<', '@'])
            .find(|word| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match opaque.map(str::to_owned) {
            Some(word) => line.replace(&word, "00112233445566778899aabbccddeeff"),
            None => line,
        }
    };
    printed.lines().map(|text| line(text) + "\n").collect()
}

/// Runs the commands of a page, and returns the page with what they printed. Mails go to the server at
/// VMT_REHEARSAL_PORT, or to one of this test.
fn run(page: &str, keys: &TestEnv, fingerprint: &str) -> String {
    let peer = Peer::start(Vec::new());
    let port = std::env::var("VMT_REHEARSAL_PORT").unwrap_or_else(|_| peer.port.to_string());
    let mut env = TestEnv::empty();
    env.set("GNUPGHOME", &keys.path().join("gnupg").to_string_lossy());
    env.set("PATH", &std::env::var("PATH").expect("a path"));
    env.set("VMT_MAIL_FROM", "A Coordinator <coordinator@example.org>");
    env.set("VMT_MAIL_SIGN_WITH", fingerprint);
    let mut draft = SHOWN.to_owned();
    let mut out = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out.push_str(&format!("{line}\n"));
        if let Some(moment) = line
            .strip_prefix("## ")
            .and_then(|line| line.split(": ").next())
        {
            env.set("VMT_NOW", moment);
        }
        let Some(form) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match form.split_once(' ') {
            Some((kind, path)) => {
                let text = block.join("\n").replace(SHOWN, &draft) + "\n";
                let text = text.replace(PORT, &format!("port = {port}"));
                let path = path.replace(SHOWN, &draft);
                let before = if kind == "append" {
                    env.read(&path)
                } else {
                    String::new()
                };
                env.write(&path, before + &text);
                block
                    .iter()
                    .for_each(|line| out.push_str(&format!("{line}\n")));
            }
            None => {
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    let printed = execute(&env, &command.replace(SHOWN, &draft));
                    if draft == SHOWN && command.starts_with("vmt new") {
                        let name = env.tree("embargoed").pop().expect("a draft");
                        draft = name.trim_end_matches(".yaml").to_owned();
                    }
                    let printed = steady(&printed.replace(&draft, SHOWN), fingerprint);
                    out.push_str(&format!("$ {command}\n{printed}"));
                }
            }
        }
        out.push_str("```\n");
    }
    out
}

fn execute(env: &TestEnv, command: &str) -> String {
    let words: Vec<String> = words(command);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["vmt", arguments @ ..] => {
            let output = env.vmt(arguments);
            let exit = if output.code == 0 {
                String::new()
            } else {
                format!("(exit {})\n", output.code)
            };
            format!("{}{}{exit}", output.stdout, output.stderr)
                .replace("[ROOT]/", "")
                .replace("[ROOT]", ".")
        }
        ["git", arguments @ ..] => {
            let who = ["-c", "user.name=A Name", "-c", "user.email=a@example.org"];
            git(env.path(), &[who.as_slice(), arguments].concat())
        }
        ["rm", path] => {
            std::fs::remove_file(env.path().join(path)).expect("a file");
            String::new()
        }
        _ => panic!("the page has a command that the test does not know: {command}"),
    }
}

/// Splits a command at its blanks, those in quotes not counted.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("a word").push(c),
        }
    }
    words
}

#[test]
fn the_rehearsal_of_the_docs_runs_as_it_says() {
    let Some((keys, fingerprint)) = coordinator() else {
        return;
    };
    let page = include_str!("../../docs/rehearsal.md");
    pinned("docs/rehearsal.md", &run(page, &keys, &fingerprint));
}

const DRAFT: &str = "\
id: OSSA-2026-DRAFT-q7w2m9
date: 2026-11-21
title: Nova shows consoles of other projects
description: |
  A Name reported a vulnerability in Nova. A user may see consoles.
affected-products:
  - {product: nova, version: '>=33.0.0 <33.0.2'}
vulnerabilities:
  - cve-id: pending
reporters:
  - name: A Name
issues:
  links: ['https://launchpad.net/bugs/2098765']
reviews:
  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/973151']
# Private while it is here.
embargo:
  received: 2026-10-05
  disclosure: 2026-11-21T11:00:00Z
";

/// A workspace with a private draft, what was sent of it, and a reserved number.
fn ready() -> TestEnv {
    let env = TestEnv::workspace();
    assert_eq!(
        env.vmt(&["reserve", "advisory"]).exits(0).stdout,
        "OSSA-2026-001\n"
    );
    assert_eq!(
        env.vmt(&["reserve", "advisory"]).exits(0).stdout,
        "OSSA-2026-002\n"
    );
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", DRAFT);
    for kind in ["notice", "notice-distros"] {
        env.write(
            &format!("embargoed/sent/OSSA-2026-DRAFT-q7w2m9/{kind}-1.json"),
            format!(
                r#"{{"document": "OSSA-2026-DRAFT-q7w2m9", "kind": "{kind}", "revision": 1, "message_id": null,
                    "moment": "2026-11-17T15:00:00Z", "recipients": [], "evidence": []}}"#
            ),
        );
    }
    env
}

const PUBLISH: [&str; 6] = [
    "embargo",
    "publish",
    "OSSA-2026-DRAFT-q7w2m9",
    "--as",
    "OSSA-2026-002",
    "--no-build",
];

/// What there is at the end, whatever happened on the way.
fn is_published(env: &TestEnv) {
    // A kill leaves temporary files, which are no documents.
    let left = |folder: &str| -> Vec<String> {
        let mut names = env.tree(folder);
        names.retain(|name| !name.contains(".vmt-") && !name.contains("/.tmp"));
        names
    };
    assert_eq!(left("advisories"), ["OSSA-2026-002.yaml"]);
    assert!(
        !env.read("advisories/OSSA-2026-002.yaml")
            .contains("embargo")
    );
    assert!(left("sent").is_empty());
    assert_eq!(left("reservations"), ["OSSA-2026-001"]);
    // Who was told under embargo, and what, stays private.
    assert_eq!(
        left("embargoed"),
        [
            "published/OSSA-2026-DRAFT-q7w2m9.json",
            "sent/OSSA-2026-002/notice-1.json",
            "sent/OSSA-2026-002/notice-distros-1.json"
        ]
    );
    let status = env
        .vmt(&["embargo", "status", "OSSA-2026-002", "--format", "json"])
        .exits(0)
        .stdout;
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    let status = &status["documents"][0];
    assert_eq!(status["received"], "2026-10-05");
    assert_eq!(status["notice_sent"], "2026-11-17T15:00:00Z");
}

#[test]
fn a_publication_is_done_once_and_says_so_again() {
    let env = ready();
    let _ = env
        .vmt(&[PUBLISH.as_slice(), &["--dry-run"]].concat())
        .exits(0);
    assert!(env.tree("advisories").is_empty());
    let first = env.vmt(&PUBLISH).exits(0);
    assert!(
        first
            .stdout
            .contains("vmt mail send OSSA-2026-002 --kind announce\n"),
        "{}",
        first.transcript()
    );
    is_published(&env);
    let again = env.vmt(&PUBLISH).exits(0);
    assert!(again.stderr.contains("already"), "{}", again.transcript());
    is_published(&env);
    let _ = env.vmt(&["build"]).exits(0);
}

#[test]
fn nothing_is_published_before_the_hour_or_unfinished() {
    let mut env = ready();
    env.set("VMT_NOW", "2026-11-21T10:59:59Z");
    let early = env.vmt(&PUBLISH).exits(1);
    assert!(
        early.stderr.contains("in 0d 0h 0m"),
        "{}",
        early.transcript()
    );
    assert!(env.tree("advisories").is_empty());
    let number = [
        "embargo",
        "publish",
        "OSSA-2026-DRAFT-q7w2m9",
        "--as",
        "OSSA-2026-009",
        "--force-early",
    ];
    let _ = env.vmt(&number).exits(2);
    // A placeholder is an error of the document that would be public.
    env.write(
        "embargoed/OSSA-2026-DRAFT-q7w2m9.yaml",
        DRAFT.replace("may see consoles", "TODO"),
    );
    let _ = env
        .vmt(&[PUBLISH.as_slice(), &["--force-early"]].concat())
        .exits(1);
    // So is a branch without a fix.
    env.write(
        "embargoed/OSSA-2026-DRAFT-q7w2m9.yaml",
        DRAFT.replace(
            "  2026.1/gazpacho: [",
            "  2025.2/flamingo: []\n  2026.1/gazpacho: [",
        ),
    );
    let _ = env
        .vmt(&[PUBLISH.as_slice(), &["--force-early"]].concat())
        .exits(1);
    assert!(env.tree("advisories").is_empty() && !env.path().join("embargoed/published").exists());
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", DRAFT);
    let _ = env
        .vmt(&[PUBLISH.as_slice(), &["--force-early"]].concat())
        .exits(0);
    is_published(&env);
}

/// The plan of a publication that was killed before the public file was written.
fn interrupted() -> TestEnv {
    let env = ready();
    env.write(
        "embargoed/published/OSSA-2026-DRAFT-q7w2m9.json",
        r#"{"draft": "OSSA-2026-DRAFT-q7w2m9", "id": "OSSA-2026-002", "day": "2026-11-20"}"#,
    );
    env
}

#[test]
fn a_publication_that_goes_on_checks_everything_again() {
    let env = interrupted();
    let path = "embargoed/OSSA-2026-DRAFT-q7w2m9.yaml";
    env.write(path, DRAFT.replace("may see consoles", "TODO"));
    let _ = env.vmt(&PUBLISH).exits(1);
    assert!(env.tree("advisories").is_empty());
    env.write(path, DRAFT);
    let _ = env.vmt(&PUBLISH).exits(0);
    is_published(&env);
    let text = env.read("advisories/OSSA-2026-002.yaml");
    assert!(text.contains("date: 2026-11-21"), "{text}");
}

#[test]
fn a_number_that_was_taken_meanwhile_is_given_up() {
    let env = interrupted();
    let foreign = "id: OSSA-2026-002\ndate: 2026-11-20\ntitle: Another flaw\ndescription: x\n";
    env.write("advisories/OSSA-2026-002.yaml", foreign);
    let refused = env.vmt(&PUBLISH).exits(1);
    assert!(
        refused.stderr.contains("taken meanwhile") && !refused.stderr.contains("delete"),
        "{}",
        refused.transcript()
    );
    assert!(
        env.path()
            .join("embargoed/sent/OSSA-2026-DRAFT-q7w2m9")
            .exists()
    );
    let mut other = PUBLISH;
    other[4] = "OSSA-2026-001";
    let _ = env.vmt(&other).exits(0);
    assert_eq!(env.read("advisories/OSSA-2026-002.yaml"), foreign);
    assert!(env.path().join("advisories/OSSA-2026-001.yaml").exists());
}

#[test]
fn a_private_document_is_found_wherever_it_lies() {
    for place in [
        "embargoed/nova-console.yaml",
        "advisories/nova-console.yaml",
    ] {
        let env = ready();
        std::fs::remove_file(env.path().join("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml"))
            .expect("a file");
        env.write(place, DRAFT);
        let _ = env.vmt(&PUBLISH).exits(0);
        is_published(&env);
    }
}

#[test]
fn killed_at_any_step_the_same_command_goes_on() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI has to run this: install strace"
        );
        eprintln!(
            "skipped: there is no strace on this machine; the steps are tested in src/embargo/publication.rs"
        );
        return;
    }
    // What changes a disk: a kill at each of these calls is a kill between any two steps.
    let calls = [
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "unlink",
        "unlinkat",
        "mkdir",
        "mkdirat",
        "fsync",
        "chmod",
        "fchmod",
        "write",
        "openat",
    ];
    let mut kills = 0;
    for call in calls {
        // Files are opened by the hundred before anything is written.
        let step = if call == "openat" { 9 } else { 1 };
        for at in (1..).step_by(step) {
            let env = ready();
            if !killed(&env, call, at) {
                is_published(&env);
                break;
            }
            kills += 1;
            // Somewhere the text is there, whole.
            let public = env.path().join("advisories/OSSA-2026-002.yaml").exists();
            let private = env
                .path()
                .join("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml")
                .exists();
            assert!(public || private, "killed at {call} {at}");
            let _ = env.vmt(&PUBLISH).exits(0);
            is_published(&env);
        }
    }
    println!("killed {kills} times, gone on {kills} times");
    assert!(kills >= 20, "only {kills} kills");
}

/// Runs the command, killed at the nth call of a kind; returns whether it came to that.
fn killed(env: &TestEnv, call: &str, at: usize) -> bool {
    let output = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={at}")])
        .arg(env!("CARGO_BIN_EXE_vmt"))
        .args(PUBLISH)
        .current_dir(env.path())
        .env_clear()
        .env("HOME", env.path())
        .env("VMT_NOW", crate::env::NOW)
        .output()
        .expect("strace runs");
    !output.status.success()
}
