//! Addresses of reviews and bugs: reading never panics, and what is recognised is recognised again by the
//! address that is written for it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::host::{Url, recognise};

fuzz_target!(|text: &str| {
    let _ = Url::parse(text);
    if let Some(found) = recognise(text) {
        let again = recognise(&found.url).expect("our own address is known");
        assert_eq!(again.key, found.key);
        assert!(
            !found
                .url
                .contains(|c: char| c.is_control() || c == '"' || c == '<')
        );
    }
});
