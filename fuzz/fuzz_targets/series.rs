//! OpenStack's releases repository: the status file, a line `===`, the file of a deliverable. What is read of it fits
//! into a vmt.toml, which reads back as the same series, and the same facts change nothing.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, Series};
use vmt::diagnostic::FileId;
use vmt::series;

const SETTINGS: &str = "organisation = \"Example\"\n\n[[products]]\nname = \"nova\"\ntitle = \"Nova\"\n\n\
    [[series]]\nname = \"austin\"\nreleased = \"2010-10-21\"\n\n[series.first-releases]\nnova = \"2010.1\"\n\n\
    [rules]\ntitle-length = \"off\"\n";

static CONFIG: LazyLock<(Config, usize)> = LazyLock::new(|| {
    let (config, problems) = Config::parse(FileId(0), SETTINGS);
    (config, problems.len())
});

fn shown(series: &[Series]) -> Vec<String> {
    series.iter().map(|one| format!("{one:?}")).collect()
}

fuzz_target!(|text: &str| {
    let (config, problems) = &*CONFIG;
    let (status, deliverable) = text.split_once("\n===\n").unwrap_or((text, ""));
    let files = [(
        "x".to_owned(),
        "x/nova.yaml".to_owned(),
        deliverable.to_owned(),
    )];
    let files = if deliverable.is_empty() {
        &[][..]
    } else {
        &files[..]
    };
    let Ok(facts) = series::read(("status", status), files, config) else {
        return;
    };
    let merged = series::merge(&config.series, facts.series);
    let written = series::replace(SETTINGS, &merged);
    let (read, found) = Config::parse(FileId(0), &written);
    let sound = merged.iter().all(|one| !one.name.trim().is_empty());
    if found.len() == *problems && sound {
        assert_eq!(shown(&read.series), shown(&merged), "{written}");
        let again = series::replace(&written, &series::merge(&read.series, read.series.clone()));
        assert_eq!(again, written);
    }
    assert_eq!(read.rules.len(), config.rules.len(), "{written}");
    assert_eq!(read.products.len(), config.products.len(), "{written}");
});
