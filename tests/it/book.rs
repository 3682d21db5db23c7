//! The book in docs/: what is made by the code is up to date, every link leads somewhere, and every
//! command runs. `docs/README.md` says in which form commands are written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::env::{NOW, TestEnv, pinned};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages by name, with their texts.
fn pages() -> Vec<(String, String)> {
    let folder = root().join("docs");
    let files = vmt::source::list_tree(&folder).expect("a listing");
    let names = files.iter().map(|path| path.to_string_lossy().into_owned());
    names
        .filter(|name| name.ends_with(".md"))
        .map(|name| {
            let text = std::fs::read_to_string(folder.join(&name)).expect("a page");
            (name, text)
        })
        .collect()
}

#[test]
fn the_references_are_up_to_date() {
    let env = TestEnv::empty();
    for (page, arguments) in [
        ("commands", ["man", "--markdown"].as_slice()),
        ("configuration", &["schema", "config", "--markdown"]),
        ("fields-advisory", &["schema", "advisory", "--markdown"]),
        ("fields-note", &["schema", "note", "--markdown"]),
    ] {
        let text = env.vmt(arguments).exits(0).stdout;
        pinned(&format!("docs/{page}.md"), &text);
    }
}

#[test]
fn the_first_page_lists_every_other() {
    let pages = pages();
    let first = pages.iter().find(|(name, _)| name == "README.md");
    let (_, first) = first.expect("docs/README.md");
    let listed: BTreeSet<String> = vmt::prose::page::links(first).into_iter().collect();
    for (name, _) in &pages {
        assert!(
            name == "README.md" || listed.contains(name),
            "docs/README.md does not list {name}"
        );
    }
}

/// Links between pages lead to a page, and to a heading where they name one.
#[test]
fn links_lead_somewhere() {
    let env = TestEnv::empty();
    let out = env.path().join("site");
    let out = out.to_str().expect("a path");
    let _ = env
        .vmt(&[
            "-C",
            root().to_str().expect("a path"),
            "build",
            "--out",
            out,
        ])
        .exits(0);
    for (name, _) in pages() {
        let page = format!("docs/{}", name.replace("README.md", "index.md"));
        let page = page.replace(".md", ".html");
        let html = env.read(&format!("site/{page}"));
        let main = html.split("<main").nth(1).expect("content");
        for link in main.split("href=\"").skip(1) {
            let link = link.split('"').next().expect("an address");
            if link.contains(':') {
                continue;
            }
            let (path, part) = link.split_once('#').unwrap_or((link, ""));
            let target = match path.is_empty() {
                true => page.clone(),
                false => normal(&Path::new(&page).with_file_name(path)),
            };
            let there = env.path().join("site").join(&target);
            assert!(there.is_file(), "{name} leads to {target}");
            assert!(
                part.is_empty()
                    || env
                        .read(&format!("site/{target}"))
                        .contains(&format!("id=\"{part}\"")),
                "{name}: {target} has no heading {part}"
            );
        }
    }
}

/// Goes up where a path says so.
fn normal(path: &Path) -> String {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.to_string_lossy().into_owned()
}

/// The tests that the page on security names exist.
#[test]
fn promises_name_their_tests() {
    let mut functions = BTreeSet::new();
    for folder in ["src", "tests/it"] {
        for path in vmt::source::list_tree(&root().join(folder)).expect("a listing") {
            let text = std::fs::read(root().join(folder).join(path)).expect("a file");
            let text = String::from_utf8_lossy(&text).into_owned();
            let names = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("fn "));
            functions.extend(names.filter_map(|rest| rest.strip_suffix("() {").map(str::to_owned)));
        }
    }
    let page = std::fs::read_to_string(root().join("docs/security.md")).expect("the page");
    let names = page.split('`').skip(1).step_by(2);
    let names: Vec<&str> = names
        .filter(|name| name.contains('_') && !name.contains('/'))
        .collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        assert!(
            functions.contains(name),
            "docs/security.md names the test {name}"
        );
    }
}

#[test]
fn only_a_workspace_that_says_so_has_a_book() {
    let env = TestEnv::workspace();
    env.write("docs/README.md", "# Ours\n\nSee [one](one.md).\n");
    env.write("docs/one.md", "# One\n\n`{{ site.title }}`\n");
    let _ = env.vmt(&["build"]).exits(0);
    assert!(env.tree("public/docs").is_empty());
    let settings = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        settings.replacen("[site]\n", "[site]\ndocs = \"docs\"\n", 1),
    );
    let _ = env.vmt(&["build"]).exits(0);
    assert_eq!(env.tree("public/docs"), ["index.html", "one.html"]);
    assert!(
        env.read("public/docs/index.html")
            .contains("href=\"one.html\"")
    );
    let page = env.read("public/docs/one.html");
    assert!(page.contains("{{ site.title }}") && page.contains("rel=\"prev\""));
    assert!(
        env.read("public/index.html")
            .contains("href=\"docs/index.html\">Ours")
    );
    assert!(!env.read("public/index.html").contains("one.html"));
    std::fs::remove_file(env.path().join("docs/README.md")).expect("removed");
    let failed = env.vmt(&["build"]).exits(3);
    assert!(failed.stderr.contains("docs/README.md") && failed.stderr.contains("lists its pages"));
}

#[test]
fn the_commands_of_the_first_workspace_run() {
    run("tutorial.md", TestEnv::empty());
}

/// Another organisation in ten minutes: exactly the commands of the page.
#[test]
fn the_commands_of_another_organisation_run() {
    let env = TestEnv::empty();
    run("organisation.md", env);
}

#[test]
fn the_commands_of_the_guides_run() {
    // The first two have a test of their own, the rehearsal a runner of its own (`rehearsal`).
    let own = ["tutorial.md", "organisation.md", "rehearsal.md"];
    for (name, text) in pages() {
        if !own.contains(&name.as_str()) && !commands(&text).is_empty() {
            run(&name, published());
        }
    }
}

/// A workspace with the documents of this repository.
fn published() -> TestEnv {
    let env = TestEnv::empty();
    for folder in ["advisories", "notes"] {
        crate::env::copy_corpus(&env, &root().join(folder), folder);
    }
    for file in ["vmt.toml", "releases.lock"] {
        let text = std::fs::read(root().join(file)).expect("a file");
        env.write(file, text);
    }
    let settings = env.read("vmt.toml");
    env.write("vmt.toml", settings.replace("docs = \"docs\"\n", ""));
    env
}

/// A command of a page.
#[derive(Debug)]
struct Step {
    line: usize,
    command: String,
    /// What it prints, as the page shows it; `None` where the page does not say.
    shown: Option<Vec<String>>,
}

/// The commands of a page: whole `sh` blocks, and the lines behind `$` in `console` blocks.
fn commands(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut language: Option<&str> = None;
    for (at, line) in text.lines().enumerate() {
        if let Some(fence) = line.strip_prefix("```") {
            language = match language {
                Some(_) => None,
                None => Some(fence.trim()),
            };
            if language == Some("sh") {
                steps.push(Step {
                    line: at + 1,
                    command: String::new(),
                    shown: None,
                });
            }
            continue;
        }
        match language {
            Some("sh") => {
                let step = steps.last_mut().expect("opened by the fence");
                step.command.push_str(&format!("{line}\n"));
            }
            Some("console") => match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step {
                    line: at + 1,
                    command: format!("{command}\n"),
                    shown: Some(Vec::new()),
                }),
                None => {
                    let step = steps.last_mut().expect("a command before its output");
                    let shown = step.shown.as_mut().expect("a console block");
                    match line.strip_prefix("> ").filter(|_| shown.is_empty()) {
                        Some(more) => step.command.push_str(&format!("{more}\n")),
                        None => shown.push(line.to_owned()),
                    }
                }
            },
            _ => {}
        }
    }
    steps
}

/// Runs the commands of a page one after the other, as one person in one shell would.
fn run(page: &str, env: TestEnv) {
    let text = std::fs::read_to_string(root().join("docs").join(page)).expect("a page");
    let steps = commands(&text);
    assert!(!steps.is_empty(), "{page} has no commands");
    let binary = Path::new(env!("CARGO_BIN_EXE_vmt"));
    let folder = binary.parent().expect("a folder").to_string_lossy();
    let path = std::env::var("PATH").unwrap_or_default();
    // Beside the workspace, so that no listing shows it.
    let state = tempfile::NamedTempFile::new().expect("a file");
    let mut place = env.path().to_path_buf();
    for step in steps {
        let script = format!(
            "set -e\n{}pwd > '{}'\n",
            step.command,
            state.path().display()
        );
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1\n{script}")])
            .current_dir(&place)
            .env_clear()
            .env("PATH", format!("{folder}:{path}"))
            .env("HOME", env.path())
            .env("VMT_NOW", NOW)
            .env("COLUMNS", "100")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("sh runs");
        let printed = String::from_utf8_lossy(&output.stdout);
        let printed = printed.replace(&*env.path().to_string_lossy(), "~");
        let mut shown = step.shown.clone().unwrap_or_default();
        let code = output.status.code().unwrap_or(-1);
        let expected = match shown
            .last()
            .and_then(|line| line.strip_prefix("[exit code "))
        {
            Some(rest) => rest.trim_end_matches(']').parse().expect("an exit code"),
            None => 0,
        };
        if expected != 0 {
            shown.pop();
        }
        let place_of = format!("docs/{page}, line {}: {}", step.line, step.command);
        assert_eq!(code, expected, "{place_of}{printed}");
        if step.shown.is_some() {
            let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
            assert!(
                matches(&shown, &lines),
                "{place_of}the page shows\n{}\n\nbut it prints\n{printed}",
                shown.join("\n")
            );
        }
        if code == 0 {
            let now = std::fs::read_to_string(state.path()).expect("the folder");
            place = PathBuf::from(now.trim());
        }
    }
}

/// Whether a line is what a page shows, as far as it shows it.
fn is_line(shown: &str, printed: &str) -> bool {
    match shown.strip_suffix("...") {
        Some(start) => printed.starts_with(start),
        None => shown.trim_end() == printed,
    }
}

/// Whether lines are what a page shows; a line `...` stands for any number of lines.
fn matches(shown: &[String], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        [dots, rest @ ..] if dots == "..." => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        [line, rest @ ..] => printed
            .split_first()
            .is_some_and(|(first, others)| is_line(line, first) && matches(rest, others)),
    }
}

#[test]
fn commands_are_read_in_the_documented_form() {
    let steps = commands(
        "```console\n$ a <<END\n> b\n> END\nout\n...\n[exit code 1]\n$ c\n```\n\n```sh\nd\ne\n```\n\n```toml\nx\n```\n",
    );
    let shown: Vec<String> = steps
        .iter()
        .map(|step| format!("{:?} {:?}", step.command, step.shown))
        .collect();
    assert_eq!(
        shown,
        [
            r#""a <<END\nb\nEND\n" Some(["out", "...", "[exit code 1]"])"#,
            r#""c\n" Some([])"#,
            r#""d\ne\n" None"#,
        ]
    );
    let line = |text: &str| text.to_owned();
    assert!(matches(
        &[line("a"), line("..."), line("d")],
        &["a", "b", "c", "d"]
    ));
    assert!(!matches(&[line("a"), line("...")], &["b"]));
}
