//! Messages to the keys of files, without a signature: encryption, decryption, and for how many keys one is.

use std::path::PathBuf;

use super::{OpenPgpError, refused, run};

/// Encrypts bytes to the keys of files. Returns the message in ASCII armour.
///
/// # Errors
/// What gpg says.
pub fn encrypt_to(bytes: &[u8], key_files: &[PathBuf]) -> Result<Vec<u8>, OpenPgpError> {
    let files: Vec<String> = key_files
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    // A key that gpg.conf adds would be one more reader.
    let mut arguments = vec!["--no-options", "--no-encrypt-to", "--armor"];
    arguments.extend(["--trust-model", "always", "--encrypt"]);
    for file in &files {
        arguments.extend(["--recipient-file", file]);
    }
    let answer = run(&arguments, bytes)?;
    match answer.success {
        true => Ok(answer.output),
        false => Err(refused("encrypt", &answer)),
    }
}

/// Decrypts a message with a secret key of the user.
///
/// # Errors
/// What gpg says.
pub fn decrypt(message: &[u8]) -> Result<Vec<u8>, OpenPgpError> {
    let answer = run(&["--decrypt"], message)?;
    match answer.success {
        true => Ok(answer.output),
        false => Err(refused("decrypt", &answer)),
    }
}

/// Returns how many keys a message is encrypted to; 0 where it holds no encrypted data.
///
/// # Errors
/// What gpg says.
pub fn count_readers(message: &[u8]) -> Result<usize, OpenPgpError> {
    let answer = run(&["--list-only", "--list-packets"], message)?;
    if !answer.success {
        return Err(refused("read what it wrote", &answer));
    }
    let listed = String::from_utf8_lossy(&answer.output);
    let data = listed.contains("encrypted data packet") || listed.contains("aead encrypted packet");
    Ok(match data {
        true => listed.matches(":pubkey enc packet:").count(),
        false => 0,
    })
}
