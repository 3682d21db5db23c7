//! Every rule's examples: the bad one reports exactly that rule, the good one nothing.

use std::collections::BTreeSet;

use vmt::diagnostic::{Code, Example, Sample};
use vmt::lint;
use vmt::workspace::{Include, Workspace};

use crate::env::{TestEnv, pinned};

/// A sound advisory; an example's fields replace those of the same name.
const ADVISORY: &str = "\
id: OSSA-2026-900
date: 2026-03-03
title: Nova example flaw
description: |
  A Name from An Org reported a flaw in Nova. All deployments are
  affected.
affected-products:
  - product: nova
    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1'
vulnerabilities:
  - cve-id: CVE-2026-12345
reporters:
  - name: A Name
    affiliation: An Org
    reported: [CVE-2026-12345]
issues:
  links:
    - https://launchpad.net/bugs/1000001
reviews:
  2026.1/gazpacho:
    - https://review.opendev.org/c/openstack/nova/+/1000001
  2025.2/flamingo:
    - https://review.opendev.org/c/openstack/nova/+/1000002
  2025.1/epoxy:
    - https://review.opendev.org/c/openstack/nova/+/1000003
  2024.2/dalmatian:
    - https://review.opendev.org/c/openstack/nova/+/1000004
";

/// A sound note.
const NOTE: &str = "\
id: OSSN-0900
title: Nova example setting needs a restart
date: 2026-03-03
affected-services: |
  - nova (<30.2.2)
summary: |
  A setting of Nova is read once at start.
discussion: |
  A deployment that changes it goes on with the former value.
recommended-actions: |
  Restart the service after a change.
references:
  links:
    - description: Configuration guide
      url: https://docs.openstack.org/nova/latest/
author: A Name, An Org
";

/// Replaces the top-level fields of a document by those of an example.
fn overlay(base: &str, fields: &str) -> String {
    let blocks = |text: &str| -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for line in text.lines() {
            let key = line
                .split(':')
                .next()
                .filter(|key| !key.is_empty() && !line.starts_with([' ', '-', '#']));
            match (key, found.last_mut()) {
                (Some(key), _) => found.push((key.into(), format!("{line}\n"))),
                (None, Some((_, block))) => block.push_str(&format!("{line}\n")),
                (None, None) => found.push((String::new(), format!("{line}\n"))),
            }
        }
        found
    };
    let new = blocks(fields);
    let mut text = String::new();
    for (key, block) in blocks(base) {
        // A field without a value takes the base's field away.
        let replaced = new.iter().any(|(name, _)| *name == key);
        if !replaced {
            text.push_str(&block);
        }
    }
    for (_, block) in new {
        text.push_str(&block);
    }
    text
}

/// Runs a sample and returns the ids that it reports.
fn reported(example: &Example, text: &str, beside: Option<&str>) -> BTreeSet<&'static str> {
    let env = TestEnv::workspace();
    match example.sample {
        Sample::Advisory => {
            drop(env.write("advisories/OSSA-2026-900.yaml", overlay(ADVISORY, text)));
        }
        Sample::Note => drop(env.write("notes/OSSN-0900.yaml", overlay(NOTE, text))),
        Sample::File => drop(env.write("advisories/OSSA-2026-900.yaml", text)),
        Sample::Config => drop(env.write("vmt.toml", text)),
    }
    if let Some(lock) = example.lock {
        env.write("releases.lock", lock);
    }
    if let Some(fields) = beside {
        let text = overlay(ADVISORY, fields);
        let id = text
            .lines()
            .find_map(|line| line.strip_prefix("id: "))
            .expect("an id");
        env.write(&format!("advisories/{id}.yml"), &text);
    }
    let workspace = Workspace::open(env.path(), Include::Public, &[]).expect("a workspace");
    let today = crate::env::NOW[..10].parse().expect("a day");
    lint::check(&workspace, today)
        .iter()
        .map(|finding| finding.code.id)
        .collect()
}

#[test]
fn examples_report_exactly_their_rule() {
    let mut wrong = Vec::new();
    for code in lint::all_codes() {
        let Some(example) = &code.example else {
            continue;
        };
        // A piece of a file lacks fields, which is not what the example is about.
        let ignored = if example.sample == Sample::File {
            Some("missing-field")
        } else {
            None
        };
        let bad: Vec<_> = reported(example, example.bad, example.beside)
            .into_iter()
            .filter(|id| Some(*id) != ignored || *id == code.id)
            .collect();
        if bad != [code.id] {
            wrong.push(format!("{}: the bad example reports {bad:?}", code.id));
        }
        let good = reported(example, example.good, None);
        if example.sample != Sample::File && !good.is_empty() || good.contains(code.id) {
            wrong.push(format!("{}: the good example reports {good:?}", code.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn codes_are_named_and_explained_well() {
    let codes = lint::all_codes();
    let ids: BTreeSet<&str> = codes.iter().map(|code| code.id).collect();
    assert_eq!(ids.len(), codes.len(), "two rules share an id");
    assert!(lint::RULES.len() >= 35, "rules got lost");
    for Code {
        id,
        summary,
        explanation,
        since,
        ..
    } in codes
    {
        assert!(
            id.chars()
                .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()),
            "{id}"
        );
        assert!(
            !summary.ends_with('.') && summary.len() <= 100,
            "{id}: {summary}"
        );
        assert!(
            explanation.len() >= 60 && explanation.trim_end().ends_with('.'),
            "{id}"
        );
        assert!(!explanation.contains("  "), "{id}: two blanks in a row");
        assert!(
            since.is_none_or(|day| day.parse::<chrono::NaiveDate>().is_ok()),
            "{id}"
        );
    }
}

#[test]
fn the_reference_of_rules_is_up_to_date() {
    pinned(
        "docs/rules.md",
        &vmt::lint::reference::page(&lint::all_codes()),
    );
}
