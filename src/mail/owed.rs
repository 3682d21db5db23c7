//! What is still to be sent, by what was sent and what the documents say now.

use serde::Serialize;

use super::identity;
use crate::config::{Config, MailKind, Occasion};
use crate::ledger::Ledger;
use crate::model::Document;

/// A mail that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// Id of the document.
    pub document: String,
    /// Kind of the mail.
    pub kind: String,
    /// Number among the mails of its kind.
    pub revision: u32,
    /// Why.
    pub why: String,
}

/// Returns the mails that documents owe: those that an earlier mail brings with it once the document is
/// public, and those that an erratum or an update asks for. A document that was never mailed owes none.
pub fn owed<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    ledger: &Ledger,
    config: &Config,
) -> Vec<Owed> {
    let mut found: Vec<Owed> = Vec::new();
    for document in documents {
        for kind in config.mail.kinds.iter().filter(|kind| fits(kind, document)) {
            let due = match kind.occasion {
                Occasion::Once => owed_by_another(kind, document, ledger, config),
                Occasion::Erratum | Occasion::Update => owed_by_change(kind, document, ledger),
            };
            found.extend(due);
        }
    }
    found
}

/// Returns whether a kind of mail is for a document in its state.
pub fn fits(kind: &MailKind, document: &Document) -> bool {
    let private = kind.state == crate::config::MailState::Private;
    kind.documents.contains(&document.kind) && document.is_private() == private
}

fn owed_by_another(
    kind: &MailKind,
    document: &Document,
    ledger: &Ledger,
    config: &Config,
) -> Option<Owed> {
    let name = document.name();
    if ledger.first(name, &kind.name).is_some() {
        return None;
    }
    let others = config.mail.kinds.iter();
    let mut others = others.filter(|other| other.owes.contains(&kind.name));
    let cause = others.find(|other| ledger.first(name, &other.name).is_some())?;
    Some(Owed {
        document: name.to_owned(),
        kind: kind.name.clone(),
        revision: 1,
        why: format!("`{}` was sent, and the document is public", cause.name),
    })
}

fn owed_by_change(kind: &MailKind, document: &Document, ledger: &Ledger) -> Option<Owed> {
    let name = document.name();
    ledger.first(name, kind.follows.as_deref()?)?;
    let revision = identity::revision(kind, document)?;
    let sent = ledger
        .last(name, &kind.name)
        .map_or(0, |entry| entry.revision);
    (sent < revision).then(|| Owed {
        document: name.to_owned(),
        kind: kind.name.clone(),
        revision,
        why: match kind.occasion {
            Occasion::Erratum => "the document has a new erratum".to_owned(),
            _ => "the embargo has a new update".to_owned(),
        },
    })
}
