//! Static files and prose pages of the site: the shipped ones are embedded, and a file of the same
//! name in a workspace's `site/` takes its place (effect: read).

use std::collections::BTreeMap;
use std::path::Path;

use crate::render::{Artifact, ProsePage};
use crate::source;

/// Folder of a workspace's own static files.
pub const FOLDER: &str = "site";

/// Folder in it with pages of prose, which are rendered and not copied.
const PAGES: &str = "pages/";

/// The shipped files by name.
pub const EMBEDDED: &[(&str, &[u8])] = &[
    ("affected.js", include_bytes!("../site/affected.js")),
    ("exposure.js", include_bytes!("../site/exposure.js")),
    ("favicon.svg", include_bytes!("../site/favicon.svg")),
    ("filter.js", include_bytes!("../site/filter.js")),
    ("pages/data.md", include_bytes!("../site/pages/data.md")),
    (
        "pages/reporting.md",
        include_bytes!("../site/pages/reporting.md"),
    ),
    (
        "pages/vmt-process.md",
        include_bytes!("../site/pages/vmt-process.md"),
    ),
    ("pages/vmt.md", include_bytes!("../site/pages/vmt.md")),
    ("search.js", include_bytes!("../site/search.js")),
    ("site.js", include_bytes!("../site/site.js")),
    ("style.css", include_bytes!("../site/style.css")),
    ("tokens.css", include_bytes!("../site/tokens.css")),
    ("version.js", include_bytes!("../site/version.js")),
];

/// What lies in the folder of a site.
#[derive(Debug, Default)]
pub struct Assets {
    /// Files to copy as they are.
    pub files: Vec<Artifact>,
    /// Pages of prose.
    pub pages: Vec<ProsePage>,
}

/// Returns every static file and every page of prose.
///
/// # Errors
/// The path that cannot be read, with what the system says.
pub fn load(root: &Path) -> Result<Assets, (String, std::io::Error)> {
    let mut files: BTreeMap<String, Vec<u8>> = EMBEDDED
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    let folder = root.join(FOLDER);
    let listed = source::list_tree(&folder).map_err(|error| (FOLDER.to_owned(), error))?;
    for path in listed {
        let name = path.to_string_lossy().replace('\\', "/");
        match source::read_bytes(&folder.join(&path)) {
            Ok(bytes) => files.insert(name, bytes),
            Err(error) => return Err((format!("{FOLDER}/{name}"), error)),
        };
    }
    let mut assets = Assets::default();
    for (path, bytes) in files {
        let name = path
            .strip_prefix(PAGES)
            .and_then(|name| name.strip_suffix(".md"));
        let Some(name) = name else {
            assets.files.push(Artifact { path, bytes });
            continue;
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            (
                format!("{FOLDER}/{path}"),
                std::io::Error::new(std::io::ErrorKind::InvalidData, error),
            )
        })?;
        assets.pages.push(page(name, &text));
    }
    Ok(assets)
}

/// The first line is the title, as a heading; a page without one is named after its file.
fn page(name: &str, text: &str) -> ProsePage {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (title, text) = match first.trim().strip_prefix("# ") {
        Some(title) => (title.trim().to_owned(), rest.to_owned()),
        None => (name.to_owned(), text.to_owned()),
    };
    ProsePage {
        path: format!("{name}.html"),
        title,
        text,
    }
}
