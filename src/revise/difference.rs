//! The difference of two short texts, line by line.

/// A line of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    /// In both.
    Same(&'a str),
    /// In the old text only.
    Gone(&'a str),
    /// In the new one only.
    New(&'a str),
}

/// Pairs of lines that are compared at most. Texts that differ in more are taken as all gone and all new.
const MOST_PAIRS: usize = 1 << 22;

/// Returns the difference of two texts, line by line: a longest common part stays.
fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let (mut start, mut end) = (0, 0);
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        let same = |(a, b): &(&&str, &&str)| a == b;
        start = old.iter().zip(&new).take_while(same).count();
        let backwards = old[start..].iter().rev().zip(new[start..].iter().rev());
        end = backwards.take_while(same).count();
    }
    let mut lines: Vec<Line<'a>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    changed(&old[start..old_end], &new[start..new_end], &mut lines);
    lines.extend(old[old_end..].iter().map(|line| Line::Same(line)));
    lines
}

/// Adds the difference of lines.
fn changed<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        lines.extend(old.iter().map(|line| Line::Gone(line)));
        lines.extend(new.iter().map(|line| Line::New(line)));
        return;
    }
    // The length of the longest common part behind each pair of places.
    let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a][b] = match old[a] == new[b] {
                true => common[a + 1][b + 1] + 1,
                false => common[a + 1][b].max(common[a][b + 1]),
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            lines.push(Line::Same(old[a]));
            (a, b) = (a + 1, b + 1);
        } else if a < old.len() && (b == new.len() || common[a + 1][b] >= common[a][b + 1]) {
            lines.push(Line::Gone(old[a]));
            a += 1;
        } else {
            lines.push(Line::New(new[b]));
            b += 1;
        }
    }
}

/// Renders the changed lines of a difference with a few lines around them.
pub fn render_difference(old: &str, new: &str) -> String {
    let lines = difference(old, new);
    let changed = |at: usize| !matches!(lines.get(at), Some(Line::Same(_)) | None);
    let near = |at: usize| (at.saturating_sub(2)..=at + 2).any(changed);
    let mut out = String::new();
    let mut skipped = false;
    for (at, line) in lines.iter().enumerate() {
        if !near(at) {
            skipped = true;
            continue;
        }
        if skipped && !out.is_empty() {
            out.push_str("  ...\n");
        }
        skipped = false;
        let (sign, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Gone(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        out.push_str(format!("{sign} {text}").trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_of_long_texts_takes_neither_time_nor_memory() {
        let long = "line\n".repeat(200_000);
        let changed = format!("{long}last\n");
        assert_eq!(
            render_difference(&long, &changed),
            "  line\n  line\n+ last\n"
        );
        let other = "other\n".repeat(200_000);
        assert_eq!(difference(&long, &other).len(), 400_000);
    }
}
