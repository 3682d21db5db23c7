//! The sections of a legacy text to the fields of a note.

use chrono::NaiveDate;

use super::{Entry, Importer, Line, blank, sections};
use crate::host::{self, Role};
use crate::model::branch::{Branch, BranchKind};
use crate::prose::addresses_in;

/// The entries of each field, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) summary: Vec<Entry<'a>>,
    pub(super) services: Vec<Entry<'a>>,
    pub(super) discussion: Vec<Entry<'a>>,
    pub(super) actions: Vec<Entry<'a>>,
    pub(super) errata: Vec<Entry<'a>>,
    pub(super) credits: Vec<Line<'a>>,
    pub(super) contacts: Vec<Entry<'a>>,
    pub(super) reviews: Vec<(String, Vec<String>)>,
    pub(super) products: Option<Vec<(String, String)>>,
    pub(super) history: Vec<String>,
    pub(super) withdrawn: Option<String>,
}

impl<'a> Importer<'a, '_> {
    /// Gives every section to its field.
    pub(super) fn fields(&mut self, split: sections::Split<'a>) -> Fields<'a> {
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
