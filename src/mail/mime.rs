//! The bytes of a mail: headers (RFC 5322), parts (RFC 2046), OpenPGP containers (RFC 3156), and headers
//! protected inside them (RFC 9788).
//!
//! lettre encodes headers and attachments. The structure is written here, since a signature holds for
//! exact bytes: the signed part is cut out of nothing, it goes into the mail as it was signed.

use std::time::SystemTime;

use lettre::message::header::{
    ContentTransferEncoding, Date, From, Header, HeaderValue, Headers, InReplyTo, MessageId,
    MimeVersion, References, ReplyTo, Subject, To,
};
use lettre::message::{Body, Mailbox, Mailboxes};
use sha2::{Digest as _, Sha256};

use super::letter::{Attachment, Letter};

/// Longest line of a header before it is folded (RFC 5322 section 2.1.1).
const FOLD: usize = 76;

/// Longest line of an encoded body (RFC 2045 section 6.7).
const ENCODED: usize = 76;

/// Longest line of a body that is sent as it is, in octets (RFC 5322 section 2.1.1 admits 998).
const PLAIN: usize = 990;

/// Why a mail has no bytes.
#[derive(Debug, thiserror::Error)]
pub enum MimeError {
    /// Nobody said who sends it.
    #[error("nobody is named as the sender")]
    NoSender,
    /// An address that mails cannot be sent to.
    #[error("`{0}` is no mail address")]
    Address(String),
}

/// How the headers of a mail are protected by its signature or encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all: the mail has neither.
    None,
    /// They stand in the signed part as well.
    Signed,
    /// They stand in the encrypted part; those outside may say less.
    Encrypted,
}

/// The headers of a part, as they are written, and its encoded body.
struct Part {
    headers: String,
    body: Vec<u8>,
}

impl Part {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.headers.as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
    }
}

/// Returns a mail without signature and encryption.
///
/// # Errors
/// When the sender or a recipient cannot be written.
pub fn plain(letter: &Letter) -> Result<Vec<u8>, MimeError> {
    let mut mail = headers(letter, &letter.subject)?;
    mail.set(MimeVersion::new(1, 0));
    let mut bytes = mail.to_string().into_bytes();
    content(letter, Protection::None).write(&mut bytes);
    Ok(end(bytes))
}

/// Returns the part that is signed or encrypted. It ends with a line break of its own, which some readers put
/// there anyway; the one before the boundary that follows is not signed (RFC 3156 section 5).
///
/// # Errors
/// When the sender or a recipient cannot be written.
pub fn payload(letter: &Letter, protection: Protection) -> Result<Vec<u8>, MimeError> {
    let inner = headers(letter, &letter.subject)?.to_string();
    let mut bytes = inner.into_bytes();
    if protection == Protection::Encrypted {
        for line in unfolded(&headers(letter, outer_subject(letter))?.to_string()) {
            // What stands outside, so that a reader can tell what the way could see (RFC 9788 section 2.2).
            bytes.extend_from_slice(folded(&format!("HP-Outer: {line}")).as_bytes());
        }
    }
    content(letter, protection).write(&mut bytes);
    Ok(end(bytes))
}

/// Returns a signed mail (RFC 3156 section 5): the payload, and its signature in ASCII armour. `micalg` names
/// the digest that the signature rests on, such as `pgp-sha512`.
///
/// # Errors
/// When the sender or a recipient cannot be written.
pub fn signed(
    letter: &Letter,
    payload: &[u8],
    armour: &str,
    micalg: &str,
) -> Result<Vec<u8>, MimeError> {
    let boundary = boundary(&[payload, armour.as_bytes()]);
    let kind = format!(
        "Content-Type: multipart/signed; micalg=\"{micalg}\"; protocol=\"application/pgp-signature\"; boundary=\"{boundary}\""
    );
    let mut bytes = opening(letter, &letter.subject, &kind)?;
    bytes.extend_from_slice(b"This is a mail with an OpenPGP signature (RFC 3156).\r\n");
    bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
    bytes.extend_from_slice(
        b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\
        Content-Description: OpenPGP signature\r\n\
        Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n",
    );
    bytes.extend_from_slice(canonical(armour).as_bytes());
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(bytes)
}

/// Returns an encrypted mail (RFC 3156 section 4) around a payload that was signed and encrypted.
///
/// # Errors
/// When the sender or a recipient cannot be written.
pub fn encrypted(letter: &Letter, armour: &str) -> Result<Vec<u8>, MimeError> {
    let boundary = boundary(&[armour.as_bytes()]);
    let kind = format!(
        "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"{boundary}\""
    );
    let mut bytes = opening(letter, outer_subject(letter), &kind)?;
    bytes.extend_from_slice(b"This is a mail encrypted with OpenPGP (RFC 3156).\r\n");
    bytes.extend_from_slice(
        format!(
            "--{boundary}\r\nContent-Type: application/pgp-encrypted\r\n\
            Content-Description: PGP/MIME version identification\r\n\r\nVersion: 1\r\n\r\n\
            --{boundary}\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
            Content-Description: OpenPGP encrypted message\r\n\
            Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n"
        )
        .as_bytes(),
    );
    bytes.extend_from_slice(canonical(armour).as_bytes());
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(bytes)
}

/// Cuts the first part out of a signed mail, as a reader does, for the check before it is sent.
pub fn signed_part(mail: &[u8]) -> Option<&[u8]> {
    let head = find(mail, b"\r\n\r\n", 0)?;
    let kind = find(mail, b"\r\nContent-Type: multipart/signed;", 0).filter(|at| *at < head)?;
    let from = find(mail, b"boundary=\"", kind).filter(|at| *at < head)? + b"boundary=\"".len();
    let to = find(mail, b"\"", from)?;
    let mark = [b"--", &mail[from..to]].concat();
    let start = find(mail, &[&mark[..], b"\r\n"].concat(), head)? + mark.len() + 2;
    let stop = find(mail, &[b"\r\n", &mark[..]].concat(), start)?;
    Some(&mail[start..stop])
}

fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let found = memchr::memmem::find(bytes.get(from..)?, what)?;
    Some(from + found)
}

fn outer_subject(letter: &Letter) -> &str {
    letter.outer_subject.as_deref().unwrap_or(&letter.subject)
}

fn opening(letter: &Letter, subject: &str, kind: &str) -> Result<Vec<u8>, MimeError> {
    let mut headers = headers(letter, subject)?;
    headers.set(MimeVersion::new(1, 0));
    let text = format!("{headers}{}\r\n", folded(kind));
    Ok(text.into_bytes())
}

/// The headers that say who writes to whom and of what, in the order that readers are used to.
fn headers(letter: &Letter, subject: &str) -> Result<Headers, MimeError> {
    let mut headers = Headers::new();
    let from = letter.from.as_deref().ok_or(MimeError::NoSender)?;
    headers.set(From::from(Mailboxes::from(mailbox(from)?)));
    let to: Vec<Mailbox> = letter
        .to
        .iter()
        .map(|address| mailbox(address))
        .collect::<Result<_, _>>()?;
    addresses(&mut headers, to);
    if let Some(reply_to) = &letter.reply_to {
        headers.set(ReplyTo::from(Mailboxes::from(mailbox(reply_to)?)));
    }
    headers.set(Subject::from(subject.to_owned()));
    headers.set(Date::from(SystemTime::from(letter.date)));
    headers.set(MessageId::from(letter.message_id.clone()));
    if let Some(first) = letter.thread.first() {
        headers.set(InReplyTo::from(first.clone()));
        references(&mut headers, &letter.thread);
    }
    Ok(headers)
}

/// Folds between addresses, which lettre leaves on one line.
fn addresses(headers: &mut Headers, to: Vec<Mailbox>) {
    let mut folded = String::new();
    let mut column = "To:".len();
    for mailbox in to.iter().cloned() {
        let mut one = Headers::new();
        one.set(To::from(Mailboxes::from(mailbox)));
        let text = one.to_string();
        let text = text.trim_start_matches("To:").trim();
        if !folded.is_empty() {
            folded.push(',');
            let fold = column + 2 + text.len() > FOLD;
            folded.push_str(if fold { "\r\n " } else { " " });
            column = if fold { 1 } else { column + 2 };
        }
        folded.push_str(text);
        column += text.len();
    }
    let raw = Mailboxes::from_iter(to).to_string();
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
        To::name(),
        raw,
        folded,
    ));
}

/// A Message-ID has no blank to fold at, so each after the first has a line of its own.
fn references(headers: &mut Headers, thread: &[String]) {
    let name = References::name();
    let raw = thread.join(" ");
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(
        name,
        raw,
        thread.join("\r\n "),
    ));
}

fn mailbox(text: &str) -> Result<Mailbox, MimeError> {
    text.parse()
        .map_err(|_| MimeError::Address(text.to_owned()))
}

/// What the mail holds: its text, and its files where it has any.
fn content(letter: &Letter, protection: Protection) -> Part {
    let parameter = match protection {
        Protection::None => "",
        Protection::Signed => "; hp=\"clear\"; protected-headers=\"v1\"",
        Protection::Encrypted => "; hp=\"cipher\"; protected-headers=\"v1\"",
    };
    // Readers that know nothing of protected headers show the subject in the text (RFC 9788 section 4.10).
    let legacy = protection == Protection::Encrypted && letter.outer_subject.is_some();
    let body = match legacy {
        true => {
            let subject = folded(&format!("Subject: {}", letter.subject));
            format!("{subject}\r\n{}", letter.body)
        }
        false => letter.body.clone(),
    };
    let display = if legacy {
        "; hp-legacy-display=\"1\""
    } else {
        ""
    };
    if letter.attachments.is_empty() {
        return text(&body, &format!("{display}{parameter}"));
    }
    let mut parts = vec![text(&body, display)];
    parts.extend(letter.attachments.iter().map(attachment));
    let bodies: Vec<&[u8]> = parts.iter().map(|part| part.body.as_slice()).collect();
    let boundary = boundary(&bodies);
    let mut bytes = Vec::new();
    for part in &parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        part.write(&mut bytes);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"{parameter}");
    Part {
        headers: folded(&kind),
        body: bytes,
    }
}

fn text(text: &str, parameters: &str) -> Part {
    let text = canonical(text);
    let kind = folded(&format!(
        "Content-Type: text/plain; charset=\"utf-8\"{parameters}"
    ));
    let (encoding, body) = match is_plain(&text) {
        true => ("7bit", text.into_bytes()),
        false => ("quoted-printable", quoted_printable(&text).into_bytes()),
    };
    Part {
        headers: format!("{kind}Content-Transfer-Encoding: {encoding}\r\n"),
        body,
    }
}

/// A patch as a part of its own. Base64 keeps every byte, so that its digest holds where it arrives.
fn attachment(file: &Attachment) -> Part {
    let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64);
    // Base64 takes any bytes; the other encodings would not.
    let body = body.map_or_else(|bytes| bytes, Body::into_vec);
    let charset = match std::str::from_utf8(&file.bytes) {
        Ok(_) => "; charset=\"utf-8\"",
        Err(_) => "",
    };
    let name = &file.name;
    let kind = folded(&format!(
        "Content-Type: text/x-patch; name=\"{name}\"{charset}"
    ));
    let disposition = folded(&format!(
        "Content-Disposition: attachment; filename=\"{name}\""
    ));
    Part {
        headers: format!("{kind}{disposition}Content-Transfer-Encoding: base64\r\n"),
        body,
    }
}

/// Whether a text may travel as it is: nothing in it that a relay would change (RFC 3156 section 3).
fn is_plain(text: &str) -> bool {
    text.split("\r\n").all(|line| {
        line.len() <= PLAIN
            && line.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
            && !line.ends_with([' ', '\t'])
            && !line.starts_with("From ")
    })
}

/// Encodes a text in quoted-printable (RFC 2045 section 6.7). Blanks at the end of a line and a `From ` at
/// its beginning are encoded as well, which relays would change (RFC 3156 section 3).
fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (at, line) in text.split("\r\n").enumerate() {
        if at > 0 {
            out.push_str("\r\n");
        }
        let bytes = line.as_bytes();
        let mut column = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let bare = match byte {
                b'=' => false,
                b' ' | b'\t' => !last,
                b'F' => at > 0 || !line.starts_with("From "),
                byte => byte.is_ascii_graphic(),
            };
            let length = if bare { 1 } else { 3 };
            // One column is left for the sign that the line goes on.
            if column + length > ENCODED - usize::from(!last) {
                out.push_str("=\r\n");
                column = 0;
                // What was in the middle of a line now stands at the beginning of one.
                if bytes[at..].starts_with(b"From ") {
                    out.push_str("=46");
                    column = 3;
                    continue;
                }
            }
            match bare {
                true => out.push(char::from(*byte)),
                false => out.push_str(&format!("={byte:02X}")),
            }
            column += length;
        }
    }
    out
}

/// Line breaks as mails have them.
fn canonical(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    match text.ends_with("\r\n") {
        true => text,
        false => format!("{text}\r\n"),
    }
}

/// A boundary that depends on what it bounds, so that equal mails have equal bytes.
fn boundary(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let digits: String = digest[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("vmt-{digits}")
}

/// Folds a header between words, with its final line break.
fn folded(header: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (at, word) in header.split(' ').enumerate() {
        if at > 0 {
            // The name of a header stays with the beginning of its value.
            let fold = column + 1 + word.len() > FOLD && at > 1;
            out.push_str(if fold { "\r\n " } else { " " });
            column = if fold { 1 } else { column + 1 };
        }
        out.push_str(word);
        column += word.len();
    }
    out.push_str("\r\n");
    out
}

fn unfolded(headers: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in headers.split("\r\n").filter(|line| !line.is_empty()) {
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn end(mut bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A decoder that we did not write says what an encoded text says.
    fn decoded(text: &str) -> Vec<u8> {
        quoted_printable::decode(text, quoted_printable::ParseMode::Strict).expect("an encoding")
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(text in "(?s)([ -~éß→]|\t|\r\n|From |=|-- |\\.){0,200}") {
            let encoded = super::quoted_printable(&text);
            prop_assert_eq!(decoded(&encoded), text.as_bytes());
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= ENCODED, "{line:?}");
                prop_assert!(!line.ends_with([' ', '\t']), "{line:?}");
                prop_assert!(!line.starts_with("From "), "{line:?}");
                prop_assert!(line.is_ascii());
            }
        }
    }

    #[test]
    fn a_header_is_folded_between_words_only() {
        let header = folded(&format!(
            "Content-Type: text/x; a=\"{}\"; b=\"{}\"",
            "x".repeat(60),
            "y".repeat(30)
        ));
        assert!(header.ends_with("\r\n") && header.contains(";\r\n b="));
        assert_eq!(
            unfolded(&header).join("").replace(";  ", "; "),
            header.replace("\r\n ", " ").trim_end()
        );
        assert!(header.lines().all(|line| line.len() <= 80));
    }
}
