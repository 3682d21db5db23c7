//! What a rule may look at, and what several rules ask of it.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::resolved::{PairsOf, Resolved};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::model::{Affected, Document, Id, Review, ReviewGroup, Text};
use crate::release;
use crate::source::Sources;
use crate::tree::locate;
use crate::tree::yaml::quote;
use crate::version::expression::{Expression, FaultKind};

/// What a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// All documents.
    pub corpus: &'a Corpus,
    /// Settings.
    pub config: &'a Config,
    /// Text of every file.
    pub sources: &'a Sources,
    /// The pairs of each document, with what the lock says of them.
    pub(super) pairs: &'a HashMap<FileId, PairsOf<'a>>,
    /// Numbers that are reserved.
    pub reserved: &'a [Id],
    /// The day of the run.
    pub today: NaiveDate,
}

impl<'a> Context<'a> {
    /// Returns the place in the file of a range of a text's value.
    pub fn place(&self, text: &Text, range: std::ops::Range<usize>) -> Span {
        let raw = self.sources.slice(text.span);
        let found = locate::source_range(raw, text.style, &text.value, range);
        let start = text.span.start as usize;
        Span::new(text.span.file, start + found.start..start + found.end)
    }

    /// Returns the affected products of a document with their version expressions as read.
    pub(super) fn expressions<'d>(
        &self,
        document: &'d Document,
    ) -> Vec<(&'d Affected, Expression)> {
        let read = |affected: &'d Affected| (affected, Expression::parse(&affected.version.value));
        document.affected.iter().map(read).collect()
    }

    /// Reports every fault of a kind in the version expressions, each with its place and its words.
    pub(super) fn faults(
        &self,
        document: &Document,
        kind: FaultKind,
        finding: impl Fn(Span, &str) -> Diagnostic,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (affected, expression) in self.expressions(document) {
            let text = &affected.version;
            for fault in expression.faults.iter().filter(|fault| fault.kind == kind) {
                let place = self.place(text, fault.place.clone());
                found.push(finding(place, &text.value[fault.place.clone()]));
            }
        }
        found
    }

    /// Reports the first fault of a kind in each version expression. The fix rewrites the whole
    /// expression, so that one finding for each is enough.
    pub(super) fn misspelt(
        &self,
        document: &Document,
        kind: FaultKind,
        finding: impl Fn(Span) -> Diagnostic,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (affected, expression) in self.expressions(document) {
            let text = &affected.version;
            let Some(fault) = expression.faults.iter().find(|fault| fault.kind == kind) else {
                continue;
            };
            let problem = finding(self.place(text, fault.place.clone()));
            found.push(match expression.canonical() {
                Some(canonical) => {
                    problem.replace(text.span, quote(&canonical), format!("write `{canonical}`"))
                }
                None => problem,
            });
        }
        found
    }

    /// Returns the canonical name of the product that a review is for, where its branch or its
    /// address says so.
    pub(super) fn product_of(&self, group: &ReviewGroup, review: &Review) -> Option<&str> {
        release::product_of(group, review, self.config)
    }

    /// Returns the pairs of a document that are in releases.lock, with their verdicts.
    pub(super) fn resolved(&self, document: &Document) -> &'a [Resolved<'a>] {
        let pairs = self.pairs.get(&document.file);
        pairs
            .map(|pairs| pairs.resolved.as_slice())
            .unwrap_or_default()
    }
}
