//! The one place at which a change of a document makes a mail due.

use super::{Environment, Failure};
use crate::model::Kind;

/// A mail that is due.
#[derive(Debug, Clone, Copy)]
pub(super) enum Due<'a> {
    /// The announcements of a document that became public.
    Announcement(&'a str, Kind),
    /// The follow-up in the thread of a public document.
    Erratum(&'a str),
    /// An update for those who were told under embargo.
    Update(&'a str),
}

/// Says which mails are due. The outbox is asked here once it can queue them.
pub(super) fn queue(due: Due<'_>, environment: &Environment) -> Result<(), Failure> {
    let (id, kinds): (&str, &[&str]) = match due {
        Due::Announcement(id, Kind::Advisory) => (id, &["announce", "announce-oss-security"]),
        Due::Announcement(id, Kind::Note) => (id, &["note", "note-oss-security"]),
        Due::Erratum(id) => (id, &["errata", "errata-oss-security"]),
        Due::Update(id) => (id, &["update", "update-distros"]),
    };
    environment.say("mails that are due:");
    for kind in kinds {
        environment.out(&format!("vmt mail send {id} --kind {kind}\n"))?;
    }
    Ok(())
}
