//! A version expression of any text: faults lie in it, and the canonical form reads back as itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::version::expression::Expression;

fuzz_target!(|text: &str| {
    let expression = Expression::parse(text);
    for fault in &expression.faults {
        assert!(text.get(fault.place.clone()).is_some());
    }
    if let Some(canonical) = expression.canonical() {
        assert_eq!(
            Expression::parse(&canonical).canonical().as_deref(),
            Some(canonical.as_str())
        );
    }
});
