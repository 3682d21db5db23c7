//! `vmt completions`, `vmt man`, `vmt --version`, `vmt init --organisation`, and the files that let
//! others take vmt into use.

use crate::env::TestEnv;

#[test]
fn completions_know_every_command() {
    let env = TestEnv::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = env.vmt(&["completions", shell]).exits(0).stdout;
        for word in ["releases", "preview", "--organisation"] {
            let word = if shell == "fish" {
                word.trim_start_matches('-')
            } else {
                word
            };
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let _ = env.vmt(&["completions", "csh"]).exits(2);
}

/// The script of bash is loaded by bash and offers what fits.
#[test]
#[cfg(unix)]
fn bash_takes_the_completions() {
    let env = TestEnv::empty();
    let script = env.vmt(&["completions", "bash"]).exits(0).stdout;
    env.write("vmt.bash", script);
    let ask = "source ./vmt.bash; COMP_WORDS=(vmt mail pre); COMP_CWORD=2; _vmt vmt pre mail; echo \"${COMPREPLY[@]}\"";
    let Ok(output) = std::process::Command::new("bash")
        .args(["--norc", "-c", ask])
        .current_dir(env.path())
        .output()
    else {
        eprintln!("skipped bash_takes_the_completions: there is no bash");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "preview");
}

#[test]
fn every_command_has_a_manual_page() {
    let env = TestEnv::empty();
    let page = env.vmt(&["man", "mail", "send"]).exits(0).stdout;
    assert!(page.contains(".TH vmt-mail-send 1") && page.contains("\\-\\-dry\\-run"));
    let _ = env.vmt(&["man", "--out", "man"]).exits(0);
    let pages = env.tree("man");
    for name in [
        "vmt.1",
        "vmt-check.1",
        "vmt-mail-send.1",
        "vmt-releases-verify.1",
    ] {
        assert!(pages.iter().any(|page| page == name), "{name} in {pages:?}");
    }
    // Once more is no failure: the pages are replaced.
    let _ = env.vmt(&["man", "--out", "man"]).exits(0);
    insta::assert_snapshot!(env.vmt(&["man", "mail", "sent"]).exits(2).stderr, @"
    error: `vmt mail` has no command `sent`
    help: did you mean `send`?
    ");
}

#[test]
fn the_version_is_that_of_cargo_with_or_without_a_commit() {
    let version = TestEnv::empty().vmt(&["--version"]).exits(0).stdout;
    let rest = version.strip_prefix(concat!("vmt ", env!("CARGO_PKG_VERSION")));
    let rest = rest.expect("name and version").trim();
    let commit = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    assert!(
        rest.is_empty()
            || commit.is_some_and(|commit| commit.bytes().all(|b| b.is_ascii_hexdigit())),
        "{version}"
    );
}

#[test]
fn short_settings_say_what_is_wrong_with_what_was_typed() {
    let env = TestEnv::empty();
    insta::assert_snapshot!(
        env.vmt(&["init", "--organisation", "StarlingX", "--prefix", "stx"]).exits(2).transcript(), @"
    $ vmt init --organisation StarlingX --prefix stx
    --- stderr
    error: `stx` is no sound prefix
    help: use capitals and digits, a capital first
    --- exit 2
    ");
    let _ = env.vmt(&["init", "--organisation", "StarlingX"]).exits(2);
    assert!(env.tree(".").is_empty());
}

#[test]
fn a_pre_commit_hook_names_a_command_that_exists() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).expect("the hooks");
    let entries: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: vmt "))
        .collect();
    assert!(!entries.is_empty());
    let env = TestEnv::workspace();
    for entry in entries {
        let arguments: Vec<&str> = entry.split(' ').collect();
        let _ = env.vmt(&arguments).exits(0);
    }
}

/// The commands and options that recipes for CI use are there.
#[test]
fn recipes_use_commands_and_options_that_exist() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci");
    let env = TestEnv::empty();
    let mut seen = 0;
    for path in vmt::source::list_tree(&folder).expect("the recipes") {
        let text = std::fs::read_to_string(folder.join(&path)).expect("a recipe");
        for line in text.lines() {
            let Some((_, rest)) = line
                .split_once("vmt check ")
                .or(line.split_once("vmt build "))
            else {
                continue;
            };
            let command = if line.contains("vmt check ") {
                "check"
            } else {
                "build"
            };
            let help = env.vmt(&[command, "--help"]).exits(0).stdout;
            for option in rest.split([' ', '"']).filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "{}: {line}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "only {seen} options were found");
}
