//! Keys: whose they are, what they are good for, and what is wrong with them.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::{OpenPgpError, run};

/// What a key is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// To sign.
    Sign,
    /// To encrypt to its owner.
    Encrypt,
}

/// A key with its subkeys.
#[derive(Debug, Clone)]
pub struct Key {
    /// Fingerprint of its primary key.
    pub fingerprint: String,
    /// Addresses in its user ids that were not revoked, in small letters.
    pub addresses: Vec<String>,
    /// The primary key and the subkeys.
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    /// Its key id: 16 digits.
    id: String,
    validity: String,
    algorithm: u32,
    bits: u32,
    expires: Option<DateTime<Utc>>,
    capabilities: String,
    has_secret: bool,
}

/// Fewest bits of a key whose strength they say: RSA, DSA and ElGamal (NIST SP 800-131A).
const FEWEST_BITS: u32 = 2048;

impl Part {
    fn fault(&self, now: DateTime<Utc>) -> Option<&'static str> {
        let by_bits = matches!(self.algorithm, 1 | 2 | 3 | 16 | 17 | 20);
        match self.validity.as_str() {
            "r" => Some("was revoked"),
            "e" => Some("has expired"),
            "d" => Some("is disabled"),
            "i" => Some("is not valid"),
            _ if self.expires.is_some_and(|end| end <= now) => Some("has expired"),
            _ if by_bits && self.bits < FEWEST_BITS => Some("is too weak"),
            _ => None,
        }
    }
}

impl Key {
    /// Returns the ids of the parts that may encrypt: neither expired, revoked nor weak.
    pub fn encrypts_as(&self, now: DateTime<Utc>) -> Vec<String> {
        let able = self
            .parts
            .iter()
            .filter(|part| part.capabilities.contains('e'));
        able.filter(|part| part.fault(now).is_none())
            .map(|part| part.id.clone())
            .collect()
    }

    /// Returns why the key cannot be used; `None` where it can. `address` is whose key it has to be.
    pub fn fault(&self, wanted: Use, address: &str, now: DateTime<Utc>) -> Option<String> {
        let name = &self.fingerprint;
        let primary = self.parts.first()?;
        if let Some(fault) = primary.fault(now) {
            return Some(format!("the key {name} {fault}"));
        }
        let letter = match wanted {
            Use::Sign => 's',
            Use::Encrypt => 'e',
        };
        // A small letter says what this part can do (gpg's doc/DETAILS, field 12).
        let able = || {
            self.parts
                .iter()
                .filter(|part| part.capabilities.contains(letter))
        };
        let sound = able().any(|part| part.fault(now).is_none());
        if !sound {
            let what = match wanted {
                Use::Sign => "sign",
                Use::Encrypt => "encrypt",
            };
            let why = able().find_map(|part| part.fault(now));
            let why = why
                .map(|why| format!(": its subkey {why}"))
                .unwrap_or_default();
            return Some(format!("the key {name} cannot {what}{why}"));
        }
        if wanted == Use::Sign && !able().any(|part| part.has_secret) {
            return Some(format!("gpg has no secret key {name}"));
        }
        let fits = self
            .addresses
            .iter()
            .any(|known| known.eq_ignore_ascii_case(address));
        if !fits {
            return Some(format!(
                "the key {name} is not that of {address}: it names {}",
                match self.addresses.as_slice() {
                    [] => "nobody".to_owned(),
                    all => all.join(", "),
                }
            ));
        }
        None
    }
}

/// Reads the only key of a file.
///
/// # Errors
/// When gpg is missing, or the file does not hold exactly one public key.
pub fn key_file(path: &Path) -> Result<Key, OpenPgpError> {
    let shown = path.to_string_lossy();
    let answer = run(&["--with-colons", "--show-keys", &shown], b"")?;
    let mut keys = parse_keys(&String::from_utf8_lossy(&answer.output));
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => Err(OpenPgpError::Refused {
            what: "read one public key",
            why: format!("{shown} holds none, or several"),
        }),
    }
}

/// Finds a secret key of the user by its fingerprint.
///
/// # Errors
/// When gpg is missing, or has no such key.
pub fn secret_key(fingerprint: &str) -> Result<Key, OpenPgpError> {
    let answer = run(&["--with-colons", "--list-secret-keys", fingerprint], b"")?;
    let keys = parse_keys(&String::from_utf8_lossy(&answer.output));
    let found = keys.into_iter().next();
    found.ok_or_else(|| OpenPgpError::Key {
        key: fingerprint.to_owned(),
        why: "gpg has no such secret key".to_owned(),
    })
}

/// Reads the list of keys that gpg writes for machines (its doc/DETAILS, `--with-colons`). Lines of other
/// kinds are passed over.
pub fn parse_keys(text: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        let part = || Part {
            id: field(4).to_uppercase(),
            validity: field(1).to_owned(),
            algorithm: field(3).parse().unwrap_or(0),
            bits: field(2).parse().unwrap_or(0),
            expires: field(6)
                .parse()
                .ok()
                .and_then(|end| DateTime::from_timestamp(end, 0)),
            capabilities: field(11).to_owned(),
            // `#` stands for a stub without the secret; a token's serial number is one that signs.
            has_secret: field(0).starts_with('s') && field(0) != "sub" && field(14) != "#",
        };
        match (field(0), keys.last_mut()) {
            ("pub" | "sec", _) => keys.push(Key {
                fingerprint: String::new(),
                addresses: Vec::new(),
                parts: vec![part()],
            }),
            ("sub" | "ssb", Some(key)) => key.parts.push(part()),
            ("fpr", Some(key)) if key.fingerprint.is_empty() => {
                key.fingerprint = field(9).to_uppercase();
            }
            ("uid", Some(key)) if !matches!(field(1), "r" | "e") => {
                let text = field(9).replace("\\x3a", ":");
                let address = match text.rsplit_once('<') {
                    Some((_, rest)) => rest.trim_end_matches('>'),
                    None => text.as_str(),
                };
                key.addresses.push(address.trim().to_lowercase());
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
pub:-:255:22:AAAA:1700000000:1900000000::-:::scESC:::::ed25519:::0:\n\
fpr:::::::::0123456789ABCDEF0123456789ABCDEF01234567:\n\
uid:-::::1700000000::X::A Name <A.Name@Example.org>::::::::::0:\n\
uid:r::::1700000000::X::Gone <gone@example.org>::::::::::0:\n\
sub:e:255:18:BBBB:1700000000:1710000000:::::e:::::cv25519::\n\
fpr:::::::::FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:\n";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a moment")
    }

    #[test]
    fn faults_of_keys_are_named() {
        let keys = parse_keys(LIST);
        let [key] = keys.as_slice() else {
            panic!("{keys:?}");
        };
        assert_eq!(key.fingerprint, "0123456789ABCDEF0123456789ABCDEF01234567");
        assert_eq!(key.addresses, ["a.name@example.org"]);
        let fault = |wanted, address: &str, now| key.fault(wanted, address, at(now));
        assert!(
            fault(Use::Encrypt, "a.name@example.org", 1_800_000_000)
                .is_some_and(|why| why.ends_with("cannot encrypt: its subkey has expired"))
        );
        assert!(
            fault(Use::Sign, "a.name@example.org", 1_950_000_000)
                .is_some_and(|why| why.ends_with("has expired"))
        );
        // A public key signs nothing.
        assert!(
            fault(Use::Sign, "a.name@example.org", 1_800_000_000)
                .is_some_and(|why| why.starts_with("gpg has no secret key"))
        );
        let secret = parse_keys(&LIST.replace("pub:-:", "sec:u:").replace("sub:e:", "ssb:u:"));
        let fault = |address: &str| secret[0].fault(Use::Sign, address, at(1_800_000_000));
        assert_eq!(fault("A.NAME@example.org"), None);
        assert!(fault("gone@example.org").is_some_and(|why| why.contains("is not that of")));
        let weak = parse_keys(&LIST.replace("pub:-:255:22", "pub:-:1024:1"));
        let fault = weak[0].fault(Use::Encrypt, "a.name@example.org", at(1_700_000_001));
        assert!(fault.is_some_and(|why| why.ends_with("is too weak")));
    }
}
