//! What leaves through git: hooks that others made, files of the private folder, linked worktrees, tags that
//! lead to no commit, folders that were named.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::env::TestEnv;
use crate::repo::{git, repository};

const DRAFT: &str = "\
id: OSSA-2026-DRAFT-q7w2m9
date: 2026-12-08
title: Nova shows consoles of other projects
description: x
affected-products:
  - {product: nova, version: '<32.1.1'}
issues:
  links: ['https://launchpad.net/bugs/2098765']
embargo:
  received: 2026-10-01
";

/// Runs a program with a text on stdin, vmt in its path; returns its exit code and all that it says.
fn fed(env: &TestEnv, program: &str, arguments: &[&str], text: &str) -> (i32, String) {
    let binary = Path::new(env!("CARGO_BIN_EXE_vmt"));
    let folder = binary.parent().expect("a folder").display();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(env.path())
        .env("PATH", format!("{folder}:{path}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // It may end without reading.
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(text.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn pushed(env: &TestEnv, text: &str) -> (i32, String) {
    let binary = env!("CARGO_BIN_EXE_vmt");
    fed(env, binary, &["check", "--leaks", "--pushed"], text)
}

const NOTHING: &str = "0000000000000000000000000000000000000000";

#[test]
fn empty_input_of_a_hook_is_no_empty_push() {
    let env = repository(DRAFT);
    assert_eq!(pushed(&env, "").0, 0);
    let betraying = ["commit", "-q", "--allow-empty", "-m", "Closes 2098765"];
    git(env.path(), &betraying);
    assert_eq!(pushed(&env, "").0, 1);
    assert_eq!(pushed(&env, "\n").0, 1);
    assert_eq!(pushed(&env, "refs/heads/main HEAD\n").0, 2);
    // What is deleted sends nothing.
    let line = format!("(delete) {NOTHING} refs/heads/x {NOTHING}\n");
    assert_eq!(pushed(&env, &line).0, 0);
}

#[test]
fn lines_for_a_hook_of_somebody_else_search_and_feed_it() {
    let env = repository(DRAFT);
    env.write(".git/hooks/pre-push", "#!/bin/sh\ncat >seen\n");
    let refused = env.vmt(&["embargo", "hook"]).exits(2).stderr;
    let lines: Vec<&str> = refused
        .lines()
        .skip_while(|line| !line.starts_with("refs="))
        .collect();
    let hook = env.write("hook", format!("{}\ncat >seen\n", lines.join("\n")));
    let hook = hook.to_string_lossy().into_owned();
    let head = git(env.path(), &["rev-parse", "HEAD"]);
    let line = format!("HEAD {} refs/heads/main {NOTHING}\n", head.trim());
    let (code, said) = fed(&env, "sh", &[&hook], &line);
    assert_eq!(code, 0, "{said}");
    assert_eq!(env.read("seen"), line);
    let betraying = ["commit", "-q", "--allow-empty", "-m", "Closes 2098765"];
    git(env.path(), &betraying);
    let head = git(env.path(), &["rev-parse", "HEAD"]);
    let line = format!("HEAD {} refs/heads/main {NOTHING}\n", head.trim());
    let (code, said) = fed(&env, "sh", &[&hook], &line);
    assert_eq!(code, 1, "{said}");
}

#[test]
fn a_file_of_the_private_folder_is_never_pushed() {
    let env = repository(DRAFT);
    env.write("embargoed/patches/x.patch", "nothing that anybody knows\n");
    git(env.path(), &["add", "-f", "embargoed/patches/x.patch"]);
    git(env.path(), &["commit", "-qm", "Add"]);
    let head = git(env.path(), &["rev-parse", "HEAD"]);
    let line = format!("HEAD {} refs/heads/main {NOTHING}\n", head.trim());
    let (code, said) = pushed(&env, &line);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("embargoed/patches/x.patch"), "{said}");
    let _ = env.vmt(&["check", "--leaks", "--git"]).exits(1);
    // Wherever the private documents are.
    let other = tempfile::tempdir().expect("a folder");
    let other = other.path().to_string_lossy().into_owned();
    let named = ["--private", &other, "check", "--leaks", "--git"];
    let _ = env.vmt(&named).exits(1);
    let _ = env.vmt(&["--private", &other, "check"]).exits(1);
}

#[test]
fn a_private_folder_that_is_named_has_to_exist_and_goes_into_the_hook() {
    let env = repository(DRAFT);
    let betraying = ["commit", "-q", "--allow-empty", "-m", "Closes 2098765"];
    git(env.path(), &betraying);
    let _ = env.vmt(&["--private", "missing", "check"]).exits(2);
    let other = tempfile::tempdir().expect("a folder");
    let other = other.path().to_string_lossy().into_owned();
    // The workspace's own folder is guarded as well.
    let named = ["--private", &other, "check", "--leaks", "--git"];
    let _ = env.vmt(&named).exits(1);
    let dry = ["--private", &other, "embargo", "hook", "--dry-run"];
    let text = env.vmt(&dry).exits(0).stdout;
    assert!(text.contains(&format!("--private '{other}'")), "{text}");
}

#[test]
fn a_linked_worktree_knows_the_private_documents_of_the_main_one() {
    let env = repository(DRAFT);
    let other = tempfile::tempdir().expect("a folder");
    let linked = other.path().join("linked").to_string_lossy().into_owned();
    git(
        env.path(),
        &["worktree", "add", "-q", "-b", "side", &linked],
    );
    let search = ["-C", &linked, "check", "--leaks", "--git"];
    let _ = env.vmt(&search).exits(0);
    let betraying = ["commit", "-q", "--allow-empty", "-m", "Closes 2098765"];
    git(Path::new(&linked), &betraying);
    let _ = env.vmt(&search).exits(1);
}

#[test]
fn tags_of_tags_files_and_folders_are_searched() {
    let hide: [fn(&TestEnv); 3] = [
        |env| {
            git(env.path(), &["tag", "-a", "inner", "-m", "Closes 2098765"]);
            git(
                env.path(),
                &["tag", "-a", "outer", "-m", "Harmless", "inner"],
            );
            git(env.path(), &["tag", "-d", "inner"]);
        },
        |env| {
            env.write("x.txt", "bug 2098765");
            let blob = git(env.path(), &["hash-object", "-w", "x.txt"]);
            git(env.path(), &["tag", "file", blob.trim()]);
        },
        |env| {
            env.write("x.txt", "bug 2098765");
            git(env.path(), &["add", "x.txt"]);
            let tree = git(env.path(), &["write-tree"]);
            git(env.path(), &["rm", "-q", "--cached", "x.txt"]);
            git(env.path(), &["tag", "-a", "folder", "-m", "x", tree.trim()]);
        },
    ];
    for hide in hide {
        let env = repository(DRAFT);
        hide(&env);
        let _ = env.vmt(&["check", "--leaks", "--git"]).exits(1);
    }
}

#[test]
fn a_private_folder_that_git_does_not_ignore_is_an_error() {
    let env = repository(DRAFT);
    let _ = env.vmt(&["check"]).exits(0);
    env.write(".gitignore", "/public\n");
    let found = env.vmt(&["check"]).exits(1);
    assert!(found.stdout.contains("private-in-git"), "{}", found.stdout);
    // A workspace in a repository that is there already.
    let env = TestEnv::empty();
    env.write(".gitignore", "*.o\npublic/");
    let _ = env.vmt(&["init", "."]).exits(0);
    assert_eq!(env.read(".gitignore"), "*.o\npublic/\n/embargoed\n.vmt-*\n");
}

#[test]
fn private_documents_are_known_in_any_depth() {
    for path in ["embargoed/nova/x.yaml", "embargoed/x.YAML"] {
        let env = TestEnv::workspace();
        env.write("embargoed/patches/series.yaml", "- a.patch\n");
        env.write("embargoed/patches/broken.yaml", "a: 'x\n");
        env.write("notes.txt", "bug 2098765");
        let search = ["check", "--leaks", "notes.txt"];
        let _ = env.vmt(&search).exits(0);
        env.write(path, DRAFT);
        let _ = env.vmt(&search).exits(1);
    }
    let mut env = TestEnv::workspace();
    env.write("embargoed/nova/secret-name.yaml", "id: 'x\n");
    let refused = env.vmt(&["check", "--leaks"]).exits(1);
    assert!(refused.stderr.contains("secret-name"), "{}", refused.stderr);
    // A public log gets no name of a file.
    env.set("CI", "true");
    let refused = env.vmt(&["check", "--leaks"]).exits(1);
    assert!(
        !refused.stderr.contains("secret-name"),
        "{}",
        refused.stderr
    );
}

#[test]
fn another_repository_is_searched_with_its_commits_and_through_links() {
    let env = repository(DRAFT);
    let other = repository(DRAFT);
    let path = other.path().to_string_lossy().into_owned();
    std::fs::remove_dir_all(other.path().join("embargoed")).expect("it is removed");
    let _ = env.vmt(&["check", "--leaks", &path]).exits(0);
    let betraying = ["commit", "-q", "--allow-empty", "-m", "Closes 2098765"];
    git(other.path(), &betraying);
    git(other.path(), &["gc", "-q"]);
    let _ = env.vmt(&["check", "--leaks", &path]).exits(1);
    #[cfg(unix)]
    {
        let far = TestEnv::empty();
        far.write("x.txt", "bug 2098765");
        let near = TestEnv::empty();
        std::os::unix::fs::symlink(far.path(), near.path().join("link")).expect("a link");
        std::os::unix::fs::symlink(near.path(), far.path().join("back")).expect("a link");
        let path = near.path().to_string_lossy().into_owned();
        let _ = env.vmt(&["check", "--leaks", &path]).exits(1);
    }
}

#[test]
fn a_cut_history_is_said() {
    let env = repository(DRAFT);
    git(env.path(), &["commit", "-q", "--allow-empty", "-m", "More"]);
    let other = tempfile::tempdir().expect("a folder");
    let from = format!("file://{}", env.path().display());
    git(other.path(), &["clone", "-q", "--depth", "1", &from, "cut"]);
    let cut = other.path().join("cut").to_string_lossy().into_owned();
    let said = env.vmt(&["-C", &cut, "check"]).exits(0).stderr;
    assert!(said.contains("fetch-depth: 0"), "{said}");
}
