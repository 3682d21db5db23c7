//! A folder of Markdown as a book of the site: one page a file, in the order in which the first page
//! names them. Pure; knows no disk.

use std::collections::BTreeMap;

use crate::prose::page;
use crate::render::{BOOK, Neighbours, Place, ProsePage};

/// Name of the file that is the first page and lists the others.
pub const FIRST: &str = "README.md";

/// Makes the pages of a book from texts by their paths in its folder.
pub fn pages(mut texts: BTreeMap<String, String>) -> Vec<ProsePage> {
    let folder = BOOK.trim_end_matches("index.html");
    let first = texts.remove(FIRST).unwrap_or_default();
    let mut pages = vec![page_of(BOOK.to_owned(), &first, Place::Book)];
    for link in page::links(&first) {
        let name = link.split('#').next().unwrap_or_default();
        pages.extend(
            texts
                .remove_entry(name)
                .map(|(name, text)| chapter(folder, &name, &text)),
        );
    }
    // What the first page does not name comes last rather than nowhere.
    pages.extend(texts.iter().map(|(name, text)| chapter(folder, name, text)));
    let links: Vec<(String, String)> = pages
        .iter()
        .map(|page| (page.path.clone(), page.title.clone()))
        .collect();
    for (at, page) in pages.iter_mut().enumerate().skip(1) {
        page.place = Place::Chapter(Neighbours {
            previous: links.get(at - 1).cloned(),
            next: links.get(at + 1).cloned(),
        });
    }
    pages
}

fn chapter(folder: &str, name: &str, text: &str) -> ProsePage {
    let path = name.strip_suffix(".md").unwrap_or(name);
    let path = match path.strip_suffix("README") {
        Some(above) => format!("{folder}{above}index.html"),
        None => format!("{folder}{path}.html"),
    };
    page_of(path, text, Place::Chapter(Neighbours::default()))
}

/// Makes a page. The first line, behind comments, is the title as a heading; a page without one is named
/// after its file.
pub fn page_of(path: String, text: &str, place: Place) -> ProsePage {
    let mut text = text.trim_start_matches('\u{feff}').trim_start();
    while let Some((_, rest)) = text
        .strip_prefix("<!--")
        .and_then(|comment| comment.split_once("-->"))
    {
        text = rest.trim_start();
    }
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (title, text) = match first.trim().strip_prefix("# ") {
        Some(title) => (title.trim().to_owned(), rest.to_owned()),
        None => {
            let name = path.rsplit('/').next().unwrap_or_default();
            (name.trim_end_matches(".html").to_owned(), text.to_owned())
        }
    };
    ProsePage {
        path,
        title,
        text,
        place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_in_the_order_of_the_first() {
        let texts = [
            (
                "README.md",
                "# Book\n\n[Two](two.md#x), [one](part/one.md), [none](none.md)\n",
            ),
            ("part/one.md", "<!-- made -->\n# One\n\ntext\n"),
            ("two.md", "no title\n"),
            ("unnamed.md", "# Unnamed\n"),
        ];
        let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let pages = pages(texts.into());
        let shown: Vec<String> = pages
            .iter()
            .map(|page| match &page.place {
                Place::Chapter(near) => {
                    let title = |link: &Option<(String, String)>| {
                        link.as_ref().map_or("-", |link| link.1.as_str()).to_owned()
                    };
                    format!(
                        "{} < {} {} > {}",
                        title(&near.previous),
                        page.path,
                        page.title,
                        title(&near.next)
                    )
                }
                _ => format!("{} {}", page.path, page.title),
            })
            .collect();
        assert_eq!(
            shown,
            [
                "docs/index.html Book",
                "Book < docs/two.html two > One",
                "two < docs/part/one.html One > Unnamed",
                "One < docs/unnamed.html Unnamed > -",
            ]
        );
    }
}
