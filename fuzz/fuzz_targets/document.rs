//! A document of any text: reading, every rule, every report, every fix. What is found has a place in the file, the
//! reports are sound and move no cursor, and a fix loses no comment and comes to an end.

#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED};
use vmt::corpus::Corpus;
use vmt::diagnostic::{Diagnostic, FileId};
use vmt::release::lock::Lock;
use vmt::report::{Colour, FORMATS, Report};
use vmt::source::Sources;
use vmt::tree::yaml;
use vmt::workspace::Workspace;
use vmt::{document, lint, prose, repair, revise};

/// A lock that knows the releases of nova, and a document.
const LOCK: &str = include_str!("../corpus/releases_lock/small");

static SETTING: LazyLock<(Config, Lock)> = LazyLock::new(|| {
    // Rules run side by side; handing one small document over to a thread and back takes longer than the rules.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
    pool.use_current_thread()
        .build_global()
        .expect("the only pool");
    let (config, problems) = Config::parse(FileId(0), SHIPPED);
    assert!(problems.is_empty());
    let lock = Lock::parse(FileId(1), LOCK).expect("a lock");
    (config, lock)
});

/// How often fixes may make room for others.
const ROUNDS: usize = 8;

fn workspace(text: &str) -> Workspace {
    let (config, lock) = &*SETTING;
    let mut sources = Sources::default();
    let config_file = sources.add("vmt.toml", SHIPPED);
    let lock_file = sources.add("releases.lock", LOCK);
    let file = sources.add("advisories/OSSA-2026-900.yaml", text);
    let (read, problems) = document::read(file, text, None, config);
    if let Some(document) = &read {
        for (_, text) in document.prose() {
            let _ = prose::plain(&prose::parse(&text.value));
        }
    }
    Workspace {
        root: PathBuf::from("/nonexistent"),
        private: PathBuf::from("/nonexistent/embargoed"),
        also_private: Vec::new(),
        sources,
        config: config.clone(),
        corpus: Corpus::new(read.into_iter().collect()),
        reserved: Vec::new(),
        lock: lock.clone(),
        lock_is_broken: false,
        config_problems: Vec::new(),
        problems,
        files: vec![file],
        config_file,
        lock_file: Some(lock_file),
    }
}

fn findings(workspace: &Workspace) -> Vec<Diagnostic> {
    lint::check(workspace, "2026-11-20".parse().expect("a day"))
}

/// Comments without their lines, which a fix may move. Of a value whose key stands twice nobody knows where it ends,
/// and what in it is a comment.
fn comments(text: &str) -> Option<Vec<String>> {
    let (_, problems) = yaml::parse(FileId(0), text);
    if !problems.is_empty() {
        return None;
    }
    let mut all: Vec<String> = revise::comments(text)
        .into_iter()
        .map(|(_, comment)| comment)
        .collect();
    all.sort();
    Some(all)
}

fn check_reports(workspace: &Workspace, findings: &[Diagnostic]) {
    for finding in findings {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let spans = edits.map(|edit| edit.span);
        let related = finding.related.iter().map(|related| related.span);
        for span in [finding.span].into_iter().chain(spans).chain(related) {
            let text = &workspace.sources.file(span.file).text;
            // What is missing at the end of a file has its place one behind it.
            let end = span.range() == (text.len()..text.len() + 1);
            assert!(end || text.get(span.range()).is_some(), "{finding:?}");
        }
    }
    let report = Report {
        findings,
        sources: &workspace.sources,
        documents: 1,
        colour: Colour::Plain,
        width: 100,
    };
    for format in FORMATS.iter().filter(|format| format.name != "sarif") {
        let shown = (format.render)(&report);
        let moves = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!shown.contains(moves), "{}: {shown:?}", format.name);
    }
}

fuzz_target!(|text: &str| {
    let mut workspace = workspace(text);
    let mut found = findings(&workspace);
    check_reports(&workspace, &found);
    for round in 0.. {
        let repairs = repair::plan(&found, &workspace.sources);
        let Some(repair) = repairs.first() else { break };
        assert!(round < ROUNDS, "fixes without end: {:?}", repair.done);
        let before = &workspace.sources.file(repair.file).text;
        if let (Some(before), Some(after)) = (comments(before), comments(&repair.text)) {
            assert_eq!(before, after, "{:?}", repair.done);
        }
        workspace = self::workspace(&repair.text);
        found = findings(&workspace);
    }
});
