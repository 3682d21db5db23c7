//! vmt: from YAML documents to checks, a site and mails.
//!
//! vmt.toml + documents -> `source` -> `tree` -> `document` -> `corpus` -> `lint` | `view` -> `render` | `mail`
//!
//! The order of the modules below is the layering: a module imports only from those above it.

pub mod diagnostic;
pub mod key;
pub mod paths;
pub mod source;
pub mod tree;
pub mod model;
pub mod version;
pub mod host;
pub mod shape;
pub mod config;
pub mod document;
pub mod prose;
pub mod services;
pub mod patches;
pub mod import;
pub mod mention;
pub mod corpus;
pub mod series;
pub mod git;
pub mod release;
pub mod refresh;
pub mod exposure;
pub mod inventory;
pub mod workspace;
pub mod ledger;
pub mod embargo;
pub mod view;
pub mod template;
pub mod draft;
pub mod revise;
pub mod mail;
pub mod render;
pub mod book;
pub mod assets;
pub mod lint;
pub mod repair;
pub mod report;
pub mod output;
pub mod gate;
pub mod openpgp;
pub mod outbox;
pub mod seal;
pub mod hook;
pub mod serve;
pub mod history;
pub mod cli;
