//! The sitemap: every page that is worth finding, with the day of its last change where documents tell it
//! (sitemaps.org protocol 0.9). What is too long for one file is in several, and the sitemap names those.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::{Out, Setting, site};
use crate::prose::html::escape;
use crate::template::TemplateError;
use crate::view::{Audience, View};

/// Addresses that a file has at most, as the protocol says. None comes near its 50 MB with so many.
const MOST: usize = 50_000;

/// The file that robots.txt names.
const NAME: &str = "sitemap.xml";

/// A page: its address without the base address, and the day of its last change.
type Page = (String, Option<NaiveDate>);

/// Renders the files.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let key = ("sitemap", out.keys.lists());
    let base = &setting.config.base_url;
    if at_most(setting, view) <= MOST {
        return out.plain(NAME, key, || {
            File::Pages(&pages(setting, view)).text(base).into_bytes()
        });
    }
    files(&pages(setting, view), MOST)
        .iter()
        .try_for_each(|(name, file)| out.plain(name, key, || file.text(base).into_bytes()))
}

/// What a file says.
enum File<'p> {
    Pages(&'p [Page]),
    /// The parts, in their order.
    Parts(Vec<&'p [Page]>),
}

/// Divides pages into files with their names, the one that all know the last.
fn files(pages: &[Page], most: usize) -> Vec<(String, File<'_>)> {
    let parts: Vec<&[Page]> = pages.chunks(most).collect();
    if parts.len() < 2 {
        return vec![(NAME.to_owned(), File::Pages(pages))];
    }
    let named = parts.iter().enumerate();
    let mut files: Vec<(String, File<'_>)> = named
        .map(|(number, part)| (part_name(number), File::Pages(part)))
        .collect();
    files.push((NAME.to_owned(), File::Parts(parts)));
    files
}

/// The name of a part, by its number from 0.
fn part_name(number: usize) -> String {
    format!("sitemap-{}.xml", number + 1)
}

/// How many pages there are at most: some CVEs are of several documents.
fn at_most<A: Audience>(setting: &Setting<'_>, view: &View<'_, A>) -> usize {
    let cves = view
        .documents
        .iter()
        .map(|document| document.cves().count());
    let releases = view.products.iter().map(|product| product.releases.len());
    let lists = site::list_paths(setting.config, view).len() + setting.pages.len() + 5;
    let own = view.documents.len() + view.products.len() + view.series.len();
    lists + own + cves.sum::<usize>() + releases.sum::<usize>()
}

fn pages<A: Audience>(setting: &Setting<'_>, view: &View<'_, A>) -> Vec<Page> {
    let config = setting.config;
    let changed = |at: &usize| view.documents[*at].updated;
    let newest = view
        .documents
        .iter()
        .filter_map(|document| document.updated)
        .max();
    let mut pages: Vec<Page> = vec![(String::new(), newest)];
    let lists = site::list_paths(config, view).into_iter();
    pages.extend(lists.map(|path| (path, newest)));
    for path in [site::PRODUCTS, site::SERIES, site::FEEDS, "affected.html"] {
        pages.push((path.into(), newest));
    }
    pages.extend(setting.pages.iter().map(|page| (page.path.clone(), None)));
    for document in &view.documents {
        pages.push((document.path.clone(), document.updated));
    }
    for product in &view.products {
        pages.push((
            product.path.clone(),
            product.documents.iter().filter_map(changed).max(),
        ));
        for release in &product.releases {
            let concerned = release.affected_by.iter().chain(&release.unknown_by);
            let documents = concerned.map(|view| &view.document).chain(&release.fixes);
            let changed = documents.filter_map(changed).max();
            pages.push((release.path.clone(), changed.max(Some(release.release.day))));
        }
    }
    for series in &view.series {
        pages.push((
            series.path.clone(),
            series.documents.iter().filter_map(changed).max(),
        ));
    }
    let cves = view.documents.iter().flat_map(|document| {
        document
            .cves()
            .map(|cve| (site::cve_path(cve), document.updated))
    });
    let cves = newest_of_each(cves.collect());
    pages.extend(cves);
    pages
}

/// Leaves of the pages of one address the one that changed last.
fn newest_of_each(mut pages: Vec<Page>) -> Vec<Page> {
    pages.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    pages.dedup_by(|a, b| a.0 == b.0);
    pages
}

impl File<'_> {
    fn text(&self, base: &str) -> String {
        match self {
            File::Pages(pages) => {
                let pages = pages.iter().map(|(path, day)| (path.as_str(), *day));
                list(base, "urlset", "url", pages)
            }
            // Each part is as of its newest page.
            File::Parts(parts) => {
                let names: Vec<String> = (0..parts.len()).map(part_name).collect();
                let newest = parts
                    .iter()
                    .map(|pages| pages.iter().filter_map(|(_, day)| *day).max());
                let parts = names.iter().map(String::as_str).zip(newest);
                list(base, "sitemapindex", "sitemap", parts)
            }
        }
    }
}

fn list<'p>(
    base: &str,
    name: &str,
    entry: &str,
    entries: impl Iterator<Item = (&'p str, Option<NaiveDate>)>,
) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
    );
    for (path, day) in entries {
        let _ = write!(out, "<{entry}><loc>{}{}</loc>", escape(base), escape(path));
        if let Some(day) = day {
            let _ = write!(out, "<lastmod>{day}</lastmod>");
        }
        let _ = writeln!(out, "</{entry}>");
    }
    let _ = writeln!(out, "</{name}>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 3, day)
    }

    fn some_pages() -> Vec<Page> {
        [
            ("a&b", day(2)),
            ("", day(3)),
            ("c", None),
            ("d", None),
            ("e", day(1)),
        ]
        .map(|(path, day)| (path.to_owned(), day))
        .to_vec()
    }

    fn texts(pages: &[Page], most: usize) -> Vec<(String, String)> {
        let files = files(pages, most).into_iter();
        files
            .map(|(name, file)| (name, file.text("https://example.org/")))
            .collect()
    }

    #[test]
    fn what_is_too_long_is_in_parts_that_one_file_names() {
        let files = texts(&some_pages(), 2);
        let (names, texts): (Vec<&str>, Vec<&str>) = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .unzip();
        assert_eq!(
            names,
            [
                "sitemap-1.xml",
                "sitemap-2.xml",
                "sitemap-3.xml",
                "sitemap.xml"
            ]
        );
        insta::assert_snapshot!(texts[0], @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc>https://example.org/a&amp;b</loc><lastmod>2026-03-02</lastmod></url>
        <url><loc>https://example.org/</loc><lastmod>2026-03-03</lastmod></url>
        </urlset>
        "#);
        insta::assert_snapshot!(texts[3], @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>https://example.org/sitemap-1.xml</loc><lastmod>2026-03-03</lastmod></sitemap>
        <sitemap><loc>https://example.org/sitemap-2.xml</loc></sitemap>
        <sitemap><loc>https://example.org/sitemap-3.xml</loc><lastmod>2026-03-01</lastmod></sitemap>
        </sitemapindex>
        "#);
    }

    #[test]
    fn what_fits_is_in_one_file() {
        for (count, most) in [(5, 5), (1, 5), (0, 5)] {
            let files = texts(&some_pages()[..count], most);
            let [(name, text)] = files.as_slice() else {
                panic!("{count} pages: {files:?}");
            };
            assert_eq!(name, "sitemap.xml");
            assert_eq!(text.matches("<url>").count(), count);
        }
    }

    #[test]
    fn a_page_of_several_documents_is_as_of_the_newest() {
        let pages = [
            ("b", None),
            ("a", day(1)),
            ("a", None),
            ("a", day(3)),
            ("b", day(2)),
        ];
        let pages = pages.map(|(path, day)| (path.to_owned(), day)).to_vec();
        let newest = newest_of_each(pages);
        assert_eq!(newest, [("a".to_owned(), day(3)), ("b".to_owned(), day(2))]);
    }
}
