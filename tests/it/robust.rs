//! What killed runs left, several runs at once, and refusals of the system. `.ci/robust.py` does the same
//! with hundreds of kills, full disks and other users.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::env::{NOW, TestEnv};

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: The first title
description: |
  A Name reported that Nova shows the wrong console.
affected-products:
  - {product: nova, version: '<30.2.2'}
vulnerabilities:
  - cve-id: CVE-2026-12345
reporters:
  - {name: A Name, affiliation: An Org, reported: [CVE-2026-12345]}
issues:
  links: ['https://launchpad.net/bugs/1000001']
reviews:
  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/1000001']
";

fn workspace() -> TestEnv {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    env
}

fn start(env: &TestEnv, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_vmt"))
        .args(arguments)
        .current_dir(env.path())
        .env_clear()
        .env("HOME", env.path())
        .env("VMT_NOW", NOW)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_build_left_goes_with_the_next_one() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    env.write(".vmt-cache/public/fresh-killed/ossa/half.html", "<p>");
    env.write(".vmt-cache/public/.tmpkilled", "half a manifest");
    env.write(
        ".vmt-cache/public/kept/.tmpkilled",
        "half of a piece of work",
    );
    // A kill between the making of this file and its writing.
    env.write(".vmt-cache/.gitignore", "");
    let _ = env.vmt(&["build"]).exits(0);
    let left = names(&env.path().join(".vmt-cache/public"));
    assert_eq!(left, ["kept", "lock", "manifest", "older"]);
    assert!(
        !env.path()
            .join(".vmt-cache/public/kept/.tmpkilled")
            .exists()
    );
    assert_eq!(env.read(".vmt-cache/.gitignore"), "*\n");
}

#[cfg(unix)]
#[test]
fn a_link_to_the_published_folder_stays() {
    let env = workspace();
    std::fs::create_dir(env.path().join("elsewhere")).expect("a folder");
    let link = env.path().join("public");
    std::os::unix::fs::symlink("elsewhere", &link).expect("a link");
    for _ in 0..2 {
        let _ = env.vmt(&["build"]).exits(0);
        assert!(link.is_symlink());
        assert!(env.path().join("elsewhere/index.html").is_file());
    }
    std::fs::remove_file(&link).expect("removed");
    std::os::unix::fs::symlink("nowhere", &link).expect("a link");
    assert!(env.vmt(&["build"]).exits(3).stderr.contains("cannot write"));
    assert!(link.is_symlink());
}

/// Another build is at work: it holds the lock, and has a folder in the making.
fn another_build(env: &TestEnv) -> std::fs::File {
    let lock = std::fs::File::options()
        .write(true)
        .open(env.path().join(".vmt-cache/public/lock"))
        .expect("a lock");
    lock.lock().expect("held");
    env.write(".vmt-cache/public/fresh-running/index.html", "<p>");
    lock
}

#[test]
fn a_build_waits_for_another_and_publishes_what_is_there_then() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    let lock = another_build(&env);
    let mut waiting = start(&env, &["build"]);
    let mut talk = std::io::BufReader::new(waiting.stderr.take().expect("a pipe"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut talk, &mut line).expect("a line");
    assert!(line.contains("another vmt builds into"), "{line}");
    assert!(env.path().join(".vmt-cache/public/fresh-running").is_dir());
    let edited = ADVISORY.replace("The first title", "The second title");
    env.write("advisories/OSSA-2026-001.yaml", edited);
    drop(lock);
    assert!(waiting.wait().expect("an end").success());
    assert!(
        env.read("public/ossa/OSSA-2026-001.html")
            .contains("The second title")
    );
    assert!(!env.path().join(".vmt-cache/public/fresh-running").exists());
}

#[test]
fn builds_into_different_folders_do_not_wait_for_each_other() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    let _lock = another_build(&env);
    let _ = env.vmt(&["build", "--out", "other"]).exits(0);
    assert!(env.path().join(".vmt-cache/public/fresh-running").is_dir());
}

#[test]
fn an_import_that_was_stopped_goes_on() {
    let env = TestEnv::workspace();
    let text = include_str!("../fixtures/import/OSSN-0900");
    env.write("old/OSSN-0900", text);
    env.write("old/OSSN-0901", text.replace("0900", "0901"));
    let import = [
        "import",
        "ossn",
        "--date",
        "2014-08-11",
        "old/OSSN-0900",
        "old/OSSN-0901",
    ];
    let _ = env.vmt(&import).exits(0);
    let whole = env.read("notes/OSSN-0901.yaml");
    std::fs::remove_file(env.path().join("notes/OSSN-0901.yaml")).expect("it goes");
    env.write("notes/.vmt-part-killed", "id: OSS");
    let _ = env.vmt(&import).exits(0);
    assert_eq!(env.read("notes/OSSN-0901.yaml"), whole);
    assert_eq!(
        names(&env.path().join("notes")),
        ["OSSN-0900.yaml", "OSSN-0901.yaml"]
    );
    // A note that says something else is nobody's to replace.
    env.write("notes/OSSN-0900.yaml", "id: OSSN-0900\n");
    std::fs::remove_file(env.path().join("notes/OSSN-0901.yaml")).expect("it goes");
    let refused = env.vmt(&import).exits(2);
    assert!(
        refused.stderr.contains("--force"),
        "{}",
        refused.transcript()
    );
    assert_eq!(names(&env.path().join("notes")), ["OSSN-0900.yaml"]);
}

#[test]
fn who_looks_into_the_outbox_is_in_nobodys_way() {
    let env = workspace();
    // A kill between the making of this file and its writing.
    env.write(".vmt-outbox/.gitignore", "");
    let lock = env.write(".vmt-outbox/.lock-OSSA-2026-001.announce.1", "");
    let looking = std::fs::File::open(lock).expect("a lock");
    looking.lock_shared().expect("held");
    let arguments = [
        "mail",
        "send",
        "OSSA-2026-001",
        "--kind",
        "announce",
        "--dry-run",
        "--allow",
    ];
    let looks = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(60));
        drop(looking);
    });
    let output = env.vmt(&[&arguments[..], &["before-disclosure"]].concat());
    looks.join().expect("an end");
    assert!(
        !output.stderr.contains("another vmt"),
        "{}",
        output.transcript()
    );
    assert_eq!(env.read(".vmt-outbox/.gitignore"), "*\n");
}

#[test]
fn a_refusal_of_the_system_says_where_why_and_what_to_do() {
    let env = workspace();
    env.write("public", "a file where the site goes");
    env.write("exported", "a file where records go");
    for arguments in [vec!["build"], vec!["export", "osv", "--out", "exported"]] {
        let output = env.vmt(&arguments).exits(3);
        let told = output.stderr.contains("error: cannot write [ROOT]/");
        assert!(
            told && output.stderr.contains("\nhelp: "),
            "{}",
            output.transcript()
        );
    }
    assert_eq!(env.read("public"), "a file where the site goes");
}
