//! Blocks of verbatim text: fences, and snippets between `begin` and `end`.

/// Returns how a block of verbatim text ends that starts at line 0, with its caption. `line` gives the lines
/// from there on. `None` where no such block starts, or where it never ends.
pub(super) fn fence<'t>(line: impl Fn(usize) -> Option<&'t str>) -> Option<Fence<'t>> {
    /// Lines to look ahead; the longest real snippet has some sixty.
    const REACH: usize = 2000;
    let first = line(0)?.trim();
    let ahead = || (1..REACH).map_while(|at| Some((at, line(at)?)));
    if let Some((word, caption)) = snippet_mark(first) {
        // Two beginnings in a row are no block.
        let (end, next) = ahead().find_map(|(at, line)| Some((at, snippet_mark(line)?.0)))?;
        return (word != "end" && next == "end").then_some(Fence {
            end,
            caption: Some(caption),
            language: None,
        });
    }
    let sign = first.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = first.len() - first.trim_start_matches(sign).len();
    let language = first[length..].trim();
    if length < 3 || language.contains([sign, ' ']) {
        return None;
    }
    let closes = |line: &str| {
        let line = line.trim();
        line.len() >= length && line.chars().all(|c| c == sign)
    };
    let (end, _) = ahead().find(|(_, line)| closes(line))?;
    Some(Fence {
        end,
        caption: None,
        language: (!language.is_empty()).then_some(language),
    })
}

/// A block of verbatim text.
#[derive(Debug)]
pub(super) struct Fence<'t> {
    /// Number of its last line.
    pub(super) end: usize,
    /// What stands in its first line.
    pub(super) caption: Option<&'t str>,
    /// Language named there.
    pub(super) language: Option<&'t str>,
}

/// Reads `---- begin example nova.conf snippet ----` as `begin` and the words behind it.
pub(super) fn snippet_mark(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let inner = line.strip_prefix("--")?.strip_suffix("--")?;
    let inner = inner.trim_matches('-').trim();
    let word = inner.split_whitespace().next()?;
    let known = ["begin", "being", "beginning", "start", "end"];
    let found = known
        .into_iter()
        .find(|known| word.eq_ignore_ascii_case(known))?;
    Some((found, inner[word.len()..].trim()))
}
