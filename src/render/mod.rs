//! Views to files, one file a format, one row a format in [`FORMATS`]. Pure: the caller writes.

mod affected;
pub mod archive;
pub mod csaf;
pub mod cve;
pub mod data;
mod feeds;
mod json;
mod keys;
pub mod manners;
pub mod osv;
mod picture;
mod search;
mod sink;
mod site;
mod sitemap;
mod text;

pub use keys::Keys;
pub use sink::{Collected, Make, Piece, Pieces, Sink, key_of_pieces};

use json::{List, pretty};

use std::borrow::Cow;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::config::Config;
use crate::key::Key;
use crate::template::{TemplateError, Templates};
use crate::view::{Audience, DocumentView, View};

/// First page of a book, without the base address.
pub const BOOK: &str = "docs/index.html";

/// A file to write: a path relative to the output folder, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Relative path with forward slashes.
    pub path: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// What a format may use.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// Settings of the workspace.
    pub config: &'a Config,
    /// Templates.
    pub templates: &'a Templates,
    /// Pages of prose.
    pub pages: &'a [ProsePage],
    /// Fingerprint of the key that signs the outcome; `None` where it stays unsigned.
    pub signed_with: Option<&'a str>,
}

/// Where files go, with the keys of what they depend on.
#[derive(Clone, Copy)]
pub struct Out<'a> {
    /// What takes the files.
    pub sink: &'a dyn Sink,
    /// What they depend on.
    pub keys: &'a Keys,
}

impl Out<'_> {
    /// Offers a file that is made of a key's inputs by a way of its own, which the name says.
    fn file(
        &self,
        path: &str,
        inputs: (&str, Key),
        make: impl Fn() -> Result<Vec<u8>, TemplateError> + Sync,
    ) -> Result<(), TemplateError> {
        self.sink.take(path, self.key(inputs), &make)
    }

    /// Returns the bytes of a file that was offered so before, where they are there.
    fn recall(&self, path: &str, inputs: (&str, Key)) -> Option<Vec<u8>> {
        self.sink.recall(path, self.key(inputs))
    }

    /// The key of what is made of a key's inputs by a way of its own.
    fn key(&self, (name, key): (&str, Key)) -> Key {
        Key::of(name).key(key).done()
    }

    /// The same for a file that no template is asked for.
    fn plain(
        &self,
        path: &str,
        inputs: (&str, Key),
        make: impl Fn() -> Vec<u8> + Sync,
    ) -> Result<(), TemplateError> {
        self.file(path, inputs, || Ok(make()))
    }
}

/// A page of prose as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProsePage {
    /// Address, without the base address.
    pub path: String,
    /// Its first heading.
    pub title: String,
    /// Markdown behind that heading.
    pub text: String,
    /// What it is a page of.
    pub place: Place,
}

/// What a page of prose is a page of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The site: every page links to it, and its text may speak of the site.
    Site,
    /// A book, as its first page, which every page of the site links to.
    Book,
    /// A book, between other pages.
    Chapter(Neighbours),
}

/// Addresses and titles of the pages before and after a chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The page before it.
    pub previous: Option<(String, String)>,
    /// The page after it.
    pub next: Option<(String, String)>,
}

/// An output format.
pub struct Format<A: Audience> {
    /// Name for messages.
    pub name: &'static str,
    /// Renders its files of each document, where it has such.
    pub documents: Option<RenderDocuments<A>>,
    /// Puts together files that say something of every document, where it has such.
    pub follow: Option<Follow<A>>,
    /// Renders its other files.
    pub render: Render<A>,
}

/// Begins to follow the documents.
pub type Follow<A> =
    for<'s> fn(&'s Setting<'s>, &'s View<'s, A>, &'s Out<'s>) -> Box<dyn Follower + 's>;

/// What takes all documents one group after the other, in their order, while their contents are there.
pub trait Follower: Send {
    /// Takes the next documents: [`GROUP`] of them, fewer at the end.
    ///
    /// # Errors
    /// When a template is wrong.
    fn group(&mut self, documents: &[Cow<'_, DocumentView<'_>>]) -> Result<(), TemplateError>;

    /// Renders the files.
    ///
    /// # Errors
    /// When a template is wrong.
    fn finish(self: Box<Self>) -> Result<(), TemplateError>;
}

/// Documents whose contents are in memory at a time, where there are many.
pub const GROUP: usize = 256;

/// Renders the files of a format that do not belong to one document.
pub type Render<A> = fn(&Setting<'_>, &View<'_, A>, &Out<'_>) -> Result<(), TemplateError>;

/// Makes what all documents share; returns what renders the files of a document.
pub type RenderDocuments<A> =
    for<'s> fn(&'s Setting<'s>, &'s View<'s, A>, &'s Out<'s>) -> RenderDocument<'s>;

/// Renders the files of a document.
pub type RenderDocument<'s> =
    Box<dyn Fn(&DocumentView<'_>) -> Result<(), TemplateError> + Send + Sync + 's>;

/// For a format that has files of documents only.
fn nothing_else<A: Audience>(
    _: &Setting<'_>,
    _: &View<'_, A>,
    _: &Out<'_>,
) -> Result<(), TemplateError> {
    Ok(())
}

/// Returns every format for an audience, the one that people wait for first.
pub fn formats<A: Audience>() -> [Format<A>; 11] {
    [
        Format {
            name: "site",
            documents: Some(site::documents),
            follow: None,
            render: site::render,
        },
        Format {
            name: "releases",
            documents: None,
            follow: None,
            render: site::render_releases,
        },
        Format {
            name: "text",
            documents: Some(text::documents),
            follow: None,
            render: nothing_else,
        },
        Format {
            name: "affected",
            documents: None,
            follow: None,
            render: affected::render,
        },
        Format {
            name: "feeds",
            documents: None,
            follow: None,
            render: feeds::render,
        },
        Format {
            name: "search",
            documents: None,
            follow: Some(search::follow),
            render: nothing_else,
        },
        Format {
            name: "osv",
            documents: Some(osv::documents),
            follow: None,
            render: osv::render,
        },
        Format {
            name: "csaf",
            documents: Some(csaf::documents),
            follow: None,
            render: csaf::render,
        },
        Format {
            name: "cve",
            documents: Some(cve::documents),
            follow: None,
            render: nothing_else,
        },
        Format {
            name: "data",
            documents: None,
            follow: Some(data::follow),
            render: data::render,
        },
        Format {
            name: "manners",
            documents: None,
            follow: None,
            render: manners::render,
        },
    ]
}

/// The forms for machines that a document has: name and address, without the base address.
fn forms_of<A: Audience>(
    document: &DocumentView<'_>,
    view: &View<'_, A>,
    config: &Config,
) -> Vec<(&'static str, String)> {
    let osv = osv::has_record(document, config, view).then(|| ("OSV", osv::path(document, config)));
    let csaf = csaf::path(document).filter(|_| !document.draft);
    let cve = cve::path(document).map(|path| ("CVE JSON", path));
    let csaf = csaf.map(|path| ("CSAF", path));
    osv.into_iter().chain(csaf).chain(cve).collect()
}

/// The moment of a day (RFC 3339): documents are published at 15:00 UTC and carry a day only.
fn moment(day: NaiveDate) -> String {
    format!("{day}T15:00:00Z")
}

/// Who makes the products, for formats that ask for a vendor.
fn vendor(config: &Config) -> &str {
    match config.organisation.is_empty() {
        true => &config.team,
        false => &config.organisation,
    }
}

/// Renders one format, by its name in [`formats`]; nothing where there is none of that name.
///
/// # Errors
/// When a template is wrong.
pub fn render_one<A: Audience>(
    name: &str,
    setting: &Setting<'_>,
    view: &View<'_, A>,
) -> Result<Vec<Artifact>, TemplateError> {
    let format = formats::<A>()
        .into_iter()
        .find(|format| format.name == name);
    let (collected, keys) = (Collected::default(), Keys::default());
    let out = Out {
        sink: &collected,
        keys: &keys,
    };
    if let Some(format) = format {
        render_formats(&[&format], setting, view, &out, &mut || {})?;
    }
    Ok(collected.drain())
}

/// Renders every format: the pages that people read first and the forms of each document, after which
/// the caller is told, then all others side by side.
///
/// # Errors
/// When a template is wrong.
pub fn render_all<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
    pages_are_there: &mut dyn FnMut(),
) -> Result<(), TemplateError> {
    let formats = formats::<A>();
    let all: Vec<&Format<A>> = formats.iter().collect();
    render_formats(&all, setting, view, out, pages_are_there)
}

/// Renders all forms of a document before those of the next, so that its content is worked out once. Of
/// few documents contents are kept, and what follows all of them can wait for the pages.
fn render_formats<A: Audience>(
    formats: &[&Format<A>],
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
    pages_are_there: &mut dyn FnMut(),
) -> Result<(), TemplateError> {
    let forms = formats.iter().filter_map(|format| format.documents);
    let forms: Vec<RenderDocument<'_>> = forms.map(|form| form(setting, view, out)).collect();
    let follow = formats.iter().filter_map(|format| format.follow);
    let mut followers: Vec<Box<dyn Follower + '_>> =
        follow.map(|follow| follow(setting, view, out)).collect();
    let groups = || view.documents.chunks(GROUP);
    let documents = || {
        groups().try_for_each(|group| {
            let group = passing(view, group);
            group
                .par_iter()
                .try_for_each(|document| forms.iter().try_for_each(|form| form(document)))?;
            match view.is_small() {
                true => Ok(()),
                false => followers.iter_mut().try_for_each(|one| one.group(&group)),
            }
        })
    };
    let (documents, pages) = match formats {
        [first, ..] => rayon::join(documents, || (first.render)(setting, view, out)),
        [] => (Ok(()), Ok(())),
    };
    documents.and(pages)?;
    pages_are_there();
    let follow = |mut follower: Box<dyn Follower + '_>| {
        if view.is_small() {
            groups().try_for_each(|group| follower.group(&passing(view, group)))?;
        }
        follower.finish()
    };
    let (followed, others) = rayon::join(
        || followers.into_par_iter().try_for_each(follow),
        || {
            let others = formats.par_iter().skip(1);
            others.try_for_each(|format| (format.render)(setting, view, out))
        },
    );
    followed.and(others)
}

/// A group of documents with their contents.
fn passing<'v, 'a, A: Audience>(
    view: &View<'a, A>,
    group: &'v [DocumentView<'a>],
) -> Vec<Cow<'v, DocumentView<'a>>> {
    let documents = group.iter();
    documents.map(|document| view.passing(document)).collect()
}
