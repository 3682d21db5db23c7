//! The only integration crate: one module a command, and the guards of the whole tree.
//!
//! Commands run the real binary in a workspace of their own (`env`). `README.md` beside this file says
//! how to add one.

#![allow(clippy::disallowed_methods)] // Tests read, write and run what they like.

mod catalog; // every rule's examples report exactly that rule
mod env; // the hermetic workspace
mod forgotten; // no test, rule or template file is left out
mod layers; // modules import only from those above them
