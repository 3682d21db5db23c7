//! `vmt new`.

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, ValueEnum};

use super::build::template_failure;
use super::{Environment, Failure, Outcome, known_product, leaks};
use crate::draft::{self, Dates, Request};
use crate::embargo::dates;
use crate::git::exposed::Exposed;
use crate::model::Kind;
use crate::model::id::cve_id;
use crate::template::Templates;
use crate::workspace::{Include, Workspace};
use crate::{host, output};

/// Start a document: the next free id, filled from the options
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Kind of document
    #[arg(value_enum)]
    kind: DocumentKind,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// Affected product, once for each
    #[arg(long = "product", value_name = "NAME")]
    products: Vec<String>,
    /// Address of a bug, once for each
    #[arg(long = "bug", value_name = "URL")]
    bugs: Vec<String>,
    /// CVE id, once for each
    #[arg(long = "cve", value_name = "ID")]
    cves: Vec<String>,
    /// Start a private draft: a placeholder instead of a number, and dates by the policy
    #[arg(long)]
    embargoed: bool,
    /// Day of the report [default: today]
    #[arg(long, value_name = "DAY", requires = "embargoed")]
    received: Option<NaiveDate>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum DocumentKind {
    Advisory,
    Note,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let kind = arguments.kind.kind();
    // Private drafts hold numbers, too.
    let workspace = environment.open(Include::Drafts)?;
    let mut request = request(arguments, &workspace)?;
    let (corpus, config, today) = (&workspace.corpus, &workspace.config, environment.today());
    let id = match arguments.embargoed {
        true => {
            request.embargo = Some(dates(arguments, &workspace, environment)?);
            draft::placeholder(kind, config, today, &environment.random::<6>()?)
        }
        false => draft::next_id(kind, corpus, &workspace.reserved, config, today),
    };
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let draft =
        draft::compose(kind, id, &request, config, &templates, today).map_err(template_failure)?;
    let name = format!("{}.yaml", draft.id);
    let (path, shown) = match arguments.embargoed {
        true => {
            refuse_exposed(&workspace)?;
            let path = workspace.private.join(&name);
            let shown = path
                .strip_prefix(&workspace.root)
                .unwrap_or(&path)
                .display()
                .to_string();
            (path, shown)
        }
        false => {
            let shown = format!("{}/{name}", config.kind(kind).folder);
            (workspace.root.join(&shown), shown)
        }
    };
    if arguments.dry_run {
        environment.say(&format!("would write {shown}"));
        environment.out(&draft.text)?;
        return Ok(Outcome::Done);
    }
    match arguments.embargoed {
        true => output::create_private(&path, draft.text.as_bytes())?,
        false => output::create(&path, draft.text.as_bytes())?,
    }
    environment.out(&format!("{shown}\n"))?;
    environment.say(match arguments.embargoed {
        true => "fill in what says TODO, then run `vmt check --drafts` and `vmt embargo status`",
        false => "fill in what says TODO, then run `vmt check`",
    });
    Ok(Outcome::Done)
}

/// The dates that a new embargo starts with: the last that the policy allows.
fn dates(
    arguments: &Arguments,
    workspace: &Workspace,
    environment: &Environment,
) -> Result<Dates, Failure> {
    let today = environment.today();
    let received = arguments.received.unwrap_or(today);
    let policy = &workspace.config.embargo;
    if received > today {
        return Err(Failure::usage(
            format!("the report cannot be of {received}: today is {today}"),
            "give the day on which it arrived",
        ));
    }
    let planned = dates::last_allowed(policy, received, environment.now);
    if planned.is_none() {
        let whenever = dates::last_allowed(policy, received, DateTime::<Utc>::MIN_UTC);
        let (_, over) = whenever.ok_or_else(|| {
            Failure::usage(
                format!("the policy of vmt.toml allows no disclosure after a report of {received}"),
                "`vmt embargo dates` says why; see [policy] and [[holidays]]",
            )
        })?;
        environment.say(&format!(
            "no disclosure is proposed: after a report of {received} the last that keeps the policy was {}, or leaves no time for a notice; agree on one, and write `notice` and `disclosure`",
            over.date_naive()
        ));
    }
    Ok(Dates { received, planned })
}

/// A private folder that git does not ignore would be committed by the next `git add`.
pub(super) fn refuse_exposed(workspace: &Workspace) -> Result<(), Failure> {
    let Ok(inside) = workspace.private.strip_prefix(&workspace.root) else {
        return Ok(());
    };
    let Some(repository) = Exposed::open(&workspace.root).map_err(leaks::git_failure)? else {
        return Ok(());
    };
    match repository.ignores(inside).map_err(leaks::git_failure)? {
        true => Ok(()),
        false => Err(Failure::documents(
            format!(
                "git does not ignore {}: a private document would be in the next commit",
                inside.display()
            ),
            &format!("add the line `/{}` to .gitignore", inside.display()),
        )),
    }
}

impl DocumentKind {
    pub(super) fn kind(self) -> Kind {
        match self {
            DocumentKind::Advisory => Kind::Advisory,
            DocumentKind::Note => Kind::Note,
        }
    }
}

fn request(arguments: &Arguments, workspace: &Workspace) -> Result<Request, Failure> {
    let config = &workspace.config;
    let product = |name: &String| known_product(name, config).map(str::to_owned);
    let cve = |text: &String| {
        cve_id(text).ok_or_else(|| {
            Failure::usage(
                format!("`{text}` is no CVE id"),
                "write it like CVE-2026-12345",
            )
        })
    };
    let bug = |text: &String| match host::recognise(text) {
        Some(reference) => Ok(reference.url),
        None => match host::Url::parse(text) {
            Ok(_) => Ok(text.clone()),
            Err(fault) => Err(Failure::usage(
                format!("`{text}` is no web address: {fault}"),
                "write it like https://launchpad.net/bugs/1000000",
            )),
        },
    };
    Ok(Request {
        title: arguments.title.clone(),
        products: arguments
            .products
            .iter()
            .map(product)
            .collect::<Result<_, _>>()?,
        bugs: arguments.bugs.iter().map(bug).collect::<Result<_, _>>()?,
        cves: arguments.cves.iter().map(cve).collect::<Result<_, _>>()?,
        embargo: None,
    })
}
