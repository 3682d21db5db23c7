//! `vmt embargo publish`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use super::private_document;
use crate::cli::due::{self, Due};
use crate::cli::{Environment, Failure, Outcome, build, leaks};
use crate::config::Numbering;
use crate::corpus::Corpus;
use crate::diagnostic::{Diagnostic, Severity};
use crate::embargo::dates::counted;
use crate::embargo::publication::{self, Facts, Next, Plan, Step};
use crate::ledger::{self, Entry};
use crate::model::{Document, Id, Kind};
use crate::revise;
use crate::workspace::{Include, RESERVATIONS, Workspace};
use crate::{document, draft, lint, output, source};

/// Make a private document public: check, move, build, and say what to commit and to send
///
/// Whatever interrupts it, the same command goes on.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The private document
    id: String,
    /// Number to publish it under: a reserved one, or the next [default: its own, or the next]
    #[arg(long = "as", value_name = "ID")]
    number: Option<String>,
    /// Publish before the hour of the disclosure
    #[arg(long)]
    force_early: bool,
    /// Leave the site to another machine
    #[arg(long)]
    no_build: bool,
    /// Leave out signatures although vmt.toml names a key
    #[arg(long)]
    unsigned: bool,
    /// Check everything and show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open_whole(Include::Drafts)?;
    let plan = read_plan(&workspace, &arguments.id)?;
    let planned = plan.is_some();
    let plan = match plan {
        Some(plan) => plan,
        None => decide(arguments, &workspace, environment)?,
    };
    let run = Publication {
        arguments,
        environment,
        workspace: &workspace,
        kind: kind_of(&plan, &workspace),
        plan,
    };
    let mut facts = Facts {
        built: arguments.no_build,
        ..run.facts()?
    };
    facts.planned = planned;
    if arguments.dry_run {
        return run.rehearse(facts);
    }
    if facts.done {
        environment.say(&format!(
            "{} was published as {} already",
            run.plan.draft, run.plan.id
        ));
    }
    loop {
        match publication::next(facts) {
            Next::Nothing => return Ok(Outcome::Done),
            Next::Lost => {
                return Err(Failure::World(
                    format!(
                        "neither the private nor the public file of {} is there",
                        run.plan.draft
                    ),
                    Some("get the file from a backup or from `git log --all -- advisories`".into()),
                ));
            }
            Next::Step(step) => {
                run.take(step)?;
                facts = publication::after(step, facts);
            }
        }
    }
}

struct Publication<'a> {
    arguments: &'a Arguments,
    environment: &'a Environment,
    workspace: &'a Workspace,
    kind: Kind,
    plan: Plan,
}

impl Publication<'_> {
    fn root(&self, path: &str) -> PathBuf {
        self.workspace.root.join(path)
    }

    fn public_name(&self) -> String {
        format!(
            "{}/{}.yaml",
            self.workspace.config.kind(self.kind).folder,
            self.plan.id
        )
    }

    /// The private file: that of the document, or the place where it was.
    fn private_path(&self) -> PathBuf {
        let named = self
            .workspace
            .private
            .join(format!("{}.yml", self.plan.draft));
        match named.exists() {
            true => named,
            false => self
                .workspace
                .private
                .join(format!("{}.yaml", self.plan.draft)),
        }
    }

    fn plan_path(&self) -> PathBuf {
        self.workspace.private.join(Plan::path(&self.plan.draft))
    }

    fn waiting_entries(&self) -> Result<Vec<PathBuf>, Failure> {
        let folder = self
            .workspace
            .private
            .join(ledger::FOLDER)
            .join(&self.plan.draft);
        let names = source::list_tree(&folder).map_err(|error| {
            Failure::World(format!("cannot list {}: {error}", folder.display()), None)
        })?;
        Ok(names.into_iter().map(|name| folder.join(name)).collect())
    }

    fn reservation(&self) -> PathBuf {
        self.root(&format!("{RESERVATIONS}/{}", self.plan.id))
    }

    fn facts(&self) -> Result<Facts, Failure> {
        Ok(Facts {
            planned: self.plan_path().exists(),
            done: self.plan.done,
            private: self.private_path().exists(),
            public: self.root(&self.public_name()).exists(),
            ledger_waits: !self.waiting_entries()?.is_empty(),
            reserved: self.reservation().exists(),
            built: false,
        })
    }

    /// The text that becomes public.
    fn text(&self) -> Result<String, Failure> {
        let path = self.private_path();
        let read = source::read_text(&path, source::MAX_FILE_BYTES).map_err(|error| {
            Failure::World(format!("cannot read {}: {error}", path.display()), None)
        })?;
        revise::publish(&read, &self.plan.id, self.plan.day).map_err(|refusal| {
            Failure::documents(format!("{}: {refusal}", path.display()), refusal.help())
        })
    }

    fn take(&self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Plan => {
                self.ready()?;
                output::create_private(&self.plan_path(), self.plan.to_json().as_bytes())?;
            }
            Step::WritePublic => {
                self.in_time()?;
                let name = self.public_name();
                output::create(&self.root(&name), self.text()?.as_bytes())?;
                self.environment.say(&format!("wrote {name}"));
            }
            Step::MoveLedger => self.move_ledger()?,
            Step::RemovePrivate => self.remove_private()?,
            Step::RemoveReservation => output::remove(&self.reservation())?,
            Step::Build => {
                let arguments = build::Arguments::unsigned(self.arguments.unsigned);
                if build::run(&arguments, self.environment)? != Outcome::Done {
                    return Err(build::not_built(""));
                }
            }
            Step::Finish => {
                self.finish()?;
                let done = Plan {
                    done: true,
                    ..self.plan.clone()
                };
                output::put(&self.plan_path(), done.to_json().as_bytes())?;
            }
        }
        Ok(())
    }

    fn remove_private(&self) -> Result<(), Failure> {
        let name = self.public_name();
        let public = source::read_text(&self.root(&name), source::MAX_FILE_BYTES)
            .map_err(|error| Failure::World(format!("cannot read {name}: {error}"), None))?;
        if public != self.text()? {
            return Err(Failure::documents(
                format!(
                    "{name} is not what the private file says: one of the two was changed since"
                ),
                "put the right text into the private file and delete the public one, or delete the private one",
            ));
        }
        output::remove(&self.private_path())?;
        Ok(())
    }

    fn move_ledger(&self) -> Result<(), Failure> {
        for path in self.waiting_entries()? {
            let fault = |why: &dyn std::fmt::Display| {
                Failure::World(format!("cannot take along {}: {why}", path.display()), None)
            };
            let bytes = source::read_bytes(&path).map_err(|error| fault(&error))?;
            let entry: Entry = serde_json::from_slice(&bytes).map_err(|error| fault(&error))?;
            let entry = Entry {
                document: self.plan.id.clone(),
                ..entry
            };
            let target = self.root(ledger::FOLDER).join(entry.path());
            output::put(&target, entry.to_json().as_bytes())?;
            output::remove(&path)?;
        }
        Ok(())
    }

    /// Refuses before the hour, unless that is asked for.
    fn in_time(&self) -> Result<(), Failure> {
        let embargo = self.workspace.corpus.documents().iter();
        let mut own =
            embargo.filter(|document| document.is_private() && document.name() == self.plan.draft);
        let moment = own
            .next()
            .and_then(|document| document.embargo.as_ref()?.moment());
        let moment = moment.ok_or_else(|| {
            Failure::documents(
                format!("{} does not say when its embargo ends", self.plan.draft),
                "write `disclosure` into its `embargo` block; `vmt embargo dates` proposes days",
            )
        });
        match moment {
            _ if self.arguments.force_early => Ok(()),
            Err(failure) => Err(failure),
            Ok(moment) if moment <= self.environment.now => Ok(()),
            Ok(moment) => Err(too_early(moment, self.environment.now)),
        }
    }

    /// Everything that can be checked before anything is public.
    fn ready(&self) -> Result<(), Failure> {
        self.in_time()?;
        self.sound()
    }

    fn sound(&self) -> Result<(), Failure> {
        let draft = private_document(self.workspace, &self.plan.draft)?;
        reviews_are_there(draft)?;
        let staged = self.staged()?;
        let name = PathBuf::from(self.public_name());
        let errors: Vec<Diagnostic> = lint::errors(&staged, self.environment.today())
            .into_iter()
            .filter(|finding| staged.sources.file(finding.span.file).path == name)
            .collect();
        if !errors.is_empty() {
            self.environment
                .say(&self.environment.render_human(&staged, &errors));
            return Err(Failure::documents(
                format!(
                    "{} cannot be published: {}",
                    self.plan.draft,
                    counted(i64::try_from(errors.len()).unwrap_or(i64::MAX), "error")
                ),
                "mend what is shown above; the lines are those of the document without its embargo",
            ));
        }
        let build = build::Build {
            workspace: &staged,
            include: Include::Public,
            signed_with: None,
        };
        let files = build.artifacts()?;
        leaks::refuse_others(self.workspace, draft, &files, self.environment)
    }

    /// The workspace as it will be.
    fn staged(&self) -> Result<Workspace, Failure> {
        let mut staged = self.environment.open_whole(Include::Public)?;
        let file = staged.sources.add(self.public_name(), self.text()?);
        let text = &staged.sources.file(file).text;
        let (read, problems) = document::read(file, text, Some(self.kind), &staged.config);
        staged.files.push(file);
        staged.problems.extend(problems);
        let all: Vec<Document> = staged
            .corpus
            .documents()
            .iter()
            .cloned()
            .chain(read)
            .collect();
        staged.corpus = Corpus::new(all);
        let broken = staged
            .problems
            .iter()
            .any(|problem| problem.span.file == file && problem.severity == Severity::Error);
        match broken {
            true => {
                self.environment
                    .say(&self.environment.render_human(&staged, &staged.problems));
                Err(build::not_built(""))
            }
            false => Ok(staged),
        }
    }

    fn rehearse(&self, facts: Facts) -> Result<Outcome, Failure> {
        if facts.done {
            self.environment.say("all is done already");
            return Ok(Outcome::Done);
        }
        if !facts.planned {
            self.sound()?;
        }
        let mut text = format!("would publish {} as {}\n", self.plan.draft, self.plan.id);
        for step in publication::remaining(facts) {
            text.push_str(&format!("  {}\n", step.describe()));
        }
        if facts.private {
            let path = self.private_path();
            let before = source::read_text(&path, source::MAX_FILE_BYTES).unwrap_or_default();
            text.push_str(&revise::render_difference(&before, &self.text()?));
        }
        self.environment.out(&text)?;
        if !facts.public
            && let Err(failure) = self.in_time()
        {
            self.environment.say(&failure.text());
        }
        Ok(Outcome::Done)
    }

    /// Says what is left for a human.
    fn finish(&self) -> Result<(), Failure> {
        let id = &self.plan.id;
        let mut add = vec![self.public_name()];
        let sent = format!("{}/{id}", ledger::FOLDER);
        if self.root(&sent).exists() {
            add.push(sent);
        }
        self.environment
            .say(&format!("{id} is ready; commit it, and nothing else:"));
        // A reservation that was committed goes with the same commit.
        let reserved = format!("{RESERVATIONS}/{id}");
        self.environment.out(&format!(
            "git add {}\ngit rm --quiet --cached --ignore-unmatch {reserved}\ngit commit -m \"Publish {id}\"\n",
            add.join(" ")
        ))?;
        due::queue(Due::Announcement(id), self.environment)
    }
}

fn too_early(moment: DateTime<Utc>, now: DateTime<Utc>) -> Failure {
    let left = moment - now;
    let (days, hours, minutes) = (
        left.num_days(),
        left.num_hours() % 24,
        left.num_minutes() % 60,
    );
    Failure::documents(
        format!(
            "the embargo ends on {}, in {days}d {hours}h {minutes}m; nothing was written",
            moment.format("%Y-%m-%d at %H:%M UTC")
        ),
        "wait; or, when it was broken or everybody agreed, publish now with --force-early",
    )
}

/// Patches that were sent under embargo have to be reviews by now, which readers can get.
fn reviews_are_there(document: &Document) -> Result<(), Failure> {
    let patches = document
        .embargo
        .as_ref()
        .map_or(0, |embargo| embargo.patches.len());
    let empty: Vec<&str> = document
        .reviews
        .iter()
        .filter(|group| group.reviews.is_empty())
        .map(|group| group.key.value.as_str())
        .collect();
    let missing = match (document.all_reviews().count(), empty.as_slice()) {
        (0, _) if patches > 0 => format!(
            "{} of the embargo, and no review",
            counted(i64::try_from(patches).unwrap_or(i64::MAX), "patch file")
        ),
        (_, empty) if !empty.is_empty() => format!("no review for {}", empty.join(", ")),
        _ => return Ok(()),
    };
    Err(Failure::documents(
        format!(
            "{} has {missing}: readers could not get the fix",
            document.name()
        ),
        "push the patches, and enter the addresses under `reviews`; take out branches without a fix",
    ))
}

/// The plan of a publication that began before, by either of its ids.
fn read_plan(workspace: &Workspace, id: &str) -> Result<Option<Plan>, Failure> {
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

fn kind_of(plan: &Plan, workspace: &Workspace) -> Kind {
    let prefix = plan.id.split('-').next();
    match prefix == Some(workspace.config.note.prefix.as_str()) {
        true => Kind::Note,
        false => Kind::Advisory,
    }
}

/// Decides the number and the day.
fn decide(
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
        done: false,
    })
}
