//! What all commands about mails compose, and what stands in a mail's way.

use std::path::{Component, Path};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::super::build::template_failure;
use super::super::{Environment, Failure, leaks};
use super::{WallClock, ledger};
use crate::config::{Config, MailKind, MailState};
use crate::diagnostic::did_you_mean;
use crate::ledger::{Entry, Ledger};
use crate::mail::facts::{self, Facts};
use crate::mail::letter::{self, Attachment, Circumstances, Letter};
use crate::mail::policy::{self, Case, Override, Refusal};
use crate::model::Document;
use crate::openpgp::OpenPgpError;
use crate::outbox::Outbox;
use crate::outbox::seal::{self, Keys, SealError};
use crate::template::Templates;
use crate::view::{Audience, View};
use crate::workspace::{Include, Workspace};
use crate::{lint, source};

/// Folder of a workspace with public keys.
const KEYS: &str = "keys";

/// Folder of a workspace for mails that a person sends.
pub(super) const WRITTEN: &str = ".vmt-mail";

/// Largest patch file that is read, in bytes.
const LARGEST_PATCH: u64 = 64 * 1024 * 1024;

/// A mail with what stands in its way.
pub(super) struct Prepared {
    pub(super) letter: Letter,
    pub(super) refusals: Vec<Refusal>,
    pub(super) differences: Vec<String>,
}

/// What mails of a workspace are composed from.
pub(super) struct Desk<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) ledger: Ledger,
    pub(super) keys: Keys,
    templates: Templates,
    from: Option<String>,
    outbox: Outbox<'static>,
    environment: &'a Environment,
}

impl<'a> Desk<'a> {
    /// Sits down at a workspace.
    pub(super) fn at(
        workspace: &'a Workspace,
        environment: &'a Environment,
    ) -> Result<Desk<'a>, Failure> {
        let outbox = Outbox::of(&workspace.root, &WallClock);
        let of_person = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let settings = &workspace.config.mail;
        let sign_with = of_person("VMT_MAIL_SIGN_WITH").map(|text| fingerprint(&text));
        let sign_with = sign_with.transpose()?;
        Ok(Desk {
            ledger: ledger(workspace, &outbox)?,
            keys: Keys {
                sign_with: sign_with.or_else(|| settings.sign_with.clone()),
                folder: workspace.root.join(KEYS),
            },
            templates: Templates::load(&workspace.root).map_err(template_failure)?,
            from: of_person("VMT_MAIL_FROM").or_else(|| settings.from.clone()),
            outbox,
            workspace,
            environment,
        })
    }

    /// Composes a mail from what its readers may see: a public kind from public documents only.
    pub(super) fn prepare(&self, kind: &MailKind, id: &str) -> Result<Prepared, Failure> {
        let Workspace {
            corpus,
            config,
            lock,
            ..
        } = self.workspace;
        match kind.state {
            MailState::Public => {
                let private = corpus.documents().iter().any(|document| {
                    document.is_private() && document.name().eq_ignore_ascii_case(id)
                });
                if private {
                    return Err(Failure::documents(
                        format!(
                            "refused (wrong-state): {id} is private, and `{}` is for what is published",
                            kind.name
                        ),
                        "publish it at the hour: `vmt embargo publish`",
                    ));
                }
                let prepared = self.prepare_from(&View::public(corpus, config, lock), kind, id)?;
                self.guard(&prepared.letter)?;
                Ok(prepared)
            }
            MailState::Private => self.prepare_from(&View::team(corpus, config, lock), kind, id),
        }
    }

    /// Refuses a public mail that would betray a private document, of which it knows nothing.
    fn guard(&self, letter: &Letter) -> Result<(), Failure> {
        let name = format!("mail {} of {}", letter.kind.name, letter.document);
        let text = format!("{}\n\n{}", letter.subject, letter.body);
        leaks::refuse_text(self.workspace, &name, text.as_bytes(), self.environment)
    }

    /// Composes a mail for the eyes of the team, whatever its kind.
    pub(super) fn prepare_for_team(&self, kind: &MailKind, id: &str) -> Result<Prepared, Failure> {
        let Workspace {
            corpus,
            config,
            lock,
            ..
        } = self.workspace;
        self.prepare_from(&View::team(corpus, config, lock), kind, id)
    }

    fn prepare_from<A: Audience>(
        &self,
        view: &View<'_, A>,
        kind: &MailKind,
        id: &str,
    ) -> Result<Prepared, Failure> {
        let config = &self.workspace.config;
        let found = view
            .find(id)
            .ok_or_else(|| no_document(id, self.workspace))?;
        let patches = self.patches(found.document);
        let secret = match kind.state {
            MailState::Private => self.outbox.secret()?,
            MailState::Public => Vec::new(),
        };
        let circumstances = Circumstances {
            from: self.from.as_deref(),
            now: self.environment.now,
            secret: &secret,
            patches: &patches,
            ledger: &self.ledger,
        };
        let letter = letter::compose(kind, found, config, &self.templates, &circumstances)
            .map_err(template_failure)?;
        let key_faults = seal::key_faults(&letter, &self.keys, config, self.environment.now);
        let key_faults = match key_faults {
            Ok(faults) => faults,
            Err(error) => vec![format!("{error}; {}", error.help())],
        };
        let differences = self.differences(&letter);
        let document = found.document;
        let errors = lint::errors(self.workspace, self.environment.today());
        let own = |finding: &&crate::diagnostic::Diagnostic| finding.span.file == document.file;
        let refusals = policy::refusals(&Case {
            letter: &letter,
            document,
            config,
            now: self.environment.now,
            errors: errors.iter().filter(own).count(),
            key_faults: &key_faults,
            differences: &differences,
            promised: self.promised(&letter.document),
        });
        Ok(Prepared {
            letter,
            refusals,
            differences,
        })
    }

    /// Returns the entry of a mail that was sent.
    pub(super) fn sent(&self, letter: &Letter) -> Option<&Entry> {
        let mut entries = self.ledger.of_document(&letter.document);
        entries.find(|entry| entry.kind == letter.kind.name && entry.revision == letter.revision)
    }

    /// Returns the newest mail of a document that went out under embargo.
    fn under_embargo(&self, document: &str) -> Option<&Entry> {
        let config = &self.workspace.config;
        let private = |entry: &&Entry| {
            let kind = config.mail.kind(&entry.kind);
            kind.is_some_and(|kind| kind.state == MailState::Private)
        };
        let entries = self.ledger.of_document(document).filter(private);
        entries.max_by_key(|entry| entry.moment)
    }

    /// Returns the moment of disclosure that the recipients of a notice rely on.
    fn promised(&self, document: &str) -> Option<DateTime<Utc>> {
        let facts = self.under_embargo(document)?.facts.clone()?;
        let facts: Facts = serde_json::from_value(facts).ok()?;
        let moment = DateTime::parse_from_rfc3339(&facts.disclosure?).ok()?;
        Some(moment.to_utc())
    }

    /// What the first public mail says otherwise than the last one under embargo.
    fn differences(&self, letter: &Letter) -> Vec<String> {
        let first = letter.kind.occasion == crate::config::Occasion::Once;
        if !first || letter.kind.state != MailState::Public {
            return Vec::new();
        }
        let Some(entry) = self.under_embargo(&letter.document) else {
            return Vec::new();
        };
        let facts = entry.facts.clone();
        match facts.and_then(|facts| serde_json::from_value(facts).ok()) {
            Some(said) => facts::differences(&said, &letter.facts),
            None => vec![format!(
                "what `{}` said is not known; compare by hand",
                entry.kind
            )],
        }
    }

    /// Reads the patch files that can be read. A path that leads out of the document's folder cannot.
    fn patches(&self, document: &Document) -> Vec<Attachment> {
        let Some(embargo) = &document.embargo else {
            return Vec::new();
        };
        let file = &self.workspace.sources.file(document.file).path;
        let folder = self.workspace.root.join(file);
        let folder = folder.parent().unwrap_or(&self.workspace.root);
        let read = |patch: &crate::model::Patch| {
            let path = Path::new(patch.file.value.trim());
            let within = path
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
            let bytes = within
                .then(|| source::read_whole(&folder.join(path), LARGEST_PATCH).ok())
                .flatten()?;
            let digest = Sha256::digest(&bytes);
            Some(Attachment {
                path: patch.file.value.clone(),
                name: patch.name().to_owned(),
                sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                bytes,
            })
        };
        embargo.patches.iter().filter_map(read).collect()
    }
}

/// A fingerprint as a person pastes it.
fn fingerprint(text: &str) -> Result<String, Failure> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let sound =
        matches!(digits.len(), 40 | 64) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match sound {
        true => Ok(digits.to_uppercase()),
        false => Err(Failure::usage(
            format!("VMT_MAIL_SIGN_WITH is `{text}`, which is no fingerprint"),
            "write all 40 digits, as `gpg --fingerprint` shows them",
        )),
    }
}

/// Returns the refusals that no `--allow` takes away, and those that were overridden.
pub(super) fn judge(
    prepared: &Prepared,
    allow: &[String],
) -> Result<(Vec<Refusal>, Vec<String>), Failure> {
    for rule in allow {
        let known = policy::RULES.iter().map(|(rule, _)| *rule);
        let Some(found) = known.clone().find(|known| known.id == rule) else {
            let hint = match did_you_mean(rule, known.map(|rule| rule.id)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`vmt mail preview` names the rules that refuse".to_owned(),
            };
            return Err(Failure::usage(
                format!("there is no rule of mails `{rule}`"),
                &hint,
            ));
        };
        if found.overridable == Override::Refused {
            return Err(Failure::usage(
                format!("the rule `{rule}` cannot be overridden"),
                found.summary,
            ));
        }
    }
    let allowed = |refusal: &Refusal| allow.iter().any(|rule| rule == refusal.rule.id);
    let mut overridden: Vec<String> = Vec::new();
    let mut left = Vec::new();
    for refusal in &prepared.refusals {
        match allowed(refusal) {
            true => overridden.push(refusal.rule.id.to_owned()),
            false => left.push(refusal.clone()),
        }
    }
    overridden.dedup();
    Ok((left, overridden))
}

/// Says what a mail says otherwise than the notice that went out under embargo.
pub(super) fn say_differences(prepared: &Prepared, environment: &Environment) {
    for line in &prepared.differences {
        let line = format!("differs from the notice: {line}");
        environment.say(&crate::prose::text::harmless(&line));
    }
}

/// Says what stands in the way of a mail.
pub(super) fn say_refusals(kind: &str, refusals: &[Refusal], environment: &Environment) {
    for refusal in refusals {
        let allow = match refusal.rule.overridable {
            Override::Allowed => format!(" (or --allow {})", refusal.rule.id),
            Override::Refused => String::new(),
        };
        environment.say(&crate::prose::text::harmless(&format!(
            "{kind}: refused ({}): {}\n  help: {}{allow}",
            refusal.rule.id, refusal.message, refusal.help
        )));
    }
}

/// Returns the kind of a name as typed.
pub(super) fn known_kind<'a>(name: &str, config: &'a Config) -> Result<&'a MailKind, Failure> {
    config.mail.kind(name).ok_or_else(|| {
        let names = || config.mail.kinds.iter().map(|kind| kind.name.as_str());
        let hint = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "the kinds in vmt.toml are {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        };
        Failure::usage(format!("there is no kind of mail `{name}`"), &hint)
    })
}

/// Says that a document was not found. The ids of private documents are not given away.
pub(super) fn no_document(id: &str, workspace: &Workspace) -> Failure {
    let public = workspace.corpus.documents().iter();
    let public = public.filter(|document| !document.is_private());
    let hint = match did_you_mean(id, public.map(|document| document.name())) {
        Some(near) if !near.eq_ignore_ascii_case(id) => format!("did you mean `{near}`?"),
        _ => "private drafts are found with --drafts, or with a kind of mail for them".to_owned(),
    };
    Failure::usage(format!("there is no document `{id}`"), &hint)
}

/// Opens the workspace with drafts where a kind speaks of them.
pub(super) fn open_for(kinds: &[String], environment: &Environment) -> Result<Workspace, Failure> {
    let workspace = environment.open_whole(Include::Public)?;
    let mut private = false;
    for name in kinds {
        private |= known_kind(name, &workspace.config)?.state == MailState::Private;
    }
    match private {
        true => environment.open_whole(Include::Drafts),
        false => Ok(workspace),
    }
}

/// Returns the bytes of a mail, or says how to come to them.
pub(super) fn seal_or_fail(letter: &Letter, keys: &Keys) -> Result<Vec<u8>, Failure> {
    seal::seal(letter, keys).map_err(|error| match &error {
        SealError::OpenPgp(fault @ OpenPgpError::NoProgram(_)) => {
            let help = fault.help().to_owned();
            Failure::World(error.to_string(), Some(help))
        }
        SealError::OpenPgp(fault) => {
            let help = fault.help().to_owned();
            Failure::World(error.to_string(), Some(help))
        }
        SealError::Mime(_) | SealError::NoKey => Failure::Usage(error.to_string(), None),
    })
}
