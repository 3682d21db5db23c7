//! `vmt affected`.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Environment, Failure, Outcome, known_product};
use crate::exposure::Exposure;
use crate::inventory::{self, Catalogue, Component};
use crate::release::verdict::Status;
use crate::report::json::pretty;
use crate::report::releases::{self, Query};
use crate::source;
use crate::workspace::{Include, Workspace};

/// Say which documents affect versions of products, and where to go
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// PRODUCT VERSION, several of them, or PRODUCT==VERSION; `-` reads a list from stdin
    #[arg(value_name = "PRODUCT VERSION")]
    what: Vec<String>,
    /// A pip requirements or constraints file, or the output of `pip freeze`
    #[arg(long, value_name = "FILE")]
    requirements: Vec<PathBuf>,
    /// A CycloneDX or SPDX document (JSON)
    #[arg(long, value_name = "FILE")]
    sbom: Vec<PathBuf>,
    /// List also the documents that do not concern the version
    #[arg(long)]
    all: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// End with 1 when anything is affected
    #[arg(long)]
    exit_code: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let workspace = environment.open_whole(Include::Public)?;
    let (named, listed) = components(arguments, environment)?;
    if named.is_empty()
        && listed.is_empty()
        && arguments.requirements.is_empty()
        && arguments.sbom.is_empty()
        && !arguments.what.contains(&"-".into())
    {
        return Err(Failure::usage(
            "nothing to look up",
            "name a product and a version, as in `vmt affected nova 29.0.1`",
        ));
    }
    let Workspace {
        corpus,
        config,
        lock,
        ..
    } = &workspace;
    let exposure = Exposure::new(
        corpus
            .documents()
            .iter()
            .filter(|document| !document.is_private()),
        config,
        lock,
    );
    let catalogue = Catalogue::new(config);
    let mut queries = Vec::new();
    for component in &named {
        let product = match catalogue.product_of(component) {
            Some(product) => product,
            None => known_product(&component.name, config)?,
        };
        queries.push(query(component, product, &exposure));
    }
    let mut passed_over = 0;
    for component in &listed {
        match catalogue.product_of(component) {
            Some(product) => queries.push(query(component, product, &exposure)),
            None => passed_over += 1,
        }
    }
    let text = match arguments.format {
        Format::Human => releases::affected(&queries, arguments.all),
        Format::Json => pretty(&releases::affected_json(&queries, passed_over)),
    };
    environment.out(&text)?;
    if passed_over > 0 {
        environment.say(&format!(
            "{passed_over} of {} entries are no products of this workspace",
            listed.len()
        ));
    }
    if lock.products.is_empty() {
        environment.say("there is no releases.lock: all answers rest on declared ranges (`vmt releases resolve`)");
    }
    let is_affected = |query: &Query<'_>| {
        query
            .report
            .as_ref()
            .is_some_and(|report| report.count(Status::Affected) > 0)
    };
    Ok(
        match arguments.exit_code && queries.iter().any(is_affected) {
            true => Outcome::Errors,
            false => Outcome::Done,
        },
    )
}

fn query<'a>(component: &Component, product: &'a str, exposure: &Exposure<'a>) -> Query<'a> {
    let asked = match &component.version {
        Some(version) => format!("{} {version}", component.name),
        None => component.name.clone(),
    };
    let Some(written) = &component.version else {
        let remark = Some("the list pins no version".into());
        return Query {
            asked,
            remark,
            report: None,
        };
    };
    let Some(reduced) = inventory::reduce(written) else {
        let remark = Some(format!("`{written}` is no version"));
        return Query {
            asked,
            remark,
            report: None,
        };
    };
    let packaged = component
        .distribution
        .as_ref()
        .filter(|_| reduced.remark.is_none());
    let remark =
        packaged.map(|kind| format!("a {kind} package: whoever packaged it may have patched it"));
    Query {
        asked,
        remark: reduced.remark.or(remark),
        report: Some(exposure.report(product, reduced.version)),
    }
}

/// What was named on the command line, and what stands in lists.
fn components(
    arguments: &Arguments,
    environment: &Environment,
) -> Result<(Vec<Component>, Vec<Component>), Failure> {
    let mut named = Vec::new();
    let mut listed = Vec::new();
    let mut words = arguments.what.iter().peekable();
    while let Some(word) = words.next() {
        if word == "-" {
            let mut text = String::new();
            let limit = source::MAX_LIST_BYTES;
            let read = std::io::stdin()
                .lock()
                .take(limit)
                .read_to_string(&mut text);
            read.map_err(|error| Failure::World(format!("cannot read stdin: {error}"), None))?;
            listed.extend(parse("stdin", &text)?);
            continue;
        }
        let (name, version) = match word.split_once("==").or(word.split_once('@')) {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (word.as_str(), words.next().cloned()),
        };
        if version.is_none() {
            return Err(Failure::usage(
                format!("`{name}` has no version"),
                "write `vmt affected nova 29.0.1`",
            ));
        }
        named.push(Component {
            name: name.to_owned(),
            version,
            distribution: None,
            line: None,
        });
    }
    for path in &arguments.requirements {
        listed.extend(inventory::read_requirements(&read_list(path, environment)?));
    }
    for path in &arguments.sbom {
        listed.extend(parse(
            &path.display().to_string(),
            &read_list(path, environment)?,
        )?);
    }
    Ok((named, listed))
}

fn parse(name: &str, text: &str) -> Result<Vec<Component>, Failure> {
    inventory::read(text).map_err(|error| {
        Failure::usage(
            format!("{name}: {error}"),
            "give CycloneDX or SPDX JSON, or `name==version` lines",
        )
    })
}

fn read_list(path: &std::path::Path, environment: &Environment) -> Result<String, Failure> {
    let path = environment.resolve(path);
    source::read_text(&path, source::MAX_LIST_BYTES)
        .map_err(|error| Failure::World(format!("cannot read {}: {error}", path.display()), None))
}
