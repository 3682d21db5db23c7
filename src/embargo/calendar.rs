//! The clocks of private documents for calendars (RFC 5545). Names no document unless asked to (pure).

use chrono::{DateTime, Days, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};

use super::state::Status;

/// Whether entries name their documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They do: for a calendar that only the team reads.
    Shown,
    /// They do not: a calendar is often shared by mistake.
    Hidden,
}

/// Longest line in octets, without its break (RFC 5545 section 3.1).
const LINE: usize = 75;

enum When {
    Day(NaiveDate),
    Moment(DateTime<Utc>),
}

/// Renders the coming events of documents. The moment is that of the run.
pub fn render(all: &[Status<'_>], names: Names, now: DateTime<Utc>) -> String {
    let mut out = String::new();
    for text in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//vmt//embargo//EN",
        "CALSCALE:GREGORIAN",
    ] {
        line(text, &mut out);
    }
    for status in all {
        let events = [
            (
                "notice",
                "Notice to downstream",
                status
                    .notice
                    .filter(|_| status.notified.is_none())
                    .map(When::Day),
            ),
            (
                "disclosure",
                "Disclosure",
                status.disclosure.map(When::Moment),
            ),
            (
                "last",
                "Last day of an embargo",
                status.last_day.map(When::Day),
            ),
        ];
        for (kind, what, when) in events {
            if let Some(when) = when {
                event(status, kind, what, &when, names, now, &mut out);
            }
        }
    }
    line("END:VCALENDAR", &mut out);
    out
}

fn event(
    status: &Status<'_>,
    kind: &str,
    what: &str,
    when: &When,
    names: Names,
    now: DateTime<Utc>,
    out: &mut String,
) {
    line("BEGIN:VEVENT", out);
    line(&format!("UID:{}@vmt.invalid", uid(status, kind)), out);
    line(&format!("DTSTAMP:{}", now.format("%Y%m%dT%H%M%SZ")), out);
    match when {
        When::Moment(moment) => {
            line(&format!("DTSTART:{}", moment.format("%Y%m%dT%H%M%SZ")), out);
            line("DURATION:PT1H", out);
        }
        When::Day(day) => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(*day);
            line(&format!("DTSTART;VALUE=DATE:{}", day.format("%Y%m%d")), out);
            line(&format!("DTEND;VALUE=DATE:{}", next.format("%Y%m%d")), out);
        }
    }
    let document = status.document;
    let summary = match names {
        Names::Hidden => what.to_owned(),
        Names::Shown => format!(
            "{what}: {} {}",
            document.name(),
            document.title.value.trim()
        ),
    };
    line(&format!("SUMMARY:{}", escaped(&summary)), out);
    line("CLASS:CONFIDENTIAL", out);
    line("TRANSP:TRANSPARENT", out);
    line("END:VEVENT", out);
}

/// The same for the same event of the same document in every run, and nothing that can be read.
fn uid(status: &Status<'_>, kind: &str) -> String {
    let received = status
        .received
        .map(|day| day.to_string())
        .unwrap_or_default();
    let text = format!(
        "vmt embargo\n{}\n{received}\n{kind}",
        status.document.name()
    );
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A text as a value (RFC 5545 section 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Writes a line, folded between characters: those that follow begin with a blank, which counts.
fn line(text: &str, out: &mut String) {
    let mut length = 0;
    for c in text.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_between_characters_and_read_back() {
        let text = "SUMMARY:Größe der Änderung ".repeat(9);
        let mut out = String::new();
        line(&text, &mut out);
        for piece in out.trim_end_matches("\r\n").split("\r\n") {
            assert!(piece.len() <= LINE, "{piece}");
        }
        assert_eq!(out.replace("\r\n ", "").trim_end_matches("\r\n"), text);
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
    }
}
