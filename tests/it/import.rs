//! `vmt import ossn`: legacy texts into note YAML, and back through a mail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use vmt::config::{Config, SHIPPED};
use vmt::diagnostic::{FileId, Severity};
use vmt::document;
use vmt::import::{self, Request};
use vmt::mail;
use vmt::model::{Document, Kind};
use vmt::prose::{self, markdown};
use vmt::services;
use vmt::template::Templates;
use vmt::view::{View, people};
use vmt::workspace::{Include, Workspace};

use crate::env::{TestEnv, shared};

/// A note in every habit of twelve years, in words of our own.
const LEGACY: &str = include_str!("../fixtures/import/OSSN-0900");

fn config() -> Config {
    Config::parse(FileId(0), SHIPPED).0
}

/// The folder of the real texts, with the days of their first commits.
fn real(test: &str) -> Option<(Vec<PathBuf>, BTreeMap<String, String>)> {
    let corpus = shared(test)?.join("corpus");
    let files: Vec<PathBuf> = vmt::source::list_tree(&corpus.join("ossn"))
        .expect("a listing")
        .iter()
        .map(|path| corpus.join("ossn").join(path))
        .collect();
    let dates = std::fs::read_to_string(corpus.join("ossn-dates.txt")).expect("dates");
    let dates = dates
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect();
    Some((files, dates))
}

fn git(folder: &Path, arguments: &[&str], day: &str) {
    let moment = format!("{day}T12:00:00Z");
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=A Name", "-c", "user.email=a@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_AUTHOR_DATE", &moment)
        .env("GIT_COMMITTER_DATE", &moment)
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

/// A repository whose files were committed on given days.
fn repository(files: &[(String, String, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q"], "2014-01-01");
    std::fs::create_dir(folder.path().join("security-notes")).expect("a folder");
    for (name, text, day) in files {
        let path = format!("security-notes/{name}");
        std::fs::write(folder.path().join(&path), text).expect("a file");
        git(folder.path(), &["add", &path], day);
        git(folder.path(), &["commit", "-q", "-m", name], day);
    }
    folder
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The words of a legacy text that have to survive, reckoned without the importer: everything but the
/// headings of the five sections, labels of people and CVEs, marks of snippets, numbers of items and
/// lines that say that there is no bug or CVE.
fn wanted(text: &str) -> Vec<String> {
    let headings = [
        "summary",
        "affected services software",
        "affected services and software",
        "discussion",
        "recommended actions",
        "contacts references",
        "credits",
    ];
    let mut found = Vec::new();
    for line in text.lines() {
        let said = words(line).join(" ");
        if headings.contains(&said.as_str()) {
            continue;
        }
        let trimmed = line.trim().trim_start_matches("* ");
        let dashes = trimmed.starts_with("---") && trimmed.ends_with("---");
        if dashes {
            continue;
        }
        let label = trimmed.split(':').next().unwrap_or_default().trim();
        let person =
            ["Author", "Authors", "Credits"].contains(&label) || label.starts_with("Author ");
        let nothing = ["none", "n a"]
            .iter()
            .any(|word| said.ends_with(&format!(" {word}")));
        if nothing && (label == "CVE" || label.contains("Bug")) {
            continue;
        }
        let mut line = line;
        if person || label == "CVE" {
            line = line[line.find(label).unwrap_or(0)..].trim_start_matches([
                'A', 'u', 't', 'h', 'o', 'r', 's', 'C', 'e', 'd', 'i', 'V', 'E',
            ]);
        }
        let number = line
            .trim_start()
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        if number > 0 && line.trim_start()[number..].starts_with(['.', ')']) {
            line = &line.trim_start()[number..];
        }
        let mut said = words(line);
        if person {
            said.retain(|word| word != "and");
        }
        found.extend(said);
    }
    found
}

/// The words of a note, without fields that repeat others.
fn kept(yaml: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut skipped = false;
    for line in yaml.lines().skip(1) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            skipped = line.starts_with("affected-products") || line.starts_with("issues");
        }
        if !skipped {
            for word in words(line) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    counts
}

#[test]
fn all_real_texts_import_with_nothing_lost() {
    let Some((files, dates)) = real("all_real_texts_import_with_nothing_lost") else {
        return;
    };
    assert_eq!(files.len(), 70);
    let mut commits: Vec<(String, String, String)> = files
        .iter()
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(path).expect("a text");
            let day = dates[&name].clone();
            (name, text, day)
        })
        .collect();
    commits.sort_by(|a, b| a.2.cmp(&b.2));
    // A later change of a file does not count.
    let (name, text, _) = commits[0].clone();
    commits.push((name, format!("{text}\n"), "2020-02-02".into()));
    let repository = repository(&commits);
    let env = TestEnv::workspace();
    let paths: Vec<String> = files
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let repository_path = repository.path().to_string_lossy().into_owned();
    let mut arguments = vec!["import", "ossn", "--git", &repository_path];
    arguments.extend(paths.iter().map(String::as_str));
    let run = env.vmt(&arguments).exits(0);
    assert_eq!(run.stdout.lines().count(), 70);

    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../schema/note.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let config = config();
    let (mut structured, mut plain) = (0, Vec::new());
    for path in &files {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let yaml = env.read(&format!("notes/{name}.yaml"));
        assert!(
            yaml.contains(&format!("\ndate: {}\n", dates[&name])),
            "{name} has the day of its first commit"
        );
        let mut kept = kept(&yaml);
        let text = std::fs::read_to_string(path).expect("a text");
        for word in wanted(&text) {
            let left = kept.get_mut(&word).filter(|left| **left > 0);
            *left.unwrap_or_else(|| panic!("{name}: `{word}` is lost\n{yaml}")) -= 1;
        }
        let value: serde_json::Value = serde_yaml::from_str(&yaml).expect("YAML");
        assert!(
            schema.is_valid(&value),
            "{name}: {:?}",
            schema.iter_errors(&value).next()
        );
        let document = read(&yaml);
        let read = services::of_note(document.note().expect("a note"), &config);
        if is_structured(&read) {
            structured += 1;
        } else {
            plain.push(name);
        }
    }
    assert_eq!(
        structured, 64,
        "notes of 70 whose products are read; not {plain:?}"
    );
    let check = env.vmt(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&check.stdout).expect("JSON");
    assert_eq!(report["summary"]["errors"], 0, "{}", check.stdout);
}

/// Whether a note says a product that vmt.toml knows, or the versions of another.
fn is_structured(read: &[services::Service]) -> bool {
    read.iter()
        .any(|service| service.known || service.version.is_some())
}

#[test]
fn products_of_upstream_notes_are_read() {
    let Some(shared) = shared("products_of_upstream_notes_are_read") else {
        return;
    };
    let config = config();
    let mut missing = Vec::new();
    let mut count = 0;
    for path in vmt::source::list_yaml(&shared.join("corpus/ossn-yaml")).expect("a listing") {
        let text = std::fs::read_to_string(&path).expect("a text");
        let document = read(&text);
        if document.id.is_none() {
            continue; // the template
        }
        count += 1;
        if !is_structured(&services::of_note(
            document.note().expect("a note"),
            &config,
        )) {
            missing.push(document.name().to_owned());
        }
    }
    assert_eq!((count, missing), (11, vec!["OSSN-0030".to_owned()]));
}

fn read(yaml: &str) -> Document {
    let (document, problems) = document::read(FileId(0), yaml, Some(Kind::Note), &config());
    let errors: Vec<_> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    document.expect("a document")
}

/// A document as text, field by field; prose by what it says, and people one by one.
fn fields(document: &Document) -> String {
    let note = document.note().expect("a note");
    let prose = |text: &str| format!("{:#?}", markdown::normal(&prose::parse(text)));
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let url = |url: &str| vmt::host::recognise(url).map_or(one_line(url), |found| found.url);
    let people = |texts: &[vmt::model::Text]| {
        let read = texts
            .iter()
            .flat_map(|text| people::read(&one_line(&text.value)));
        read.map(|person| format!("{} / {:?}", person.name, person.affiliation))
            .collect::<Vec<_>>()
    };
    let mut out = vec![
        format!("id {}", document.name()),
        format!("title {}", one_line(&document.title.value)),
        format!("date {:?}", document.date.day),
        format!("summary {}", prose(&note.summary.value)),
        format!("discussion {}", prose(&note.discussion.value)),
        format!("actions {}", prose(&note.actions.value)),
        format!(
            "errata {:?}",
            document.errata.as_ref().map(|text| prose(&text.value))
        ),
        format!("credits {:#?}", people(&note.credits)),
        format!("authors {:#?}", people(&note.authors)),
        format!(
            "withdrawn {:?}",
            document.withdrawn.as_ref().map(|date| date.day)
        ),
    ];
    for service in &note.services {
        out.push(format!("services {}", prose(&service.value)));
    }
    for affected in &document.affected {
        out.push(format!(
            "affected {}: {}",
            affected.product.value,
            one_line(&affected.version.value)
        ));
    }
    for entry in &document.vulnerabilities {
        out.push(format!(
            "cve {:?} {:?}",
            entry.cve,
            entry.note.as_ref().map(|text| &text.value)
        ));
    }
    for issue in &document.issues {
        out.push(format!("issue {} {:?}", url(issue.url()), issue.remark()));
    }
    for (group, review) in document.all_reviews() {
        out.push(format!(
            "review {} {}",
            group.key.value,
            one_line(&review.link.text.value)
        ));
    }
    for line in &document.errata_history {
        out.push(format!("history {}", one_line(&line.text.value)));
    }
    for reference in &note.references {
        let description = reference
            .description
            .as_ref()
            .map(|text| one_line(&text.value));
        out.push(format!("reference {description:?} {}", reference.url.value));
    }
    out.join("\n")
}

/// Sends every note of a workspace through its mail and back. Returns each one's id and YAML.
#[track_caller]
fn goes_round(root: &Path) -> Vec<(String, String)> {
    let workspace = Workspace::open(root, Include::Public, &[]).expect("a workspace");
    let templates = Templates::load(root).expect("templates");
    let view = View::public(&workspace.corpus, &workspace.config, &workspace.lock);
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for document in view
        .documents
        .iter()
        .filter(|document| document.kind() == Kind::Note)
    {
        let mail = mail::compose(document, &workspace.config, &templates).expect("a mail");
        for line in mail.body.lines() {
            assert!(!line.starts_with('-'), "{}: {line}", document.id);
        }
        let request = Request {
            file: FileId(0),
            text: &mail.body,
            stem: "mail",
            date: None,
        };
        let (imported, problems) = import::parse(&request, &workspace.config);
        match imported {
            Some(imported) => {
                let (before, after) = (fields(document.document), fields(&imported.document));
                if before != after {
                    wrong.push(format!("{}\n{}", document.id, similar(&before, &after)));
                }
                found.push((imported.id, imported.yaml));
            }
            None => {
                let said: Vec<String> = problems
                    .iter()
                    .map(|problem| format!("{}: {}", problem.code.id, problem.message))
                    .collect();
                wrong.push(format!("{}: {said:#?}", document.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    found
}

/// The lines in which two texts differ.
fn similar(one: &str, other: &str) -> String {
    let mut out = String::new();
    for (one, other) in one
        .lines()
        .zip(other.lines())
        .filter(|(one, other)| one != other)
        .take(6)
    {
        out.push_str(&format!("- {one}\n+ {other}\n"));
    }
    out
}

#[test]
fn real_notes_go_through_a_mail_and_back() {
    let Some((files, dates)) = real("real_notes_go_through_a_mail_and_back") else {
        return;
    };
    let env = TestEnv::workspace();
    let config = config();
    for path in &files {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(path).expect("a text");
        let request = Request {
            file: FileId(0),
            text: &text,
            stem: &name,
            date: dates[&name].parse().ok(),
        };
        let imported = import::parse(&request, &config).0.expect("a note");
        env.write(&format!("notes/{name}.yaml"), imported.yaml);
    }
    let found = goes_round(env.path());
    assert_eq!(found.len(), 70);
    for (id, yaml) in found {
        assert_eq!(yaml, env.read(&format!("notes/{id}.yaml")), "{id}");
    }
}

#[test]
fn notes_of_this_repository_go_through_a_mail_and_back() {
    assert!(goes_round(Path::new(env!("CARGO_MANIFEST_DIR"))).len() >= 6);
}

#[test]
fn every_habit_is_read() {
    let env = TestEnv::workspace();
    env.write("old/OSSN-0900", LEGACY);
    let run = env
        .vmt(&["import", "ossn", "old/OSSN-0900", "--date", "2014-08-11"])
        .exits(0);
    assert_eq!(run.stdout, "notes/OSSN-0900.yaml\n");
    insta::assert_snapshot!(env.read("notes/OSSN-0900.yaml"));
    let _ = env.vmt(&["check"]).exits(0);
    assert_eq!(goes_round(env.path()).len(), 1);
    insta::assert_snapshot!(
        "every_habit_as_a_mail",
        env.vmt(&["mail", "preview", "OSSN-0900"]).exits(0).stdout
    );
}

#[test]
fn what_is_no_note_is_an_error_with_a_place_and_nothing_is_written() {
    let env = TestEnv::workspace();
    env.write("good/OSSN-0901", LEGACY.replace("OSSN-0900", "OSSN-0901"));
    for (name, bytes) in [
        ("OSSN-0001", Vec::new()),
        ("OSSN-0002", b"\x7fELF\x00\xff\xfe binary".to_vec()),
        (
            "OSSN-0003",
            "### Heading ###\n".repeat(700_000).into_bytes(),
        ),
        (
            "OSSN-0004",
            "### Heading ###\n".repeat(100_000).into_bytes(),
        ),
        ("OSSN-0005", b"A title\n---\n\nNothing more.\n".to_vec()),
        ("OSSN-0006", b"\x00\x01\x02".to_vec()),
    ] {
        env.write(&format!("bad/{name}"), bytes);
        let path = format!("bad/{name}");
        let run = env
            .vmt(&[
                "import",
                "ossn",
                "good/OSSN-0901",
                &path,
                "--date",
                "2014-08-11",
            ])
            .exits(1);
        assert!(run.stderr.contains("error["), "{}", run.transcript());
        assert!(run.stderr.contains(&path), "{}", run.transcript());
        assert_eq!(env.tree("notes"), Vec::<String>::new());
    }
    let missing = env
        .vmt(&["import", "ossn", "good/none", "--date", "2014-08-11"])
        .exits(1);
    assert!(
        missing.stderr.contains("unreadable-file"),
        "{}",
        missing.transcript()
    );
}

#[test]
fn the_day_comes_from_history_or_from_the_user() {
    let mut env = TestEnv::workspace();
    env.write("OSSN-0900", LEGACY);
    let run = env.vmt(&["import", "ossn", "OSSN-0900"]).exits(1);
    assert!(run.stderr.contains("--git REPO"), "{}", run.transcript());
    let run = env
        .vmt(&["import", "ossn", "OSSN-0900", "--git", "."])
        .exits(3);
    assert!(run.stderr.contains("--date"), "{}", run.transcript());
    let run = env
        .vmt(&["import", "ossn", "OSSN-0900", "--date", "soon"])
        .exits(2);
    assert!(run.stderr.contains("soon"), "{}", run.transcript());

    let other = repository(&[("other".into(), "x".into(), "2014-02-02".into())]);
    let path = other.path().to_string_lossy().into_owned();
    let run = env
        .vmt(&["import", "ossn", "OSSN-0900", "--git", &path])
        .exits(1);
    assert!(run.stderr.contains("no commit in"), "{}", run.transcript());
    let run = env
        .vmt(&[
            "import",
            "ossn",
            "OSSN-0900",
            "--git",
            &path,
            "--date",
            "2015-01-01",
            "--out",
            "-",
        ])
        .exits(0);
    assert!(run.stdout.contains("\ndate: 2015-01-01\n"));

    // Renamed, and gone since: its first day is that of its first commit.
    let renamed = repository(&[("OSSN-0900".into(), LEGACY.into(), "2014-03-03".into())]);
    git(
        renamed.path(),
        &["mv", "security-notes/OSSN-0900", "OSSN-0900"],
        "2015-01-01",
    );
    git(
        renamed.path(),
        &["commit", "-q", "-m", "move"],
        "2015-01-01",
    );
    let path = renamed.path().to_string_lossy().into_owned();
    let dated = |env: &TestEnv| {
        let run = env
            .vmt(&["import", "ossn", "OSSN-0900", "--git", &path, "--out", "-"])
            .exits(0);
        assert!(
            run.stdout.contains("\ndate: 2014-03-03\n"),
            "{}",
            run.transcript()
        );
    };
    dated(&env);
    git(renamed.path(), &["rm", "-q", "OSSN-0900"], "2016-01-01");
    git(
        renamed.path(),
        &["commit", "-q", "-m", "remove"],
        "2016-01-01",
    );
    let run = env
        .vmt(&["import", "ossn", "OSSN-0900", "--git", &path, "--out", "-"])
        .exits(0);
    assert!(
        run.stdout.contains("\ndate: 2014-03-03\n"),
        "{}",
        run.transcript()
    );
    env.set("PATH", "/nonexistent");
    let run = env
        .vmt(&["import", "ossn", "OSSN-0900", "--git", &path])
        .exits(3);
    assert!(
        run.stderr.contains("cannot run git"),
        "{}",
        run.transcript()
    );
}

#[test]
fn notes_that_are_there_are_left_alone() {
    let env = TestEnv::workspace();
    env.write("OSSN-0900", LEGACY);
    env.write("OSSN-0901", LEGACY.replace("OSSN-0900", "OSSN-0901"));
    env.write("copy/OSSN-0900", LEGACY);
    env.write("notes/OSSN-0901.yaml", "mine\n");
    let both = [
        "import",
        "ossn",
        "OSSN-0900",
        "OSSN-0901",
        "--date",
        "2014-08-11",
    ];
    let run = env.vmt(&both).exits(2);
    assert!(
        run.stderr.contains("OSSN-0901.yaml exists"),
        "{}",
        run.transcript()
    );
    assert_eq!(env.tree("notes"), ["OSSN-0901.yaml"]);
    assert_eq!(env.read("notes/OSSN-0901.yaml"), "mine\n");
    let mut forced = both.to_vec();
    forced.push("--force");
    let _ = env.vmt(&forced).exits(0);
    assert_eq!(env.tree("notes"), ["OSSN-0900.yaml", "OSSN-0901.yaml"]);
    let run = env
        .vmt(&[
            "import",
            "ossn",
            "OSSN-0900",
            "copy/OSSN-0900",
            "--date",
            "2014-08-11",
        ])
        .exits(2);
    assert!(
        run.stderr.contains("both `OSSN-0900`"),
        "{}",
        run.transcript()
    );
    // Outside a workspace, into a folder of one's own.
    let other = TestEnv::empty();
    other.write("OSSN-0900", LEGACY);
    let _ = other
        .vmt(&["import", "ossn", "OSSN-0900", "--date", "2014-08-11"])
        .exits(2);
    let _ = other
        .vmt(&[
            "import",
            "ossn",
            "OSSN-0900",
            "--date",
            "2014-08-11",
            "--out",
            "new",
        ])
        .exits(0);
    assert_eq!(other.tree("new"), ["OSSN-0900.yaml"]);
}
