//! The settings of mails: whose they are, the lists with their rules, and the kinds of mail.

use super::INVALID_SETTING;
use super::read::fingerprint;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::model::{Kind, Text};
use crate::shape::read::{items, required, text, texts};
use crate::shape::{Field, Shape, Table};
use crate::tree::Node;

/// Who may read a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody: the list has a public archive.
    Public,
    /// Those who keep an embargo.
    Embargo,
}

/// A mailing list, or another address that mails of the team go to.
#[derive(Debug, Clone)]
pub struct MailList {
    /// Its name in vmt.toml.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Who reads it.
    pub readers: Readers,
    /// Fingerprint of the key that mails to it are encrypted to.
    pub key: Option<String>,
    /// Whether it takes encrypted mails only.
    pub encrypted: bool,
    /// How subjects to it have to begin.
    pub subject_prefix: Option<String>,
    /// The most days between a notice and the disclosure.
    pub most_days: Option<u32>,
    /// Whether a mail to it must go to no other list.
    pub alone: bool,
    /// Address of its archive.
    pub archive: Option<String>,
}

/// State of a document that a kind of mail may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It has an embargo.
    Private,
    /// It is published.
    Public,
}

/// When a document needs a mail of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Once.
    Once,
    /// Once for each erratum.
    Erratum,
    /// Once for each of the embargo's `updates`.
    Update,
}

/// A kind of mail.
#[derive(Debug, Clone)]
pub struct MailKind {
    /// Its name.
    pub name: String,
    /// Kinds of document that it is for.
    pub documents: Vec<Kind>,
    /// State that the document has to be in.
    pub state: MailState,
    /// When it is due.
    pub occasion: Occasion,
    /// Names of the lists that it goes to.
    pub to: Vec<String>,
    /// Name of the list that answers go to.
    pub reply_to: Option<String>,
    /// Name of its template.
    pub template: String,
    /// Template of its subject.
    pub subject: String,
    /// Template of the subject that an encrypted mail shows on its way.
    pub outer_subject: Option<String>,
    /// Whether it is signed.
    pub signed: bool,
    /// Whether the patch files go with it.
    pub patches: bool,
    /// Name of the kind whose thread it goes on.
    pub follows: Option<String>,
    /// Names of the kinds that are owed once this one was sent and the document is public.
    pub owes: Vec<String>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// STARTTLS, without which nothing is sent (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None; for a server on this machine only.
    None,
}

/// A mail server that takes mails.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Name of the host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Name of the user. The password comes from the environment or a command.
    pub user: Option<String>,
    /// Command that prints the password.
    pub password_command: Option<String>,
    /// File with the certificates to trust besides the system's, relative to the workspace.
    pub authorities: Option<String>,
    /// Seconds to wait for an answer.
    pub timeout: u64,
    /// How often a delivery is tried in one run.
    pub attempts: u32,
    /// Seconds before the second try; each further one waits twice as long.
    pub retry_after: u64,
}

/// Settings of mails.
#[derive(Debug, Clone, Default)]
pub struct MailSettings {
    /// Whose mails they are: `Name <address>`.
    pub from: Option<String>,
    /// What stands behind the `@` of Message-IDs.
    pub domain: Option<String>,
    /// Fingerprint of the key that signs mails.
    pub sign_with: Option<String>,
    /// The server; without one, mails go to `sendmail`, where that is set, or are only written.
    pub smtp: Option<Smtp>,
    /// Path of a sendmail program.
    pub sendmail: Option<String>,
    /// Lists.
    pub lists: Vec<MailList>,
    /// Kinds.
    pub kinds: Vec<MailKind>,
}

impl MailSettings {
    /// Returns the list of a name.
    pub fn list(&self, name: &str) -> Option<&MailList> {
        self.lists.iter().find(|list| list.name == name)
    }

    /// Returns the kind of a name.
    pub fn kind(&self, name: &str) -> Option<&MailKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}

impl MailKind {
    /// Returns the lists that it goes to.
    pub fn lists<'a>(&'a self, settings: &'a MailSettings) -> impl Iterator<Item = &'a MailList> {
        self.to.iter().filter_map(|name| settings.list(name))
    }
}

static LIST: Table = Table {
    name: "list",
    summary: "A mailing list, or another address that mails of the team go to.",
    fields: &[
        Field::required("name", Shape::Text, "Name that kinds of mail use."),
        Field::required("address", Shape::Text, "Its address."),
        Field::required(
            "readers",
            Shape::Choice(&["public", "embargo"]),
            "`public` for everybody, `embargo` for those who keep one.",
        ),
        Field::optional(
            "key",
            Shape::Text,
            "Fingerprint of the key that mails to it are encrypted to; the key is `keys/FINGERPRINT.asc`.",
        ),
        Field::optional(
            "encrypted",
            Shape::Boolean,
            "It takes encrypted mails only.",
        ),
        Field::optional(
            "subject-prefix",
            Shape::Text,
            "How subjects to it have to begin.",
        ),
        Field::optional(
            "most-days",
            Shape::Integer,
            "The most days between a notice to it and the disclosure.",
        ),
        Field::optional(
            "alone",
            Shape::Boolean,
            "A mail to it must go to no other list.",
        ),
        Field::optional("archive", Shape::Url, "Address of its archive."),
    ],
};

static KIND: Table = Table {
    name: "kind of mail",
    summary: "A kind of mail that a document gives rise to.",
    fields: &[
        Field::required("name", Shape::Text, "Name for the command line."),
        Field::required(
            "documents",
            Shape::List(&Shape::Choice(&["advisory", "note"])),
            "Kinds of document that it is for.",
        ),
        Field::required(
            "state",
            Shape::Choice(&["private", "public"]),
            "State that the document has to be in.",
        ),
        Field::optional(
            "occasion",
            Shape::Choice(&["once", "erratum", "update"]),
            "When it is due: once, for each erratum, or for each of the embargo's `updates`.",
        ),
        Field::required("to", Shape::List(&Shape::Text), "Names of the lists."),
        Field::optional(
            "reply-to",
            Shape::Text,
            "Name of the list that answers go to.",
        ),
        Field::required(
            "template",
            Shape::Text,
            "Template of the body, such as `mail/notice.txt`.",
        ),
        Field::required("subject", Shape::Text, "Template of the subject."),
        Field::optional(
            "outer-subject",
            Shape::Text,
            "Subject that an encrypted mail shows on its way; the real one is inside.",
        ),
        Field::optional(
            "signed",
            Shape::Boolean,
            "Whether it is signed; it is by default.",
        ),
        Field::optional(
            "patches",
            Shape::Boolean,
            "Whether the patch files go with it.",
        ),
        Field::optional("follows", Shape::Text, "Kind whose thread it goes on."),
        Field::optional(
            "owes",
            Shape::List(&Shape::Text),
            "Kinds that are owed once this one was sent and the document is public.",
        ),
    ],
};

static SMTP: Table = Table {
    name: "smtp",
    summary: "The mail server. The password comes from VMT_SMTP_PASSWORD or a command, never from here.",
    fields: &[
        Field::required("host", Shape::Text, "Name of the host."),
        Field::optional("port", Shape::Integer, "Port; 587, or 465 with `tls`."),
        Field::optional(
            "encryption",
            Shape::Choice(&["starttls", "tls", "none"]),
            "`none` only for a server on this machine.",
        ),
        Field::optional("user", Shape::Text, "Name of the user."),
        Field::optional(
            "password-command",
            Shape::Text,
            "Command that prints the password.",
        ),
        Field::optional(
            "authorities",
            Shape::Text,
            "PEM file in the workspace with certificates to trust besides the system's.",
        ),
        Field::optional("timeout", Shape::Integer, "Seconds to wait for an answer."),
        Field::optional(
            "attempts",
            Shape::Integer,
            "How often a delivery is tried in one run.",
        ),
        Field::optional(
            "retry-after",
            Shape::Integer,
            "Seconds before the second try; each further one waits twice as long.",
        ),
    ],
};

/// The fields of `[mail]`.
pub(super) static MAIL: Table = Table {
    name: "mail",
    summary: "Mails: whose they are, where they go, and what kinds there are.",
    fields: &[
        Field::optional(
            "from",
            Shape::Text,
            "Sender, `Name <address>`; VMT_MAIL_FROM overrides it for one person.",
        ),
        Field::optional(
            "domain",
            Shape::Text,
            "What stands behind the @ of Message-IDs.",
        ),
        Field::optional(
            "sign-with",
            Shape::Text,
            "Fingerprint of the key that signs mails; VMT_MAIL_SIGN_WITH overrides it for one person.",
        ),
        Field::optional("smtp", Shape::Table(&SMTP), "The mail server."),
        Field::optional(
            "sendmail",
            Shape::Text,
            "Path of a sendmail program that takes the mails instead.",
        ),
        Field::optional("lists", Shape::List(&Shape::Table(&LIST)), "Lists."),
        Field::optional("kinds", Shape::List(&Shape::Table(&KIND)), "Kinds of mail."),
    ],
};

/// Reads `[mail]`.
pub(super) fn read(root: &Node, problems: &mut Vec<Diagnostic>) -> MailSettings {
    let Some(node) = root.get("mail") else {
        return MailSettings::default();
    };
    let value = |field: &str| text(node, field).map(|text| text.value);
    let lists: Vec<MailList> = items(node, "lists")
        .into_iter()
        .map(|node| read_list(node, problems))
        .collect();
    let kinds = items(node, "kinds");
    let settings = MailSettings {
        from: text(node, "from").and_then(|text| {
            let sound = is_mailbox(&text.value);
            if !sound {
                let message = format!("`{}` is no sender", text.value);
                let fault = INVALID_SETTING.at(text.span, message);
                problems.push(fault.help("write `Name <address>` or an address"));
            }
            sound.then_some(text.value)
        }),
        domain: value("domain"),
        sign_with: text(node, "sign-with").and_then(|text| fingerprint(text, problems)),
        smtp: node.get("smtp").map(|node| read_smtp(node, problems)),
        sendmail: value("sendmail"),
        kinds: kinds.iter().map(|node| read_kind(node)).collect(),
        lists,
    };
    for (node, kind) in kinds.iter().zip(&settings.kinds) {
        check_kind(node, kind, &settings, problems);
    }
    settings
}

fn is_true(node: &Node, field: &str, default: bool) -> bool {
    text(node, field).map_or(default, |text| text.value == "true")
}

fn number<T: std::str::FromStr>(node: &Node, field: &str, default: T) -> T {
    text(node, field)
        .and_then(|text| text.value.parse().ok())
        .unwrap_or(default)
}

fn read_list(node: &Node, problems: &mut Vec<Diagnostic>) -> MailList {
    let address = required(node, "address");
    if !is_address(&address.value) && !address.is_blank() {
        let message = format!("`{}` is no mail address", address.value);
        problems.push(
            INVALID_SETTING
                .at(address.span, message)
                .help("write it like list@lists.example.org"),
        );
    }
    MailList {
        name: required(node, "name").value,
        address: address.value.trim().to_owned(),
        readers: match text(node, "readers").map(|text| text.value).as_deref() {
            Some("embargo") => Readers::Embargo,
            _ => Readers::Public,
        },
        key: text(node, "key").and_then(|text| fingerprint(text, problems)),
        encrypted: is_true(node, "encrypted", false),
        subject_prefix: text(node, "subject-prefix").map(|text| text.value),
        most_days: text(node, "most-days").and_then(|text| text.value.parse().ok()),
        alone: is_true(node, "alone", false),
        archive: text(node, "archive").map(|text| text.value),
    }
}

fn read_kind(node: &Node) -> MailKind {
    let value = |field: &str| text(node, field).map(|text| text.value);
    let list = |field: &str| -> Vec<String> {
        let found = texts(node, field).into_iter();
        found.map(|text| text.value).collect()
    };
    MailKind {
        name: required(node, "name").value,
        documents: list("documents")
            .iter()
            .filter_map(|name| Kind::ALL.into_iter().find(|kind| kind.name() == name))
            .collect(),
        state: match value("state").as_deref() {
            Some("private") => MailState::Private,
            _ => MailState::Public,
        },
        occasion: match value("occasion").as_deref() {
            Some("erratum") => Occasion::Erratum,
            Some("update") => Occasion::Update,
            _ => Occasion::Once,
        },
        to: list("to"),
        reply_to: value("reply-to"),
        template: required(node, "template").value,
        subject: required(node, "subject").value,
        outer_subject: value("outer-subject"),
        signed: is_true(node, "signed", true),
        patches: is_true(node, "patches", false),
        follows: value("follows"),
        owes: list("owes"),
    }
}

fn read_smtp(node: &Node, problems: &mut Vec<Diagnostic>) -> Smtp {
    let host = required(node, "host");
    let encryption = match text(node, "encryption").map(|text| text.value).as_deref() {
        Some("tls") => Encryption::Tls,
        Some("none") => Encryption::None,
        _ => Encryption::StartTls,
    };
    let local = matches!(host.value.as_str(), "localhost" | "127.0.0.1" | "::1");
    if encryption == Encryption::None && !local {
        let message = format!(
            "mails to `{}` would cross the network in the clear",
            host.value
        );
        let fault = INVALID_SETTING.at(host.span, message);
        problems.push(fault.help("set encryption to `starttls` or `tls`"));
    }
    let default = if encryption == Encryption::Tls {
        465
    } else {
        587
    };
    Smtp {
        port: number(node, "port", default),
        encryption,
        user: text(node, "user").map(|text| text.value),
        password_command: text(node, "password-command").map(|text| text.value),
        authorities: text(node, "authorities").map(|text| text.value),
        timeout: number(node, "timeout", 60),
        attempts: number(node, "attempts", 4).max(1),
        retry_after: number(node, "retry-after", 30),
        host: host.value,
    }
}

/// Holds the names in a kind against what there is, and its lists against each other.
fn check_kind(
    node: &Node,
    kind: &MailKind,
    settings: &MailSettings,
    problems: &mut Vec<Diagnostic>,
) {
    let lists: Vec<&str> = settings
        .lists
        .iter()
        .map(|list| list.name.as_str())
        .collect();
    let kinds: Vec<&str> = settings
        .kinds
        .iter()
        .map(|kind| kind.name.as_str())
        .collect();
    let mut known = |text: Text, what: &str, names: &[&str]| {
        if names.contains(&text.value.as_str()) || text.is_blank() {
            return;
        }
        let fault = INVALID_SETTING.at(text.span, format!("there is no {what} `{}`", text.value));
        problems.push(match did_you_mean(&text.value, names.iter().copied()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("the names are {}", names.join(", "))),
        });
    };
    for name in texts(node, "to").into_iter().chain(text(node, "reply-to")) {
        known(name, "list", &lists);
    }
    for name in texts(node, "owes").into_iter().chain(text(node, "follows")) {
        known(name, "kind of mail", &kinds);
    }
    let name = required(node, "name");
    if !is_word(&name.value) {
        let message = format!("`{}` cannot be the name of a kind of mail", name.value);
        let fault = INVALID_SETTING.at(name.span, message);
        problems.push(fault.help("use small letters, digits and hyphens"));
    }
    let goes_to: Vec<&MailList> = kind.lists(settings).collect();
    let mixed = goes_to
        .iter()
        .any(|list| list.readers != goes_to[0].readers);
    let alone = goes_to.iter().find(|list| list.alone && goes_to.len() > 1);
    let place = node.get("to").map_or(node.span, |node| node.span);
    if mixed {
        problems.push(
            INVALID_SETTING
                .at(
                    place,
                    "a mail goes to public lists and to such under embargo",
                )
                .help("make a kind of mail for each"),
        );
    }
    if let Some(list) = alone {
        problems.push(
            INVALID_SETTING
                .at(
                    place,
                    format!("a mail to `{}` must go to no other list", list.name),
                )
                .help("make a kind of mail for it"),
        );
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Most octets before the @, between the dots behind it, and behind it in all (RFC 5321 section 4.5.3.1, RFC 1035
/// section 2.3.4).
const LONGEST: [usize; 3] = [64, 63, 253];

/// Whether a text has the form of a plain address (`addr-spec` of RFC 5322 without quoting) that mail servers take.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.trim().split_once('@') else {
        return false;
    };
    let [longest_local, longest_label, longest_domain] = LONGEST;
    let is_label = |label: &str| {
        label.len() <= longest_label && !label.starts_with('-') && !label.ends_with('-')
    };
    if local.len() > longest_local
        || domain.len() > longest_domain
        || !domain.split('.').all(is_label)
    {
        return false;
    }
    let plain = |part: &str, signs: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
    };
    plain(local, "!#$%&'*+/=?^_`{|}~.-") && plain(domain, ".-")
}

fn is_mailbox(text: &str) -> bool {
    if text.chars().any(char::is_control) {
        return false;
    }
    match text
        .trim()
        .strip_suffix('>')
        .and_then(|text| text.split_once('<'))
    {
        Some((_, address)) => is_address(address),
        None => is_address(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_servers_take() {
        let long = |length: usize| "x".repeat(length);
        for (text, takes) in [
            ("a.name@lists.example.org".to_owned(), true),
            (" a@b ".to_owned(), true),
            (format!("{}@b", long(64)), true),
            (format!("{}@b", long(65)), false),
            (format!("a@{}.org", long(63)), true),
            (format!("a@{}.org", long(64)), false),
            (format!("a@b{}", ".example".repeat(40)), false),
            ("a@-b.org".to_owned(), false),
            ("a@b-.org".to_owned(), false),
            ("a@@b".to_owned(), false),
            ("a@b..c".to_owned(), false),
            ("é@b".to_owned(), false),
        ] {
            assert_eq!(is_address(&text), takes, "{text}");
        }
    }
}
