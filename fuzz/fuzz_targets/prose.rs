//! Prose of any text, to a page and to a mail.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::prose;

fuzz_target!(|text: &str| {
    let blocks = prose::parse(text);
    let page = prose::html::render(&blocks, 2);
    assert!(!page.to_lowercase().contains("<script"));
    let _ = prose::text::render(&blocks, 72);
});
