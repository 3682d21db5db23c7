//! Requirements files, CycloneDX and SPDX of any text, and the versions in them: a line that is named is one of the list.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::inventory;

fuzz_target!(|text: &str| {
    let lines = text.lines().count();
    for component in inventory::read_requirements(text) {
        let line = component.line.expect("a list has lines");
        assert!((1..=lines).contains(&line), "{component:?}");
        assert!(!component.name.is_empty());
    }
    if let Ok(components) = inventory::read(text) {
        for version in components
            .iter()
            .filter_map(|component| component.version.as_deref())
        {
            let _ = inventory::reduce(version);
        }
    }
    let _ = inventory::reduce(text);
});
