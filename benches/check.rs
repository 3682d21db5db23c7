//! Time of `check`, `build` and `mail preview` over a corpus: the real one where VMT_SHARED has it, the
//! documents of the repository otherwise. `cargo bench`.

#![allow(missing_docs, clippy::disallowed_methods)]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use vmt::render::{Collected, Keys, Out, Setting, render_all};
use vmt::template::Templates;
use vmt::view::View;
use vmt::workspace::{Include, Workspace};
use vmt::{config, lint};

/// A workspace with the real corpus in it, in a temporary folder; or this repository.
fn workspace() -> (Option<tempfile::TempDir>, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join(std::env::var("VMT_SHARED").unwrap_or_else(|_| "../shared".into()));
    if !shared.join("corpus").is_dir() {
        return (None, root.to_path_buf());
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("vmt.toml"), config::SHIPPED).expect("settings are written");
    for (from, to) in [("corpus/ossa", "advisories"), ("corpus/ossn-yaml", "notes")] {
        let to = folder.path().join(to);
        std::fs::create_dir(&to).expect("a folder");
        for path in vmt::source::list_yaml(&shared.join(from)).expect("a listing") {
            std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let path = folder.path().to_path_buf();
    (Some(folder), path)
}

fn all(criterion: &mut Criterion) {
    let (_keep, root) = workspace();
    let today = "2026-11-21".parse().expect("a day");
    let open = || Workspace::open(&root, Include::Public, &[]).expect("a workspace");
    criterion.bench_function("read", |bencher| bencher.iter(|| black_box(open())));
    let read = open();
    criterion.bench_function("lint", |bencher| {
        bencher.iter(|| black_box(lint::check(&read, today)));
    });
    criterion.bench_function("read and lint", |bencher| {
        bencher.iter(|| black_box(lint::check(&open(), today)));
    });
    criterion.bench_function("render", |bencher| {
        bencher.iter(|| {
            let templates = Templates::load(&root).expect("templates");
            let assets = vmt::assets::load(&root, None).expect("assets");
            let setting = Setting {
                config: &read.config,
                templates: &templates,
                pages: &assets.pages,
                signed_with: None,
            };
            let view = View::public(&read.corpus, &read.config, &read.lock);
            let (collected, keys) = (Collected::default(), Keys::default());
            let out = Out {
                sink: &collected,
                keys: &keys,
            };
            render_all(&setting, &view, &out, &mut || {}).expect("pages");
            black_box(collected.drain());
        });
    });
}

criterion_group!(benches, all);
criterion_main!(benches);
