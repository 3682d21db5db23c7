//! Says which commit a release build is made from, for `vmt --version`.
//!
//! The commit comes from VMT_COMMIT where that is set (a container or a distribution builds without git),
//! else from the git repository that holds this file, else from `.cargo_vcs_info.json`, which cargo puts
//! into a packaged crate. Where none tells, the version stands alone: no build fails for it, and neither
//! clock nor machine gets into the program. Debug builds name no commit, or each commit would mean
//! to compile everything again.

#![allow(clippy::disallowed_methods)] // A build script reads the environment and the disk.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=VMT_COMMIT");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let root = variable("CARGO_MANIFEST_DIR");
    let root = Path::new(&root);
    let given = Some(variable("VMT_COMMIT")).filter(|commit| !commit.is_empty());
    let commit = match variable("PROFILE").as_str() {
        "release" => given.or_else(|| of_git(root)).or_else(|| of_package(root)),
        _ => given,
    };
    let version = variable("CARGO_PKG_VERSION");
    let shown = match commit.as_deref().and_then(short) {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    };
    println!("cargo::rustc-env=VMT_VERSION={shown}");
}

/// The first twelve digits of a commit.
fn short(commit: &str) -> Option<&str> {
    let commit = commit.trim();
    let sound = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    sound.then(|| &commit[..commit.len().min(12)])
}

/// The commit that is checked out.
fn of_git(root: &Path) -> Option<String> {
    // A crate that was unpacked somewhere inside another repository is none of its commits.
    let top = git(root, &["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let commit = git(root, &["rev-parse", "HEAD"])?;
    let branch = git(root, &["symbolic-ref", "--quiet", "HEAD"]);
    // HEAD changes with the branch; the branch, or the packed branches, with a commit; the log with both.
    let watched = ["HEAD", "logs/HEAD", "packed-refs"].into_iter();
    for name in watched.chain(branch.as_deref()) {
        let Some(path) = git(root, &["rev-parse", "--git-path", name]) else {
            continue;
        };
        // What does not exist would mean a new run for each build.
        let path = root.join(path);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    Some(commit)
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The commit that cargo packaged: `{"git": {"sha1": "…"}}`.
fn of_package(root: &Path) -> Option<String> {
    let path = root.join(".cargo_vcs_info.json");
    let text = std::fs::read_to_string(&path).ok()?;
    println!("cargo::rerun-if-changed={}", path.display());
    let (_, rest) = text.split_once("\"sha1\"")?;
    Some(rest.split('"').nth(1)?.to_owned())
}
