//! Field tables that advisories and notes share.

use crate::shape::{Field, Shape, Table};

/// Key that old documents put beside the branches of `reviews`.
pub(super) const LEGACY_TYPE: &str = "type";

pub(super) static AFFECTED: Table = Table {
    name: "affected product",
    summary: "A product and the versions of it that are affected.",
    fields: &[
        Field::required(
            "product",
            Shape::Text,
            "Canonical name of one product, as vmt.toml has it.",
        ),
        Field::required(
            "version",
            Shape::NumberLike,
            "Comparators: a blank is and, a comma is or; '>=30.0.0 <30.2.2, ==31.0.0'.",
        ),
    ],
};

static ASSESSMENT: Table = Table {
    name: "assessment",
    summary: "A CVSS2 rating of former years.",
    fields: &[
        Field::optional("type", Shape::Text, "Scoring system."),
        Field::optional("score", Shape::NumberLike, "Base score."),
        Field::optional("detail", Shape::Text, "Vector."),
    ],
};

static IMPACT: Table = Table {
    name: "impact assessment",
    summary: "A rating of former years.",
    fields: &[
        Field::optional("source", Shape::Text, "Who rated."),
        Field::optional("rating", Shape::Text, "The word."),
        Field::optional("assessment", Shape::Table(&ASSESSMENT), "The numbers."),
    ],
};

static CLASSIFICATION: Table = Table {
    name: "classification",
    summary: "A weakness class of former years.",
    fields: &[
        Field::optional("source", Shape::Text, "Who classified."),
        Field::optional("type", Shape::Text, "Scheme."),
        Field::optional("detail", Shape::Text, "Class, such as CWE-20."),
    ],
};

static VULNERABILITY: Table = Table {
    name: "vulnerability",
    summary: "One vulnerability.",
    fields: &[
        Field::optional("cve-id", Shape::Text, "Its CVE id, or `pending`."),
        Field::optional("note", Shape::Text, "Remark."),
        Field::optional("cvss", Shape::Text, "CVSS vector, 3.1 or 4.0."),
        Field::optional("score", Shape::NumberLike, "Base score of the vector."),
        Field::optional(
            "cwe",
            Shape::List(&Shape::Text),
            "Weakness ids, such as CWE-22.",
        ),
        Field::legacy(
            "impact-assessment",
            Shape::Table(&IMPACT),
            "Rating of former years.",
        ),
        Field::legacy(
            "classification",
            Shape::Table(&CLASSIFICATION),
            "Weakness of former years.",
        ),
    ],
};

static REPORTER: Table = Table {
    name: "reporter",
    summary: "Someone who reported a vulnerability.",
    fields: &[
        Field::required(
            "name",
            Shape::Text,
            "Name as the person wants to be credited.",
        ),
        Field::optional(
            "affiliation",
            Shape::Text,
            "Organisation; left out where there is none.",
        ),
        Field::optional(
            "reported",
            Shape::List(&Shape::Text),
            "The CVE ids that this person reported.",
        ),
    ],
};

static ISSUES: Table = Table {
    name: "issues",
    summary: "Bugs.",
    fields: &[
        Field::optional("links", Shape::List(&Shape::Url), "Addresses of the bugs."),
        Field::legacy("type", Shape::Text, "Bug tracker of former years."),
    ],
};

static REVIEW: Table = Table {
    name: "review",
    summary: "One patch.",
    fields: &[
        Field::required("url", Shape::Url, "Address of the change."),
        Field::optional("product", Shape::Text, "Product that it is for."),
        Field::optional("commit", Shape::Text, "Commit that it became."),
        Field::optional("change-id", Shape::Text, "Gerrit Change-Id."),
        Field::optional(
            "requires",
            Shape::List(&Shape::Url),
            "Changes that must be there first.",
        ),
        Field::optional(
            "with",
            Shape::List(&Shape::Url),
            "Changes that must be applied together with it.",
        ),
        Field::optional(
            "errata",
            Shape::Integer,
            "Number of the erratum that brought it.",
        ),
        Field::optional("sha256", Shape::Text, "SHA-256 of the patch file."),
    ],
};

static EMBARGO: Table = Table {
    name: "embargo",
    summary: "Present while the document is private.",
    fields: &[
        Field::optional("received", Shape::Date, "Day of the report."),
        Field::optional(
            "notice",
            Shape::Date,
            "Day on which downstream is told, planned or done.",
        ),
        Field::optional("disclosure", Shape::Moment, "Moment of disclosure."),
        Field::optional(
            "reviewers",
            Shape::List(&Shape::Text),
            "Who reviewed the impact description.",
        ),
        Field::optional(
            "patches",
            Shape::List(&Shape::AnyOf(&[Shape::Text, Shape::Table(&PATCH)])),
            "Patch files in the order to apply them.",
        ),
        Field::optional(
            "deploy-before-disclosure",
            Shape::Boolean,
            "Whether recipients of the notice may deploy the patches before the disclosure.",
        ),
        Field::optional(
            "terms",
            Shape::Text,
            "Further terms for recipients of the notice; Markdown.",
        ),
        Field::optional(
            "updates",
            Shape::List(&Shape::Text),
            "What recipients of the notice were told since, newest first: `2026-11-20 - Disclosure moved`.",
        ),
    ],
};

static PATCH: Table = Table {
    name: "patch",
    summary: "A patch file that goes with the notice.",
    fields: &[
        Field::required(
            "file",
            Shape::Text,
            "Path, relative to the folder of the document.",
        ),
        Field::optional("product", Shape::Text, "Product that it is for."),
        Field::optional(
            "branch",
            Shape::NumberLike,
            "Branch that it is for: `2026.1/gazpacho`, `master`.",
        ),
        Field::optional(
            "requires",
            Shape::List(&Shape::Text),
            "Files that must be applied first.",
        ),
        Field::optional(
            "with",
            Shape::List(&Shape::Text),
            "Files that must be applied together with it.",
        ),
        Field::optional("sha256", Shape::Text, "SHA-256 of the file."),
    ],
};

static WAIVER: Table = Table {
    name: "waiver",
    summary: "A finding that the author accepts.",
    fields: &[
        Field::required("rule", Shape::Text, "Id of the rule."),
        Field::required("reason", Shape::Text, "Why the finding stands."),
    ],
};

static REFERENCE: Table = Table {
    name: "reference",
    summary: "Further reading.",
    fields: &[
        Field::optional("description", Shape::Text, "What it leads to."),
        Field::required("url", Shape::Url, "Address."),
    ],
};

static REFERENCES: Table = Table {
    name: "references",
    summary: "Further reading.",
    fields: &[Field::optional(
        "links",
        Shape::List(&Shape::Table(&REFERENCE)),
        "The links.",
    )],
};

static FIX: Table = Table {
    name: "fix",
    summary: "Evidence for a fix, stronger than a search of the history.",
    fields: &[
        Field::required("product", Shape::Text, "Product."),
        Field::optional("change-id", Shape::Text, "Gerrit Change-Id of the fix."),
        Field::optional("commit", Shape::Text, "Commit of the fix."),
        Field::optional("introduced", Shape::Text, "Commit that brought the flaw."),
    ],
};

static TEXT_OR_LIST: Shape = Shape::AnyOf(&[Shape::Text, Shape::List(&Shape::Text)]);

pub(super) static ID: Field = Field::required("id", Shape::Text, "Id; the file has the same name.");
pub(super) static DATE: Field = Field::required("date", Shape::Date, "Day of publication.");
pub(super) static TITLE: Field = Field::required(
    "title",
    Shape::Text,
    "What is wrong, in one line that names the product.",
);
pub(super) static AFFECTED_PRODUCTS: Shape = Shape::List(&Shape::Table(&AFFECTED));
pub(super) static VULNERABILITIES: Field = Field::optional(
    "vulnerabilities",
    Shape::List(&Shape::Table(&VULNERABILITY)),
    "The vulnerabilities, one entry a CVE.",
);
pub(super) static REPORTERS: Field = Field::optional(
    "reporters",
    Shape::List(&Shape::Table(&REPORTER)),
    "Who reported.",
);
pub(super) static ISSUES_FIELD: Field = Field::optional("issues", Shape::Table(&ISSUES), "Bugs.");
pub(super) static REVIEWS: Field = Field::optional(
    "reviews",
    Shape::Map(&Shape::AnyOf(&[
        Shape::Url,
        Shape::List(&Shape::AnyOf(&[Shape::Url, Shape::Table(&REVIEW)])),
    ])),
    "Patches by branch, newest first: `2026.1/gazpacho`, or `2026.1/gazpacho(nova)`.",
);
pub(super) static FIXES: Field = Field::optional(
    "fixes",
    Shape::List(&Shape::Table(&FIX)),
    "Fix commits, where the history does not say enough.",
);
pub(super) static NOTES: Field =
    Field::optional("notes", TEXT_OR_LIST, "Remarks, each a text in Markdown.");
pub(super) static CREDITS: Field = Field::optional(
    "credits",
    TEXT_OR_LIST,
    "People to thank: `Name, Affiliation`.",
);
pub(super) static AUTHOR: Field =
    Field::optional("author", TEXT_OR_LIST, "Who wrote it: `Name, Affiliation`.");
pub(super) static SERVICES: Field = Field::required(
    "affected-services",
    TEXT_OR_LIST,
    "What is affected, one item a line: `- nova (>=30.0.0 <30.2.2)`.",
);
pub(super) static REFERENCES_FIELD: Field =
    Field::optional("references", Shape::Table(&REFERENCES), "Further reading.");
pub(super) static HOW_TO_CHECK: Field = Field::optional(
    "how-to-check",
    Shape::Text,
    "How to find out whether a deployment is affected; Markdown.",
);
pub(super) static ERRATA: Field = Field::optional(
    "errata",
    Shape::Text,
    "What changed since publication, in Markdown.",
);
pub(super) static ERRATA_HISTORY: Field = Field::optional(
    "errata_history",
    Shape::List(&Shape::Text),
    "Newest first: `2026-11-25 - Errata 1`, and at the end `2026-11-24 - Original Version`.",
);
pub(super) static EMBARGO_FIELD: Field = Field::optional(
    "embargo",
    Shape::Table(&EMBARGO),
    "Present while the document is private.",
);
pub(super) static WITHDRAWN: Field = Field::optional(
    "withdrawn",
    Shape::Date,
    "Day on which the document was withdrawn.",
);
pub(super) static WAIVERS: Field = Field::optional(
    "waivers",
    Shape::List(&Shape::Table(&WAIVER)),
    "Accepted findings.",
);
