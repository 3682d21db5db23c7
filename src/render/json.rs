//! JSON with sorted keys, and long lists of it that are put together from their entries.

use super::Piece;
use crate::key::Key;

/// Writes JSON with sorted keys and a final line break, so that equal content makes equal bytes.
pub(super) fn pretty(mut value: serde_json::Value) -> Vec<u8> {
    value.sort_all_objects();
    // A value of texts and numbers can always be written.
    let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// A JSON list between what stands before and after it. With entries as [`pretty`] writes each, the pieces
/// are together what [`pretty`] would write of the whole.
pub(super) struct List {
    before: String,
    indent: &'static str,
    after: String,
}

impl List {
    /// A list whose entries stand this far from the margin.
    pub(super) fn new(before: &str, indent: &'static str, after: String) -> List {
        List {
            before: format!("{before}["),
            indent,
            after: format!("]{after}"),
        }
    }

    /// The piece before all entries.
    pub(super) fn first<'p>(&self) -> Piece<'p> {
        text(self.before.clone())
    }

    /// The piece of an entry, by its number from 0.
    pub(super) fn entry<'p>(&self, number: usize, entry: Piece<'p>) -> Piece<'p> {
        let (indent, lead) = (self.indent, lead(number));
        Piece {
            key: self.key(number, entry.key),
            make: Box::new(move || indented(lead, indent, &(entry.make)())),
        }
    }

    /// The piece after a number of entries.
    pub(super) fn last<'p>(&self, count: usize) -> Piece<'p> {
        let end = match count {
            0 => String::new(),
            _ => format!("\n{}", &self.indent[2..]),
        };
        text(format!("{end}{}", self.after))
    }

    /// The keys of all pieces, from those of the entries.
    pub(super) fn keys(&self, entries: impl ExactSizeIterator<Item = Key>) -> Vec<Key> {
        let count = entries.len();
        let entries = entries.enumerate();
        let entries = entries.map(|(number, key)| self.key(number, key));
        let first = std::iter::once(self.first().key);
        first.chain(entries).chain([self.last(count).key]).collect()
    }

    /// All pieces.
    pub(super) fn pieces<'p>(&self, entries: impl Iterator<Item = Piece<'p>>) -> Vec<Piece<'p>> {
        let mut pieces = vec![self.first()];
        for (number, entry) in entries.enumerate() {
            pieces.push(self.entry(number, entry));
        }
        pieces.push(self.last(pieces.len() - 1));
        pieces
    }

    fn key(&self, number: usize, entry: Key) -> Key {
        let maker = Key::of(lead(number)).text(self.indent);
        maker.key(entry).done()
    }
}

/// What stands between an entry and the one before it.
fn lead(number: usize) -> &'static str {
    match number {
        0 => "\n",
        _ => ",\n",
    }
}

fn text<'p>(text: String) -> Piece<'p> {
    Piece {
        key: Key::of_bytes(text.as_bytes()),
        make: Box::new(move || text.clone().into_bytes()),
    }
}

/// A line break of JSON stands between values, never in a text, so that every line can be moved.
fn indented(lead: &str, indent: &str, json: &[u8]) -> Vec<u8> {
    let mut out = lead.as_bytes().to_vec();
    let lines = json.trim_ascii_end().split_inclusive(|byte| *byte == b'\n');
    for line in lines {
        out.extend(indent.as_bytes());
        out.extend(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pieces_are_the_whole() {
        for entries in [
            vec![],
            vec![json!({"a": [1, {}]})],
            vec![json!("x"), json!([2])],
        ] {
            let list = List::new("{\n  \"list\": ", "    ", ",\n  \"z\": 0\n}\n".into());
            let made = entries.iter().map(|entry| Piece {
                key: Key::of("entry").text(&entry.to_string()).done(),
                make: Box::new(move || pretty(entry.clone())),
            });
            let pieces = list.pieces(made);
            let keys: Vec<Key> = pieces.iter().map(|piece| piece.key).collect();
            let own = entries
                .iter()
                .map(|entry| Key::of("entry").text(&entry.to_string()).done());
            assert_eq!(list.keys(own.collect::<Vec<_>>().into_iter()), keys);
            let bytes: Vec<u8> = pieces.iter().flat_map(|piece| (piece.make)()).collect();
            let whole = pretty(json!({"z": 0, "list": entries}));
            assert_eq!(String::from_utf8(bytes), String::from_utf8(whole));
        }
    }
}
