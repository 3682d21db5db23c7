//! `vmt new`.

use clap::{Args, ValueEnum};

use super::build::template_failure;
use super::{Environment, Failure, Outcome, known_product};
use crate::draft::{self, Request};
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
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DocumentKind {
    Advisory,
    Note,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let kind = match arguments.kind {
        DocumentKind::Advisory => Kind::Advisory,
        DocumentKind::Note => Kind::Note,
    };
    // Private drafts hold numbers, too.
    let workspace = environment.open(Include::Drafts)?;
    let request = request(arguments, &workspace)?;
    let templates = Templates::load(&workspace.root).map_err(template_failure)?;
    let (corpus, config) = (&workspace.corpus, &workspace.config);
    let draft = draft::compose(
        kind,
        &request,
        corpus,
        config,
        &templates,
        environment.today(),
    )
    .map_err(template_failure)?;
    let path = format!("{}/{}.yaml", config.kind(kind).folder, draft.id);
    output::create(&workspace.root.join(&path), draft.text.as_bytes())?;
    environment.out(&format!("{path}\n"))?;
    environment.say("fill in what says TODO, then run `vmt check`");
    Ok(Outcome::Done)
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
    })
}
