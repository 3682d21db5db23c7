//! Static files and prose pages of the site: the shipped ones are embedded, and a file of the same
//! name in a workspace's `site/` takes its place. The pages of its book, where it has one (effect: read).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::book;
use crate::paths::{Folders, MARK};
use crate::render::{Artifact, BOOK, Place, ProsePage};
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

/// A path that cannot be read, with what the system says.
pub type Unreadable = (String, std::io::Error);

/// Returns every static file and every page of prose, those of the book in a folder included.
///
/// # Errors
/// The path that cannot be read, with what the system says.
pub fn load(root: &Path, book: Option<&str>) -> Result<Assets, Unreadable> {
    let mut files: BTreeMap<String, Vec<u8>> = EMBEDDED
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    let folder = root.join(FOLDER);
    let listed = source::list_tree(&folder).map_err(|error| (FOLDER.to_owned(), error))?;
    for path in listed {
        let name = path.to_string_lossy().replace('\\', "/");
        match source::read_bytes(&folder.join(&path)) {
            Ok(bytes) => {
                let bytes = extend(&name, bytes);
                files.insert(name, bytes)
            }
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
        let text = utf8(&format!("{FOLDER}/{path}"), bytes)?;
        let path = format!("{name}.html");
        assets.pages.push(book::page_of(path, &text, Place::Site));
    }
    if let Some(folder) = book {
        add_book(root, folder, &mut assets)?;
    }
    assets.files = without_collisions(assets.files);
    Ok(assets)
}

/// Leaves of files that cannot lie in one site the later ones: those of a book win over other static files. The
/// mark of a site is no file of it; who copies a site into the folder brings it along.
fn without_collisions(files: Vec<Artifact>) -> Vec<Artifact> {
    let mut seen = HashSet::new();
    let mut folders = Folders::default();
    let mut left = Vec::new();
    for file in files.into_iter().rev() {
        let in_the_way = folders.is_in_the_way(&file.path, |path| seen.contains(path));
        if !in_the_way && file.path != MARK {
            seen.insert(file.path.clone());
            folders.add(&file.path);
            left.push(file);
        }
    }
    left.reverse();
    left
}

/// An own style sheet that begins with `@import "builtin/NAME";` extends the shipped one: its text is put
/// there, so that browsers need not ask for one more file.
fn extend(name: &str, own: Vec<u8>) -> Vec<u8> {
    let import = format!("@import \"builtin/{name}\";");
    let shipped = EMBEDDED.iter().find(|(shipped, _)| *shipped == name);
    match (own.strip_prefix(import.as_bytes()), shipped) {
        (Some(rest), Some((_, shipped))) => [shipped, rest].concat(),
        _ => own,
    }
}

/// Adds a book: each Markdown file of a folder as a page, every other file as it is.
fn add_book(root: &Path, folder: &str, assets: &mut Assets) -> Result<(), Unreadable> {
    let path = root.join(folder);
    let mut texts = BTreeMap::new();
    for file in source::list_tree(&path).map_err(|error| (folder.to_owned(), error))? {
        let name = file.to_string_lossy().replace('\\', "/");
        let shown = format!("{folder}/{name}");
        let bytes =
            source::read_bytes(&path.join(&file)).map_err(|error| (shown.clone(), error))?;
        if name.ends_with(".md") {
            texts.insert(name, utf8(&shown, bytes)?);
        } else {
            let path = format!("{}{name}", BOOK.trim_end_matches("index.html"));
            assets.files.push(Artifact { path, bytes });
        }
    }
    if !texts.contains_key(book::FIRST) {
        let name = format!("{folder}/{}", book::FIRST);
        return Err((name, std::io::ErrorKind::NotFound.into()));
    }
    assets.pages.extend(book::pages(texts));
    Ok(())
}

fn utf8(path: &str, bytes: Vec<u8>) -> Result<String, Unreadable> {
    String::from_utf8(bytes).map_err(|error| {
        let error = std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        (path.to_owned(), error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_style_sheet_can_extend_the_shipped_one() {
        let own = b"@import \"builtin/tokens.css\";\n:root { --bar: #000; }\n".to_vec();
        let text = String::from_utf8(extend("tokens.css", own.clone())).expect("text");
        assert!(text.contains("--ground") && text.ends_with("--bar: #000; }\n"));
        // Of another name it is the author's own affair.
        assert_eq!(extend("other.css", own.clone()), own);
        assert_eq!(extend("style.css", own.clone()), own);
    }

    #[test]
    fn of_files_in_each_others_way_the_later_one_stays() {
        let file = |path: &str, text: &str| Artifact {
            path: path.to_owned(),
            bytes: text.into(),
        };
        let left = without_collisions(vec![
            file(".vmt-output", "a copied mark"),
            file("docs/a", "in the way of a folder"),
            file("docs/logo.png", "own"),
            file("style.css", ""),
            file("docs/a/b.png", ""),
            file("docs/logo.png", "of the book"),
        ]);
        let paths: Vec<&str> = left.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["style.css", "docs/a/b.png", "docs/logo.png"]);
        assert_eq!(left[2].bytes, b"of the book");
    }
}
