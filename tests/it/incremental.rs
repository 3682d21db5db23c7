//! A build that uses what the last one left is equal, byte for byte, to one that makes everything:
//! whatever was edited, added, deleted or renamed in between, and whatever happened to its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::test_runner::{Config, TestRunner};

use crate::env::TestEnv;

/// Documents of the repository that the test works on: they share products, CVEs and mentions.
const DOCUMENTS: [&str; 8] = [
    "advisories/OSSA-2015-002.yaml",
    "advisories/OSSA-2016-004.yaml",
    "advisories/OSSA-2019-005.yaml",
    "advisories/OSSA-2023-002.yaml",
    "advisories/OSSA-2026-007.yaml",
    "advisories/OSSA-2026-034.yaml",
    "notes/OSSN-0054.yaml",
    "notes/OSSN-0092.yaml",
];

fn repository(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("a file of the repository")
}

/// A workspace with some documents and what releases.lock says of two products.
fn workspace() -> TestEnv {
    let env = TestEnv::workspace();
    for name in DOCUMENTS {
        env.write(name, repository(name));
    }
    let mut lock: serde_json::Value =
        serde_json::from_str(&repository("releases.lock")).expect("a lock");
    let of_products = |value: &mut serde_json::Value| {
        let map = value.as_object_mut().expect("an object");
        map.retain(|name, _| ["glance", "cinder"].contains(&name.as_str()));
    };
    of_products(&mut lock["products"]);
    let documents = lock["documents"].as_object_mut().expect("documents");
    documents.values_mut().for_each(of_products);
    documents.retain(|id, _| DOCUMENTS.iter().any(|name| name.contains(id)));
    env.write("releases.lock", lock.to_string());
    env
}

/// Everything below a folder: files with their bytes, folders with a slash.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(path) = waiting.pop() {
        for entry in std::fs::read_dir(&path).expect("a listing") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below it");
            let name = name.to_string_lossy().into_owned();
            let data = path.symlink_metadata().expect("its data");
            if data.is_dir() {
                found.insert(format!("{name}/"), Vec::new());
                waiting.push(path);
            } else {
                assert!(data.is_file(), "{name} is a plain file");
                found.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

#[track_caller]
fn is_as_a_fresh_build(env: &TestEnv, extra: &[&str], what: &str) {
    let arguments = ["build", "--fresh", "--out", "cold/site"];
    let _ = env.vmt(&[&arguments, extra].concat()).exits(0);
    let (warm, cold) = (
        tree(&env.path().join("public")),
        tree(&env.path().join("cold/site")),
    );
    std::fs::remove_dir_all(env.path().join("cold")).expect("it goes");
    let names: Vec<&String> = cold.keys().collect();
    assert_eq!(warm.keys().collect::<Vec<_>>(), names, "after {what}");
    for (name, bytes) in &cold {
        assert!(warm[name] == *bytes, "{name} is stale after {what}");
    }
}

/// A file below a folder, chosen by a number.
fn chosen(folder: PathBuf, number: usize) -> Option<PathBuf> {
    let mut files = vmt::source::list_tree(&folder).ok()?;
    files.sort();
    files.retain(|path| path.to_string_lossy() != ".vmt-output");
    let count = files.len();
    (count > 0).then(|| folder.join(&files[number % count]))
}

fn document(env: &TestEnv, number: usize) -> Option<PathBuf> {
    let folder = ["advisories", "notes"][usize::from(number % 4 == 3)];
    chosen(env.path().join(folder), number / 4)
}

fn edit(path: &Path, change: impl Fn(String) -> String) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    std::fs::write(path, change(text)).expect("a file is written");
}

/// Does something to a workspace and says what.
fn disturb(env: &TestEnv, kind: u8, number: usize) -> String {
    let path = document(env, number);
    let at = |name: &str| env.path().join(name);
    let with = |what: &str, path: Option<PathBuf>, act: &dyn Fn(&Path)| match path {
        Some(path) => {
            act(&path);
            format!("{what} {}", path.display())
        }
        None => "nothing".to_owned(),
    };
    let word = format!("word{number} see OSSA-2023-002 and CVE-2019-{number:04}");
    match kind {
        0 => with("a word in", path, &|path| {
            edit(path, |text| {
                text.replacen("the ", &format!("the {word} "), 2)
            });
        }),
        1 => with("the title of", path, &|path| {
            edit(path, |text| {
                text.replacen("title: ", &format!("title: New{number} "), 1)
            });
        }),
        2 => with("the CVEs of", path, &|path| {
            edit(path, |text| text.replace("CVE-20", "CVE-19"));
        }),
        3 => with("the products of", path, &|path| {
            edit(path, |text| {
                text.replacen("product: ", "product: glance, ", 1)
            });
        }),
        4 => with("the day of", path, &|path| {
            edit(path, |text| text.replacen("date: 20", "date: 19", 1));
        }),
        5 => with("the withdrawal of", path, &|path| {
            edit(path, |text| format!("{text}\nwithdrawn: 2026-10-01\n"));
        }),
        6 => with("a copy of", path, &|path| {
            let text = std::fs::read_to_string(path).expect("a document");
            let id = vmt_id(path);
            let new = format!("OSSA-2025-{:03}", number % 900 + 1);
            if id.starts_with("OSSA") {
                env.write(&format!("advisories/{new}.yaml"), text.replace(&id, &new));
            }
        }),
        7 => with("the deletion of", path, &|path| {
            std::fs::remove_file(path).expect("it goes");
        }),
        8 => with("a new name of", path, &|path| {
            let id = vmt_id(path);
            let new = format!("{}{}", &id[..id.len() - 3], 900 + number % 99);
            let to = path.with_file_name(format!("{new}.yaml"));
            if !to.exists() {
                edit(path, |text| text.replace(&id, &new));
                std::fs::rename(path, to).expect("it is renamed");
            }
        }),
        9 => with("vmt.toml", Some(at("vmt.toml")), &|path| {
            edit(path, |text| {
                text.replacen(
                    "title = \"",
                    &format!("title = \"T{number} "),
                    1 + number % 3,
                )
            });
        }),
        10 => {
            let name = ["site/link.html", "site/rows.html"][number % 2];
            let text = repository(&format!("templates/{name}"));
            env.write(
                &format!("templates/{name}"),
                format!("{text}<!-- {number} -->"),
            );
            name.to_owned()
        }
        11 => {
            let _ = std::fs::remove_dir_all(at("templates"));
            "own templates deleted".to_owned()
        }
        12 => {
            let name = [
                "style.css",
                "own/logo.txt",
                "pages/vmt.md",
                "product",
                "ossa",
            ][number % 5];
            env.write(&format!("site/{name}"), format!("# Own\n\n{number}"));
            format!("site/{name}")
        }
        13 => {
            let _ = std::fs::remove_dir_all(at("site"));
            "own assets deleted".to_owned()
        }
        14 => with("releases.lock", Some(at("releases.lock")), &|path| {
            edit(path, |text| text.replacen("2019-", "2018-", 1 + number % 3));
        }),
        _ => disturb_output(env, kind, number),
    }
}

/// Does something to what was built.
fn disturb_output(env: &TestEnv, kind: u8, number: usize) -> String {
    let public = env.path().join("public");
    let Some(path) = chosen(public.clone(), number) else {
        return "nothing".to_owned();
    };
    let shown = path.display().to_string();
    match kind {
        15 => {
            // Written into, as some editors do: a linked file changes with it.
            let mut bytes = std::fs::read(&path).expect("a file");
            bytes.iter_mut().for_each(|byte| *byte ^= 1);
            std::fs::write(&path, bytes).expect("written");
            format!("{shown} changed by hand")
        }
        16 => {
            std::fs::remove_file(&path).expect("it goes");
            format!("{shown} deleted by hand")
        }
        17 => {
            env.write("public/extra/deep/file.html", "extra");
            env.write("public/ossa/extra.html", "extra");
            "files added by hand".to_owned()
        }
        18 => {
            let folder = path.parent().expect("a folder");
            if folder != public {
                let aside = env.path().join(format!("aside-{number}"));
                let _ = std::fs::remove_dir_all(&aside);
                std::fs::rename(folder, &aside).expect("moved");
                std::os::unix::fs::symlink(&aside, folder).expect("linked");
            }
            format!("the folder of {shown} replaced by a link")
        }
        19 => {
            let older = env.path().join(".vmt-cache/public/older");
            if let Some(path) = chosen(older, number) {
                std::fs::remove_file(&path).expect("it goes");
                std::fs::write(&path, "other").expect("written");
            }
            "a file of the older folder changed".to_owned()
        }
        20 => {
            let path = env.path().join(".vmt-cache/public/manifest");
            if let Ok(mut bytes) = std::fs::read(&path) {
                let at = number % bytes.len();
                bytes[at] ^= 1;
                std::fs::write(&path, bytes).expect("written");
            }
            "the manifest damaged".to_owned()
        }
        21 => {
            let _ = std::fs::remove_dir_all(env.path().join(".vmt-cache"));
            "the cache deleted".to_owned()
        }
        _ => {
            let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_vmt"))
                .args(["-q", "build"])
                .current_dir(env.path())
                .env("VMT_NOW", crate::env::NOW)
                .spawn()
                .expect("a build starts");
            let before = tree(&public);
            std::thread::sleep(std::time::Duration::from_millis(number as u64 % 300));
            child.kill().expect("it is killed");
            let _ = child.wait();
            let after = tree(&public);
            // The old site, or the whole new one.
            let whole = after.len().abs_diff(before.len()) <= before.len() && after.len() > 20;
            assert!(whole, "the site is whole after a kill");
            "a build that was killed".to_owned()
        }
    }
}

fn vmt_id(path: &Path) -> String {
    let stem = path.file_stem().expect("a name");
    stem.to_string_lossy().into_owned()
}

#[test]
fn what_changed_is_made_again_and_nothing_else_is_different() {
    let setting = |name: &str, default: u32| {
        let value = std::env::var(name).ok();
        value.map_or(default, |value| value.parse().expect("a number"))
    };
    let mut runner = TestRunner::new(Config {
        cases: setting("VMT_CASES", 3),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    });
    let steps = proptest::collection::vec((0..23_u8, 0..100_000_usize), 1..8);
    let outcome = runner.run(&steps, |steps| {
        let env = workspace();
        let _ = env.vmt(&["build"]).exits(0);
        let mut done = Vec::new();
        for (kind, number) in steps {
            done.push(disturb(&env, kind, number));
            // A document that cannot be published leaves the old site; the property has nothing to say.
            if env.vmt(&["build"]).code != 0 {
                return Ok(());
            }
            is_as_a_fresh_build(&env, &[], &done.join(", then "));
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn a_static_file_in_the_place_of_a_folder_takes_no_page_away() {
    let env = workspace();
    let page = env.path().join("public/ossa/OSSA-2019-005.html");
    env.write("site/ossa", "A file of one's own.\n");
    for extra in [&[][..], &["--fresh"]] {
        let _ = env.vmt(&[&["build"], extra].concat()).exits(0);
        assert!(page.is_file(), "{extra:?}");
    }
    let _ = env.vmt(&["build", "--check"]).exits(0);
}

#[test]
fn every_kind_of_change_is_seen() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    for kind in 0..23_u8 {
        let what = disturb(&env, kind, 4 + usize::from(kind));
        let _ = env.vmt(&["build"]).exits(0);
        is_as_a_fresh_build(&env, &[], &what);
    }
    let url = ["--base-url", "https://example.org/security"];
    let _ = env.vmt(&["build", url[0], url[1]]).exits(0);
    is_as_a_fresh_build(&env, &url, "another address");
}

#[test]
fn a_build_without_a_change_writes_nothing() {
    let env = workspace();
    let _ = env.vmt(&["build"]).exits(0);
    for _ in 0..2 {
        // Files of the same instant as the manifest are made again: long lists may be among them.
        let output = env.vmt(&["build"]).exits(0);
        assert!(written(&output.stderr) <= 3, "{}", output.stderr);
    }
    let path = env.path().join("advisories/OSSA-2019-005.yaml");
    edit(&path, |text| text.replacen("the ", "the very ", 1));
    let output = env.vmt(&["build"]).exits(0);
    let count = written(&output.stderr);
    assert!((5..60).contains(&count), "{}", output.stderr);
}

/// How many files a build says that it wrote.
fn written(talk: &str) -> usize {
    let end = talk.split("public, ").nth(1).expect("a number");
    let number = end.split(' ').next().expect("a number");
    number.parse().expect("a number")
}
