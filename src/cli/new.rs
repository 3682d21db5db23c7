//! `vmt new`.
use super::{Environment, Failure, Outcome};
/// X
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}
pub(super) fn run(_: &Arguments, _: &Environment) -> Result<Outcome, Failure> {
    Ok(Outcome::Done)
}
