//! The fields of vmt.toml. Structural check, JSON Schema and "did you mean" come from here.

use crate::shape::{Field, Shape, Table};

static SITE: Table = Table {
    name: "site",
    summary: "The published site.",
    fields: &[
        Field::optional("title", Shape::Text, "Name of the site."),
        Field::optional("description", Shape::Text, "What it is, in one sentence."),
        Field::optional(
            "base-url",
            Shape::Url,
            "Address under which it is published.",
        ),
        Field::optional(
            "docs",
            Shape::Text,
            "Folder of Markdown that is published as a book under `/docs/`; its `README.md` comes first and lists the other pages.",
        ),
    ],
};

static TEAM: Table = Table {
    name: "team",
    summary: "Who publishes.",
    fields: &[
        Field::optional(
            "organisation",
            Shape::Text,
            "Name of the project, as in `OpenStack Nova`.",
        ),
        Field::optional(
            "name",
            Shape::Text,
            "Name of the team, as mails are signed.",
        ),
        Field::optional("url", Shape::Url, "Page that says how the team works."),
    ],
};

static KIND: Table = Table {
    name: "kind of document",
    summary: "How documents of a kind are numbered, and where they lie.",
    fields: &[
        Field::optional("prefix", Shape::Text, "Letters that ids start with."),
        Field::optional("folder", Shape::Text, "Folder in the workspace."),
        Field::optional(
            "numbering",
            Shape::Choice(&["yearly", "running"]),
            "`yearly` for PREFIX-2026-001, `running` for PREFIX-0001.",
        ),
    ],
};

static DOCUMENTS: Table = Table {
    name: "documents",
    summary: "Where documents lie and how they are numbered.",
    fields: &[
        Field::optional(
            "ignore",
            Shape::List(&Shape::Text),
            "File names that are no documents.",
        ),
        Field::optional("advisory", Shape::Table(&KIND), "Advisories."),
        Field::optional("note", Shape::Table(&KIND), "Notes."),
    ],
};

static POLICY: Table = Table {
    name: "policy",
    summary: "Rules of the organisation that checks know.",
    fields: &[
        Field::optional(
            "maintained-months",
            Shape::Integer,
            "How long a series gets releases, where its row does not say until when.",
        ),
        Field::optional(
            "embargo-days",
            Shape::Integer,
            "Days after the reception on which a disclosure comes at the latest.",
        ),
        Field::optional(
            "notice-days-least",
            Shape::Integer,
            "Business days from the notice to the disclosure, at least.",
        ),
        Field::optional(
            "notice-days-most",
            Shape::Integer,
            "Business days from the notice to the disclosure, at most.",
        ),
        Field::optional(
            "distros-days",
            Shape::Integer,
            "Days after the notice to linux-distros on which a disclosure comes at the latest.",
        ),
        Field::optional(
            "disclosure-time",
            Shape::Text,
            "Time of the day of a disclosure in UTC, such as `15:00`.",
        ),
        Field::optional(
            "no-disclosure-on",
            Shape::List(&Shape::Choice(&[
                "monday",
                "tuesday",
                "wednesday",
                "thursday",
                "friday",
            ])),
            "Weekdays without disclosures, besides the weekend.",
        ),
        Field::optional(
            "calendars",
            Shape::List(&Shape::Text),
            "Calendars of `[[holidays]]` that count; all of them unless given.",
        ),
        Field::optional(
            "dead-addresses",
            Shape::List(&Shape::Text),
            "Parts of addresses that lead nowhere any more, which `dead-address` reports; unless given, those of OpenStack's former hosts.",
        ),
    ],
};

static HOLIDAY: Table = Table {
    name: "holiday",
    summary: "A day without disclosures, by a rule that holds for every year.",
    fields: &[
        Field::required("name", Shape::Text, "Its name."),
        Field::required(
            "on",
            Shape::Text,
            "`12-25`, `12-24 to 01-01`, `easter-2`, `last monday of may`, `fourth thursday of november +1`.",
        ),
        Field::optional(
            "observed",
            Shape::Choice(&["nearest", "next"]),
            "Where it is kept when it falls on a weekend: the nearest weekday, or the next one.",
        ),
        Field::optional("calendar", Shape::Text, "Calendar that it belongs to."),
    ],
};

static HARMLESS: Table = Table {
    name: "harmless text",
    summary: "A text of private documents that betrays nothing.",
    fields: &[
        Field::required(
            "text",
            Shape::Text,
            "The text, such as the number of a bug that is public anyway.",
        ),
        Field::required("reason", Shape::Text, "Why it betrays nothing."),
    ],
};

static WAIVER: Table = Table {
    name: "waiver",
    summary: "A finding that is accepted.",
    fields: &[
        Field::required("document", Shape::Text, "Id of the document."),
        Field::required("rule", Shape::Text, "Id of the rule."),
        Field::required("reason", Shape::Text, "Why."),
        Field::required("by", Shape::Text, "Who accepted it."),
    ],
};

static PRODUCT: Table = Table {
    name: "product",
    summary: "A product that documents speak of.",
    fields: &[
        Field::required(
            "name",
            Shape::Text,
            "Canonical name, as `affected-products` writes it.",
        ),
        Field::optional("title", Shape::Text, "Name for readers."),
        Field::optional(
            "aliases",
            Shape::List(&Shape::Text),
            "Former and other names.",
        ),
        Field::optional(
            "pypi",
            Shape::Text,
            "Package name on PyPI, where it differs from the name.",
        ),
        Field::optional("repository", Shape::Url, "Address of its git repository."),
    ],
};

static SECURITY_TXT: Table = Table {
    name: "security-txt",
    summary: "Content of /.well-known/security.txt (RFC 9116).",
    fields: &[
        Field::required(
            "contact",
            Shape::List(&Shape::Text),
            "Where to report a vulnerability, the preferred way first: https: or mailto: addresses.",
        ),
        Field::required(
            "expires",
            Shape::Date,
            "Day after which nobody shall rely on it, less than a year ahead.",
        ),
        Field::optional("encryption", Shape::Url, "Where the key for reports is."),
        Field::optional("policy", Shape::Url, "How reports are handled."),
        Field::optional("acknowledgments", Shape::Url, "Page that thanks reporters."),
        Field::optional(
            "preferred-languages",
            Shape::List(&Shape::Text),
            "Languages that the team reads, such as `en`.",
        ),
    ],
};

static OSV: Table = Table {
    name: "osv",
    summary: "How records of the OSV format are written.",
    fields: &[
        Field::optional(
            "id-prefix",
            Shape::Text,
            "Put before ids; `x_` until the prefix of the ids is registered with the OSV schema, then empty.",
        ),
        Field::optional(
            "license",
            Shape::Text,
            "Licence of the records, as an SPDX identifier.",
        ),
    ],
};

static OPENPGP: Table = Table {
    name: "openpgp",
    summary: "Keys of the team.",
    fields: &[
        Field::optional(
            "sign-with",
            Shape::Text,
            "Fingerprint of the key that signs what is published; its public part is `keys/FINGERPRINT.asc`.",
        ),
        Field::optional(
            "team",
            Shape::List(&Shape::Text),
            "Fingerprints of the keys that private documents are sealed to; public parts in `keys/`.",
        ),
    ],
};

static REDIRECT: Table = Table {
    name: "redirect",
    summary: "An old address that leads to a new one.",
    fields: &[
        Field::required(
            "from",
            Shape::Text,
            "Path on the site, such as `old/page.html`.",
        ),
        Field::required("to", Shape::Text, "Path on the site, or a whole address."),
    ],
};

static SERIES: Table = Table {
    name: "series",
    summary: "A release series.",
    fields: &[
        Field::required("name", Shape::Text, "Name in lower case."),
        Field::optional(
            "number",
            Shape::NumberLike,
            "Year and number, such as 2026.1.",
        ),
        Field::optional("released", Shape::Date, "Day of the first release."),
        Field::optional(
            "maintained-until",
            Shape::Date,
            "Last day on which it gets releases.",
        ),
        Field::optional(
            "end-of-life",
            Shape::Date,
            "Day from which nobody looks after it.",
        ),
        Field::optional(
            "first-releases",
            Shape::Map(&Shape::Text),
            "The version of each product with which the series begins.",
        ),
    ],
};

/// The fields of vmt.toml.
pub static CONFIG: Table = Table {
    name: "vmt.toml",
    summary: "Settings of a vmt workspace.",
    fields: &[
        Field::optional("site", Shape::Table(&SITE), "The published site."),
        Field::optional("team", Shape::Table(&TEAM), "Who publishes."),
        Field::optional(
            "documents",
            Shape::Table(&DOCUMENTS),
            "Where documents lie.",
        ),
        Field::optional(
            "policy",
            Shape::Table(&POLICY),
            "Rules of the organisation.",
        ),
        Field::optional(
            "holidays",
            Shape::List(&Shape::Table(&HOLIDAY)),
            "Days without disclosures.",
        ),
        Field::optional(
            "harmless",
            Shape::List(&Shape::Table(&HARMLESS)),
            "What the leak guard lets pass.",
        ),
        Field::optional(
            "rules",
            Shape::Map(&Shape::Choice(&["off", "advice", "warning", "error"])),
            "Severity of a check rule, or `off`.",
        ),
        Field::optional(
            "waivers",
            Shape::List(&Shape::Table(&WAIVER)),
            "Accepted findings.",
        ),
        Field::optional(
            "security-txt",
            Shape::Table(&SECURITY_TXT),
            "Whom to tell of a vulnerability (RFC 9116).",
        ),
        Field::optional("osv", Shape::Table(&OSV), "OSV records."),
        Field::optional("openpgp", Shape::Table(&OPENPGP), "Keys of the team."),
        Field::optional("mail", Shape::Table(&super::mail::MAIL), "Mails."),
        Field::optional(
            "redirects",
            Shape::List(&Shape::Table(&REDIRECT)),
            "Old addresses of the site.",
        ),
        Field::optional(
            "products",
            Shape::List(&Shape::Table(&PRODUCT)),
            "Products.",
        ),
        Field::optional(
            "series",
            Shape::List(&Shape::Table(&SERIES)),
            "Series, oldest first.",
        ),
    ],
};
