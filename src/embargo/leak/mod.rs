//! The leak guard: finds what betrays a private document in bytes that are about to be public (pure).
//!
//! It knows each private document's id, CVEs, bugs, reviews, patch names and title, and finds them however
//! they are written: in other case, wrapped, quoted, marked up, escaped, encoded, packed. Every file is
//! searched as it is and in each of its layers; in each layer as letters and digits only, so that only what
//! a reader would see counts. What was found is never part of a message: a log may be public, too.

mod index;
mod layers;
mod plain;
mod secret;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use crate::config::Harmless;
use crate::model::Document;
use index::Index;
use layers::{Budget, Inner};
use plain::{Origins, Squeezed, decoded, squeeze, without_tags};
use secret::{Pattern, patterns};

pub use secret::What;

/// Bytes that are unpacked and decoded of one file at most.
const MOST_UNPACKED: usize = 64 << 20;

/// Words that are remembered at most, and the longest of them.
const MOST_WORDS: usize = 1 << 20;
const LONGEST_WORD: usize = 128;

/// Layers inside of layers that are looked at.
const DEEPEST: usize = 6;

/// How often encodings of one layer are undone: `&amp;amp;#78;` needs three.
const ROUNDS: usize = 4;

/// A private document as the guard sees it.
#[derive(Debug, Clone, Copy)]
pub struct Private<'a> {
    /// How messages name it.
    pub handle: &'a str,
    /// The document.
    pub document: &'a Document,
}

/// Something of a private document in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The file.
    pub file: String,
    /// Where in it: a line, and the layers around it.
    pub place: String,
    /// Handle of the document; empty where a file could not be searched to its end.
    pub document: String,
    /// What was found, never the text itself.
    pub what: What,
}

impl std::fmt::Display for Leak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Leak {
            file,
            place,
            document,
            what,
        } = self;
        match what {
            What::Unsearched | What::File => write!(f, "{file}: {place}"),
            _ => write!(f, "{file}: {place}: {} of {document}", what.name()),
        }
    }
}

/// What is looked for.
#[derive(Debug)]
pub struct Guard {
    patterns: Vec<Pattern>,
    handles: Vec<String>,
    index: Index,
    most_unpacked: usize,
    /// Words of files that held nothing: pages of a site have most of theirs in common.
    clean: RwLock<HashSet<Box<[u8]>>>,
}

impl Guard {
    /// Makes a guard for private documents; texts that betray nothing are left out.
    pub fn new(private: &[Private<'_>], harmless: &[Harmless]) -> Guard {
        let allowed: BTreeSet<Vec<u8>> = harmless
            .iter()
            .map(|entry| squeeze(entry.text.as_bytes(), Origins::Drop).bytes)
            .collect();
        let mut all: Vec<Pattern> = Vec::new();
        for (at, one) in private.iter().enumerate() {
            for pattern in patterns(one.document, at) {
                let known = all
                    .iter()
                    .any(|other| (&other.bytes, other.document) == (&pattern.bytes, at));
                if !known && !allowed.contains(&pattern.bytes) {
                    all.push(pattern);
                }
            }
        }
        let index = Index::new(all.iter().map(|pattern| pattern.bytes.as_slice()));
        Guard {
            patterns: all,
            handles: private.iter().map(|one| one.handle.to_owned()).collect(),
            index,
            most_unpacked: MOST_UNPACKED,
            clean: RwLock::default(),
        }
    }

    /// Sets how many bytes of one file are unpacked and decoded at most; 64 MiB unless set.
    pub fn unpacking_at_most(self, bytes: usize) -> Guard {
        Guard {
            most_unpacked: bytes,
            ..self
        }
    }

    /// Returns whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Searches a file and its name. Each kind of text of each document is reported once.
    pub fn search(&self, file: &str, bytes: &[u8]) -> Vec<Leak> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut search = Search::new(self, self.most_unpacked);
        search.text(file.as_bytes(), &|_| "in its name".to_owned());
        let named = !search.found.is_empty();
        search.layer(bytes, 0, &String::new);
        // A name that betrays something must not be shown either.
        let shown = match (named, file.rsplit_once('/')) {
            (false, _) => file,
            (true, Some((folder, _))) if self.search_text(folder).is_empty() => folder,
            (true, _) => "a file",
        };
        let leak = |(place, document, what): (String, String, What)| Leak {
            file: shown.to_owned(),
            place,
            document,
            what,
        };
        let exceeded = search.budget.exceeded;
        if search.found.is_empty() && !exceeded {
            self.remember(std::mem::take(&mut search.words));
        }
        let mut found: Vec<Leak> = search.found.into_iter().map(leak).collect();
        if exceeded {
            let place =
                "what is packed in it is larger than 64 MiB, and was not searched to its end";
            found.push(leak((place.to_owned(), String::new(), What::Unsearched)));
        }
        found
    }

    /// Keeps the words of a file in which nothing was found. Deeper layers of a word count as the word, so it has to
    /// be one of the file itself: of a word deep inside, fewer layers were searched.
    fn remember(&self, words: HashMap<Box<[u8]>, usize>) {
        let mut clean = self.clean.write().unwrap_or_else(PoisonError::into_inner);
        if clean.len() < MOST_WORDS {
            let outermost = words.into_iter().filter(|(_, depth)| *depth == 0);
            clean.extend(outermost.map(|(word, _)| word));
        }
    }

    /// Searches a short text, such as a message.
    pub fn search_text(&self, text: &str) -> Vec<(String, What)> {
        let mut search = Search::new(self, 0);
        search.text(text.as_bytes(), &|_| String::new());
        let found = search.found.into_iter();
        found.map(|(_, document, what)| (document, what)).collect()
    }
}

struct Search<'a> {
    guard: &'a Guard,
    found: Vec<(String, String, What)>,
    seen: BTreeSet<(usize, What)>,
    /// Words of this file, each with the outermost layer in which it was searched.
    words: HashMap<Box<[u8]>, usize>,
    budget: Budget,
}

impl<'a> Search<'a> {
    /// A search that unpacks so many bytes at the most.
    fn new(guard: &'a Guard, most_unpacked: usize) -> Search<'a> {
        Search {
            guard,
            found: Vec::new(),
            seen: BTreeSet::new(),
            words: HashMap::new(),
            budget: Budget {
                left: most_unpacked,
                exceeded: false,
            },
        }
    }

    /// Searches bytes, then what lies in them. `around` says where they are; only a hit asks for it.
    fn layer(&mut self, bytes: &[u8], depth: usize, around: &dyn Fn() -> String) {
        let place = |line: usize| format!("line {line}{}", around());
        self.text(bytes, &place);
        let mut inner: Vec<Inner> = Vec::new();
        layers::members(bytes, &mut self.budget, &mut inner);
        if depth == DEEPEST {
            self.budget.exceeded |= !inner.is_empty();
            return;
        }
        layers::wide(bytes, &mut self.budget, &mut inner);
        self.coded(bytes, depth, &mut inner);
        // Base64 may itself be escaped, as in JSON or in an address.
        if let Some(plain) = decoded(bytes) {
            self.coded(&plain, depth, &mut inner);
        }
        let mut tried = BTreeSet::new();
        for Inner {
            bytes: found,
            at,
            form,
        } in inner
        {
            // What stays the same would be searched without end.
            if found == bytes || !tried.insert(found.clone()) {
                continue;
            }
            let around = || match around() {
                outer if outer.len() < 200 => {
                    format!(" of {form} at line {}{outer}", line_of(bytes, at))
                }
                outer => outer,
            };
            self.layer(&found, depth + 1, &around);
        }
    }

    fn coded(&mut self, text: &[u8], depth: usize, inner: &mut Vec<Inner>) {
        let clean = self
            .guard
            .clean
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let words = &mut self.words;
        let mut is_known = |word: &[u8]| {
            if word.len() > LONGEST_WORD {
                return false;
            }
            if clean.contains(word) || words.get(word).is_some_and(|known| *known <= depth) {
                return true;
            }
            words.insert(word.into(), depth);
            false
        };
        layers::coded(text, &mut is_known, &mut self.budget, inner);
    }

    /// Searches a text as it is and with its encodings undone, each with and without tags.
    fn text(&mut self, text: &[u8], place: &dyn Fn(usize) -> String) {
        self.plain(text, place);
        let mut current = decoded(text);
        for _ in 0..ROUNDS {
            let Some(text) = current else { break };
            self.plain(&text, place);
            current = decoded(&text);
        }
    }

    fn plain(&mut self, text: &[u8], place: &dyn Fn(usize) -> String) {
        self.squeezed(text, place);
        if let Some(bare) = without_tags(text) {
            self.squeezed(&bare, place);
        }
    }

    fn squeezed(&mut self, text: &[u8], place: &dyn Fn(usize) -> String) {
        let guard = self.guard;
        let quick = squeeze(text, Origins::Drop);
        let mut exact: Option<Squeezed> = None;
        let pattern = |at: usize| guard.patterns[at].bytes.as_slice();
        guard.index.find(&quick.bytes, pattern, &mut |at, range| {
            let pattern = &guard.patterns[at];
            if self.seen.contains(&(pattern.document, pattern.what)) {
                return;
            }
            let exact = exact.get_or_insert_with(|| squeeze(text, Origins::Keep));
            if pattern.fits(text, &exact.origins[range.clone()]) {
                self.seen.insert((pattern.document, pattern.what));
                let line = line_of(text, exact.origins[range.start] as usize);
                let handle = guard.handles[pattern.document].clone();
                self.found.push((place(line), handle, pattern.what));
            }
        });
    }
}

/// The line of a byte, from 1.
fn line_of(text: &[u8], at: usize) -> usize {
    let before = &text[..at.min(text.len())];
    memchr::memchr_iter(b'\n', before).count() + 1
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;
    use crate::config::Config;
    use crate::diagnostic::FileId;

    const TITLE: &str = "Instances read what neighbours wrote";

    fn with_guard(test: impl Fn(&dyn Fn() -> Guard)) {
        let (config, _) = Config::parse(FileId(0), "");
        let text = format!("id: OSSA-2026-DRAFT-k3x9\ntitle: {TITLE}\ndate: 2026-12-08\n");
        let (document, _) = crate::document::read(FileId(0), &text, None, &config);
        let document = document.expect("a document");
        let private = Private {
            handle: "the draft",
            document: &document,
        };
        test(&|| Guard::new(&[private], &[]));
    }

    #[test]
    fn what_looks_like_many_archives_takes_no_long_time() {
        with_guard(|guard| {
            // The header of a gz stream with a name, again and again; none ends.
            let headers = [0x1f, 0x8b, 0x08, 0x08].repeat(1 << 18);
            assert_eq!(guard().search("x", &headers), []);
        });
    }

    #[test]
    fn many_words_that_hold_a_text_take_no_long_time() {
        with_guard(|guard| {
            let word = |at: u32| {
                let plain = format!("a plain text {at:09}");
                base64::engine::general_purpose::STANDARD.encode(plain) + "\n\n"
            };
            let words: String = (0..100_000).map(word).collect();
            assert_eq!(guard().search("x", words.as_bytes()), []);
        });
    }

    #[test]
    fn lines_behind_an_empty_one_are_read_without_the_word_above() {
        let hex: String = TITLE.bytes().map(|byte| format!("{byte:02x}")).collect();
        let coded = base64::engine::general_purpose::STANDARD.encode(hex);
        let (first, second) = coded.split_at(76);
        with_guard(|guard| {
            // What the word above decodes to would end in one more digit.
            let file = format!("IWTFKVGN6SlRJd0pUY3lKVF\n\n{first}\n{second}\n");
            assert_eq!(guard().search("x", file.as_bytes()).len(), 1);
        });
    }

    #[test]
    fn a_word_of_a_deep_layer_is_not_known_further_out() {
        with_guard(|guard| {
            let hidden = format!("title: {TITLE}");
            let pack = |times: u32| {
                (0..times).fold(hidden.clone(), |text, _| {
                    base64::engine::general_purpose::STANDARD.encode(text)
                })
            };
            let guard = guard();
            // Too deep to be searched, so nothing is known of it; then the same word lies open.
            assert_eq!(guard.search("x", pack(8).as_bytes()), []);
            assert_eq!(guard.search("x", pack(2).as_bytes()).len(), 1);
            assert_eq!(guard.search("x", pack(3).as_bytes()).len(), 1);
        });
    }
}
