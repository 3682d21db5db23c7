//! Contacts and references of a legacy text: authors, bugs, CVEs and links out of lines with labels.

use std::ops::Range;

use chrono::NaiveDate;

use super::{Entry, Line, people};
use crate::host::{self, Role};
use crate::model::id::cves_in;
use crate::prose::addresses_in;
use crate::prose::text::one_line;

/// What is read from the contacts and references of a note.
#[derive(Debug, Default)]
pub(super) struct Contacts<'a> {
    pub(super) authors: Vec<String>,
    pub(super) credits: Vec<String>,
    pub(super) links: Vec<Link>,
    /// Addresses of bugs.
    pub(super) bugs: Vec<String>,
    /// CVE ids, each with what the text says of it.
    pub(super) cves: Vec<(String, Option<String>)>,
    pub(super) date: Option<NaiveDate>,
    /// Lines that are none of these.
    pub(super) rest: Vec<Entry<'a>>,
    /// What says nothing that a field does not say.
    pub(super) markup: Vec<Range<usize>>,
}

/// A reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) description: Option<String>,
    pub(super) url: String,
}

/// Words that say that there is none.
const NOTHING: [&str; 8] = [
    "none",
    "n/a",
    "na",
    "-",
    "none assigned",
    "nil",
    "not applicable",
    "no",
];

/// What the lines below a label belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Open {
    Nothing,
    Authors,
    Credits,
    Cves,
    /// Links with a description.
    Links(String),
    /// The last link goes on.
    Link,
}

/// Reads the entries of a section of a text.
pub(super) fn read<'a>(text: &'a str, entries: &[Entry<'a>]) -> Contacts<'a> {
    let mut reader = Reader {
        contacts: Contacts::default(),
        open: Open::Nothing,
        taken: 0,
        label: None,
    };
    for entry in join(text, entries) {
        match entry {
            Entry::Line(line) => reader.line(line),
            Entry::Heading(..) => {
                reader.close(Open::Nothing);
                reader.contacts.rest.push(entry);
            }
        }
    }
    reader.close(Open::Nothing);
    reader.contacts
}

/// Joins lines that their author broke: an indented line goes on with the one before it, unless that one
/// is a label or has its address.
fn join<'a>(text: &'a str, entries: &[Entry<'a>]) -> Vec<Entry<'a>> {
    let mut found: Vec<Entry<'a>> = Vec::new();
    for entry in entries {
        if let (Some(Entry::Line(before)), Entry::Line(line)) = (found.last_mut(), entry)
            && !before.is_blank()
            && !line.is_blank()
            && line.text.starts_with([' ', '\t'])
            && !before.text.starts_with([' ', '\t'])
            && item_of(line.text.trim()).is_none()
            && labelled(line.text.trim()).is_none()
            && !before.text.ends_with(':')
            && address(before.text).is_empty()
            && let Some(both) = text.get(before.start..line.range().end)
        {
            before.text = both;
            continue;
        }
        found.push(*entry);
    }
    found
}

/// Returns what stands behind the mark of an item.
fn item_of(text: &str) -> Option<&str> {
    text.strip_prefix(['*', '-', '+', '•'])
        .filter(|rest| rest.starts_with([' ', '\t']))
        .map(str::trim_start)
}

struct Reader<'a> {
    contacts: Contacts<'a>,
    open: Open,
    /// Lines that were taken below the open label.
    taken: usize,
    /// The open label, while nothing stands below it.
    label: Option<Line<'a>>,
}

impl<'a> Reader<'a> {
    /// Goes on with something else. A label that nothing followed is a line of prose.
    fn close(&mut self, next: Open) {
        if let Some(line) = self.label.take().filter(|_| self.taken == 0) {
            self.contacts.rest.push(Entry::Line(line));
        }
        self.open = next;
    }

    fn line(&mut self, line: Line<'a>) {
        let text = line.text.trim();
        if text.is_empty() {
            // A blank line may stand between a label and its list.
            if self.taken > 0 || self.open == Open::Link {
                self.close(Open::Nothing);
            }
            if !self.contacts.rest.is_empty() {
                self.contacts.rest.push(Entry::Line(line));
            }
            return;
        }
        let start = line.start + (line.text.len() - line.text.trim_start().len());
        let item = item_of(text);
        let body = item.unwrap_or(text);
        let at = start + (text.len() - body.len());
        let indented = line.text.starts_with([' ', '\t', '\u{a0}']);
        if let Some((label, value)) = labelled(body) {
            let nested = match &self.open {
                Open::Links(outer) if indented => Some(outer.clone()),
                _ => None,
            };
            let value_at = at + (value.as_ptr() as usize - body.as_ptr() as usize);
            self.labelled(
                label,
                value,
                body,
                at..at + label.len(),
                value_at,
                nested,
                line,
            );
            return;
        }
        match self.open.clone() {
            Open::Authors if item.is_some() || self.taken == 0 || indented => {
                self.contacts.authors.extend(people::split(body));
                self.join_word(body, at);
                self.taken += 1;
            }
            Open::Credits if item.is_some() || self.taken == 0 || indented => {
                self.contacts.credits.extend(people::split(body));
                self.join_word(body, at);
                self.taken += 1;
            }
            Open::Cves if address(body).is_empty() && self.cves("", body) => self.taken += 1,
            Open::Links(description) if !address(body).is_empty() => {
                self.links(Some(&description), body, body);
                self.taken += 1;
            }
            Open::Link if indented && item.is_none() => self.go_on(body),
            _ if !address(body).is_empty() => {
                self.close(Open::Link);
                self.links(None, body, body);
            }
            _ => {
                self.close(Open::Nothing);
                self.contacts.rest.push(Entry::Line(line));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one line")]
    fn labelled(
        &mut self,
        label: &'a str,
        value: &'a str,
        whole: &'a str,
        place: Range<usize>,
        value_at: usize,
        nested: Option<String>,
        line: Line<'a>,
    ) {
        let lower = label.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        if nested.is_some() {
            self.label = None;
        }
        self.close(Open::Nothing);
        self.taken = usize::from(!value.is_empty());
        let nothing = NOTHING.contains(&value.trim_end_matches('.').to_lowercase().as_str());
        match words.as_slice() {
            ["author" | "authors" | "author(s)"] => {
                self.contacts.markup.push(place);
                self.contacts.authors.extend(people::pairs(value));
                self.join_word(value, value_at);
                self.open = Open::Authors;
                return;
            }
            ["credit" | "credits"] | ["reported", "by"] | ["reporter" | "reporters"] => {
                self.contacts.markup.push(place);
                self.contacts.credits.extend(people::split(value));
                self.join_word(value, value_at);
                self.open = Open::Credits;
                return;
            }
            ["date" | "published"] | ["publication", "date"]
                if NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok() =>
            {
                self.contacts.markup.push(place);
                self.contacts.date = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok();
                self.open = Open::Nothing;
                return;
            }
            [.., "cve" | "cves" | "cve-id" | "cve-ids" | "cve(s)"] => {
                self.open = Open::Cves;
                if nothing || value.is_empty() {
                    self.contacts
                        .markup
                        .push(place.start..value_at + value.len());
                    return;
                }
                let awaited = [
                    "pending",
                    "requested",
                    "tbd",
                    "tba",
                    "reserved",
                    "to be assigned",
                ];
                if awaited.contains(&value.to_lowercase().as_str()) {
                    self.contacts
                        .markup
                        .push(place.start..value_at + value.len());
                    self.contacts.cves.push(("pending".to_owned(), None));
                    return;
                }
                if self.cves(label, value) {
                    // `and` between two ids says nothing that a list does not say.
                    let joints = value.split_whitespace().filter(|word| *word == "and");
                    let starts =
                        joints.map(|word| word.as_ptr() as usize - value.as_ptr() as usize);
                    let places = starts.map(|at| value_at + at..value_at + at + 3);
                    self.contacts.markup.extend(places);
                    if words.len() == 1 {
                        self.contacts.markup.push(place);
                    }
                    return;
                }
            }
            ["bug" | "bugs"] if address(value).iter().any(|url| is_bug(url)) => {
                self.contacts.markup.push(place);
                for url in address(value) {
                    self.bug(url);
                }
                self.open = Open::Nothing;
                return;
            }
            _ => {}
        }
        let tracker = words.contains(&"bug") || words.contains(&"bugs") || words.contains(&"ossn");
        if nothing && tracker {
            self.contacts
                .markup
                .push(place.start..value_at + value.len());
            self.open = Open::Nothing;
            return;
        }
        if value.is_empty() {
            self.open = Open::Links(one_line(label));
            self.label = Some(line);
            return;
        }
        // A bug by its number alone.
        if tracker && let Some(number) = bug_number(value) {
            let url = format!("https://launchpad.net/bugs/{number}");
            self.links(Some(label), &url, label);
            return;
        }
        if address(value).is_empty() {
            self.open = Open::Nothing;
            self.contacts.rest.push(Entry::Line(line));
            return;
        }
        match nested {
            Some(outer) => {
                let description = one_line(&format!("{outer}: {label}"));
                self.links(Some(&description), value, whole);
                // The next one belongs to the outer label, too.
                self.open = Open::Links(outer);
            }
            None => {
                self.links(Some(label), value, whole);
                self.open = Open::Link;
            }
        }
    }

    /// Keeps each address of a text as a link. Words beside the address stay in the description.
    fn links(&mut self, label: Option<&str>, text: &str, whole: &str) {
        let addresses = address(text);
        let rest = addresses
            .iter()
            .fold(text.to_owned(), |rest, url| rest.replacen(url, " ", 1));
        let words = rest.chars().any(char::is_alphanumeric);
        let description = match label {
            Some(label) if !words => Some(one_line(label)),
            Some(label) => Some(one_line(&format!("{label}: {text}"))),
            None if words => Some(one_line(whole)),
            None => None,
        };
        for url in &addresses {
            let about_bugs = description.as_deref().is_some_and(|description| {
                let said = description.replace(url, "").to_lowercase();
                let words: Vec<&str> = said
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|word| !word.is_empty())
                    .collect();
                let other = words.first() == Some(&"related");
                !other
                    && words
                        .iter()
                        .any(|word| matches!(*word, "bug" | "bugs" | "story"))
            });
            if about_bugs && is_bug(url) {
                self.bug(url);
            }
            self.contacts.links.push(Link {
                description: description.clone(),
                url: (*url).to_owned(),
            });
        }
    }

    /// A line that goes on with the description before it.
    fn go_on(&mut self, text: &str) {
        match self.contacts.links.last_mut() {
            Some(Link {
                description: Some(description),
                ..
            }) => {
                description.push(' ');
                description.push_str(text);
            }
            Some(link) => link.description = Some(text.to_owned()),
            None => {}
        }
    }

    fn bug(&mut self, url: &str) {
        let url = host::recognise(url).map_or_else(|| url.to_owned(), |found| found.url);
        if !self.contacts.bugs.contains(&url) {
            self.contacts.bugs.push(url);
        }
    }

    /// Reads CVE ids with what is said of them; false where there is none.
    fn cves(&mut self, label: &str, value: &str) -> bool {
        let found = cves_in(value);
        let several = label.split_whitespace().count() > 1;
        for (at, (place, id)) in found.iter().enumerate() {
            let end = found
                .get(at + 1)
                .map_or(value.len(), |(next, _)| next.start);
            let from = if at == 0 { 0 } else { place.start };
            let mut said = format!("{} {}", &value[from..place.start], &value[place.end..end]);
            if several {
                said = format!("{label} {said}");
            }
            let said = said
                .trim_matches(|c: char| {
                    c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | ':' | '&')
                })
                .trim_end_matches(" and")
                .trim_end_matches(" &");
            let note = (said.chars().any(char::is_alphanumeric) && said != "and")
                .then(|| said.trim().to_owned());
            if !self.contacts.cves.iter().any(|(known, _)| known == id) {
                self.contacts.cves.push((id.clone(), note));
            }
        }
        !found.is_empty()
    }

    /// `and` between two people says nothing that a list does not say.
    fn join_word(&mut self, text: &str, start: usize) {
        if people::split(text).len() > 1 {
            let places = text.match_indices(" and ");
            self.contacts
                .markup
                .extend(places.map(|(at, _)| start + at + 1..start + at + 4));
        }
    }
}

/// Reads `1234567` and `#1234567`.
fn bug_number(text: &str) -> Option<&str> {
    let number = text.strip_prefix('#').unwrap_or(text);
    let sound = (4..=8).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    sound.then_some(number)
}

fn is_bug(url: &str) -> bool {
    host::recognise(url).is_some_and(|found| found.role == Role::Bug)
}

/// Splits `Label : value`, `[1]: value`, `[2] value`, `Author A Name` and `Label:`.
fn labelled(line: &str) -> Option<(&str, &str)> {
    for word in ["Author ", "Authors "] {
        // The colon was forgotten.
        if let Some(rest) = line.strip_prefix(word)
            && !rest.trim_start().starts_with(':')
        {
            return Some((word.trim(), rest.trim()));
        }
    }
    let addresses = address(line);
    // The address is all that stands behind the last colon.
    if let [url] = addresses.as_slice()
        && line.ends_with(url)
    {
        let before = line[..line.len() - url.len()].trim_end();
        let numbered = before.starts_with('[')
            && before.ends_with(']')
            && before[1..before.len() - 1]
                .bytes()
                .all(|b| b.is_ascii_digit());
        if numbered {
            return Some((before, url));
        }
        if let Some(label) = before.strip_suffix(':')
            && !label.trim().is_empty()
        {
            return Some((label.trim_end(), url));
        }
    }
    if addresses.is_empty()
        && let Some(label) = line.strip_suffix(':')
        && !label.trim().is_empty()
    {
        return Some((label.trim_end(), &line[line.len()..]));
    }
    let colon = line.match_indices(':').find_map(|(at, _)| {
        let after = line[at + 1..].chars().next();
        after.is_none_or(char::is_whitespace).then_some(at)
    })?;
    let label = line[..colon].trim();
    let value = line[colon + 1..].trim();
    let sound = !label.is_empty()
        && label.split_whitespace().count() <= 9
        && address(label).is_empty()
        && !label.ends_with('.');
    sound.then_some((label, value))
}

/// The addresses in a text: of the web and of mailboxes.
fn address(text: &str) -> Vec<&str> {
    let mut found: Vec<Range<usize>> = addresses_in(text);
    if found.is_empty() {
        for word in text.split_whitespace() {
            let word = word.trim_matches(['<', '>', '(', ')', ',', ';', '.']);
            let start = word.as_ptr() as usize - text.as_ptr() as usize;
            let mailbox = word.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && host.contains('.')
                    && host
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
            });
            if mailbox {
                found.push(start..start + word.len());
            }
        }
    }
    found.into_iter().map(|place| &text[place]).collect()
}
