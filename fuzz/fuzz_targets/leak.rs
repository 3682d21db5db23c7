//! The leak guard. The first bytes say how the title of a private document is packed, escaped and placed in the rest,
//! which is any file. It is found in every one of these forms, or the file is reported as not searched to its end; and
//! what the guard remembers of files before changes nothing.

#![no_main]

use std::io::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use libfuzzer_sys::fuzz_target;
use vmt::config::Config;
use vmt::diagnostic::FileId;
use vmt::embargo::leak::{Guard, Private, What};
use vmt::model::Document;

const TITLE: &str = "Instances read what neighbours wrote";

const TEXT: &str = "id: OSSA-2026-DRAFT-k3x9\ndate: 2026-12-08\ntitle: Instances read what neighbours wrote\n\
    description: A flaw.\nvulnerabilities:\n  - cve-id: CVE-2026-98765\n\
    issues:\n  links:\n    - https://launchpad.net/bugs/2098765\n\
    reviews:\n  master:\n    - https://review.opendev.org/c/openstack/nova/+/976543\n";

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let (config, _) = Config::parse(FileId(0), "");
    vmt::document::read(FileId(0), TEXT, None, &config)
        .0
        .expect("a document")
});

/// Bytes that are unpacked of one file: less than by default, so that a run is quick.
const MOST: usize = 1 << 20;

fn guard() -> Guard {
    let private = Private {
        handle: "the draft",
        document: &DOCUMENT,
    };
    Guard::new(&[private], &[]).unpacking_at_most(MOST)
}

fuzz_target!(|bytes: &[u8]| {
    let (orders, carrier) = bytes.split_at(bytes.len().min(6));
    let order = |at: usize| orders.get(at).copied().unwrap_or_default();

    let remembering = guard();
    let innocent = remembering.search("a/file.txt", carrier);
    assert!(innocent.iter().all(|leak| leak.file == "a/file.txt"));

    let mut planted = escaped(TITLE.as_bytes(), order(0));
    for at in 1..4 {
        planted = packed(&planted, order(at));
    }
    let place = usize::from(order(4)) << 8 | usize::from(order(5));
    let (before, after) = carrier.split_at(place.min(carrier.len()));
    let file = [before, b"\n\n", &planted, b"\n\n", after].concat();

    let found = guard().search("a/file.txt", &file);
    let is_found = found
        .iter()
        .any(|leak| matches!(leak.what, What::Title | What::Unsearched));
    assert!(
        is_found,
        "{:?} in {:?}",
        String::from_utf8_lossy(&planted),
        String::from_utf8_lossy(&file)
    );
    for leak in &found {
        assert!(!leak.to_string().to_lowercase().contains("neighbours"));
    }
    assert_eq!(remembering.search("a/file.txt", &file), found);
    if innocent.is_empty() {
        assert_eq!(remembering.search("a/file.txt", carrier), innocent);
    }
});

/// The ways to write a character as several.
fn escaped(text: &[u8], order: u8) -> Vec<u8> {
    let each =
        |form: &dyn Fn(&u8) -> String| text.iter().map(form).collect::<String>().into_bytes();
    match order % 8 {
        1 => each(&|byte| format!("%{byte:02x}")),
        2 => each(&|byte| format!("&#{byte};")),
        3 => each(&|byte| format!("&amp;#x{byte:X};")),
        4 => each(&|byte| format!("\\u{byte:04x}")),
        5 => each(&|byte| format!("={byte:02X}")),
        6 => each(&|byte| format!("<b>{}</b>", char::from(*byte))),
        7 => text.iter().flat_map(|byte| [*byte, 0]).collect(),
        _ => text.to_vec(),
    }
}

/// The ways to pack bytes.
fn packed(bytes: &[u8], order: u8) -> Vec<u8> {
    match order % 7 {
        1 => base64::engine::general_purpose::STANDARD
            .encode(bytes)
            .into_bytes(),
        2 => base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(bytes)
            .into_bytes(),
        3 => bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
            .into_bytes(),
        4 => {
            let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
            gz.write_all(bytes)
                .and_then(|()| gz.finish())
                .expect("a stream")
        }
        5 => {
            let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
            let data = deflate
                .write_all(bytes)
                .and_then(|()| deflate.finish())
                .expect("a stream");
            // A local header with no name (APPNOTE 4.3.7): signature, version, flags, method, and sixteen further bytes.
            let mut member = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
            member.extend([0; 20]);
            member.extend(data);
            member
        }
        // In lines, as mails have it.
        6 => {
            let whole = base64::engine::general_purpose::STANDARD.encode(bytes);
            let lines = whole.as_bytes().chunks(76);
            lines.collect::<Vec<_>>().join(&b'\n')
        }
        _ => bytes.to_vec(),
    }
}
