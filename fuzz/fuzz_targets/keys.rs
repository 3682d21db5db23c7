//! The list of keys that gpg writes: reading never panics, and no key serves an address that it does not name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::openpgp::{Use, parse_keys};

fuzz_target!(|text: &str| {
    let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a moment");
    for key in parse_keys(text) {
        for wanted in [Use::Sign, Use::Encrypt] {
            let stranger = "nobody@nowhere.example";
            if !key.addresses.iter().any(|address| address == stranger) {
                assert!(key.fault(wanted, stranger, now).is_some());
            }
        }
    }
});
