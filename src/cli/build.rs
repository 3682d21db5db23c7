//! `vmt build`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Environment, Failure, Outcome, leaks};
use crate::assets::{self, Assets};
use crate::diagnostic::{Diagnostic, FileId, Severity};
use crate::key::Key;
use crate::openpgp::{Form, OpenPgpError, Signer};
use crate::output::{Hold, Readers, Reuse, Site};
use crate::paths::Folders;
use crate::render::manners::SECURITY_TXT;
use crate::render::{self, Artifact, Collected, Keys, Out, Setting, Sink};
use crate::template::{TemplateError, Templates};
use crate::view::{Audience, View};
use crate::workspace::{Include, Workspace};
use crate::{lint, output, source};

/// Folder of a workspace with public keys.
const KEYS: &str = "keys";

/// Findings of rules that stand in the way of a page, besides files that cannot be read.
const BLOCKING: [&str; 2] = ["id-malformed", "duplicate-id"];

/// Documents beyond which texts do not stay in memory to the end of a build.
const MANY: usize = 10_000;

/// Build the site
#[derive(Debug, Default, Args)]
pub(super) struct Arguments {
    /// Folder to write; replaced in one step [default: public, with --drafts .vmt-drafts]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Address under which the site is published, instead of vmt.toml's
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Build a preview for the team, with private drafts
    #[arg(long)]
    drafts: bool,
    /// Refuse to build while `vmt check` reports an error
    #[arg(long)]
    strict: bool,
    /// Make every file, whatever is known from the last build
    #[arg(long)]
    fresh: bool,
    /// Leave out signatures although vmt.toml names a key
    #[arg(long)]
    unsigned: bool,
    /// Write nothing; fail when the folder differs from what would be written
    #[arg(long)]
    check: bool,
}

impl Arguments {
    /// The usual build, with or without signatures.
    pub(super) fn unsigned(unsigned: bool) -> Arguments {
        Arguments {
            unsigned,
            ..Arguments::default()
        }
    }
}

pub(super) fn run(arguments: &Arguments, environment: &Environment) -> Result<Outcome, Failure> {
    let include = if arguments.drafts {
        Include::Drafts
    } else {
        Include::Public
    };
    let root = environment.workspace_folder()?;
    let folder = folder(arguments, environment, &root)?;
    // Nothing is read before the folder is held: a build that waited for another publishes what is there now.
    let hold = match arguments.check {
        true => None,
        false => Some(Hold::of(&folder, &|| {
            environment.say(&format!(
                "another vmt builds into {}; waiting for it",
                folder.display()
            ));
        })?),
    };
    let readers = match include {
        Include::Drafts => Readers::Team,
        Include::Public => Readers::All,
    };
    // Asked once: another program may take the place of this one while it runs.
    let program = environment.program();
    let reuse = match program.is_some() && !arguments.fresh {
        true => Reuse::Known,
        false => Reuse::Nothing,
    };
    // What is known of the last build is read beside the documents.
    let (workspace, site) = rayon::join(
        || environment.open_whole(include),
        || {
            hold.map(|hold| Site::begin(hold, reuse, readers))
                .transpose()
        },
    );
    let (mut workspace, site) = (workspace?, site?);
    if let Some(url) = &arguments.base_url {
        if crate::host::Url::parse(url).is_err() {
            return Err(Failure::usage(
                format!("`{url}` is no web address"),
                "write it like https://security.example.org/",
            ));
        }
        workspace.config.base_url = format!("{}/", url.trim_end_matches('/'));
    }
    let signed_with = workspace
        .config
        .sign_with
        .as_deref()
        .filter(|_| !arguments.unsigned && !arguments.drafts);
    let inputs = program.map(|program| Inputs {
        program,
        sources: workspace.sources.keys(),
    });
    let guarded = site.is_some()
        && include == Include::Public
        && leaks::knows_private_documents(&workspace, environment)?;
    // Of many documents the check is done with the texts before the pages need their memory.
    let is_large = workspace.corpus.documents().len() > MANY
        && site.is_some()
        && !guarded
        && signed_with.is_none();
    if is_large {
        refuse(arguments, environment, &workspace)?;
        workspace.sources.forget_texts();
    }
    let build = Build {
        workspace: &workspace,
        include,
        signed_with,
        inputs: inputs.as_ref(),
    };
    let Some(site) = site else {
        refuse(arguments, environment, &workspace)?;
        return compare(&folder, &build.artifacts()?, environment);
    };
    // Pages are made while the check runs; they take the place of the old ones only if it agrees.
    let (refused, filled) = rayon::join(
        || match is_large {
            true => Ok(()),
            false => refuse(arguments, environment, &workspace),
        },
        || build.fill(&site, guarded, environment),
    );
    refused?;
    filled?;
    let summary = site.finish()?;
    let documents = workspace.corpus.documents().len();
    // The program ends here, or soon. The system takes its memory back at once, and not text by text.
    std::mem::forget(workspace);
    let written = match summary.written {
        all if all == summary.files => String::new(),
        written => format!(", {written} of them written"),
    };
    environment.say(&format!(
        "built {} files from {documents} documents in {}{written}",
        summary.files,
        folder.display(),
    ));
    Ok(Outcome::Done)
}

/// The folder to write. Private drafts do not go into one that is, or was, for everybody.
fn folder(
    arguments: &Arguments,
    environment: &Environment,
    root: &Path,
) -> Result<PathBuf, Failure> {
    let default = if arguments.drafts {
        ".vmt-drafts"
    } else {
        "public"
    };
    let folder = match &arguments.out {
        Some(out) => environment.resolve(out),
        None => root.join(default),
    };
    let deployed = || {
        let same = |other: &PathBuf| folder.components().eq(other.components());
        let real = |path: &PathBuf| path.canonicalize().ok();
        let public = root.join("public");
        same(&public) || (real(&folder).is_some() && real(&folder) == real(&public))
    };
    // The usual folder of previews may be marked by an older vmt, which did not tell them apart.
    let marked = arguments.out.is_some() && output::is_public_site(&folder);
    if arguments.drafts && (marked || deployed()) {
        return Err(Failure::usage(
            format!(
                "{} is a public site: private drafts do not belong there",
                folder.display()
            ),
            "give another folder with --out, or none",
        ));
    }
    Ok(folder)
}

/// What is to be built.
pub(super) struct Build<'w> {
    pub(super) workspace: &'w Workspace,
    pub(super) include: Include,
    pub(super) signed_with: Option<&'w str>,
    /// Where files come with keys, what these begin with.
    pub(super) inputs: Option<&'w Inputs>,
}

/// What keys of files begin with.
pub(super) struct Inputs {
    /// The key of vmt itself.
    program: Key,
    /// The key of each file of the workspace, by number.
    sources: Vec<Key>,
}

impl Inputs {
    fn source(&self, file: FileId) -> Key {
        let key = self.sources.get(file.0 as usize);
        key.copied().unwrap_or_default()
    }

    /// The key of everything that is not a document.
    fn common(&self, workspace: &Workspace, templates: &Templates, assets: &Assets) -> Key {
        let mut maker = Key::of("workspace")
            .key(self.program)
            .key(templates.key())
            .key(self.source(workspace.config_file))
            .keys(workspace.lock_file.map(|file| self.source(file)));
        for page in &assets.pages {
            maker = maker.texts([&*page.path, &page.title, &page.text]);
        }
        maker.done()
    }
}

impl Build<'_> {
    /// Everything that the workspace publishes.
    pub(super) fn artifacts(&self) -> Result<Vec<Artifact>, Failure> {
        let assets = load_assets(self.workspace)?;
        let collected = Collected::default();
        self.render(&assets, &collected, &mut || {})?;
        let mut artifacts = collected.drain();
        // A page wins over a static file of its name, and over one that stands where its folder is.
        let taken: HashSet<String> = artifacts.iter().map(|page| page.path.clone()).collect();
        let mut folders = Folders::default();
        taken.iter().for_each(|path| folders.add(path));
        let is_left =
            |file: &Artifact| !folders.is_in_the_way(&file.path, |path| taken.contains(path));
        artifacts.extend(assets.files.into_iter().filter(is_left));
        if let Some(fingerprint) = self.signed_with {
            sign(fingerprint, self.workspace, &mut artifacts)?;
        }
        Ok(artifacts)
    }

    /// Fills a site. What is right from the last build is not made again, unless something is signed:
    /// a signature is of bytes.
    fn fill(&self, site: &Site, guarded: bool, environment: &Environment) -> Result<(), Failure> {
        let take = |artifact: &Artifact| {
            let bytes = || Ok(artifact.bytes.clone());
            let key = Key::of_bytes(&artifact.bytes);
            let taken = site.take(&artifact.path, key, &bytes);
            taken.map_err(template_failure)
        };
        // What is searched for private documents has to be there, too, and is searched whole each time.
        if self.signed_with.is_some() || guarded {
            let artifacts = self.artifacts()?;
            if guarded {
                leaks::refuse_artifacts(self.workspace, &artifacts, environment)?;
            }
            return artifacts.iter().try_for_each(take);
        }
        let assets = load_assets(self.workspace)?;
        self.render(&assets, site, &mut || {})?;
        // A page wins over a static file of its name, and over one that stands where its folder is.
        site.without(&assets.files).into_iter().try_for_each(take)
    }

    /// Renders the workspace; the caller is told when the pages that people read first are there.
    pub(super) fn render(
        &self,
        assets: &Assets,
        sink: &dyn Sink,
        pages_are_there: &mut dyn FnMut(),
    ) -> Result<(), Failure> {
        let workspace = self.workspace;
        let templates = Templates::load(&workspace.root).map_err(template_failure)?;
        let (corpus, config, lock) = (&workspace.corpus, &workspace.config, &workspace.lock);
        let setting = Setting {
            config,
            templates: &templates,
            pages: &assets.pages,
            signed_with: self.signed_with,
        };
        let inputs = self.inputs;
        let common = inputs.map(|inputs| inputs.common(workspace, &templates, assets));
        let rendered = match self.include {
            Include::Drafts => {
                let view = View::team(corpus, config, lock);
                let keys = self.keys(common, &setting, &view);
                let out = Out { sink, keys: &keys };
                render::render_all(&setting, &view, &out, pages_are_there)
            }
            Include::Public => {
                let view = View::public(corpus, config, lock);
                let keys = self.keys(common, &setting, &view);
                let out = Out { sink, keys: &keys };
                render::render_all(&setting, &view, &out, pages_are_there)
            }
        };
        rendered.map_err(template_failure)
    }

    fn keys<A: Audience>(
        &self,
        common: Option<Key>,
        setting: &Setting<'_>,
        view: &View<'_, A>,
    ) -> Keys {
        let both = common.zip(self.inputs);
        let keys = both
            .map(|(common, inputs)| Keys::new(common, setting, view, &|file| inputs.source(file)));
        keys.unwrap_or_default()
    }
}

/// Adds a signature beside each document that consumers verify, and the public part of the key.
fn sign(
    fingerprint: &str,
    workspace: &Workspace,
    artifacts: &mut Vec<Artifact>,
) -> Result<(), Failure> {
    let failure = |error: OpenPgpError| {
        let help = error.help();
        Failure::World(error.to_string(), Some(help.to_owned()))
    };
    let name = format!("{KEYS}/{fingerprint}.asc");
    let key = source::read_bytes(&workspace.root.join(&name)).map_err(|error| {
        Failure::World(
            format!("cannot read {name}: {error}"),
            Some(format!(
                "write the public part of the key: gpg --armor --export {fingerprint} > {name}"
            )),
        )
    })?;
    let text = String::from_utf8_lossy(&key);
    if !text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") || text.contains("PRIVATE KEY") {
        return Err(Failure::usage(
            format!("{name} is no public key in ASCII armour"),
            "write it with: gpg --armor --export FINGERPRINT",
        ));
    }
    let signer = Signer::find(fingerprint).map_err(failure)?;
    let mut signatures = vec![Artifact {
        path: render::csaf::key_path(fingerprint),
        bytes: key,
    }];
    for artifact in artifacts.iter_mut() {
        if artifact.path == SECURITY_TXT {
            // It is signed in itself (RFC 9116 section 2.3), as of the birth of the key.
            artifact.bytes = signer
                .sign(&artifact.bytes, Form::Clear, chrono::DateTime::UNIX_EPOCH)
                .map_err(failure)?;
        }
        if let Some(moment) = render::csaf::signed_as_of(artifact) {
            signatures.push(Artifact {
                path: format!("{}.asc", artifact.path),
                bytes: signer
                    .sign(&artifact.bytes, Form::Detached, moment)
                    .map_err(failure)?,
            });
        }
    }
    artifacts.extend(signatures);
    Ok(())
}

/// Reads the static files and prose pages of a workspace.
pub(super) fn load_assets(workspace: &Workspace) -> Result<Assets, Failure> {
    assets::load(&workspace.root, workspace.config.docs.as_deref()).map_err(|(path, error)| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let hint = missing.then(|| {
            "the folder of `docs` in vmt.toml needs a README.md that lists its pages".to_owned()
        });
        Failure::World(format!("cannot read {path}: {error}"), hint)
    })
}

pub(super) fn template_failure(error: TemplateError) -> Failure {
    let hint = match error {
        TemplateError::Read { .. } => "see that the file is readable UTF-8 text",
        TemplateError::Syntax(_) => "mend the template, or delete it to use the shipped one",
    };
    Failure::usage(error, hint)
}

/// A document that has no page would be a hole in the site: better the old site than that.
fn refuse(
    arguments: &Arguments,
    environment: &Environment,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let errors = lint::errors(workspace, environment.today());
    let blocking = match arguments.strict {
        true => errors.clone(),
        false => blocking(workspace, &errors),
    };
    if !blocking.is_empty() {
        environment.say(&environment.render_human(workspace, &blocking));
        return Err(not_built(""));
    }
    if !errors.is_empty() {
        environment.say(&format!("`vmt check` reports {} errors", errors.len()));
    }
    Ok(())
}

/// Returns the findings that stand in the way of a page.
pub(super) fn blocking(workspace: &Workspace, findings: &[Diagnostic]) -> Vec<Diagnostic> {
    let stands_in_the_way = |finding: &&Diagnostic| {
        let structural = workspace.problems.iter().any(|problem| {
            problem.severity == Severity::Error
                && (problem.code.id, problem.span) == (finding.code.id, finding.span)
        });
        finding.severity == Severity::Error && (structural || BLOCKING.contains(&finding.code.id))
    };
    findings.iter().filter(stands_in_the_way).cloned().collect()
}

/// Says that documents stand in the way of the site, after the findings as shown to a human.
pub(super) fn not_built(findings: &str) -> Failure {
    Failure::documents(
        format!("{findings}the site was not built: a document cannot be published as it is"),
        "mend the errors above; `vmt check` shows all findings",
    )
}

fn compare(
    folder: &Path,
    artifacts: &[Artifact],
    environment: &Environment,
) -> Result<Outcome, Failure> {
    let differences = output::compare(folder, artifacts)?;
    for difference in &differences {
        environment.out(&format!("{difference}\n"))?;
    }
    Ok(if differences.is_empty() {
        Outcome::Done
    } else {
        Outcome::Errors
    })
}
