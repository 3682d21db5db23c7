//! Marks inside a line that mean something else in Markdown.

use super::Converter;

impl Converter {
    /// A paragraph as one line, with what would make it something else escaped.
    pub(super) fn text(&self, text: &str) -> String {
        // `text::` announces an indented block, which is fenced here.
        let text = match text.strip_suffix("::") {
            Some(text) if text.trim().is_empty() => return String::new(),
            Some(text) => format!("{}:", text.trim_end()),
            None => text.to_owned(),
        };
        let text = self.inline(&text);
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && matches!(text.as_bytes().get(digits), Some(b'.' | b')')) {
            return format!("{}\\{}", &text[..digits], &text[digits..]);
        }
        let block = text.starts_with(['#', '>', '+', '=', '-', '~', '|', '•'])
            || text.starts_with("* ")
            || (text.starts_with('[') && text.contains("]:"));
        if block { format!("\\{text}") } else { text }
    }

    /// Marks inside a line that mean something else in Markdown.
    pub(super) fn inline(&self, text: &str) -> String {
        let text = if self.wiki {
            wiki_inline(text)
        } else {
            text.to_owned()
        };
        names_with_underscores(&text)
    }
}

/// MediaWiki's quotes: `'''strong'''`, `''emphasis''`.
pub(super) fn wiki_inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("''") {
        let length = if rest[open..].starts_with("'''") {
            3
        } else {
            2
        };
        let mark = &"'''"[..length];
        let inner = open + length;
        let Some(close) = rest[inner..].find(mark).map(|at| inner + at) else {
            break;
        };
        let body = &rest[inner..close];
        out.push_str(&rest[..open]);
        let code = length == 2 && body.contains(['{', '/', '_', '=']) && !body.contains('`');
        let (before, after) = match (length, code) {
            (3, _) => ("**", "**"),
            (_, true) => ("`", "`"),
            (_, false) => ("*", "*"),
        };
        out.push_str(&format!("{before}{body}{after}"));
        rest = &rest[close + length..];
    }
    out.push_str(rest);
    out
}

/// `'_member_'` and `__init__` are names, not emphasis.
fn names_with_underscores(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut at = 0;
    let mut literal = false;
    while let Some(c) = text[at..].chars().next() {
        if c == '`' {
            literal = !literal;
        }
        let before = text[..at].chars().next_back();
        let starts =
            before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '\\' | '/' | '*')));
        if c == '_' && starts && !literal {
            let length = text[at..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(text.len() - at);
            let name = &text[at..at + length];
            let quoted = matches!(before, Some('\'' | '"'));
            let bounded = name.len() > 2 && name.ends_with('_');
            if bounded && (quoted || name.starts_with("__")) {
                out.push_str(&text[done..at]);
                out.push_str(&format!("`{name}`"));
                done = at + length;
            }
            at += length;
            continue;
        }
        at += c.len_utf8();
    }
    out.push_str(&text[done..]);
    out
}
