//! Where private documents may lie: never in a git repository that others see (pure).

use crate::diagnostic::FileId;
use crate::diagnostic::{Code, Severity};
use crate::tree::yaml;

/// A private document is in git.
pub static PRIVATE_IN_GIT: Code = Code {
    id: "private-in-git",
    severity: Severity::Error,
    summary: "a private document is in git",
    explanation: "Whoever clones or fetches the repository reads it, and a push makes it public: a file of \
        the private folder, or a document with an `embargo` block, is tracked, staged, or in a commit that \
        a branch or tag leads to. Take it out before anything is pushed: `git rm --cached FILE` for what is \
        staged, `git filter-repo --invert-paths --path FILE` (or a fresh branch without the commit) for \
        what was committed. What was pushed is public, and the embargo has to end. `vmt init` makes git \
        ignore `embargoed/`.",
    since: None,
    example: None,
};

/// The codes of this module.
pub static CODES: &[&Code] = &[&PRIVATE_IN_GIT];

/// Returns whether a text is a document with an `embargo` block.
pub fn is_private(text: &[u8]) -> bool {
    let field = b"embargo";
    if memchr::memmem::find(text, field).is_none() {
        return false;
    }
    let text = String::from_utf8_lossy(text);
    let (tree, _) = yaml::parse(FileId(0), &text);
    match tree {
        Some(tree) => tree.get("embargo").is_some_and(|node| !node.is_null()),
        // Broken as it is, nobody can say that it is public.
        None => text.lines().any(|line| line.starts_with("embargo:")),
    }
}

/// Returns the id that a document's text gives itself.
pub fn id_of(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let line = text.lines().find_map(|line| line.strip_prefix("id:"))?;
    let word = line.split('#').next()?.trim();
    Some(word.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_makes_a_document_private_and_a_word_does_not() {
        assert!(is_private(
            b"id: OSSA-2026-001\nembargo:\n  received: 2026-10-01\n"
        ));
        assert!(is_private(b"id: 'x\nembargo:\n  received: 2026-10-01\n"));
        assert!(!is_private(b"id: OSSA-2026-001\nembargo:\n"));
        assert!(!is_private(b"description: |\n  embargo: a word\n"));
        assert_eq!(
            id_of(b"# x\nid: 'OSSA-2026-001' # y\n").as_deref(),
            Some("OSSA-2026-001")
        );
    }
}
