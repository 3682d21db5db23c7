//! For people: the source line with the place underlined, as rustc shows it.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Colour, Report};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::prose::text::harmless;

/// Longest line that is shown; a longer one is cut around the place.
const MAX_SHOWN_BYTES: usize = 4_000;

/// Renders every finding, then one line that counts them.
pub(super) fn render(report: &Report<'_>) -> String {
    let renderer = match report.colour {
        Colour::Ansi => Renderer::styled(),
        Colour::Plain => Renderer::plain(),
    };
    let renderer = renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(report.width.max(60));
    let mut out = String::new();
    for finding in report.findings {
        out.push_str(&render_one(report, finding, &renderer));
        out.push_str("\n\n");
    }
    out.push_str(&summary(report));
    out
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Advice => Level::NOTE.with_name("advice"),
    }
}

fn render_one(report: &Report<'_>, finding: &Diagnostic, renderer: &Renderer) -> String {
    let message = harmless(&finding.message);
    let help = finding.help.as_deref().map(harmless);
    let shown: Vec<Shown> = std::iter::once((finding.span, None, true))
        .chain(
            finding
                .related
                .iter()
                .map(|related| (related.span, Some(related.message.as_str()), false)),
        )
        .map(|(span, label, primary)| Shown::new(report, span, label, primary))
        .collect();
    let title = level(finding.severity)
        .primary_title(message.as_str())
        .id(finding.code.id);
    let mut group = Group::with_title(title);
    for place in &shown {
        group = group.element(place.snippet());
    }
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let rendered = renderer.render(&[group]).to_string();
    // Colours are ours; everything else in the text was made harmless piece by piece.
    rendered
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A piece of a file around a place.
struct Shown {
    text: String,
    path: String,
    line: usize,
    place: Range<usize>,
    label: Option<String>,
    primary: bool,
}

impl Shown {
    fn new(report: &Report<'_>, span: Span, label: Option<&str>, primary: bool) -> Shown {
        let file = report.sources.file(span.file);
        let text = &file.text;
        let start = floor(text, span.range().start);
        let first = text[..start].rfind('\n').map_or(0, |at| at + 1);
        // Of a place that spans lines, the first is shown: the rest can be pages.
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |length| start + length);
        let from = floor(text, first.max(start.saturating_sub(MAX_SHOWN_BYTES / 2)));
        let to = floor(text, line_end.min(start + MAX_SHOWN_BYTES / 2));
        let end = floor(text, span.range().end.clamp(start, to.max(start)));
        let line = text[from..to].trim_end_matches('\r');
        let place = start - from..(end - from).min(line.len()).max(start - from);
        // A replacement of another length would move the place: three bytes stand for each.
        let (shown, place) = same_place(line, place);
        Shown {
            text: shown,
            path: harmless(&file.path.to_string_lossy()),
            line: file.position(first).line,
            place,
            label: label.map(harmless),
            primary,
        }
    }

    fn snippet(&self) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
        let kind = if self.primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let annotation = kind.span(self.place.clone()).label(self.label.as_deref());
        Snippet::source(self.text.as_str())
            .line_start(self.line)
            .path(self.path.as_str())
            .annotation(annotation)
    }
}

/// Makes a line harmless and moves the place with it.
fn same_place(line: &str, place: Range<usize>) -> (String, Range<usize>) {
    let (before, rest) = line.split_at(place.start.min(line.len()));
    let (inside, after) = rest.split_at((place.end - place.start).min(rest.len()));
    let (before, inside, after) = (harmless(before), harmless(inside), harmless(after));
    let place = before.len()..before.len() + inside.len();
    (before + &inside + &after, place)
}

/// The nearest character boundary at or below an offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn summary(report: &Report<'_>) -> String {
    let count = |severity, one: &str, many: &str| match report.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let found: Vec<String> = [
        count(Severity::Error, "error", "errors"),
        count(Severity::Warning, "warning", "warnings"),
        count(Severity::Advice, "piece of advice", "pieces of advice"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let documents = match report.documents {
        1 => "1 document".to_owned(),
        number => format!("{number} documents"),
    };
    let fixable = report
        .findings
        .iter()
        .filter(|finding| finding.fix.is_some())
        .count();
    let fix = if fixable > 0 {
        format!("; `vmt check --fix` mends {fixable}")
    } else {
        String::new()
    };
    match found.is_empty() {
        true => format!("checked {documents}: no findings\n"),
        false => format!("checked {documents}: {}{fix}\n", found.join(", ")),
    }
}
