//! The skeletons of the real histories: what is resolved of them, against the git program and against
//! the findings that people examined.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use vmt::git::Repository;
use vmt::release::{self, Reach};
use vmt::version::claim::Claim;
use vmt::workspace::{Include, Workspace};

use crate::env::{TestEnv, copy_corpus, shared};
use crate::repo::git;

/// The clones, imported once and kept with the build; `None` where the skeletons are not here.
fn clones() -> Option<&'static Path> {
    static CLONES: OnceLock<Option<PathBuf>> = OnceLock::new();
    CLONES.get_or_init(import).as_deref()
}

fn import() -> Option<PathBuf> {
    let shared = shared("histories")?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("histories");
    std::fs::create_dir_all(&folder).expect("a folder");
    for path in vmt::source::list_tree(&shared.join("histories")).expect("a listing") {
        let name = path.to_string_lossy().into_owned();
        let Some(product) = name.strip_suffix(".fi.zst") else {
            continue;
        };
        let clone = folder.join(format!("{product}.git"));
        if clone.is_dir() {
            continue;
        }
        // Imported beside and renamed, so that an interrupted import is not taken for a clone.
        let fresh = folder.join(format!(".{product}.{}", std::process::id()));
        git(
            &folder,
            &["init", "--quiet", "--bare", &fresh.to_string_lossy()],
        );
        let packed = std::fs::File::open(shared.join("histories").join(&path)).expect("a skeleton");
        let mut unpacked = zstd::Decoder::new(packed).expect("a decoder");
        unpacked.window_log_max(27).expect("a window");
        let mut imported = Command::new("git")
            .arg("-C")
            .arg(&fresh)
            .args(["fast-import", "--done", "--quiet"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("git runs");
        let mut input = imported.stdin.take().expect("a pipe");
        std::io::copy(&mut unpacked, &mut input).expect("unpacked");
        drop(input);
        assert!(imported.wait().expect("an end").success(), "{product}");
        // Another process of the tests may have been first.
        if std::fs::rename(&fresh, &clone).is_err() {
            assert!(clone.is_dir(), "a clone");
            std::fs::remove_dir_all(&fresh).expect("it goes");
        }
    }
    Some(folder)
}

/// The real advisories in a workspace of their own, resolved.
fn resolved(test: &str) -> Option<TestEnv> {
    let shared = shared(test)?;
    let clones = clones()?;
    let env = TestEnv::workspace();
    copy_corpus(&env, &shared.join("corpus/ossa"), "advisories");
    let _ = env
        .vmt(&["releases", "resolve", "--clones", &clones.to_string_lossy()])
        .exits(0);
    Some(env)
}

#[test]
fn verdicts_are_those_that_were_examined() {
    let Some(env) = resolved("verdicts_are_those_that_were_examined") else {
        return;
    };
    let workspace = Workspace::open(env.path(), Include::Public, &[]).expect("a workspace");
    let (mut all, mut found, mut text) = (0, 0, String::new());
    for pair in release::all_pairs(&workspace.corpus, &workspace.config) {
        all += 1;
        let id = pair.document.name();
        let entry = workspace.lock.entry(id, pair.product).expect("an entry");
        found += usize::from(entry.resolution.unresolved.is_none());
        let Some(locked) = workspace.lock.product(pair.product) else {
            writeln!(text, "{id} {}: no history", pair.product).expect("written");
            continue;
        };
        let verdict = release::verdict::verdict(entry, &pair.claim, locked);
        write!(text, "{id} {}: {}", pair.product, verdict.judgement).expect("written");
        for (word, releases) in [
            ("undeclared", &verdict.undeclared),
            ("unaffected", &verdict.unaffected),
        ] {
            if !releases.is_empty() {
                let names: Vec<&str> = releases
                    .iter()
                    .map(|release| release.version.as_str())
                    .collect();
                write!(text, "; {word} {}", names.join(" ")).expect("written");
            }
        }
        for reason in &verdict.open {
            write!(text, "; {reason}").expect("written");
        }
        text.push('\n');
    }
    // Two of the products have no history here.
    assert!(found * 100 >= all * 93, "{found} of {all} pairs resolved");
    insta::assert_snapshot!("verdicts", text);
    let first = |id: &str, product: &str, line: &str| {
        let entry = workspace.lock.entry(id, product).expect("an entry");
        entry.line(line).and_then(|outcome| outcome.first.clone())
    };
    // The known cases.
    assert_eq!(
        first("OSSA-2024-004", "ironic", "2024.2/dalmatian").as_deref(),
        Some("26.1.1")
    );
    assert_eq!(
        first("OSSA-2026-012", "ironic", "2026.2/hibiscus").as_deref(),
        Some("37.0.0")
    );
    let fixed = [
        "2024.2/dalmatian",
        "2025.1/epoxy",
        "2025.2/flamingo",
        "2026.1/gazpacho",
    ]
    .map(|line| first("OSSA-2026-008", "ironic", line).unwrap_or_default());
    assert_eq!(fixed, ["26.1.6", "29.0.5", "32.0.1", "35.0.1"]);
    // The release that the advisory of the range `<30.2.2` names was never made.
    assert_eq!(
        first("OSSA-2026-002", "nova", "2024.2/dalmatian").as_deref(),
        Some("30.3.0")
    );
}

#[test]
fn every_real_version_text_has_its_reading() {
    let Some(shared) = shared("every_real_version_text_has_its_reading") else {
        return;
    };
    let env = TestEnv::workspace();
    copy_corpus(&env, &shared.join("corpus/ossa"), "advisories");
    let workspace = Workspace::open(env.path(), Include::Public, &[]).expect("a workspace");
    let mut text = String::new();
    for pair in release::all_pairs(&workspace.corpus, &workspace.config) {
        let reading = match &pair.claim {
            Claim::Set(set) => set.to_string(),
            Claim::Loose(set) => format!("{set}, as released by then"),
            Claim::Unknown(gap) => format!("unknown: {gap}"),
        };
        let written = pair
            .declared
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        writeln!(
            text,
            "{} {} | {written} | {reading}",
            pair.document.name(),
            pair.product
        )
        .expect("written");
    }
    insta::assert_snapshot!("version_readings", text);
}

#[test]
fn reachability_is_what_git_says() {
    let Some(clones) = clones() else { return };
    for (product, samples) in [("glance", 25), ("ironic", 25), ("swift", 15), ("nova", 4)] {
        let path = clones.join(format!("{product}.git"));
        let repository = Repository::open(&path).expect("a repository");
        let refs = repository.refs().expect("refs");
        let history = repository.read(&refs, "OSSA").expect("a history");
        // Spread over the history by a fixed stride, so that a failure comes again.
        let stride = history.len() / samples;
        let wanted: Vec<u32> = (0..samples)
            .map(|at| u32::try_from(at * stride + 7).expect("small"))
            .collect();
        let reach = Reach::new(&history, &wanted);
        for (bit, commit) in wanted.iter().enumerate() {
            let id = history.id(*commit);
            let theirs: BTreeSet<String> = git(&path, &["tag", "--contains", &id])
                .lines()
                .map(str::to_owned)
                .collect();
            let tags = history
                .refs
                .iter()
                .filter(|found| found.kind == vmt::git::RefKind::Tag);
            let ours: BTreeSet<String> = tags
                .filter(|tag| reach.holds(tag.commit, bit))
                .map(|tag| tag.name.clone())
                .collect();
            assert_eq!(ours, theirs, "{product} {id}");
        }
    }
}
