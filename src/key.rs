//! Keys: digests of everything that an output depends on. Equal keys mean equal bytes, so that a
//! build need not make again what is there. Knows no output.

use sha2::{Digest as _, Sha256};

/// A digest of inputs: 128 bits of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// Begins a key. The name keeps keys of different things apart.
    pub fn of(name: &str) -> KeyMaker {
        KeyMaker(Sha256::new()).text(name)
    }

    /// Returns the key of bytes that depend on nothing else.
    pub fn of_bytes(bytes: &[u8]) -> Key {
        Key::of("bytes").bytes(bytes).done()
    }
}

/// A key in the making. Every part is counted in, so that parts cannot run into each other.
#[derive(Debug, Clone)]
pub struct KeyMaker(Sha256);

impl KeyMaker {
    /// Adds bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> KeyMaker {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds text.
    #[must_use]
    pub fn text(self, text: &str) -> KeyMaker {
        self.bytes(text.as_bytes())
    }

    /// Adds texts, as many as there are.
    #[must_use]
    pub fn texts<'t>(self, texts: impl IntoIterator<Item = &'t str>) -> KeyMaker {
        let (mut maker, mut count) = (self, 0_u64);
        for text in texts {
            maker = maker.text(text);
            count += 1;
        }
        maker.bytes(&count.to_le_bytes())
    }

    /// Adds another key.
    #[must_use]
    pub fn key(mut self, key: Key) -> KeyMaker {
        self.0.update(key.0);
        self
    }

    /// Adds other keys, as many as there are.
    #[must_use]
    pub fn keys(self, keys: impl IntoIterator<Item = Key>) -> KeyMaker {
        let (mut maker, mut count) = (self, 0_u64);
        for key in keys {
            maker = maker.key(key);
            count += 1;
        }
        maker.bytes(&count.to_le_bytes())
    }

    /// Ends the key.
    pub fn done(self) -> Key {
        let digest = self.0.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let one = Key::of("x").text("ab").text("c").done();
        assert_ne!(one, Key::of("x").text("a").text("bc").done());
        assert_ne!(one, Key::of("y").text("ab").text("c").done());
        let lists = |first: &[&str], second: &[&str]| {
            let maker = Key::of("x").texts(first.iter().copied());
            maker.texts(second.iter().copied()).done()
        };
        assert_ne!(lists(&["a"], &[]), lists(&[], &["a"]));
    }
}
