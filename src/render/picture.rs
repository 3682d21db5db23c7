//! Pictures drawn at build time, as inline SVG: the map of releases, and documents by year.
//!
//! A state is told by shape as well as colour; colours come from the stylesheet (`site/tokens.css`).
//! The tables and lists beside a picture say the same in text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::Kind;
use crate::prose::html::escape;
use crate::view::DocumentView;
use crate::view::map::{MapRow, Mark};
use crate::view::releases::line_label;

/// Distance of marks, in pixels, as are all lengths here.
const STEP: usize = 17;
/// Width of the column of labels: whole steps, so that a pattern of marks begins at its edge.
const LABELS: usize = 8 * STEP;
/// Distance of rows.
const ROW: usize = 24;
/// Marks in a row; further ones go on below, so that the map fits a telephone.
const PER_ROW: usize = 12;

/// Draws a row a line and a mark a release; empty without rows. The shapes come from [`shapes`],
/// which has to stand on the same page.
pub(super) fn release_map(rows: &[MapRow], title: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let height: usize = rows.iter().map(|row| lines_of(row) * ROW).sum();
    let longest = rows.iter().map(|row| row.releases.len().min(PER_ROW)).max();
    let width = LABELS + longest.unwrap_or(0) * STEP;
    let mut svg = format!(
        "<svg class=\"map\" role=\"img\" aria-label=\"{}\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">",
        escape(&summary(rows, title))
    );
    let mut top = 0;
    for row in rows {
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text>",
            top + 16,
            escape(&line_label(&row.line))
        );
        match row.all(Mark::Affected) {
            true => draw_alike(row, top, &mut svg),
            false => draw_each(row, top, &mut svg),
        }
        top += lines_of(row) * ROW;
    }
    svg.push_str("</svg>");
    svg
}

fn draw_each(row: &MapRow, top: usize, svg: &mut String) {
    for (at, release) in row.releases.iter().enumerate() {
        let (x, y) = (LABELS + at % PER_ROW * STEP, top + at / PER_ROW * ROW + 4);
        let _ = write!(
            svg,
            "<use href=\"#{}\" x=\"{x}\" y=\"{y}\"><title>{} of {}: {}</title></use>",
            id(release.mark),
            escape(&release.version),
            release.day,
            release.mark.name()
        );
    }
}

/// A line that is affected throughout needs one box a row, filled with a pattern of marks: twenty old
/// lines would else outweigh the page.
fn draw_alike(row: &MapRow, top: usize, svg: &mut String) {
    for (at, releases) in row.releases.chunks(PER_ROW).enumerate() {
        let _ = write!(
            svg,
            "<rect x=\"{LABELS}\" y=\"{}\" width=\"{}\" height=\"{ROW}\" fill=\"url(#affected-row)\"><title>{} to {}: affected</title></rect>",
            top + at * ROW,
            releases.len() * STEP,
            escape(releases.first().map_or("", |release| &release.version)),
            escape(releases.last().map_or("", |release| &release.version)),
        );
    }
}

fn lines_of(row: &MapRow) -> usize {
    row.releases.len().div_ceil(PER_ROW).max(1)
}

/// The shapes that maps on a page use, in a box of 14 by 14 each.
pub(super) fn shapes() -> String {
    let mut svg =
        String::from("<svg class=\"shapes\" aria-hidden=\"true\" width=\"0\" height=\"0\"><defs>");
    for mark in Mark::ALL {
        let shape = match mark {
            // A full square with a cross cut out of it.
            Mark::Affected => {
                "M0 0h13v13h-13zm2.5 4.2 2.3 2.3-2.3 2.3 1.7 1.7 2.3-2.3 2.3 2.3 1.7-1.7-2.3-2.3 2.3-2.3-1.7-1.7-2.3 2.3-2.3-2.3z"
            }
            // A full disc with a tick cut out of it.
            Mark::FirstFixed => {
                "M7 0a7 7 0 1 0 0 14a7 7 0 1 0 0-14zm-1.2 10.4-3-3 1.4-1.4 1.6 1.6 4-4 1.4 1.4z"
            }
            Mark::Fixed => "M7 2a5 5 0 1 0 0 10a5 5 0 1 0 0-10z",
            Mark::NotAffected => "M7 4.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5z",
            Mark::Unknown => "M7 1 13 12.5h-12z",
        };
        let _ = write!(
            svg,
            "<path id=\"{}\" class=\"mark\" d=\"{shape}\"/>",
            id(mark)
        );
    }
    let _ = write!(
        svg,
        "<pattern id=\"affected-row\" width=\"{STEP}\" height=\"{ROW}\" patternUnits=\"userSpaceOnUse\"><use href=\"#{}\" y=\"4\"/></pattern></defs></svg>",
        id(Mark::Affected)
    );
    svg
}

/// The shapes with their names, as they stand beside a map.
pub(super) fn legend() -> Vec<(String, &'static str)> {
    let shape = |mark: Mark| {
        format!(
            "<svg aria-hidden=\"true\" width=\"14\" height=\"14\" viewBox=\"0 0 14 14\"><use href=\"#{}\"/></svg>",
            id(mark)
        )
    };
    Mark::ALL.map(|mark| (shape(mark), mark.name())).into()
}

/// Name of a shape on the page.
fn id(mark: Mark) -> &'static str {
    match mark {
        Mark::Affected => "m-affected",
        Mark::FirstFixed => "m-first",
        Mark::Fixed => "m-fixed",
        Mark::NotAffected => "m-not",
        Mark::Unknown => "m-unknown",
    }
}

/// What the map shows, in words; the table beside it has the details.
fn summary(rows: &[MapRow], title: &str) -> String {
    let count = |mark: Mark| {
        rows.iter()
            .flat_map(|row| &row.releases)
            .filter(|release| release.mark == mark)
            .count()
    };
    let parts: Vec<String> = Mark::ALL
        .into_iter()
        .filter(|mark| count(*mark) > 0)
        .map(|mark| format!("{} {}", count(mark), mark.name()))
        .collect();
    format!("{title} on {} lines: {}", rows.len(), parts.join(", "))
}

/// How many documents a year had.
#[derive(Debug, Clone, Copy)]
pub(super) struct YearCount {
    year: i32,
    advisories: usize,
    notes: usize,
}

/// Counts documents by year, without gaps, the oldest year first.
pub(super) fn count_by_year<'a, 'd: 'a>(
    documents: impl Iterator<Item = &'a DocumentView<'d>>,
) -> Vec<YearCount> {
    let mut counts: BTreeMap<i32, YearCount> = BTreeMap::new();
    for document in documents {
        let Some(date) = document.date else { continue };
        let year = chrono::Datelike::year(&date);
        let count = counts.entry(year).or_insert(YearCount {
            year,
            advisories: 0,
            notes: 0,
        });
        match document.kind() {
            Kind::Advisory => count.advisories += 1,
            Kind::Note => count.notes += 1,
        }
    }
    let (Some(first), Some(last)) = (
        counts.keys().next().copied(),
        counts.keys().next_back().copied(),
    ) else {
        return Vec::new();
    };
    // A document dated by mistake must not draw a thousand empty years.
    let first = first.max(last - 40);
    (first..=last)
        .map(|year| {
            counts.get(&year).copied().unwrap_or(YearCount {
                year,
                advisories: 0,
                notes: 0,
            })
        })
        .collect()
}

/// Draws a column a year, advisories below and notes, hatched, above; empty without years.
pub(super) fn years(counts: &[YearCount], title: &str) -> String {
    const COLUMN: usize = 34;
    const HEIGHT: usize = 96;
    let most = counts
        .iter()
        .map(|count| count.advisories + count.notes)
        .max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return String::new();
    };
    // Two rows of columns where they would not fit a telephone are worse than narrow ones.
    let column = if counts.len() > 10 {
        340 / counts.len()
    } else {
        COLUMN
    };
    let width = column * counts.len();
    let scale = |count: usize| count * HEIGHT / most;
    let words: Vec<String> = counts
        .iter()
        .filter(|count| count.advisories + count.notes > 0)
        .map(|count| format!("{}: {}", count.year, said(count)))
        .collect();
    let mut svg = format!(
        "<svg class=\"years\" role=\"img\" aria-label=\"{}. {}\" width=\"{width}\" height=\"{}\" viewBox=\"0 0 {width} {}\">",
        escape(title),
        words.join("; "),
        HEIGHT + 36,
        HEIGHT + 36
    );
    for (at, count) in counts.iter().enumerate() {
        let x = at * column;
        let (advisories, notes) = (scale(count.advisories), scale(count.notes));
        let ground = HEIGHT + 16;
        let wide = column - 4;
        let _ = write!(svg, "<g><title>{}: {}</title>", count.year, said(count));
        if count.advisories > 0 {
            let _ = write!(
                svg,
                "<path class=\"adv\" d=\"M{} {ground}v-{}h{wide}v{}z\"/>",
                x + 2,
                advisories.max(2),
                advisories.max(2)
            );
        }
        if count.notes > 0 {
            let _ = write!(
                svg,
                "<path class=\"note\" d=\"M{} {}v-{}h{}v{}z\"/>",
                x + 3,
                ground - advisories,
                notes.max(2),
                wide - 2,
                notes.max(2)
            );
        }
        let total = count.advisories + count.notes;
        if total > 0 && column >= 15 {
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\" class=\"num\">{total}</text>",
                x + column / 2,
                (ground - advisories - notes).saturating_sub(4)
            );
        }
        // Narrow columns name every few years only.
        let every = (30 / column.max(1)).max(1);
        if at % every == 0 || at + 1 == counts.len() && at % every > every / 2 {
            let short = if column >= 30 {
                count.year.to_string()
            } else {
                format!("’{:02}", count.year % 100)
            };
            let _ = write!(
                svg,
                "<text x=\"{}\" y=\"{}\">{short}</text>",
                x + column / 2,
                ground + 16
            );
        }
        svg.push_str("</g>");
    }
    svg.push_str("</svg>");
    svg
}

fn said(count: &YearCount) -> String {
    let noun = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    match (count.advisories, count.notes) {
        (0, notes) => noun(notes, "note", "notes"),
        (advisories, 0) => noun(advisories, "advisory", "advisories"),
        (advisories, notes) => format!(
            "{} and {}",
            noun(advisories, "advisory", "advisories"),
            noun(notes, "note", "notes")
        ),
    }
}
