//! Legacy notes: the texts of e-mails and wiki pages into note YAML (pure: text in, text out).
//!
//! Twelve years of notes were a title, a rule and sections below `### Headings ###`, with many habits
//! and no grammar. `sections` cuts a text, `markdown` cleans its prose, `references` and `people` read the
//! contacts, `yaml` writes the document, and `proof` shows that every word of the text is in it. What
//! finds no field goes to the nearest prose; where words would be lost, nothing is written.

mod markdown;
mod people;
mod proof;
mod references;
mod sections;
mod yaml;

use std::ops::Range;

use chrono::NaiveDate;

use self::markdown::Lines;
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, FileId, Severity, Span, did_you_mean};
use crate::document;
use crate::host::{self, Role};
use crate::model::branch::{Branch, BranchKind};
use crate::model::{Document, Id, Kind};
use crate::prose::markdown::{Style, render};
use crate::prose::{self, Block, addresses_in};
use crate::services;

/// Columns of prose in a file: with the indent of the field, 72.
const WIDTH: usize = 70;

/// Largest text that is taken for a note, in bytes. The longest real one has 7 KB.
const LARGEST: usize = 256 * 1024;

/// A text without any section that a note has.
pub static NOT_A_LEGACY_NOTE: Code = Code {
    id: "not-a-legacy-note",
    severity: Severity::Error,
    summary: "a text to import has no section of a note",
    explanation: "A legacy note has a title and sections such as `### Summary ###`, `### Discussion ###` and \
        `### Recommended Actions ###`. A text with none of them is something else.",
    since: None,
    example: None,
};

/// A legacy note without a title.
pub static LEGACY_TITLE_MISSING: Code = Code {
    id: "legacy-title-missing",
    severity: Severity::Error,
    summary: "a note to import has no title",
    explanation: "The title stands above the first section, on one line or two, mostly with a rule below it.",
    since: None,
    example: None,
};

/// A legacy note whose id nobody says.
pub static LEGACY_ID_MISSING: Code = Code {
    id: "legacy-id-missing",
    severity: Severity::Error,
    summary: "a note to import has no id",
    explanation: "The id is read from the title (`OSSN-0042: ...`), from the name of the file, or from the \
        line `This OSSN`. Name the file by its id.",
    since: None,
    example: None,
};

/// A legacy note that says one id and is named by another.
pub static LEGACY_ID_DIFFERS: Code = Code {
    id: "legacy-id-differs",
    severity: Severity::Error,
    summary: "a note to import says another id than its file name",
    explanation: "One of the two is wrong, and a note under a wrong id misleads whoever looks for it. Rename \
        the file, or mend its title.",
    since: None,
    example: None,
};

/// A legacy note whose date nobody says.
pub static LEGACY_DATE_MISSING: Code = Code {
    id: "legacy-date-missing",
    severity: Severity::Error,
    summary: "a note to import has no date",
    explanation: "Legacy texts say no date. `--git REPO` takes it from the first commit of the file, `--date` \
        from you.",
    since: None,
    example: None,
};

/// A section that every note has is missing.
pub static LEGACY_SECTION_MISSING: Code = Code {
    id: "legacy-section-missing",
    severity: Severity::Warning,
    summary: "a note to import lacks a section",
    explanation: "A note has a summary, affected services, a discussion and recommended actions. A sentence \
        that says so stands in the place of the missing one; write a better one.",
    since: None,
    example: None,
};

/// Words that would not be in the imported note.
pub static LEGACY_WORDS_LOST: Code = Code {
    id: "legacy-words-lost",
    severity: Severity::Error,
    summary: "words of a text would be lost by importing it",
    explanation: "The importer holds the words of a text against those of the document that it made. Words \
        are missing, so it writes nothing. Write the place named in plainer form, and please report the text.",
    since: None,
    example: None,
};

/// The codes of this module.
pub static CODES: &[&Code] = &[
    &NOT_A_LEGACY_NOTE,
    &LEGACY_TITLE_MISSING,
    &LEGACY_ID_MISSING,
    &LEGACY_ID_DIFFERS,
    &LEGACY_DATE_MISSING,
    &LEGACY_SECTION_MISSING,
    &LEGACY_WORDS_LOST,
];

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

/// What is read from the contacts and references of a note.
#[derive(Debug, Default)]
struct Contacts<'a> {
    authors: Vec<String>,
    credits: Vec<String>,
    links: Vec<Link>,
    /// Addresses of bugs.
    bugs: Vec<String>,
    /// CVE ids, each with what the text says of it.
    cves: Vec<(String, Option<String>)>,
    date: Option<NaiveDate>,
    /// Lines that are none of these.
    rest: Vec<Entry<'a>>,
    /// What says nothing that a field does not say.
    markup: Vec<Range<usize>>,
}

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Link {
    description: Option<String>,
    url: String,
}

/// A note to write.
#[derive(Debug, Default)]
struct Note {
    id: String,
    title: String,
    date: String,
    services: String,
    products: Vec<(String, String)>,
    summary: String,
    discussion: String,
    actions: String,
    cves: Vec<(String, Option<String>)>,
    issues: Vec<String>,
    reviews: Vec<(String, Vec<String>)>,
    credits: Vec<String>,
    links: Vec<Link>,
    authors: Vec<String>,
    errata: Option<String>,
    history: Vec<String>,
    withdrawn: Option<String>,
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

/// Returns how a block of verbatim text ends that starts at line 0, with its caption. `line` gives the lines
/// from there on. `None` where no such block starts, or where it never ends.
fn fence<'t>(line: impl Fn(usize) -> Option<&'t str>) -> Option<Fence<'t>> {
    /// Lines to look ahead; the longest real snippet has some sixty.
    const REACH: usize = 2000;
    let first = line(0)?.trim();
    let ahead = || (1..REACH).map_while(|at| Some((at, line(at)?)));
    if let Some((word, caption)) = snippet_mark(first) {
        // Two beginnings in a row are no block.
        let (end, next) = ahead().find_map(|(at, line)| Some((at, snippet_mark(line)?.0)))?;
        return (word != "end" && next == "end").then_some(Fence {
            end,
            caption: Some(caption),
            language: None,
        });
    }
    let sign = first.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = first.len() - first.trim_start_matches(sign).len();
    let language = first[length..].trim();
    if length < 3 || language.contains([sign, ' ']) {
        return None;
    }
    let closes = |line: &str| {
        let line = line.trim();
        line.len() >= length && line.chars().all(|c| c == sign)
    };
    let (end, _) = ahead().find(|(_, line)| closes(line))?;
    Some(Fence {
        end,
        caption: None,
        language: (!language.is_empty()).then_some(language),
    })
}

/// A block of verbatim text.
#[derive(Debug)]
struct Fence<'t> {
    /// Number of its last line.
    end: usize,
    /// What stands in its first line.
    caption: Option<&'t str>,
    /// Language named there.
    language: Option<&'t str>,
}

/// Reads `---- begin example nova.conf snippet ----` as `begin` and the words behind it.
fn snippet_mark(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let inner = line.strip_prefix("--")?.strip_suffix("--")?;
    let inner = inner.trim_matches('-').trim();
    let word = inner.split_whitespace().next()?;
    let known = ["begin", "being", "beginning", "start", "end"];
    let found = known
        .into_iter()
        .find(|known| word.eq_ignore_ascii_case(known))?;
    Some((found, inner[word.len()..].trim()))
}

struct Importer<'a, 'r> {
    request: &'r Request<'a>,
    config: &'r Config,
    problems: Vec<Diagnostic>,
    markup: Vec<Range<usize>>,
    /// Texts that are kept where the proof does not look.
    beside: Vec<String>,
}

/// The entries of each field, in the order of the text.
#[derive(Debug, Default)]
struct Fields<'a> {
    summary: Vec<Entry<'a>>,
    services: Vec<Entry<'a>>,
    discussion: Vec<Entry<'a>>,
    actions: Vec<Entry<'a>>,
    errata: Vec<Entry<'a>>,
    credits: Vec<Line<'a>>,
    contacts: Vec<Entry<'a>>,
    reviews: Vec<(String, Vec<String>)>,
    products: Option<Vec<(String, String)>>,
    history: Vec<String>,
    withdrawn: Option<String>,
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

    /// The id, and the title without it.
    fn id_and_title(&mut self, split: &sections::Split<'a>) -> (Option<String>, Option<String>) {
        let prefix = &self.config.note.prefix;
        let words: Vec<&str> = split
            .title
            .iter()
            .flat_map(|line| line.text.split_whitespace())
            .collect();
        let title = words.join(" ");
        let (said, title) = leading_id(&title, prefix);
        let named = Id::parse(&self.request.stem.to_uppercase())
            .filter(|id| id.prefix == *prefix)
            .map(|id| id.as_str().to_owned());
        let place = split.title.first().map_or(0..0, |line| line.range());
        if let (Some(said), Some(named)) = (&said, &named)
            && said != named
        {
            let message = format!("the title says `{said}`, the file is named `{named}`");
            self.problems.push(
                LEGACY_ID_DIFFERS
                    .at(self.span(place.clone()), message)
                    .help("rename the file, or mend the title"),
            );
        }
        let linked = || {
            let text = self.request.text;
            let at = text.rfind(&format!("{prefix}-"))?;
            let length = text[at..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .unwrap_or(text.len() - at);
            let line_start = text[..at].rfind('\n').map_or(0, |at| at + 1);
            let own = text[line_start..at].to_lowercase();
            let own = own.trim_start_matches(['*', '-', ' ']).starts_with("this ");
            Id::parse(&text[at..at + length])
                .filter(|_| own)
                .map(|id| id.as_str().to_owned())
        };
        let id = said.or(named).or_else(linked);
        if id.is_none() {
            let message = format!(
                "neither the title nor the file name `{}` says an id",
                self.request.stem
            );
            let help = format!("name the file by its id, such as `{prefix}-0042`");
            self.problems.push(
                LEGACY_ID_MISSING
                    .at(self.span(place.clone()), message)
                    .help(help),
            );
        }
        if title.is_empty() {
            self.problems.push(
                LEGACY_TITLE_MISSING
                    .at(
                        self.span(place),
                        "there is no title above the first section",
                    )
                    .help("write one as the first line"),
            );
        }
        (id, Some(title).filter(|title| !title.is_empty()))
    }

    /// Gives every section to its field.
    fn fields(&mut self, split: sections::Split<'a>) -> Fields<'a> {
        let mut fields = Fields::default();
        let mut preamble = split.preamble;
        preamble.retain(|entry| match entry {
            Entry::Line(line) => match withdrawal(line.text) {
                Some(day) => {
                    fields.withdrawn = Some(day);
                    self.markup.push(line.range());
                    false
                }
                None => true,
            },
            Entry::Heading(..) => true,
        });
        fields.summary.extend(preamble);
        let mut last = sections::Role::Summary;
        for section in split.sections {
            let mut body = section.body;
            let heading = Entry::Heading(section.level, section.title, section.start);
            let role = match section.role {
                sections::Role::Patches => match self.reviews(&body) {
                    Some(reviews) => {
                        self.markup
                            .push(section.start..section.start + section.title.len());
                        fields.reviews.extend(reviews);
                        continue;
                    }
                    None => sections::Role::Other,
                },
                sections::Role::History => match history(&body) {
                    Some(lines) => {
                        self.markup
                            .push(section.start..section.start + section.title.len());
                        fields.history.extend(lines);
                        continue;
                    }
                    None => sections::Role::Other,
                },
                role => role,
            };
            if role == sections::Role::Services {
                self.take_products(&mut body, &mut fields);
            }
            let target = match role {
                sections::Role::Summary => &mut fields.summary,
                sections::Role::Services => &mut fields.services,
                sections::Role::Discussion => &mut fields.discussion,
                sections::Role::Actions => &mut fields.actions,
                sections::Role::Errata => &mut fields.errata,
                sections::Role::Contacts => &mut fields.contacts,
                sections::Role::Credits => {
                    fields
                        .credits
                        .extend(body.iter().filter_map(|entry| match entry {
                            Entry::Line(line) => Some(*line),
                            Entry::Heading(..) => None,
                        }));
                    body.retain(|entry| matches!(entry, Entry::Heading(..)));
                    &mut fields.actions
                }
                // A section of its own goes to the prose before it.
                sections::Role::Other | sections::Role::Patches | sections::Role::History => {
                    let target = match last {
                        sections::Role::Summary => &mut fields.summary,
                        sections::Role::Discussion | sections::Role::Services => {
                            &mut fields.discussion
                        }
                        _ => &mut fields.actions,
                    };
                    target.push(blank());
                    target.push(heading);
                    target
                }
            };
            target.push(blank());
            target.extend(body);
            if role != sections::Role::Other {
                last = role;
            }
        }
        fields
    }

    /// Reads a section that lists patches and nothing else: `2026.1/gazpacho: address` a line, or a
    /// branch as a label and its addresses below.
    fn reviews(&mut self, body: &[Entry<'a>]) -> Option<Vec<(String, Vec<String>)>> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for entry in body {
            let Entry::Line(line) = entry else {
                return None;
            };
            if line.is_blank() {
                continue;
            }
            let address = addresses_in(line.text).pop();
            let label = address
                .as_ref()
                .map_or(line.text, |address| &line.text[..address.start]);
            let label = label
                .trim()
                .trim_start_matches(['*', '-', '+'])
                .trim()
                .trim_end_matches(':')
                .trim();
            if !label.is_empty() {
                let known = match &Branch::read(label).kind {
                    BranchKind::Series { number, name } => [number, name]
                        .into_iter()
                        .flatten()
                        .any(|text| self.config.series(text).is_some()),
                    _ => true,
                };
                if !known {
                    return None;
                }
                found.push((label.to_owned(), Vec::new()));
            }
            if let Some(address) = address {
                let url = &line.text[address.clone()];
                let rest = line.text[address.end..].trim();
                host::recognise(url).filter(|found| found.role == Role::Review)?;
                let text = [url, rest].join(" ").trim().to_owned();
                found.last_mut()?.1.push(text);
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// Takes a list of `product: versions` below a heading `Versions` out of the affected services.
    fn take_products(&mut self, body: &mut Vec<Entry<'a>>, fields: &mut Fields<'a>) {
        let Some(at) = body.iter().position(|entry| {
            matches!(entry, Entry::Heading(_, text, _) if text.eq_ignore_ascii_case("versions"))
        }) else {
            return;
        };
        let mut products: Vec<(String, String)> = Vec::new();
        for entry in &body[at + 1..] {
            let Entry::Line(line) = entry else {
                return;
            };
            let text = line.text.trim();
            if text.is_empty() {
                continue;
            }
            match text.strip_prefix(['*', '-']) {
                Some(item) => {
                    let Some((product, version)) = item.split_once(": ") else {
                        return;
                    };
                    products.push((product.trim().to_owned(), version.trim().to_owned()));
                }
                // An item goes on.
                None => match products.last_mut() {
                    Some((_, version)) => {
                        version.push(' ');
                        version.push_str(text);
                    }
                    None => return,
                },
            }
        }
        if let Entry::Heading(_, text, start) = body[at] {
            self.markup.push(start..start + text.len());
        }
        body.truncate(at);
        fields.products = Some(products);
    }

    fn note(
        &mut self,
        id: &str,
        title: String,
        fields: &mut Fields<'a>,
        contacts: Contacts<'a>,
        wiki: bool,
    ) -> Note {
        let mut credits = contacts.credits;
        credits.extend(people::of_lines(&fields.credits));
        // What finds no field goes to the nearest prose, which is the section before the references.
        fields.actions.push(blank());
        fields.actions.extend(contacts.rest);
        let services = prose_of(&fields.services, wiki, Lines::Products);
        let date = self.request.date.or(contacts.date);
        if date.is_none() {
            self.problems.push(
                LEGACY_DATE_MISSING
                    .at(self.span(0..0), "nothing says the day of publication")
                    .help("add `--git REPO`, or `--date 2014-08-11`"),
            );
        }
        if let Some(products) = &fields.products {
            let texts = products
                .iter()
                .map(|(product, version)| format!("{product} {version}"));
            self.beside.extend(texts);
        }
        let products = fields.products.take().unwrap_or_else(|| {
            services::read([services.as_str()], self.config)
                .into_iter()
                .filter(|service| service.known)
                .filter_map(|service| Some((service.product, service.version?)))
                .collect()
        });
        let own_address = format!("{}{}/{id}.html", self.config.base_url, {
            self.config.note.prefix.to_lowercase()
        });
        let mut links = contacts.links;
        // Every note links to itself and to its team.
        links.retain(|link| {
            let description = link.description.as_deref().unwrap_or_default();
            let team =
                description == self.config.team && Some(&link.url) == self.config.team_url.as_ref();
            let implied = link.url == own_address || team;
            if implied {
                self.beside.push(format!("{description} {}", link.url));
            }
            !implied
        });
        let mut section = |name: &str, entries: &[Entry<'a>]| {
            let text = prose_of(entries, wiki, Lines::Sentences);
            if text.is_empty() {
                self.missing(name);
                return format!("The original note has no section on {name}.");
            }
            text
        };
        Note {
            id: id.to_owned(),
            title,
            date: date.map(|day| day.to_string()).unwrap_or_default(),
            summary: section("the risk in short", &fields.summary),
            services: if services.is_empty() {
                section("affected services", &[])
            } else {
                services
            },
            discussion: section("the risk in full", &fields.discussion),
            actions: section("recommended actions", &fields.actions),
            products,
            cves: contacts.cves,
            issues: contacts.bugs,
            reviews: std::mem::take(&mut fields.reviews),
            credits,
            links,
            authors: contacts.authors,
            errata: Some(prose_of(&fields.errata, wiki, Lines::Sentences))
                .filter(|text| !text.is_empty()),
            history: std::mem::take(&mut fields.history),
            withdrawn: fields.withdrawn.take(),
        }
    }

    fn missing(&mut self, name: &str) {
        let end = self.request.text.lines().next().map_or(0, str::len);
        let message = format!("the text has no section on {name}");
        self.problems.push(
            LEGACY_SECTION_MISSING
                .at(self.span(0..end), message)
                .help("write a better sentence into the imported note"),
        );
    }
}

fn blank<'a>() -> Entry<'a> {
    Entry::Line(Line { text: "", start: 0 })
}

/// The entries of a section as canonical Markdown.
fn prose_of(entries: &[Entry<'_>], wiki: bool, lines_are: Lines) -> String {
    let markdown = markdown::convert(entries, wiki, lines_are);
    let blocks: Vec<Block> = prose::parse(&markdown);
    render(&blocks, WIDTH, Style::File)
}

/// Splits `OSSN-0042: Title`, `[OSSN-0042] Title` and the like.
fn leading_id(title: &str, prefix: &str) -> (Option<String>, String) {
    let text = title.trim_start_matches('[');
    // `OSSN 0042` is the same id.
    let number = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix([' ', '-']))
        .unwrap_or_default();
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !number[digits..].starts_with(|c: char| c.is_alphanumeric() || c == '-');
    let id = Id::parse(&format!("{prefix}-{}", &number[..digits])).filter(|_| ends);
    match id {
        Some(id) => {
            let rest = number[digits..].trim_start_matches([']', ':', '-', ' ', '–']);
            (Some(id.as_str().to_owned()), rest.to_owned())
        }
        None => (None, title.to_owned()),
    }
}

/// Reads `Withdrawn: 2026-08-20`.
fn withdrawal(line: &str) -> Option<String> {
    let (label, day) = line.split_once(':')?;
    let day = day.trim();
    let sound = label.trim().eq_ignore_ascii_case("withdrawn")
        && NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    sound.then(|| day.to_owned())
}

/// Reads a section of lines that each start with a day.
fn history(body: &[Entry<'_>]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for entry in body {
        let Entry::Line(line) = entry else {
            return None;
        };
        let text = line.text.trim().trim_start_matches(['*', '-', ' ']);
        if text.is_empty() {
            continue;
        }
        text.get(..10)
            .and_then(|day| NaiveDate::parse_from_str(day, "%Y-%m-%d").ok())?;
        found.push(text.to_owned());
    }
    (!found.is_empty()).then_some(found)
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
