//! Patches that a note names in its prose: addresses of reviews, with branch and product where the
//! lines around them say so.
//!
//! Notes have no field for patches in upstream's shape; authors list them under "Patches:", a branch a
//! line, or a branch as a label and its reviews below.

use std::ops::Range;

use crate::config::Config;
use crate::host::{self, Role};
use crate::model::branch::{Branch, BranchKind};
use crate::model::{Document, NoteBody};
use crate::prose::addresses_in;

/// A review named in prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Its address in the form that vmt writes.
    pub url: String,
    /// The same for every way to write the address (`host::Reference::key`).
    pub key: String,
    /// The branch as written, such as `2026.1/gazpacho` or `stable/kilo`.
    pub branch: Option<String>,
    /// Canonical name of the product.
    pub product: Option<String>,
    /// Where the address stands in the text, in bytes.
    pub place: Range<usize>,
}

/// Returns the patches that the recommended actions of a note name. Those listed under `reviews` are
/// not repeated here.
pub fn of_note(document: &Document, note: &NoteBody, config: &Config) -> Vec<Patch> {
    let listed: Vec<String> = document
        .all_reviews()
        .filter_map(|(_, review)| host::recognise(review.link.url()))
        .map(|reference| reference.key)
        .collect();
    let mut found = in_text(&note.actions.value, config);
    found.retain(|patch| !listed.contains(&patch.key));
    found
}

/// Returns the patches that a text names.
pub fn in_text(text: &str, config: &Config) -> Vec<Patch> {
    let mut found = Vec::new();
    let mut branch: Option<String> = None;
    let mut product: Option<String> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let addresses = addresses_in(line);
        let label = addresses
            .first()
            .map_or(line, |address| &line[..address.start]);
        let said_branch = branch_in(label, config);
        let said_product = product_in(label, config);
        let reviews: Vec<_> = addresses
            .into_iter()
            .filter_map(|place| {
                host::recognise(&line[place.clone()])
                    .filter(|reference| reference.role == Role::Review)
                    .map(|reference| (place, reference))
            })
            .collect();
        let heading = line.trim_start().starts_with('#');
        let short = label.split_whitespace().count() <= 6;
        if reviews.is_empty() && (heading || short) {
            // A label for the lines below it. A heading starts afresh.
            if heading {
                (branch, product) = (None, None);
            }
            branch = said_branch.or(branch);
            product = said_product.or(product);
        } else {
            // `and https://…` below a review goes on with what that one is for.
            let joined = words(label).all(|word| matches!(word, "and" | "or"))
                && words(label).next().is_some();
            let before = found.last().filter(|_| joined);
            let said_product =
                said_product.or_else(|| before.and_then(|patch: &Patch| patch.product.clone()));
            let said_branch = said_branch.or_else(|| before.and_then(|patch| patch.branch.clone()));
            for (place, reference) in reviews {
                let project = reference.project.as_deref();
                let last = project.and_then(|project| project.rsplit('/').next());
                let of_address = last.and_then(|name| config.product(name));
                found.push(Patch {
                    url: reference.url,
                    key: reference.key,
                    branch: said_branch.clone().or_else(|| branch.clone()),
                    product: of_address
                        .map(|known| known.name.clone())
                        .or_else(|| said_product.clone())
                        .or_else(|| product.clone()),
                    place: start + place.start..start + place.end,
                });
            }
        }
        start += line.len();
    }
    found
}

/// Words of a label without marks.
fn words(label: &str) -> impl Iterator<Item = &str> {
    label
        .split_whitespace()
        .map(|word| word.trim_matches(['*', '\'', '"', '`', ':', ',', '(', ')', '#', '-']))
        .filter(|word| !word.is_empty())
}

fn branch_in(label: &str, config: &Config) -> Option<String> {
    words(label)
        .find(|word| {
            let read = Branch::read(word);
            match &read.kind {
                BranchKind::Master | BranchKind::Bugfix(_) => true,
                BranchKind::Series { number, name } => [number, name]
                    .into_iter()
                    .flatten()
                    .any(|text| config.series(text).is_some()),
                BranchKind::Release { .. } => false,
            }
        })
        .map(str::to_owned)
}

fn product_in(label: &str, config: &Config) -> Option<String> {
    words(label)
        .find_map(|word| config.product(word))
        .map(|product| product.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SHIPPED;
    use crate::diagnostic::FileId;

    fn shown(text: &str) -> Vec<String> {
        let (config, _) = Config::parse(FileId(0), SHIPPED);
        in_text(text, &config)
            .into_iter()
            .map(|patch| {
                assert!(text[patch.place].starts_with("http"));
                let part = |text: Option<String>| text.unwrap_or("-".into());
                format!(
                    "{} {} {}",
                    patch.key,
                    part(patch.branch),
                    part(patch.product)
                )
            })
            .collect()
    }

    #[test]
    fn every_way_to_list_patches_is_read() {
        insta::assert_snapshot!(shown("\
**Patches:**

- 2026.2/hibiscus (development): https://review.opendev.org/100
- 2026.1/gazpacho: https://review.opendev.org/c/openstack/nova/+/101

**2025.2/flamingo:**

- https://review.opendev.org/102
- see https://bugs.launchpad.net/nova/+bug/7 too

Queens
* cinder: https://review.opendev.org/103
* os-brick: https://review.opendev.org/104
  and https://review.opendev.org/105

Nova patch for stable/liberty: https://review.openstack.org/106

### Port forwarding (LP#1)
bugfix/34.0: https://review.opendev.org/c/openstack/ironic/+/107

A long sentence of more than six words on https://review.openstack.org/#/c/108/ here.
").join("\n"), @"
        review.opendev.org 100 2026.2/hibiscus -
        review.opendev.org 101 2026.1/gazpacho nova
        review.opendev.org 102 2025.2/flamingo -
        review.opendev.org 103 Queens cinder
        review.opendev.org 104 Queens os-brick
        review.opendev.org 105 Queens os-brick
        review.opendev.org 106 stable/liberty nova
        review.opendev.org 107 bugfix/34.0 ironic
        review.opendev.org 108 - -
        ");
    }
}
