//! A note as YAML, in the order of the field table and in one form.

use super::note::Note;
use crate::tree::yaml::quote;

/// Writes a note.
pub(super) fn write(note: &Note) -> String {
    let mut out = String::from("# yaml-language-server: $schema=../schema/note.json\n");
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("id: {}", note.id));
    line(field("title", &note.title));
    line(format!("date: {}", note.date));
    line(field("affected-services", &note.services));
    if !note.products.is_empty() {
        line("affected-products:".into());
        for (product, version) in &note.products {
            line(format!("  - product: {}", scalar(product)));
            line(format!("    version: {}", scalar(version)));
        }
    }
    line(block("summary", &note.summary));
    line(block("discussion", &note.discussion));
    line(block("recommended-actions", &note.actions));
    if !note.cves.is_empty() {
        line("vulnerabilities:".into());
        for (id, remark) in &note.cves {
            line(format!("  - cve-id: {}", scalar(id)));
            if let Some(remark) = remark {
                line(format!("    note: {}", scalar(remark)));
            }
        }
    }
    if !note.issues.is_empty() {
        line("issues:\n  links:".into());
        for url in &note.issues {
            line(format!("    - {}", scalar(url)));
        }
    }
    if !note.reviews.is_empty() {
        line("reviews:".into());
        for (branch, urls) in &note.reviews {
            line(format!("  {}:", scalar(branch)));
            for url in urls {
                line(format!("    - {}", scalar(url)));
            }
        }
    }
    if !note.credits.is_empty() {
        line(list("credits", &note.credits));
    }
    if !note.links.is_empty() {
        line("references:\n  links:".into());
        for link in &note.links {
            match &link.description {
                Some(description) => {
                    line(format!("    - description: {}", scalar(description)));
                    line(format!("      url: {}", scalar(&link.url)));
                }
                None => line(format!("    - url: {}", scalar(&link.url))),
            }
        }
    }
    match note.authors.as_slice() {
        [] => {}
        [author] => line(format!("author: {}", scalar(author))),
        authors => line(list("author", authors)),
    }
    if let Some(errata) = &note.errata {
        line(block("errata", errata));
    }
    if !note.history.is_empty() {
        line(list("errata_history", &note.history));
    }
    if let Some(day) = &note.withdrawn {
        line(format!("withdrawn: {day}"));
    }
    out
}

fn list(name: &str, items: &[String]) -> String {
    let mut out = format!("{name}:");
    for item in items {
        out.push_str(&format!("\n  - {}", scalar(item)));
    }
    out
}

/// A text on the line of its field where it has one line, a block otherwise.
fn field(name: &str, text: &str) -> String {
    if text.contains('\n') || text.starts_with("- ") {
        block(name, text)
    } else {
        format!("{name}: {}", scalar(text))
    }
}

/// A text below its field, as it is.
fn block(name: &str, text: &str) -> String {
    // A block holds printable characters only, and its first line shows the indent.
    let sound = !text.starts_with([' ', '\n'])
        && !text.trim().is_empty()
        && text.chars().all(|c| c == '\n' || is_printable(c));
    if !sound {
        return format!("{name}: {}", escaped(text));
    }
    let mut out = format!("{name}: |");
    for line in text.trim_end_matches('\n').split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str("  ");
            out.push_str(line);
        }
    }
    out
}

/// A text on one line.
fn scalar(text: &str) -> String {
    let one_line = !text.contains('\n') && text.chars().all(is_printable) && text.trim() == text;
    if one_line && !text.is_empty() {
        quote(text)
    } else {
        escaped(text)
    }
}

/// Whether YAML takes a character as it is (YAML 1.2.2, section 5.1), a line break aside.
fn is_printable(c: char) -> bool {
    let breaks = matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    !c.is_control() && !breaks && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// A text between double quotes, whatever it holds.
fn escaped(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::references::Link;
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::FileId;
    use crate::document;
    use crate::model::Kind;

    fn texts() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::strategy::Strategy as _;
        "\\PC{1,30}|[-:#|>'\"a-z0-9 \\[\\]{},&*!%@`.~\n\t\u{0}\u{7f}\u{85}\u{feff}\u{2028}]{1,40}|yes|~|2026.1|2014-01-01"
            .prop_filter("a text", |text| !text.trim().is_empty())
    }

    proptest::proptest! {
        /// What is written reads back as the same values, with no finding.
        #[test]
        fn what_is_written_reads_back(texts in proptest::collection::vec(texts(), 9)) {
            let text = |at: usize| texts[at].clone();
            let note = Note {
                id: "OSSN-0001".into(),
                title: text(0),
                date: "2014-08-11".into(),
                services: text(1),
                products: vec![("nova".into(), text(2))],
                summary: text(3),
                discussion: text(4),
                actions: text(5),
                cves: vec![("CVE-2026-12345".into(), Some(text(6)))],
                credits: vec![text(7)],
                links: vec![Link { description: Some(text(8)), url: "https://example.org/".into() }],
                authors: vec![text(6), text(7)],
                errata: Some(text(0)),
                ..Note::default()
            };
            let yaml = write(&note);
            let (config, _) = Config::parse(FileId(0), "");
            let (document, problems) = document::read(FileId(0), &yaml, Some(Kind::Note), &config);
            proptest::prop_assert!(problems.is_empty(), "{problems:?}\n{yaml}");
            let document = document.expect("a document");
            let body = document.note().expect("a note");
            let trimmed = |text: &str| text.trim_end_matches('\n').to_owned();
            let same = |one: &str, other: &str| trimmed(one) == trimmed(other);
            proptest::prop_assert!(same(&document.title.value, &texts[0]), "{yaml}");
            proptest::prop_assert!(same(&body.services[0].value, &texts[1]), "{yaml}");
            proptest::prop_assert!(same(&document.affected[0].version.value, &texts[2]), "{yaml}");
            proptest::prop_assert!(same(&body.summary.value, &texts[3]), "{yaml}");
            proptest::prop_assert!(same(&body.discussion.value, &texts[4]), "{yaml}");
            proptest::prop_assert!(same(&body.actions.value, &texts[5]), "{yaml}");
            let remark = document.vulnerabilities[0].note.as_ref().expect("a note");
            proptest::prop_assert!(same(&remark.value, &texts[6]), "{yaml}");
            proptest::prop_assert!(same(&body.credits[0].value, &texts[7]), "{yaml}");
            let description = body.references[0].description.as_ref().expect("a text");
            proptest::prop_assert!(same(&description.value, &texts[8]), "{yaml}");
            proptest::prop_assert!(same(&body.authors[1].value, &texts[7]), "{yaml}");
        }
    }
}
