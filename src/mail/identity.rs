//! Message-IDs and revisions: what makes two mails the same mail.

use sha2::{Digest as _, Sha256};

use crate::config::{Config, MailKind, MailState, Occasion};
use crate::model::Document;

/// Returns the number of the mail of a kind that a document needs now: 1 for a kind that is sent once, else
/// the number of errata or updates. `None` where there is no erratum or update yet.
pub fn revision(kind: &MailKind, document: &Document) -> Option<u32> {
    let count = match kind.occasion {
        Occasion::Once => 1,
        Occasion::Erratum => {
            let history = document.errata_history.iter();
            let errata = history.filter(|line| !line.is_original()).count();
            match (errata, &document.errata) {
                (0, Some(_)) => 1,
                (count, _) => count,
            }
        }
        Occasion::Update => document
            .embargo
            .as_ref()
            .map_or(0, |embargo| embargo.updates.len()),
    };
    u32::try_from(count).ok().filter(|count| *count > 0)
}

/// Returns the Message-ID of a mail with its angle brackets (RFC 5322 section 3.6.4). That of a public mail
/// can be read; one under embargo gives nothing away to those who see it on its way: it is a digest with a
/// secret of the workspace, so that nobody can try ids until one fits.
pub fn message_id(
    kind: &MailKind,
    document: &str,
    revision: u32,
    secret: &[u8],
    config: &Config,
) -> String {
    let domain = config.mail.domain.clone();
    let domain = domain.unwrap_or_else(|| host(&config.base_url).to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match kind.state {
        MailState::Public if document.chars().all(plain) && !document.is_empty() => {
            format!("<{document}.{}.{revision}@{domain}>", kind.name)
        }
        MailState::Public | MailState::Private => {
            let mut hash = Sha256::new();
            hash.update(secret);
            hash.update(format!("\0{document}\0{}\0{revision}", kind.name));
            let digest = hash.finalize();
            let digits: String = digest[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("<{digits}@{domain}>")
        }
    }
}

/// Returns whether a text has the form of a Message-ID with its angle brackets, and fits into a header.
pub fn is_message_id(text: &str) -> bool {
    let inner = text
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'));
    let parts = inner.and_then(|inner| inner.split_once('@'));
    let plain = |part: &str| {
        let mut bytes = part.bytes();
        !part.is_empty()
            && bytes.all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'@'))
    };
    text.len() <= 250 && parts.is_some_and(|(left, right)| plain(left) && plain(right))
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_header_is_no_message_id() {
        assert!(is_message_id(
            "<OSSA-2026-001.announce.1@security.openstack.org>"
        ));
        for text in [
            "",
            "<>",
            "<@>",
            "<a@>",
            "a@b",
            "<a@b>\r\nBcc: <c@d>",
            "<a b@c>",
            "<a@b@c>",
            "<é@b>",
        ] {
            assert!(!is_message_id(text), "{text}");
        }
    }
}
