//! One entry to products: pieces between commas, each a product, versions of those before it, or neither.

use std::ops::Range;

use super::words::GENERAL;
use super::{Reader, Service};
use crate::prose::text::one_line;
use crate::version::expression::{Expression, Reading};

/// What a piece between commas is.
enum Piece {
    /// A product, perhaps with what is affected of it.
    Product {
        name: String,
        known: bool,
        /// What brackets behind it say.
        version: Option<String>,
        /// Where it goes on with versions.
        tail: Option<Range<usize>>,
    },
    /// A part of a product, such as a driver: versions beside it are not those of the whole.
    Part,
    /// Versions or series of the products before it.
    Versions,
    /// Neither.
    Other,
}

impl Reader<'_> {
    pub(super) fn entry(&self, entry: Range<usize>) -> Vec<Service> {
        if let Some(service) = self.version_of(&entry) {
            let mut found = self.phrase(&entry);
            found.retain(|other| other.product != service.product);
            found.push(service);
            return found;
        }
        let mut found: Vec<Service> = Vec::new();
        let mut group = 0;
        let mut parts: Vec<Service> = Vec::new();
        let mut versions: Vec<Range<usize>> = Vec::new();
        for place in self.pieces(&entry) {
            match self.piece(&place) {
                Piece::Product {
                    name,
                    known,
                    version,
                    tail,
                } => {
                    if !versions.is_empty() && found.len() > group {
                        self.close(&mut found[group..], &versions);
                        versions.clear();
                        group = found.len();
                    }
                    let verbatim = self.text[place.clone()].trim().to_owned();
                    found.push(Service {
                        product: name,
                        known,
                        version,
                        verbatim,
                        item: 0,
                        place,
                    });
                    if let Some(tail) = tail {
                        // Versions before the product were another's, or nobody's.
                        versions.clear();
                        versions.push(tail);
                    }
                }
                Piece::Part => parts.extend(self.phrase(&place)),
                Piece::Versions => versions.push(place),
                Piece::Other => found.extend(self.phrase(&place)),
            }
        }
        self.close(&mut found[group..], &versions);
        found.extend(parts);
        found
    }

    /// Gives the products of a group what follows them.
    fn close(&self, group: &mut [Service], versions: &[Range<usize>]) {
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else {
            return;
        };
        // Versions of one entry stand together; a product between them has its own.
        let apart = versions
            .windows(2)
            .any(|pair| self.text[pair[0].end..pair[1].start].trim().len() > 3);
        let joined: Vec<&str> = versions
            .iter()
            .map(|place| self.text[place.clone()].trim())
            .collect();
        let text = if apart {
            joined.join(", ")
        } else {
            self.text[first.start..last.end].to_owned()
        };
        let alone = group.len() == 1;
        for service in group {
            if service.version.is_some() {
                continue;
            }
            let Some(version) = self
                .version(&text)
                .or_else(|| self.bounded_series(&text, &service.product))
            else {
                continue;
            };
            // Series are those of the products that vmt.toml knows; a number is anybody's.
            let of_series = matches!(
                Expression::parse(&version).reading,
                Reading::Series(..) | Reading::All { .. }
            );
            if service.known || (alone && !of_series) {
                service.version = Some(version);
                service.place.end = service.place.end.max(last.end);
                service.verbatim = self.text[service.place.clone()].trim().to_owned();
            }
        }
    }

    /// The places between commas, semicolons, slashes with blanks, ends of sentences and `and`.
    fn pieces(&self, entry: &Range<usize>) -> Vec<Range<usize>> {
        let text = &self.text[entry.clone()];
        let mut found = Vec::new();
        let (mut start, mut depth) = (0usize, 0usize);
        for (at, c) in text.char_indices() {
            let rest = &text[at..];
            let after = rest[c.len_utf8()..].chars().next();
            let blank = after.is_none_or(char::is_whitespace);
            let length = match c {
                '(' => {
                    depth += 1;
                    0
                }
                ')' => {
                    depth = depth.saturating_sub(1);
                    0
                }
                _ if depth > 0 || at < start => 0,
                ',' | ';' => 1,
                '.' | ':' if blank => 1,
                '/' if blank && text[..at].ends_with(char::is_whitespace) => 1,
                '&' if blank => 1,
                _ if c.is_whitespace() && rest.trim_start().starts_with("and ") => {
                    rest.len() - rest.trim_start().len() + 4
                }
                _ => 0,
            };
            if length > 0 {
                found.push(start..at);
                start = at + length;
            }
        }
        found.push(start..text.len());
        found
            .into_iter()
            .map(|place| trimmed(text, place))
            .filter(|place| !place.is_empty())
            .map(|place| entry.start + place.start..entry.start + place.end)
            .collect()
    }

    fn piece(&self, place: &Range<usize>) -> Piece {
        let text = self.text[place.clone()].trim_matches(['\'', '"', '`', '*', ' ']);
        if self.says_version(text) {
            return Piece::Versions;
        }
        let base = text.as_ptr() as usize - self.text.as_ptr() as usize;
        let (name, inside, after) = match text.split_once('(') {
            Some((name, rest)) => {
                let (inside, after) = closing(rest);
                (name.trim_end(), Some(inside), after)
            }
            None => (text, None, ""),
        };
        // `Python-keystoneclient=<0.10.0`, `nova >=30.0.0`, `Keystone versions through Mitaka`.
        let cut = name
            .find(['<', '>', '='])
            .or_else(|| find_word(name, "versions"))
            .or_else(|| find_word(name, "prior to"))
            .or_else(|| find_word(name, "before"));
        let (name, behind) = match cut {
            Some(at) if at > 0 => (name[..at].trim_end(), &text[at..]),
            _ => (name, after),
        };
        let tail = (!behind.trim().is_empty()).then(|| base + text.len() - behind.len());
        let tail = tail.map(|start| start..base + text.len());
        let named = self.known(name);
        let in_brackets = inside.and_then(|inside| self.known(inside));
        if let Some(product) = named.or_else(|| in_brackets.clone()) {
            let version = inside
                .filter(|_| in_brackets.is_none() && cut.is_none())
                .and_then(|said| {
                    self.version(said)
                        .or_else(|| self.bounded_series(said, &product))
                });
            return Piece::Product {
                name: product,
                known: true,
                version,
                tail,
            };
        }
        let words: Vec<String> = words_of(name);
        let general = words
            .iter()
            .any(|word| GENERAL.contains(&word.as_str()) || self.is_around(word));
        let lists_products = inside.is_some_and(|inside| {
            inside
                .split([',', '/'])
                .any(|part| self.known(part).is_some())
        });
        if words.is_empty() || words.len() > 3 || general || lists_products {
            return Piece::Other;
        }
        if words.len() > 1 && self.known(&words[0]).is_some() {
            return Piece::Part;
        }
        Piece::Product {
            name: name.to_owned(),
            known: false,
            version: inside.and_then(|said| self.number_range(said)),
            tail,
        }
    }

    /// Known products in a phrase, without versions: `Nova Baremetal`, `services that use Keystone
    /// middleware`, `services (Nova, Cinder)`.
    fn phrase(&self, place: &Range<usize>) -> Vec<Service> {
        let text = &self.text[place.clone()];
        let words: Vec<Range<usize>> = text
            .split_whitespace()
            .map(|word| {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                start..start + word.len()
            })
            .collect();
        let mut found: Vec<Service> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let reach = (1..=3.min(words.len() - at)).rev().find_map(|count| {
                let span = words[at].start..words[at + count - 1].end;
                let span = trimmed_marks(text, span);
                let product = self
                    .known(&text[span.clone()])
                    .filter(|_| !text[span.clone()].contains('/'))?;
                Some((count, span, product))
            });
            match reach {
                Some((count, span, product)) => {
                    found.push(Service {
                        product,
                        known: true,
                        version: None,
                        verbatim: text[span.clone()].to_owned(),
                        item: 0,
                        place: place.start + span.start..place.start + span.end,
                    });
                    at += count;
                }
                None => at += 1,
            }
        }
        found
    }

    /// `a version of dnsmasq prior to 2.78`, wherever it stands.
    fn version_of(&self, entry: &Range<usize>) -> Option<Service> {
        let text = &self.text[entry.clone()];
        let start = ["version of ", "versions of "]
            .iter()
            .find_map(|lead| Some(text.find(lead)? + lead.len()))?;
        let rest = &text[start..];
        let name = rest.split_whitespace().next()?;
        let said = rest[name.len()..].trim_end_matches(['.', ' ', '\n']);
        let said = one_line(said);
        let bounded = ["prior to ", "before ", "up to ", "through "];
        if !bounded.iter().any(|lead| said.starts_with(lead)) {
            return None;
        }
        let version = self.version(&said)?;
        let known = self.known(name);
        Some(Service {
            known: known.is_some(),
            product: known.unwrap_or_else(|| name.to_owned()),
            version: Some(version),
            verbatim: rest.trim_end().to_owned(),
            item: 0,
            place: entry.start + start..entry.start + text.trim_end().len(),
        })
    }
}

/// Splits behind an opening bracket at the closing one.
fn closing(text: &str) -> (&str, &str) {
    let mut depth = 1usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let inner = &text[place.clone()];
    let start = place.start + (inner.len() - inner.trim_start().len());
    let end = place.start + inner.trim_end().len();
    start..end.max(start)
}

fn trimmed_marks(text: &str, place: Range<usize>) -> Range<usize> {
    let marks = ['(', ')', ',', '.', ';', ':', '\'', '"'];
    let inner = &text[place.clone()];
    let start = place.start + (inner.len() - inner.trim_start_matches(marks).len());
    let end = place.start + inner.trim_end_matches(marks).len();
    start..end.max(start)
}

fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(['\'', '"', '`', '*', '(', ')'])
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// Returns the place of a word in a text, behind its first word.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let at = text.to_lowercase().find(&format!(" {word} "))?;
    text.is_char_boundary(at).then_some(at)
}
