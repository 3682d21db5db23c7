//! `vmt embargo publish`: the steps of a publication, each taken once, wherever the one before it stopped.

mod checks;
mod plan;
mod sent;

use std::path::PathBuf;

use clap::Args;

use crate::cli::due::{self, Due};
use crate::cli::{Environment, Failure, Outcome, build};
use crate::embargo::publication::{self, Facts, History, Next, Plan, Step};
use crate::model::Kind;
use crate::workspace::{Include, RESERVATIONS, Workspace};
use crate::{ledger, output, revise, source};

pub(super) use self::plan::read_plan;

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
    let mut plan = read_plan(&workspace, &arguments.id)?;
    let mut replanned = false;
    if let Some(known) = plan.as_ref().filter(|plan| !plan.done)
        && plan::taken(known, arguments, &workspace)?
    {
        replanned = true;
        plan = None;
    }
    let planned = plan.is_some();
    let plan = match plan {
        Some(plan) => plan,
        None => plan::decide(arguments, &workspace, environment)?,
    };
    let mut run = Publication {
        arguments,
        environment,
        workspace: &workspace,
        kind: plan::kind_of(&plan, &workspace),
        plan,
        replanned,
        checked: false,
    };
    if !run.plan.done && run.private_path() == run.root(&run.public_name()) {
        return Err(Failure::documents(
            format!(
                "{} is private, in the folder of public documents",
                run.public_name()
            ),
            &format!("move it to {}/", workspace.private.display()),
        ));
    }
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
                    Some(format!(
                        "looked for {} and {}; get the file from a backup or from `git log --all -- advisories`",
                        run.private_path().display(),
                        run.public_name()
                    )),
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
    /// The plan takes the place of one whose number was taken.
    replanned: bool,
    /// Everything was checked in this run.
    checked: bool,
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
        plan::private_path(&self.plan, self.workspace)
    }

    fn plan_path(&self) -> PathBuf {
        self.workspace.private.join(Plan::path(&self.plan.draft))
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

    fn take(&mut self, step: Step) -> Result<(), Failure> {
        match step {
            Step::Plan => {
                self.ready()?;
                self.tell_comments()?;
                match self.replanned {
                    true => self.keep_plan()?,
                    false => {
                        output::create_private(&self.plan_path(), self.plan.to_json().as_bytes())?;
                    }
                }
                self.checked = true;
            }
            Step::WritePublic => {
                if !self.checked {
                    // The draft or the day may be another one than when the plan was written.
                    self.plan.day = self.environment.today();
                    self.ready()?;
                    self.tell_comments()?;
                    self.keep_plan()?;
                }
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
                self.plan.done = true;
                self.keep_plan()?;
            }
        }
        Ok(())
    }

    fn keep_plan(&self) -> Result<(), Failure> {
        output::put_private(&self.plan_path(), self.plan.to_json().as_bytes())?;
        Ok(())
    }

    /// Names what else becomes public, which no reader of the pages sees.
    fn tell_comments(&self) -> Result<(), Failure> {
        let comments = revise::comments(&self.text()?);
        if comments.is_empty() {
            return Ok(());
        }
        let lines = comments
            .iter()
            .map(|(line, text)| format!("\n  line {line}: {text}"));
        self.environment.say(&format!(
            "these comments become public:{}",
            lines.collect::<String>()
        ));
        Ok(())
    }

    fn remove_private(&mut self) -> Result<(), Failure> {
        let name = self.public_name();
        let public = source::read_text(&self.root(&name), source::MAX_FILE_BYTES)
            .map_err(|error| Failure::World(format!("cannot read {name}: {error}"), None))?;
        if public != self.text()? {
            return Err(Failure::documents(
                format!(
                    "{name} is not what the private file says: one of the two was changed since"
                ),
                "put the same text into both, the private one with its embargo, and give the command again",
            ));
        }
        let documents = self.workspace.corpus.documents().iter();
        let mut own = documents.filter(|document| document.name() == self.plan.draft);
        if let Some(embargo) = own.find_map(|document| document.embargo.as_ref()) {
            self.plan.embargo = Some(History::of(embargo));
            self.keep_plan()?;
        }
        output::remove(&self.private_path())?;
        Ok(())
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
            if !facts.public {
                self.tell_comments()?;
            }
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
