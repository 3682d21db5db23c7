//! Patches as readers look for them: by product, then by branch, the newest series first.

use super::{LinkView, branch_label, product_title, review_link};
use crate::config::Config;
use crate::host;
use crate::model::branch::BranchKind;
use crate::model::{Document, Review, ReviewGroup, Text};

/// The patches for a product.
#[derive(Debug, Clone)]
pub struct ProductPatchesView {
    /// Name of the product for readers; `None` where the document does not say.
    pub product: Option<String>,
    /// Its branches, the newest series first.
    pub branches: Vec<BranchPatchesView>,
}

/// The patches for a branch.
#[derive(Debug, Clone)]
pub struct BranchPatchesView {
    /// `2026.1/gazpacho`.
    pub branch: String,
    /// `unmaintained`, `development`.
    pub remark: Option<String>,
    /// The patches in the order to apply them.
    pub patches: Vec<PatchView>,
    rank: i64,
}

/// A patch.
#[derive(Debug, Clone)]
pub struct PatchView {
    /// The change.
    pub link: LinkView,
    /// The commit that it became.
    pub commit: Option<String>,
    /// Changes that must be there first.
    pub requires: Vec<LinkView>,
    /// Changes that must be applied together with it.
    pub with: Vec<LinkView>,
}

/// Groups the patches of a document.
pub(super) fn by_product(document: &Document, config: &Config) -> Vec<ProductPatchesView> {
    let mut found: Vec<ProductPatchesView> = Vec::new();
    for (group, review) in document.all_reviews() {
        let product = product_of(group, review, document, config);
        let at = match found.iter().position(|known| known.product == product) {
            Some(at) => at,
            None => {
                found.push(ProductPatchesView {
                    product,
                    branches: Vec::new(),
                });
                found.len() - 1
            }
        };
        let branch = branch_label(&group.branch, config);
        let branches = &mut found[at].branches;
        let at = match branches.iter().position(|known| known.branch == branch) {
            Some(at) => at,
            None => {
                branches.push(BranchPatchesView {
                    branch,
                    remark: group.branch.remark().map(str::to_owned),
                    patches: Vec::new(),
                    rank: rank(group, config),
                });
                branches.len() - 1
            }
        };
        branches[at].patches.push(patch(review));
    }
    for product in &mut found {
        product.branches.sort_by_key(|branch| -branch.rank);
    }
    found
}

fn product_of(
    group: &ReviewGroup,
    review: &Review,
    document: &Document,
    config: &Config,
) -> Option<String> {
    let named = review
        .details()
        .product
        .as_ref()
        .map(|text| text.value.as_str());
    let named = named.or_else(|| crate::release::product_of(group, review, config));
    let only = || match document.affected.as_slice() {
        [one] if config.product(&one.product.value).is_some() => Some(one.product.value.as_str()),
        _ => None,
    };
    named
        .or_else(|| group.branch.product())
        .or_else(only)
        .map(|name| product_title(name, config))
}

/// The development branch, then series by their age, then what has no place in time.
fn rank(group: &ReviewGroup, config: &Config) -> i64 {
    match &group.branch.kind {
        BranchKind::Master => i64::MAX,
        BranchKind::Series { number, name } => [name, number]
            .into_iter()
            .flatten()
            .find_map(|text| {
                let known = config.series(text)?;
                let mut all = config.series.iter();
                all.position(|series| series.name == known.name)
            })
            .map_or(-1, |at| i64::try_from(at).unwrap_or(i64::MAX)),
        BranchKind::Bugfix(_) | BranchKind::Release { .. } => -1,
    }
}

fn patch(review: &Review) -> PatchView {
    let links = |texts: &[Text]| texts.iter().map(|text| other(&text.value)).collect();
    PatchView {
        link: review_link(review),
        commit: review
            .details()
            .commit
            .as_ref()
            .map(|text| text.value.clone()),
        requires: links(&review.details().requires),
        with: links(&review.details().with),
    }
}

fn other(url: &str) -> LinkView {
    let found = host::recognise(url.trim());
    LinkView {
        label: found.as_ref().map_or_else(
            || url.trim().to_owned(),
            |found| super::short(&found.number),
        ),
        url: found.map_or_else(|| url.trim().to_owned(), |found| found.url),
        remark: None,
    }
}
