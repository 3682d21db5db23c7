//! Prose of any text, to a page and to a mail: the HTML is made of known tags that close, no link runs a program, and
//! every mention and address lies where it is said to.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vmt::config::{Config, SHIPPED};
use vmt::diagnostic::FileId;
use vmt::{mention, prose};

static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::parse(FileId(0), SHIPPED).0);

/// Tags that close; the two others are `br` and `hr`.
const TAGS: &str =
    "p h1 h2 h3 h4 h5 h6 ul ol li pre code blockquote em strong a div table thead tbody tr th td";

fuzz_target!(|text: &str| {
    let blocks = prose::parse(text);
    check(&prose::html::render(&blocks, 2));
    let _ = prose::text::render(&blocks, 72);
    let _ = prose::plain(&blocks);

    check(&prose::html::render_page(&prose::page::parse(text)));
    for link in prose::page::links(text) {
        assert!(!link.contains(':'), "{link}");
    }

    for found in mention::find(text, &CONFIG) {
        assert!(text.get(found.place).is_some_and(|place| !place.is_empty()));
    }
    for (_, place) in mention::documents(text, &CONFIG) {
        assert!(text.get(place).is_some_and(|place| !place.is_empty()));
    }
    let mut end = 0;
    for place in prose::addresses_in(text) {
        assert!(end <= place.start && place.start < place.end);
        end = place.end;
        assert!(prose::safe_link(&text[place]).is_some());
    }
});

/// Holds a page to the tags that are known, each closed in its order, and to links that lead to a page.
fn check(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag that ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{html}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if matches!(name, "br" | "hr") {
            continue;
        }
        assert!(TAGS.split(' ').any(|known| known == name), "{html}");
        if let Some(target) = attributes.strip_prefix("href=\"") {
            let scheme = target.split_once(':').map(|(scheme, _)| scheme);
            assert!(
                matches!(scheme, None | Some("http" | "https" | "mailto")),
                "{html}"
            );
            assert_eq!(target.find('"'), Some(target.len() - 1), "{html}");
        }
        open.push(name);
    }
    assert!(open.is_empty(), "{html}");
}
