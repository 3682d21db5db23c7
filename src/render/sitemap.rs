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
    let name = "sitemap.xml";
    if at_most(setting, view) <= MOST {
        return out.plain(name, key, || urls(base, &pages(setting, view)).into_bytes());
    }
    let pages = pages(setting, view);
    let parts: Vec<&[Page]> = pages.chunks(MOST).collect();
    if let [only] = *parts {
        return out.plain(name, key, || urls(base, only).into_bytes());
    }
    for (number, part) in parts.iter().enumerate() {
        out.plain(&part_name(number), key, || urls(base, part).into_bytes())?;
    }
    out.plain(name, key, || index(base, &parts).into_bytes())
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
    let mut cves: Vec<Page> = view
        .documents
        .iter()
        .flat_map(|document| {
            document
                .cves()
                .map(|cve| (site::cve_path(cve), document.updated))
        })
        .collect();
    cves.sort();
    cves.dedup_by(|a, b| a.0 == b.0);
    pages.extend(cves);
    pages
}

/// Writes a file of pages.
fn urls(base: &str, pages: &[Page]) -> String {
    let pages = pages.iter().map(|(path, day)| (path.as_str(), *day));
    list(base, "urlset", "url", pages)
}

/// Writes the file that names the parts, each as of its newest page.
fn index(base: &str, parts: &[&[Page]]) -> String {
    let names: Vec<String> = (0..parts.len()).map(part_name).collect();
    let newest = parts
        .iter()
        .map(|pages| pages.iter().filter_map(|(_, day)| *day).max());
    let parts = names.iter().map(String::as_str).zip(newest);
    list(base, "sitemapindex", "sitemap", parts)
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

    #[test]
    fn parts_are_named_with_the_day_of_their_newest_page() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day);
        let pages = [("a&b", day(2)), ("", day(3)), ("c", None), ("d", None)];
        let pages = pages.map(|(path, day)| (path.to_owned(), day));
        let parts: Vec<&[Page]> = pages.chunks(2).collect();
        let index = index("https://example.org/", &parts);
        insta::assert_snapshot!(index, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>https://example.org/sitemap-1.xml</loc><lastmod>2026-03-03</lastmod></sitemap>
        <sitemap><loc>https://example.org/sitemap-2.xml</loc></sitemap>
        </sitemapindex>
        "#);
        let urls = urls("https://example.org/", parts[0]);
        insta::assert_snapshot!(urls, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <url><loc>https://example.org/a&amp;b</loc><lastmod>2026-03-02</lastmod></url>
        <url><loc>https://example.org/</loc><lastmod>2026-03-03</lastmod></url>
        </urlset>
        "#);
    }
}
