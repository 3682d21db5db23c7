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
    let (_, text) = render(arguments.kind);
    environment.out(&text)?;
    Ok(Outcome::Done)
}

/// Returns every schema with its name, as `schema/` holds them.
pub(super) fn all() -> [(&'static str, String); 3] {
    [File::Advisory, File::Note, File::Config].map(render)
}

fn render(file: File) -> (&'static str, String) {
    let (table, name, title) = match file {
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
    (name, text + "\n")
}
