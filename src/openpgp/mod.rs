//! OpenPGP through the user's GnuPG (effect: runs gpg).
//!
//! gpg and its agent hold the keys, so passphrases and hardware tokens work as they do elsewhere. The
//! time of a signature of what is published is that of what it signs: equal content makes equal
//! signatures. A mail is signed as of now. Knows no recipients' policy.

#![allow(clippy::disallowed_methods)] // The module that runs gpg.

mod keys;
mod mail;
mod message;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use keys::{Key, Use, key_file, parse_keys, secret_key};
pub use mail::{Signature, encrypt, sign, verify, verify_encrypted};
pub use message::{count_readers, decrypt, encrypt_to};

/// Why nothing was signed, encrypted or verified.
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
    /// gpg refused.
    #[error("gpg could not {what}: {why}")]
    Refused {
        /// What it was asked to do.
        what: &'static str,
        /// What it says.
        why: String,
    },
}

impl OpenPgpError {
    /// Returns how to mend it.
    pub fn help(&self) -> &'static str {
        match self {
            OpenPgpError::NoProgram(_) => {
                "install GnuPG (Debian: apt install gnupg); `vmt build --unsigned` and everything but signed mail does without"
            }
            OpenPgpError::Key { .. } => {
                "see `gpg --list-secret-keys`; [openpgp] in vmt.toml names the key; or build with --unsigned"
            }
            OpenPgpError::Refused { .. } => {
                "try the same with gpg itself; its agent may want a passphrase"
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
        let answer = run(&["--with-colons", "--list-secret-keys", fingerprint], b"")?;
        let text = String::from_utf8_lossy(&answer.output);
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
        wait_for_the_second_after(moment);
        let option = match form {
            Form::Detached => "--detach-sign",
            Form::Clear => "--clear-sign",
        };
        let time = format!("{}!", moment.format("%Y%m%dT%H%M%S"));
        let answer = run(
            &[
                "--no-emit-version",
                "--armor",
                "--faked-system-time",
                &time,
                "--local-user",
                &self.fingerprint,
                "--digest-algo",
                "SHA512",
                "--output",
                "-",
                option,
            ],
            bytes,
        )?;
        match answer.success && answer.output.starts_with(b"-----BEGIN PGP SIGN") {
            true => Ok(answer.output),
            false => Err(OpenPgpError::Key {
                key: self.fingerprint.clone(),
                why: answer.words,
            }),
        }
    }
}

/// Waits while a moment is the present second, or the next: gpg takes it for no other time than its own then, and its
/// clock goes on while it signs (`gnupg_set_time` in common/gettime.c of GnuPG 2.2 to 2.5).
fn wait_for_the_second_after(moment: DateTime<Utc>) {
    // time(2), which gpg asks, is some ticks of the system behind.
    const TICKS: i64 = 100;
    let end = (moment.timestamp() + 1) * 1000 + TICKS;
    let ahead = end - Utc::now().timestamp_millis();
    if let Ok(millis @ 1..=2000) = u64::try_from(ahead) {
        std::thread::sleep(Duration::from_millis(millis));
    }
}

/// What gpg answered.
struct Answer {
    success: bool,
    output: Vec<u8>,
    /// Lines for machines, without their mark (gpg's doc/DETAILS).
    status: Vec<String>,
    /// Lines for people.
    words: String,
}

impl Answer {
    /// Returns what stands behind a keyword in the lines for machines.
    fn after(&self, keyword: &str) -> impl Iterator<Item = &str> {
        self.status.iter().filter_map(move |line| {
            let rest = line.strip_prefix(keyword)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim_start())
        })
    }
}

/// Runs gpg with an input.
fn run(arguments: &[&str], input: &[u8]) -> Result<Answer, OpenPgpError> {
    let mut child = Command::new("gpg")
        .args(["--batch", "--quiet", "--status-fd", "2"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(OpenPgpError::NoProgram)?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        // gpg writes while it reads: both sides have to move.
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // If gpg stopped early, its exit status says why.
                let _ = stdin.write_all(input);
            }
        });
        child.wait_with_output()
    });
    let output = output.map_err(OpenPgpError::NoProgram)?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (status, words): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with("[GNUPG:] "));
    Ok(Answer {
        success: output.status.success(),
        output: output.stdout,
        status: status
            .into_iter()
            .map(|line| line["[GNUPG:] ".len()..].to_owned())
            .collect(),
        words: words.join("; ").trim().to_owned(),
    })
}

/// What gpg gives as the reason of a refusal.
fn refused(what: &'static str, answer: &Answer) -> OpenPgpError {
    let reasons: Vec<&str> = answer
        .after("INV_RECP")
        .chain(answer.after("INV_SGNR"))
        .collect();
    let why = match (answer.words.as_str(), reasons.as_slice()) {
        ("", []) => "it gives no reason".to_owned(),
        ("", reasons) => format!("it refuses the key {}", reasons.join(", ")),
        (words, _) => words.to_owned(),
    };
    OpenPgpError::Refused { what, why }
}
