//! `vmt embargo publish`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use super::private_document;
use crate::cli::due::{self, Due};
use crate::cli::{Environment, Failure, Outcome, build, leaks};
use crate::config::{MailState, Numbering};
use crate::corpus::Corpus;
use crate::diagnostic::{Diagnostic, Severity};
use crate::embargo::dates::counted;
use crate::embargo::publication::{self, Facts, History, Next, Plan, Step};
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
    let mut plan = read_plan(&workspace, &arguments.id)?;
    let mut replanned = false;
    if let Some(known) = plan.as_ref().filter(|plan| !plan.done)
        && taken(known, arguments, &workspace)?
    {
        replanned = true;
        plan = None;
    }
    let planned = plan.is_some();
    let plan = match plan {
        Some(plan) => plan,
        None => decide(arguments, &workspace, environment)?,
    };
    let mut run = Publication {
        arguments,
        environment,
        workspace: &workspace,
        kind: kind_of(&plan, &workspace),
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
        private_path(&self.plan, self.workspace)
    }

    fn plan_path(&self) -> PathBuf {
        self.workspace.private.join(Plan::path(&self.plan.draft))
    }

    /// What was sent under the id of the draft, each with the place that it moves to.
    fn waiting_entries(&self) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
        let sent = self.workspace.private.join(ledger::FOLDER);
        let folder = sent.join(&self.plan.draft);
        let names = source::list_tree(&folder).map_err(|error| {
            Failure::World(format!("cannot list {}: {error}", folder.display()), None)
        })?;
        let id = ledger::file_name(&self.plan.id);
        // A write that was killed may have left more than entries.
        let entries = names
            .into_iter()
            .filter(|name| name.extension().is_some_and(|ending| ending == "json"));
        let moved = entries.map(|name| {
            // Who was told under embargo, and what, stays private for ever.
            let target = match self.is_public_mail(&name) {
                true => self.root(ledger::FOLDER),
                false => sent.clone(),
            };
            (folder.join(&name), target.join(&id).join(&name))
        });
        Ok(moved.filter(|(from, to)| from != to).collect())
    }

    /// Whether an entry is of a kind of mail that is for public documents.
    fn is_public_mail(&self, name: &Path) -> bool {
        let name = name.to_string_lossy();
        let kind = name.rsplit_once('-').map_or("", |(kind, _)| kind);
        let mut kinds = self.workspace.config.mail.kinds.iter();
        kinds.any(|known| known.name == kind && known.state == MailState::Public)
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

    fn move_ledger(&self) -> Result<(), Failure> {
        for (path, target) in self.waiting_entries()? {
            let fault = |why: &dyn std::fmt::Display| {
                Failure::World(format!("cannot take along {}: {why}", path.display()), None)
            };
            let bytes = source::read_bytes(&path).map_err(|error| fault(&error))?;
            let entry: Entry = serde_json::from_slice(&bytes).map_err(|error| fault(&error))?;
            let entry = Entry {
                document: self.plan.id.clone(),
                ..entry
            };
            match target.starts_with(&self.workspace.private) {
                true => output::put_private(&target, entry.to_json().as_bytes())?,
                false => output::put(&target, entry.to_json().as_bytes())?,
            }
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

fn private_path(plan: &Plan, workspace: &Workspace) -> PathBuf {
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

/// Whether a publication that began has to get another number: the one of its plan is another document's
/// by now, or nothing has it yet, and another one is asked for.
fn taken(plan: &Plan, arguments: &Arguments, workspace: &Workspace) -> Result<bool, Failure> {
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

/// The plan of a publication that began before, by either of its ids.
pub(super) fn read_plan(workspace: &Workspace, id: &str) -> Result<Option<Plan>, Failure> {
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
        file: Some(workspace.sources.file(document.file).path.clone()),
        done: false,
        embargo: None,
    })
}
