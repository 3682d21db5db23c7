//! `vmt schema`.

use clap::{Args, ValueEnum};

use super::{Environment, Failure, Outcome};
use crate::config::CONFIG;
use crate::document;
use crate::model::Kind;
use crate::shape::schema;

/// Print the JSON Schema of a kind of file, for editors
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Kind of file
    #[arg(value_enum)]
    kind: File,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum File {
    Advisory,
    Note,
    Config,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let (table, name, title) = match arguments.kind {
        File::Advisory => (
            document::table(Kind::Advisory),
            "advisory",
            "Security advisory",
        ),
        File::Note => (document::table(Kind::Note), "note", "Security note"),
        File::Config => (&CONFIG, "config", "vmt.toml"),
    };
    let schema = schema::schema(table, &format!("urn:vmt:schema:{name}"), title);
    let text = serde_json::to_string_pretty(&schema).expect("a JSON value always serialises");
    environment.out(&(text + "\n"))?;
    Ok(Outcome::Done)
}
