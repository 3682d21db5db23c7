//! A document of any bytes: reading, every place in it, every rule, every fix.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::config::Config;
use vmt::diagnostic::FileId;

fuzz_target!(|text: &str| {
    let (config, _) = Config::parse(FileId(0), "");
    let (document, problems) = vmt::document::read(FileId(0), text, None, &config);
    for problem in &problems {
        assert!(text.get(problem.span.range()).is_some() || problem.span.range().end > text.len());
    }
    if let Some(document) = document {
        for (_, prose) in document.prose() {
            let _ = vmt::prose::plain(&vmt::prose::parse(&prose.value));
        }
    }
});
