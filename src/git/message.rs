//! What a commit message says of bugs, changes and other commits.
//!
//! Fifteen years of habits: `Closes-Bug: #1`, `Fixes bug 1`, `LP: #1`, `bug 1, 2 and 3`, links to a
//! tracker, `Change-Id: I…` (Gerrit), `(cherry picked from commit …)` and `This reverts commit …`
//! (git). Bytes in, plain data out; no encoding is assumed.

use memchr::memmem;

/// How a message names a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// As something near: `Related-Bug`, a test that reproduces it, the cause of something else.
    Related,
    /// Without saying what the commit does to it.
    Plain,
    /// As fixed, wholly or in part.
    Closing,
}

/// A commit as a message names it: the leading hexadecimal digits of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The digits, packed; what is not given is zero.
    pub id: [u8; 20],
    /// How many digits are given, 7 to 40.
    pub digits: u8,
}

/// A Gerrit Change-Id without its `I`.
pub type ChangeId = [u8; 20];

/// What one message says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Change-Ids, in the order written.
    pub change_ids: Vec<ChangeId>,
    /// Numbers of bugs with the way they are named.
    pub bugs: Vec<(u32, Strength)>,
    /// Ids of CVEs and advisories, in capitals.
    pub ids: Vec<String>,
    /// Commits that it is a cherry-pick of.
    pub picks: Vec<Target>,
    /// Commits that it reverts.
    pub reverts: Vec<Target>,
}

impl Findings {
    fn clear(&mut self) {
        self.change_ids.clear();
        self.bugs.clear();
        self.ids.clear();
        self.picks.clear();
        self.reverts.clear();
    }
}

/// Bug numbers have so many digits. Launchpad began its numbers long before the first project moved
/// there; shorter runs are years, percentages and issue numbers of other trackers.
const BUG_DIGITS: std::ops::RangeInclusive<usize> = 5..=8;

/// How far before a number the words that explain it can stand, in bytes.
const REACH: usize = 96;

/// Words to look for, made ready once: a history has a hundred thousand messages.
#[derive(Debug)]
pub struct Scanner {
    change: memmem::Finder<'static>,
    commit: memmem::Finder<'static>,
    cve: memmem::Finder<'static>,
    /// What ids of advisories start with, and where it stands.
    prefix: String,
    advisory: memmem::Finder<'static>,
}

impl Scanner {
    /// Makes the words ready. `prefix` is what ids of advisories start with, such as `OSSA`.
    pub fn new(prefix: &str) -> Scanner {
        Scanner {
            change: memmem::Finder::new("hange-"),
            commit: memmem::Finder::new("commit"),
            cve: memmem::Finder::new("CVE-"),
            prefix: prefix.to_owned(),
            advisory: memmem::Finder::new(prefix).into_owned(),
        }
    }

    /// Reads a message into `findings`, whose former content is dropped.
    pub fn scan(&self, message: &[u8], findings: &mut Findings) {
        findings.clear();
        numbers(message, &mut findings.bugs);
        for at in self.change.find_iter(message) {
            findings.change_ids.extend(change_id(message, at));
        }
        for at in self.commit.find_iter(message) {
            commit_named(message, at, findings);
        }
        for at in self.cve.find_iter(message) {
            findings.ids.extend(document_id(&message[at + 4..], "CVE"));
        }
        for at in self.advisory.find_iter(message) {
            // `OSSA-2013-001` and `OSSA 2013-001`.
            let end = at + self.prefix.len();
            if let Some(b'-' | b' ') = message.get(end) {
                let id = document_id(&message[end + 1..], &self.prefix);
                findings.ids.extend(id);
            }
        }
    }
}

/// Reads hexadecimal digits, at most 40 of them.
pub fn hexadecimal(text: &[u8]) -> Target {
    let mut target = Target {
        id: [0; 20],
        digits: 0,
    };
    for byte in text.iter().take(40) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => break,
        };
        let at = usize::from(target.digits);
        // Two digits a byte, the first one high.
        target.id[at / 2] |= value << (4 * (1 - at % 2));
        target.digits += 1;
    }
    target
}

/// A Change-Id at the start of a line; `at` is where `hange-` stands.
fn change_id(message: &[u8], at: usize) -> Option<ChangeId> {
    let start = at.checked_sub(1)?;
    let line = &message[..start];
    let line = &line[memchr::memrchr(b'\n', line).map_or(0, |end| end + 1)..];
    let quoted = line
        .iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'>' | b'*' | b'-'));
    let rest = message.get(at + 6..)?;
    if !quoted || !message[start].eq_ignore_ascii_case(&b'c') {
        return None;
    }
    let rest = rest
        .get(..2)
        .filter(|id| id.eq_ignore_ascii_case(b"id"))
        .map(|_| &rest[2..])?;
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    let target = hexadecimal(rest.strip_prefix(b"I")?);
    (target.digits == 40).then_some(target.id)
}

fn commit_named(message: &[u8], at: usize, findings: &mut Findings) {
    let apart = message.get(at + 6).is_some_and(u8::is_ascii_whitespace);
    if !apart {
        return;
    }
    let target = hexadecimal(message[at + 6..].trim_ascii_start());
    if target.digits < 7 {
        return;
    }
    let before = message[at.saturating_sub(32)..at].to_ascii_lowercase();
    let before = before.trim_ascii_end();
    // What is undone in part may still hold.
    if memmem::find(before, b"partial").is_some() {
        return;
    }
    if before.ends_with(b"reverts") || before.ends_with(b"revert") {
        findings.reverts.push(target);
    } else if before.ends_with(b"from") && memmem::find(before, b"cherry").is_some() {
        findings.picks.push(target);
    }
}

/// The id whose year and number a text begins with.
fn document_id(rest: &[u8], name: &str) -> Option<String> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (year, tail) = (digits(rest), rest.get(5..)?);
    let number = digits(tail);
    if year != 4 || rest[4] != b'-' || !(3..=7).contains(&number) {
        return None;
    }
    let id = String::from_utf8_lossy(&rest[..5 + number]);
    Some(format!("{name}-{id}"))
}

fn numbers(message: &[u8], bugs: &mut Vec<(u32, Strength)>) {
    let mut at = 0;
    let mut last: Option<(usize, Strength)> = None;
    while at < message.len() {
        if !message[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < message.len() && message[at].is_ascii_digit() {
            at += 1;
        }
        let follows = message.get(at).is_some_and(|byte| {
            byte.is_ascii_alphabetic()
                || *byte == b'_'
                || (*byte == b'.' && message.get(at + 1).is_some_and(u8::is_ascii_digit))
        });
        if !BUG_DIGITS.contains(&(at - start)) || follows {
            continue;
        }
        let strength = match last {
            Some((end, strength)) if continues(&message[end..start]) => Some(strength),
            _ => context(message, start),
        };
        if let Some(strength) = strength {
            let number = message[start..at]
                .iter()
                .fold(0u32, |sum, byte| sum * 10 + u32::from(byte - b'0'));
            bugs.push((number, strength));
            last = Some((at, strength));
        }
    }
}

/// Whether the text between two numbers only goes on with a list: `, #`, ` and bug `.
fn continues(between: &[u8]) -> bool {
    if between.len() > 16 || between.is_empty() || between.contains(&b'\n') {
        return false;
    }
    between
        .split(|byte| !byte.is_ascii_alphabetic())
        .all(|word| {
            [&b""[..], b"and", b"or", b"bug", b"bugs", b"lp"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
        })
}

/// Words that say a commit only has to do with a bug. They win over those that say it is fixed:
/// "test for the fix of bug 1".
const NEAR: [&[u8]; 16] = [
    b"relate",
    b"regression test",
    b"test for",
    b"tests for",
    b"test case",
    b"functional test",
    b"reproduc",
    b"recreate",
    b"follow",
    b"introduced",
    b"caused",
    b"depend",
    b"prerequisite",
    b"revert",
    b"similar",
    b"workaround for",
];

/// Words that say a commit fixes a bug, by the way they begin.
const DONE: [&[u8]; 11] = [
    b"clos",
    b"fix",
    b"resol",
    b"partial",
    b"part of",
    b"to address",
    b"addresse",
    b"addressing",
    b"solve",
    b"implement",
    b"mitigat",
];

/// Words that turn what follows round.
const NOT: [&[u8]; 5] = [b" not ", b"n't ", b"todo", b"no fix", b"without fix"];

/// Whether one of some words begins a word of a text.
fn begins_word(text: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| {
        memmem::find_iter(text, word).any(|at| at == 0 || !text[at - 1].is_ascii_alphabetic())
    })
}

/// Says what the words before a number make of it; `None` when it is no bug number.
fn context(message: &[u8], start: usize) -> Option<Strength> {
    let window = message[start.saturating_sub(REACH)..start].to_ascii_lowercase();
    let line = &window[memchr::memrchr(b'\n', &window).map_or(0, |end| end + 1)..];
    let is_sign = |byte: &u8| !byte.is_ascii_alphanumeric();
    // A number alone on its line belongs to the words at the end of the line before.
    let line = match line.iter().all(is_sign) {
        true => {
            let before = &window[..window.len() - line.len()];
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            &window[memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)..]
        }
        false => line,
    };
    let (head, word) = last_word(line)?;
    let known: &[&[u8]] = &[
        b"bug",
        b"bugs",
        b"lp",
        b"launchpad",
        b"bugid",
        b"story",
        b"stories",
    ];
    let doing: &[&[u8]] = &[
        b"fix",
        b"fixes",
        b"fixed",
        b"closes",
        b"closed",
        b"resolves",
    ];
    let glued = line.last().is_some_and(u8::is_ascii_alphanumeric);
    let (head, word) = match word {
        b"id" | b"ids" | b"report" | b"number" if !glued => last_word(head)?,
        _ => (head, word),
    };
    if known.contains(&word) {
        if NOT.iter().any(|word| memmem::find(head, word).is_some()) {
            return Some(Strength::Related);
        }
        // `Closes-Bug:` and `fixes bug` say it of this very number, whatever stands before.
        let direct = last_word(head).map(|(_, word)| word);
        let says = |words: &[&[u8]]| direct.is_some_and(|word| words.contains(&word));
        if says(doing)
            || says(&[
                b"close",
                b"fixing",
                b"resolve",
                b"resolved",
                b"closing",
                b"partial",
            ])
        {
            return Some(Strength::Closing);
        }
        return Some(match (begins_word(head, &NEAR), begins_word(head, &DONE)) {
            (true, _) => Strength::Related,
            (false, true) => Strength::Closing,
            (false, false) => Strength::Plain,
        });
    }
    (doing.contains(&word) && !glued).then_some(Strength::Closing)
}

/// Cuts the last word off a text, and the signs behind it.
fn last_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
    // More than a few signs between word and number: the number belongs to something else.
    if text.len() - end > 6 || text[end..].contains(&b'.') {
        return None;
    }
    let start = text[..end]
        .iter()
        .rposition(|byte| !byte.is_ascii_alphabetic())
        .map_or(0, |at| at + 1);
    (start < end).then_some((&text[..start], &text[start..end]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Strength::{Closing, Plain, Related};

    fn bugs(message: &str) -> Vec<(u32, Strength)> {
        let mut findings = Findings::default();
        Scanner::new("OSSA").scan(message.as_bytes(), &mut findings);
        findings.bugs
    }

    #[test]
    fn bugs_are_read_in_all_habits() {
        for (message, expected) in [
            ("Closes-Bug: #1234567", vec![(1234567, Closing)]),
            ("closes-bug:1234567", vec![(1234567, Closing)]),
            ("Partial-Bug: 1234567", vec![(1234567, Closing)]),
            ("Related-Bug: #1234567", vec![(1234567, Related)]),
            ("Fixes bug 123456", vec![(123456, Closing)]),
            ("* Fixes bug: #123456.", vec![(123456, Closing)]),
            ("Fixes: LP #123456", vec![(123456, Closing)]),
            ("Fixes LP# 123456", vec![(123456, Closing)]),
            ("Fixes lp123456", vec![(123456, Closing)]),
            ("Fixes: 123456", vec![(123456, Closing)]),
            ("bug 123456", vec![(123456, Plain)]),
            ("bug/1234567", vec![(1234567, Plain)]),
            ("Story: 2001234", vec![(2001234, Plain)]),
            (
                "[1] https://bugs.launchpad.net/nova/+bug/1234567",
                vec![(1234567, Plain)],
            ),
            (
                "see https://launchpad.net/bugs/1234567 for more",
                vec![(1234567, Plain)],
            ),
            ("This is the fix for bug 1234567.", vec![(1234567, Closing)]),
            ("regression test for bug 1234567", vec![(1234567, Related)]),
            ("Reproduce bug #1234567", vec![(1234567, Related)]),
            (
                "Fixes bugs 123456, 123457 and bug 123458",
                vec![(123456, Closing), (123457, Closing), (123458, Closing)],
            ),
            ("Closes-Bug:\n  #1234567", vec![(1234567, Closing)]),
            ("bug id 123456", vec![(123456, Plain)]),
            ("Resolves-bug: #123456", vec![(123456, Closing)]),
            ("Depends on the fix of bug 123456", vec![(123456, Related)]),
            (
                "Fix regression introduced by X. Closes-Bug: #123456",
                vec![(123456, Closing)],
            ),
            (
                "Follow redirects no more: fixes bug 123456",
                vec![(123456, Closing)],
            ),
            (
                "Information disclosure, see bug 123456",
                vec![(123456, Plain)],
            ),
            ("Add prefix for bug 123456", vec![(123456, Plain)]),
            ("Validate IP address (bug 123456)", vec![(123456, Plain)]),
            ("This is not a fix for bug 123456", vec![(123456, Related)]),
            ("TODO: fix bug 123456 later", vec![(123456, Related)]),
            ("Added 20130405 rows, 123456 bytes", vec![]),
            ("debug 123456", vec![]),
            ("commit 123456f", vec![]),
            ("bug 12.123456", vec![]),
            ("bug 1.23", vec![]),
            ("port 12345", vec![]),
        ] {
            assert_eq!(bugs(message), expected, "{message}");
        }
    }

    #[test]
    fn other_commits_and_changes_are_read() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let mut findings = Findings::default();
        Scanner::new("OSSA").scan(
            format!(
                "Fix it\n\nCVE-2024-12345, OSSA 2024-001\n\nChange-Id: I{id}\n  change-id: I{id}\nnot a Change-Id: I{id}\n\
                 (cherry picked from commit {id})\nThis reverts commit\n0123abc.\nSince commit {id} it fails.\n"
            )
            .as_bytes(),
            &mut findings,
        );
        let whole = hexadecimal(id.as_bytes());
        assert_eq!(whole.digits, 40);
        assert_eq!(findings.change_ids, [whole.id, whole.id]);
        assert_eq!(findings.picks, [whole]);
        assert_eq!(findings.reverts.len(), 1);
        assert_eq!(findings.reverts[0].digits, 7);
        assert_eq!(findings.ids, ["CVE-2024-12345", "OSSA-2024-001"]);
    }

    proptest::proptest! {
        #[test]
        fn no_message_makes_it_panic(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
            text in "(Change-Id: I|commit |CVE-|OSSA |bug |LP|#|, |\n|[0-9a-f]{1,9}){0,12}",
        ) {
            let mut findings = Findings::default();
            let scanner = Scanner::new("OSSA");
            scanner.scan(&bytes, &mut findings);
            scanner.scan(text.as_bytes(), &mut findings);
        }
    }

    #[test]
    fn ids_have_the_prefix_of_the_organisation() {
        let ids = |prefix: &str| {
            let mut findings = Findings::default();
            let message = b"Check the region\n\nSTXSA-2026-001, not OSSA 2026-002.";
            Scanner::new(prefix).scan(message, &mut findings);
            findings.ids
        };
        assert_eq!(ids("STXSA"), ["STXSA-2026-001"]);
        assert_eq!(ids("OSSA"), ["OSSA-2026-002"]);
    }
}
