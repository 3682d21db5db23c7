//! The announcement of an advisory.

use serde::Serialize;

use super::{
    Section, WIDTH, address, affected, bullets, credits, labelled, references, releases, sections,
};
use crate::config::Config;
use crate::prose::text;
use crate::view::DocumentView;

#[derive(Serialize)]
pub(super) struct Data {
    id: String,
    title: String,
    heading: String,
    rule: String,
    date: String,
    cve: String,
    draft: bool,
    withdrawn: Option<String>,
    affected: String,
    releases: String,
    sections: Vec<Section>,
    errata: String,
    patches: Vec<Patches>,
    credits: String,
    references: String,
    notes: String,
    history: String,
    address: String,
    team: String,
    team_url: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Patches {
    branch: String,
    urls: Vec<String>,
}

/// Returns what the template of an advisory is filled with.
pub(super) fn data(document: &DocumentView<'_>, config: &Config) -> Data {
    let title = format!("{}: {}", document.id, document.title);
    let heading = text::wrap(&title, WIDTH);
    let longest = heading
        .iter()
        .map(|line| unicode_width::UnicodeWidthStr::width(line.as_str()))
        .max();
    let cves: Vec<&str> = document
        .content()
        .vulnerabilities
        .iter()
        .map(|entry| entry.cve.as_deref().unwrap_or("pending"))
        .collect();
    Data {
        id: document.id.clone(),
        title: document.title.clone(),
        rule: "=".repeat(longest.unwrap_or(0)),
        heading: heading.join("\n"),
        date: document.date.map(|day| day.to_string()).unwrap_or_default(),
        cve: labelled("CVE", &cves.join(", ")),
        draft: document.draft,
        withdrawn: document.withdrawn.map(|day| day.to_string()),
        affected: affected(document),
        releases: releases(&document.content().releases),
        sections: sections(document),
        errata: text::render(&document.content().errata, WIDTH),
        patches: document
            .content()
            .patches
            .iter()
            .map(|patches| Patches {
                branch: [
                    Some(patches.branch.clone()),
                    patches.product.clone(),
                    patches.remark.clone(),
                ]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", "),
                urls: patches.changes.iter().map(address).collect(),
            })
            .collect(),
        credits: credits(document),
        references: references(document),
        notes: document
            .content()
            .notes
            .iter()
            .map(|note| {
                let item = crate::prose::Block::List {
                    start: None,
                    items: vec![note.clone()],
                };
                text::render(&[item], WIDTH)
            })
            .collect::<Vec<_>>()
            .join("\n"),
        history: bullets(document.history().iter().map(|line| match line.day {
            Some(day) => format!("{day}: {}", line.label),
            None => line.label.clone(),
        })),
        address: format!("{}{}", config.base_url, document.path),
        team: config.team.clone(),
        team_url: config.team_url.clone(),
    }
}
