//! The one place at which a change of a document makes a mail due.

use super::{Environment, Failure, mail};
use crate::config::{MailState, Occasion};

/// A mail that is due.
#[derive(Debug, Clone, Copy)]
pub(super) enum Due<'a> {
    /// The announcements of a document that became public.
    Announcement(&'a str),
    /// The follow-up in the thread of a public document.
    Erratum(&'a str),
    /// An update for those who were told under embargo.
    Update(&'a str),
}

/// Puts the mails that are due into the outbox, for a person to approve, and says how. What stands in the way
/// of one is said; it stops neither the others nor what made them due.
pub(super) fn queue(due: Due<'_>, environment: &Environment) -> Result<(), Failure> {
    let (id, occasion, state) = match due {
        Due::Announcement(id) => (id, Occasion::Once, MailState::Public),
        Due::Erratum(id) => (id, Occasion::Erratum, MailState::Public),
        Due::Update(id) => (id, Occasion::Update, MailState::Private),
    };
    environment.say("mails that are due:");
    mail::queue(id, occasion, state, environment)
}
