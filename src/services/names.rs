//! Names of products and series that vmt.toml knows, however they are written.

use super::Reader;
use super::words::{AROUND, PARTS};

impl Reader<'_> {
    /// Returns the canonical name of a product that vmt.toml knows.
    pub(super) fn known(&self, name: &str) -> Option<String> {
        let name = name.trim().trim_matches(['\'', '"', '`', '*']);
        if name.is_empty() || name.len() > 60 {
            return None;
        }
        let lower = name.to_lowercase();
        // `OpenStack Nova` is Nova.
        let own = self.config.organisation.to_lowercase();
        let bare = lower
            .strip_prefix(&own)
            .and_then(|rest| rest.strip_prefix(' '))
            .unwrap_or(&lower);
        if let Some(product) = self.config.product(bare) {
            return Some(product.name.clone());
        }
        if let Some(product) = self.config.product_squeezed(bare) {
            return Some(product.name.clone());
        }
        let (product, part) = bare.split_once('-')?;
        let product = self.config.product(product)?;
        PARTS.contains(&part).then(|| product.name.clone())
    }

    /// Whether a word beside versions and series says nothing more, as the name of the organisation does.
    pub(super) fn is_around(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        AROUND.contains(&lower.as_str()) || lower == self.config.organisation.to_lowercase()
    }

    /// Returns the name of a series as people write it, capital first.
    pub(super) fn series(&self, text: &str) -> Option<String> {
        let text = text.trim().trim_matches(['\'', '"', '`', '*', '.']);
        // `2026.1/gazpacho` is one series, its name behind its number.
        let last = text.split('/').rfind(|part| !part.trim().is_empty())?;
        let found = self.config.series(last.trim())?;
        let mut letters = found.name.chars();
        let first = letters.next()?;
        Some(first.to_uppercase().chain(letters).collect())
    }
}
