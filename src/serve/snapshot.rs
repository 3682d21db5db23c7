//! One state of the site in memory: its files with their digests, and what the check says. Pure.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use axum::body::Bytes;
use serde::Serialize;

use super::{DocumentPage, Finding, Part};
use crate::render::Artifact;

/// A file as served.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Its content.
    pub bytes: Bytes,
    /// Tells this content from another. It guards nothing, so that 64 bits do.
    pub digest: String,
}

/// One state of the site. Copies share what they have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    pages: Arc<BTreeMap<String, File>>,
    rest: Arc<BTreeMap<String, File>>,
    documents: Arc<BTreeMap<String, DocumentPage>>,
    findings: Arc<Vec<Finding>>,
    error: Option<String>,
}

/// What changed from one state to the next, for browsers.
#[derive(Serialize)]
struct Difference<'a> {
    /// Whether `files` are all files.
    whole: bool,
    /// Digest of the stylesheets and scripts.
    assets: String,
    /// Digest of what the check says.
    report: String,
    /// Digests of files; `None` of one that is gone.
    files: BTreeMap<&'a str, Option<&'a str>>,
}

/// What the check says, for browsers.
#[derive(Serialize)]
struct Report<'a> {
    /// The document on the page that was asked for.
    document: Option<&'a str>,
    /// Why the last build failed.
    error: Option<&'a str>,
    /// How many findings there are in the whole workspace.
    summary: Count,
    /// Those of the page; on a page without a document, those that belong to no page.
    findings: Vec<&'a Finding>,
    /// Pages with findings, the worst first.
    pages: Vec<PageCount<'a>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Count {
    errors: usize,
    warnings: usize,
    advice: usize,
}

impl Count {
    fn add(&mut self, finding: &Finding) {
        match finding.severity {
            "error" => self.errors += 1,
            "warning" => self.warnings += 1,
            _ => self.advice += 1,
        }
    }
}

#[derive(Serialize)]
struct PageCount<'a> {
    page: &'a str,
    id: &'a str,
    #[serde(flatten)]
    count: Count,
}

impl Snapshot {
    /// Returns this state with a part of a build put in its place.
    pub(super) fn with(&self, part: Part) -> Snapshot {
        let mut next = self.clone();
        match part {
            Part::Pages(artifacts, documents) => {
                next.pages = Arc::new(files(artifacts));
                next.documents = Arc::new(documents);
                next.error = None;
            }
            Part::Rest(artifacts) => next.rest = Arc::new(files(artifacts)),
            Part::Findings(findings) => next.findings = Arc::new(findings),
            Part::Failed(text) => next.error = Some(text),
        }
        next
    }

    /// Returns how many files there are.
    pub(super) fn len(&self) -> usize {
        self.files().count()
    }

    /// Returns whether no build has succeeded yet.
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Returns the file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        // Static files come with the pages, and give way to every format.
        self.rest.get(path).or_else(|| self.pages.get(path))
    }

    /// Returns whether the document on a page is private.
    pub(super) fn is_draft(&self, path: &str) -> bool {
        self.documents.get(path).is_some_and(|page| page.draft)
    }

    /// Returns the digest of the stylesheets and scripts.
    pub(super) fn assets(&self) -> String {
        let assets = self
            .files()
            .filter(|(path, _)| path.ends_with(".css") || path.ends_with(".js"));
        digest(
            &assets
                .map(|(path, file)| (path, &file.digest))
                .collect::<Vec<_>>(),
        )
    }

    /// Returns what changed since another state as JSON, or everything; `None` where nothing did.
    pub(super) fn difference(&self, before: Option<&Snapshot>) -> Option<String> {
        let mut changed: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for (path, file) in self.files() {
            let old = before.and_then(|before| before.file(path));
            if old.is_none_or(|old| old.digest != file.digest) {
                changed.insert(path, Some(&file.digest));
            }
        }
        for (path, _) in before.iter().flat_map(|before| before.files()) {
            if self.file(path).is_none() {
                changed.insert(path, None);
            }
        }
        let report = self.report_digest();
        if before.is_some_and(|before| changed.is_empty() && before.report_digest() == report) {
            return None;
        }
        Some(json(&Difference {
            whole: before.is_none(),
            assets: self.assets(),
            report,
            files: changed,
        }))
    }

    /// Returns what the check says as JSON: of the document on a page, of the rest of the workspace on
    /// another page, or all of it where no page is named.
    pub(super) fn report(&self, path: Option<&str>) -> String {
        let document = path.and_then(|path| self.documents.get(path));
        let mut summary = Count::default();
        let mut pages: BTreeMap<&str, Count> = BTreeMap::new();
        let mut findings = Vec::new();
        for finding in self.findings.iter() {
            summary.add(finding);
            let page = finding.page.as_deref();
            let own = page.map(|page| page.trim_start_matches('/'));
            match path {
                Some(path) if document.is_some() && own != Some(path) => continue,
                Some(_) if document.is_none() && page.is_some() => {}
                _ => findings.push(finding),
            }
            if let Some(page) = page.filter(|_| document.is_none()) {
                pages.entry(page).or_default().add(finding);
            }
        }
        let mut pages: Vec<PageCount<'_>> = pages
            .into_iter()
            .map(|(page, count)| PageCount {
                page,
                id: self
                    .documents
                    .get(page.trim_start_matches('/'))
                    .map_or(page, |page| &page.id),
                count,
            })
            .collect();
        // The newest first among equals.
        pages.sort_by(|a, b| (b.count, b.page).cmp(&(a.count, a.page)));
        json(&Report {
            document: document.map(|page| page.id.as_str()),
            error: self.error.as_deref(),
            summary,
            findings,
            pages,
        })
    }

    fn report_digest(&self) -> String {
        digest(&(&*self.findings, &self.error))
    }

    fn files(&self) -> impl Iterator<Item = (&str, &File)> {
        let hidden = |path: &String| !self.rest.contains_key(path);
        let pages = self.pages.iter().filter(move |(path, _)| hidden(path));
        pages
            .chain(self.rest.iter())
            .map(|(path, file)| (path.as_str(), file))
    }
}

fn files(artifacts: Vec<Artifact>) -> BTreeMap<String, File> {
    let file = |artifact: Artifact| {
        let file = File {
            digest: digest(&artifact.bytes),
            bytes: artifact.bytes.into(),
        };
        (artifact.path, file)
    };
    artifacts.into_iter().map(file).collect()
}

fn digest(value: &impl std::hash::Hash) -> String {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers always serialise")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(path: &str, text: &str) -> Artifact {
        Artifact {
            path: path.into(),
            bytes: text.into(),
        }
    }

    fn finding(severity: &'static str, page: Option<&str>) -> Finding {
        Finding {
            rule: "title-length",
            severity,
            message: "too long".into(),
            help: None,
            file: "advisories/x.yaml".into(),
            line: 3,
            column: 8,
            page: page.map(str::to_owned),
        }
    }

    fn site(text: &str) -> Snapshot {
        let documents = ["a.html", "b.html"].map(|path| {
            let id = path.trim_end_matches(".html").to_uppercase();
            (
                path.to_owned(),
                DocumentPage {
                    id,
                    draft: path == "b.html",
                },
            )
        });
        let pages = vec![artifact("a.html", text), artifact("style.css", "")];
        Snapshot::default()
            .with(Part::Pages(pages, documents.into_iter().collect()))
            .with(Part::Rest(vec![artifact("a.txt", "mail")]))
    }

    fn value(text: &str) -> serde_json::Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn the_first_message_holds_everything_and_the_next_what_changed() {
        let (before, after) = (site("one"), site("two"));
        let all = value(&before.difference(None).expect("everything"));
        assert_eq!(all["whole"], true);
        assert_eq!(all["files"].as_object().expect("files").len(), 3);
        assert_eq!(all["assets"], before.assets());
        let changed = value(&after.difference(Some(&before)).expect("a change"));
        assert_eq!(changed["whole"], false);
        let files = changed["files"].as_object().expect("files");
        assert_eq!(files.keys().collect::<Vec<_>>(), ["a.html"]);
        let gone = after.with(Part::Rest(Vec::new()));
        let changed = value(&gone.difference(Some(&after)).expect("a change"));
        assert_eq!(changed["files"], serde_json::json!({"a.txt": null}));
        assert_eq!(after.difference(Some(&site("two"))), None);
    }

    #[test]
    fn an_error_leaves_the_site_and_the_next_build_takes_it_away() {
        let good = site("one");
        let failed = good.with(Part::Failed("broken".into()));
        assert!(failed.file("a.html").is_some());
        assert_eq!(value(&failed.report(None))["error"], "broken");
        assert!(failed.difference(Some(&good)).is_some());
        let mended = failed.with(Part::Pages(Vec::new(), BTreeMap::new()));
        assert_eq!(
            value(&mended.report(None))["error"],
            serde_json::Value::Null
        );
    }

    #[test]
    fn a_page_gets_its_own_findings_and_other_pages_the_counts() {
        let site = site("one").with(Part::Findings(vec![
            finding("error", Some("/b.html")),
            finding("warning", Some("/a.html")),
            finding("advice", None),
        ]));
        let own = value(&site.report(Some("a.html")));
        assert_eq!(own["document"], "A");
        assert_eq!(own["findings"].as_array().expect("findings").len(), 1);
        assert_eq!(own["findings"][0]["severity"], "warning");
        assert!(own["pages"].as_array().expect("pages").is_empty());
        let index = value(&site.report(Some("index.html")));
        assert_eq!(index["findings"][0]["severity"], "advice");
        assert_eq!(index["pages"][0]["id"], "B");
        assert_eq!(
            index["summary"],
            serde_json::json!({"errors": 1, "warnings": 1, "advice": 1})
        );
        let all = value(&site.report(None));
        assert_eq!(all["findings"].as_array().expect("findings").len(), 3);
        assert!(site.is_draft("b.html") && !site.is_draft("a.html"));
    }

    #[test]
    fn a_static_file_gives_way_to_a_format() {
        let site = site("one").with(Part::Rest(vec![artifact("style.css", "made")]));
        assert_eq!(site.file("style.css").expect("a file").bytes, "made");
        assert_eq!(site.len(), 2);
    }
}
