//! From addresses to paths, from paths to content types, and what the preview adds to a page. Pure.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Folder of the preview's own addresses; no page can be there, as no folder of a kind begins with a dot.
pub(super) const OWN: &str = "/.vmt/";

/// Shown while no build has succeeded yet.
pub(super) const NOT_BUILT: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <meta name=\"color-scheme\" content=\"light dark\">\n<title>Not built yet</title>\n</head>\n<body>\n\
    <main>\n<h1>The site could not be built yet</h1>\n\
    <p>It appears here once the errors are mended.</p>\n</main>\n</body>\n</html>\n";

/// Content types by the ending of a name.
const TYPES: &[(&str, &str)] = &[
    // A feed in JSON is told by its name.
    ("feed.json", "application/feed+json"),
    (".asc", "text/plain; charset=utf-8"),
    (".atom", "application/atom+xml; charset=utf-8"),
    (".css", "text/css; charset=utf-8"),
    (".gif", "image/gif"),
    (".html", "text/html; charset=utf-8"),
    (".ico", "image/x-icon"),
    (".jpg", "image/jpeg"),
    (".js", "text/javascript; charset=utf-8"),
    (".json", "application/json"),
    (".mjs", "text/javascript; charset=utf-8"),
    (".pdf", "application/pdf"),
    (".png", "image/png"),
    (".rss", "application/rss+xml; charset=utf-8"),
    (".svg", "image/svg+xml"),
    (".txt", "text/plain; charset=utf-8"),
    (".webmanifest", "application/manifest+json"),
    (".webp", "image/webp"),
    (".woff2", "font/woff2"),
    (".xml", "application/xml; charset=utf-8"),
];

/// Returns the content type of a file by its name.
pub(super) fn content_type(path: &str) -> &'static str {
    TYPES
        .iter()
        .find(|(ending, _)| path.ends_with(ending))
        .map_or("application/octet-stream", |(_, name)| name)
}

/// Returns the path of the file that an address names. It is looked up in a map, so that `..` in it leads
/// nowhere.
pub(super) fn file_path(address: &str) -> String {
    index_of(&percent_decode_str(address).decode_utf8_lossy())
}

/// Returns a path without the slash at its start, and that of the index for a folder.
pub(super) fn index_of(path: &str) -> String {
    let path = path.strip_prefix('/').unwrap_or(path);
    match path.is_empty() || path.ends_with('/') {
        true => format!("{path}index.html"),
        false => path.to_owned(),
    }
}

/// Returns a parameter of a query.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy())
}

/// What a page is told of itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'a> {
    /// Path that it was asked for under.
    pub path: &'a str,
    /// Digest of its bytes; empty where there is no such page.
    pub digest: &'a str,
    /// Digest of the stylesheets and scripts.
    pub assets: &'a str,
    /// Whether it shows a private document.
    pub draft: bool,
}

/// Adds the preview's stylesheet and script to a page, as files: pages allow nothing inline. A draft is
/// marked by a stylesheet alone, so that the mark needs no script.
pub(super) fn inject(html: &[u8], identity: Identity<'_>) -> Vec<u8> {
    let mut head = format!("<link rel=\"stylesheet\" href=\"{OWN}live.css\">\n");
    if identity.draft {
        head.push_str(&format!(
            "<link rel=\"stylesheet\" href=\"{OWN}draft.css\">\n"
        ));
    }
    let script = format!(
        "<script src=\"{OWN}live.js\" data-path=\"{}\" data-page=\"{}\" data-assets=\"{}\" defer></script>\n",
        escape(identity.path),
        escape(identity.digest),
        escape(identity.assets)
    );
    let end = find_last(html, b"</body>").unwrap_or(html.len());
    let start = find_first(&html[..end], b"</head>").unwrap_or(end);
    [
        &html[..start],
        head.as_bytes(),
        &html[start..end],
        script.as_bytes(),
        &html[end..],
    ]
    .concat()
}

fn find_first(html: &[u8], tag: &[u8]) -> Option<usize> {
    html.windows(tag.len())
        .position(|window| window.eq_ignore_ascii_case(tag))
}

fn find_last(html: &[u8], tag: &[u8]) -> Option<usize> {
    html.windows(tag.len())
        .rposition(|window| window.eq_ignore_ascii_case(tag))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_files() {
        for (address, path) in [
            ("/", "index.html"),
            ("/ossa/", "ossa/index.html"),
            ("/ossa/OSSA-2026-001.html", "ossa/OSSA-2026-001.html"),
            ("/a%20b.txt", "a b.txt"),
            ("/%2e%2e/%2e%2e/etc/passwd", "../../etc/passwd"),
            ("/%ff", "\u{fffd}"),
        ] {
            assert_eq!(file_path(address), path);
        }
        assert_eq!(
            parameter("a=1&path=%2Fossa%2Fx.html", "path").as_deref(),
            Some("/ossa/x.html")
        );
        assert_eq!(parameter("", "path"), None);
    }

    #[test]
    fn names_have_content_types() {
        for (path, name) in [
            ("index.html", "text/html; charset=utf-8"),
            ("ossa/x.json", "application/json"),
            ("feed.json", "application/feed+json"),
            ("feed.atom", "application/atom+xml; charset=utf-8"),
            ("site.webmanifest", "application/manifest+json"),
            ("unknown", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path), name);
        }
    }

    #[test]
    fn a_page_gets_stylesheet_and_script() {
        let identity = Identity {
            path: "a\"<.html",
            digest: "1",
            assets: "2",
            draft: false,
        };
        let inject = |html: &str, draft| {
            let html = inject(html.as_bytes(), Identity { draft, ..identity });
            String::from_utf8(html).expect("text")
        };
        let page = inject("<head></HEAD><body>&lt;/body></body></html>", true);
        assert_eq!(
            page,
            "<head><link rel=\"stylesheet\" href=\"/.vmt/live.css\">\n\
             <link rel=\"stylesheet\" href=\"/.vmt/draft.css\">\n</HEAD><body>&lt;/body>\
             <script src=\"/.vmt/live.js\" data-path=\"a&quot;&lt;.html\" data-page=\"1\" data-assets=\"2\" \
             defer></script>\n</body></html>"
        );
        let bare = inject("text", false);
        assert!(bare.starts_with("text<link") && bare.ends_with("</script>\n"));
        assert!(!bare.contains("draft.css"));
    }
}
