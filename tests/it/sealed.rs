//! Private files sealed to the keys of the team, with the real GnuPG, and the hook that guards pushes.

use std::process::Command;

use crate::env::TestEnv;
use crate::gpg::{gpg, new_home, new_key};
use crate::repo::git;

const DRAFT: &str = "id: OSSA-2026-DRAFT-q7w2m9\ntitle: Nova shows consoles of other projects\nembargo:\n  received: 2026-10-01\n";

/// A workspace whose team has two keys.
fn workspace() -> Option<TestEnv> {
    let mut env = TestEnv::workspace();
    new_home(&mut env);
    let mut team = Vec::new();
    for name in ["One <one@example.org>", "Two <two@example.org>"] {
        let fingerprint = new_key(&env, name, "default", "default", "never")?;
        let key = gpg(&env, &["--armor", "--export", &fingerprint])?;
        env.write(&format!("keys/{fingerprint}.asc"), key);
        team.push(fingerprint);
    }
    let settings = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        format!("{settings}\n[openpgp]\nteam = {team:?}\n"),
    );
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", DRAFT);
    env.write("embargoed/patches/a.patch", "--- a\n+++ b\n");
    Some(env)
}

#[test]
fn files_are_sealed_and_opened_and_never_lost() {
    let Some(mut env) = workspace() else { return };
    let plain = ["OSSA-2026-DRAFT-q7w2m9.yaml", "patches/a.patch"];
    let sealed = ["OSSA-2026-DRAFT-q7w2m9.yaml.asc", "patches/a.patch.asc"];
    let _ = env.vmt(&["embargo", "seal", "--dry-run"]).exits(0);
    assert_eq!(env.tree("embargoed"), plain);
    let _ = env.vmt(&["embargo", "seal"]).exits(0);
    assert_eq!(env.tree("embargoed"), sealed);
    let text = env.read("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml.asc");
    assert!(text.starts_with("-----BEGIN PGP MESSAGE-----") && !text.contains("Nova"));
    // What is sealed cannot be looked for, so nothing becomes public on the quiet.
    assert!(env.vmt(&["build"]).exits(1).stderr.contains("sealed"));
    let _ = env.vmt(&["build", "--sealed-unsearched"]).exits(0);
    let _ = env.vmt(&["embargo", "open"]).exits(0);
    assert_eq!(env.tree("embargoed"), plain);
    assert_eq!(env.read("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml"), DRAFT);
    // A run that was interrupted before its last step goes on; what differs is not thrown away.
    let _ = env.vmt(&["embargo", "seal"]).exits(0);
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", "id: other\n");
    let _ = env.vmt(&["embargo", "open"]).exits(3);
    assert_eq!(
        env.read("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml"),
        "id: other\n"
    );
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", DRAFT);
    let _ = env.vmt(&["embargo", "open"]).exits(0);
    assert_eq!(env.tree("embargoed"), plain);
    // Without gpg nothing happens, and it is said how to get it.
    env.set("PATH", "/nowhere");
    let failed = env.vmt(&["embargo", "seal"]).exits(3);
    assert!(failed.stderr.contains("install GnuPG"), "{}", failed.stderr);
    assert_eq!(env.tree("embargoed"), plain);
    // Nor with a broken key.
    env.set("PATH", &std::env::var("PATH").unwrap_or_default());
    for name in env.tree("keys") {
        env.write(&format!("keys/{name}"), "no key");
    }
    let _ = env.vmt(&["embargo", "seal"]).exits(3);
    assert_eq!(env.tree("embargoed"), plain);
}

#[test]
fn a_push_that_would_betray_something_is_refused() {
    let env = TestEnv::workspace();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_vmt"));
    let folder = binary.parent().expect("a folder").display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let run = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=A Name", "-c", "user.email=a@example.org"])
            .args(arguments)
            .current_dir(env.path())
            .env("PATH", &path)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git runs");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let other = tempfile::tempdir().expect("a folder");
    git(other.path(), &["init", "-q", "--bare", "."]);
    assert!(run(&["init", "-q", "-b", "main"]).0);
    let _ = env.vmt(&["embargo", "hook", "--dry-run"]).exits(0);
    let _ = env.vmt(&["embargo", "hook"]).exits(0);
    let _ = env.vmt(&["embargo", "hook"]).exits(0);
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", DRAFT);
    let target = other.path().to_string_lossy().into_owned();
    assert!(run(&["remote", "add", "origin", &target]).0);
    assert!(run(&["add", "."]).0 && run(&["commit", "-qm", "Start"]).0);
    let (good, said) = run(&["push", "-q", "origin", "main"]);
    assert!(good, "{said}");
    assert!(
        run(&[
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "Fix: Nova shows\nconsoles of other projects"
        ])
        .0
    );
    let (good, said) = run(&["push", "-q", "origin", "main"]);
    assert!(!good && !said.contains("shows"), "{said}");
    // A hook of somebody else is left alone.
    env.write(".git/hooks/pre-push", "#!/bin/sh\nexit 0\n");
    let _ = env.vmt(&["embargo", "hook"]).exits(2);
    assert_eq!(env.read(".git/hooks/pre-push"), "#!/bin/sh\nexit 0\n");
}

#[test]
fn sealing_takes_nothing_that_is_newer_and_leaves_nothing_in_the_clear() {
    let Some(env) = workspace() else { return };
    let _ = env.vmt(&["embargo", "seal"]).exits(0);
    // A stale plain file beside a sealed one: somebody's work is in the latter.
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", "stale\n");
    let output = env.vmt(&["embargo", "seal"]).exits(3);
    assert!(
        output.stderr.contains("says something else"),
        "{}",
        output.transcript()
    );
    std::fs::remove_file(env.path().join("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml"))
        .expect("it goes");
    // A signature is no sealed file, and is no reason to leave others closed.
    env.write("embargoed/a.asc", "-----BEGIN PGP SIGNATURE-----\n");
    let _ = env.vmt(&["embargo", "open"]).exits(0);
    assert!(
        env.tree("embargoed")
            .iter()
            .any(|name| name == "OSSA-2026-DRAFT-q7w2m9.yaml")
    );
    // What a link leads to would stay as it is.
    env.write("elsewhere", "secret\n");
    std::os::unix::fs::symlink(
        env.path().join("elsewhere"),
        env.path().join("embargoed/link.yaml"),
    )
    .expect("a link");
    let output = env.vmt(&["embargo", "seal"]).exits(3);
    assert!(
        output.stderr.contains("it is a link"),
        "{}",
        output.transcript()
    );
    assert_eq!(env.read("elsewhere"), "secret\n");
}
