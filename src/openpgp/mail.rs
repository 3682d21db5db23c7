//! Signatures and encryption of mails (RFC 3156), and their check before anything is sent.

use std::path::Path;

use super::{Answer, OpenPgpError, refused, run};

/// A detached signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// In ASCII armour.
    pub armour: String,
    /// The digest that it rests on, as `micalg` names it (RFC 3156 section 5).
    pub micalg: String,
}

/// Options that keep the user's settings out of what goes into a mail: a key that gpg.conf adds would be
/// one more reader.
const OWN: [&str; 4] = [
    "--no-options",
    "--no-emit-version",
    "--no-comments",
    "--armor",
];

/// Signs bytes as of now.
///
/// # Errors
/// What gpg says.
pub fn sign(bytes: &[u8], fingerprint: &str) -> Result<Signature, OpenPgpError> {
    let mut arguments = OWN.to_vec();
    let user = ["--local-user", fingerprint, "--digest-algo", "SHA512"];
    arguments.extend(user);
    arguments.extend(["--output", "-", "--detach-sign"]);
    let answer = run(&arguments, bytes)?;
    // SIG_CREATED type algorithm digest class time fingerprint
    let digest = answer
        .after("SIG_CREATED")
        .find_map(|rest| rest.split(' ').nth(2).map(str::to_owned));
    let micalg = match digest.as_deref() {
        Some("8") => "pgp-sha256",
        Some("9") => "pgp-sha384",
        Some("10") => "pgp-sha512",
        _ => return Err(refused("sign", &answer)),
    };
    match (answer.success, String::from_utf8(answer.output.clone())) {
        (true, Ok(armour)) => Ok(Signature {
            armour,
            micalg: micalg.to_owned(),
        }),
        _ => Err(refused("sign", &answer)),
    }
}

/// Signs bytes and encrypts them to the keys of files and to the signer. Returns the message in ASCII armour.
///
/// # Errors
/// What gpg says.
pub fn encrypt(
    bytes: &[u8],
    fingerprint: &str,
    recipients: &[&Path],
) -> Result<String, OpenPgpError> {
    let files: Vec<String> = recipients
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let mut arguments = OWN.to_vec();
    // The files are pinned by fingerprint: nobody's web of trust decides.
    arguments.extend(["--trust-model", "always", "--local-user", fingerprint]);
    arguments.extend(["--no-encrypt-to", "--digest-algo", "SHA512"]);
    arguments.extend(["--recipient", fingerprint]);
    for file in &files {
        arguments.extend(["--recipient-file", file]);
    }
    arguments.extend(["--output", "-", "--sign", "--encrypt"]);
    let answer = run(&arguments, bytes)?;
    match (answer.success, String::from_utf8(answer.output.clone())) {
        (true, Ok(armour)) if armour.starts_with("-----BEGIN PGP MESSAGE-----") => Ok(armour),
        _ => Err(refused("encrypt", &answer)),
    }
}

/// Verifies a detached signature by a key.
///
/// # Errors
/// When it is not a good signature of that key over these bytes.
pub fn verify(bytes: &[u8], armour: &str, fingerprint: &str) -> Result<(), OpenPgpError> {
    // The signed bytes come through the pipe; the signature, which holds no secret, through a file.
    let file = tempfile::NamedTempFile::new().map_err(OpenPgpError::NoProgram)?;
    std::fs::write(file.path(), armour).map_err(OpenPgpError::NoProgram)?;
    let shown = file.path().to_string_lossy();
    let answer = run(&["--no-options", "--verify", &shown, "-"], bytes)?;
    match answer.success && is_by(&answer, fingerprint) {
        true => Ok(()),
        false => Err(refused("verify its own signature", &answer)),
    }
}

/// Decrypts a message and verifies that it holds these bytes, signed by a key, and is encrypted to these key ids
/// and no others.
///
/// # Errors
/// When it does not.
pub fn verify_encrypted(
    armour: &str,
    bytes: &[u8],
    fingerprint: &str,
    readers: &[String],
) -> Result<(), OpenPgpError> {
    let arguments = ["--no-options", "--output", "-", "--decrypt"];
    let answer = run(&arguments, armour.as_bytes())?;
    // ENC_TO keyid algorithm length
    let mut encrypted_to = answer
        .after("ENC_TO")
        .filter_map(|rest| rest.split(' ').next());
    if let Some(other) = encrypted_to.find(|id| !readers.iter().any(|reader| reader == id)) {
        return Err(OpenPgpError::Refused {
            what: "encrypt to the pinned keys alone",
            why: format!("it chose {other}, which is weak, expired or nobody's"),
        });
    }
    match answer.success && is_by(&answer, fingerprint) && answer.output == bytes {
        true => Ok(()),
        false => Err(refused("decrypt and verify what it encrypted", &answer)),
    }
}

/// Whether there is a valid signature of a primary key: the last word of VALIDSIG.
fn is_by(answer: &Answer, fingerprint: &str) -> bool {
    let mut valid = answer.after("VALIDSIG");
    valid.any(|rest| {
        let mut words = rest.split(' ');
        let own = words.next();
        let primary = rest.split(' ').next_back();
        [own, primary].contains(&Some(fingerprint))
    })
}
