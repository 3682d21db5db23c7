//! Any text as a legacy note: what is imported is a sound note, and goes through a mail unharmed.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED};
use vmt::diagnostic::{FileId, Severity};
use vmt::import::{self, Request};

fuzz_target!(|text: &str| {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    let config = CONFIG.get_or_init(|| Config::parse(FileId(0), SHIPPED).0);
    let request = Request {
        file: FileId(0),
        text,
        stem: "OSSN-0001",
        date: "2014-08-11".parse().ok(),
    };
    let (imported, problems) = import::parse(&request, config);
    let failed = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    assert!(imported.is_some() != failed);
    for problem in problems {
        assert!(text.get(problem.span.range()).is_some());
    }
});
