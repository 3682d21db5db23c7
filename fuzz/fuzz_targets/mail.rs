//! Any document as mails of every kind: the bytes have the form of RFC 5322, and only the headers that we wrote.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED};
use vmt::corpus::Corpus;
use vmt::diagnostic::FileId;
use vmt::ledger::Ledger;
use vmt::mail::letter::{Circumstances, compose};
use vmt::mail::mime::{self, Protection};
use vmt::release::lock::Lock;
use vmt::template::Templates;
use vmt::view::View;

static SETTING: LazyLock<(Config, Templates)> = LazyLock::new(|| {
    let (config, _) = Config::parse(FileId(0), SHIPPED);
    let templates = Templates::load(Path::new("/nonexistent")).expect("the shipped templates");
    (config, templates)
});

const NAMES: &str = "From To Reply-To Subject Date Message-ID In-Reply-To References MIME-Version Content-Type \
    Content-Transfer-Encoding HP-Outer";

fuzz_target!(|text: &str| {
    let (config, templates) = &*SETTING;
    let (Some(document), _) = vmt::document::read(FileId(0), text, None, config) else {
        return;
    };
    let (corpus, lock) = (Corpus::new(vec![document]), Lock::default());
    let view = View::team(&corpus, config, &lock);
    let Some(document) = view.documents.first() else {
        return;
    };
    let circumstances = Circumstances {
        from: Some("Zoë Example <zoe@example.org>"),
        now: chrono::DateTime::UNIX_EPOCH,
        secret: b"secret",
        patches: &[],
        ledger: &Ledger::default(),
    };
    for kind in &config.mail.kinds {
        if !kind.documents.contains(&document.kind()) {
            continue;
        }
        let letter = compose(kind, document, config, templates, &circumstances).expect("a mail");
        check(&mime::plain(&letter).expect("bytes"));
        check(&mime::payload(&letter, Protection::Encrypted).expect("bytes"));
    }
});

fn check(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).expect("seven bits");
    assert!(text.is_ascii());
    assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']));
    assert!(text.split("\r\n").all(|line| line.len() <= 998));
    let (head, _) = text.split_once("\r\n\r\n").expect("a body");
    for line in head
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
    {
        let name = line.split(':').next().unwrap_or_default();
        assert!(NAMES.split(' ').any(|known| known == name), "{line}");
    }
}
