//! `vmt schema`.

use clap::{Args, ValueEnum};

use super::{Environment, Failure, Outcome};
use crate::config::CONFIG;
use crate::document;
use crate::model::Kind;
use crate::shape::reference::{self, Syntax};
use crate::shape::{Table, schema};

/// Print the JSON Schema of a kind of file, for editors
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Kind of file
    #[arg(value_enum)]
    kind: File,
    /// Print the reference of its fields in Markdown instead
    #[arg(long)]
    markdown: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum File {
    Advisory,
    Note,
    Config,
}

impl File {
    const ALL: [File; 3] = [File::Advisory, File::Note, File::Config];

    fn table(self) -> &'static Table {
        match self {
            File::Advisory => document::table(Kind::Advisory),
            File::Note => document::table(Kind::Note),
            File::Config => &CONFIG,
        }
    }

    fn name(self) -> &'static str {
        match self {
            File::Advisory => "advisory",
            File::Note => "note",
            File::Config => "config",
        }
    }
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let text = match arguments.markdown {
        true => markdown(arguments.kind),
        false => render(arguments.kind).1,
    };
    environment.out(&text)?;
    Ok(Outcome::Done)
}

/// Returns every schema with its name, as `schema/` holds them.
pub(super) fn all() -> [(&'static str, String); 3] {
    File::ALL.map(render)
}

fn render(file: File) -> (&'static str, String) {
    let title = match file {
        File::Advisory => "Security advisory",
        File::Note => "Security note",
        File::Config => "vmt.toml",
    };
    let name = file.name();
    let schema = schema::schema(file.table(), &format!("urn:vmt:schema:{name}"), title);
    let text = serde_json::to_string_pretty(&schema).expect("a JSON value always serialises");
    (name, text + "\n")
}

fn markdown(file: File) -> String {
    let (title, opening, syntax) = match file {
        File::Advisory => (
            "Fields of an advisory",
            "An advisory is a YAML file, one file a document.",
            Syntax::Yaml,
        ),
        File::Note => (
            "Fields of a note",
            "A note is a YAML file, one file a document.",
            Syntax::Yaml,
        ),
        File::Config => (
            "Settings: vmt.toml",
            "The file `vmt.toml` makes a folder a workspace. What is left out has a default. \
             An entry of a list needs the fields that are marked as required.",
            Syntax::Toml,
        ),
    };
    format!(
        "<!-- Made by `vmt schema {} --markdown`; a test holds the two together. -->\n\n# {title}\n\n{opening}\n{}",
        file.name(),
        reference::fields(file.table(), syntax)
    )
}
