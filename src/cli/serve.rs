//! `vmt serve`.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

use super::build::{self, Build};
use super::{Environment, Failure, Outcome};
use crate::diagnostic::Diagnostic;
use crate::model::{Document, Kind};
use crate::release::lock::LOCK_FILE;
use crate::render::Collected;
use crate::report::Colour;
use crate::serve::{self, DocumentPage, Finding, Listener, Part, Preview, ServeError, Watched};
use crate::source::CONFIG_FILE;
use crate::workspace::{Include, PRIVATE_FOLDER, Workspace};
use crate::{assets, lint, template, view};

/// Serve the site on this machine while you edit; pages reload by themselves
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8000", value_parser = address)]
    addr: SocketAddr,
    /// Show private drafts as well; on this machine only
    #[arg(long)]
    drafts: bool,
    /// Open the site in a browser
    #[arg(long)]
    open: bool,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let parsed = match text.strip_prefix("localhost:") {
        Some(port) => port
            .parse()
            .ok()
            .map(|port| (Ipv4Addr::LOCALHOST, port).into()),
        None => text.parse().ok(),
    };
    parsed.ok_or_else(|| "write it like 127.0.0.1:8000".into())
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let exposed = !serve::is_loopback(arguments.addr.ip());
    if exposed && arguments.drafts {
        return Err(Failure::usage(
            format!(
                "private drafts are not served on {}, which other machines can reach",
                arguments.addr.ip()
            ),
            "leave out --drafts, or leave out --addr to serve on this machine only",
        ));
    }
    let include = match arguments.drafts {
        true => Include::Drafts,
        false => Include::Public,
    };
    let workspace = environment.open(include)?;
    let watched = watched(&workspace, include);
    let listener = Listener::bind(arguments.addr)?;
    let url = listener.url();
    let mut site = Site {
        // What is shown in a browser has no colours of a terminal.
        environment: Environment {
            folder: environment.folder.clone(),
            private: environment.private.clone(),
            colour: Colour::Plain,
            ..*environment
        },
        root: workspace.root,
        include,
        watched: watched.clone(),
    };
    let root = site.root.clone();
    let say = |text: &str| environment.say(text);
    let preview = Preview::start(listener, &root, watched, &mut site, &say)?;
    environment.out(&format!("{url}\n"))?;
    if exposed {
        environment
            .say("other machines can reach this preview; it holds what `vmt build` would publish");
    }
    if arguments.open
        && let Err(error) = serve::open_browser(&url)
    {
        environment.say(&format!("cannot open a browser: {error}"));
    }
    preview.follow(&mut site)?;
    Ok(Outcome::Done)
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Failure {
        let hint = match &error {
            ServeError::InUse(_) => Some(
                "stop the other program, or choose another port: --addr 127.0.0.1:0 takes a free one",
            ),
            ServeError::Listen { .. } => Some("choose another address with --addr"),
            ServeError::Watch { .. } => Some(
                "on Linux, see that fs.inotify.max_user_watches and max_user_instances are not used up",
            ),
        };
        Failure::World(error.to_string(), hint.map(str::to_owned))
    }
}

/// What the site of a workspace is made of.
fn watched(workspace: &Workspace, include: Include) -> Watched {
    let folders = Kind::ALL.map(|kind| workspace.config.kind(kind).folder.clone());
    let private = (include == Include::Drafts).then(|| PRIVATE_FOLDER.to_owned());
    Watched {
        files: [CONFIG_FILE, LOCK_FILE].map(str::to_owned).to_vec(),
        documents: folders.into_iter().chain(private).collect(),
        trees: [template::FOLDER, assets::FOLDER]
            .map(str::to_owned)
            .into_iter()
            .chain(workspace.config.docs.clone())
            .collect(),
    }
}

/// Builds the site of a workspace for the preview.
struct Site {
    environment: Environment,
    root: PathBuf,
    include: Include,
    watched: Watched,
}

impl serve::Build for Site {
    fn build(&mut self, base_url: &str, hand_over: &mut dyn FnMut(Part)) -> Watched {
        if let Err(failure) = self.try_build(base_url, hand_over) {
            hand_over(Part::Failed(failure.text()));
        }
        self.watched.clone()
    }
}

impl Site {
    fn try_build(
        &mut self,
        base_url: &str,
        hand_over: &mut dyn FnMut(Part),
    ) -> Result<(), Failure> {
        let mut workspace = self.environment.read(self.include, &[])?;
        if !workspace.config_problems.is_empty() {
            let problems = self.shown(&workspace, &workspace.config_problems);
            return Err(Failure::Usage(
                format!("{problems}vmt.toml has errors"),
                None,
            ));
        }
        self.watched = watched(&workspace, self.include);
        workspace.config.base_url = base_url.to_owned();
        let (workspace, include) = (&workspace, self.include);
        let today = super::now()?.date_naive();
        if workspace.is_broken() {
            let findings = lint::check(workspace, today);
            let blocking = build::blocking(workspace, &findings);
            if !blocking.is_empty() {
                hand_over(Part::Findings(described(&findings, workspace, include)));
                return Err(build::not_built(&self.shown(workspace, &blocking)));
            }
        }
        let mut assets = build::load_assets(workspace)?;
        let mut pages = std::mem::take(&mut assets.files);
        let collected = Collected::default();
        let build = Build {
            workspace,
            include,
            signed_with: None,
            inputs: None,
        };
        // The page is what the reader waits for: everything else comes after it, side by side.
        std::thread::scope(|scope| {
            let mut check = None;
            build.render(&assets, &collected, &mut || {
                // The pages come last, and so win over a static file of their name.
                pages.extend(collected.drain());
                let pages = std::mem::take(&mut pages);
                hand_over(Part::Pages(pages, documents(workspace, include)));
                check =
                    Some(scope.spawn(move || {
                        described(&lint::check(workspace, today), workspace, include)
                    }));
            })?;
            if let Some(check) = check {
                hand_over(Part::Findings(joined(check)));
            }
            hand_over(Part::Rest(collected.drain()));
            Ok(())
        })
    }

    fn shown(&self, workspace: &Workspace, problems: &[Diagnostic]) -> String {
        self.environment.render_human(workspace, problems)
    }
}

fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    let result = thread.join();
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The documents that have a page.
fn documents_shown(workspace: &Workspace, include: Include) -> impl Iterator<Item = &Document> {
    let documents = workspace.corpus.documents().iter();
    documents.filter(move |document| include == Include::Drafts || !document.is_private())
}

fn documents(workspace: &Workspace, include: Include) -> BTreeMap<String, DocumentPage> {
    let page = |document: &Document| {
        let page = DocumentPage {
            id: document.name().to_owned(),
            draft: document.is_private(),
        };
        (view::page_path(document, &workspace.config), page)
    };
    documents_shown(workspace, include).map(page).collect()
}

fn described(findings: &[Diagnostic], workspace: &Workspace, include: Include) -> Vec<Finding> {
    let pages: BTreeMap<_, _> = documents_shown(workspace, include)
        .map(|document| {
            let path = view::page_path(document, &workspace.config);
            (document.file, format!("/{path}"))
        })
        .collect();
    let describe = |finding: &Diagnostic| {
        let file = workspace.sources.file(finding.span.file);
        let place = file.position(finding.span.range().start);
        Finding {
            rule: finding.code.id,
            severity: finding.severity.name(),
            message: finding.message.clone(),
            help: finding.help.clone(),
            file: file.path.to_string_lossy().replace('\\', "/"),
            line: place.line,
            column: place.column,
            page: pages.get(&finding.span.file).cloned(),
        }
    };
    findings.iter().map(describe).collect()
}
