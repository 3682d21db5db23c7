//! Mails of every kind: what they say, to whom, on what thread, and with which keys.

use crate::env::TestEnv;
use crate::gpg::{gpg, new_home, new_key};

const PRIVATE: &str = "\
id: OSSA-2026-050
date: 2026-12-03
title: Nova shows the console of another instance when a proxy reuses connections
description: |
  Zoë Example from An Org reported that Nova mixes up consoles when
  ``reuse_console`` is on. A project sees what others type.

  From the next release on the option is gone.
affected-products:
  - {product: nova, version: '>=31.0.0 <32.1.1, >=33.0.0 <33.0.5'}
vulnerabilities:
  - cve-id: CVE-2026-12345
reporters:
  - {name: Zoë Example, affiliation: An Org, reported: [CVE-2026-12345]}
issues:
  links: ['https://launchpad.net/bugs/1000001']
embargo:
  received: 2026-11-16
  disclosure: 2026-12-03T15:00:00Z
  deploy-before-disclosure: false
  terms: Distributions may build packages in systems that nobody else can see.
  updates:
    - 2026-11-20 - The patch for 2026.1/gazpacho was revised; the one sent before broke live migration.
  patches:
    - patches/cve-2026-12345-nova-master-1.patch
    - file: patches/cve-2026-12345-nova-master-2.patch
      requires: [patches/cve-2026-12345-nova-master-1.patch]
    - {file: patches/cve-2026-12345-nova-stable-gazpacho.patch, with: [patches/cve-2026-12345-novaclient.patch]}
    - {file: patches/cve-2026-12345-old.patch, product: nova, branch: 2023.1/antelope}
    - patches/cve-2026-12345-novaclient.patch
";

const PATCHES: [&str; 5] = [
    "nova-master-1",
    "nova-master-2",
    "nova-stable-gazpacho",
    "old",
    "novaclient",
];

/// A workspace with the key of a coordinator and that of a list.
fn workspace() -> Option<TestEnv> {
    let mut env = TestEnv::workspace();
    new_home(&mut env);
    let own = new_key(
        &env,
        "Zoë Coordinator <zoe@example.org>",
        "ed25519",
        "sign",
        "never",
    )?;
    gpg(
        &env,
        &[
            "--passphrase",
            "",
            "--quick-add-key",
            &own,
            "cv25519",
            "encr",
            "never",
        ],
    )?;
    let list = new_key(
        &env,
        "A list <linux-distros@vs.openwall.org>",
        "default",
        "default",
        "never",
    )?;
    pin(&env, &list);
    env.set("VMT_MAIL_FROM", "Zoë Coordinator <zoe@example.org>");
    env.set("VMT_MAIL_SIGN_WITH", &own);
    env.write("embargoed/OSSA-2026-050.yaml", PRIVATE);
    for name in PATCHES {
        env.write(
            &format!("embargoed/patches/cve-2026-12345-{name}.patch"),
            format!("--- {name}\n+++ é \n"),
        );
    }
    Some(env)
}

/// Pins the key of the list that takes encrypted mails only.
fn pin(env: &TestEnv, fingerprint: &str) {
    let key = gpg(env, &["--armor", "--export", fingerprint]).expect("gpg is there");
    env.write(&format!("keys/{fingerprint}.asc"), key);
    let toml = env.read("vmt.toml");
    let line = format!("name = \"linux-distros\"\nkey = \"{fingerprint}\"");
    let start = toml.find("name = \"linux-distros\"").expect("the list");
    let end = start + toml[start..].find("\naddress").expect("its address");
    env.write(
        "vmt.toml",
        format!("{}{line}{}", &toml[..start], &toml[end..]),
    );
}

/// A preview without what changes from run to run.
fn preview(env: &TestEnv, id: &str, kind: &str) -> String {
    let output = env.vmt(&["mail", "preview", id, "--kind", kind]).exits(0);
    let mut text = output.transcript().to_owned();
    let digits = |word: &&str| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let opaque: Vec<String> = text
        .split(['<', '@'])
        .filter(digits)
        .map(str::to_owned)
        .collect();
    for word in opaque {
        text = text.replace(&word, "[OPAQUE]");
    }
    let is_key = |word: &&str| {
        word.len() == 40
            && word
                .bytes()
                .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_lowercase())
    };
    let keys: Vec<String> = text
        .split_whitespace()
        .filter(is_key)
        .map(str::to_owned)
        .collect();
    for key in keys {
        text = text.replace(&key, "[KEY]");
    }
    text
}

#[test]
fn a_notice_names_patches_terms_and_the_hour() {
    let Some(env) = workspace() else { return };
    insta::assert_snapshot!("notice", preview(&env, "OSSA-2026-050", "notice"));
    let distros = preview(&env, "OSSA-2026-050", "notice-distros");
    let head = distros.split("\n\n").next().unwrap_or_default();
    insta::assert_snapshot!("notice_distros_head", head);
    insta::assert_snapshot!("update", preview(&env, "OSSA-2026-050", "update"));
    // An update goes on the thread of the notice, and without one it does not go.
    let output = env
        .vmt(&["mail", "preview", "OSSA-2026-050", "--kind", "update"])
        .exits(0);
    assert!(
        output.stderr.contains("(thread-unknown)"),
        "{}",
        output.transcript()
    );
}

#[test]
fn announcements_corrections_and_notes_read_as_lists_know_them() {
    let Some(env) = workspace() else { return };
    let public = published();
    env.write("advisories/OSSA-2026-050.yaml", &public);
    std::fs::remove_file(env.path().join("embargoed/OSSA-2026-050.yaml")).expect("it goes");
    insta::assert_snapshot!("announce", preview(&env, "OSSA-2026-050", "announce"));
    let oss = preview(&env, "OSSA-2026-050", "announce-oss-security");
    insta::assert_snapshot!(
        "oss_security_head",
        oss.split("\n\n").next().unwrap_or_default()
    );
    let corrected = format!(
        "{public}errata: The first version did not name the setting that makes Nova safe.\nerrata_history:\n  - 2026-11-20 - Errata 1\n  - 2026-11-18 - Original Version\n"
    );
    env.write("advisories/OSSA-2026-050.yaml", corrected);
    let known = [
        "mail",
        "record",
        "OSSA-2026-050",
        "--kind",
        "announce",
        "--message-id",
        "first@lists.example.org",
    ];
    let _ = env.vmt(&known).exits(0);
    insta::assert_snapshot!("errata", preview(&env, "OSSA-2026-050", "errata"));
    insta::assert_snapshot!("owed", env.vmt(&["mail", "owed"]).exits(0).transcript());
}

/// The same document after its publication.
fn published() -> String {
    let text = PRIVATE.split("embargo:").next().expect("the public part");
    let text = text.replace("2026-12-03", "2026-11-18");
    format!(
        "{text}reviews:\n  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/1000001']\n  2025.2/flamingo: ['https://review.opendev.org/c/openstack/nova/+/1000002']\n"
    )
}

#[test]
fn notes_and_their_corrections() {
    let Some(env) = workspace() else { return };
    let note = include_str!("../../notes/OSSN-0108.yaml");
    env.write("notes/OSSN-0108.yaml", note);
    insta::assert_snapshot!("note", preview(&env, "OSSN-0108", "note"));
    let corrected = format!(
        "{note}errata: A second service was found.\nerrata_history:\n  - 2026-11-20 - Errata 1\n  - 2026-11-18 - Original Version\n"
    );
    env.write("notes/OSSN-0108.yaml", corrected);
    let text = preview(&env, "OSSN-0108", "note-errata");
    assert!(
        text.contains("This mail corrects OSSN-0108")
            && text.contains("A second service was found."),
        "{text}"
    );
    assert!(text.contains("### Recommended Actions ###"), "{text}");
}

#[test]
fn a_notice_that_breaks_a_rule_is_refused_with_the_reason() {
    let Some(env) = workspace() else { return };
    let refused = |kind: &str, text: &str, rule: &str, why: &str| {
        env.write("embargoed/OSSA-2026-050.yaml", text);
        let output = env
            .vmt(&[
                "mail",
                "send",
                "OSSA-2026-050",
                "--kind",
                kind,
                "--yes",
                "OSSA-2026-050",
            ])
            .exits(1);
        assert!(
            output.stderr.contains(&format!("refused ({rule})")),
            "{rule}: {}",
            output.transcript()
        );
        assert!(
            output.stderr.contains(why),
            "{why}: {}",
            output.transcript()
        );
    };
    let with = |from: &str, to: &str| PRIVATE.replace(from, to);
    refused(
        "notice",
        &with("  disclosure: 2026-12-03T15:00:00Z\n", ""),
        "disclosure-date",
        "names no moment",
    );
    refused(
        "notice",
        &with("2026-12-03", "2026-11-19"),
        "disclosure-date",
        "has passed",
    );
    refused(
        "notice-distros",
        &with("2026-12-03", "2026-12-09"),
        "disclosure-date",
        "for 14 at the most",
    );
    refused(
        "notice",
        &with("patches/cve-2026-12345-old.patch", "patches/.old.patch"),
        "patch-file",
        "no name that every list takes",
    );
    refused(
        "notice",
        &with("patches/cve-2026-12345-old.patch", "../vmt.toml"),
        "patch-file",
        "cannot be read",
    );
    refused(
        "notice",
        &with("branch: 2023.1/antelope", "sha256: '00'"),
        "patch-digest",
        "is not the file that `sha256` says",
    );
    refused(
        "update",
        &with("  updates:\n    - 2026-11-20 - The", "  terms2: The"),
        "nothing-due",
        "nothing that `update` would say",
    );
    env.write("advisories/OSSA-2026-050.yaml", PRIVATE);
    refused("announce", PRIVATE, "wrong-state", "is private");
    refused("note", PRIVATE, "wrong-state", "is private");
    std::fs::remove_file(env.path().join("advisories/OSSA-2026-050.yaml")).expect("it goes");
    env.write(
        "vmt.toml",
        env.read("vmt.toml").replace("\nkey = ", "\n# key = "),
    );
    refused(
        "notice-distros",
        PRIVATE,
        "unencrypted",
        "names no key for it",
    );
    assert!(
        !env.path()
            .join(".vmt-outbox/OSSA-2026-050.notice.1")
            .exists()
    );
}

#[test]
fn keys_that_do_not_serve_are_refused_with_the_reason() {
    let Some(mut env) = workspace() else { return };
    let refused = |env: &TestEnv, why: &str| {
        let output = env
            .vmt(&[
                "mail",
                "send",
                "OSSA-2026-050",
                "--kind",
                "notice-distros",
                "--yes",
                "OSSA-2026-050",
            ])
            .exits(1);
        assert!(
            output.stderr.contains("refused (key)"),
            "{}",
            output.transcript()
        );
        assert!(
            output.stderr.contains(why),
            "{why}: {}",
            output.transcript()
        );
    };
    let good = env.read("vmt.toml");
    // The key of somebody else, one that only signs, one too weak, one that was revoked.
    let other = new_key(
        &env,
        "Other <other@example.org>",
        "default",
        "default",
        "never",
    )
    .expect("a key");
    pin(&env, &other);
    refused(
        &env,
        "is not that of linux-distros@vs.openwall.org: it names other@example.org",
    );
    let signs = new_key(
        &env,
        "S <linux-distros@vs.openwall.org>",
        "ed25519",
        "sign",
        "never",
    )
    .expect("a key");
    pin(&env, &signs);
    refused(&env, "cannot encrypt");
    let weak = new_key(
        &env,
        "W <linux-distros@vs.openwall.org>",
        "rsa1024",
        "default",
        "never",
    )
    .expect("a key");
    pin(&env, &weak);
    refused(&env, "is too weak");
    revoke(&env, &weak);
    pin(&env, &weak);
    refused(&env, "was revoked");
    // One that has expired, by gpg's clock.
    let old = new_key_of_the_past(&env, "E <linux-distros@vs.openwall.org>");
    pin(&env, &old);
    refused(&env, "has expired");
    // A file with another key than vmt.toml pins, one that is none, one that is missing.
    pin(&env, &other);
    let text = gpg(&env, &["--armor", "--export", &signs]).expect("a key");
    env.write(&format!("keys/{other}.asc"), text);
    refused(&env, "and vmt.toml pins");
    env.write(&format!("keys/{other}.asc"), "no key\n");
    refused(&env, "could not read one public key");
    std::fs::remove_file(env.path().join(format!("keys/{other}.asc"))).expect("it goes");
    refused(&env, "could not read one public key");
    // A sender whose key names somebody else, and a key that gpg does not have.
    env.write("vmt.toml", good);
    env.set("VMT_MAIL_FROM", "other@example.org");
    refused(&env, "is not that of other@example.org");
    env.set("VMT_MAIL_FROM", "Zoë Coordinator <zoe@example.org>");
    env.set("VMT_MAIL_SIGN_WITH", &"0".repeat(40));
    refused(&env, "gpg has no such secret key");
}

fn revoke(env: &TestEnv, fingerprint: &str) {
    let path = format!("gnupg/openpgp-revocs.d/{fingerprint}.rev");
    let text = env.read(&path).replace(":-----BEGIN", "-----BEGIN");
    let file = env.write("revocation.asc", text);
    gpg(env, &["--import", &file.to_string_lossy()]).expect("gpg is there");
}

fn new_key_of_the_past(env: &TestEnv, user: &str) -> String {
    let faked = ["--faked-system-time", "20200101T000000"];
    let make = [
        "--passphrase",
        "",
        "--quick-gen-key",
        user,
        "default",
        "default",
        "1d",
    ];
    gpg(env, &[&faked[..], &make[..]].concat()).expect("gpg is there");
    let listed = gpg(env, &["--with-colons", "--list-keys", user]).expect("gpg is there");
    let lines: Vec<&str> = listed.lines().collect();
    let at = lines
        .iter()
        .rposition(|line| line.starts_with("uid:") && line.contains(user))
        .expect("the key");
    let fingerprint = lines[..at]
        .iter()
        .rev()
        .find_map(|line| line.strip_prefix("fpr:"))
        .expect("its fingerprint");
    fingerprint
        .split(':')
        .find(|field| field.len() == 40)
        .expect("forty digits")
        .to_owned()
}

#[test]
fn written_mails_are_signed_and_encrypted_as_gpg_reads_them() {
    let Some(env) = workspace() else { return };
    let kinds = ["--kind", "notice", "--kind", "notice-distros"];
    let _ = env
        .vmt(&[&["mail", "write", "OSSA-2026-050"], &kinds[..]].concat())
        .exits(0);
    let signed =
        std::fs::read(env.path().join(".vmt-mail/OSSA-2026-050.notice.1.eml")).expect("a mail");
    let part = vmt::mail::mime::signed_part(&signed).expect("a signed part");
    env.write("part", part);
    let text = String::from_utf8(signed.clone()).expect("ASCII");
    let start = text.find("-----BEGIN PGP SIGNATURE").expect("a signature");
    let end = text.find("-----END PGP SIGNATURE-----").expect("its end");
    env.write(
        "part.asc",
        format!("{}-----END PGP SIGNATURE-----\n", &text[start..end]),
    );
    let path = |name: &str| env.path().join(name).to_string_lossy().into_owned();
    gpg(&env, &["--verify", &path("part.asc"), &path("part")]).expect("gpg is there");
    let encrypted = env.read(".vmt-mail/OSSA-2026-050.notice-distros.1.eml");
    assert!(encrypted.contains("Subject: [vs] OpenStack embargoed notice\r\n"));
    for secret in [
        "Nova",
        "nova",
        "12345",
        "1000001",
        "console",
        "OSSA-2026-050",
    ] {
        assert!(!encrypted.contains(secret), "{secret}");
    }
    let start = encrypted.find("-----BEGIN PGP MESSAGE").expect("a message");
    let file = env.write("message.asc", &encrypted[start..]);
    let inside = gpg(&env, &["--decrypt", &file.to_string_lossy()]).expect("gpg is there");
    assert!(
        inside.contains("Subject: [vs] Vulnerability in OpenStack Nova (CVE-2026-12345)"),
        "{inside}"
    );
    assert!(
        inside.contains("HP-Outer: Subject: [vs] OpenStack embargoed notice"),
        "{inside}"
    );
    assert_eq!(
        inside.matches("Content-Type: text/x-patch;").count(),
        PATCHES.len()
    );
    assert!(
        env.read(".vmt-mail/mails.mbox")
            .starts_with("From zoe@example.org ")
    );
}

#[test]
fn without_gpg_everything_but_signed_mail_works() {
    let mut env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-050.yaml", published());
    env.set("PATH", "/nowhere");
    env.set("VMT_MAIL_FROM", "zoe@example.org");
    env.set("VMT_MAIL_SIGN_WITH", &"0".repeat(40));
    let output = env.vmt(&["mail", "preview", "OSSA-2026-050"]).exits(0);
    assert!(
        output.stderr.contains("gpg cannot be run"),
        "{}",
        output.transcript()
    );
    let output = env
        .vmt(&["mail", "write", "OSSA-2026-050", "--kind", "announce"])
        .exits(1);
    assert!(
        output.stderr.contains("gpg cannot be run"),
        "{}",
        output.transcript()
    );
    let _ = env.vmt(&["build"]).exits(0);
}

#[test]
fn what_is_announced_is_held_against_the_notice() {
    let Some(mut env) = workspace() else { return };
    let toml = env.read("vmt.toml");
    let catch = env.path().join("catch");
    env.write("catch", "#!/bin/sh\ncat >/dev/null\n");
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&catch, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    let line = format!("[mail]\nsendmail = \"{}\"", catch.display());
    env.write("vmt.toml", toml.replacen("[mail]", &line, 1));
    let send = |env: &TestEnv, kind: &str, more: &[&str]| {
        let all = [
            "mail",
            "send",
            "OSSA-2026-050",
            "--kind",
            kind,
            "--yes",
            "OSSA-2026-050",
        ];
        env.vmt(&[&all[..], more].concat())
    };
    let _ = send(&env, "notice-distros", &[]).exits(0);
    assert!(
        env.read("embargoed/sent/OSSA-2026-050/notice-distros-1.json")
            .contains("linux-distros@")
    );
    std::fs::remove_file(env.path().join("embargoed/OSSA-2026-050.yaml")).expect("it goes");
    let changed = published().replace("33.0.5", "33.0.6").replace(
        "A project sees what others type.",
        "A project sees and types.",
    );
    env.write("advisories/OSSA-2026-050.yaml", changed);
    insta::assert_snapshot!(
        "differences",
        send(&env, "announce", &[]).exits(1).transcript()
    );
    let own = ["--allow", "differs-from-notice"];
    // The hour that the recipients were promised has not come.
    let early = send(&env, "announce", &own).exits(1);
    assert!(
        early.stderr.contains("were promised 2026-12-03T15:00Z"),
        "{}",
        early.transcript()
    );
    env.set("VMT_NOW", "2026-12-03T15:00:00Z");
    let _ = send(&env, "announce", &own).exits(0);
    let journal = env.read(".vmt-outbox/OSSA-2026-050.announce.1/journal.jsonl");
    assert!(journal.contains("affected Nova: was"), "{journal}");
    // What the list of distributions asks for in return is owed until it is there.
    let owed = env.vmt(&["mail", "owed"]).exits(0);
    assert!(
        owed.stdout
            .contains("OSSA-2026-050: `announce-oss-security` 1"),
        "{}",
        owed.transcript()
    );
    let evidence = [
        "mail",
        "record",
        "OSSA-2026-050",
        "--kind",
        "announce-oss-security",
        "--evidence",
        "https://www.openwall.com/lists/oss-security/2026/11/21/1",
    ];
    let _ = env.vmt(&evidence).exits(0);
    let owed = env.vmt(&["mail", "owed"]).exits(0);
    assert_eq!(owed.stdout, "no mail is owed\n");
}

#[test]
fn thirty_megabytes_of_patches_arrive_whole() {
    let Some(env) = workspace() else { return };
    let line = "+ a line of a patch that is as long as such lines are, é included\n";
    for name in PATCHES {
        env.write(
            &format!("embargoed/patches/cve-2026-12345-{name}.patch"),
            line.repeat(6_300_000 / line.len()),
        );
    }
    let peer = crate::peer::Peer::start(Vec::new());
    let toml = env.read("vmt.toml");
    let server = format!(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nencryption = \"none\"\n\n# Addresses that",
        peer.port
    );
    env.write("vmt.toml", toml.replacen("# Addresses that", &server, 1));
    for kind in ["notice", "notice-distros"] {
        let _ = env
            .vmt(&[
                "mail",
                "send",
                "OSSA-2026-050",
                "--kind",
                kind,
                "--yes",
                "OSSA-2026-050",
            ])
            .exits(0);
    }
    let taken = peer.taken();
    let queued = |kind: &str| {
        std::fs::read(
            env.path()
                .join(format!(".vmt-outbox/OSSA-2026-050.{kind}.1/message.eml")),
        )
        .expect("bytes")
    };
    assert!(taken[0] == queued("notice") && taken[1] == queued("notice-distros"));
    assert!(taken[0].len() > 40_000_000, "{}", taken[0].len());
}

#[test]
fn an_address_decides_what_is_public_and_a_label_does_not() {
    let Some(env) = workspace() else { return };
    let toml = env.read("vmt.toml");
    let slip = toml.replace(
        "embargo-notice@lists.openstack.org",
        "openstack-discuss@lists.openstack.org",
    );
    env.write("vmt.toml", slip);
    let send = [
        "mail",
        "send",
        "OSSA-2026-050",
        "--kind",
        "notice",
        "--yes",
        "OSSA-2026-050",
    ];
    let output = env.vmt(&send).exits(1);
    assert!(
        output
            .stderr
            .contains("everybody reads `openstack-discuss@"),
        "{}",
        output.transcript()
    );
    // A list without a key beside one with a key could not read its mail.
    let both = toml.replace("name = \"notice\"\n", "name = \"notice\"\nsigned = true\n");
    let both = both.replace(
        "to = [\"embargo-notice\"]\ntemplate = \"mail/notice.txt\"",
        "to = [\"embargo-notice\", \"partner\"]\ntemplate = \"mail/notice.txt\"",
    );
    let key = toml
        .lines()
        .find(|line| line.starts_with("key = "))
        .expect("the key of the list");
    let partner = format!(
        "[[mail.lists]]\nname = \"partner\"\naddress = \"linux-distros@vs.openwall.org\"\nreaders = \"embargo\"\n{key}\n\n[[mail.kinds]]\nname = \"notice\""
    );
    env.write(
        "vmt.toml",
        both.replacen("[[mail.kinds]]\nname = \"notice\"", &partner, 1),
    );
    let output = env.vmt(&send).exits(1);
    assert!(
        output.stderr.contains("refused (unencrypted)"),
        "{}",
        output.transcript()
    );
}

#[test]
fn a_mail_goes_under_the_key_that_the_screen_shows() {
    let Some(mut env) = workspace() else { return };
    let peer = crate::peer::Peer::start(Vec::new());
    let toml = env.read("vmt.toml");
    let server = format!(
        "[mail.smtp]\nhost = \"127.0.0.1\"\nport = {}\nencryption = \"none\"\n\n# Addresses that",
        peer.port
    );
    env.write("vmt.toml", toml.replacen("# Addresses that", &server, 1));
    let send = [
        "mail",
        "send",
        "OSSA-2026-050",
        "--kind",
        "notice",
        "--yes",
        "OSSA-2026-050",
    ];
    let _ = env.vmt(&[&send[..], &["--queue-only"]].concat()).exits(0);
    let other =
        new_key(&env, "Other <zoe@example.org>", "ed25519", "sign", "never").expect("a key");
    env.set("VMT_MAIL_SIGN_WITH", &other);
    // What was approved under another key does not go by itself.
    let _ = env.vmt(&["mail", "outbox", "retry"]).exits(3);
    assert!(peer.taken().is_empty());
    let _ = env.vmt(&send).exits(0);
    let mail = peer.taken().pop().expect("a mail");
    let text = String::from_utf8(mail).expect("seven bits");
    let start = text.find("-----BEGIN PGP SIGNATURE").expect("a signature");
    let file = env.write("signature.asc", &text[start..]);
    let packets = gpg(&env, &["--list-packets", &file.to_string_lossy()]).expect("gpg is there");
    assert!(packets.contains(&other[other.len() - 16..]), "{packets}");
}

#[test]
fn a_weak_subkey_that_gpg_would_choose_ends_it() {
    let Some(env) = workspace() else { return };
    let list = new_key(
        &env,
        "L <linux-distros@vs.openwall.org>",
        "ed25519",
        "sign",
        "never",
    )
    .expect("a key");
    for algorithm in ["cv25519", "rsa1024"] {
        let add = [
            "--passphrase",
            "",
            "--quick-add-key",
            &list,
            algorithm,
            "encr",
            "never",
        ];
        gpg(&env, &add).expect("gpg is there");
        // The newest serves: more than a second between them.
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
    pin(&env, &list);
    let write = ["mail", "write", "OSSA-2026-050", "--kind", "notice-distros"];
    let output = env.vmt(&write).exits(3);
    assert!(
        output.stderr.contains("which is weak, expired or nobody's"),
        "{}",
        output.transcript()
    );
}

#[test]
fn what_is_written_is_for_nobody_else_and_git_leaves_it_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(env) = workspace() else { return };
    let _ = env
        .vmt(&[
            "-C",
            "advisories",
            "mail",
            "write",
            "OSSA-2026-050",
            "--kind",
            "notice",
        ])
        .exits(0);
    let mode = |path: &str| {
        let metadata = std::fs::metadata(env.path().join(path)).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(".vmt-mail"), 0o700);
    assert_eq!(mode(".vmt-mail/OSSA-2026-050.notice.1.eml"), 0o600);
    assert_eq!(env.read(".vmt-mail/.gitignore"), "*\n");
    assert_eq!(mode(".vmt-outbox"), 0o700);
    assert_eq!(env.read(".vmt-outbox/.gitignore"), "*\n");
    // What was written is what a record of it says, so that the announcement is held against it.
    let record = [
        "mail",
        "record",
        "OSSA-2026-050",
        "--kind",
        "notice",
        "--evidence",
        "a person",
    ];
    let _ = env.vmt(&record).exits(0);
    let entry = env.read("embargoed/sent/OSSA-2026-050/notice-1.json");
    assert!(
        entry.contains("2026-12-03T15:00:00Z") && entry.contains("\"message_id\": \"<"),
        "{entry}"
    );
    assert_eq!(mode("embargoed/sent/OSSA-2026-050/notice-1.json"), 0o600);
    // A public kind of a private document cannot have been sent.
    let record = [
        "mail",
        "record",
        "OSSA-2026-050",
        "--kind",
        "announce",
        "--evidence",
        "x",
    ];
    let _ = env.vmt(&record).exits(2);
    assert!(!env.path().join("sent").exists());
}

#[test]
fn a_title_that_looks_like_a_boundary_is_signed_all_the_same() {
    let Some(env) = workspace() else { return };
    let text = PRIVATE.replace("title: Nova shows", "title: boundary=\"foo\" Nova shows");
    env.write("embargoed/OSSA-2026-050.yaml", text);
    let toml = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        toml.replace(
            "({{ mail.cves }})\"\npatches",
            "({{ mail.title }})\"\npatches",
        ),
    );
    let _ = env
        .vmt(&["mail", "write", "OSSA-2026-050", "--kind", "notice"])
        .exits(0);
}
