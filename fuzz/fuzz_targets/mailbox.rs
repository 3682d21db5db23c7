//! Senders, Message-IDs and names of attachments as people write them, a line each, and the bytes of a patch behind
//! them. What the settings take goes into the headers of a mail, and nothing else does; the patch arrives as it was.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED, is_address};
use vmt::corpus::Corpus;
use vmt::diagnostic::FileId;
use vmt::ledger::{Entry, Ledger};
use vmt::mail::identity::is_message_id;
use vmt::mail::letter::{Attachment, Circumstances, compose};
use vmt::mail::mime::{self, Protection};
use vmt::mail::policy::is_sound_name;
use vmt::outbox::seal::address_of;
use vmt::release::lock::Lock;
use vmt::template::Templates;
use vmt::tree::toml::quoted;
use vmt::view::View;

static SETTING: LazyLock<(Config, Templates, Corpus)> = LazyLock::new(|| {
    let (config, _) = Config::parse(FileId(0), SHIPPED);
    let templates = Templates::load(Path::new("/nonexistent")).expect("the shipped templates");
    let text = "id: OSSA-2026-900\ndate: 2026-11-20\ntitle: Nova flaw\ndescription: A flaw.\n";
    let document = vmt::document::read(FileId(0), text, None, &config).0;
    (
        config,
        templates,
        Corpus::new(document.into_iter().collect()),
    )
});

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let mut line = || {
        lines
            .next()
            .and_then(|line| std::str::from_utf8(line).ok())
            .unwrap_or_default()
    };
    let (sender, id, name) = (line(), line(), line());
    let patch = lines.next().unwrap_or_default();

    if is_address(sender) {
        assert!(lettre_takes(sender.trim()), "{sender}");
        assert_eq!(address_of(sender), sender.trim());
    }
    if is_message_id(id) {
        assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let settings = format!("[mail]\nfrom = {}\n", quoted(sender));
    let Some(from) = Config::parse(FileId(0), &settings).0.mail.from else {
        return;
    };
    assert_eq!(from, sender, "the settings say what was written");

    let (config, templates, corpus) = &*SETTING;
    let lock = Lock::default();
    let view = View::team(corpus, config, &lock);
    let ledger = Ledger::of(vec![Entry {
        document: "OSSA-2026-900".to_owned(),
        kind: "announce".to_owned(),
        revision: 1,
        message_id: Some(id.to_owned()),
        moment: chrono::DateTime::UNIX_EPOCH,
        recipients: Vec::new(),
        evidence: Vec::new(),
        facts: None,
    }]);
    let patches = [Attachment {
        path: name.to_owned(),
        name: name.to_owned(),
        bytes: patch.to_vec(),
        sha256: String::new(),
    }];
    let circumstances = Circumstances {
        from: Some(&from),
        now: chrono::DateTime::UNIX_EPOCH,
        secret: b"secret",
        // Policy lets no other name through.
        patches: if is_sound_name(name) { &patches } else { &[] },
        ledger: &ledger,
    };
    let document = view.documents.first().expect("a document");
    for kind in config
        .mail
        .kinds
        .iter()
        .filter(|kind| kind.documents.contains(&document.kind()))
    {
        let mut letter =
            compose(kind, document, config, templates, &circumstances).expect("a mail");
        // As the command does it: a sender that lettre does not take is an error, and no mail.
        let Ok(mail) = mime::plain(&letter) else {
            return;
        };
        check(&mail, address_of(&from), letter.attachments.first());
        letter.attachments.clear();
        check(
            &mime::payload(&letter, Protection::Encrypted).expect("bytes"),
            address_of(&from),
            None,
        );
    }
});

fn lettre_takes(address: &str) -> bool {
    // What is an address to vmt is one to the program that sends it.
    let letter = mime_of(address);
    letter.contains(address)
}

fn mime_of(address: &str) -> String {
    let (config, templates, corpus) = &*SETTING;
    let lock = Lock::default();
    let view = View::team(corpus, config, &lock);
    let circumstances = Circumstances {
        from: Some(address),
        now: chrono::DateTime::UNIX_EPOCH,
        secret: b"secret",
        patches: &[],
        ledger: &Ledger::default(),
    };
    let document = view.documents.first().expect("a document");
    let kind = config
        .mail
        .kinds
        .iter()
        .find(|kind| kind.documents.contains(&document.kind()));
    let letter = compose(
        kind.expect("a kind"),
        document,
        config,
        templates,
        &circumstances,
    )
    .expect("a mail");
    let mail = mime::plain(&letter).unwrap_or_default();
    String::from_utf8(mail).expect("seven bits")
}

/// One sender, one subject, lines that end as they should, the patch byte by byte.
fn check(mail: &[u8], address: &str, patch: Option<&Attachment>) {
    let text = std::str::from_utf8(mail).expect("seven bits");
    assert!(text.is_ascii() && !text.replace("\r\n", "").contains(['\r', '\n', '\0']));
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    for name in ["From: ", "To: ", "Subject: ", "Message-ID: ", "Date: "] {
        let count = head
            .split("\r\n")
            .filter(|line| line.starts_with(name))
            .count();
        assert!(count == 1 || name == "To: " && count == 0, "{name}{head}");
    }
    assert!(
        !head.contains("\r\nBcc:") && !head.contains("\r\nCc:"),
        "{head}"
    );
    let from = head
        .split("\r\n")
        .find(|line| line.starts_with("From: "))
        .expect("a sender");
    assert!(from.contains(address), "{from}: {address}");
    if let Some(patch) = patch {
        let (_, part) = body
            .split_once(&format!("filename=\"{}\"", patch.name))
            .expect("the patch");
        let (_, coded) = part.split_once("\r\n\r\n").expect("its bytes");
        let coded: String = coded
            .split("\r\n--")
            .next()
            .unwrap_or_default()
            .split("\r\n")
            .collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(coded)
            .expect("base64");
        assert_eq!(bytes, patch.bytes);
    }
}
