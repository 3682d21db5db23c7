//! A mail of a kind that vmt.toml names: who gets it, on what thread, with what text.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::facts::{self, Facts};
use super::patches::{self, PatchSet};
use super::{
    Section, WIDTH, advisory, affected, bullets, credits, headline, identity, labelled, note,
    references, releases, sections, tidy,
};
use crate::config::{Config, MailKind, Readers};
use crate::ledger::Ledger;
use crate::model::Kind;
use crate::prose::text::{self, one_line};
use crate::template::{Shared, TemplateError, Templates};
use crate::view::{DocumentView, shortened};

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Path as the document writes it.
    pub path: String,
    /// Name under which it is attached.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// What a mail depends on besides the document and the settings.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Who sends it: `Name <address>`.
    pub from: Option<&'a str>,
    /// When it is composed.
    pub now: DateTime<Utc>,
    /// Secret of the workspace, for Message-IDs that give nothing away.
    pub secret: &'a [u8],
    /// The patch files that could be read.
    pub patches: &'a [Attachment],
    /// What was sent before.
    pub ledger: &'a Ledger,
}

/// A mail before it has bytes.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its kind.
    pub kind: MailKind,
    /// Id of the document.
    pub document: String,
    /// Number among the mails of its kind for the document.
    pub revision: u32,
    /// Who sends it; `None` while nobody said.
    pub from: Option<String>,
    /// Addresses of the lists.
    pub to: Vec<String>,
    /// Address that answers go to.
    pub reply_to: Option<String>,
    /// Subject in one line.
    pub subject: String,
    /// Subject that an encrypted mail shows on its way.
    pub outer_subject: Option<String>,
    /// When it is composed.
    pub date: DateTime<Utc>,
    /// Message-ID with its angle brackets.
    pub message_id: String,
    /// Message-IDs of the thread, the oldest first.
    pub thread: Vec<String>,
    /// Text in lines of at most [`WIDTH`] columns where tokens allow, with a final line break.
    pub body: String,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Fingerprints of the keys that it is encrypted to; empty where it is not.
    pub encrypt_to: Vec<String>,
    /// What it says, for comparisons.
    pub facts: Facts,
}

impl Letter {
    /// Returns whether its lists have public archives.
    pub fn is_public(&self, config: &Config) -> bool {
        let mut lists = self.kind.lists(&config.mail);
        lists.any(|list| list.readers == Readers::Public)
    }
}

/// What templates of mails know as `mail`.
#[derive(Serialize)]
struct Data {
    kind: String,
    revision: u32,
    id: Option<String>,
    prefix: String,
    organisation: String,
    software: String,
    products: String,
    cves: String,
    all_cves: String,
    sender: Option<String>,
    headline: String,
    title: String,
    heading: String,
    rule: String,
    date: String,
    affected: String,
    releases: String,
    sections: Vec<Section>,
    credits: String,
    references: String,
    disclosure: String,
    disclosure_words: String,
    deploy_early: Option<bool>,
    terms: String,
    patch_sets: Vec<PatchSet>,
    update: String,
    updates: String,
    erratum: String,
    errata: String,
    team: String,
    team_url: Option<String>,
    address: String,
}

/// Composes the mail of a kind for a document. What stands in its way is for `policy` to say: a mail can be
/// looked at long before it may be sent.
///
/// # Errors
/// When a template is wrong.
pub fn compose(
    kind: &MailKind,
    document: &DocumentView<'_>,
    config: &Config,
    templates: &Templates,
    circumstances: &Circumstances<'_>,
) -> Result<Letter, TemplateError> {
    let revision = identity::revision(kind, document.document).unwrap_or(1);
    let patches = if kind.patches {
        circumstances.patches
    } else {
        &[]
    };
    let shared = Shared::new(
        "mail",
        &data(kind, revision, document, config, circumstances),
    );
    let body = match document.kind() {
        Kind::Advisory => {
            templates.render_with(&kind.template, &advisory::data(document, config), &shared)?
        }
        Kind::Note => {
            templates.render_with(&kind.template, &note::data(document, config), &shared)?
        }
    };
    let subject = |text: &str| Ok(header_text(&templates.fill(text, &shared)?));
    let thread = match &kind.follows {
        None => Vec::new(),
        Some(followed) => thread(followed, kind, revision, &document.id, circumstances.ledger),
    };
    let lists = || kind.lists(&config.mail);
    Ok(Letter {
        document: document.id.clone(),
        revision,
        from: circumstances.from.map(str::to_owned),
        to: lists().map(|list| list.address.clone()).collect(),
        reply_to: kind
            .reply_to
            .as_ref()
            .and_then(|name| config.mail.list(name))
            .map(|list| list.address.clone()),
        subject: subject(&kind.subject)?,
        outer_subject: kind.outer_subject.as_deref().map(subject).transpose()?,
        date: circumstances.now,
        message_id: identity::message_id(
            kind,
            &document.id,
            revision,
            circumstances.secret,
            config,
        ),
        thread,
        body: fit(&tidy(&body, document.kind())),
        attachments: patches.to_vec(),
        encrypt_to: lists().filter_map(|list| list.key.clone()).collect(),
        facts: facts::of(document),
        kind: kind.clone(),
    })
}

/// The mail that the thread begins with, then earlier mails of this kind.
fn thread(
    followed: &str,
    kind: &MailKind,
    revision: u32,
    document: &str,
    ledger: &Ledger,
) -> Vec<String> {
    let first = ledger.first(document, followed);
    let earlier = ledger
        .of_document(document)
        .filter(|entry| entry.kind == kind.name && entry.revision < revision);
    first
        .into_iter()
        .chain(earlier)
        .filter_map(|entry| entry.message_id.clone())
        // The ledger is a file that people edit.
        .filter(|id| identity::is_message_id(id))
        .collect()
}

fn data(
    kind: &MailKind,
    revision: u32,
    document: &DocumentView<'_>,
    config: &Config,
    circumstances: &Circumstances<'_>,
) -> Data {
    let (from, attachments) = (circumstances.from, circumstances.patches);
    let model = document.document;
    let embargo = model.embargo.as_ref();
    let moment = embargo.and_then(|embargo| embargo.moment());
    let products = document.products.join(", ");
    let heading = text::wrap(&document.title, WIDTH);
    let columns = |line: &String| unicode_width::UnicodeWidthStr::width(line.as_str());
    let digest = |path: &str| {
        let found = attachments.iter().find(|file| file.path == path);
        found.map(|file| file.sha256.clone())
    };
    let updates = embargo.map(|embargo| embargo.updates.as_slice());
    let updates = updates.unwrap_or_default();
    let dated = |line: &crate::model::Revision| match line.day {
        Some(day) => format!("{day}: {}", one_line(&line.label)),
        None => one_line(&line.label),
    };
    Data {
        kind: kind.name.clone(),
        revision,
        id: model.id.as_ref().map(|_| document.id.clone()),
        prefix: config.kind(document.kind()).prefix.clone(),
        organisation: config.organisation.clone(),
        software: [config.organisation.as_str(), &products]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        products,
        cves: cves(document),
        all_cves: match document.cves().collect::<Vec<_>>().as_slice() {
            [] => "pending".to_owned(),
            all => labelled("Disclosure", &all.join(", ")),
        },
        sender: from.map(str::to_owned),
        headline: headline(document),
        title: document.title.clone(),
        rule: "=".repeat(heading.iter().map(columns).max().unwrap_or(0)),
        heading: heading.join("\n"),
        date: document.date.map(|day| day.to_string()).unwrap_or_default(),
        affected: affected(document),
        releases: releases(&document.content().releases),
        sections: sections(document),
        credits: credits(document),
        references: references(document),
        disclosure: moment
            .map(|moment| moment.format("%Y-%m-%dT%H:%MZ").to_string())
            .unwrap_or_default(),
        disclosure_words: moment
            .map(|moment| moment.format("%A, %-d %B %Y, %H:%M UTC").to_string())
            .unwrap_or_default(),
        deploy_early: embargo
            .and_then(|embargo| embargo.deploy_early.as_ref())
            .map(|text| text.value == "true"),
        terms: embargo
            .and_then(|embargo| embargo.terms.as_ref())
            .map(|terms| text::render(&crate::prose::parse(&terms.value), WIDTH))
            .unwrap_or_default(),
        patch_sets: embargo
            .map(|embargo| patches::sets(embargo, config, &digest))
            .unwrap_or_default(),
        update: updates
            .first()
            .map(|line| text::wrap(&one_line(&line.label), WIDTH).join("\n"))
            .unwrap_or_default(),
        updates: bullets(updates.iter().map(dated)),
        erratum: model
            .errata_history
            .first()
            .filter(|line| !line.is_original())
            .map(dated)
            .unwrap_or_default(),
        errata: text::render(&document.content().errata, WIDTH),
        team: config.team.clone(),
        team_url: config.team_url.clone(),
        address: labelled("", &format!("{}{}", config.base_url, document.path)),
    }
}

/// The CVEs for a subject, which stays one line however many there are.
fn cves(document: &DocumentView<'_>) -> String {
    let cves: Vec<&str> = document.cves().collect();
    super::few(&cves).unwrap_or_else(|| "CVE pending".to_owned())
}

/// Longest subject, in characters; a longer one would not fit into a line of a header (RFC 5322 section 2.1.1).
const SUBJECT: usize = 400;

/// Makes a text fit for a header: one line, without signs that control a terminal, and without what mail
/// programs would take for an encoded word (RFC 2047 section 2).
fn header_text(text: &str) -> String {
    let text = text::harmless(&one_line(text)).replace("=?", "= ?");
    shortened(&text, SUBJECT)
}

/// Breaks lines that a filled-in name made too long, where they have blanks to break at, the further ones
/// below the text of a bullet. Code keeps its lines.
fn fit(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for line in body.lines() {
        let long = unicode_width::UnicodeWidthStr::width(line) > WIDTH;
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !long || indent >= 4 {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let (indent, text) = line.split_at(indent);
        let (mark, text) = match text.strip_prefix("* ") {
            Some(text) => ("* ", text),
            None => ("", text),
        };
        let room = WIDTH - indent.len() - mark.len();
        let blank = " ".repeat(mark.len());
        for (at, line) in text::wrap(text, room).into_iter().enumerate() {
            let mark = if at == 0 { mark } else { &blank };
            out.push_str(&format!("{indent}{mark}{line}\n"));
        }
    }
    out
}
