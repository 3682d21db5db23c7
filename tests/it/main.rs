//! The only integration crate: one module a command, and the guards of the whole tree.
//!
//! Commands run the real binary in a workspace of their own (`env`). `README.md` beside this file says
//! how to add one.

#![allow(clippy::disallowed_methods, clippy::print_stderr)] // Tests read, write, run and print.

mod adoption; // vmt completions, vmt man, vmt init for others
mod book; // the book in docs/
mod borders; // what leaves through git
mod build; // vmt build
mod catalog; // every rule's examples report exactly that rule
mod check; // vmt check
mod cli; // exit codes, usage, streams
mod data; // the documents of this repository
mod docs; // what the docs name exists
mod embargo; // vmt embargo
mod env; // the hermetic workspace
mod export; // vmt export, and files for machines
mod gpg; // the real GnuPG
mod forgotten; // no test, rule or template file is left out
mod histories; // the real git histories, where they are there
mod hostile; // hostile documents through every output
mod import; // vmt import
mod incremental; // a build after a build is as one from nothing
mod layers; // modules import only from those above them
mod leaks; // the leak guard, and what git shows
mod letters; // mails of every kind
mod mail; // vmt mail
mod new; // vmt init and vmt new
mod outbox; // vmt mail send, vmt mail outbox
mod peer; // a mail server that misbehaves
mod real; // the real corpus, where it is there
mod rehearsal; // docs/rehearsal.md, and vmt embargo publish
mod related; // links between documents
mod releases; // vmt releases, vmt affected
mod repo; // git repositories made by tests
mod signatures; // signatures of what is published
mod schema; // vmt schema, and schema against checker
mod sealed; // vmt embargo seal, open and hook
mod robust; // kills, several at once, refusals of the system
mod serve; // vmt serve
