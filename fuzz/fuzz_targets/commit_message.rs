//! What git hands over: a commit message of any bytes, and what it writes to the `pre-push` hook. A bug and an id that
//! are found stand in the message, and a line of the hook that is not understood is named.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vmt::git::exposed::Pushed;
use vmt::git::message::{Findings, Scanner};

fuzz_target!(|message: &[u8]| {
    let mut findings = Findings::default();
    Scanner::new("OSSA").scan(message, &mut findings);
    let text = String::from_utf8_lossy(message);
    for (bug, _) in &findings.bugs {
        assert!(text.contains(&bug.to_string()), "{bug}");
    }
    for id in &findings.ids {
        let number = id.rsplit('-').next().expect("a number");
        assert!(text.contains(number), "{id}");
    }
    for target in findings.picks.iter().chain(&findings.reverts) {
        assert!(target.digits <= 40);
    }

    if let Ok(pushed) = Pushed::parse(&text) {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        assert!(pushed.len() <= lines.count());
        for one in pushed {
            for object in [&one.new, &one.old] {
                assert!(object.len() >= 40 && object.bytes().all(|byte| byte.is_ascii_hexdigit()));
            }
            assert!(text.contains(&one.name) && one.new.contains(|c| c != '0'));
        }
    }
});
