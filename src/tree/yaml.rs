//! YAML text to a positioned tree; the only user of the YAML crates.
//!
//! Reads the part of YAML that documents need and refuses the rest with a place: tags, anchors,
//! aliases, merge keys, several documents in a file, keys that are not text. Refusing aliases also
//! ends the attack in which a few lines expand to gigabytes.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, options};

use super::{Key, Node, Scalar, Style, Value};
use crate::diagnostic::{Code, Diagnostic, Example, FileId, Severity, Span};

/// Deepest nesting of a document; a real one reaches 5.
const MAX_DEPTH: usize = 32;

/// Text that is not YAML.
pub static YAML_SYNTAX: Code = Code {
    id: "yaml-syntax",
    severity: Severity::Error,
    summary: "the file is not valid YAML",
    explanation: "The YAML parser stopped at the place named; what follows it was not read. Frequent \
        causes: a colon followed by a space inside an unquoted text, a tab used for indentation, a \
        quote that is never closed, an item of a list that is indented differently from its \
        neighbours.",
    since: None,
    example: Some(Example::file(
        "id: OSSA-2026-900\ntitle: Nova: a colon too many\n",
        "id: OSSA-2026-900\ntitle: 'Nova: a colon too many'\n",
    )),
};

/// A key that stands twice in one mapping.
pub static DUPLICATE_KEY: Code = Code {
    id: "duplicate-key",
    severity: Severity::Error,
    summary: "a key stands twice in one mapping",
    explanation: "YAML forbids it, and readers differ in which value they take: one of the two would \
        be lost in silence. Join both into one.",
    since: None,
    example: Some(Example::advisory(
        "issues:\n  links: [https://launchpad.net/bugs/1000001]\n  links: [https://launchpad.net/bugs/1000002]\n",
        "issues:\n  links: [https://launchpad.net/bugs/1000001, https://launchpad.net/bugs/1000002]\n",
    )),
};

/// A feature of YAML that documents do not use.
pub static UNSUPPORTED_YAML: Code = Code {
    id: "unsupported-yaml",
    severity: Severity::Error,
    summary: "tags, anchors, aliases, merge keys and several documents in a file are not read",
    explanation: "Tags, anchors, aliases and merge keys mean different things to different readers, \
        and aliases can make a small file expand without bound. Write the value out. A file holds \
        one document; what follows a second `---` belongs in a file of its own.",
    since: None,
    example: Some(Example::advisory(
        "title: &name Nova example flaw\n",
        "title: Nova example flaw\n",
    )),
};

/// Nesting beyond the limit.
pub static NESTED_TOO_DEEP: Code = Code {
    id: "nested-too-deep",
    severity: Severity::Error,
    summary: "values are nested more than 32 deep",
    explanation: "No document needs more than five levels. Deeper nesting is a slip with brackets, or \
        an attempt to exhaust the reader.",
    since: None,
    example: None,
};

/// A document that is not a mapping.
pub static NOT_A_MAPPING: Code = Code {
    id: "not-a-mapping",
    severity: Severity::Error,
    summary: "the file holds no mapping of field names to values",
    explanation: "A document is a mapping of field names to values at its top. An empty file, a list \
        or a lone text is none. `vmt new advisory` writes a filled template.",
    since: None,
    example: Some(Example::file(
        "- id: OSSA-2026-900\n",
        "id: OSSA-2026-900\n",
    )),
};

/// The codes of this module.
pub static CODES: &[&Code] = &[
    &YAML_SYNTAX,
    &DUPLICATE_KEY,
    &UNSUPPORTED_YAML,
    &NESTED_TOO_DEEP,
    &NOT_A_MAPPING,
];

/// Parses a file. The tree is `None` where there is none to speak of; the problems say why. Never
/// fails otherwise, and never panics.
pub fn parse(file: FileId, text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut builder = Builder {
        file,
        text,
        problems: Vec::new(),
    };
    let root = builder.read();
    let root = root.filter(|node| match node.value {
        Value::Map(_) => true,
        _ => {
            let span = Span::new(
                file,
                node.span.range().start..first_line_end(text, node.span),
            );
            let found = node.kind();
            builder.problems.push(
                NOT_A_MAPPING.at(span, format!("expected a mapping of fields, found {found}")),
            );
            false
        }
    });
    (root, builder.problems)
}

/// Writes a text as a YAML scalar on one line that every reader takes for a text: plain where that is
/// safe, else in single quotes, else in double ones.
pub fn quote(text: &str) -> String {
    let written = serialise(text);
    let simple = !text.contains(['\'', '\n']) && !text.chars().any(char::is_control);
    if written.starts_with('"') && simple {
        format!("'{text}'")
    } else {
        written
    }
}

fn serialise(text: &str) -> String {
    serde_yaml::to_string(&text).map_or_else(
        |_| format!("{text:?}"),
        |written| {
            let written = written.trim_end().trim_start_matches("--- ");
            if written.contains('\n') {
                format!("{text:?}")
            } else {
                written.to_owned()
            }
        },
    )
}

fn first_line_end(text: &str, span: Span) -> usize {
    let start = span.range().start.min(text.len());
    text[start..]
        .find('\n')
        .map_or(text.len(), |length| start + length)
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    problems: Vec<Diagnostic>,
}

/// A collection that is being filled.
enum Open {
    List {
        start: usize,
        items: Vec<Node>,
    },
    Map {
        start: usize,
        entries: Vec<(Key, Node)>,
        key: Option<Option<Key>>,
        seen: Seen,
    },
}

/// Finds the keys of a mapping again: most have so few that looking through them is quickest.
#[derive(Default)]
struct Seen(HashMap<String, Span>);

impl Seen {
    const FEW: usize = 24;

    /// Returns where a key stands among the entries that there are.
    fn find(&mut self, name: &str, entries: &[(Key, Node)]) -> Option<Span> {
        if entries.len() <= Seen::FEW {
            let mut keys = entries.iter().map(|(key, _)| key);
            return keys.find(|key| key.name == name).map(|key| key.span);
        }
        let new = entries[self.0.len()..].iter();
        self.0
            .extend(new.map(|(key, _)| (key.name.clone(), key.span)));
        self.0.get(name).copied()
    }
}

impl Builder<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    fn read(&mut self) -> Option<Node> {
        let text = self.text;
        let settings = options! {
            emit_comments: false,
            emit_unresolved_aliases: true,
            flow_nesting_limit: MAX_DEPTH * 2,
            block_nesting_limit: MAX_DEPTH * 2,
        };
        let mut parser = Parser::new_from_str_with_options(text, settings);
        let mut stack: Vec<Open> = Vec::new();
        let mut root = None;
        let mut documents = 0usize;
        while let Some(next) = parser.next_event() {
            let (event, at) = match next {
                Ok(found) => found,
                Err(error) => {
                    let offset = error.marker().byte_offset().unwrap_or(0).min(text.len());
                    self.syntax_error(offset, &error.info());
                    return None;
                }
            };
            let range = at.byte_range().unwrap_or(0..0);
            let here = self.span(range.clone());
            self.refuse_properties(&event, here);
            let finished = match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents == 2 {
                        self.problems
                            .push(UNSUPPORTED_YAML.at(here, "a second document in one file"));
                        return root;
                    }
                    None
                }
                Event::Scalar(value, style, ..) => Some(scalar(value.into_owned(), style, here)),
                Event::SequenceStart(..) => {
                    stack.push(Open::List {
                        start: range.start,
                        items: Vec::new(),
                    });
                    None
                }
                Event::MappingStart(..) => {
                    stack.push(Open::Map {
                        start: range.start,
                        entries: Vec::new(),
                        key: None,
                        seen: Seen::default(),
                    });
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    stack.pop().map(|open| self.close(open, range.end))
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => Some(Node {
                    span: here,
                    value: Value::Null,
                }),
                _ => None,
            };
            if stack.len() > MAX_DEPTH {
                let message = format!("values are nested more than {MAX_DEPTH} deep here");
                self.problems.push(NESTED_TOO_DEEP.at(here, message));
                return None;
            }
            if let Some(node) = finished {
                match stack.last_mut() {
                    None => root = Some(node),
                    Some(open) => self.put(open, node),
                }
            }
        }
        if root.is_none() && self.problems.is_empty() {
            root = Some(Node {
                span: self.span(0..0),
                value: Value::Null,
            });
        }
        root
    }

    /// Adds a finished node to the collection around it.
    fn put(&mut self, open: &mut Open, node: Node) {
        match open {
            Open::List { items, .. } => items.push(node),
            Open::Map {
                entries,
                key: slot,
                seen,
                ..
            } => match slot.take() {
                None => *slot = Some(self.key(node, entries, seen)),
                Some(Some(key)) => entries.push((key, node)),
                Some(None) => {}
            },
        }
    }

    /// Turns a node into a key, or says why it is none.
    fn key(&mut self, node: Node, entries: &[(Key, Node)], seen: &mut Seen) -> Option<Key> {
        let Value::Scalar(scalar) = node.value else {
            self.problems
                .push(UNSUPPORTED_YAML.at(node.span, "a key that is not a text"));
            return None;
        };
        if scalar.value == "<<" && scalar.style == Style::Plain {
            self.problems
                .push(UNSUPPORTED_YAML.at(node.span, "a merge key `<<`"));
            return None;
        }
        if let Some(first) = seen.find(&scalar.value, entries) {
            self.problems.push(
                DUPLICATE_KEY
                    .at(
                        node.span,
                        format!("the key `{}` stands twice", scalar.value),
                    )
                    .related(first, "first written here")
                    .help("join the two values into one"),
            );
            return None;
        }
        Some(Key {
            name: scalar.value,
            span: node.span,
        })
    }

    fn close(&self, open: Open, end: usize) -> Node {
        // A block collection "ends" where the next token starts; its text ends with its last value.
        let tight = |start: usize, last: Option<&Node>| match last {
            Some(node) if !self.text[..end].ends_with([']', '}']) => {
                node.span.range().end.max(start)
            }
            _ => end.max(start),
        };
        match open {
            Open::List { start, items } => {
                let end = tight(start, items.last());
                Node {
                    span: self.span(start..end),
                    value: Value::List(items),
                }
            }
            Open::Map { start, entries, .. } => {
                let end = tight(start, entries.last().map(|(_, node)| node));
                Node {
                    span: self.span(start..end),
                    value: Value::Map(entries),
                }
            }
        }
    }

    fn refuse_properties(&mut self, event: &Event<'_>, span: Span) {
        let what = match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => "an alias",
            _ if event.tag().is_some() => "a tag",
            _ if event.is_node() && event.anchor_id().unwrap_or(0) != 0 => "an anchor",
            _ => return,
        };
        self.problems.push(
            UNSUPPORTED_YAML
                .at(span, format!("{what} is not read here"))
                .help("write the value out"),
        );
    }

    fn syntax_error(&mut self, offset: usize, message: &str) {
        let line_start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let tab_before = self.text[line_start..].starts_with([' ', '\t'])
            && self.text[line_start..]
                .chars()
                .take_while(|c| c.is_whitespace())
                .any(|c| c == '\t');
        let width = self.text[offset..].chars().next().map_or(0, char::len_utf8);
        let tab = self.text[offset..]
            .find('\t')
            .filter(|_| message.contains("tab"));
        let start = tab.map_or(offset, |ahead| offset + ahead);
        // At the end of the file the place is behind it. A tab has one byte, whatever stands at the offset.
        let shown = if tab.is_some() { 1 } else { width.max(1) };
        let mut problem = YAML_SYNTAX.at(self.span(start..start + shown), message);
        if tab_before || message.contains("tab") {
            problem = problem.help("YAML is indented with spaces; replace the tab");
        } else if message.contains("':'") || message.contains("mapping values") {
            problem = problem.help("put the text in quotes when it holds a colon and a space");
        }
        if message.contains("nesting") || message.contains("recursion") {
            problem = NESTED_TOO_DEEP.at(
                self.span(offset..offset + width),
                format!("values are nested more than {MAX_DEPTH} deep here"),
            );
        }
        self.problems.push(problem);
    }
}

fn scalar(value: String, style: ScalarStyle, span: Span) -> Node {
    let style = match style {
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
        ScalarStyle::Plain => Style::Plain,
    };
    let empty = style == Style::Plain
        && (span.start == span.end || matches!(value.as_str(), "~" | "null" | "Null" | "NULL"));
    let value = if empty {
        Value::Null
    } else {
        Value::Scalar(Scalar { value, style })
    };
    Node { span, value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
        parse(FileId(0), text)
    }

    fn value(text: &str, key: &str) -> String {
        let (tree, problems) = parse_text(text);
        assert!(problems.is_empty(), "{problems:?}");
        tree.and_then(|root| root.get(key).and_then(Node::text).map(str::to_owned))
            .expect("a text")
    }

    /// The code of the only problem, and the text that it points at.
    #[track_caller]
    fn problem(text: &str) -> (&'static str, String) {
        let (_, problems) = parse_text(text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let at = text.get(problems[0].span.range()).unwrap_or_default();
        (problems[0].code.id, at.to_owned())
    }

    #[test]
    fn the_place_of_a_tab_is_the_tab() {
        let text = "a: b\né\té: {\n\té\n";
        for cut in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut builder = Builder {
                file: FileId(0),
                text,
                problems: Vec::new(),
            };
            builder.syntax_error(cut, "tabs disallowed here");
            let range = builder.problems[0].span.range();
            let shown = text.get(range.clone());
            assert!(range.start == text.len() || shown.is_some(), "{range:?}");
        }
    }

    #[test]
    fn scalars_stay_text() {
        for text in [
            "2026.1",
            "2013.10",
            "no",
            "off",
            "010",
            "0x1F",
            "12:30:45",
            "2026-01-02",
            "1e3",
        ] {
            assert_eq!(value(&format!("a: {text}\n"), "a"), text);
        }
    }

    #[test]
    fn traps_point_at_their_place() {
        assert_eq!(problem("a: 1\nb: 2\na: 3\n"), ("duplicate-key", "a".into()));
        for (first, many) in [(0, 100), (23, 24), (24, 25), (99, 100)] {
            let keys: String = (0..many).map(|at| format!("k{at}: 1\n")).collect();
            assert!(parse_text(&keys).1.is_empty(), "{many} keys");
            let key = format!("k{first}");
            let twice = format!("{keys}{key}: 2\n");
            assert_eq!(problem(&twice), ("duplicate-key", key));
        }
        assert_eq!(problem("a: !!str x\n"), ("unsupported-yaml", "x".into()));
        assert_eq!(problem("a: &n x\n"), ("unsupported-yaml", "x".into()));
        assert_eq!(problem("a: *n\n"), ("unsupported-yaml", "*n".into()));
        assert_eq!(problem("<<: x\n"), ("unsupported-yaml", "<<".into()));
        assert_eq!(problem("[1]: x\n"), ("unsupported-yaml", "[1]".into()));
        assert_eq!(
            problem("a: b\n---\nc: d\n"),
            ("unsupported-yaml", "---".into())
        );
        assert_eq!(problem("a: 1\n\tb: 2\n"), ("yaml-syntax", "\t".into()));
        assert_eq!(problem("a: b: c\n"), ("yaml-syntax", ":".into()));
        assert_eq!(problem("- a\n- b\n"), ("not-a-mapping", "- a".into()));
        assert_eq!(problem(""), ("not-a-mapping", String::new()));
        assert_eq!(problem("# only a comment\n").0, "not-a-mapping");
        assert_eq!(problem("a: 'open\n").0, "yaml-syntax");
        assert_eq!(
            problem(&format!("a: {}", "[".repeat(10_000))).0,
            "nested-too-deep"
        );
        assert_eq!(
            problem(&format!("a: {}x", "- ".repeat(10_000))).0,
            "yaml-syntax"
        );
    }

    #[test]
    fn an_expanding_file_is_refused_and_not_expanded() {
        let mut text = String::from("a0: &a0 [x, x]\n");
        for at in 1..40 {
            text += &format!("a{at}: &a{at} [*a{}, *a{}]\n", at - 1, at - 1);
        }
        let (_, problems) = parse_text(&text);
        assert!(
            problems
                .iter()
                .all(|problem| problem.code.id == "unsupported-yaml")
        );
        assert_eq!(problems.len(), 40 + 39 * 2);
    }

    #[test]
    fn line_endings_and_byte_order_marks_change_no_value() {
        assert_eq!(value("\u{feff}a: b\r\nc: d\r\n", "c"), "d");
        assert_eq!(value("a: |\r\n  x\r\n  y\r\n", "a"), "x\ny\n");
    }

    #[test]
    fn quoted_texts_read_back_as_themselves() {
        for text in [
            "Plain words",
            "a: b",
            "no",
            "2026.1",
            "it's",
            "\"x\"",
            "# no",
            "- x",
            "é",
            "~",
            "",
        ] {
            assert_eq!(
                value(&format!("a: {}\n", quote(text)), "a"),
                text,
                "{}",
                quote(text)
            );
        }
    }
}
