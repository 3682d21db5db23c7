//! Signatures of what is published, with the real GnuPG.

use crate::env::TestEnv;
use crate::gpg::{gpg, new_home, new_key};

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova flaw
description: A Name reported a flaw in Nova.
affected-products:
  - {product: nova, version: '<30.2.2'}
";

/// A workspace with a key of its own that vmt.toml names.
fn workspace() -> Option<(TestEnv, String)> {
    let mut env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    new_home(&mut env);
    let fingerprint = new_key(&env, "Test <test@example.org>", "ed25519", "sign", "never")?;
    let key = gpg(&env, &["--armor", "--export", &fingerprint])?;
    env.write(&format!("keys/{fingerprint}.asc"), key);
    let toml = env.read("vmt.toml");
    let section = format!("[openpgp]\nsign-with = \"{fingerprint}\"\n\n[osv]");
    env.write("vmt.toml", toml.replacen("[osv]", &section, 1));
    Some((env, fingerprint))
}

#[test]
fn what_is_published_is_signed_and_signed_alike_again() {
    // The second of the key's birth ends while the first build signs: gpg stops its clock for no moment that is
    // the present second.
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = since.expect("a clock").subsec_millis();
    let until = std::time::Duration::from_millis(u64::from((1800 - millis) % 1000));
    std::thread::sleep(until);
    let Some((env, fingerprint)) = workspace() else {
        return;
    };
    let _ = env.vmt(&["build"]).exits(0);
    let folder = "public/.well-known/csaf/white/2026/ossa-2026-001.json";
    let path = |name: &str| env.path().join(name).to_string_lossy().into_owned();
    let _ = gpg(
        &env,
        &["--verify", &path(&format!("{folder}.asc")), &path(folder)],
    );
    let _ = gpg(
        &env,
        &["--verify", &path("public/.well-known/security.txt")],
    );
    let metadata = env.read("public/.well-known/csaf/provider-metadata.json");
    assert!(metadata.contains("csaf_trusted_provider") && metadata.contains(&fingerprint));
    assert!(
        env.read(&format!("public/openpgp/{fingerprint}.asc"))
            .contains("PUBLIC KEY")
    );
    // The time of a signature is that of what it signs: a second build makes the same bytes.
    let _ = env.vmt(&["build", "--check"]).exits(0);
    let _ = env.vmt(&["build", "--unsigned", "--out", "plain"]).exits(0);
    assert!(env.tree("plain").iter().all(|name| !name.ends_with(".asc")));
    assert!(
        env.read("plain/.well-known/csaf/provider-metadata.json")
            .contains("csaf_provider")
    );
    let _ = gpg(&env, &["--yes", "--delete-secret-keys", &fingerprint]);
    let output = env.vmt(&["build"]).exits(3);
    assert!(
        output.stderr.contains("gpg has no such secret key"),
        "{}",
        output.stderr
    );
    // A build that fails leaves the old site.
    assert!(
        env.read(&format!("{folder}.asc"))
            .contains("BEGIN PGP SIGNATURE")
    );
}

#[test]
fn a_key_that_is_none_is_refused() {
    let env = TestEnv::workspace();
    let toml = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        toml.replacen("[osv]", "[openpgp]\nsign-with = \"0xDEADBEEF\"\n\n[osv]", 1),
    );
    let output = env.vmt(&["build"]).exits(2);
    assert!(
        output.stderr.contains("`0xDEADBEEF` is no fingerprint"),
        "{}",
        output.stderr
    );
    let digits = "0123456789012345678901234567890123456789";
    env.write(
        "vmt.toml",
        toml.replacen(
            "[osv]",
            &format!("[openpgp]\nsign-with = \"{digits}\"\n\n[osv]"),
            1,
        ),
    );
    let output = env.vmt(&["build"]).exits(3);
    assert!(
        output
            .stderr
            .contains(&format!("cannot read keys/{digits}.asc")),
        "{}",
        output.stderr
    );
    env.write(
        &format!("keys/{digits}.asc"),
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
    );
    let output = env.vmt(&["build"]).exits(2);
    assert!(
        output.stderr.contains("is no public key"),
        "{}",
        output.stderr
    );
}
