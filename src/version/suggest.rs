//! What an author may have meant by an expression that makes no sense.

use super::Version;
use super::expression::{Expression, Reading};

/// Slips of the hand and signs of other tools, with what our form has for them.
const SLIPS: [(&str, &str); 12] = [
    ("=>", ">="),
    ("=<", "<="),
    ("≥", ">="),
    ("≤", "<="),
    ("⩾", ">="),
    ("⩽", "<="),
    ("===", "=="),
    ("&&", " "),
    ("||", ","),
    ("...", " "),
    ("..", " "),
    ("–", "-"),
];

/// Returns the canonical form of what a text that cannot be read probably means; `None` where more
/// than one thing could be meant, or none.
pub fn suggest(text: &str) -> Option<String> {
    let mut repaired = text.to_owned();
    for (slip, right) in SLIPS {
        repaired = repaired.replace(slip, right);
    }
    let words: Vec<String> = spaced(&repaired);
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let word = words[at].as_str();
        let next = words.get(at + 1).map(String::as_str);
        let after = words.get(at + 2).map(String::as_str);
        match (word, next, after) {
            // `30.0.0 - 30.2.1`
            (low, Some("-"), Some(high)) if is_version(low) && is_version(high) => {
                out.push(format!(">={low} <={high}"));
                at += 3;
                continue;
            }
            ("!=", Some(version), _) if is_version(version) => {
                out.push(format!("<{version}, >{version}"));
                at += 2;
                continue;
            }
            ("~=" | "^" | "~", Some(version), _) if is_version(version) => {
                out.push(compatible(word, version)?);
                at += 2;
                continue;
            }
            ("<" | ">=" | ">" | "<=" | "==", Some(pattern), _) if wildcard(pattern).is_some() => {
                let (low, high) = wildcard(pattern)?;
                out.push(match word {
                    "<" => format!("<{low}"),
                    ">=" => format!(">={low}"),
                    ">" => format!(">={high}"),
                    "<=" => format!("<{high}"),
                    _ => format!(">={low} <{high}"),
                });
                at += 2;
                continue;
            }
            (pattern, ..) if wildcard(pattern).is_some() => {
                let (low, high) = wildcard(pattern)?;
                out.push(format!(">={low} <{high}"));
            }
            ("<" | ">=" | ">" | "<=" | "==", Some(version), _) if is_version(version) => {
                out.push(format!("{word}{version}"));
                at += 2;
                continue;
            }
            _ => out.push(word.to_owned()),
        }
        at += 1;
    }
    let meant = out.join(" ").replace(" ,", ",");
    let read = Expression::parse(&meant);
    let clean = read.faults.is_empty() && matches!(read.reading, Reading::Intervals(_));
    read.canonical().filter(|form| clean && form != text)
}

/// Cuts a text into signs, commas and words.
fn spaced(text: &str) -> Vec<String> {
    let sign = |c: char| "<>=!~^".contains(c);
    let mut words: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in text.chars() {
        let joins = last.is_some_and(|last| {
            !last.is_whitespace()
                && !c.is_whitespace()
                && last != ','
                && c != ','
                && sign(last) == sign(c)
        });
        match words.last_mut() {
            Some(word) if joins => word.push(c),
            _ if c.is_whitespace() => {}
            _ => words.push(c.to_string()),
        }
        last = Some(c);
    }
    words
}

fn is_version(word: &str) -> bool {
    Version::parse(word).is_some()
}

/// `30.2.x` and `30.2.*`: the first version of the run, and the first behind it.
fn wildcard(word: &str) -> Option<(String, String)> {
    let start = word
        .strip_suffix(".x")
        .or(word.strip_suffix(".*"))
        .or(word.strip_suffix(".X"))?;
    let version = Version::parse(start)?;
    let next = next_of(version.components())?;
    Some((start.to_owned(), next))
}

/// `~=30.1` is `>=30.1 <31` (PEP 440); a caret holds the first number, a tilde all but the last.
fn compatible(sign: &str, version: &str) -> Option<String> {
    let parsed = Version::parse(version)?;
    let numbers = parsed.components();
    let held = match sign {
        "^" => 1,
        _ => numbers.len().saturating_sub(1).max(1),
    };
    Some(format!(">={version} <{}", next_of(&numbers[..held])?))
}

fn next_of(numbers: &[u64]) -> Option<String> {
    let (last, start) = numbers.split_last()?;
    let mut parts: Vec<String> = start.iter().map(ToString::to_string).collect();
    parts.push(last.checked_add(1)?.to_string());
    Some(parts.join("."))
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn slips_are_understood_and_nonsense_is_not() {
        for (text, meant) in [
            ("=>30.0.0 <30.2.2", Some(">=30.0.0 <30.2.2")),
            ("≥30.0.0 =<30.2.1", Some(">=30.0.0 <=30.2.1")),
            ("~=30.1", Some(">=30.1 <31")),
            ("^30.1.2", Some(">=30.1.2 <31")),
            ("~30.1.2", Some(">=30.1.2 <30.2")),
            (">=30.0.0 <30.2.x", Some(">=30.0.0 <30.2")),
            ("==30.2.*", Some(">=30.2 <30.3")),
            ("30.2.x", Some(">=30.2 <30.3")),
            ("!=30.0.0", Some("<30.0.0, >30.0.0")),
            ("30.0.0 - 30.2.1", Some(">=30.0.0 <=30.2.1")),
            (">=30.0.0..<30.2.2", Some(">=30.0.0 <30.2.2")),
            (
                ">=30.0.0 && <30.2.2 || ==31.0.0",
                Some(">=30.0.0 <30.2.2, ==31.0.0"),
            ),
            ("<30.2.2 or later", None),
            (">= <30.0.0", None),
            ("the one with the flaw", None),
            ("", None),
        ] {
            assert_eq!(suggest(text).as_deref(), meant, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}|[<>=!~^*.x, 0-9-]{0,40}") {
            let _ = suggest(&text);
        }
    }
}
