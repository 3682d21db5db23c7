//! The problems that an import can have.

use crate::diagnostic::{Code, Severity};

/// A text without any section that a note has.
pub(super) static NOT_A_LEGACY_NOTE: Code = Code {
    id: "not-a-legacy-note",
    severity: Severity::Error,
    summary: "a text to import has no section of a note",
    explanation: "A legacy note has a title and sections such as `### Summary ###`, `### Discussion ###` and \
        `### Recommended Actions ###`. A text with none of them is something else.",
    since: None,
    example: None,
};

/// A legacy note without a title.
pub(super) static LEGACY_TITLE_MISSING: Code = Code {
    id: "legacy-title-missing",
    severity: Severity::Error,
    summary: "a note to import has no title",
    explanation: "The title stands above the first section, on one line or two, mostly with a rule below it.",
    since: None,
    example: None,
};

/// A legacy note whose id nobody says.
pub(super) static LEGACY_ID_MISSING: Code = Code {
    id: "legacy-id-missing",
    severity: Severity::Error,
    summary: "a note to import has no id",
    explanation: "The id is read from the title (`OSSN-0042: ...`), from the name of the file, or from the \
        line `This OSSN`. Name the file by its id.",
    since: None,
    example: None,
};

/// A legacy note that says one id and is named by another.
pub(super) static LEGACY_ID_DIFFERS: Code = Code {
    id: "legacy-id-differs",
    severity: Severity::Error,
    summary: "a note to import says another id than its file name",
    explanation: "One of the two is wrong, and a note under a wrong id misleads whoever looks for it. Rename \
        the file, or mend its title.",
    since: None,
    example: None,
};

/// A legacy note whose date nobody says.
pub(super) static LEGACY_DATE_MISSING: Code = Code {
    id: "legacy-date-missing",
    severity: Severity::Error,
    summary: "a note to import has no date",
    explanation: "Legacy texts say no date. `--git REPO` takes it from the first commit of the file, `--date` \
        from you.",
    since: None,
    example: None,
};

/// A section that every note has is missing.
pub(super) static LEGACY_SECTION_MISSING: Code = Code {
    id: "legacy-section-missing",
    severity: Severity::Warning,
    summary: "a note to import lacks a section",
    explanation: "A note has a summary, affected services, a discussion and recommended actions. A sentence \
        that says so stands in the place of the missing one; write a better one.",
    since: None,
    example: None,
};

/// Words that would not be in the imported note.
pub(super) static LEGACY_WORDS_LOST: Code = Code {
    id: "legacy-words-lost",
    severity: Severity::Error,
    summary: "words of a text would be lost by importing it",
    explanation: "The importer holds the words of a text against those of the document that it made. Words \
        are missing, so it writes nothing. Write the place named in plainer form, and please report the text.",
    since: None,
    example: None,
};

/// The codes of this module.
pub static CODES: &[&Code] = &[
    &NOT_A_LEGACY_NOTE,
    &LEGACY_TITLE_MISSING,
    &LEGACY_ID_MISSING,
    &LEGACY_ID_DIFFERS,
    &LEGACY_DATE_MISSING,
    &LEGACY_SECTION_MISSING,
    &LEGACY_WORDS_LOST,
];
