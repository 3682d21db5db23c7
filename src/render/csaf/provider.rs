//! What leads to the documents: lists, the ROLIE feed, digests and provider-metadata.json (section 7.1).

use std::fmt::Write as _;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::{Listed, WHITE, publisher};
use crate::key::Key;
use crate::render::{Artifact, List, Out, Piece, Setting, moment, pretty};
use crate::template::TemplateError;

/// Folder of everything.
const ROOT: &str = ".well-known/csaf";

/// Returns the address of the public part of a key, without the base address.
pub fn key_path(fingerprint: &str) -> String {
    format!("openpgp/{fingerprint}.asc")
}

/// Returns the moment that a document is of, where a file is one to be signed.
pub fn signed_as_of(artifact: &Artifact) -> Option<DateTime<Utc>> {
    let is_document = artifact.path.starts_with(WHITE) && artifact.path.ends_with(".json");
    let value: Value = serde_json::from_slice(&artifact.bytes)
        .ok()
        .filter(|_| is_document)?;
    let text = value["document"]["tracking"]["current_release_date"].as_str()?;
    text.parse().ok()
}

/// Offers a file with its digests (section 7.1.18).
pub(super) fn with_digests(
    path: &str,
    key: Key,
    out: &Out<'_>,
    make: &(dyn Fn() -> Vec<u8> + Sync),
) -> Result<(), TemplateError> {
    let made = OnceLock::new();
    let bytes = || -> &Vec<u8> { made.get_or_init(make) };
    let name = path.rsplit('/').next().unwrap_or(path);
    let line = |hex: String| format!("{hex}  {name}\n").into_bytes();
    out.plain(&format!("{path}.sha256"), ("csaf sha256", key), || {
        line(hex(&Sha256::digest(bytes())))
    })?;
    out.plain(&format!("{path}.sha512"), ("csaf sha512", key), || {
        line(hex(&Sha512::digest(bytes())))
    })?;
    out.plain(path, ("csaf", key), || bytes().clone())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// index.txt, changes.csv, the ROLIE feed (RFC 8322) and provider-metadata.json.
pub(super) fn lists(
    all: &[Listed<'_>],
    setting: &Setting<'_>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let config = setting.config;
    let base = &config.base_url;
    let relative = |document: &Listed<'_>| {
        document
            .path
            .trim_start_matches(WHITE)
            .trim_start_matches('/')
            .to_owned()
    };
    let mut names: Vec<String> = all.iter().map(relative).collect();
    names.sort_unstable();
    let index = names
        .iter()
        .map(|name| format!("{name}\n"))
        .collect::<String>();
    let changes = all
        .iter()
        .map(|document| {
            format!(
                "\"{}\",\"{}\"\n",
                relative(document),
                moment(document.current)
            )
        })
        .collect::<String>();
    let newest = all
        .iter()
        .map(|document| document.current)
        .max()
        .unwrap_or_default();
    let feed_url = format!("{base}{ROOT}/csaf-feed-tlp-white.json");
    let entries = all.iter().map(|document| {
        let signed = setting.signed_with.is_some();
        Piece {
            key: Key::of("csaf entry")
                .key(out.keys.document(document.view))
                .done(),
            make: Box::new(move || pretty(feed_entry(document, base, signed))),
        }
    });
    let head = json!({
        "category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}],
    });
    let tail = json!({
        "id": "csaf-feed-tlp-white",
        "link": [{"rel": "self", "href": feed_url}],
        "title": format!("{}: CSAF documents", config.site_title),
        "updated": moment(newest),
    });
    // The list stands between its neighbours in the order of names.
    let inner = |value: Value| {
        let text = String::from_utf8(pretty(json!({"feed": value}))).unwrap_or_default();
        let text = text.trim_end();
        let text = text.strip_prefix("{\n  \"feed\": {\n").unwrap_or(text);
        text.strip_suffix("\n  }\n}").unwrap_or(text).to_owned()
    };
    let feed = List::new(
        &format!("{{\n  \"feed\": {{\n{},\n    \"entry\": ", inner(head)),
        "      ",
        format!(",\n{}\n  }}\n}}\n", inner(tail)),
    );
    let feed = feed.pieces(entries);
    let mut metadata = json!({
        "canonical_url": format!("{base}{ROOT}/provider-metadata.json"),
        "distributions": [{"rolie": {"feeds": [{
            "summary": "Every public document",
            "tlp_label": "WHITE",
            "url": feed_url,
        }]}}],
        "last_updated": moment(newest),
        "list_on_CSAF_aggregators": true,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": true,
        "publisher": publisher(config),
        "role": "csaf_provider",
    });
    // What is signed makes a trusted provider (section 7.2.3).
    if let (Some(map), Some(fingerprint)) = (metadata.as_object_mut(), setting.signed_with) {
        let url = format!("{base}{}", key_path(fingerprint));
        map.insert("role".into(), json!("csaf_trusted_provider"));
        map.insert(
            "public_openpgp_keys".into(),
            json!([{"fingerprint": fingerprint, "url": url}]),
        );
    }
    let file = |path: String, bytes: Vec<u8>| {
        out.plain(&path, ("csaf", Key::of_bytes(&bytes)), || bytes.clone())
    };
    file(format!("{WHITE}/index.txt"), index.into_bytes())?;
    file(format!("{WHITE}/changes.csv"), changes.into_bytes())?;
    out.sink
        .take_pieces(&format!("{ROOT}/csaf-feed-tlp-white.json"), &feed)?;
    file(format!("{ROOT}/provider-metadata.json"), pretty(metadata))
}

fn feed_entry(document: &Listed<'_>, base: &str, signed: bool) -> Value {
    let url = format!("{base}{}", document.path);
    let mut links = vec![
        json!({"rel": "self", "href": url}),
        json!({"rel": "hash", "href": format!("{url}.sha256")}),
        json!({"rel": "hash", "href": format!("{url}.sha512")}),
    ];
    if signed {
        links.push(json!({"rel": "signature", "href": format!("{url}.asc")}));
    }
    json!({
        "id": document.view.id,
        "title": document.title,
        "link": links,
        "published": moment(document.initial),
        "updated": moment(document.current),
        "content": {"type": "application/json", "src": url},
        "format": {
            "schema": "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
            "version": "2.0",
        },
    })
}
