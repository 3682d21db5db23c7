//! A releases.lock of any text: what is read renders to the same lock again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::diagnostic::FileId;
use vmt::release::lock::Lock;

fuzz_target!(|text: &str| {
    if let Ok(lock) = Lock::parse(FileId(0), text) {
        let rendered = lock.render();
        let again = Lock::parse(FileId(0), &rendered).expect("what vmt renders it reads");
        assert_eq!(again.render(), rendered);
    }
});
