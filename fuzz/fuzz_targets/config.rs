//! A vmt.toml of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = vmt::config::Config::parse(vmt::diagnostic::FileId(0), text);
});
