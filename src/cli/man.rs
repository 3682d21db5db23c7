//! `vmt man`: pages for man(1), and the reference of commands in docs/commands.md.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Arg, Args, Command};

use super::{Environment, Failure, Outcome, command};
use crate::diagnostic::did_you_mean;
use crate::output::{self, Existing};

/// Print a manual page, or write all of them
///
/// `vmt man | man -l -` shows the page of vmt, `vmt man mail send | man -l -` that of a command.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Command that the page is of
    #[arg(value_name = "COMMAND", conflicts_with_all = ["out", "markdown"])]
    command: Vec<String>,
    /// Write the pages of all commands into a folder
    #[arg(long, value_name = "DIR", conflicts_with = "markdown")]
    out: Option<PathBuf>,
    /// Print the reference of all commands in Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let mut all = command().disable_help_subcommand(true);
    all.build();
    if arguments.markdown {
        environment.out(&reference(&all))?;
        return Ok(Outcome::Done);
    }
    let Some(folder) = &arguments.out else {
        let page = page(find(&all, &arguments.command)?);
        environment.out(&String::from_utf8_lossy(&page))?;
        return Ok(Outcome::Done);
    };
    let folder = environment.resolve(folder);
    let files: Vec<(PathBuf, Vec<u8>)> = commands(&all)
        .into_iter()
        .map(|command| (folder.join(format!("{}.1", name(command))), page(command)))
        .collect();
    output::create_all(&files, Existing::Replace)?;
    environment.say(&format!(
        "wrote {} pages to {}",
        files.len(),
        folder.display()
    ));
    Ok(Outcome::Done)
}

/// Returns the command that a path of names leads to.
fn find<'a>(all: &'a Command, path: &[String]) -> Result<&'a Command, Failure> {
    let mut found = all;
    for name in path {
        found = found.find_subcommand(name).ok_or_else(|| {
            let names = found.get_subcommands().map(Command::get_name);
            let hint = match did_you_mean(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`vmt --help` lists the commands".to_owned(),
            };
            let whole = found.get_bin_name().unwrap_or("vmt");
            Failure::usage(format!("`{whole}` has no command `{name}`"), &hint)
        })?;
    }
    Ok(found)
}

/// Returns a command and all below it, in the order of the help.
fn commands(command: &Command) -> Vec<&Command> {
    let below = command
        .get_subcommands()
        .filter(|below| !below.is_hide_set());
    std::iter::once(command)
        .chain(below.flat_map(commands))
        .collect()
}

/// The name of a page: `vmt-mail-send`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &Command) -> Vec<u8> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .title(name(command))
        .source(concat!("vmt ", env!("CARGO_PKG_VERSION")))
        .manual("vmt")
        .render(&mut page)
        .expect("writing to memory cannot fail");
    page
}

/// The reference of all commands in Markdown.
fn reference(all: &Command) -> String {
    let mut out = String::from(
        "<!-- Made by `vmt man --markdown`; a test holds the two together. -->\n\n# Commands\n\n\
         `vmt COMMAND --help` says the same in the terminal, `vmt man COMMAND` makes a manual page of it.\n",
    );
    for command in commands(all) {
        section(command, &mut out);
    }
    out
}

fn section(command: &Command, out: &mut String) {
    let whole = name(command).replace('-', " ");
    let _ = writeln!(out, "\n## `{whole}`\n");
    let about = command.get_long_about().or(command.get_about());
    if let Some(about) = about {
        let _ = writeln!(out, "{}\n", sentence(&about.to_string()));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let _ = writeln!(out, "```text\n{usage}\n```");
    // Options of the whole program are said once, at its head.
    let own = |argument: &&Arg| {
        !argument.is_hide_set()
            && !["help", "version"].contains(&argument.get_id().as_str())
            && (!argument.is_global_set() || whole == "vmt")
    };
    let arguments: Vec<&Arg> = command.get_arguments().filter(own).collect();
    if !arguments.is_empty() {
        out.push_str("\n| argument | meaning |\n|---|---|\n");
    }
    for argument in arguments {
        let _ = writeln!(out, "| `{}` | {} |", written(argument), meaning(argument));
    }
}

/// A help text as sentences: the first paragraph of one has no full stop.
fn sentence(text: &str) -> String {
    let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let stop = if first.ends_with('.') { "" } else { "." };
    format!("{first}{stop}\n\n{rest}").trim_end().to_owned()
}

/// How an argument is typed.
fn written(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default();
    let value = values
        .iter()
        .map(|name| format!("{name}"))
        .collect::<Vec<_>>();
    let value = value.join(" ");
    let takes_value = argument.get_action().takes_values();
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    match (names.is_empty(), takes_value) {
        (true, _) => value,
        (false, true) => format!("{} {value}", names.join("`, `")),
        (false, false) => names.join("`, `"),
    }
}

fn meaning(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string);
    let mut text = help.unwrap_or_default();
    let choices: Vec<String> = argument
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if argument.get_action().takes_values() && !choices.is_empty() {
        let _ = write!(text, ": {}", choices.join(", "));
    }
    let defaults = argument.get_default_values();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        let default: Vec<String> = defaults
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        let _ = write!(text, "; {} by default", default.join(", "));
    }
    text.replace('|', "\\|")
}
