//! Exit codes, usage and streams.

use crate::env::TestEnv;

#[test]
fn outside_a_workspace_commands_say_how_to_start_one() {
    insta::assert_snapshot!(TestEnv::empty().vmt(&["check"]).exits(2).transcript(), @"
    $ vmt check
    --- stderr
    error: no vmt.toml in [ROOT] or any folder above it
    help: run `vmt init` to start a workspace, or name one with -C
    --- exit 2
    ");
}

#[test]
fn a_broken_vmt_toml_is_shown_with_its_places() {
    let env = TestEnv::workspace();
    env.write("vmt.toml", "[site]\ntitel = \"x\"\nbase-url = 7\n[[series]]\nname = \"zed\"\nreleased = \"yesterday\"\n[rules]\ntitle-stop = \"fatal\"\n");
    insta::assert_snapshot!(env.vmt(&["check"]).exits(2).transcript());
    let _ = env.vmt(&["build"]).exits(2);
    assert!(env.tree("public").is_empty());
    env.write("vmt.toml", "[site\n");
    let _ = env.vmt(&["check"]).exits(2);
    env.write("vmt.toml", b"\xff\xfe");
    let _ = env.vmt(&["check"]).exits(2);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let env = TestEnv::workspace();
    let _ = env.vmt(&["chek"]).exits(2);
    let _ = env.vmt(&["check", "--format", "xml"]).exits(2);
    let _ = env.vmt(&["-C", "nowhere", "check"]).exits(2);
    let _ = env.vmt(&[]).exits(2);
    let _ = env.vmt(&["--help"]).exits(0);
    let mut env = TestEnv::workspace();
    env.set("VMT_NOW", "noon");
    let _ = env.vmt(&["check"]).exits(2);
}

#[test]
fn a_workspace_is_found_from_below() {
    let env = TestEnv::workspace();
    let _ = env.vmt(&["-C", "advisories", "check"]).exits(0);
}

#[test]
fn explain_knows_every_rule_and_suggests_a_near_one() {
    let env = TestEnv::empty();
    insta::assert_snapshot!(env.vmt(&["explain", "version-comma"]).exits(0).transcript());
    insta::assert_snapshot!(env.vmt(&["explain", "version-coma"]).exits(2).transcript(), @"
    $ vmt explain version-coma
    --- stderr
    error: there is no rule `version-coma`
    help: did you mean `version-comma`?
    --- exit 2
    ");
    let list = env.vmt(&["explain"]).exits(0).stdout;
    assert_eq!(list.lines().count(), vmt::lint::all_codes().len());
}

/// A reader that goes away (`vmt explain | head -1`) is no failure.
#[test]
#[cfg(unix)]
fn a_closed_pipe_is_success() {
    let status = std::process::Command::new("sh")
        .args([
            "-c",
            "\"$VMT\" explain --markdown | true; exit ${PIPESTATUS:-0}",
        ])
        .env("VMT", env!("CARGO_BIN_EXE_vmt"))
        .status()
        .expect("sh runs");
    assert!(status.success());
}
