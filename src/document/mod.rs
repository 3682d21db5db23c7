//! Documents: the field tables of advisories and notes, and trees into typed documents.
//!
//! Reading never fails: `(Option<Document>, Vec<Diagnostic>)`. A document is `None` only where the
//! file holds no mapping at all. Knows no other document.

mod advisory;
mod fields;
mod note;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, FileId};
use crate::model::{
    Affected, Branch, Cve, Document, Embargo, Id, Impact, Kind, Link, Patch, Reporter, Review,
    ReviewDetails, ReviewGroup, Revision, Text, Vulnerability, Waiver,
};
use crate::shape::read::{date, entries, items, required, some, text, text_of, texts};
use crate::shape::{self, Table};
use crate::tree::{Key, Node, Style, Value, yaml};

/// Returns the fields of a kind of document.
pub fn table(kind: Kind) -> &'static Table {
    match kind {
        Kind::Advisory => &advisory::ADVISORY,
        Kind::Note => &note::NOTE,
    }
}

/// Reads a file as a document. `kind` is known where the folder says it; otherwise the id or the
/// fields decide.
pub fn read(
    file: FileId,
    source: &str,
    kind: Option<Kind>,
    config: &Config,
) -> (Option<Document>, Vec<Diagnostic>) {
    let (tree, mut problems) = yaml::parse(file, source);
    let Some(root) = tree else {
        return (None, problems);
    };
    let kind = kind.unwrap_or_else(|| kind_of(&root, config));
    problems.extend(shape::check(&root, table(kind)));
    problems.sort_by_key(|problem| problem.span.start);
    (Some(decode(file, &root, kind)), problems)
}

/// The kind that a tree is: by the prefix of its id, or by a field that only notes have.
fn kind_of(root: &Node, config: &Config) -> Kind {
    let id = root.get("id").and_then(Node::text).unwrap_or_default();
    let prefixed = |prefix: &str| id.split('-').next() == Some(prefix);
    if prefixed(&config.note.prefix) {
        return Kind::Note;
    }
    if prefixed(&config.advisory.prefix) {
        return Kind::Advisory;
    }
    let only_notes = ["affected-services", "discussion", "recommended-actions"];
    if only_notes.iter().any(|field| root.get(field).is_some()) {
        Kind::Note
    } else {
        Kind::Advisory
    }
}

fn decode(file: FileId, root: &Node, kind: Kind) -> Document {
    let id_text = required(root, "id");
    Document {
        file,
        kind,
        id: Id::parse(id_text.value.trim()),
        id_text,
        date: crate::model::Date::read(required(root, "date")),
        title: required(root, "title"),
        affected: items(root, "affected-products")
            .into_iter()
            .map(decode_affected)
            .collect(),
        vulnerabilities: items(root, "vulnerabilities")
            .into_iter()
            .map(decode_vulnerability)
            .collect(),
        reporters: items(root, "reporters")
            .into_iter()
            .map(decode_reporter)
            .collect(),
        issues: root
            .get("issues")
            .map(|issues| {
                texts(issues, "links")
                    .into_iter()
                    .map(|text| Link { text })
                    .collect()
            })
            .unwrap_or_default(),
        reviews: some(entries(root, "reviews").iter().map(decode_group)),
        how_to_check: text(root, "how-to-check"),
        errata: text(root, "errata"),
        errata_history: texts(root, "errata_history")
            .into_iter()
            .map(Revision::read)
            .collect(),
        embargo: root
            .get("embargo")
            .filter(|node| !node.is_null())
            .map(|node| Box::new(decode_embargo(node))),
        withdrawn: date(root, "withdrawn"),
        waivers: items(root, "waivers")
            .into_iter()
            .map(|node| Waiver {
                rule: required(node, "rule"),
                reason: required(node, "reason"),
            })
            .collect(),
        body: match kind {
            Kind::Advisory => advisory::decode(root),
            Kind::Note => note::decode(root),
        },
    }
}

fn decode_affected(node: &Node) -> Affected {
    Affected {
        product: required(node, "product"),
        version: required(node, "version"),
    }
}

fn decode_vulnerability(node: &Node) -> Vulnerability {
    let written = text(node, "cve-id");
    let impact = node.get("impact-assessment").map(|impact| {
        let part = |field: &str| impact.get("assessment").and_then(|node| text(node, field));
        Box::new(Impact {
            source: text(impact, "source"),
            rating: text(impact, "rating"),
            system: part("type"),
            score: part("score"),
            vector: part("detail"),
        })
    });
    Vulnerability {
        span: node.span,
        cve: written
            .as_ref()
            .map_or(Cve::Pending, |text| Cve::read(&text.value)),
        text: written,
        cvss: text(node, "cvss"),
        score: text(node, "score"),
        cwe: texts(node, "cwe"),
        note: text(node, "note"),
        impact,
        classification: node
            .get("classification")
            .and_then(|node| text(node, "detail"))
            .map(Box::new),
    }
}

fn decode_reporter(node: &Node) -> Reporter {
    Reporter {
        name: required(node, "name"),
        affiliation: text(node, "affiliation"),
        reported: texts(node, "reported"),
    }
}

fn decode_group((key, node): &(Key, Node)) -> Option<ReviewGroup> {
    // Old documents say `type: gerrit` beside the branches.
    if key.name == fields::LEGACY_TYPE {
        return None;
    }
    let reviews = match &node.value {
        Value::List(items) => some(items.iter().map(decode_review)),
        _ => decode_review(node).into_iter().collect(),
    };
    let key = Text {
        value: key.name.clone(),
        span: key.span,
        style: Style::Plain,
    };
    Some(ReviewGroup {
        branch: Branch::read(&key.value),
        key,
        reviews,
    })
}

fn decode_review(node: &Node) -> Option<Review> {
    let is_map = matches!(node.value, Value::Map(_));
    let written = match is_map {
        true => required(node, "url"),
        false => text_of(node)?,
    };
    let details = || ReviewDetails {
        product: text(node, "product"),
        commit: text(node, "commit"),
        change_id: text(node, "change-id"),
        requires: texts(node, "requires"),
        with: texts(node, "with"),
        errata: text(node, "errata"),
        sha256: text(node, "sha256"),
    };
    Some(Review {
        link: Link { text: written },
        more: is_map.then(|| Box::new(details())),
    })
}

fn decode_embargo(node: &Node) -> Embargo {
    Embargo {
        received: date(node, "received"),
        notice: date(node, "notice"),
        disclosure: text(node, "disclosure"),
        reviewers: texts(node, "reviewers"),
        patches: node
            .get("patches")
            .map(|node| match &node.value {
                Value::List(items) => some(items.iter().map(decode_patch)),
                _ => Vec::new(),
            })
            .unwrap_or_default(),
        deploy_early: text(node, "deploy-before-disclosure"),
        terms: text(node, "terms"),
        updates: texts(node, "updates")
            .into_iter()
            .map(Revision::read)
            .collect(),
    }
}

fn decode_patch(node: &Node) -> Option<Patch> {
    Some(Patch {
        file: match &node.value {
            Value::Map(_) => required(node, "file"),
            _ => text_of(node)?,
        },
        product: text(node, "product"),
        branch: text(node, "branch"),
        requires: texts(node, "requires"),
        with: texts(node, "with"),
        sha256: text(node, "sha256"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str, kind: Option<Kind>) -> (Document, Vec<Diagnostic>) {
        let (config, _) = Config::parse(FileId(0), "");
        let (document, problems) = read(FileId(0), text, kind, &config);
        (document.expect("a document"), problems)
    }

    const ADVISORY: &str = "id: OSSA-2026-900\ndate: 2026-03-03\ntitle: Nova flaw\ndescription: x\naffected-products:\n  - {product: nova, version: 2014.1}\n";

    #[test]
    fn values_keep_their_text_and_place() {
        let (document, problems) = read_text(ADVISORY, None);
        assert!(problems.is_empty(), "{problems:?}");
        let version = &document.affected[0].version;
        assert_eq!(
            (version.value.as_str(), &ADVISORY[version.span.range()]),
            ("2014.1", "2014.1")
        );
        assert_eq!(document.id.as_ref().and_then(|id| id.year), Some(2026));
        assert!(document.awaits_cve() && !document.is_private());
    }

    #[test]
    fn a_document_without_a_field_is_still_one() {
        let (document, problems) = read_text("title: Nova flaw\n", Some(Kind::Advisory));
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert_eq!(document.title.value, "Nova flaw");
        assert!(document.id.is_none());
    }

    #[test]
    fn reviews_come_as_a_list_a_text_or_a_mapping() {
        let text = format!(
            "{ADVISORY}reviews:\n  zed: https://review.opendev.org/1\n  yoga:\n    - https://review.opendev.org/2 - errata\n    - {{url: https://review.opendev.org/3, requires: [https://review.opendev.org/2]}}\n  xena:\n  type: gerrit\n"
        );
        let (document, problems) = read_text(&text, None);
        assert!(problems.is_empty(), "{problems:?}");
        let shown: Vec<String> = document
            .all_reviews()
            .map(|(group, review)| {
                format!(
                    "{} {} {:?} {}",
                    group.key.value,
                    review.link.url(),
                    review.link.remark(),
                    review.details().requires.len()
                )
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        zed https://review.opendev.org/1 None 0
        yoga https://review.opendev.org/2 Some("- errata") 0
        yoga https://review.opendev.org/3 None 1
        "#);
        assert_eq!(document.reviews.len(), 3);
    }

    #[test]
    fn the_kind_follows_from_id_or_fields() {
        let kind = |text: &str| read_text(text, None).0.kind;
        assert_eq!(kind("id: OSSN-0001\n"), Kind::Note);
        assert_eq!(kind("id: OSSA-2026-001\n"), Kind::Advisory);
        assert_eq!(kind("id: draft\ndiscussion: x\n"), Kind::Note);
        assert_eq!(kind("id: draft\n"), Kind::Advisory);
    }
}
