//! The announcement of a note, in the five sections that list readers and archives have known since
//! 2013. `vmt import ossn` reads it back into the same note.

use serde::Serialize;

use super::WIDTH;
use crate::config::Config;
use crate::host;
use crate::model::{Affected, NoteBody, ReviewGroup};
use crate::prose::Block;
use crate::prose::markdown::{Style, render};
use crate::prose::text::{self, one_line};
use crate::services;
use crate::view::DocumentView;

#[derive(Serialize)]
pub(super) struct Data {
    heading: String,
    rule: String,
    draft: bool,
    withdrawn: Option<String>,
    summary: String,
    services: String,
    versions: String,
    discussion: String,
    actions: String,
    patches: String,
    errata: String,
    history: String,
    credits: String,
    contacts: String,
}

/// Returns what the template of a note is filled with.
pub(super) fn data(document: &DocumentView<'_>, config: &Config) -> Data {
    let heading = text::wrap(&format!("{}: {}", document.id, document.title), WIDTH);
    let longest = heading
        .iter()
        .map(|line| unicode_width::UnicodeWidthStr::width(line.as_str()))
        .max();
    let prose = |blocks: &[Block]| render(blocks, WIDTH, Style::Mail);
    let section = |anchor: &str| {
        let found = document
            .content()
            .sections
            .iter()
            .find(|section| section.anchor == anchor);
        found
            .map(|section| prose(&section.blocks))
            .unwrap_or_default()
    };
    let model = document.document;
    let versions = versions(document, config);
    Data {
        rule: "=".repeat(longest.unwrap_or(0).max(3)),
        heading: heading.join("\n"),
        draft: document.draft,
        withdrawn: document.withdrawn.map(|day| day.to_string()),
        summary: section("summary"),
        services: prose(&document.content().services),
        versions,
        discussion: section("discussion"),
        actions: section("actions"),
        patches: model
            .reviews
            .iter()
            .map(patches)
            .collect::<Vec<_>>()
            .join("\n"),
        errata: prose(&document.content().errata),
        history: model
            .errata_history
            .iter()
            .map(|line| format!("* {}", one_line(&line.text.value)))
            .collect::<Vec<_>>()
            .join("\n"),
        credits: model
            .note()
            .map(|note| &note.credits)
            .into_iter()
            .flatten()
            .map(|credit| item(&one_line(&credit.value)))
            .collect::<Vec<_>>()
            .join("\n"),
        contacts: model
            .note()
            .map(|note| contacts(document, note, config))
            .unwrap_or_default(),
    }
}

/// The affected products, where they say more than the services do.
fn versions(document: &DocumentView<'_>, config: &Config) -> String {
    let model = document.document;
    let said: Vec<(String, String)> = model
        .note()
        .map(|note| services::of_note(note, config))
        .into_iter()
        .flatten()
        .filter(|service| service.known)
        .filter_map(|service| Some((service.product, service.version?)))
        .collect();
    let entry = |affected: &Affected| {
        (
            one_line(&affected.product.value),
            one_line(&affected.version.value),
        )
    };
    let listed: Vec<(String, String)> = model.affected.iter().map(entry).collect();
    if listed == said {
        return String::new();
    }
    listed
        .iter()
        .map(|(product, version)| item(&format!("{product}: {version}")))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `branch: address`, or the addresses below the branch.
fn patches(group: &ReviewGroup) -> String {
    let branch = one_line(&group.key.value);
    let urls: Vec<String> = group
        .reviews
        .iter()
        .map(|review| one_line(&review.link.text.value))
        .collect();
    match urls.as_slice() {
        [url] if branch.len() + 2 + url.len() <= WIDTH => format!("{branch}: {url}"),
        urls => {
            let items: Vec<String> = urls.iter().map(|url| format!("\n* {url}")).collect();
            format!("{branch}:{}", items.concat())
        }
    }
}

/// Authors, addresses and ids, a line each.
fn contacts(document: &DocumentView<'_>, note: &NoteBody, config: &Config) -> String {
    let mut lines: Vec<String> = Vec::new();
    for author in &note.authors {
        lines.extend(hanging(&format!("Author: {}", one_line(&author.value))));
    }
    if let Some(day) = document.date {
        lines.push(format!("Date: {day}"));
    }
    let described = |word: &str| {
        note.references
            .iter()
            .filter(move |reference| {
                let description = reference.description.as_ref();
                description.is_some_and(|text| text.value.to_lowercase().contains(word))
            })
            .map(|reference| reference.url.value.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let prefix = &config.note.prefix;
    let own = format!("this {}", prefix.to_lowercase());
    if described(&own).is_empty() {
        let address = format!("{}{}", config.base_url, document.path);
        lines.extend(labelled(&format!("This {prefix}"), &address));
    }
    let key = |url: &str| host::recognise(url).map_or_else(|| url.to_owned(), |found| found.key);
    let said: Vec<String> = described("bug").iter().map(|url| key(url)).collect();
    for issue in &document.document.issues {
        if !said.contains(&key(issue.url())) {
            lines.extend(labelled("Bug", &one_line(&issue.text.value)));
        }
    }
    for reference in &note.references {
        let url = one_line(&reference.url.value);
        let description = reference.description.as_ref();
        match description.map(|text| one_line(&text.value)) {
            Some(text) if text.contains(&url) => lines.extend(hanging(&text)),
            Some(text) if !text.is_empty() => lines.extend(labelled(&text, &url)),
            _ => {
                // Not below the label of the line before.
                if lines.last().is_some_and(|line| line.starts_with(' ')) {
                    lines.push(String::new());
                }
                lines.push(url);
            }
        }
    }
    let cves: Vec<String> = document
        .content()
        .vulnerabilities
        .iter()
        .map(|entry| {
            let id = entry.cve.as_deref().unwrap_or("pending");
            match &entry.note {
                Some(note) => format!("{id} ({note})"),
                None => id.to_owned(),
            }
        })
        .collect();
    let joined = format!("CVE: {}", cves.join(", "));
    let plain = joined.len() <= WIDTH && !joined.contains(['(', 'p']);
    if plain && !cves.is_empty() {
        lines.push(joined);
    } else {
        lines.extend(cves.iter().map(|cve| format!("CVE: {cve}")));
    }
    if let Some(url) = &config.team_url {
        lines.extend(labelled(&config.team, url));
    }
    lines.join("\n")
}

/// `Label : address`, or the address on a line of its own where that is too long.
fn labelled(label: &str, address: &str) -> Vec<String> {
    let line = format!("{label} : {address}");
    if line.len() <= WIDTH {
        return vec![line];
    }
    let mut lines = hanging(&format!("{label}:"));
    lines.push(format!("  {address}"));
    lines
}

/// A text whose further lines are indented.
fn hanging(text: &str) -> Vec<String> {
    let lines = text::wrap(text, WIDTH - 2);
    lines
        .into_iter()
        .enumerate()
        .map(|(at, line)| if at == 0 { line } else { format!("  {line}") })
        .collect()
}

fn item(text: &str) -> String {
    format!("* {}", text::wrap(text, WIDTH - 2).join("\n  "))
}
