//! What lines are by their look.

use super::Source;
use super::block::dedent_all;
use crate::prose::addresses_in;

pub(super) fn is_rule(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| *c != ' ').collect();
    bare.len() >= 3
        && ['-', '=', '*', '_']
            .iter()
            .any(|sign| bare.chars().all(|c| c == *sign))
}

pub(super) fn is_table(text: &str) -> bool {
    let text = text.trim();
    text.len() > 2
        && (text.starts_with("+-") || text.starts_with("| "))
        && text.ends_with(['+', '|'])
}

pub(super) fn is_address(text: &str) -> bool {
    addresses_in(text)
        .first()
        .is_some_and(|address| *address == (0..text.len()))
}

/// A sentence or more, and no code.
pub(super) fn is_prose(lines: &[Source]) -> bool {
    let text = lines
        .iter()
        .map(|line| line.text.trim())
        .collect::<Vec<_>>()
        .join(" ");
    let code = text.contains(['=', '{', '}', '|', ';', '\\', '$', '<', '>']);
    let sentence = text.starts_with(|c: char| c.is_uppercase()) && text.ends_with(['.', ':', '!']);
    let aligned = dedent_all(lines).iter().all(|line| line.indent() == 0);
    !code && sentence && aligned && text.split(' ').count() >= 7 && !text.contains("  ")
}

/// A list of short names, a line each.
pub(super) fn is_names(lines: &[Source]) -> bool {
    let aligned = dedent_all(lines).iter().all(|line| line.indent() == 0);
    lines.len() > 2
        && aligned
        && lines.iter().all(|line| {
            let text = line.text.trim();
            let capital = text.starts_with(|c: char| c.is_uppercase());
            let plain = text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')'));
            capital && plain && text.split(' ').count() <= 4
        })
}

/// A command that its author forgot to indent.
pub(super) fn is_command(lines: &[&str]) -> bool {
    let first = lines[0];
    let option = |line: &str| {
        line.split_once(' ').is_some_and(|(name, rest)| {
            let name_sound = name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
            name_sound && (rest.starts_with("--") || rest.contains(" --"))
        })
    };
    let flag = first.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest[1..].starts_with(' ')
    });
    let setting = lines.iter().all(|line| {
        line.split_once('=').is_some_and(|(name, value)| {
            !name.trim().is_empty() && !name.trim().contains(' ') && !value.ends_with('.')
        })
    });
    let continued = lines.iter().any(|line| line.ends_with('\\'));
    let statements = lines
        .iter()
        .all(|line| line.ends_with(';') && !line.contains('`') && line.split(' ').count() <= 6);
    let switches = lines.len() == 1
        && !first.ends_with('.')
        && first.split(' ').count() <= 6
        && first.split(' ').skip(1).any(|word| {
            word.len() > 2 && word.starts_with('-') && word.as_bytes()[1].is_ascii_alphabetic()
        });
    continued
        || statements
        || switches
        || flag
        || setting
        || first.starts_with("$ ")
        || (option(first) && !first.ends_with('.'))
}

/// A line that names what follows it, such as `Apache:` above a setting.
pub(super) fn is_label_line(line: &str, rest: &[&str]) -> bool {
    // One address goes on with the line that names it.
    if rest.len() == 1 && is_address(rest[0].trim()) {
        return false;
    }
    let short = line.split(' ').count() <= 6;
    let announces =
        is_address(rest[0]) || is_command(rest) || rest.iter().all(|line| is_labelled(line));
    line.ends_with(':') && (short || announces)
}

/// `label: value`, the value not empty.
pub(super) fn is_labelled(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(label, value)| {
        let names_address =
            label.len() <= 44 && label.split(' ').count() <= 6 && is_address(value.trim());
        let sound = label.starts_with(|c: char| c.is_alphanumeric())
            && label.len() <= 44
            && label.split(' ').count() <= 5
            && !label.contains(['.', '"', '`']);
        let version = label.split(['/', ' ']).next().is_some_and(|first| {
            first.contains('.') && first.starts_with(|c: char| c.is_ascii_digit())
        });
        let sound = sound || (version && label.len() <= 44);
        names_address || (sound && !value.trim().is_empty())
    })
}

/// A product with what is affected of it, and not the beginning of a longer text.
pub(super) fn is_product_line(line: &str) -> bool {
    let text = line.trim();
    let said = [": ", " / ", " (", "<", ">", "="]
        .iter()
        .any(|sign| text.contains(sign));
    said && !text.ends_with([',', '.']) && text.starts_with(char::is_alphanumeric)
}
