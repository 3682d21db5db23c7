//! Prose: Markdown and the reStructuredText habits of real authors, read into one form for page and
//! mail alike.
//!
//! The form has no raw HTML: what CommonMark takes for HTML stays the text that its author wrote
//! (`<IP address>` is not a tag), and links lead to `http`, `https` and `mailto` only. So there is
//! nothing to sanitize, and nothing is lost.

pub mod habits;
pub mod html;
pub mod link;
pub mod markdown;
pub mod page;
pub mod text;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::host::Url;

/// A block of prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading with its level, from 1.
    Heading(u8, Vec<Inline>),
    /// A list.
    List {
        /// First number of a numbered list.
        start: Option<u64>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
    /// Text to be shown as it is, without a final line break.
    Code {
        /// Language after the fence.
        language: Option<String>,
        /// The text.
        text: String,
    },
    /// A quotation.
    Quote(Vec<Block>),
    /// A table; only pages have them ([`page`]).
    Table {
        /// Cells of the head.
        head: Vec<Vec<Inline>>,
        /// Rows of cells.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A line across.
    Rule,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// A literal.
    Code(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// A link to an address that was checked.
    Link {
        /// Where it leads.
        url: String,
        /// What it says.
        content: Vec<Inline>,
    },
    /// A line break that the author asked for.
    Break,
}

/// Reads prose. Every text is prose; reading cannot fail.
pub fn parse(source: &str) -> Vec<Block> {
    let markdown = habits::to_markdown(source);
    build(Parser::new_ext(&markdown, Options::empty()), &|_| None)
}

/// Makes blocks of events. `near` says where a link leads that is no whole address.
fn build<'e>(events: impl Iterator<Item = Event<'e>>, near: &Near<'_>) -> Vec<Block> {
    let mut builder = Builder {
        stack: vec![Frame::default()],
        near,
    };
    for event in events {
        builder.take(event);
    }
    let mut root = builder.stack.swap_remove(0);
    root.flush();
    root.blocks
}

/// Says where a link leads that is no whole address, if anywhere.
type Near<'n> = dyn Fn(&str) -> Option<String> + 'n;

/// Returns the words of prose without any markup, for titles and descriptions.
pub fn plain(blocks: &[Block]) -> String {
    let mut words = Vec::new();
    for block in blocks {
        match block {
            Block::Paragraph(content) | Block::Heading(_, content) => {
                words.push(plain_inline(content));
            }
            Block::List { items, .. } => words.extend(items.iter().map(|item| plain(item))),
            Block::Quote(blocks) => words.push(plain(blocks)),
            Block::Table { head, rows } => {
                let cells = head.iter().chain(rows.iter().flatten());
                words.extend(cells.map(|cell| plain_inline(cell)));
            }
            Block::Code { text, .. } => words.push(text.clone()),
            Block::Rule => {}
        }
    }
    words
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

fn plain_inline(content: &[Inline]) -> String {
    content
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Emphasis(content) | Inline::Strong(content) | Inline::Link { content, .. } => {
                plain_inline(content)
            }
            Inline::Break => " ".into(),
        })
        .collect()
}

/// Returns an address when it may become a link.
pub fn safe_link(url: &str) -> Option<&str> {
    let url = url.trim();
    let sound = Url::parse(url).is_ok()
        || url.strip_prefix("mailto:").is_some_and(|rest| {
            rest.contains('@')
                && rest
                    .chars()
                    .all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"'))
        });
    sound.then_some(url)
}

/// What is being filled while events come in.
#[derive(Debug, Default)]
struct Frame {
    blocks: Vec<Block>,
    inline: Vec<Inline>,
    opened: Option<Opened>,
}

#[derive(Debug)]
enum Opened {
    Paragraph,
    Heading(u8),
    Quote,
    Table(Vec<Vec<Vec<Inline>>>),
    Row(Vec<Vec<Inline>>),
    Cell,
    List(Option<u64>, Vec<Vec<Block>>),
    Item,
    Code(Option<String>, String),
    Html(String),
    Emphasis,
    Strong,
    Link(String),
}

impl Frame {
    /// Loose inline content (of a tight list item) becomes a paragraph.
    fn flush(&mut self) {
        if !self.inline.is_empty() {
            let content = finish(std::mem::take(&mut self.inline));
            self.blocks.push(Block::Paragraph(content));
        }
    }
}

struct Builder<'n> {
    stack: Vec<Frame>,
    near: &'n Near<'n>,
}

impl Builder<'_> {
    fn top(&mut self) -> &mut Frame {
        let last = self.stack.len() - 1;
        &mut self.stack[last]
    }

    fn open(&mut self, opened: Opened) {
        self.stack.push(Frame {
            opened: Some(opened),
            ..Frame::default()
        });
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => self.top().inline.push(Inline::Code(code.into_string())),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.top().inline.push(Inline::Break),
            Event::Rule => {
                self.top().flush();
                self.top().blocks.push(Block::Rule);
            }
            // Extensions that are switched off.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        let frame = self.top();
        match &mut frame.opened {
            Some(Opened::Code(_, code) | Opened::Html(code)) => code.push_str(text),
            _ => frame.inline.push(Inline::Text(text.to_owned())),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        let opened = match tag {
            Tag::Paragraph => Opened::Paragraph,
            Tag::Heading { level, .. } => Opened::Heading(*level as u8),
            Tag::BlockQuote(_) => Opened::Quote,
            Tag::List(start) => Opened::List(*start, Vec::new()),
            Tag::Item => Opened::Item,
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split_whitespace().next().map(str::to_owned)
                    }
                    CodeBlockKind::Indented => None,
                };
                Opened::Code(language, String::new())
            }
            Tag::Table(_) => Opened::Table(Vec::new()),
            Tag::TableHead | Tag::TableRow => Opened::Row(Vec::new()),
            Tag::TableCell => Opened::Cell,
            Tag::HtmlBlock => Opened::Html(String::new()),
            Tag::Emphasis => Opened::Emphasis,
            Tag::Strong => Opened::Strong,
            // A picture would be a request to another host: its text remains, linked.
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => Opened::Link(format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                Opened::Link(dest_url.to_string())
            }
            _ => Opened::Paragraph,
        };
        let block = !matches!(opened, Opened::Emphasis | Opened::Strong | Opened::Link(_));
        if block {
            self.top().flush();
        }
        self.open(opened);
    }

    fn end(&mut self, _: TagEnd) {
        if self.stack.len() < 2 {
            return;
        }
        let Some(mut frame) = self.stack.pop() else {
            return;
        };
        let near = self.near;
        let parent = self.top();
        let content = std::mem::take(&mut frame.inline);
        match frame.opened.take() {
            Some(Opened::Emphasis) => parent.inline.push(Inline::Emphasis(content)),
            Some(Opened::Strong) => parent.inline.push(Inline::Strong(content)),
            Some(Opened::Link(url)) => {
                match safe_link(&url).map(str::to_owned).or_else(|| near(&url)) {
                    Some(url) => {
                        let content = if content.is_empty() {
                            vec![Inline::Text(url.clone())]
                        } else {
                            content
                        };
                        parent.inline.push(Inline::Link { url, content });
                    }
                    // Not a link that may be followed: show what was written.
                    None => {
                        parent.inline.extend(content);
                        parent.inline.push(Inline::Text(format!(" ({url})")));
                    }
                }
            }
            Some(Opened::Heading(level)) => {
                parent.blocks.push(Block::Heading(level, finish(content)));
            }
            Some(Opened::Paragraph) => parent.blocks.push(Block::Paragraph(finish(content))),
            Some(Opened::Code(language, text)) => {
                let text = text.trim_end_matches('\n').to_owned();
                parent.blocks.push(Block::Code { language, text });
            }
            // What a page leaves out leaves no paragraph.
            Some(Opened::Html(text)) if text.trim().is_empty() => {}
            Some(Opened::Html(text)) => {
                let text = text.trim_end().replace('\n', " ");
                parent
                    .blocks
                    .push(Block::Paragraph(finish(vec![Inline::Text(text)])));
            }
            Some(Opened::Item) => {
                frame.inline = content;
                frame.flush();
                if let Some(Opened::List(_, items)) = &mut parent.opened {
                    items.push(frame.blocks);
                }
            }
            Some(Opened::Cell) => {
                if let Some(Opened::Row(cells)) = &mut parent.opened {
                    cells.push(finish(content));
                }
            }
            Some(Opened::Row(cells)) => {
                if let Some(Opened::Table(rows)) = &mut parent.opened {
                    rows.push(cells);
                }
            }
            Some(Opened::Table(mut rows)) if !rows.is_empty() => {
                let head = rows.remove(0);
                parent.blocks.push(Block::Table { head, rows });
            }
            Some(Opened::Table(_)) => {}
            Some(Opened::List(start, items)) => parent.blocks.push(Block::List { start, items }),
            Some(Opened::Quote) => {
                frame.inline = content;
                frame.flush();
                parent.blocks.push(Block::Quote(frame.blocks));
            }
            None => {}
        }
    }
}

/// Joins neighbouring texts and turns bare addresses into links.
fn finish(content: Vec<Inline>) -> Vec<Inline> {
    let mut joined: Vec<Inline> = Vec::new();
    for inline in content {
        match (joined.last_mut(), inline) {
            (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
            (_, Inline::Emphasis(content)) => joined.push(Inline::Emphasis(finish(content))),
            (_, Inline::Strong(content)) => joined.push(Inline::Strong(finish(content))),
            (_, other) => joined.push(other),
        }
    }
    joined
        .into_iter()
        .flat_map(|inline| match inline {
            Inline::Text(text) => link_addresses(&text),
            other => vec![other],
        })
        .collect()
}

/// Cuts a text at the web addresses in it.
fn link_addresses(text: &str) -> Vec<Inline> {
    let mut pieces = Vec::new();
    let mut done = 0;
    for place in addresses_in(text) {
        if place.start > done {
            pieces.push(Inline::Text(text[done..place.start].to_owned()));
        }
        let url = text[place.clone()].to_owned();
        pieces.push(Inline::Link {
            content: vec![Inline::Text(url.clone())],
            url,
        });
        done = place.end;
    }
    if done < text.len() {
        pieces.push(Inline::Text(text[done..].to_owned()));
    }
    pieces
}

/// Returns the places of web addresses in a text; punctuation that ends a sentence is not part of one.
pub fn addresses_in(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("http").map(|at| from + at) {
        let rest = &text[at..];
        let scheme = ["https://", "http://"]
            .into_iter()
            .find(|scheme| rest.starts_with(scheme));
        let inside_word = text[..at].ends_with(|c: char| c.is_alphanumeric());
        let Some(scheme) = scheme.filter(|_| !inside_word) else {
            from = at + 4;
            continue;
        };
        let stop = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '|')
        };
        let end = rest.find(stop).unwrap_or(rest.len());
        let mut url = &rest[..end];
        loop {
            let shorter = url.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
            let open = |c| shorter.matches(c).count();
            let shorter = match shorter.chars().last() {
                Some(')') if open(')') > open('(') => &shorter[..shorter.len() - 1],
                Some(']') if open(']') > open('[') => &shorter[..shorter.len() - 1],
                _ => shorter,
            };
            if shorter.len() == url.len() {
                break;
            }
            url = shorter;
        }
        if url.len() > scheme.len() && Url::parse(url).is_ok() {
            found.push(at..at + url.len());
        }
        from = at + url.len().max(4);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_looks_like_html_is_lost() {
        assert_eq!(
            plain(&parse("Use <IP address or hostname> and <b>x</b>.")),
            "Use <IP address or hostname> and <b>x</b>."
        );
        assert_eq!(
            plain(&parse("<script>alert(1)</script>\n\nafter")),
            "<script>alert(1)</script> after"
        );
    }

    #[test]
    fn only_harmless_schemes_become_links() {
        let blocks = parse(
            "[x](javascript:alert(1)) [y](https://example.org) ![z](https://example.org/z.png)",
        );
        let Block::Paragraph(content) = &blocks[0] else {
            panic!("a paragraph")
        };
        let links: Vec<&str> = content
            .iter()
            .filter_map(|inline| match inline {
                Inline::Link { url, .. } => Some(url.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(links, ["https://example.org", "https://example.org/z.png"]);
        assert_eq!(plain(&blocks), "x (javascript:alert(1)) y z");
    }

    #[test]
    fn addresses_end_before_the_punctuation_of_the_sentence() {
        for (text, url) in [
            ("see https://a.org/x_y_z.", "https://a.org/x_y_z"),
            ("(https://a.org/b(c))", "https://a.org/b(c)"),
            ("https://a.org/?a=1&b=2, and", "https://a.org/?a=1&b=2"),
            ("**https://a.org/**", "https://a.org/"),
        ] {
            let found = addresses_in(text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(&text[found[0].clone()], url);
        }
        assert!(addresses_in("xhttps://a.org http: https://").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn every_visible_word_survives(words in proptest::collection::vec("[a-z]{1,9}", 1..30)) {
            let text = words.join(" ");
            proptest::prop_assert_eq!(plain(&parse(&text)), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(\\PC|\n){0,200}") {
            let blocks = parse(&text);
            let _ = (plain(&blocks), html::render(&blocks, 2), text::render(&blocks, 72));
        }
    }
}
