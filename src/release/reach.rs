//! Which commits are reachable from which: one pass over the history with a bit for each commit
//! that is asked for, instead of one walk for each.

use crate::git::{CommitIndex, History};

/// For every commit of a history, which of some commits it holds: itself and its ancestors.
#[derive(Debug)]
pub struct Reach {
    words: usize,
    bits: Vec<u64>,
}

impl Reach {
    /// Passes once over a history. Bit `n` stands for `wanted[n]`.
    pub fn new(history: &History, wanted: &[CommitIndex]) -> Reach {
        let words = wanted.len().div_ceil(64);
        let mut bits = vec![0u64; words * history.len()];
        for (bit, commit) in wanted.iter().enumerate() {
            bits[*commit as usize * words + bit / 64] |= 1 << (bit % 64);
        }
        if words > 0 {
            for commit in history.parents_first() {
                let own = commit as usize * words;
                for parent in history.parents(commit) {
                    let from = *parent as usize * words;
                    for word in 0..words {
                        bits[own + word] |= bits[from + word];
                    }
                }
            }
        }
        Reach { words, bits }
    }

    /// Returns whether a commit is, or descends from, the commit of a bit.
    pub fn holds(&self, commit: CommitIndex, bit: usize) -> bool {
        self.bits[commit as usize * self.words + bit / 64] >> (bit % 64) & 1 == 1
    }
}
