//! Pieces of plain text that become links, for instance the ids of other documents.

use std::ops::Range;

use super::{Block, Inline};

/// Finds the pieces of a text that become links, and the addresses that they lead to.
pub type Finder<'a> = dyn Fn(&str) -> Vec<(Range<usize>, String)> + 'a;

/// Turns pieces of plain text into links. `find` gets each run of text and returns the pieces with
/// the addresses that they lead to, in order, without overlap. Literals and links stay as they are.
pub fn add(blocks: &[Block], find: &Finder<'_>) -> Vec<Block> {
    let inside = |content: &[Inline]| add_inline(content, find);
    let one = |block: &Block| match block {
        Block::Paragraph(content) => Block::Paragraph(inside(content)),
        Block::Heading(level, content) => Block::Heading(*level, inside(content)),
        Block::List { start, items } => Block::List {
            start: *start,
            items: items.iter().map(|item| add(item, find)).collect(),
        },
        Block::Quote(blocks) => Block::Quote(add(blocks, find)),
        Block::Code { .. } | Block::Table { .. } | Block::Rule => block.clone(),
    };
    blocks.iter().map(one).collect()
}

fn add_inline(content: &[Inline], find: &Finder<'_>) -> Vec<Inline> {
    let mut out = Vec::with_capacity(content.len());
    for inline in content {
        match inline {
            Inline::Text(text) => add_text(text, find, &mut out),
            Inline::Emphasis(content) => out.push(Inline::Emphasis(add_inline(content, find))),
            Inline::Strong(content) => out.push(Inline::Strong(add_inline(content, find))),
            other => out.push(other.clone()),
        }
    }
    out
}

fn add_text(text: &str, find: &Finder<'_>, out: &mut Vec<Inline>) {
    let mut done = 0;
    for (place, url) in find(text) {
        let (Some(before), Some(piece)) = (text.get(done..place.start), text.get(place.clone()))
        else {
            continue;
        };
        if !before.is_empty() {
            out.push(Inline::Text(before.to_owned()));
        }
        out.push(Inline::Link {
            url,
            content: vec![Inline::Text(piece.to_owned())],
        });
        done = place.end;
    }
    if done < text.len() {
        out.push(Inline::Text(text[done..].to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::{html, parse};

    #[test]
    fn only_plain_text_becomes_a_link() {
        let blocks = parse(
            "See X1, `X1` and **X1** or [X1](https://example.org/).\n\n- X1\n\n```\nX1\n```\n",
        );
        let find = |text: &str| {
            let pieces = text.match_indices("X1");
            pieces
                .map(|(at, piece)| (at..at + piece.len(), "../x/1.html".to_owned()))
                .collect()
        };
        let shown = html::render(&add(&blocks, &find), 2);
        assert_eq!(
            shown.matches("<a href=\"../x/1.html\">X1</a>").count(),
            3,
            "{shown}"
        );
        assert_eq!(shown.matches("<a ").count(), 4, "{shown}");
    }
}
