//! What stands in the way of a mail: one row a rule. Pure; the caller finds out what it needs to know.

use chrono::{DateTime, Utc};

use super::identity;
use super::letter::{Attachment, Letter};
use crate::config::{Config, MailList, MailState, Readers, is_address};
use crate::model::{Document, Patch};

/// Whether a coordinator may send a mail in spite of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// With `--allow RULE`; it is recorded.
    Allowed,
    /// Never: there is another way.
    Refused,
}

/// A rule about mails.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// What it wants and why.
    pub summary: &'static str,
    /// Whether it can be overridden.
    pub overridable: Override,
}

/// A mail breaks a rule.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The rule.
    pub rule: &'static Rule,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

/// What is known when a mail is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The mail.
    pub letter: &'a Letter,
    /// Its document.
    pub document: &'a Document,
    /// Settings.
    pub config: &'a Config,
    /// The moment.
    pub now: DateTime<Utc>,
    /// Errors that `vmt check` finds in the document.
    pub errors: usize,
    /// What is wrong with the keys that it needs.
    pub key_faults: &'a [String],
    /// What differs from the notice that went out under embargo.
    pub differences: &'a [String],
    /// The moment of disclosure that the recipients of a notice rely on.
    pub promised: Option<DateTime<Utc>>,
}

/// Returns what is wrong, and how to mend it.
type Check = fn(&Case<'_>) -> Vec<(String, String)>;

/// All rules, in the order in which they are reported.
pub static RULES: &[(&Rule, Check)] = &[
    (&STATE, state),
    (&NOTHING_DUE, nothing_due),
    (&BEFORE_DISCLOSURE, before_disclosure),
    (&DISCLOSURE, disclosure),
    (&SENDER, sender),
    (&RECIPIENT, recipient),
    (&SUBJECT, subject),
    (&UNENCRYPTED, unencrypted),
    (&KEY, key),
    (&CHECK_ERRORS, check_errors),
    (&PATCH_FILE, patch_file),
    (&PATCH_DIGEST, patch_digest),
    (&THREAD, thread),
    (&DIFFERENCES, differences),
];

static STATE: Rule = Rule {
    id: "wrong-state",
    summary: "A private document goes to no public list, and a published one needs no notice.",
    overridable: Override::Refused,
};
static NOTHING_DUE: Rule = Rule {
    id: "nothing-due",
    summary: "A correction needs an erratum, an update something that changed.",
    overridable: Override::Refused,
};
static BEFORE_DISCLOSURE: Rule = Rule {
    id: "before-disclosure",
    summary: "Nothing goes to a public list before the disclosure.",
    overridable: Override::Allowed,
};
static DISCLOSURE: Rule = Rule {
    id: "disclosure-date",
    summary: "A notice names a disclosure that lies ahead, no further than its list allows.",
    overridable: Override::Allowed,
};
static SENDER: Rule = Rule {
    id: "sender-missing",
    summary: "A mail has a sender.",
    overridable: Override::Refused,
};
static RECIPIENT: Rule = Rule {
    id: "recipient",
    summary: "Recipients are addresses, and none looks like a slip for a list that is known.",
    overridable: Override::Allowed,
};
static SUBJECT: Rule = Rule {
    id: "subject",
    summary: "The subject begins as the list wants it, and names no more than the list may show.",
    overridable: Override::Allowed,
};
static UNENCRYPTED: Rule = Rule {
    id: "unencrypted",
    summary: "A list that takes encrypted mails only has a key.",
    overridable: Override::Refused,
};
static KEY: Rule = Rule {
    id: "key",
    summary: "Keys are there, fit their addresses, and are neither expired, revoked nor weak.",
    overridable: Override::Refused,
};
static CHECK_ERRORS: Rule = Rule {
    id: "check-errors",
    summary: "`vmt check` finds no error in the document.",
    overridable: Override::Allowed,
};
static PATCH_FILE: Rule = Rule {
    id: "patch-file",
    summary: "Patch files are there, and have names that every list takes.",
    overridable: Override::Refused,
};
static PATCH_DIGEST: Rule = Rule {
    id: "patch-digest",
    summary: "Patch files are what their digests say.",
    overridable: Override::Allowed,
};
static THREAD: Rule = Rule {
    id: "thread-unknown",
    summary: "A correction goes on the thread of what it corrects.",
    overridable: Override::Allowed,
};
static DIFFERENCES: Rule = Rule {
    id: "differs-from-notice",
    summary: "What is announced is what the notice said, or the coordinator owns the differences.",
    overridable: Override::Allowed,
};

/// Returns everything that stands in the way of a mail.
pub fn refusals(case: &Case<'_>) -> Vec<Refusal> {
    let mut found = Vec::new();
    for (rule, check) in RULES {
        found.extend(check(case).into_iter().map(|(message, help)| Refusal {
            rule,
            message,
            help,
        }));
    }
    found
}

fn one(message: impl Into<String>, help: impl Into<String>) -> Vec<(String, String)> {
    vec![(message.into(), help.into())]
}

fn lists<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a MailList> {
    case.letter.kind.lists(&case.config.mail)
}

fn state(case: &Case<'_>) -> Vec<(String, String)> {
    let kind = &case.letter.kind;
    let open = case
        .letter
        .to
        .iter()
        .find(|address| is_public(address, case.config));
    if let Some(address) = open.filter(|_| case.document.is_private()) {
        return one(
            format!(
                "{} is private, and everybody reads `{address}`",
                case.letter.document
            ),
            "correct the address of the list in vmt.toml, or publish the document at the hour",
        );
    }
    let public = lists(case).any(|list| list.readers == Readers::Public);
    let embargo = lists(case).any(|list| list.readers == Readers::Embargo);
    if case.document.is_private() && (public || kind.state == MailState::Public) {
        return one(
            format!(
                "{} is private, and `{}` is for what is published",
                case.letter.document, kind.name
            ),
            "publish it at the hour: `vmt embargo publish`",
        );
    }
    if !case.document.is_private() && (embargo || kind.state == MailState::Private) {
        return one(
            format!(
                "{} is published, and `{}` goes out under embargo",
                case.letter.document, kind.name
            ),
            "choose a kind for published documents: `vmt mail preview` lists them",
        );
    }
    if !kind.documents.contains(&case.document.kind) {
        return one(
            format!(
                "`{}` is not for {}",
                kind.name,
                case.document.kind.with_article()
            ),
            "see `documents` of the kind in vmt.toml",
        );
    }
    Vec::new()
}

/// Whether an address is that of a public list, whatever a label in vmt.toml calls it.
fn is_public(address: &str, config: &Config) -> bool {
    let own = config
        .mail
        .lists
        .iter()
        .filter(|list| list.readers == Readers::Public);
    let same = |known: &String| known.eq_ignore_ascii_case(address.trim());
    own.map(|list| &list.address).any(same) || super::public_addresses().any(same)
}

fn nothing_due(case: &Case<'_>) -> Vec<(String, String)> {
    let kind = &case.letter.kind;
    match identity::revision(kind, case.document) {
        Some(_) => Vec::new(),
        None => one(
            format!(
                "{} has nothing that `{}` would say",
                case.letter.document, kind.name
            ),
            "add a line to `errata_history`, or to `updates` of the embargo",
        ),
    }
}

fn before_disclosure(case: &Case<'_>) -> Vec<(String, String)> {
    if case.letter.kind.state != MailState::Public {
        return Vec::new();
    }
    if let Some(promised) = case.promised.filter(|promised| *promised > case.now) {
        let moment = promised.format("%Y-%m-%dT%H:%MZ");
        return one(
            format!("recipients of the notice were promised {moment} as the moment of disclosure"),
            "wait for the hour",
        );
    }
    match case.document.date.day {
        Some(day) if day > case.now.date_naive() => one(
            format!("{} is dated {day}, which lies ahead", case.letter.document),
            "wait for the day, or correct `date`",
        ),
        _ => Vec::new(),
    }
}

fn disclosure(case: &Case<'_>) -> Vec<(String, String)> {
    let Some(embargo) = &case.document.embargo else {
        return Vec::new();
    };
    if case.letter.kind.state != MailState::Private {
        return Vec::new();
    }
    let Some(moment) = embargo.moment() else {
        return one(
            "the embargo names no moment of disclosure",
            "write `disclosure: 2026-11-24T15:00:00Z` into the embargo; recipients rely on it",
        );
    };
    if moment <= case.now {
        return one(
            format!(
                "the disclosure at {} has passed",
                moment.format("%Y-%m-%dT%H:%MZ")
            ),
            "publish the document, or move the disclosure and tell the recipients",
        );
    }
    let mut found = Vec::new();
    for list in lists(case) {
        let ahead = moment - case.now;
        if let Some(most) = list.most_days
            && ahead > chrono::Duration::days(i64::from(most))
        {
            found.push((
                format!(
                    "the disclosure is {} days ahead, and `{}` keeps an embargo for {most} at the most",
                    ahead.num_days() + 1,
                    list.name
                ),
                format!("tell this list later, or disclose within {most} days"),
            ));
        }
    }
    found
}

fn sender(case: &Case<'_>) -> Vec<(String, String)> {
    match case.letter.from {
        Some(_) => Vec::new(),
        None => one(
            "nobody is named as the sender",
            "set VMT_MAIL_FROM to `Name <address>`, or `from` under [mail] in vmt.toml",
        ),
    }
}

fn recipient(case: &Case<'_>) -> Vec<(String, String)> {
    let letter = case.letter;
    let mut found = Vec::new();
    if letter.to.is_empty() {
        found = one(
            format!("`{}` goes to nobody", letter.kind.name),
            "name its lists in vmt.toml",
        );
    }
    let known = super::known_addresses();
    for address in letter.to.iter().chain(&letter.reply_to) {
        if !is_address(address) {
            found.push((
                format!("`{address}` is no mail address"),
                "correct it in vmt.toml".to_owned(),
            ));
            continue;
        }
        let exact = known
            .clone()
            .any(|known| known.eq_ignore_ascii_case(address));
        let near = known.clone().find(|known| is_near(address, known));
        if let Some(near) = near.filter(|_| !exact) {
            found.push((
                format!("`{address}` looks like a slip"),
                format!("did you mean `{near}`?"),
            ));
        }
    }
    found
}

/// Two slips of the finger in an address, three in its domain alone, or a part of the domain left out.
fn is_near(address: &str, known: &str) -> bool {
    let (address, known) = (address.to_lowercase(), known.to_lowercase());
    let distance = strsim::damerau_levenshtein(&address, &known);
    let (Some((local, domain)), Some((known_local, known_domain))) =
        (address.split_once('@'), known.split_once('@'))
    else {
        return false;
    };
    let part = |whole: &str, part: &str| whole.ends_with(&format!(".{part}"));
    let left_out = part(known_domain, domain) || part(domain, known_domain);
    distance <= 2 || local == known_local && (distance <= 3 || left_out)
}

fn subject(case: &Case<'_>) -> Vec<(String, String)> {
    let letter = case.letter;
    let shown = match letter.encrypt_to.is_empty() {
        true => &letter.subject,
        false => letter.outer_subject.as_ref().unwrap_or(&letter.subject),
    };
    lists(case)
        .filter_map(|list| {
            let prefix = list.subject_prefix.as_ref()?;
            let wrong = !shown.starts_with(prefix.as_str());
            wrong.then(|| {
                (
                    format!("`{}` refuses the subject `{shown}`", list.name),
                    format!("let it begin with `{prefix}`"),
                )
            })
        })
        .collect()
}

fn unencrypted(case: &Case<'_>) -> Vec<(String, String)> {
    let some_have_keys = !case.letter.encrypt_to.is_empty();
    if let Some(list) = lists(case).find(|list| some_have_keys && list.key.is_none()) {
        return one(
            format!(
                "`{}` has no key, and could not read what another list gets encrypted",
                list.name
            ),
            "make a kind of mail for each, or name its key",
        );
    }
    lists(case)
        .filter(|list| list.encrypted && list.key.is_none())
        .map(|list| {
            (
                format!(
                    "`{}` takes encrypted mails only, and vmt.toml names no key for it",
                    list.name
                ),
                "write the fingerprint of its key as `key`, and the key into keys/FINGERPRINT.asc"
                    .to_owned(),
            )
        })
        .collect()
}

fn key(case: &Case<'_>) -> Vec<(String, String)> {
    let faults = case.key_faults.iter();
    faults
        .map(|fault| (fault.clone(), "see keys/ and `gpg --list-keys`".to_owned()))
        .collect()
}

fn check_errors(case: &Case<'_>) -> Vec<(String, String)> {
    match case.errors {
        0 => Vec::new(),
        count => one(
            format!(
                "`vmt check` finds {count} errors in {}",
                case.letter.document
            ),
            "mend them first",
        ),
    }
}

/// Longest name of an attachment.
const NAME: usize = 120;

/// Whether every list takes a name of an attachment: letters, digits and `._-`, no sign of the latter first.
pub fn is_sound_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= NAME
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// The patches that go with a mail.
fn patches<'a>(case: &Case<'a>) -> &'a [Patch] {
    let embargo = case.document.embargo.as_ref();
    let embargo = embargo.filter(|_| case.letter.kind.patches);
    embargo.map_or(&[], |embargo| embargo.patches.as_slice())
}

fn file_of<'a>(case: &Case<'a>, patch: &Patch) -> Option<&'a Attachment> {
    let mut files = case.letter.attachments.iter();
    files.find(|file| file.path == patch.file.value)
}

fn patch_file(case: &Case<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let all = patches(case);
    for (at, patch) in all.iter().enumerate() {
        let name = patch.name();
        if !is_sound_name(name) {
            found.push((
                format!("`{name}` is no name that every list takes"),
                "use letters, digits, `.`, `_` and `-`, a letter or digit first".to_owned(),
            ));
        }
        if file_of(case, patch).is_none() {
            found.push((
                format!("the patch file `{}` cannot be read", patch.file.value),
                "put it beside the document, or correct `patches`".to_owned(),
            ));
        }
        if all[..at].iter().any(|other| other.name() == name) {
            found.push((
                format!("two files are called `{name}`"),
                "rename one: recipients save them into one folder".to_owned(),
            ));
        }
    }
    found
}

fn patch_digest(case: &Case<'_>) -> Vec<(String, String)> {
    let differs = |patch: &Patch| {
        let (pinned, file) = (patch.sha256.as_ref()?, file_of(case, patch)?);
        let same = pinned.value.trim().eq_ignore_ascii_case(&file.sha256);
        (!same).then(|| {
            (
                format!(
                    "`{}` is not the file that `sha256` says: it has {}",
                    file.name, file.sha256
                ),
                "correct the file or the digest".to_owned(),
            )
        })
    };
    patches(case).iter().filter_map(differs).collect()
}

fn thread(case: &Case<'_>) -> Vec<(String, String)> {
    let letter = case.letter;
    match &letter.kind.follows {
        Some(first) if letter.thread.is_empty() => one(
            format!(
                "no `{first}` mail for {} is known that this one could answer",
                letter.document
            ),
            format!(
                "record it: vmt mail record {} --kind {first} --message-id '<…>'",
                letter.document
            ),
        ),
        _ => Vec::new(),
    }
}

fn differences(case: &Case<'_>) -> Vec<(String, String)> {
    match case.differences.len() {
        0 => Vec::new(),
        count => one(
            format!("the notice said something else in {count} places"),
            "own the differences, or correct the document",
        ),
    }
}
