//! Text reduced to what a reader sees: letters and digits in lower case, with encodings undone.

use icu_normalizer::DecomposingNormalizer;

/// A text without anything but letters and digits. Blanks, line breaks, quoting, emphasis, soft hyphens
/// and signs are gone, so it does not matter how a text was wrapped or marked up.
#[derive(Debug, Default)]
pub(super) struct Squeezed {
    /// The letters and digits, in lower case and without accents.
    pub(super) bytes: Vec<u8>,
    /// Where each byte came from; empty unless asked for.
    pub(super) origins: Vec<u32>,
}

/// Whether places are kept, which only a hit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origins {
    Keep,
    Drop,
}

/// Squeezes a text. What is not UTF-8 is read as Latin-1.
pub(super) fn squeeze(text: &[u8], keep: Origins) -> Squeezed {
    let mut out = Squeezed::default();
    out.bytes.reserve(text.len() * 3 / 4);
    let mut at = 0;
    for chunk in text.utf8_chunks() {
        let valid = chunk.valid();
        squeeze_chunk(valid, at, keep, &mut out);
        at += valid.len();
        for byte in chunk.invalid() {
            fold(char::from(*byte), at, keep, &mut out);
            at += 1;
        }
    }
    out
}

fn squeeze_chunk(text: &str, start: usize, keep: Origins, out: &mut Squeezed) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let lower = LOWER[usize::from(bytes[at])];
        if lower != 0 {
            out.bytes.push(lower);
            if keep == Origins::Keep {
                out.origins.push(place(start + at));
            }
            at += 1;
        } else if bytes[at] < 0x80 {
            at += 1;
        } else {
            let Some(c) = text[at..].chars().next() else {
                break;
            };
            fold(c, start + at, keep, out);
            at += c.len_utf8();
        }
    }
}

/// The lower-case form of ASCII letters and digits; 0 for every other byte.
static LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// A letter beyond ASCII: full width, ligatures and accents become the plain letters.
fn fold(c: char, origin: usize, keep: Origins, out: &mut Squeezed) {
    let plain = DecomposingNormalizer::new_nfkd();
    for c in plain.normalize_iter(std::iter::once(c)) {
        if !c.is_alphanumeric() {
            continue;
        }
        // By way of capitals, as a sharp s is written as two of them.
        for lower in c.to_uppercase().flat_map(char::to_lowercase) {
            let mut buffer = [0; 4];
            let bytes = lower.encode_utf8(&mut buffer).as_bytes();
            out.bytes.extend_from_slice(bytes);
            if keep == Origins::Keep {
                out.origins.extend(bytes.iter().map(|_| place(origin)));
            }
        }
    }
}

/// How many bytes the character has that begins with a byte.
pub(super) fn width(text: &[u8], at: usize) -> usize {
    let width = match text.get(at) {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return 1,
    };
    // Latin-1 has the same bytes, but no further ones that belong to them.
    let further = text.get(at + 1..at + width);
    let whole = further.is_some_and(|bytes| bytes.iter().all(|byte| byte & 0xc0 == 0x80));
    if whole { width } else { 1 }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Longest tag that is taken out, in bytes.
const LONGEST_TAG: usize = 4096;

/// Takes tags and comments out of a text; `None` where there are none.
pub(super) fn without_tags(text: &[u8]) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &text[at..]) {
        let start = at + found;
        at = start + 1;
        let opens = text
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?'));
        let rest = &text[at..(at + LONGEST_TAG).min(text.len())];
        if let Some(length) = memchr::memchr(b'>', rest).filter(|_| opens) {
            let out = out.get_or_insert_with(|| Vec::with_capacity(text.len()));
            out.extend_from_slice(&text[from..start]);
            // A mark that shows no space between two parts of a word, and separates numbers not at all.
            out.extend_from_slice("\u{200b}".as_bytes());
            from = at + length + 1;
            at = from;
        }
    }
    let mut out = out?;
    out.extend_from_slice(&text[from..]);
    Some(out)
}

/// Undoes one layer of every way to write a character as several: entities of HTML, percent signs of
/// addresses, backslashes of JSON and programs, quoted-printable and encoded words of mails. `None` where
/// there is nothing to undo.
pub(super) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    let (mut from, mut at) = (0, 0);
    while let Some(found) = next_mark(&text[at..]) {
        let start = at + found;
        at = start + 1;
        let rest = &text[start..];
        let mut replacement = Vec::new();
        let length = match rest[0] {
            b'&' => entity(rest, &mut replacement),
            b'%' => percent(rest, &mut replacement),
            b'\\' => backslash(rest, &mut replacement),
            _ => equals(rest, &mut replacement),
        };
        if let Some(length) = length {
            let out = out.get_or_insert_with(|| Vec::with_capacity(text.len()));
            out.extend_from_slice(&text[from..start]);
            out.extend_from_slice(&replacement);
            from = start + length;
            at = from;
        }
    }
    let mut out = out?;
    out.extend_from_slice(&text[from..]);
    Some(out)
}

/// The next byte that may begin an encoding. In one pass: a search for some of the four, bounded by one for
/// the others, would go over the same bytes again and again.
fn next_mark(text: &[u8]) -> Option<usize> {
    text.iter()
        .position(|byte| matches!(byte, b'&' | b'%' | b'\\' | b'='))
}

fn put(code: u32, out: &mut Vec<u8>) -> Option<()> {
    let c = char::from_u32(code)?;
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    Some(())
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

/// How many bytes at the start hold for a test, at most `limit`.
fn run(text: &[u8], limit: usize, holds: fn(&u8) -> bool) -> usize {
    text.iter()
        .take(limit)
        .take_while(|byte| holds(byte))
        .count()
}

/// `&#78;`, `&#x4e;`, `&amp;`, also without the semicolon.
fn entity(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let closed = |length: usize| length + usize::from(text.get(length) == Some(&b';'));
    match (text.get(1)?, text.get(2)) {
        (b'#', Some(b'x' | b'X')) => {
            let length = run(&text[3..], 10, u8::is_ascii_hexdigit);
            put(hexadecimal(&text[3..3 + length])?, out)?;
            Some(closed(3 + length))
        }
        (b'#', Some(_)) => {
            let length = run(&text[2..], 10, u8::is_ascii_digit);
            let digits = std::str::from_utf8(&text[2..2 + length]).ok()?;
            put(digits.parse().ok()?, out)?;
            Some(closed(2 + length))
        }
        _ => {
            let length = run(&text[1..], 32, u8::is_ascii_alphanumeric);
            let name = std::str::from_utf8(&text[1..1 + length]).ok()?;
            out.extend_from_slice(named(name)?.as_bytes());
            Some(closed(1 + length))
        }
    }
}

/// Accents of named entities: `eacute` is an e, as accents do not count.
const ACCENTS: [&str; 13] = [
    "acute", "grave", "circ", "uml", "tilde", "ring", "cedil", "caron", "slash", "breve", "macr",
    "ogon", "dot",
];

fn named(name: &str) -> Option<&str> {
    Some(match name {
        "amp" | "AMP" => "&",
        "lt" | "LT" => "<",
        "gt" | "GT" => ">",
        "quot" | "QUOT" => "\"",
        "apos" => "'",
        "percnt" => "%",
        "bsol" => "\\",
        "equals" => "=",
        "shy" | "zwj" | "zwnj" | "lrm" | "rlm" | "ZeroWidthSpace" | "NoBreak" => "\u{200b}",
        "szlig" => "ss",
        "aelig" => "ae",
        "AElig" => "ae",
        "oelig" | "OElig" => "oe",
        "NewLine" => "\n",
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" | "ndash" | "mdash" | "hyphen" | "dash"
        | "hellip" | "lsquo" | "rsquo" | "ldquo" | "rdquo" | "bull" | "middot" | "comma"
        | "period" | "colon" | "semi" | "lpar" | "rpar" | "sol" | "lowbar" | "num" | "excl"
        | "quest" | "ast" | "plus" | "lsqb" | "rsqb" | "lbrack" | "rbrack" | "vert" | "grave"
        | "NonBreakingSpace" => " ",
        _ => {
            let letter = name.get(..1)?;
            return ACCENTS.contains(&name.get(1..)?).then_some(letter);
        }
    })
}

/// `%4E`, and `%u004E` of old scripts.
fn percent(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    if text.get(1) == Some(&b'u') {
        put(hexadecimal(text.get(2..6)?)?, out)?;
        return Some(6);
    }
    let byte = hexadecimal(text.get(1..3)?)?;
    out.push(u8::try_from(byte).ok()?);
    Some(3)
}

/// Escapes of JSON, JavaScript, C, Python and of git's quoted paths.
fn backslash(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    match *text.get(1)? {
        b'u' if text.get(2) == Some(&b'{') => {
            let length = run(&text[3..], 8, u8::is_ascii_hexdigit);
            put(hexadecimal(&text[3..3 + length])?, out)?;
            Some(3 + length + usize::from(text.get(3 + length) == Some(&b'}')))
        }
        b'u' => {
            let high = hexadecimal(text.get(2..6)?)?;
            if !(0xd800..0xdc00).contains(&high) {
                put(high, out)?;
                return Some(6);
            }
            // A character beyond 16 bits is written as two (RFC 8259 section 7).
            let low = text.get(6..8).filter(|mark| *mark == b"\\u");
            let low = low.and_then(|_| hexadecimal(text.get(8..12)?))?;
            put(
                0x10000 + ((high - 0xd800) << 10) + low.checked_sub(0xdc00)?,
                out,
            )?;
            Some(12)
        }
        b'U' => {
            put(hexadecimal(text.get(2..10)?)?, out)?;
            Some(10)
        }
        b'x' => {
            out.push(u8::try_from(hexadecimal(text.get(2..4)?)?).ok()?);
            Some(4)
        }
        digit @ b'0'..=b'3' => {
            let octal = |byte: u8| matches!(byte, b'0'..=b'7').then(|| byte - b'0');
            let (second, third) = (octal(*text.get(2)?)?, octal(*text.get(3)?)?);
            out.push((digit - b'0') * 64 + second * 8 + third);
            Some(4)
        }
        b'n' | b'r' | b'f' | b'v' => {
            out.push(b'\n');
            Some(2)
        }
        b't' | b'b' => {
            out.push(b' ');
            Some(2)
        }
        b'\n' => Some(2),
        byte if byte.is_ascii_punctuation() => {
            out.push(byte);
            Some(2)
        }
        _ => None,
    }
}

/// Quoted-printable (RFC 2045 section 6.7) and encoded words (RFC 2047).
fn equals(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    match text.get(1)? {
        b'\n' => Some(2),
        b'\r' if text.get(2) == Some(&b'\n') => Some(3),
        b'?' => encoded_words(text, out),
        _ => {
            let byte = hexadecimal(text.get(1..3)?)?;
            out.push(u8::try_from(byte).ok()?);
            Some(3)
        }
    }
}

/// A row of encoded words; the blanks between two of them are no part of the text.
fn encoded_words(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let mut at = 0;
    loop {
        let Some(length) = encoded_word(&text[at..], out) else {
            return (at > 0).then_some(at);
        };
        at += length;
        let blanks = run(&text[at..], 80, u8::is_ascii_whitespace);
        if !text[at + blanks..].starts_with(b"=?") {
            return Some(at);
        }
        at += blanks;
    }
}

fn encoded_word(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let inner = text.strip_prefix(b"=?")?;
    let charset = memchr::memchr(b'?', inner.get(..80.min(inner.len()))?)?;
    let encoding = *inner.get(charset + 1)?;
    let body = inner.get(charset + 3..)?;
    let length = memchr::memmem::find(body.get(..200.min(body.len()))?, b"?=")?;
    match encoding {
        b'q' | b'Q' => {
            let body: Vec<u8> = body[..length]
                .iter()
                .map(|byte| if *byte == b'_' { b' ' } else { *byte })
                .collect();
            out.extend(decoded(&body).unwrap_or(body));
        }
        b'b' | b'B' => out.extend(super::layers::from_base64(&body[..length])?),
        _ => return None,
    }
    Some(2 + charset + 3 + length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squeezed(text: &[u8]) -> String {
        String::from_utf8(squeeze(text, Origins::Drop).bytes).expect("text")
    }

    #[test]
    fn what_is_left_is_letters_and_digits() {
        assert_eq!(
            squeezed("> Nóva\n> le\u{ad}aks: Ａ1 ﬁ".as_bytes()),
            "novaleaksa1fi"
        );
        assert_eq!(squeezed(b"caf\xe9"), "cafe");
        let kept = squeeze("a-é!b".as_bytes(), Origins::Keep);
        assert_eq!((kept.bytes, kept.origins), (b"aeb".to_vec(), vec![0, 2, 5]));
    }

    #[test]
    fn encodings_are_undone_once() {
        for (text, plain) in [
            ("&#78;&#x6f;va &eacute;&amp;", "Nova e&"),
            ("%4eov%61 100%", "Nova 100%"),
            (
                "\\u004eov\\x61\\n\\uD83D\\uDE00\\\"\\116\\q",
                "Nova\n😀\"N\\q",
            ),
            ("=4Eov=\r\na=", "Nova="),
            (
                "=?utf-8?q?No=76a_a?=\n =?utf-8?b?bGVhaw==?= x",
                "Nova aleak x",
            ),
            ("&bogus; %zz \\", "&bogus; %zz \\"),
        ] {
            let found = decoded(text.as_bytes()).unwrap_or_else(|| text.into());
            assert_eq!(String::from_utf8_lossy(&found), plain, "{text}");
        }
        assert_eq!(without_tags(b"a < b"), None);
        let bare = without_tags(b"No<b class='x'>va</b> <!-- x -->1 < 2").expect("tags");
        assert_eq!(squeezed(&bare), "nova12");
    }
}
