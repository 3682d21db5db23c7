//! What has to be right before anything is public: the hour, the patches, the rules, the leak guard.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::Publication;
use crate::cli::embargo::private_document;
use crate::cli::{Failure, build, leaks};
use crate::corpus::Corpus;
use crate::diagnostic::{Diagnostic, Severity};
use crate::embargo::dates::counted;
use crate::model::Document;
use crate::workspace::{Include, Workspace};
use crate::{document, lint};

impl Publication<'_> {
    /// Refuses before the hour, unless that is asked for.
    pub(super) fn in_time(&self) -> Result<(), Failure> {
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
    pub(super) fn ready(&self) -> Result<(), Failure> {
        self.in_time()?;
        self.sound()
    }

    pub(super) fn sound(&self) -> Result<(), Failure> {
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
            inputs: None,
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
