//! A vmt.toml of any text: what is wrong with it lies in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::config::Config;
use vmt::diagnostic::FileId;

fuzz_target!(|text: &str| {
    let (_, problems) = Config::parse(FileId(0), text);
    for problem in problems {
        assert!(text.get(problem.span.range()).is_some(), "{problem:?}");
    }
});
