//! Journals of messages: reading never panics, and a recipient has one fate, which a further reading does not
//! change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::outbox::journal::{Status, parse};

fuzz_target!(|text: &str| {
    let recipients = ["a@example.org".to_owned(), "b@example.org".to_owned()];
    let Ok(records) = parse(text) else { return };
    let status = Status::of(&recipients, &records);
    assert_eq!(status.fates.len(), 2);
    assert_eq!(Status::of(&recipients, &records), status);
});
