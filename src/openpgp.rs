//! OpenPGP signatures through the user's GnuPG (effect: runs gpg).
//!
//! gpg and its agent hold the keys, so passphrases and hardware tokens work as they do elsewhere. The
//! time of a signature is that of what it signs: equal content makes equal signatures.

#![allow(clippy::disallowed_methods)] // The module that runs gpg.

use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::{DateTime, Utc};

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum OpenPgpError {
    /// gpg cannot be started.
    #[error("gpg cannot be run: {0}")]
    NoProgram(std::io::Error),
    /// gpg has no such secret key, or it cannot be used.
    #[error("the key {key} cannot sign: {why}")]
    Key {
        /// Its fingerprint.
        key: String,
        /// What gpg says.
        why: String,
    },
}

impl OpenPgpError {
    /// Returns how to mend it.
    pub fn help(&self) -> &'static str {
        match self {
            OpenPgpError::NoProgram(_) => {
                "install GnuPG (Debian: apt install gnupg), or build with --unsigned"
            }
            OpenPgpError::Key { .. } => {
                "see `gpg --list-secret-keys`; [openpgp] in vmt.toml names the key; or build with --unsigned"
            }
        }
    }
}

/// The form of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A file of its own beside what it signs.
    Detached,
    /// Around the text that it signs (RFC 9580 section 7).
    Clear,
}

/// A key that signs.
#[derive(Debug)]
pub struct Signer {
    fingerprint: String,
    /// No signature of it can be older.
    created: DateTime<Utc>,
}

impl Signer {
    /// Finds a secret key by its fingerprint.
    ///
    /// # Errors
    /// When gpg is missing, or has no usable secret key of that fingerprint.
    pub fn find(fingerprint: &str) -> Result<Signer, OpenPgpError> {
        let output = Command::new("gpg")
            .args([
                "--batch",
                "--with-colons",
                "--list-secret-keys",
                fingerprint,
            ])
            .output()
            .map_err(OpenPgpError::NoProgram)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let refuse = |why: &str| OpenPgpError::Key {
            key: fingerprint.to_owned(),
            why: why.to_owned(),
        };
        let mut created: Option<i64> = None;
        for line in text.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            let is_key = matches!(fields.first(), Some(&"sec" | &"ssb"));
            if !is_key {
                continue;
            }
            // Validity of the primary key: expired, revoked, disabled (gpg's doc/DETAILS).
            if fields[0] == "sec" {
                match fields.get(1) {
                    Some(&"e") => return Err(refuse("it has expired")),
                    Some(&"r") => return Err(refuse("it was revoked")),
                    Some(&("d" | "i")) => return Err(refuse("it is not valid")),
                    _ => {}
                }
            }
            let time = fields.get(5).and_then(|field| field.parse().ok());
            created = created.max(time);
        }
        let created = created.and_then(|time| DateTime::from_timestamp(time, 0));
        let created = created.ok_or_else(|| refuse("gpg has no such secret key"))?;
        Ok(Signer {
            fingerprint: fingerprint.to_owned(),
            created,
        })
    }

    /// Signs bytes as of a moment, or as of the birth of the key where that is later. Returns the
    /// signature in ASCII armour.
    ///
    /// # Errors
    /// What gpg says.
    pub fn sign(
        &self,
        bytes: &[u8],
        form: Form,
        moment: DateTime<Utc>,
    ) -> Result<Vec<u8>, OpenPgpError> {
        let moment = moment.max(self.created);
        let option = match form {
            Form::Detached => "--detach-sign",
            Form::Clear => "--clear-sign",
        };
        let mut child = Command::new("gpg")
            .args(["--batch", "--quiet", "--no-emit-version", "--armor"])
            .args([
                "--faked-system-time",
                &format!("{}!", moment.format("%Y%m%dT%H%M%S")),
            ])
            .args(["--local-user", &self.fingerprint, "--digest-algo", "SHA512"])
            .args(["--output", "-", option])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(OpenPgpError::NoProgram)?;
        if let Some(mut stdin) = child.stdin.take() {
            // gpg reads all before it writes; if it stopped early, its exit status says why.
            let _ = stdin.write_all(bytes);
        }
        let output = child.wait_with_output().map_err(OpenPgpError::NoProgram)?;
        match output.status.success() && output.stdout.starts_with(b"-----BEGIN PGP SIGN") {
            true => Ok(output.stdout),
            false => Err(OpenPgpError::Key {
                key: self.fingerprint.clone(),
                why: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            }),
        }
    }
}
