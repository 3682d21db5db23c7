//! Paragraphs: sentences joined, and lines that are a command, labelled values or products kept apart.

use super::block::{fence_at, push_code};
use super::look::{is_command, is_label_line, is_labelled, is_product_line, is_rule, is_table};
use super::{Converter, Lines, Source, dedent};

impl Converter {
    pub(super) fn paragraph(
        &mut self,
        lines: &[Source],
        at: usize,
        out: &mut Vec<String>,
    ) -> usize {
        let mut end = at + 1;
        while end < lines.len() {
            let (line, before) = (&lines[end], &lines[end - 1]);
            let stop = line.is_blank()
                || line.heading.is_some()
                || is_rule(&line.text)
                || is_table(&line.text)
                || fence_at(lines, end).is_some()
                || self.interrupts(lines, end)
                || (before.text.ends_with(':') && line.indent() >= before.indent() + 2);
            if stop {
                break;
            }
            end += 1;
        }
        let margin = lines[at].indent();
        let texts: Vec<String> = lines[at..end]
            .iter()
            .map(|line| dedent(line, margin).text.trim_end().to_owned())
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        self.lines(&texts, out);
        end
    }

    /// The lines of one paragraph.
    fn lines(&mut self, lines: &[&str], out: &mut Vec<String>) {
        let commands = self.before.ends_with(':') && is_command(lines);
        if commands {
            let body: Vec<Source> = lines
                .iter()
                .map(|line| Source {
                    text: (*line).to_owned(),
                    heading: None,
                })
                .collect();
            push_code(&body, None, out);
            self.before.clear();
            return;
        }
        if let [label, rest @ ..] = lines
            && !rest.is_empty()
            && is_label_line(label, rest)
        {
            out.push(self.text(label));
            out.push(String::new());
            self.before = (*label).to_owned();
            self.lines(rest, out);
            return;
        }
        // `2026.1/gazpacho: address` a line, `Stein: version` a line, `Nova / Juno` a line.
        let products = self.lines_are == Lines::Products
            && self.depth == 0
            && lines.iter().all(|line| is_product_line(line))
            && self.are_broken(lines);
        let labelled = lines.iter().all(|line| is_labelled(line)) && self.are_broken(lines);
        if lines.len() > 1 && (products || labelled) {
            out.extend(lines.iter().map(|line| format!("- {}", self.inline(line))));
            self.before.clear();
            self.last_list = Some('-');
            return;
        }
        let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        let text = trimmed.join(" ");
        out.push(self.text(&text));
        self.before = text;
    }

    /// Whether lines end where their author wanted, not where they were full.
    fn are_broken(&self, lines: &[&str]) -> bool {
        lines.windows(2).all(|pair| {
            let next = pair[1].split(' ').next().unwrap_or_default();
            let room = pair[0].chars().count() + 1 + next.chars().count();
            room <= self.width || pair[0].contains("://")
        })
    }
}
