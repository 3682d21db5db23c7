//! Prose of whole pages: plain Markdown with tables, links to other pages and names of headings.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Options, Parser};

use super::{Block, Inline, build};

/// Reads the Markdown of a page. Links between files (`guide.md#part`) become links between pages, and
/// comments are left out.
pub fn parse(source: &str) -> Vec<Block> {
    let events = Parser::new_ext(source, Options::ENABLE_TABLES);
    let is_comment = |event: &Event<'_>| matches!(event, Event::Html(text) if text.starts_with("<!--") && text.trim_end().ends_with("-->"));
    build(events.filter(|event| !is_comment(event)), &near)
}

/// Returns the links of a page to others, as they are written, in order.
pub fn links(source: &str) -> Vec<String> {
    Parser::new_ext(source, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        })
        .filter(|link| near(link).is_some())
        .collect()
}

/// Where a link leads that is no whole address: to a page or a file of the same site.
fn near(link: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '#');
    if link.is_empty() || link.starts_with("//") || !link.chars().all(plain) {
        return None;
    }
    let (path, part) = match link.split_once('#') {
        Some((path, part)) => (path, Some(part)),
        None => (link, None),
    };
    let path = match path.strip_suffix(".md") {
        Some(stem) => match stem.strip_suffix("README") {
            Some(folder) => format!("{folder}index.html"),
            None => format!("{stem}.html"),
        },
        None => path.to_owned(),
    };
    Some(match part {
        Some(part) => format!("{path}#{part}"),
        None => path,
    })
}

/// Names of the headings of a page, each one's own.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    used: BTreeMap<String, u32>,
}

impl Anchors {
    /// The name of the next heading: its words in lower case, joined by hyphens.
    pub(super) fn next(&mut self, content: &[Inline]) -> String {
        let words = super::plain_inline(content).to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let mut name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        // A name begins with a letter, so that style sheets can speak of it.
        if !name.starts_with(char::is_alphabetic) {
            name.insert_str(0, "at-");
        }
        let times = self.used.entry(name.clone()).or_default();
        *times += 1;
        match *times {
            1 => name,
            more => format!("{name}-{}", more - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::html::render_page;
    use super::*;

    #[test]
    fn a_page_has_tables_links_and_names() {
        let html = render_page(&parse(
            "<!-- made -->\n\n## One `part`\n\n[other](guide.md#a-b), [all](README.md), [up](../x.html)\n\n\
             | a | |\n|---|---|\n| `b\\|c` | <i> |\n\n## One part\n",
        ));
        insta::assert_snapshot!(html, @r#"
        <h2 id="one-part">One <code>part</code></h2>
        <p><a href="guide.html#a-b">other</a>, <a href="index.html">all</a>, <a href="../x.html">up</a></p>
        <div class="scroll" tabindex="0"><table>
        <thead><tr><th scope="col">a</th><td></td></tr></thead>
        <tbody>
        <tr><td><code>b|c</code></td><td>&lt;i&gt;</td></tr>
        </tbody>
        </table></div>
        <h2 id="one-part-1">One part</h2>
        "#);
    }

    #[test]
    fn a_link_leads_nowhere_harmful() {
        for link in [
            "javascript:alert(1)",
            "//evil.example",
            "data:text/html,x",
            "a b",
            "x\"y",
            "\\\\evil",
        ] {
            assert_eq!(near(link), None, "{link}");
        }
        let html = render_page(&parse("[x](javascript:alert(1)) <img src=x> <!-- a --> b"));
        assert!(!html.contains("href") && !html.contains("<img"), "{html}");
    }
}
