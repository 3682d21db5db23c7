//! Ids: of documents (`OSSA-2026-013`, `OSSN-0108`) and of vulnerabilities (CVE).

/// The id of a document. Holds letters, digits and hyphens only, so it is safe in a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Letters before the first hyphen, such as `OSSA`.
    pub prefix: String,
    /// Year, for documents that are numbered by year.
    pub year: Option<i32>,
    /// Number in the year, or among all.
    pub number: u32,
    text: String,
}

impl Id {
    /// Reads `PREFIX-YYYY-NNN` or `PREFIX-NNNN`; upper-case letters and digits only.
    pub fn parse(text: &str) -> Option<Id> {
        let mut parts = text.split('-');
        let prefix = parts.next()?;
        let lettered = prefix.starts_with(|c: char| c.is_ascii_uppercase())
            && prefix
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !lettered {
            return None;
        }
        let digits = |text: &str, width: std::ops::RangeInclusive<usize>| {
            let fits = width.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| text.parse::<u32>().ok()).flatten()
        };
        let (first, second) = (parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (year, number) = match second {
            Some(number) => {
                let year = digits(first, 4..=4).and_then(|year| i32::try_from(year).ok())?;
                (Some(year), digits(number, 3..=6)?)
            }
            None => (None, digits(first, 4..=6)?),
        };
        Some(Id {
            prefix: prefix.to_owned(),
            year,
            number,
            text: text.to_owned(),
        })
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The placeholder that a private draft carries until it has a number: `OSSA-2026-DRAFT-k3x9q2`, or
/// `OSSN-DRAFT-k3x9q2` where a kind is not numbered by year. Its letters are random: they say nothing of
/// how many drafts there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// Letters before the first hyphen.
    pub prefix: String,
    /// Year, for documents that are numbered by year.
    pub year: Option<i32>,
}

/// The word that marks a placeholder.
const DRAFT: &str = "DRAFT";

/// Letters and digits of placeholders: none that look alike, and no vowels, so that no word comes out.
const LETTERS: &[u8; 26] = b"23456789bcdfghjkmnpqrstvwx";

impl Placeholder {
    /// Reads a placeholder.
    pub fn parse(text: &str) -> Option<Placeholder> {
        let parts: Vec<&str> = text.split('-').collect();
        let (prefix, year, tag) = match parts.as_slice() {
            [prefix, year, DRAFT, tag] => (prefix, Some(*year), tag),
            [prefix, DRAFT, tag] => (prefix, None, tag),
            _ => return None,
        };
        let sound = (4..=16).contains(&tag.len())
            && tag
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        // An id with a number has the same prefix and year.
        let number = match year {
            Some(year) => format!("{prefix}-{year}-001"),
            None => format!("{prefix}-0001"),
        };
        let id = Id::parse(&number).filter(|_| sound)?;
        Some(Placeholder {
            prefix: id.prefix,
            year: id.year,
        })
    }

    /// Writes a placeholder with letters for some random bytes.
    pub fn compose(prefix: &str, year: Option<i32>, random: &[u8]) -> String {
        let tag: String = random
            .iter()
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .collect();
        match year {
            Some(year) => format!("{prefix}-{year}-{DRAFT}-{tag}"),
            None => format!("{prefix}-{DRAFT}-{tag}"),
        }
    }
}

/// What a document says of the CVE of one of its vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cve {
    /// `CVE-2026-12345`, in capitals.
    Assigned(String),
    /// None yet: asked for, or to be asked for. Never a made-up id.
    Pending,
    /// A text that is neither.
    Malformed,
}

impl Cve {
    /// Reads what an author wrote.
    pub fn read(text: &str) -> Cve {
        let text = text.trim();
        // Some authors put a remark in brackets behind the id.
        let id = text.split_once(" (").map_or(text, |(id, _)| id.trim());
        if let Some(id) = cve_id(id) {
            return Cve::Assigned(id);
        }
        let lower = text.to_lowercase();
        let rest = lower.strip_prefix("cve-").unwrap_or(&lower);
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
        let waiting = [
            "pending",
            "request",
            "tbd",
            "todo",
            "tba",
            "unassigned",
            "none",
            "n/a",
            "not yet",
            "awaiting",
            "reserved",
            "xxx",
        ];
        let open = text.is_empty()
            || lower.ends_with("-")
            || waiting.iter().any(|word| rest.starts_with(word));
        if open { Cve::Pending } else { Cve::Malformed }
    }

    /// Returns the id, when there is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Cve::Assigned(id) => Some(id),
            _ => None,
        }
    }
}

/// Returns a text in capitals when it is a CVE id: year and at least four digits.
pub fn cve_id(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (year, number) = upper.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let sound =
        year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number);
    sound.then_some(upper)
}

/// Returns the year of a CVE id.
pub fn cve_year(id: &str) -> Option<i32> {
    id.get(4..8)?.parse().ok()
}

/// Returns the places of CVE ids in a text, with the ids in capitals.
pub fn cves_in(text: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let mut found = Vec::new();
    let upper = text.to_ascii_uppercase();
    let mut from = 0;
    while let Some(at) = upper[from..].find("CVE-").map(|at| from + at) {
        let rest = &upper[at + 4..];
        let length = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'-')
            .count();
        let end = at + 4 + rest[..length].trim_end_matches('-').len();
        if let Some(id) = cve_id(&text[at..end]) {
            found.push((at..end, id));
        }
        from = end.max(at + 4);
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn placeholders_are_no_ids() {
        let yearly = super::Placeholder::compose("OSSA", Some(2026), &[0, 255, 7, 9, 100, 31]);
        assert!(
            yearly.starts_with("OSSA-2026-DRAFT-2") && yearly.len() == 22,
            "{yearly}"
        );
        let read = super::Placeholder::parse(&yearly).expect("a placeholder");
        assert_eq!((read.prefix.as_str(), read.year), ("OSSA", Some(2026)));
        assert_eq!(
            super::Placeholder::parse("OSSN-DRAFT-k3x9").map(|one| one.year),
            Some(None)
        );
        for text in [
            "OSSA-2026-DRAFT-k",
            "OSSA-2026-DRAFT-K3X9",
            "OSSA-26-DRAFT-k3x9",
            "DRAFT-k3x9",
            "OSSA-2026-001",
        ] {
            assert_eq!(super::Placeholder::parse(text), None, "{text}");
        }
        assert!(super::Id::parse(&yearly).is_none());
    }

    use super::*;

    #[test]
    fn ids_are_read_and_path_tricks_are_not() {
        let id = Id::parse("OSSA-2026-013").expect("an id");
        assert_eq!(
            (id.prefix.as_str(), id.year, id.number),
            ("OSSA", Some(2026), 13)
        );
        assert_eq!(
            Id::parse("OSSN-0108").map(|id| (id.year, id.number)),
            Some((None, 108))
        );
        for text in [
            "OSSN-XXXX",
            "../OSSA-2026-013",
            "OSSA-2026-013/..",
            "ossa-2026-013",
            "OSSA-26-13",
            "",
            "OSSA",
            "-2026-001",
            "OSSA-2026-001-2",
            "OSSA-2026-0a1",
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_missing_cve_is_a_state() {
        for text in [
            "CVE-2026-pending",
            "pending",
            "Requested",
            "TBD",
            "",
            "CVE-2026-XXXX",
            "CVE-2026-",
            "None assigned",
        ] {
            assert_eq!(Cve::read(text), Cve::Pending, "{text}");
        }
        assert_eq!(
            Cve::read("cve-2026-1234"),
            Cve::Assigned("CVE-2026-1234".into())
        );
        for text in [
            "CVE-2026-123",
            "CVE 2026 1234",
            "2026-1234",
            "CVE-2026-12345x",
        ] {
            assert_eq!(Cve::read(text), Cve::Malformed, "{text}");
        }
    }

    #[test]
    fn cves_are_found_in_prose() {
        let found = cves_in(
            "see (cve-2014-6271), CVE-2014-7169; CVE-20-1, CVE-2026-pending é CVE-2015-5143-",
        );
        let ids: Vec<_> = found.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(ids, ["CVE-2014-6271", "CVE-2014-7169", "CVE-2015-5143"]);
    }
}
