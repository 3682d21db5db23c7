//! A note to write: fields and contacts with prose in canonical Markdown, what is missing named.

use super::codes::{LEGACY_DATE_MISSING, LEGACY_SECTION_MISSING};
use super::fields::Fields;
use super::markdown::{self, Lines};
use super::references::{Contacts, Link};
use super::{Entry, Importer, blank, people};
use crate::prose::markdown::{Style, render};
use crate::prose::{self, Block};
use crate::services;

/// Columns of prose in a file: with the indent of the field, 72.
const WIDTH: usize = 70;

/// A note to write.
#[derive(Debug, Default)]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) date: String,
    pub(super) services: String,
    pub(super) products: Vec<(String, String)>,
    pub(super) summary: String,
    pub(super) discussion: String,
    pub(super) actions: String,
    pub(super) cves: Vec<(String, Option<String>)>,
    pub(super) issues: Vec<String>,
    pub(super) reviews: Vec<(String, Vec<String>)>,
    pub(super) credits: Vec<String>,
    pub(super) links: Vec<Link>,
    pub(super) authors: Vec<String>,
    pub(super) errata: Option<String>,
    pub(super) history: Vec<String>,
    pub(super) withdrawn: Option<String>,
}

impl<'a> Importer<'a, '_> {
    pub(super) fn note(
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

/// The entries of a section as canonical Markdown.
fn prose_of(entries: &[Entry<'_>], wiki: bool, lines_are: Lines) -> String {
    let markdown = markdown::convert(entries, wiki, lines_are);
    let blocks: Vec<Block> = prose::parse(&markdown);
    render(&blocks, WIDTH, Style::File)
}
