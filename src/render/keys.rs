//! What each file depends on, as keys. They are coarse on purpose: a key that says too much makes a
//! file again that need not be; one that says too little would serve what is stale.

use std::collections::HashMap;

use rayon::prelude::*;

use super::Setting;
use crate::diagnostic::FileId;
use crate::key::Key;
use crate::mention::Subject;
use crate::view::{Audience, DocumentView, ProductView, SeriesView, View};

/// Keys of the parts of a view. Those of an empty one say nothing and serve where every file is made.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// What every file depends on.
    common: Key,
    /// By number of its file, what comes from a document, and from those that it has to do with.
    documents: Vec<Key>,
    /// By number of its file, what lists show of a document.
    rows: Vec<Key>,
    /// All documents in their order.
    all: Key,
    /// All that lists show of documents, products, releases and series.
    lists: Key,
    /// What the links of prose and the names of products lead to.
    names: Key,
    /// By place in the view, a product with its releases.
    products: Vec<Key>,
}

impl Keys {
    /// Works the keys out. `common` is the key of everything that is not a document: settings,
    /// templates, pages of prose, releases.lock, vmt itself. `source` returns the key of a file: of its
    /// path and text.
    pub fn new<A: Audience>(
        common: Key,
        setting: &Setting<'_>,
        view: &View<'_, A>,
        source: &(dyn Fn(FileId) -> Key + Sync),
    ) -> Keys {
        let common = Key::of("common")
            .key(common)
            .text(if A::PRIVATE { "private" } else { "public" })
            .text(&setting.config.base_url)
            .texts(setting.signed_with)
            // Series are in the navigation of every page, where there are any.
            .texts(view.series.iter().map(|series| series.label.as_str()))
            .done();
        let own: Vec<(FileId, Key, Key)> = view
            .documents
            .par_iter()
            .map(|document| {
                let file = document.document.file;
                let whole = of_document(common, document, source(file));
                (file, whole, of_row(common, document))
            })
            .collect();
        let last = own.iter().map(|(file, ..)| file.0 as usize + 1).max();
        let mut documents = vec![Key::default(); last.unwrap_or_default()];
        let mut rows = documents.clone();
        for (file, whole, row) in &own {
            documents[file.0 as usize] = *whole;
            rows[file.0 as usize] = *row;
        }
        let all = Key::of("all").key(common);
        let mut keys = Keys {
            common,
            documents,
            rows,
            all: all.keys(own.iter().map(|(_, key, _)| *key)).done(),
            lists: Key::default(),
            names: names(common, view),
            products: Vec::new(),
        };
        let product =
            |product: &ProductView<'_>| of_product(product, keys.shown(view, &product.documents));
        keys.products = view.products.par_iter().map(product).collect();
        // The settings by themselves as well: a workspace may have no documents yet.
        keys.lists = Key::of("lists")
            .key(common)
            .keys(own.iter().map(|(.., row)| *row))
            .keys(keys.products.iter().copied())
            .keys(view.series.iter().map(|series| keys.series(view, series)))
            .done();
        keys
    }

    /// The key of what depends on no document.
    pub(super) fn common(&self) -> Key {
        self.common
    }

    /// The key of what comes from one document.
    pub(super) fn document(&self, document: &DocumentView<'_>) -> Key {
        let file = document.document.file.0 as usize;
        self.documents.get(file).copied().unwrap_or_default()
    }

    /// The key of the page of a document, with its links to others.
    pub(super) fn page(&self, document: &DocumentView<'_>) -> Key {
        let own = self.document(document);
        Key::of("page").key(own).key(self.names).done()
    }

    /// The key of what depends on every document.
    pub(super) fn all(&self) -> Key {
        self.all
    }

    /// The key of what depends on some documents, by their places.
    pub(super) fn some<A: Audience>(&self, view: &View<'_, A>, places: &[usize]) -> Key {
        let keys = places.iter().map(|at| self.document(&view.documents[*at]));
        Key::of("some").key(self.common).keys(keys).done()
    }

    /// The key of what lists show of all documents, products, releases and series.
    pub(super) fn lists(&self) -> Key {
        self.lists
    }

    /// The key of what lists show of some documents, by their places.
    pub(super) fn shown<A: Audience>(&self, view: &View<'_, A>, places: &[usize]) -> Key {
        let row = |at: &usize| {
            let file = view.documents[*at].document.file.0 as usize;
            self.rows.get(file).copied().unwrap_or_default()
        };
        let keys = places.iter().map(row);
        Key::of("shown").key(self.common).keys(keys).done()
    }

    /// The key of the pages of a product, by its place, and of those of its releases.
    pub(super) fn product(&self, place: usize) -> Key {
        self.products.get(place).copied().unwrap_or_default()
    }

    /// The key of the page of a series.
    pub(super) fn series<A: Audience>(&self, view: &View<'_, A>, series: &SeriesView<'_>) -> Key {
        let products = series.products.iter().map(|(at, _, newest)| {
            let product = &view.products[*at];
            let newest = &product.releases[*newest];
            let of_line = product.releases.iter();
            let of_line = of_line.filter(|release| release.release.line == series.label);
            let fixed: usize = of_line.map(|release| release.fixes.len()).sum();
            let (open, unknown) = (newest.affected_by.len(), newest.unknown_by.len());
            format!(
                "{} {} {open} {unknown} {fixed}",
                product.name, newest.release.version
            )
        });
        let products: Vec<String> = products.collect();
        Key::of("series")
            .text(&series.label)
            .texts(products.iter().map(String::as_str))
            .key(self.shown(view, &series.documents))
            .done()
    }
}

/// What lists show of a document.
fn of_row(common: Key, document: &DocumentView<'_>) -> Key {
    // Its fields are few and written out in full; what none of them says no list can show.
    let row = serde_json::to_vec(&super::site::row(document)).unwrap_or_default();
    Key::of("row")
        .key(common)
        .bytes(&row)
        .text(&format!("{:?}", document.updated))
        .done()
}

/// What holds for each release, beside what lists show of the documents.
fn of_product(product: &ProductView<'_>, shown: Key) -> Key {
    let mut bytes = Vec::new();
    let mut number = |number: Option<usize>| {
        // No place is that great; it stands for none.
        bytes.extend(number.unwrap_or(usize::MAX).to_le_bytes());
    };
    let places = product.documents.iter().enumerate();
    let places: HashMap<usize, usize> = places.map(|(own, at)| (*at, own)).collect();
    let place = |at: usize| places.get(&at).copied();
    for release in &product.releases {
        for concerns in [&release.affected_by, &release.unknown_by] {
            number(Some(concerns.len()));
            for concern in concerns {
                number(place(concern.document));
                number(concern.same_line);
                number(concern.newest);
            }
        }
        number(Some(release.fixes.len()));
        release.fixes.iter().for_each(|at| number(place(*at)));
        number(release.same_line);
        number(release.newest);
    }
    let maker = Key::of("product").key(shown).text(product.name);
    maker.bytes(&bytes).done()
}

fn of_document(common: Key, document: &DocumentView<'_>, source: Key) -> Key {
    let mut maker = Key::of("document").key(common).key(source);
    for other in &document.related {
        maker = maker.texts([&*other.id, &other.title, &other.path, other.reason]);
    }
    maker.done()
}

fn names<A: Audience>(common: Key, view: &View<'_, A>) -> Key {
    let product = |product: &ProductView<'_>| format!("{}\n{}", product.name, product.title);
    let products: Vec<String> = view.products.iter().map(product).collect();
    let subject = |(found, document): (&Subject, &DocumentView<'_>)| {
        let maker = Key::of("subject").text(&format!("{found:?}"));
        maker.text(&document.path).done()
    };
    let mut subjects: Vec<Key> = view.subjects().map(subject).collect();
    subjects.sort_unstable();
    Key::of("names")
        .key(common)
        .texts(products.iter().map(String::as_str))
        .keys(subjects)
        .done()
}
