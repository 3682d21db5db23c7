//! `vmt explain`.

use clap::Args;

use super::{Environment, Failure, Outcome};
use crate::diagnostic::did_you_mean;
use crate::lint::{self, reference};

/// Say what a rule wants and why, or list the rules
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Id of a rule
    rule: Option<String>,
    /// Print the reference of all rules in Markdown
    #[arg(long, conflicts_with = "rule")]
    markdown: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let codes = lint::all_codes();
    let text = match &arguments.rule {
        _ if arguments.markdown => reference::page(&codes),
        None => reference::list(&codes),
        Some(rule) => match codes.iter().find(|code| code.id == rule) {
            Some(code) => reference::explain(code),
            None => {
                let hint = match did_you_mean(rule, codes.iter().map(|code| code.id)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`vmt explain` lists the rules".to_owned(),
                };
                return Err(Failure::usage(format!("there is no rule `{rule}`"), &hint));
            }
        },
    };
    environment.out(&text)?;
    Ok(Outcome::Done)
}
