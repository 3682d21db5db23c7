//! Legacy notes: the texts of e-mails and wiki pages into note YAML (pure: text in, text out).
//!
//! Twelve years of notes were a title, a rule and sections below `### Headings ###`, with many habits
//! and no grammar. `sections` cuts a text, `title` and `fields` take what they find in it, `references` and
//! `people` read the contacts, `markdown` cleans the prose, `note` puts all together, `yaml` writes the
//! document, and `proof` shows that every word of the text is in it. What finds no field goes to the nearest
//! prose; where words would be lost, nothing is written.

mod codes;
mod fields;
mod markdown;
mod note;
mod people;
mod proof;
mod references;
mod sections;
mod title;
mod verbatim;
mod yaml;

use std::ops::Range;

use chrono::NaiveDate;

use self::codes::{LEGACY_WORDS_LOST, NOT_A_LEGACY_NOTE};
use crate::config::Config;
use crate::diagnostic::{Diagnostic, FileId, Severity, Span, did_you_mean};
use crate::document;
use crate::model::{Document, Kind};

pub use self::codes::CODES;

/// Largest text that is taken for a note, in bytes. The longest real one has 7 KB.
const LARGEST: usize = 256 * 1024;

/// A text to import, with what is known of it from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The file, for places.
    pub file: FileId,
    /// Its text.
    pub text: &'a str,
    /// Its name without folder and ending.
    pub stem: &'a str,
    /// Day of publication, where it is known.
    pub date: Option<NaiveDate>,
}

/// An imported note.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its id.
    pub id: String,
    /// Its YAML.
    pub yaml: String,
    /// The document that the YAML reads as.
    pub document: Document,
}

/// A line of a legacy text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line<'a> {
    /// The line without its break and trailing blanks.
    text: &'a str,
    /// Where it starts in the file.
    start: usize,
}

impl Line<'_> {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A line of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry<'a> {
    Line(Line<'a>),
    /// A heading inside the section; 0 is the level of the sections themselves.
    Heading(u8, &'a str, usize),
}

fn blank<'a>() -> Entry<'a> {
    Entry::Line(Line { text: "", start: 0 })
}

/// Imports a legacy text. The note is `None` where there is an error among the diagnostics.
pub fn parse(request: &Request<'_>, config: &Config) -> (Option<Imported>, Vec<Diagnostic>) {
    let mut importer = Importer {
        request,
        config,
        problems: Vec::new(),
        markup: Vec::new(),
        beside: Vec::new(),
    };
    let imported = importer.run();
    let mut problems = importer.problems;
    problems.sort_by_key(|problem| problem.span.start);
    let failed = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    (imported.filter(|_| !failed), problems)
}

struct Importer<'a, 'r> {
    request: &'r Request<'a>,
    config: &'r Config,
    problems: Vec<Diagnostic>,
    markup: Vec<Range<usize>>,
    /// Texts that are kept where the proof does not look.
    beside: Vec<String>,
}

impl<'a> Importer<'a, '_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.request.file, range)
    }

    fn run(&mut self) -> Option<Imported> {
        let size = self.request.text.len();
        if size > LARGEST {
            let message = format!("the text has {size} bytes, more than {LARGEST}");
            self.problems.push(
                NOT_A_LEGACY_NOTE
                    .at(self.span(0..0), message)
                    .help("import the text of one note, not of several"),
            );
            return None;
        }
        let split = sections::split(self.request.text);
        self.markup.extend(split.markup.iter().cloned());
        if !split.sections.iter().any(|section| section.role.is_known()) {
            let first = self.request.text.lines().next().unwrap_or_default();
            let nearest = self.request.text.lines().find_map(|line| {
                did_you_mean(
                    line.trim_matches(['#', '=', ' ']),
                    ["Summary", "Discussion"],
                )
            });
            let help = match nearest {
                Some(near) => format!("did you mean the heading `### {near} ###`?"),
                None => "give its parts headings such as `### Summary ###`".to_owned(),
            };
            let message = "the text has no section of a note";
            let span = self.span(0..first.len());
            self.problems
                .push(NOT_A_LEGACY_NOTE.at(span, message).help(help));
            return None;
        }
        let (id, title) = self.id_and_title(&split);
        let wiki = split.wiki;
        let fields = self.fields(split);
        let contacts = references::read(self.request.text, &fields.contacts);
        self.markup.extend(contacts.markup.iter().cloned());
        let (mut fields, contacts) = (fields, contacts);
        let (id, own) = (id?, title?);
        let note = self.note(&id, own, &mut fields, contacts, wiki);
        let yaml = yaml::write(&note);
        let (document, problems) =
            document::read(self.request.file, &yaml, Some(Kind::Note), self.config);
        let document = document?;
        // The YAML is ours: a problem in it is a fault of the importer, told as a loss.
        for problem in problems {
            let message = format!("the imported note would not be sound: {}", problem.message);
            self.problems
                .push(LEGACY_WORDS_LOST.at(self.span(0..0), message));
        }
        for lost in proof::lost(self.request.text, &self.markup, &document, &self.beside) {
            let words = &self.request.text[lost.clone()];
            let message = format!("`{words}` would be lost");
            let span = self.span(lost);
            self.problems.push(
                LEGACY_WORDS_LOST
                    .at(span, message)
                    .help("write this place in plainer form, or move it to a section of prose"),
            );
        }
        Some(Imported { id, yaml, document })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED;

    fn config() -> &'static Config {
        static CONFIG: std::sync::OnceLock<Config> = std::sync::OnceLock::new();
        CONFIG.get_or_init(|| Config::parse(FileId(0), SHIPPED).0)
    }

    fn import(text: &str, stem: &str) -> (Option<Imported>, Vec<(String, String)>) {
        let request = Request {
            file: FileId(0),
            text,
            stem,
            date: "2014-08-11".parse().ok(),
        };
        let (imported, problems) = parse(&request, config());
        let said = problems
            .iter()
            .map(|problem| {
                let place = text.get(problem.span.range()).unwrap_or_default();
                (problem.code.id.to_owned(), place.to_owned())
            })
            .collect();
        (imported, said)
    }

    const NOTE: &str = "Nova forgets\n---\n\n### Summary ###\na\n\n### Affected Services / Software ###\nNova\n\n### Discussion ###\nb\n\n### Recommended Actions ###\nc\n\n### Contacts / References ###\nAuthor: Ann Bee, An Org\n";

    #[test]
    fn problems_have_their_places() {
        let said = |text: &str, stem: &str| import(text, stem).1;
        assert_eq!(said(NOTE, "OSSN-0001"), []);
        let one = |id: &str, place: &str| vec![(id.to_owned(), place.to_owned())];
        assert_eq!(said(NOTE, "note"), one("legacy-id-missing", "Nova forgets"));
        assert_eq!(
            said(&format!("OSSN-0002: {NOTE}"), "OSSN-0001"),
            one("legacy-id-differs", "OSSN-0002: Nova forgets")
        );
        assert_eq!(
            said(
                NOTE.trim_start_matches("Nova forgets\n---\n\n"),
                "OSSN-0001"
            ),
            one("legacy-title-missing", "")
        );
        assert_eq!(
            said("Some words\n\n### Sumary ###\nx\n", "OSSN-0001"),
            one("not-a-legacy-note", "Some words")
        );
        assert_eq!(
            said(&NOTE.replace("### Discussion ###\nb\n", ""), "OSSN-0001"),
            one("legacy-section-missing", "Nova forgets")
        );
        assert_eq!(
            import(
                &format!("{NOTE}This OSSN : https://example.org/OSSN-0042\n"),
                "note"
            )
            .0
            .map(|imported| imported.id),
            Some("OSSN-0042".into())
        );
    }

    /// The proof is no formality: a word that the note lacks is found, wherever it stood.
    #[test]
    fn a_dropped_word_is_a_loss() {
        let request = Request {
            file: FileId(0),
            text: NOTE,
            stem: "OSSN-0001",
            date: "2014-08-11".parse().ok(),
        };
        let imported = parse(&request, config()).0.expect("a note");
        for (dropped, word) in [
            ("summary: |\n  a", "a"),
            ("discussion: |\n  b", "b"),
            ("Nova forgets", "forgets"),
            ("Ann Bee", "Bee"),
        ] {
            let without = dropped.replace(&format!(" {word}"), " -");
            let yaml = imported.yaml.replacen(dropped, &without, 1);
            let (document, _) = document::read(FileId(0), &yaml, Some(Kind::Note), config());
            let document = document.expect("a document");
            let split = sections::split(NOTE);
            let lost = proof::lost(NOTE, &split.markup, &document, &["Author".into()]);
            let words: Vec<&str> = lost.into_iter().map(|place| &NOTE[place]).collect();
            assert_eq!(words, [word], "{yaml}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(
            text in "(\\PC|\n){0,300}",
            pieces in proptest::collection::vec("### (Summary|Discussion|Recommended Actions|Affected Services / Software|Contacts / References|Patches|[A-Z][a-z]*) ###\n|[-*#] [a-z]+\n|  +[a-z]+\n|~~~\n|---- begin [a-z]+ ----\n|---- end ----\n|[A-Z][a-z]+ ?: ?[a-z@./:]*\n|\n|[a-z ]+\n|[0-9][.)] [a-z]\n|---\n|CVE: [a-zA-Z0-9-]*\n|```\n|'''x'''|== [a-z]+ ==\n|é\u{a0}\t", 0..40),
        ) {
            let _ = import(&text, "OSSN-0001");
            let _ = import(&format!("Nova forgets\n---\n{}", pieces.concat()), "OSSN-0001");
        }

        /// Words and lists in any order are kept: no false alarm, and no loss.
        #[test]
        fn words_and_lists_are_kept(
            lines in proptest::collection::vec("[a-z]{1,8}( [a-z]{1,8}){0,12}[.:]?|[-*] [a-z]{1,8}( [a-z]{1,8}){0,5}||    [a-z]{1,8} = [a-z]{1,8}|[1-3]\\. [a-z]{2,8}", 1..25),
        ) {
            let text = NOTE.replace("\nb\n", &format!("\nb\n{}\n", lines.join("\n")));
            let (imported, problems) = import(&text, "OSSN-0001");
            proptest::prop_assert!(imported.is_some(), "{problems:?}\n{text}");
        }
    }
}
