//! Requirements files, CycloneDX and SPDX of any text, and the versions in them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::inventory;

fuzz_target!(|text: &str| {
    let _ = inventory::read_requirements(text);
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
