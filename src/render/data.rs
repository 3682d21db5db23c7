//! Everything in one file for people with scripts: `advisories.json`, its JSON Schema beside it, and
//! `advisories.csv`. Fields are added to them, never renamed or removed.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Follower, List, Out, Piece, Pieces, Setting, forms_of, pretty};
use crate::config::Config;
use crate::key::Key;
use crate::release;
use crate::release::verdict::Status;
use crate::template::TemplateError;
use crate::view::{Audience, CreditView, DocumentView, LinkView, View};

/// The schema of advisories.json (JSON Schema 2020-12).
pub const SCHEMA: &str = include_str!("../../schema/advisories.json");

/// Renders what is not put together document by document.
pub(super) fn render<A: Audience>(
    setting: &Setting<'_>,
    view: &View<'_, A>,
    out: &Out<'_>,
) -> Result<(), TemplateError> {
    let config = setting.config;
    let schema = ("schema", Key::of_bytes(SCHEMA.as_bytes()));
    out.plain("advisories.schema.json", schema, || {
        SCHEMA.as_bytes().to_vec()
    })?;
    out.plain("advisories.csv", ("csv", out.keys.all()), || {
        csv(view, config).into_bytes()
    })
}

/// Begins advisories.json.
pub(super) fn follow<'s, A: Audience>(
    setting: &'s Setting<'s>,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
) -> Box<dyn Follower + 's> {
    let config = setting.config;
    let schema = json!(format!("{}advisories.schema.json", config.base_url));
    let publisher = json!(config.team);
    let list = List::new(
        &format!("{{\n  \"$schema\": {schema},\n  \"documents\": "),
        "    ",
        format!(",\n  \"publisher\": {publisher}\n}}\n"),
    );
    let documents = view.documents.iter();
    let keys = list.keys(documents.map(|document| out.keys.document(document)));
    let mut pieces = out.sink.begin("advisories.json", &keys);
    pieces.put(&[list.first()]);
    Box::new(Advisories {
        config,
        view,
        out,
        list,
        pieces,
        count: 0,
    })
}

/// advisories.json in the making.
struct Advisories<'s, A: Audience> {
    config: &'s Config,
    view: &'s View<'s, A>,
    out: &'s Out<'s>,
    list: List,
    pieces: Box<dyn Pieces + 's>,
    /// Documents that it holds.
    count: usize,
}

impl<A: Audience> Follower for Advisories<'_, A> {
    fn group(&mut self, documents: &[Cow<'_, DocumentView<'_>>]) -> Result<(), TemplateError> {
        let (config, view) = (self.config, self.view);
        let mut pieces = Vec::new();
        for document in documents {
            let entry = Piece {
                key: self.out.keys.document(document),
                make: Box::new(move || pretty(entry(document, config, view))),
            };
            pieces.push(self.list.entry(self.count + pieces.len(), entry));
        }
        self.pieces.put(&pieces);
        self.count += pieces.len();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), TemplateError> {
        self.pieces.put(&[self.list.last(self.count)]);
        self.pieces.end()
    }
}

fn entry<A: Audience>(document: &DocumentView<'_>, config: &Config, view: &View<'_, A>) -> Value {
    let address = |path: &str| format!("{}{path}", config.base_url);
    let sections: serde_json::Map<String, Value> = document
        .content()
        .sections
        .iter()
        .map(|section| (section.anchor.to_owned(), json!(section.markdown())))
        .collect();
    let vulnerabilities: Vec<Value> = document
        .content()
        .vulnerabilities
        .iter()
        .map(|entry| json!({"cve": entry.cve, "cvss": entry.cvss, "cwe": entry.cwe}))
        .collect();
    let patches: Vec<Value> = document
        .content()
        .patches_by_product
        .iter()
        .flat_map(|product| {
            product.branches.iter().map(|branch| {
                let urls: Vec<&str> = branch
                    .patches
                    .iter()
                    .map(|patch| patch.link.url.as_str())
                    .collect();
                json!({"product": product.product, "branch": branch.branch, "urls": urls})
            })
        })
        .collect();
    let history: Vec<Value> = document
        .history()
        .iter()
        .map(|line| json!({"date": line.day.map(|day| day.to_string()), "text": line.label}))
        .collect();
    let forms: serde_json::Map<String, Value> = forms_of(document, view, config)
        .into_iter()
        .map(|(name, path)| (name.to_lowercase().replace(' ', "_"), json!(address(&path))))
        .collect();
    json!({
        "id": document.id,
        "kind": document.kind().name(),
        "title": document.title,
        "date": document.date.map(|day| day.to_string()),
        "updated": document.updated.map(|day| day.to_string()),
        "withdrawn": document.withdrawn.map(|day| day.to_string()),
        "url": address(&document.path),
        "text_url": address(&document.path.replace(".html", ".txt")),
        "forms": forms,
        "severity": document.severity.map(|severity| severity.word),
        "vulnerabilities": vulnerabilities,
        "products": products(document, config, view),
        "series": document.series,
        "sections": sections,
        "patches": patches,
        "bugs": links(&document.content().bugs),
        "references": links(&document.content().references),
        "credits": people(&document.content().credits),
        "authors": people(&document.content().authors),
        "history": history,
        "related": document.related.iter().map(|other| &other.id).collect::<Vec<_>>(),
    })
}

/// What is declared of each product, and what the tags show, release by release.
fn products<A: Audience>(
    document: &DocumentView<'_>,
    config: &Config,
    view: &View<'_, A>,
) -> Vec<Value> {
    let concerns = view.exposure.said_by(document.document);
    let mut found: Vec<Value> = concerns
        .iter()
        .map(|concern| {
            let releases = view.exposure.releases(concern.pair.product);
            let of = |wanted: Status| -> Vec<&str> {
                let all = releases.iter().zip(concern.statuses());
                let chosen = all.filter(|(_, status)| status.0 == wanted);
                chosen
                    .map(|(release, _)| release.version.as_str())
                    .collect()
            };
            let fixed = releases
                .iter()
                .filter(|release| concern.is_first_fixed(release));
            let fixed: Vec<Value> = fixed
                .map(|release| {
                    json!({
                        "line": release.line,
                        "version": release.version.as_str(),
                        "date": release.day.to_string(),
                    })
                })
                .collect();
            json!({
                "name": concern.pair.product,
                "declared": concern.pair.declared,
                "affected": of(Status::Affected),
                "undecided": of(Status::Unknown),
                "first_fixed": fixed,
            })
        })
        .collect();
    let unknown = release::unknown_products(document.document, config).into_iter();
    found.extend(unknown.map(|(name, declared)| {
        json!({"name": name, "declared": declared, "affected": [], "undecided": [], "first_fixed": []})
    }));
    found
}

fn links(links: &[LinkView]) -> Vec<Value> {
    let link = |link: &LinkView| json!({"text": link.label, "url": link.url});
    links.iter().map(link).collect()
}

fn people(people: &[CreditView]) -> Vec<Value> {
    let person =
        |person: &CreditView| json!({"name": person.name, "affiliation": person.affiliation});
    people.iter().map(person).collect()
}

/// A row a document (RFC 4180), for spreadsheets.
fn csv<A: Audience>(view: &View<'_, A>, config: &Config) -> String {
    let mut out =
        String::from("id,kind,date,updated,withdrawn,severity,products,cves,title,url\r\n");
    for document in &view.documents {
        let day =
            |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let cves: Vec<&str> = document.cves().collect();
        let cells = [
            document.id.clone(),
            document.kind().name().to_owned(),
            day(document.date),
            day(document.updated),
            day(document.withdrawn),
            document
                .severity
                .map(|severity| severity.word.to_owned())
                .unwrap_or_default(),
            document.products.join(" "),
            cves.join(" "),
            document.title.clone(),
            format!("{}{}", config.base_url, document.path),
        ];
        out.push_str(&cells.map(|cell| cell_of(&cell)).join(","));
        out.push_str("\r\n");
    }
    out
}

/// A cell; one that a spreadsheet would take for a formula is kept from being one.
fn cell_of(text: &str) -> String {
    let harmless = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match harmless.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", harmless.replace('"', "\"\"")),
        false => harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_ends_where_it_ends() {
        assert_eq!(cell_of("=1+1"), "'=1+1");
        assert_eq!(cell_of("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell_of("plain"), "plain");
    }
}
