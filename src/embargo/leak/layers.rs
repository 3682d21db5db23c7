//! What lies inside of other bytes: base64, hexadecimal digits, members of zip and gz, UTF-16.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Bytes that were inside of others, and where.
pub(super) struct Inner {
    /// They.
    pub(super) bytes: Vec<u8>,
    /// Where they began in the outer ones.
    pub(super) at: usize,
    /// What they were, for messages.
    pub(super) form: &'static str,
}

/// How many bytes may still be unpacked and decoded from one file: an archive can be made to swell without
/// end.
pub(super) struct Budget {
    /// Bytes left.
    pub(super) left: usize,
    /// Whether something stayed unread for that.
    pub(super) exceeded: bool,
}

impl Budget {
    /// Takes bytes out of the budget, as many as there are left.
    fn keep(&mut self, mut bytes: Vec<u8>, at: usize, form: &'static str, found: &mut Vec<Inner>) {
        if bytes.len() > self.left {
            bytes.truncate(self.left);
            self.exceeded = true;
        }
        self.left -= bytes.len();
        if !bytes.is_empty() {
            found.push(Inner { bytes, at, form });
        }
    }
}

static BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes base64 of either alphabet; what does not fill a whole byte at the end is dropped.
pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let plain: Vec<u8> = text
        .iter()
        .filter_map(|byte| match byte {
            b'-' => Some(b'+'),
            b'_' => Some(b'/'),
            b'=' => None,
            byte if byte.is_ascii_whitespace() => None,
            byte => Some(*byte),
        })
        .collect();
    let whole = match plain.len() % 4 {
        1 => plain.len() - 1,
        _ => plain.len(),
    };
    BASE64.decode(&plain[..whole]).ok()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Shortest word that is tried as base64: six digits in it are eight characters.
const SHORTEST: usize = 8;

/// From this length on a word is tried from each of its first four characters, as something may be glued
/// to its start.
const SHORTEST_ANYWHERE: usize = 12;

/// Decodes everything that may be base64 or hexadecimal digits, in words and in words over several lines.
/// A word that is known holds nothing.
pub(super) fn coded(
    text: &[u8],
    is_known: &mut dyn FnMut(&[u8]) -> bool,
    budget: &mut Budget,
    found: &mut Vec<Inner>,
) {
    let mut chain: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !is_base64(text[at]) {
            at += 1;
            continue;
        }
        let length = text[at..]
            .iter()
            .take_while(|byte| is_base64(**byte))
            .count();
        let word = (at, at + length);
        let joins = chain
            .last()
            .is_some_and(|last| last.1 - last.0 >= SHORTEST && continues(&text[last.1..at]));
        if !joins {
            decode_chain(text, &chain, is_known, budget, found);
            chain.clear();
        }
        if length >= SHORTEST || joins {
            chain.push(word);
        }
        at = word.1;
    }
    decode_chain(text, &chain, is_known, budget, found);
}

/// Whether what stands between two words is a line break with the marks of quoting or of a program text.
fn continues(gap: &[u8]) -> bool {
    // An equals sign is the end of what is coded.
    let mark = |byte: &u8| byte.is_ascii_whitespace() || b">\"'+,\\|#*&;:.".contains(byte);
    gap.len() <= 40 && gap.contains(&b'\n') && gap.iter().all(mark)
}

fn decode_chain(
    text: &[u8],
    chain: &[(usize, usize)],
    is_known: &mut dyn FnMut(&[u8]) -> bool,
    budget: &mut Budget,
    found: &mut Vec<Inner>,
) {
    let mut decode = |words: &[(usize, usize)]| {
        if let [first, _, ..] = words {
            let bytes = words.iter().flat_map(|(start, end)| &text[*start..*end]);
            let whole: Vec<u8> = bytes.copied().collect();
            decode_word(&whole, first.0, budget, found);
        }
    };
    decode(chain);
    // A word that stands alone above belongs to nothing, though an empty line may be one that a mail doubled.
    let paragraphs: Vec<_> = chain
        .chunk_by(|above, below| memchr::memchr_iter(b'\n', &text[above.1..below.0]).count() < 2)
        .collect();
    if paragraphs.len() > 1 {
        paragraphs.into_iter().for_each(decode);
    }
    for (start, end) in chain {
        let word = &text[*start..*end];
        if word.len() >= SHORTEST && !is_known(word) {
            decode_word(word, *start, budget, found);
        }
    }
}

/// The six bits of a character of base64, of either alphabet.
static SIX_BITS: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 26 {
        table[b'A' as usize + at] = at as u8;
        table[b'a' as usize + at] = at as u8 + 26;
        at += 1;
    }
    at = 0;
    while at < 10 {
        table[b'0' as usize + at] = at as u8 + 52;
        at += 1;
    }
    table[b'+' as usize] = 62;
    table[b'-' as usize] = 62;
    table[b'/' as usize] = 63;
    table[b'_' as usize] = 63;
    table
};

/// Whether a word can be the base64 of a text or of an archive. Most words are not, and every one of them
/// is asked four times, so nothing is allocated here.
fn is_plausible(word: &[u8]) -> bool {
    if word.len() > 270 {
        return true;
    }
    let (mut row, mut control) = (0, false);
    for (at, group) in word.chunks(4).enumerate() {
        let bits = group.iter().fold(0_u32, |bits, byte| {
            bits << 6 | u32::from(SIX_BITS[usize::from(*byte)])
        });
        let bits = bits << (6 * (4 - group.len()));
        let [_, first, second, third] = bits.to_be_bytes();
        let bytes = [first, second, third];
        if at == 0 && (matches!(bytes, [0x1f, 0x8b, _] | [b'P', b'K', _]) || first == 0x78) {
            return true;
        }
        for byte in &bytes[..group.len().saturating_sub(1)] {
            match byte {
                0x20..=0x7e | b'\n' | b'\r' | b'\t' | 0 => row += 1,
                0x80.. => row = 0,
                _ => (row, control) = (0, true),
            }
            if row == PLAIN_ROW {
                return true;
            }
        }
    }
    !control
}

fn decode_word(word: &[u8], at: usize, budget: &mut Budget, found: &mut Vec<Inner>) {
    if word.len() < SHORTEST {
        return;
    }
    let shifts = if word.len() >= SHORTEST_ANYWHERE {
        4
    } else {
        1
    };
    for shift in 0..shifts {
        if !is_plausible(&word[shift..]) {
            continue;
        }
        if let Some(bytes) = from_base64(&word[shift..]).filter(|bytes| is_worth_it(bytes)) {
            budget.keep(bytes, at, "base64", found);
        }
    }
    if word.len() >= SHORTEST_ANYWHERE
        && word.len().is_multiple_of(2)
        && word.iter().all(u8::is_ascii_hexdigit)
    {
        let digits = std::str::from_utf8(word).unwrap_or_default();
        let pairs = (0..digits.len()).step_by(2);
        let bytes: Vec<u8> = pairs
            .filter_map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
            .collect();
        if is_worth_it(&bytes) {
            budget.keep(bytes, at, "hexadecimal", found);
        }
    }
}

/// Shortest row of plain characters in what a word decodes to. Most words are no base64, which their
/// bytes show.
const PLAIN_ROW: usize = 6;

/// Whether bytes can hold a text or an archive. Long ones are always looked at.
fn is_worth_it(bytes: &[u8]) -> bool {
    let archive = bytes.starts_with(&[0x1f, 0x8b])
        || bytes.starts_with(b"PK")
        || bytes.first() == Some(&0x78);
    if archive || bytes.len() > 200 {
        return true;
    }
    let mut row = 0;
    for byte in bytes {
        row = match byte {
            0x20..=0x7e | b'\n' | b'\r' | b'\t' | 0 => row + 1,
            _ => 0,
        };
        if row == PLAIN_ROW {
            return true;
        }
    }
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.is_empty() && !text.chars().any(char::is_control))
}

/// Unpacks the members of zip archives and gz streams, wherever they begin.
pub(super) fn members(bytes: &[u8], budget: &mut Budget, found: &mut Vec<Inner>) {
    for at in memchr::memmem::find_iter(bytes, &[0x1f, 0x8b, 0x08]) {
        if let Some(data) = gz_data(&bytes[at..]) {
            let stream = flate2::read::DeflateDecoder::new(data);
            unpack(stream, at, "gz", budget, found);
        }
    }
    if matches!(bytes, [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]) {
        unpack(
            flate2::read::ZlibDecoder::new(bytes),
            0,
            "zlib",
            budget,
            found,
        );
    }
    for at in memchr::memmem::find_iter(bytes, b"PK\x03\x04") {
        zip_member(bytes, at, budget, found);
    }
}

/// Longest name and remark in the header of a gz stream. Every three bytes may look like the start of one, so a long
/// search behind each would never end.
const LONGEST_NAME: usize = 1024;

/// What stands behind the header of a gz stream (RFC 1952 section 2.3).
fn gz_data(stream: &[u8]) -> Option<&[u8]> {
    let flags = *stream.get(3)?;
    let mut rest = stream.get(10..)?;
    if flags & 0b100 != 0 {
        let length = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        rest = rest.get(2 + usize::from(length)..)?;
    }
    for flag in [0b1000, 0b1_0000] {
        if flags & flag != 0 {
            let within = &rest[..rest.len().min(LONGEST_NAME)];
            rest = &rest[memchr::memchr(0, within)? + 1..];
        }
    }
    if flags & 0b10 != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

/// A member by its local header (APPNOTE 4.3.7): the directory at the end may be missing, or lie.
fn zip_member(bytes: &[u8], at: usize, budget: &mut Budget, found: &mut Vec<Inner>) {
    let header = &bytes[at..];
    let number = |from: usize, length: usize| {
        let field = header.get(from..from + length)?;
        Some(
            field
                .iter()
                .rev()
                .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte)),
        )
    };
    let (Some(method), Some(name), Some(extra)) = (number(8, 2), number(26, 2), number(28, 2))
    else {
        return;
    };
    let Some(data) = header.get(30 + name + extra..) else {
        return;
    };
    // What is stored lies open, and is searched with the whole.
    if method == 8 {
        let stream = flate2::read::DeflateDecoder::new(data);
        unpack(stream, at, "a member of a zip", budget, found);
    }
}

fn unpack(
    stream: impl std::io::Read,
    at: usize,
    form: &'static str,
    budget: &mut Budget,
    found: &mut Vec<Inner>,
) {
    if budget.left == 0 {
        budget.exceeded = true;
        return;
    }
    let mut bytes = Vec::new();
    // What a broken stream gave before it broke counts as well.
    let _ = stream.take(budget.left as u64 + 1).read_to_end(&mut bytes);
    budget.keep(bytes, at, form, found);
}

/// Reads UTF-16 and UTF-32: by their mark, and for letters of ASCII by leaving out what is zero.
pub(super) fn wide(bytes: &[u8], budget: &mut Budget, found: &mut Vec<Inner>) {
    if memchr::memchr(0, bytes).is_none()
        && !bytes.starts_with(&[0xff, 0xfe])
        && !bytes.starts_with(&[0xfe, 0xff])
    {
        return;
    }
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    let form = "UTF-16";
    budget.keep(narrow, 0, form, found);
    // Most of a text in UTF-16 is ASCII; of other bytes no reading as UTF-16 is tried.
    let zeros = memchr::memchr_iter(0, bytes).count();
    let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if !marked && zeros * 4 < bytes.len() {
        return;
    }
    for order in [u16::from_le_bytes, u16::from_be_bytes] {
        let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        budget.keep(text.into_bytes(), 0, form, found);
    }
}
