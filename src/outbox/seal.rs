//! A letter to the bytes that are sent: signed, encrypted, and verified before anybody sees them.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::config::{Config, is_address};
use crate::mail::letter::Letter;
use crate::mail::mime::{self, MimeError, Protection};
use crate::openpgp::{self, OpenPgpError, Use};

/// Why a letter has no bytes.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Its headers cannot be written.
    #[error(transparent)]
    Mime(#[from] MimeError),
    /// It cannot be signed or encrypted.
    #[error(transparent)]
    OpenPgp(#[from] OpenPgpError),
    /// No key signs mails.
    #[error("no key is named that signs mails")]
    NoKey,
}

/// The keys of a mail.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Fingerprint of the key that signs.
    pub sign_with: Option<String>,
    /// Folder with the public keys of recipients.
    pub folder: PathBuf,
}

impl Keys {
    /// Returns the file with a public key.
    pub fn file(&self, fingerprint: &str) -> PathBuf {
        self.folder.join(format!("{fingerprint}.asc"))
    }
}

/// Returns what is wrong with the keys that a letter needs.
///
/// # Errors
/// When there is no gpg.
pub fn key_faults(
    letter: &Letter,
    keys: &Keys,
    config: &Config,
    now: DateTime<Utc>,
) -> Result<Vec<String>, OpenPgpError> {
    let mut faults = Vec::new();
    if !letter.kind.signed && letter.encrypt_to.is_empty() {
        return Ok(faults);
    }
    match &keys.sign_with {
        None => faults.push(
            "no key signs mails: set VMT_MAIL_SIGN_WITH, or `sign-with` under [mail] in vmt.toml"
                .to_owned(),
        ),
        Some(fingerprint) => match openpgp::secret_key(fingerprint) {
            Err(error @ OpenPgpError::NoProgram(_)) => return Err(error),
            Err(error) => faults.push(error.to_string()),
            Ok(key) => {
                let from = letter.from.as_deref().map(address_of);
                faults.extend(from.and_then(|from| key.fault(Use::Sign, from, now)));
                // The sender reads its own mail, and checks it before it goes.
                let reads = !letter.encrypt_to.is_empty();
                faults.extend(
                    from.filter(|_| reads)
                        .and_then(|from| key.fault(Use::Encrypt, from, now)),
                );
            }
        },
    }
    for list in letter.kind.lists(&config.mail) {
        let Some(fingerprint) = &list.key else {
            continue;
        };
        let path = keys.file(fingerprint);
        match openpgp::key_file(&path) {
            Err(error @ OpenPgpError::NoProgram(_)) => return Err(error),
            Err(error) => faults.push(error.to_string()),
            Ok(key) if key.fingerprint != *fingerprint => faults.push(format!(
                "{} holds the key {}, and vmt.toml pins {fingerprint}",
                path.display(),
                key.fingerprint
            )),
            Ok(key) => faults.extend(key.fault(Use::Encrypt, &list.address, now)),
        }
    }
    Ok(faults)
}

/// Returns the bytes of a letter. A signature is verified over the part as it stands in the mail, and an
/// encrypted mail is decrypted again: what could not be read is never sent.
///
/// # Errors
/// When headers cannot be written, a key is missing, or gpg refuses.
pub fn seal(letter: &Letter, keys: &Keys) -> Result<Vec<u8>, SealError> {
    if !letter.encrypt_to.is_empty() {
        let signer = keys.sign_with.as_deref().ok_or(SealError::NoKey)?;
        let payload = mime::payload(letter, Protection::Encrypted)?;
        let files: Vec<PathBuf> = letter.encrypt_to.iter().map(|key| keys.file(key)).collect();
        let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
        let armour = openpgp::encrypt(&payload, signer, &files)?;
        let mut readers = openpgp::secret_key(signer)?.encrypts_as(letter.date);
        for file in files {
            readers.extend(openpgp::key_file(file)?.encrypts_as(letter.date));
        }
        openpgp::verify_encrypted(&armour, &payload, signer, &readers)?;
        return Ok(mime::encrypted(letter, &armour)?);
    }
    if !letter.kind.signed {
        return Ok(mime::plain(letter)?);
    }
    let signer = keys.sign_with.as_deref().ok_or(SealError::NoKey)?;
    let payload = mime::payload(letter, Protection::Signed)?;
    let signature = openpgp::sign(&payload, signer)?;
    let mail = mime::signed(letter, &payload, &signature.armour, &signature.micalg)?;
    let part = mime::signed_part(&mail).unwrap_or_default();
    openpgp::verify(part, &signature.armour, signer)?;
    Ok(mail)
}

/// Returns the address of `Name <address>`.
pub fn address_of(mailbox: &str) -> &str {
    let text = mailbox.trim();
    if is_address(text) {
        return text;
    }
    let inner = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'));
    inner.map_or(text, |(_, address)| address.trim())
}
