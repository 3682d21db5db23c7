//! People in credits and author lines: one text a person, affiliation and address as written.

use super::Line;

/// Reads the lines of a credits section: one a line, or items, long ones over several lines.
pub(super) fn of_lines(lines: &[Line<'_>]) -> Vec<String> {
    /// A line from this length on was probably broken by its author.
    const FULL: usize = 58;
    let mut texts: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in lines {
        let text = line.text.trim();
        if text.is_empty() {
            goes_on = false;
            continue;
        }
        let item = text
            .strip_prefix(['-', '*', '+', '•'])
            .filter(|rest| rest.starts_with(' '));
        let indented = line.text.starts_with(' ');
        match texts.last_mut() {
            Some(last) if item.is_none() && (goes_on || indented) => {
                last.push(' ');
                last.push_str(text);
            }
            _ => texts.push(item.unwrap_or(text).trim().to_owned()),
        }
        goes_on = line.text.len() >= FULL;
    }
    texts.iter().flat_map(|text| split(text)).collect()
}

/// Splits what stands on the line of an author label, where a comma may stand between people, too:
/// `Ann Bee, An Org, Cy Dee, Other`.
pub(super) fn pairs(text: &str) -> Vec<String> {
    let found = split(text);
    let [one] = found.as_slice() else {
        return found;
    };
    let parts: Vec<&str> = one.split(',').map(str::trim).collect();
    let plain = !one.contains(['(', '<', '@']) && !one.contains(" from ");
    let names = parts
        .iter()
        .step_by(2)
        .all(|name| (2..=4).contains(&name.split_whitespace().count()));
    if plain && names && parts.len() >= 4 && parts.len().is_multiple_of(2) {
        return parts.chunks_exact(2).map(|pair| pair.join(", ")).collect();
    }
    found
}

/// Splits a text into people, where it is clear that they are several.
pub(super) fn split(text: &str) -> Vec<String> {
    let text = text.trim().trim_end_matches([',', ';']).trim();
    if text.is_empty() {
        return Vec::new();
    }
    // `A and B from an organisation` is a sentence.
    if text.contains(" from ") {
        return vec![text.to_owned()];
    }
    for joint in [";", " & ", " and "] {
        if let Some((one, other)) = text.split_once(joint) {
            let both = |text: &str| text.contains([',', '(', '<']);
            if joint == ";" || both(other) || (!both(one) && !both(other)) {
                let mut found = split(one);
                found.extend(split(other));
                return found;
            }
        }
    }
    // `A <a@example.org>, B <b@example.org>`, `A (One), B (Two)`.
    for (close, open) in [(">,", '<'), ("),", '(')] {
        if let Some((one, other)) = text.split_once(close)
            && other.contains(open)
        {
            let mut found = split(&format!("{one}{}", &close[..1]));
            found.extend(split(other));
            return found;
        }
    }
    vec![text.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_apart_where_that_is_clear() {
        for (text, people) in [
            ("Ann Bee, An Org", vec!["Ann Bee, An Org"]),
            (
                "Ann Bee, An Org and Cy Dee, Other",
                vec!["Ann Bee, An Org", "Cy Dee, Other"],
            ),
            (
                "Ann Bee, Research and Development",
                vec!["Ann Bee, Research and Development"],
            ),
            ("Ann Bee, A & Cy Dee, B", vec!["Ann Bee, A", "Cy Dee, B"]),
            ("Ann Bee & Cy Dee", vec!["Ann Bee", "Cy Dee"]),
            (
                "Ann <a@example.org>, Cy <c@example.org>",
                vec!["Ann <a@example.org>", "Cy <c@example.org>"],
            ),
            (
                "Ann (A), Cy (B), Di (C)",
                vec!["Ann (A)", "Cy (B)", "Di (C)"],
            ),
            (
                "Bee, Ann ann@example.org (An Org)",
                vec!["Bee, Ann ann@example.org (An Org)"],
            ),
            (
                "annbee and Cy Dee (@cy) from An Org",
                vec!["annbee and Cy Dee (@cy) from An Org"],
            ),
            ("A, B; C, D", vec!["A, B", "C, D"]),
            ("", vec![]),
        ] {
            assert_eq!(split(text), people, "{text}");
        }
        assert_eq!(
            pairs("Ann Bee, An Org, Cy Dee, Other"),
            ["Ann Bee, An Org", "Cy Dee, Other"]
        );
        assert_eq!(pairs("Ann Bee, A, B, Inc"), ["Ann Bee, A, B, Inc"]);
        let lines: Vec<Line<'_>> = [
            "Ann Bee, An Org",
            "Cy Dee",
            "",
            "- Di and Ef Gee (@ef) from A Rather Long Organisation With a",
            "  Team",
            "* Hi (Independent)",
        ]
        .into_iter()
        .map(|text| Line { text, start: 0 })
        .collect();
        assert_eq!(
            of_lines(&lines),
            [
                "Ann Bee, An Org",
                "Cy Dee",
                "Di and Ef Gee (@ef) from A Rather Long Organisation With a Team",
                "Hi (Independent)"
            ]
        );
    }
}
