//! What a note says is affected: its free text read into products with versions or series.
//!
//! Fifteen years of habits, with no schema: `Keystone, Juno, Kilo`, `Cinder (Icehouse, Juno), Nova
//! (Juno)`, `Gnocchi (<4.6.6, ==4.7.0)`, `- nova: <25.1.2, ==27.0.0`, `Nova / All versions`, `Nova,
//! Cinder, all versions`, sentences. Where the text does not say what is affected, nothing is
//! returned: reading never guesses, and the text itself stays with the document.

use std::ops::Range;

use crate::config::Config;
use crate::model::NoteBody;
use crate::version::Version;
use crate::version::expression::{Expression, Reading};

/// A product that a note names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Canonical name where vmt.toml knows the product, the name as written elsewhere.
    pub product: String,
    /// Whether vmt.toml knows the product.
    pub known: bool,
    /// What is affected of it, in a form that `version::expression` reads: canonical comparators,
    /// names of series, or `all versions`. `None` where the text does not say.
    pub version: Option<String>,
    /// The words of the text that say so.
    pub verbatim: String,
    /// The item of `affected-services` that they stand in.
    pub item: usize,
    /// Where they stand in the value of the item, in bytes.
    pub place: Range<usize>,
}

/// Reads the affected services of a note.
pub fn of_note(note: &NoteBody, config: &Config) -> Vec<Service> {
    read(note.services.iter().map(|text| text.value.as_str()), config)
}

/// Reads the items of an `affected-services` field, each as its author wrote it.
pub fn read<'a>(items: impl IntoIterator<Item = &'a str>, config: &Config) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for (item, text) in items.into_iter().enumerate() {
        if text.len() > LONGEST {
            continue;
        }
        let reader = Reader { text, config };
        for mut service in reader.services() {
            service.item = item;
            let same = |other: &&mut Service| other.product == service.product;
            match found.iter_mut().find(same) {
                // A product that is named again only matters when it says more.
                Some(other) if other.version.is_none() => *other = service,
                Some(_) => {}
                None => found.push(service),
            }
        }
    }
    found
}

/// An item that is longer lists no products; the longest real one has 600 bytes.
const LONGEST: usize = 16 * 1024;

/// Words of a phrase that speaks of things in general and names no product itself.
const GENERAL: [&str; 34] = [
    "all",
    "any",
    "most",
    "some",
    "other",
    "others",
    "possibly",
    "etc",
    "service",
    "services",
    "clients",
    "servers",
    "software",
    "components",
    "users",
    "deployments",
    "deployment",
    "deployers",
    "which",
    "when",
    "where",
    "with",
    "without",
    "that",
    "this",
    "these",
    "is",
    "are",
    "no",
    "not",
    "there",
    "used",
    "running",
    "fix",
];

/// Words around versions and series that say nothing more.
const AROUND: [&str; 17] = [
    "openstack",
    "release",
    "releases",
    "version",
    "versions",
    "series",
    "the",
    "in",
    "from",
    "of",
    "stable",
    "branch",
    "branches",
    "and",
    "or",
    "as",
    "well",
];

/// Parts of a service that documents name with a hyphen, such as `nova-network`.
const PARTS: [&str; 14] = [
    "api",
    "network",
    "compute",
    "conductor",
    "scheduler",
    "volume",
    "backup",
    "registry",
    "engine",
    "manage",
    "console",
    "novncproxy",
    "agent",
    "server",
];

/// Labels of lists of products, and of what is affected of them.
const PRODUCT_LABELS: [&str; 6] = [
    "service", "services", "product", "products", "project", "projects",
];
const VERSION_LABELS: [&str; 6] = [
    "release", "releases", "version", "versions", "series", "branches",
];

struct Reader<'a> {
    text: &'a str,
    config: &'a Config,
}

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
    fn services(&self) -> Vec<Service> {
        let mut found = Vec::new();
        let entries = self.entries();
        for (at, entry) in entries.iter().enumerate() {
            let label = self.label(entry);
            match label {
                Some((word, rest)) if VERSION_LABELS.contains(&word.as_str()) => {
                    // MediaWiki: the releases of what the entry before it lists.
                    if let Some(version) = self.version(&self.text[rest.clone()]) {
                        give(&mut found, &version);
                    }
                }
                Some((word, rest)) if PRODUCT_LABELS.contains(&word.as_str()) => {
                    found.extend(self.entry(rest));
                }
                _ if at > 0 && !self.is_listing(entry) => {}
                _ => found.extend(self.entry(entry.clone())),
            }
        }
        // Several unknown names with versions in one text are mostly the series of one of them.
        let unknown = |service: &&mut Service| !service.known && service.version.is_some();
        let parts = entries.len();
        if found.iter_mut().filter(unknown).count() > parts {
            found
                .iter_mut()
                .filter(unknown)
                .for_each(|service| service.version = None);
        }
        found
    }

    /// The places of items, or of paragraphs where the text has none. Remarks below an item are left
    /// out, and so is prose beside a list.
    fn entries(&self) -> Vec<Range<usize>> {
        let lines: Vec<Range<usize>> = lines_of(self.text);
        let line = |range: &Range<usize>| &self.text[range.clone()];
        let marked: Vec<bool> = lines
            .iter()
            .map(|range| mark_length(line(range)).is_some())
            .collect();
        let mut found: Vec<Range<usize>> = Vec::new();
        if marked.contains(&true) {
            let indent = lines
                .iter()
                .zip(&marked)
                .filter(|(_, marked)| **marked)
                .map(|(range, _)| indent_of(line(range)))
                .min()
                .unwrap_or(0);
            let mut open = false;
            for (range, marked) in lines.iter().zip(&marked) {
                let text = line(range);
                if *marked && indent_of(text) == indent {
                    let start = range.start + indent + mark_length(text).unwrap_or(0);
                    found.push(start..range.end);
                    open = true;
                } else if *marked || text.trim().is_empty() {
                    open = false;
                } else if let Some(last) = found.last_mut()
                    && open
                    && indent_of(text) > indent
                {
                    last.end = range.end;
                }
            }
            return found;
        }
        let mut open = false;
        for range in &lines {
            let text = line(range);
            if text.trim().is_empty() {
                open = false;
                continue;
            }
            // `Nova: Juno` below `Cinder: Icehouse, Juno` starts a new entry, and so does `Nova / Juno`.
            let broken = found
                .last()
                .is_some_and(|last| self.text[last.clone()].ends_with(','));
            let labelled = self.label(range).is_some() || (!broken && self.is_own(text));
            match found.last_mut() {
                Some(last) if open && !labelled => last.end = range.end,
                _ => found.push(range.clone()),
            }
            open = true;
        }
        found
    }

    /// A short name before a colon: the name in lower case, and the place of what follows.
    fn label(&self, entry: &Range<usize>) -> Option<(String, Range<usize>)> {
        let text = &self.text[entry.clone()];
        let colon = text.find(':')?;
        let name = text[..colon].trim_matches([' ', '\'', '*']);
        let short = name.split_whitespace().count() <= 3 && !name.contains(['(', ',', '.', '/']);
        let known = self.known(name).is_some();
        let listed = |labels: [&str; 6]| labels.contains(&name.to_lowercase().as_str());
        let is_label = short && (known || listed(PRODUCT_LABELS) || listed(VERSION_LABELS));
        is_label.then(|| (name.to_lowercase(), entry.start + colon + 1..entry.end))
    }

    /// Whether a line is a product with what is affected of it.
    fn is_own(&self, line: &str) -> bool {
        line.find(['/', '(', '<', '>', '='])
            .is_some_and(|at| self.known(&line[..at]).is_some())
    }

    /// Whether a text is a list of short names, and no sentence.
    fn is_listing(&self, entry: &Range<usize>) -> bool {
        let text = &self.text[entry.clone()];
        self.label(entry).is_some()
            || (mark_before(self.text, entry.start)
                || text
                    .split(',')
                    .all(|part| part.split_whitespace().count() <= 4))
    }

    fn entry(&self, entry: Range<usize>) -> Vec<Service> {
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
            .any(|word| GENERAL.contains(&word.as_str()) || AROUND.contains(&word.as_str()));
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
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
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

    /// Returns the canonical name of a product that vmt.toml knows.
    fn known(&self, name: &str) -> Option<String> {
        let name = name.trim().trim_matches(['\'', '"', '`', '*']);
        if name.is_empty() || name.len() > 60 {
            return None;
        }
        let lower = name.to_lowercase();
        let bare = lower.strip_prefix("openstack ").unwrap_or(&lower);
        if let Some(product) = self.config.product(bare) {
            return Some(product.name.clone());
        }
        // Nothing is allocated: every word of every note is held against every product.
        let same = |known: &str| squeeze(known).eq(squeeze(bare));
        let found = self
            .config
            .products
            .iter()
            .find(|product| same(&product.name) || same(&product.title));
        if let Some(product) = found {
            return Some(product.name.clone());
        }
        let (product, part) = bare.split_once('-')?;
        let product = self.config.product(product)?;
        PARTS.contains(&part).then(|| product.name.clone())
    }

    /// Whether a piece is nothing but versions or series.
    fn says_version(&self, text: &str) -> bool {
        let starts = text.starts_with(['<', '>', '=']) || Version::parse(text).is_some();
        let bounded = text.split_once('(').is_some_and(|(name, _)| {
            let words: Vec<&str> = name
                .split_whitespace()
                .filter(|word| !AROUND.contains(&word.to_lowercase().as_str()))
                .collect();
            matches!(words.as_slice(), [name] if self.series(name).is_some())
        });
        starts || bounded || self.version(text).is_some()
    }

    /// Returns a text in a form that `version::expression` reads, where it says versions or series.
    fn version(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_end_matches('.');
        let comparators = text.contains(['<', '>', '=']);
        if comparators {
            return self.number_range(text);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let said = words.join(" ");
        let lower = said.to_lowercase();
        let everything = ["all", "all versions", "all releases", "any version"];
        if everything.contains(&lower.as_str()) {
            return Some("all versions".into());
        }
        if matches!(
            lower.as_str(),
            "all supported versions" | "all supported releases"
        ) {
            return Some(lower);
        }
        self.listed_series(text).or_else(|| {
            let number = words
                .iter()
                .any(|word| Version::parse(word.trim_matches(['(', ')', ',', '.'])).is_some());
            number.then(|| self.number_range(&said)).flatten()
        })
    }

    /// Reads comparators, and bounds in words, to canonical comparators.
    fn number_range(&self, text: &str) -> Option<String> {
        let said = text
            .trim()
            .trim_end_matches('.')
            .replace("=<", "<=")
            .replace("=>", ">=");
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let lower = said.to_lowercase();
        // `prior to 20.2.4 or 19.2.6` bounds two branches that are not named.
        let two_bounds = ["prior to", "before", "earlier than", "up to"]
            .iter()
            .any(|lead| lower.contains(lead))
            && (lower.contains(" or ") || lower.contains(" and ") || lower.contains(','));
        if two_bounds {
            return None;
        }
        let expression = Expression::parse(&said);
        match &expression.reading {
            Reading::Intervals(_) => expression.canonical(),
            _ => None,
        }
    }

    /// Returns names of series, separated by commas, where a text holds nothing else.
    fn listed_series(&self, text: &str) -> Option<String> {
        let mut names = Vec::new();
        for part in text.split([',', ';']) {
            let words: Vec<&str> = part.split_whitespace().collect();
            let words: Vec<&str> = words
                .into_iter()
                .filter(|word| !AROUND.contains(&word.to_lowercase().as_str()))
                .collect();
            match words.as_slice() {
                [] => {}
                [first, "later" | "newer" | "onwards"] => {
                    names.push(format!("{} and later", self.series(first)?));
                }
                [first, "earlier" | "older"] => {
                    names.push(format!("{} and earlier", self.series(first)?));
                }
                all => {
                    for word in all {
                        names.push(self.series(word)?);
                    }
                }
            }
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// Series with bounds in brackets, resolved to numbers where vmt.toml says when they begin:
    /// `versions through Mitaka, Newton (<= 10.0.3)`, `Mitaka (2.0.0) through Victoria (11.0.0)`.
    fn bounded_series(&self, text: &str, product: &str) -> Option<String> {
        let mut clauses: Vec<String> = Vec::new();
        let mut rest = text.trim().trim_end_matches('.').to_owned();
        rest = rest.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((from, to)) = rest.split_once(" through ")
            && let (Some(from), Some(to)) = (self.numbered_series(from), self.numbered_series(to))
        {
            return Some(format!(">={from} <={to}"));
        }
        let mut depth = 0usize;
        let parts = rest.split(|c: char| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            c == ',' && depth == 0
        });
        for part in parts {
            let words: Vec<&str> = part
                .split_whitespace()
                .filter(|word| !AROUND.contains(&word.to_lowercase().as_str()))
                .collect();
            let releases = |name: &str| {
                let name = self.series(name)?;
                self.config.releases_of(self.config.series(&name)?, product)
            };
            match words.as_slice() {
                [] => {}
                ["through" | "until", name] => {
                    let end = releases(name)?.upper?;
                    clauses.push(format!("<{}", end.version));
                }
                [name, bound @ ..] if !bound.is_empty() => {
                    let inside = bound.join(" ");
                    let inside = inside.strip_prefix('(')?.strip_suffix(')')?;
                    let start = releases(name)?.lower?;
                    let canonical = self.number_range(inside)?;
                    if !canonical.starts_with('<') || canonical.contains(',') {
                        return None;
                    }
                    clauses.push(format!(">={} {canonical}", start.version));
                }
                [name] => {
                    let releases = releases(name)?;
                    clauses.push(releases.to_string());
                }
                _ => return None,
            }
        }
        Expression::parse(&clauses.join(", ")).canonical()
    }

    /// `Mitaka (2.0.0)` is the version 2.0.0.
    fn numbered_series<'t>(&self, text: &'t str) -> Option<&'t str> {
        let (name, inside) = text.trim().strip_suffix(')')?.split_once('(')?;
        let name = name.split_whitespace().last()?;
        self.series(name)?;
        let inside = inside.trim();
        Version::parse(inside).map(|_| inside)
    }

    /// Returns the name of a series as people write it, capital first.
    fn series(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_matches(['\'', '"', '`', '*', '.']);
        // `2026.1/gazpacho` is one series, its name behind its number.
        let last = text.split('/').rfind(|part| !part.trim().is_empty())?;
        let found = self.config.series(last.trim())?;
        let mut letters = found.name.chars();
        let first = letters.next()?;
        Some(first.to_uppercase().chain(letters).collect())
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

/// Gives every product without a version this one.
fn give(services: &mut [Service], version: &str) {
    for service in services {
        if service.known && service.version.is_none() {
            service.version = Some(version.to_owned());
        }
    }
}

fn lines_of(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.trim_end().len();
            start += line.len();
            range
        })
        .collect()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns the length of the mark that makes a line an item, with the blanks behind it.
fn mark_length(line: &str) -> Option<usize> {
    let text = line.trim_start();
    let rest = text.strip_prefix(['-', '*', '+', '•'])?;
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    (blanks > 0).then(|| text.len() - rest.len() + blanks)
}

/// Whether an item's mark stands before a place.
fn mark_before(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.trim_end().ends_with(['-', '*', '+', '•'])
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

/// A name without what people leave out or exchange: `Keystone middleware` is `keystonemiddleware`.
fn squeeze(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
}

/// Returns the place of a word in a text, behind its first word.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let at = text.to_lowercase().find(&format!(" {word} "))?;
    text.is_char_boundary(at).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED;
    use crate::diagnostic::FileId;

    fn config() -> &'static Config {
        static CONFIG: std::sync::OnceLock<Config> = std::sync::OnceLock::new();
        CONFIG.get_or_init(|| Config::parse(FileId(0), SHIPPED).0)
    }

    fn shown(text: &str) -> String {
        read([text], config())
            .iter()
            .map(|service| {
                assert_eq!(text[service.place.clone()].trim(), service.verbatim);
                let sign = if service.known { "" } else { "?" };
                match &service.version {
                    Some(version) => format!("{sign}{}: {version}", service.product),
                    None => format!("{sign}{}", service.product),
                }
            })
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn every_dialect_is_read() {
        let mut wrong = Vec::new();
        for (text, read) in [
            // Upstream's YAML.
            ("Keystone, Juno, Kilo", "keystone: Juno, Kilo"),
            (
                "Cinder (Icehouse, Juno), Nova (Juno)",
                "cinder: Icehouse, Juno; nova: Juno",
            ),
            ("Aodh (<4.6.6, ==4.7.0)", "aodh: <4.6.6, ==4.7.0"),
            ("Gnocchi (<4.6.6, ==4.7.0)", "?Gnocchi: <4.6.6, ==4.7.0"),
            (
                "- ironic (>=6.2.0)\n    - only with the\n      agent\n    - not Nova\n- zun (<3)\n",
                "ironic: >=6.2.0; zun: <3",
            ),
            (
                "Nova, Cinder, all versions",
                "nova: all versions; cinder: all versions",
            ),
            (
                "- cinder (<20.2.1, >=21.0.0 <21.2.1)\n- os-brick (<5.2.3)\n",
                "cinder: <20.2.1, >=21.0.0 <21.2.1; os-brick: <5.2.3",
            ),
            (
                "- Ceph (all versions prior to v20.2.4 or v19.2.6)\n- Services of a kind (Nova, Manila)\n- A Gateway (GW), when used as a store (Swift/S3) backend\n",
                "?Ceph; nova; manila; ?A Gateway",
            ),
            // Legacy texts.
            ("Nova, Hosts, 'A Driver'", "nova; ?Hosts; ?A Driver"),
            (
                "Glance, Image Store, Diablo, Essex",
                "glance: Diablo, Essex; ?Image Store",
            ),
            ("Grizzly, Havana, OpenSSL", "?OpenSSL"),
            ("GNU Bash, Grizzly, Havana", "?GNU Bash"),
            ("Heat, nova-network, Havana", "heat: Havana; nova: Havana"),
            (
                "Python-keystoneclient=<0.10.0",
                "python-keystoneclient: <=0.10.0",
            ),
            (
                "Nova / All versions, Trove / Juno, others perhaps",
                "nova: all versions; trove: Juno",
            ),
            (
                "Neutron FWaaS, Grizzly, Havana",
                "neutron-fwaas: Grizzly, Havana",
            ),
            ("Nova Baremetal, All Releases", "nova"),
            ("All OpenStack services, Havana", ""),
            ("Most of our services / all versions", ""),
            (
                "Software that is built with Keystone middleware: Juno, Kilo",
                "keystonemiddleware: Juno, Kilo",
            ),
            (
                "Cinder: Icehouse, Juno\nNova: Juno, Kilo",
                "cinder: Icehouse, Juno; nova: Juno, Kilo",
            ),
            (
                "Cinder: Icehouse, Juno\nNova / Juno, Kilo",
                "cinder: Icehouse, Juno; nova: Juno, Kilo",
            ),
            (
                "All lamps behind keystone.\n\nMitaka, Liberty, Nova, Juno.",
                "keystone; nova: Mitaka, Liberty, Juno",
            ),
            ("horizon", "horizon"),
            (
                "Version 1 of the Heat Template Service (gone since Newton).",
                "heat",
            ),
            (
                "OpenStack Image Store (Glance). Releases Pike, Queens.",
                "glance: Pike, Queens",
            ),
            (
                "Whoever runs neutron with a version of dnsmasq before\n2.5.",
                "neutron; ?dnsmasq: <2.5",
            ),
            (
                "The Lamp Service (Keystone) versions through Mitaka, as well\nas Newton (<= 10.0.2), and Ocata (<= 11.0.1).",
                "keystone: <10.0.0, >=10.0.0 <=10.0.2, >=11.0.0 <=11.0.1",
            ),
            (
                "Cinder / Ocata, Pike\n\nThis applies only to one driver of Nova.  Others are fine.",
                "cinder: Ocata, Pike",
            ),
            (
                "- Shares of Files (Manila) versions Liberty (1.0.0)\n  through Train (9.0.0)\n- Ceph Luminous (<=v12.2.13), Mimic (<=v13.2.10),\n  Octopus (<=v15.2.7)",
                "manila: >=1.0.0 <=9.0.0; ?Ceph Luminous; ?Mimic; ?Octopus",
            ),
            (
                "- Sushy-Tools, <=0.21.0\n- VirtualBMC, <=2.2.2\n\nThere is no impact on Nova.",
                "?Sushy-Tools: <=0.21.0; ?VirtualBMC: <=2.2.2",
            ),
            ("- murano: all versions", "murano: all versions"),
            ("- ironic: >=32.0.0, <37.0.0", "ironic: >=32.0.0 <37.0.0"),
            (
                "'''Services''': Nova,Watcher\n\n'''Releases''': all supported releases",
                "nova: all supported releases; watcher: all supported releases",
            ),
            (
                "Whatever speaks TLS. With some libraries that is, among\nothers:\n\n- OpenStack services\n- Web servers (Apache, Nginx, etc)\n",
                "",
            ),
            ("2026.1/Gazpacho, Nova", "nova: Gazpacho"),
            ("neutron with the L3 agent (folsom, grizzly)", "neutron"),
            ("", ""),
        ] {
            if shown(text) != read {
                wrong.push(format!("{text}\n  read {}\n  not  {read}", shown(text)));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n){0,120}|([Nn]ova|Juno|[-*]|[(),.:;/&<>=0-9']|all|and|versions|prior to|through|[ \n]){0,40}") {
            for service in read([text.as_str()], config()) {
                proptest::prop_assert!(text.get(service.place).is_some());
            }
        }
    }
}
