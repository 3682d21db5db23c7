//! Finds any of many texts in a long one: their first bytes are looked up at every place.

use std::collections::HashMap;
use std::ops::Range;

/// Bytes of a text that are looked up; none of the texts is shorter.
pub(super) const HEAD: usize = 6;

/// Bits of the filter: few enough to stay in the nearest cache, far more than there are texts.
const BITS: u32 = 18;

/// Texts by their first bytes.
#[derive(Debug)]
pub(super) struct Index {
    /// A bit for the hash of each head. Reading it depends on no earlier read, unlike the states of an
    /// automaton, so it is as fast as memory.
    filter: Vec<u64>,
    by_head: HashMap<u64, Vec<usize>>,
}

impl Index {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Index {
        let mut filter = vec![0; 1 << (BITS - 6)];
        let mut by_head: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, text) in texts.enumerate() {
            let Some(head) = text.first_chunk::<HEAD>() else {
                continue;
            };
            let head = number(*head);
            let hash = hash(head);
            filter[hash >> 6] |= 1_u64 << (hash & 63);
            by_head.entry(head).or_default().push(at);
        }
        Index { filter, by_head }
    }

    /// Returns the places of all texts, by their numbers. `texts` are those that the index was made of.
    pub(super) fn find<'a>(
        &self,
        within: &[u8],
        text: impl Fn(usize) -> &'a [u8],
        found: &mut dyn FnMut(usize, Range<usize>),
    ) {
        for (at, window) in within.windows(8).enumerate() {
            let head = [
                window[0], window[1], window[2], window[3], window[4], window[5],
            ];
            self.look(within, at, head, &text, found);
        }
        // The last places, where no eight bytes follow.
        for at in within.len().saturating_sub(7)..within.len() {
            if let Some(head) = within[at..].first_chunk::<HEAD>() {
                self.look(within, at, *head, &text, found);
            }
        }
    }

    #[inline]
    fn look<'a>(
        &self,
        within: &[u8],
        at: usize,
        head: [u8; HEAD],
        text: &impl Fn(usize) -> &'a [u8],
        found: &mut dyn FnMut(usize, Range<usize>),
    ) {
        let head = number(head);
        let hash = hash(head);
        if self.filter[hash >> 6] >> (hash & 63) & 1 == 0 {
            return;
        }
        for number in self.by_head.get(&head).into_iter().flatten() {
            let text = text(*number);
            if within[at..].starts_with(text) {
                found(*number, at..at + text.len());
            }
        }
    }
}

#[inline]
fn number(head: [u8; HEAD]) -> u64 {
    let [a, b, c, d, e, f] = head;
    u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

/// Multiplies by the golden ratio and takes the upper bits (Fibonacci hashing).
#[inline]
fn hash(head: u64) -> usize {
    (head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Everything that a plain search finds is found, at the same places.
        #[test]
        fn it_finds_what_a_plain_search_finds(
            texts in prop::collection::vec("[ab]{6,9}", 1..6),
            within in "[ab]{0,60}",
        ) {
            let index = Index::new(texts.iter().map(|text| text.as_bytes()));
            let mut found = Vec::new();
            index.find(within.as_bytes(), |at| texts[at].as_bytes(), &mut |at, range| found.push((range.start, at)));
            found.sort_unstable();
            let mut plain = Vec::new();
            for start in 0..within.len() {
                for (at, text) in texts.iter().enumerate() {
                    if within[start..].starts_with(text.as_str()) {
                        plain.push((start, at));
                    }
                }
            }
            prop_assert_eq!(found, plain);
        }
    }
}
