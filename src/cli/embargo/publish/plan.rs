//! The plan of a publication: the number and the day, decided once, and found again by a later run.

use std::path::{Path, PathBuf};

use super::Arguments;
use crate::cli::embargo::private_document;
use crate::cli::{Environment, Failure};
use crate::config::Numbering;
use crate::embargo::publication::{self, Plan};
use crate::model::{Id, Kind};
use crate::workspace::Workspace;
use crate::{draft, revise, source};

/// The plan of a publication that began before, by either of its ids.
pub(in crate::cli::embargo) fn read_plan(
    workspace: &Workspace,
    id: &str,
) -> Result<Option<Plan>, Failure> {
    let folder = workspace.private.join(publication::FOLDER);
    let world = |path: &Path, why: &dyn std::fmt::Display| {
        Failure::World(format!("cannot read {}: {why}", path.display()), None)
    };
    for name in source::list_tree(&folder).map_err(|error| world(&folder, &error))? {
        let path = folder.join(name);
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let bytes = source::read_bytes(&path).map_err(|error| world(&path, &error))?;
        let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| world(&path, &error))?;
        if plan.draft.eq_ignore_ascii_case(id) || plan.id.eq_ignore_ascii_case(id) {
            return Ok(Some(plan));
        }
    }
    Ok(None)
}

/// Decides the number and the day.
pub(super) fn decide(
    arguments: &Arguments,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Plan, Failure> {
    let document = private_document(workspace, &arguments.id)?;
    let (config, today) = (&workspace.config, environment.today());
    let public = |id: &str| {
        let mut all = workspace.corpus.with_id(id);
        all.any(|other| other.file != document.file)
    };
    let next = draft::next_id(
        document.kind,
        &workspace.corpus,
        &workspace.reserved,
        config,
        today,
    );
    let id = match (&arguments.number, &document.id) {
        (None, Some(own)) => own.as_str().to_owned(),
        (None, None) => next,
        (Some(asked), own) => {
            let settings = config.kind(document.kind);
            let read = Id::parse(asked).filter(|id| {
                id.prefix == settings.prefix
                    && id.year.is_some() == (settings.numbering == Numbering::Yearly)
            });
            let taken = workspace.reserved.iter().any(|id| id.as_str() == asked);
            let own = own.as_ref().is_some_and(|own| own.as_str() == asked);
            if read.is_none() || public(asked) || !(taken || own || *asked == next) {
                return Err(Failure::usage(
                    format!(
                        "`{asked}` cannot be the number: it is used, malformed, or was never reserved"
                    ),
                    &format!("the next number is {next}; `vmt reserve` takes one beforehand"),
                ));
            }
            asked.clone()
        }
    };
    if public(&id) {
        return Err(Failure::documents(
            format!("{id} is the number of another document"),
            "give the draft another one with --as, or a placeholder as its id",
        ));
    }
    Ok(Plan {
        draft: document.name().to_owned(),
        id,
        day: today,
        file: Some(workspace.sources.file(document.file).path.clone()),
        done: false,
        embargo: None,
    })
}

/// Whether a publication that began has to get another number: the one of its plan is another document's
/// by now, or nothing has it yet, and another one is asked for.
pub(super) fn taken(
    plan: &Plan,
    arguments: &Arguments,
    workspace: &Workspace,
) -> Result<bool, Failure> {
    let other = arguments.number.as_ref().filter(|asked| **asked != plan.id);
    let folder = &workspace.config.kind(kind_of(plan, workspace)).folder;
    let name = format!("{folder}/{}.yaml", plan.id);
    let read = |path: &Path| source::read_text(path, source::MAX_FILE_BYTES);
    let (Ok(public), Ok(private)) = (
        read(&workspace.root.join(&name)),
        read(&private_path(plan, workspace)),
    ) else {
        let public = workspace.root.join(&name).exists();
        return Ok(other.is_some() && !public);
    };
    if revise::publish(&private, &plan.id, plan.day).is_ok_and(|ours| ours == public) {
        return match other {
            None => Ok(false),
            Some(asked) => Err(Failure::usage(
                format!("{name} is written already: it cannot become {asked}"),
                "give the command again without --as",
            )),
        };
    }
    match (other, revise::is_same_document(&private, &public)) {
        (Some(_), false) => Ok(true),
        (None, false) => Err(Failure::documents(
            format!(
                "the number {} was taken meanwhile: {name} is another document",
                plan.id
            ),
            "publish again with --as ID; `vmt reserve` takes a number beforehand",
        )),
        (_, true) => Err(Failure::documents(
            format!("{name} is not what the private file says: one of the two was changed since"),
            "put the same text into both, the private one with its embargo, and give the command again",
        )),
    }
}

pub(super) fn kind_of(plan: &Plan, workspace: &Workspace) -> Kind {
    let prefix = plan.id.split('-').next();
    match prefix == Some(workspace.config.note.prefix.as_str()) {
        true => Kind::Note,
        false => Kind::Advisory,
    }
}

pub(super) fn private_path(plan: &Plan, workspace: &Workspace) -> PathBuf {
    let mut documents = workspace.corpus.documents().iter();
    let own = documents.find(|document| document.is_private() && document.name() == plan.draft);
    let shown = own.map(|document| workspace.sources.file(document.file).path.clone());
    if let Some(shown) = shown.or_else(|| plan.file.clone()) {
        return workspace.root.join(shown);
    }
    let named = workspace.private.join(format!("{}.yml", plan.draft));
    match named.exists() {
        true => named,
        false => workspace.private.join(format!("{}.yaml", plan.draft)),
    }
}
