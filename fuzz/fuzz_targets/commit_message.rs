//! A commit message of any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::git::message::{Findings, Scanner};

fuzz_target!(|message: &[u8]| {
    let mut findings = Findings::default();
    Scanner::new("OSSA").scan(message, &mut findings);
});
