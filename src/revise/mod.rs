//! Changes of documents as bytes: only what changes is written, so comments and layout stay (pure).
//!
//! Every result is parsed again before it is handed out: a change that would break a document, or say
//! something else than it should, is refused.

mod difference;
mod edit;
mod errata;

use chrono::NaiveDate;

use self::edit::{Edit, Source};
use crate::model::id::cve_year;
use crate::model::{Cve, Document};

pub use self::difference::render_difference;
pub use self::edit::comments;
pub use self::errata::erratum;

/// Why a document is not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("the document cannot be read")]
    Unreadable,
    /// YAML and an edit would not agree where lines end. By number of the line.
    #[error("line {0} has a carriage return without a line feed, which ends a line in YAML")]
    LoneReturn(usize),
    /// A field has a form that cannot be changed in place.
    #[error("`{0}` has a form that vmt does not change")]
    Form(&'static str),
    /// No CVE is awaited.
    #[error("no vulnerability awaits a CVE")]
    NothingPending,
    /// Several are awaited.
    #[error("{0} vulnerabilities await a CVE")]
    SeveralPending(usize),
    /// The document has it already.
    #[error("the document has {0} already")]
    Present(String),
    /// No team was given an id like this.
    #[error("{0} cannot be right: its year is not one in which it could have been assigned")]
    Year(String),
    /// The result would not say what it should.
    #[error("the change would break the document")]
    Broken,
}

impl Refusal {
    /// Returns how to go on.
    pub fn help(&self) -> &'static str {
        match self {
            Refusal::Unreadable => "`vmt check` says what is wrong with it",
            Refusal::LoneReturn(_) => {
                "end each line with a line feed, or with a carriage return and a line feed"
            }
            Refusal::Form(_) => "write the field as a block, or make the change by hand",
            Refusal::NothingPending => {
                "write `- cve-id: pending` under `vulnerabilities` where one is missing; another change is `vmt errata`"
            }
            Refusal::SeveralPending(_) => "say which one with --entry, counted from 1",
            Refusal::Present(_) => "see `vulnerabilities`",
            Refusal::Year(_) => "see the mail of the CNA for the id",
            Refusal::Broken => "make the change by hand, and report this with the document",
        }
    }
}

/// Returns the text of a field of a document.
fn value_of(text: &str, name: &str) -> Option<String> {
    let source = Source::read(text).ok()?;
    let (_, node) = source.entry(name)?;
    node.text().map(|text| text.trim().to_owned())
}

/// Whether two texts are of one document, whatever was changed in either: they have the title in common.
pub fn is_same_document(one: &str, other: &str) -> bool {
    value_of(one, "title").is_some_and(|title| value_of(other, "title") == Some(title))
}

/// Makes a private document public: its id and day, and no `embargo` block any more.
///
/// # Errors
/// When a field has a form that cannot be changed in place, or the result would be broken.
pub fn publish(text: &str, id: &str, day: NaiveDate) -> Result<String, Refusal> {
    let source = Source::read(text)?;
    let mut edits = vec![
        source.scalar("id", id)?,
        source.scalar("date", &day.to_string())?,
    ];
    let embargo = source.entry("embargo").ok_or(Refusal::Form("embargo"))?;
    let mut range = source.with_comments(embargo);
    // Two empty lines in a row are one too many; at the end there is none.
    let before = &text[..range.start];
    let line_break = if before.ends_with("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let empty_before = before.ends_with(&line_break.repeat(2));
    if empty_before && (range.end == text.len() || text[range.end..].starts_with(line_break)) {
        range.start -= line_break.len();
    }
    edits.push(Edit {
        range,
        text: String::new(),
    });
    let changed = source.apply(edits)?;
    let again = Source::read(&changed)?;
    let sound = again.entry("embargo").is_none()
        && source.keeps(&again, &["id", "date", "embargo"])
        && again.entries.len() + 1 == source.entries.len()
        && value_of(&changed, "id").as_deref() == Some(id)
        && value_of(&changed, "date") == Some(day.to_string());
    if sound {
        Ok(changed)
    } else {
        Err(Refusal::Broken)
    }
}

/// Enters a CVE where one is awaited: in the vulnerability, and in `reported` of the people who reported
/// what has none yet, where it can only be that one. `entry` is the vulnerability, counted from 1.
///
/// # Errors
/// When the id makes no sense here, or it is not clear where it belongs.
pub fn assign(
    text: &str,
    document: &Document,
    cve: &str,
    entry: Option<usize>,
    today: NaiveDate,
) -> Result<String, Refusal> {
    if document.cves().any(|known| known == cve) {
        return Err(Refusal::Present(cve.to_owned()));
    }
    let year = cve_year(cve).ok_or_else(|| Refusal::Year(cve.to_owned()))?;
    let now = chrono::Datelike::year(&today);
    let published = document
        .date
        .day
        .map_or(now, |day| chrono::Datelike::year(&day));
    // The year of an id is that of its reservation or of the flaw's publication: a CNA may be late, not early.
    if year > now || year + 2 < published {
        return Err(Refusal::Year(cve.to_owned()));
    }
    let pending: Vec<(usize, &crate::model::Vulnerability)> = document
        .vulnerabilities
        .iter()
        .enumerate()
        .filter(|(_, vulnerability)| vulnerability.cve == Cve::Pending)
        .collect();
    let (_, vulnerability) = match (entry, pending.as_slice()) {
        (_, []) => return Err(Refusal::NothingPending),
        (None, [only]) => *only,
        (None, several) => return Err(Refusal::SeveralPending(several.len())),
        (Some(number), several) => *several
            .iter()
            .find(|(at, _)| at + 1 == number)
            .ok_or(Refusal::NothingPending)?,
    };
    let written = vulnerability.text.as_ref().ok_or(Refusal::Form("cve-id"))?;
    let mut edits = vec![Edit {
        range: written.span.range(),
        text: cve.to_owned(),
    }];
    if pending.len() == 1 {
        let reported = document
            .reporters
            .iter()
            .flat_map(|reporter| &reporter.reported);
        let waiting = reported.filter(|text| Cve::read(&text.value) == Cve::Pending);
        edits.extend(waiting.map(|text| Edit {
            range: text.span.range(),
            text: cve.to_owned(),
        }));
    }
    let source = Source::read(text)?;
    let changed = source.apply(edits)?;
    match source.keeps(&Source::read(&changed)?, &["vulnerabilities", "reporters"]) {
        true => Ok(changed),
        false => Err(Refusal::Broken),
    }
}

#[cfg(test)]
mod tests {
    use super::errata::WIDTH;
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::FileId;
    use crate::document;

    const PRIVATE: &str = "# schema\nid: OSSA-2026-DRAFT-k3x9   # a placeholder\n\ndate: '2026-12-08'\ntitle: Nova flaw   # keep\n\n# what is wrong\ndescription: |\n  A Name reported a flaw.\naffected-products:\n  - {product: nova, version: '<32.1.1'}   # keep this\nvulnerabilities:\n  - cve-id: pending   # asked\nreporters:\n  - name: A Name\n    reported: [pending]\n\n# Private while it is here.\n# Two lines.\nembargo:\n  received: 2026-10-01\n  # inside\n  patches:\n    - a.patch\n\nwaivers:\n  - {rule: title-length, reason: x}\n";

    fn document(text: &str) -> Document {
        let (config, _) = Config::parse(FileId(0), "");
        document::read(FileId(0), text, None, &config)
            .0
            .expect("a document")
    }

    fn changes(after: &str) -> Vec<String> {
        let shown = render_difference(PRIVATE, after);
        shown
            .lines()
            .filter(|line| line.starts_with(['-', '+']))
            .map(str::to_owned)
            .collect()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn the_comment_of_an_empty_field_stays() {
        for empty in [
            "errata:   # of the field\n",
            "errata: >-   # of the field\n",
        ] {
            let text = format!("id: OSSA-2026-900\ndate: 2026-12-08\n{empty}# end\n");
            let erratum = erratum(&text, &document(&text), "More.", day("2026-12-09"));
            let (after, _) = erratum.expect("an erratum");
            let kept: Vec<String> = comments(&after).into_iter().map(|(_, text)| text).collect();
            assert_eq!(kept, ["# of the field", "# end"], "{after}");
        }
    }

    #[test]
    fn publishing_changes_three_places_only() {
        let text = publish(PRIVATE, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert_eq!(
            changes(&text),
            [
                "- id: OSSA-2026-DRAFT-k3x9   # a placeholder",
                "+ id: OSSA-2026-045   # a placeholder",
                "- date: '2026-12-08'",
                "+ date: 2026-12-08",
                "- # Private while it is here.",
                "- # Two lines.",
                "- embargo:",
                "-   received: 2026-10-01",
                "-   # inside",
                "-   patches:",
                "-     - a.patch",
                "-",
            ]
        );
        let last = PRIVATE.replace("\nwaivers:\n  - {rule: title-length, reason: x}\n", "");
        let text = publish(&last, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert!(text.ends_with("    reported: [pending]\n"), "{text}");
        let first = "embargo: {received: 2026-10-01}\nid: a\ndate: b\n";
        assert_eq!(
            publish(first, "X", day("2026-12-08")).expect("published"),
            "id: X\ndate: 2026-12-08\n"
        );
        assert_eq!(
            publish("id: a\ndate: b\n", "X", day("2026-12-08")),
            Err(Refusal::Form("embargo"))
        );
    }

    #[test]
    fn a_comment_ends_where_its_line_does() {
        let found = comments("# one\rid: x # two\r\n# three\ntitle: a#b\n");
        let found: Vec<(usize, &str)> = found.iter().map(|(at, text)| (*at, &**text)).collect();
        assert_eq!(found, [(1, "# one"), (1, "# two"), (2, "# three")]);
    }

    #[test]
    fn comments_of_the_embargo_go_with_it_and_the_others_are_listed() {
        let text = "# schema\nid: a   # kept\ndate: b\ndescription: |   # header\n  # no comment\n  # none\n\n  # secret one\n# secret two\n\nembargo:\n  received: 2026-10-01   # secret three\n\n  # secret four\n# secret five\n\n# of title\ntitle: 'a # b'\n";
        // What is indented as the text is part of the text.
        let text = text.replace("\n\n  # secret one", "\nreviewers: [x]\n  # secret one");
        let after = publish(&text, "X", day("2026-12-08")).expect("published");
        assert!(!after.contains("secret"), "{after}");
        assert!(after.contains("  # no comment\n  # none\n"), "{after}");
        let kept: Vec<String> = comments(&after).into_iter().map(|(_, text)| text).collect();
        assert_eq!(kept, ["# schema", "# kept", "# header", "# of title"]);
        let attached = "id: a\ndate: b\nembargo:\n  received: 2026-10-01\n# of title\ntitle: t\n";
        let after = publish(attached, "X", day("2026-12-08")).expect("published");
        assert!(after.contains("# of title\ntitle"), "{after}");
    }

    #[test]
    fn a_cve_goes_where_it_is_awaited() {
        let assigned = |text: &str, cve: &str, entry| {
            assign(text, &document(text), cve, entry, day("2026-12-09"))
        };
        let text = assigned(PRIVATE, "CVE-2026-48213", None).expect("assigned");
        assert_eq!(
            changes(&text),
            [
                "-   - cve-id: pending   # asked",
                "+   - cve-id: CVE-2026-48213   # asked",
                "-     reported: [pending]",
                "+     reported: [CVE-2026-48213]",
            ]
        );
        assert_eq!(
            assigned(&text, "CVE-2026-48213", None),
            Err(Refusal::Present("CVE-2026-48213".into()))
        );
        assert_eq!(
            assigned(&text, "CVE-2026-48214", None),
            Err(Refusal::NothingPending)
        );
        for wrong in ["CVE-2027-48213", "CVE-2019-48213"] {
            assert_eq!(
                assigned(PRIVATE, wrong, None),
                Err(Refusal::Year(wrong.into()))
            );
        }
        let two = PRIVATE.replace(
            "  - cve-id: pending   # asked\n",
            "  - cve-id: pending\n  - cve-id: pending\n",
        );
        assert_eq!(
            assigned(&two, "CVE-2026-48213", None),
            Err(Refusal::SeveralPending(2))
        );
        let text = assigned(&two, "CVE-2026-48213", Some(2)).expect("assigned");
        // Whose it is cannot be told.
        assert!(
            text.contains("- cve-id: pending\n  - cve-id: CVE-2026-48213\n")
                && text.contains("reported: [pending]")
        );
    }

    #[test]
    fn empty_errata_are_replaced_and_line_breaks_are_those_of_the_file() {
        let base = "id: OSSA-2026-001\ndate: 2026-12-01\ntitle: Nova flaw\ndescription: x\n";
        for empty in [
            "errata_history: []\n",
            "errata:\nerrata_history:\n",
            "errata: ''\n",
            "errata:\n",
            "errata_history:\n\nwaivers: []\n",
        ] {
            for line_break in ["\n", "\r\n"] {
                for text in [format!("{base}{empty}"), format!("{empty}{base}")] {
                    let text = text.replace('\n', line_break);
                    let (after, _) =
                        erratum(&text, &document(&text), "A change.", day("2026-12-09"))
                            .unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
                    let lone = after.replace("\r\n", "").contains('\n');
                    assert_eq!(lone, line_break == "\n", "{after:?}");
                    assert_eq!(document(&after).errata_history.len(), 2, "{after}");
                }
            }
        }
        let text = PRIVATE.replace('\n', "\r\n");
        let after = publish(&text, "OSSA-2026-045", day("2026-12-08")).expect("published");
        let plain = publish(PRIVATE, "OSSA-2026-045", day("2026-12-08")).expect("published");
        assert_eq!(after, plain.replace('\n', "\r\n"));
    }

    #[test]
    fn errata_are_added_to_every_form_of_history() {
        let base = "id: OSSA-2026-001\ndate: 2026-12-01\ntitle: Nova flaw\ndescription: x";
        for (before, number) in [
            (format!("{base}\n"), 1),
            (base.to_owned(), 1),
            (
                format!(
                    "{base}\nerrata: A first change.   # keep\nerrata_history:\n  # newest first\n  - 2026-12-02 - Errata 1\n  - 2026-12-01 - Original Version\n\nwaivers: []\n"
                ),
                2,
            ),
            (
                format!(
                    "{base}\nerrata: |\n  A first change.\n\nerrata_history:\n- 2026-12-02 - Errata 1\n- 2026-12-01 - Original Version\n"
                ),
                2,
            ),
            (
                format!("{base}\nerrata_history: ['2026-12-01 - Original Version']\n"),
                1,
            ),
            (format!("{base}\nerrata: >\n  A first\n  change.\n"), 1),
        ] {
            let what = "CVE-2026-48213 was assigned to this vulnerability, which had none when it was published.";
            let (after, found) =
                erratum(&before, &document(&before), what, day("2026-12-09")).expect("changed");
            assert_eq!(found, number, "{before}");
            let read = document(&after);
            let plain = read
                .errata
                .expect("errata")
                .value
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            assert!(
                plain.ends_with(what) && (number == 1 || plain.starts_with("A first change.")),
                "{after}"
            );
            assert_eq!(read.errata_history[0].label, format!("Errata {number}"));
            assert!(
                read.errata_history
                    .last()
                    .is_some_and(|line| line.is_original()),
                "{after}"
            );
            // A list in one line stays in one.
            let mut lines = after.lines().filter(|line| !line.contains('['));
            assert!(lines.all(|line| line.chars().count() <= WIDTH), "{after}");
            assert_eq!(
                after.matches("# keep").count(),
                before.matches("# keep").count()
            );
        }
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line_of_yaml_and_no_line_of_ours() {
        for (text, line) in [
            ("notes:\r\n  -\r\r\r\rerrata_history:", 2),
            ("errata: 'was: wrong'\r # kept\ntitle: u", 1),
        ] {
            let read = document(text);
            let day = "2026-12-08".parse().expect("a day");
            let refused = erratum(text, &read, "More", day);
            assert_eq!(refused, Err(Refusal::LoneReturn(line)));
        }
    }
}
