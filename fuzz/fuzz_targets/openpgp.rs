//! OpenPGP packets through our layer, which runs gpg: any bytes as a signature, and as the file of a key. Nothing signs a
//! text but what its owner signed, and a key is read whole or not at all. Without gpg there is nothing to do.

#![no_main]

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vmt::openpgp::{self, Use};

/// A key that was made for this, with its secret part thrown away, and a text that it signed.
const KEY: &str = include_str!("../corpus/openpgp/key.asc");
const FINGERPRINT: &str = include_str!("../openpgp-fingerprint");
const SIGNED: &[u8] = b"signed\n";

/// Puts the key into the key ring that GNUPGHOME names.
static HAS_GPG: LazyLock<bool> = LazyLock::new(|| {
    let mut child = match Command::new("gpg")
        .args(["--batch", "--quiet", "--import"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
    {
        Ok(child) => child,
        Err(_) => return false,
    };
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, KEY.as_bytes()).expect("gpg reads");
    drop(input);
    child.wait().is_ok_and(|status| status.success())
});

fuzz_target!(|bytes: &[u8]| {
    if !*HAS_GPG {
        return;
    }
    let fingerprint = FINGERPRINT.trim();
    let text = String::from_utf8_lossy(bytes);
    if text.contains("SIGNATURE") {
        assert!(openpgp::verify(b"not signed\n", &text, fingerprint).is_err());
        let stranger = "0123456789ABCDEF0123456789ABCDEF01234567";
        if openpgp::verify(SIGNED, &text, fingerprint).is_ok() {
            assert!(openpgp::verify(SIGNED, &text, stranger).is_err());
        }
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("a file");
    if let Ok(key) = openpgp::key_file(file.path()) {
        assert!(key.fingerprint.len() >= 40, "{key:?}");
        assert!(
            key.fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{key:?}"
        );
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a moment");
        for id in key.encrypts_as(now) {
            assert!(
                id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{key:?}"
            );
        }
        assert!(
            key.fault(Use::Encrypt, "nobody@nowhere.example", now)
                .is_some(),
            "{key:?}"
        );
        assert!(
            key.fault(Use::Sign, "a.name@example.org", now).is_some(),
            "no secret part: {key:?}"
        );
    }
});
