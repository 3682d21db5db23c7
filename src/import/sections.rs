//! Cuts a legacy text into title and sections. Knows headings, and nothing of what stands below them.

use std::ops::Range;

use super::verbatim::fence;
use super::{Entry, Line};

/// What a section is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Summary,
    Services,
    Discussion,
    Actions,
    Credits,
    Contacts,
    Patches,
    Errata,
    History,
    Other,
}

impl Role {
    /// Whether the section is one that legacy notes have.
    pub(super) fn is_known(self) -> bool {
        matches!(
            self,
            Role::Summary | Role::Services | Role::Discussion | Role::Actions | Role::Contacts
        )
    }

    /// Whether its heading says nothing that the field does not say.
    fn is_field(self) -> bool {
        !matches!(self, Role::Patches | Role::History | Role::Other)
    }
}

/// A section.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) role: Role,
    /// Text of its heading.
    pub(super) title: &'a str,
    /// Where that starts.
    pub(super) start: usize,
    /// Level of its heading, 0 for that of the known sections.
    pub(super) level: u8,
    pub(super) body: Vec<Entry<'a>>,
}

/// A text in its parts.
#[derive(Debug, Default)]
pub(super) struct Split<'a> {
    pub(super) title: Vec<Line<'a>>,
    /// What stands between title and first section.
    pub(super) preamble: Vec<Entry<'a>>,
    pub(super) sections: Vec<Section<'a>>,
    /// Headings are those of MediaWiki, and so is the rest.
    pub(super) wiki: bool,
    /// Headings that fields stand for.
    pub(super) markup: Vec<Range<usize>>,
}

/// A line that is a heading.
struct Heading<'a> {
    level: u8,
    title: &'a str,
    start: usize,
    /// Number of the last line of it.
    last: usize,
}

/// Cuts a text. Every text has parts; a text that is no note has no known section.
pub(super) fn split(text: &str) -> Split<'_> {
    let lines = lines_of(text);
    let texts: Vec<&str> = lines.iter().map(|line| line.text).collect();
    let wiki = texts
        .iter()
        .any(|line| wiki_heading(line).is_some_and(|(_, title)| role_of(title) != Role::Other));
    let mut split = Split {
        wiki,
        ..Split::default()
    };
    let mut found: Vec<(Option<Heading<'_>>, Vec<Line<'_>>)> = vec![(None, Vec::new())];
    let mut seen: Vec<Role> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if let Some(fence) = fence(|ahead| texts.get(at + ahead).copied()) {
            if let Some((_, body)) = found.last_mut() {
                body.extend(&lines[at..=at + fence.end]);
            }
            at += fence.end + 1;
            continue;
        }
        // The title comes before everything: a heading there is the title.
        match heading(&lines, at, wiki, &seen) {
            Some(heading) => {
                seen.push(role_of(heading.title));
                at = heading.last + 1;
                found.push((Some(heading), Vec::new()));
            }
            None => {
                if let Some((_, body)) = found.last_mut() {
                    body.push(lines[at]);
                }
                at += 1;
            }
        }
    }
    let known: Vec<u8> = found
        .iter()
        .filter_map(|(heading, _)| heading.as_ref())
        .filter(|heading| role_of(heading.title).is_known())
        .map(|heading| heading.level)
        .collect();
    let base = known.iter().min().copied().unwrap_or(3);
    for (heading, body) in found {
        match heading {
            None => title_of(body, &mut split),
            Some(heading) => place(heading, body, base, &mut split),
        }
    }
    split
}

fn place<'a>(heading: Heading<'a>, body: Vec<Line<'a>>, base: u8, split: &mut Split<'a>) {
    let lines = body.into_iter().map(Entry::Line);
    let role = role_of(heading.title);
    let level = heading.level.saturating_sub(base);
    // `= Title =` above everything.
    if split.title.is_empty() && split.sections.is_empty() && !role.is_field() {
        split.title.push(Line {
            text: heading.title,
            start: heading.start,
        });
        split.preamble.extend(lines);
        return;
    }
    let below = level > 0 || heading.level < base;
    match split.sections.last_mut() {
        // A heading inside a section; `#### Credits` is a section all the same.
        Some(last) if below && level > 0 && !(role.is_field() && role != Role::Other) => {
            last.body
                .push(Entry::Heading(level, heading.title, heading.start));
            last.body.extend(lines);
        }
        _ => {
            if role.is_field() {
                split
                    .markup
                    .push(heading.start..heading.start + heading.title.len());
            }
            split.sections.push(Section {
                role,
                title: heading.title,
                start: heading.start,
                level: 0,
                body: lines.collect(),
            });
        }
    }
}

/// The title is what stands before the first rule, or the first paragraph.
fn title_of<'a>(body: Vec<Line<'a>>, split: &mut Split<'a>) {
    let mut lines = body.into_iter().peekable();
    while lines
        .next_if(|line| line.is_blank() || is_rule(line.text))
        .is_some()
    {}
    while let Some(line) = lines.next_if(|line| !line.is_blank() && !is_rule(line.text)) {
        // `# Title`, `**Title**`: one mark for all that stands above the sections.
        let marks: &[char] = match line.text.trim_start().chars().next() {
            Some('#') => &['#', ' '],
            Some('*') => &['*', ' '],
            Some('=') => &['=', ' '],
            _ => &[' ', '\t'],
        };
        let text = line.text.trim().trim_matches(marks);
        let start = line.start + (text.as_ptr() as usize - line.text.as_ptr() as usize);
        split.title.push(Line { text, start });
    }
    let rest = lines.filter(|line| !is_rule(line.text)).map(Entry::Line);
    split.preamble.extend(rest);
}

fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let mark = if start == 0 && line.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        found.push(Line {
            text: line[mark..].trim_end(),
            start: start + mark,
        });
        start += line.len();
    }
    found
}

/// Whether a line is nothing but a rule.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3
        && ["-", "=", "~", "_"].iter().any(|sign| {
            line.trim_matches(sign.chars().next().unwrap_or('-'))
                .is_empty()
        })
}

fn heading<'a>(lines: &[Line<'a>], at: usize, wiki: bool, seen: &[Role]) -> Option<Heading<'a>> {
    let line = lines[at];
    let found = |level: u8, title: &'a str, last: usize| Heading {
        level,
        title,
        start: title.as_ptr() as usize - line.text.as_ptr() as usize + line.start,
        last,
    };
    if let Some((level, title, closed)) = number_sign_heading(line.text) {
        // `# text` alone is a comment, or an item of a MediaWiki list.
        let alone = level == 1 && !closed && role_of(title) == Role::Other;
        return (!alone).then(|| found(level, title, at));
    }
    if wiki && let Some((level, title)) = wiki_heading(line.text) {
        return Some(found(level, title, at));
    }
    let before = at == 0 || lines[at - 1].is_blank();
    let text = line.text.trim().trim_matches(['*', '_', ':', ' ']);
    let role = role_of(text);
    if !before || text.is_empty() || role == Role::Other {
        return None;
    }
    let below = lines.get(at + 1).map(|line| line.text).unwrap_or_default();
    if is_rule(below) {
        return Some(found(3, text, at + 1));
    }
    // A heading that lost its marks. One that was there already is a label, or a word.
    let unmistakable = text.contains('/') || text.split_whitespace().count() > 1;
    let marked = text.len() < line.text.trim().len() && role != Role::Contacts;
    let alone = below.trim().is_empty() || marked;
    let plain = role.is_known() && !seen.contains(&role) && !line.text.starts_with(' ');
    (plain && (unmistakable || alone)).then(|| found(3, text, at))
}

/// Reads `### Title ###`, with the closing marks or without, however many, with or without blanks.
fn number_sign_heading(line: &str) -> Option<(u8, &str, bool)> {
    let text = line.trim_start();
    if line.len() - text.len() > 3 {
        return None;
    }
    let level = text.len() - text.trim_start_matches('#').len();
    let rest = &text[level..];
    let title = rest.trim_end_matches('#').trim();
    let closed = rest.len() > rest.trim_end_matches('#').len();
    let spaced = rest.starts_with(char::is_whitespace) || (closed && level > 1);
    let sound = level >= 1 && spaced && title.chars().any(char::is_alphanumeric);
    let level = u8::try_from(level).unwrap_or(u8::MAX);
    sound.then_some((level, title, closed))
}

/// Reads `== Title ==`.
fn wiki_heading(line: &str) -> Option<(u8, &str)> {
    let text = line.trim();
    let level = text.len() - text.trim_start_matches('=').len();
    let inner = text
        .get(level..)?
        .strip_suffix("=".repeat(level.max(1)).as_str())?;
    let title = inner.trim();
    let sound = (1..=6).contains(&level)
        && !title.is_empty()
        && !title.starts_with('=')
        && !title.ends_with('=')
        && inner.starts_with(' ');
    sound.then_some((u8::try_from(level).unwrap_or(6), title))
}

/// Returns what a section with a heading is for.
pub(super) fn role_of(title: &str) -> Role {
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["summary" | "abstract"] => Role::Summary,
        ["affected"] => Role::Services,
        [
            "affected",
            "service" | "services" | "software" | "product" | "products" | "versions"
            | "components" | "projects" | "systems",
            rest @ ..,
        ] if rest.len() <= 3 => Role::Services,
        ["discussion" | "description"] => Role::Discussion,
        [
            "recommended" | "recommend" | "recomended",
            "action" | "actions",
        ]
        | ["recommendation" | "recommendations"]
        | ["recommended", "action", "s"] => Role::Actions,
        ["credit" | "credits" | "acknowledgement" | "acknowledgements" | "acknowledgments"] => {
            Role::Credits
        }
        ["contact" | "contacts" | "reference" | "references"]
        | ["contact" | "contacts", "reference" | "references"]
        | ["contact" | "contacts", "and", "reference" | "references"] => Role::Contacts,
        ["patches"] => Role::Patches,
        ["errata" | "erratum"] => Role::Errata,
        ["history"] => Role::History,
        _ => Role::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let split = split(text);
        let mut out = format!(
            "{}{}\n",
            if split.wiki { "wiki " } else { "" },
            split
                .title
                .iter()
                .map(|line| line.text)
                .collect::<Vec<_>>()
                .join("|")
        );
        let entries = |entries: &[Entry<'_>]| {
            entries
                .iter()
                .filter_map(|entry| match entry {
                    Entry::Line(line) if line.is_blank() => None,
                    Entry::Line(line) => Some(line.text.to_owned()),
                    Entry::Heading(level, title, start) => {
                        assert!(text[*start..].starts_with(title));
                        Some(format!("<{level} {title}>"))
                    }
                })
                .collect::<Vec<_>>()
                .join("|")
        };
        if !split.preamble.is_empty() {
            out += format!("preamble {}", entries(&split.preamble)).trim();
            out += "\n";
        }
        for section in &split.sections {
            assert!(text[section.start..].starts_with(section.title));
            out += &format!("{:?} {}\n", section.role, entries(&section.body));
        }
        out
    }

    #[test]
    fn headings_of_every_kind_cut_a_text() {
        insta::assert_snapshot!(shown("A title over\ntwo lines\n---\n\n### Summary###\na\n\nAffected Services / Software\nNova\n\n###\u{a0}Discussion ###\n# no heading\n~~~\n### Summary ###\n~~~\n#### Sub ####\nb\n##### Deep\n### Recommended Action ###\nc\n### Other words ###\nd\n### Discussion ###\ne\n#. no\n#### Credits ####\nf\n### Contacts / References ###\ng"), @"
        A title over|two lines
        preamble
        Summary a
        Services Nova
        Discussion # no heading|~~~|### Summary ###|~~~|<1 Sub>|b|<2 Deep>
        Actions c
        Other d
        Discussion e|#. no
        Credits f
        Contacts g
        ");
        insta::assert_snapshot!(shown("# OSSN-0001: A title\n\n**Summary**\na\n\nAffected services:\nNova\n\nDiscussion:\n\nb\n\nReferences:\nc"), @"
        OSSN-0001: A title
        preamble
        Summary a
        Services Nova
        Discussion b|References:|c
        ");
        insta::assert_snapshot!(shown("= OSSN-0001: A title =\n\n== Summary ==\na\n# item\n=== Sub ===\nb\n== Contacts / References ==\nc"), @"
        wiki OSSN-0001: A title
        preamble
        Summary a|# item|<1 Sub>|b
        Contacts c
        ");
        insta::assert_snapshot!(shown("Title\n=====\n\nWords before.\n\nSummary\n-------\na\n\nDiscussion\n\nb\n\nDiscussion\n\nc"), @"
        Title
        preamble Words before.
        Summary a
        Discussion b|Discussion|c
        ");
    }
}
