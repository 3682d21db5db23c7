//! The life of a private document: when it may be disclosed, what is still missing, what betrays it.
//!
//! Pure: the moment of the run, the ledger and the texts come as values. Knows no mail and no page.

pub mod calendar;
pub mod dates;
pub mod leak;
pub mod place;
pub mod publication;
pub mod state;
pub mod text;
