//! The search index that the browser reads: words to documents, in pieces.
//!
//! `search/index.json` names the pieces; a piece holds all words that begin with its name, so a query
//! loads two or three of them however many documents there are. A prefix whose words fill more than
//! [`PIECE`] is cut further. What a result shows is in blocks of documents, loaded for the results
//! alone. Documents are numbered newest first.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::{Follower, Out, Setting};
use crate::key::Key;
use crate::prose;
use crate::template::TemplateError;
use crate::view::{Audience, DocumentView, View};

/// Folder of the index.
const FOLDER: &str = "search";

/// Bytes beyond which a piece is cut.
const PIECE: usize = 24 * 1024;

/// Bytes of lines of [`words_of`] that are not divided by their first characters. As many fill more than a piece
/// in any case, since a line adds a fiftieth of its length to a posting, or more.
const WHOLE: usize = 64 * PIECE;

/// Parts of words that are put together side by side.
const PARTS: usize = 4;

/// Documents in a block.
const BLOCK: usize = 128;

/// Documents whose words are found together.
const WORDS: usize = 64;

/// Longest word that is kept; anything longer is a digest or an address.
const LONGEST: usize = 40;

/// Words that say nothing; the query leaves them out as well.
const STOP: [&str; 32] = [
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from", "has", "if", "in", "is",
    "it", "its", "may", "not", "of", "on", "or", "that", "the", "this", "to", "was", "were",
    "when", "which", "will", "with",
];

/// How much a word counts, by where it stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Prose = 1,
    Credit = 4,
    Series = 5,
    Product = 7,
    Title = 8,
    Id = 9,
}

// What is found together stands in one group of those that are followed.
const _: () = assert!(super::GROUP.is_multiple_of(BLOCK) && super::GROUP.is_multiple_of(WORDS));

/// Begins the index.
pub(super) fn follow<'s, A: Audience>(
    _: &'s Setting<'s>,
    _: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> Box<dyn Follower + 's> {
    Box::new(Index {
        out,
        words: Vec::new(),
        documents: 0,
    })
}

/// The index in the making.
struct Index<'s> {
    out: &'s Out<'s>,
    /// What [`words_of`] says of each [`WORDS`] documents.
    words: Vec<Vec<u8>>,
    documents: usize,
}

impl Follower for Index<'_> {
    fn group(&mut self, documents: &[Cow<'_, DocumentView<'_>>]) -> Result<(), TemplateError> {
        let out = self.out;
        // Those of a group of documents are kept from build to build.
        let words = |documents: &[Cow<'_, DocumentView<'_>>]| {
            let key = Key::of("words").key(key_of(documents, out)).done();
            let make = || words_of(documents).into_bytes();
            let mut words = out.sink.remember(key, &make);
            words.shrink_to_fit();
            words
        };
        let found: Vec<Vec<u8>> = documents.par_chunks(WORDS).map(words).collect();
        self.words.extend(found);
        let first = self.documents / BLOCK;
        self.documents += documents.len();
        let blocks = documents.par_chunks(BLOCK).enumerate();
        blocks.try_for_each(|(number, block)| {
            let path = format!("{FOLDER}/d{}.json", first + number);
            out.plain(&path, ("search rows", key_of(block, out)), || {
                let rows: Vec<Value> = block.iter().map(|document| row(document)).collect();
                json!(rows).to_string().into_bytes()
            })
        })
    }

    fn finish(self: Box<Self>) -> Result<(), TemplateError> {
        let mut names = Vec::new();
        // A few parts at a time: all postings of many documents are more than need be in memory.
        for parts in parts(&self.words, WHOLE).chunks(PARTS) {
            let pieces: Vec<_> = parts.par_iter().map(Part::pieces).collect();
            let pieces: Vec<(String, String)> = pieces.into_iter().flatten().collect();
            let first = names.len();
            let numbered = pieces.par_iter().enumerate();
            numbered.try_for_each(|(number, (_, text))| {
                file(&format!("w{}", first + number), text, self.out)
            })?;
            names.extend(pieces.into_iter().map(|(name, _)| name));
        }
        let index = json!({
            "documents": self.documents,
            "block": BLOCK,
            "pieces": names,
            "stop": STOP,
        });
        file("index", &index.to_string(), self.out)
    }
}

/// Lines of [`words_of`] whose words begin with the same characters.
struct Part<'w> {
    /// How many characters that are.
    depth: usize,
    /// The lines of each group, with the number of its first document.
    lines: Vec<(usize, &'w str)>,
}

/// Divides the words of all groups by their first characters, in the order of those; what is shorter than
/// `whole` bytes is left together.
fn parts(groups: &[Vec<u8>], whole: usize) -> Vec<Part<'_>> {
    // They were written as text; what a disk made of them since is not kept.
    let texts = groups
        .iter()
        .map(|words| std::str::from_utf8(words).unwrap_or_default())
        .enumerate()
        .map(|(group, text)| (group * WORDS, text));
    if groups.iter().map(Vec::len).sum::<usize>() < whole {
        let lines = texts.collect();
        return vec![Part { depth: 0, lines }];
    }
    let mut parts: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (first, text) in texts {
        let mut rest = text;
        while !rest.is_empty() {
            let name = prefix(rest, 1);
            let is_other = |line: &&str| !line.starts_with(name);
            let end = lines_of(rest).find(|(_, line)| is_other(line));
            let (part, left) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
            parts.entry(name).or_default().push((first, part));
            rest = left;
        }
    }
    let parts = parts.into_values();
    parts.map(|lines| Part { depth: 1, lines }).collect()
}

/// The lines of a text with the places where they begin.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
    std::iter::once(0)
        .chain(starts)
        .filter(|start| *start < text.len())
        .map(|start| (start, &text[start..]))
}

impl Part<'_> {
    /// The pieces in the order of their names, each with the text of its file.
    fn pieces(&self) -> Vec<(String, String)> {
        let mut all = HashMap::new();
        for (first, lines) in &self.lines {
            for line in lines.lines() {
                add_line(line, *first, &mut all);
            }
        }
        let mut words: Vec<Word<'_>> = all
            .iter()
            .map(|(word, posting): (_, &Posting)| (*word, posting.text.as_str()))
            .collect();
        words.sort_unstable();
        let mut pieces = BTreeMap::new();
        cut(&words, self.depth, &mut pieces);
        let pieces = pieces.into_iter();
        pieces
            .map(|(name, words)| (name.to_owned(), piece(&words)))
            .collect()
    }
}

/// Writes a piece as the browser reads it.
fn piece(words: &[&Word<'_>]) -> String {
    let mut text = String::from("{");
    for (word, posting) in words {
        let comma = if text.len() == 1 { "" } else { "," };
        let _ = write!(text, "{comma}{}:[{posting}]", json!(word));
    }
    text.push('}');
    text
}

/// What depends on some documents.
fn key_of(documents: &[Cow<'_, DocumentView<'_>>], out: &Out<'_>) -> Key {
    let keys = documents.iter().map(|document| out.keys.document(document));
    Key::of("documents").keys(keys).done()
}

/// The documents of a word as the browser reads them: numbers as distances, each with its weight.
/// `3,9,1,1` is document 3 with weight 9 and document 4 with weight 1.
#[derive(Debug, Default)]
struct Posting {
    text: String,
    /// The last document in it.
    last: usize,
}

/// Writes the words of a group of documents, a line each: the word, the places in the group of the first
/// and of the last document that has it, the weight of the first one and what follows it.
fn words_of(documents: &[Cow<'_, DocumentView<'_>>]) -> String {
    let mut found: HashMap<String, Vec<(usize, u8)>> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        add_words(at, document, &mut found);
    }
    let mut found: Vec<(String, Vec<(usize, u8)>)> = found.into_iter().collect();
    found.sort_unstable();
    let mut out = String::new();
    for (word, postings) in found {
        let [(first, weight), rest @ ..] = postings.as_slice() else {
            continue;
        };
        let mut last = *first;
        let end = rest.last().map_or(last, |(end, _)| *end);
        let _ = write!(out, "{word} {first} {end} {weight}");
        for (at, weight) in rest {
            let _ = write!(out, ",{},{weight}", at - last);
            last = *at;
        }
        out.push('\n');
    }
    out
}

/// Adds a line of [`words_of`] for the group whose first document has this number.
fn add_line<'w>(line: &'w str, group: usize, all: &mut HashMap<&'w str, Posting>) {
    let mut parts = line.splitn(4, ' ');
    let mut next = || parts.next().unwrap_or_default();
    let (word, first, end, rest) = (next(), next(), next(), next());
    let (Ok(first), Ok(end)) = (first.parse::<usize>(), end.parse::<usize>()) else {
        return;
    };
    let posting = all.entry(word).or_default();
    let comma = if posting.text.is_empty() { "" } else { "," };
    let distance = group + first - posting.last;
    let _ = write!(posting.text, "{comma}{distance},{rest}");
    posting.last = group + end;
}

/// Offers a file by its own bytes: a word more or less moves few of the pieces.
fn file(name: &str, text: &str, out: &Out<'_>) -> Result<(), TemplateError> {
    let key = Key::of_bytes(text.as_bytes());
    let path = format!("{FOLDER}/{name}.json");
    out.plain(&path, ("search", key), || text.as_bytes().to_vec())
}

/// What a result shows.
fn row(document: &DocumentView<'_>) -> Value {
    json!([
        document.id,
        document.title,
        document.path,
        document.date.map(|day| day.to_string()).unwrap_or_default(),
        document.products.join(", "),
        document.summary(160),
    ])
}

/// A word with the text of its posting.
type Word<'a> = (&'a str, &'a str);

/// Bytes that a word takes in its piece.
fn size((word, posting): &Word<'_>) -> usize {
    word.len() + posting.len() + 6
}

/// Cuts a sorted list of words into pieces by their first characters.
fn cut<'a, 'w>(
    words: &'w [Word<'a>],
    depth: usize,
    pieces: &mut BTreeMap<&'a str, Vec<&'w Word<'a>>>,
) {
    let size: usize = words.iter().map(size).sum();
    let first = words.first().map_or("", |(word, ..)| *word);
    // One word cannot be cut, however long its list is.
    if size <= PIECE || words.len() == 1 {
        let name = prefix(first, depth);
        pieces.entry(name).or_default().extend(words);
        return;
    }
    // A word that ends here cannot be cut further: it makes a piece of its own name.
    let mut start = 0;
    while start < words.len() {
        let name = prefix(words[start].0, depth + 1);
        let same = words[start..]
            .iter()
            .take_while(|(word, ..)| prefix(word, depth + 1) == name)
            .count();
        let part = &words[start..start + same];
        if name.chars().count() <= depth {
            pieces.entry(name).or_default().extend(part);
        } else {
            cut(part, depth + 1, pieces);
        }
        start += same;
    }
}

/// The first characters of a word.
fn prefix(word: &str, characters: usize) -> &str {
    let end = word
        .char_indices()
        .nth(characters)
        .map_or(word.len(), |(at, _)| at);
    &word[..end]
}

/// Adds the words of a document.
fn add_words(
    at: usize,
    document: &DocumentView<'_>,
    found: &mut HashMap<String, Vec<(usize, u8)>>,
) {
    let mut add = |text: &str, place: Place| {
        words(text, &mut |word| {
            let weight = place as u8;
            let Some(postings) = found.get_mut(word) else {
                found.insert(word.to_owned(), vec![(at, weight)]);
                return;
            };
            match postings.last_mut() {
                Some((last, known)) if *last == at => *known = (*known).max(weight),
                _ => postings.push((at, weight)),
            }
        });
    };
    add(&document.id, Place::Id);
    for cve in document.cves() {
        add(cve, Place::Id);
    }
    add(&document.title, Place::Title);
    for name in document
        .product_names
        .iter()
        .copied()
        .chain(document.products.iter().map(String::as_str))
    {
        add(name, Place::Product);
    }
    for label in &document.series {
        add(label, Place::Series);
    }
    for person in document
        .content()
        .credits
        .iter()
        .chain(&document.content().authors)
    {
        add(&person.name, Place::Credit);
        if let Some(organisation) = &person.affiliation {
            add(organisation, Place::Credit);
        }
    }
    for link in document
        .content()
        .bugs
        .iter()
        .chain(&document.content().references)
    {
        add(&link.label, Place::Credit);
    }
    add(document.kind().name(), Place::Prose);
    if let Some(severity) = document.severity {
        add(severity.word, Place::Credit);
    }
    for section in &document.content().sections {
        add(&prose::plain(&section.blocks), Place::Prose);
    }
    add(&prose::plain(&document.content().services), Place::Prose);
    add(&prose::plain(&document.content().errata), Place::Prose);
    for note in &document.content().notes {
        add(&prose::plain(note), Place::Prose);
    }
    for line in &document.content().affected {
        add(&line.versions, Place::Prose);
    }
}

fn is_stop(word: &str) -> bool {
    // The list is sorted, and its words are short.
    word.len() <= 5 && STOP.binary_search(&word).is_ok()
}

/// Cuts a text into words: whole ones (`cve-2024-32498`, `os-brick`, `2026.1`) and the parts of those.
/// `site/search.js` cuts a query in the same way.
fn words(text: &str, take: &mut dyn FnMut(&str)) {
    let joins = |c: char| matches!(c, '-' | '_' | '.');
    let lower = text.to_lowercase();
    for whole in lower.split(|c: char| !(c.is_alphanumeric() || joins(c))) {
        let whole = whole.trim_matches(joins);
        if whole.is_empty() || whole.len() > LONGEST {
            continue;
        }
        let mut keep = |word: &str| {
            if !word.is_empty() && !is_stop(word) {
                take(word);
            }
        };
        keep(whole);
        if whole.contains(joins) {
            whole.split(joins).for_each(&mut keep);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_found_as_they_stand() {
        assert!(STOP.is_sorted());
        assert!(STOP.iter().all(|word| is_stop(word)));
        assert!(!is_stop("nova") && !is_stop(""));
    }

    #[test]
    fn words_are_kept_whole_and_in_parts() {
        let cut = |text: &str| {
            let mut found = std::collections::BTreeSet::new();
            words(text, &mut |word| {
                found.insert(word.to_owned());
            });
            found
        };
        let found: Vec<String> = cut("See CVE-2024-32498 in os-brick, 2026.1/Gazpacho (the end).")
            .into_iter()
            .collect();
        assert_eq!(
            found,
            [
                "1",
                "2024",
                "2026",
                "2026.1",
                "32498",
                "brick",
                "cve",
                "cve-2024-32498",
                "end",
                "gazpacho",
                "os",
                "os-brick",
                "see"
            ]
        );
        assert!(cut("<-- … -->").is_empty());
    }

    #[test]
    fn parts_make_the_same_pieces_as_the_whole() {
        // Enough for words of one character to be cut, and for some to begin with more bytes than one.
        let groups: Vec<Vec<u8>> = (0..600)
            .map(|group| {
                let mut lines: Vec<String> = (0..60)
                    .map(|word| {
                        let begin = ["a", "b", "é", "7", "日"][(group + word) % 5];
                        format!(
                            "{begin}{} {} {} 3,1,1\n",
                            group * word % 97,
                            word % 9,
                            word % 9 + 1
                        )
                    })
                    .collect();
                lines.extend(["a 0 1 9,1,1\n".to_owned(), "b 3 3 9\n".to_owned()]);
                lines.sort_by(|a, b| a.split(' ').next().cmp(&b.split(' ').next()));
                lines.dedup_by(|a, b| a.split(' ').next() == b.split(' ').next());
                lines.concat().into_bytes()
            })
            .collect();
        let pieces = |whole| {
            let parts = parts(&groups, whole);
            let pieces: Vec<_> = parts.iter().flat_map(Part::pieces).collect();
            (parts.len(), pieces)
        };
        let (one, whole) = pieces(usize::MAX);
        let (five, divided) = pieces(0);
        assert_eq!((one, five), (1, 5));
        assert!(whole.len() > five);
        assert_eq!(whole, divided);
    }

    proptest::proptest! {
        /// Every word stands in exactly one piece, whose name it begins with, and no piece but a
        /// single word's is too large.
        #[test]
        fn pieces_hold_every_word_once(texts in proptest::collection::btree_set("[a-cé]{1,6}", 1..60), size in 1..9000usize) {
            let posting = "1".repeat(size);
            let words: Vec<Word<'_>> = texts.iter().map(|text| (text.as_str(), posting.as_str())).collect();
            let mut pieces = BTreeMap::new();
            cut(&words, 0, &mut pieces);
            let mut seen = Vec::new();
            for (name, words) in &pieces {
                let bytes: usize = words.iter().map(|word| super::size(word)).sum();
                proptest::prop_assert!(bytes <= PIECE || words.len() == 1);
                for (word, ..) in words {
                    proptest::prop_assert!(word.starts_with(name));
                    // The longest name that fits is the one that the browser looks in.
                    let longest = pieces.keys().filter(|name| word.starts_with(**name)).max_by_key(|name| name.len());
                    proptest::prop_assert_eq!(longest, Some(name));
                    seen.push(*word);
                }
            }
            seen.sort_unstable();
            proptest::prop_assert_eq!(seen, texts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}
