//! Templates: the shipped ones are embedded, and a file of the same name in a workspace's `templates/`
//! takes its place. Knows no page.

use std::path::Path;

use serde::Serialize;
use tera::{Context, Tera};

use crate::key::Key;
use crate::source;

/// Folder of a workspace's own templates.
pub const FOLDER: &str = "templates";

/// The shipped templates by name.
pub const EMBEDDED: &[(&str, &str)] = &[
    (
        "embargo/commit.txt",
        include_str!("../templates/embargo/commit.txt"),
    ),
    (
        "embargo/impact.txt",
        include_str!("../templates/embargo/impact.txt"),
    ),
    (
        "embargo/incomplete.txt",
        include_str!("../templates/embargo/incomplete.txt"),
    ),
    (
        "embargo/reminder.txt",
        include_str!("../templates/embargo/reminder.txt"),
    ),
    (
        "embargo/title.txt",
        include_str!("../templates/embargo/title.txt"),
    ),
    (
        "mail/advisory.txt",
        include_str!("../templates/mail/advisory.txt"),
    ),
    (
        "mail/errata.txt",
        include_str!("../templates/mail/errata.txt"),
    ),
    (
        "mail/note-errata.txt",
        include_str!("../templates/mail/note-errata.txt"),
    ),
    ("mail/note.txt", include_str!("../templates/mail/note.txt")),
    (
        "mail/notice.txt",
        include_str!("../templates/mail/notice.txt"),
    ),
    (
        "mail/update.txt",
        include_str!("../templates/mail/update.txt"),
    ),
    (
        "new/advisory.yaml",
        include_str!("../templates/new/advisory.yaml"),
    ),
    ("new/note.yaml", include_str!("../templates/new/note.yaml")),
    (
        "site/affected.html",
        include_str!("../templates/site/affected.html"),
    ),
    (
        "site/base.html",
        include_str!("../templates/site/base.html"),
    ),
    ("site/cve.html", include_str!("../templates/site/cve.html")),
    (
        "site/document.html",
        include_str!("../templates/site/document.html"),
    ),
    (
        "site/feeds.html",
        include_str!("../templates/site/feeds.html"),
    ),
    (
        "site/index.html",
        include_str!("../templates/site/index.html"),
    ),
    (
        "site/link.html",
        include_str!("../templates/site/link.html"),
    ),
    (
        "site/list.html",
        include_str!("../templates/site/list.html"),
    ),
    (
        "site/not-found.html",
        include_str!("../templates/site/not-found.html"),
    ),
    (
        "site/product.html",
        include_str!("../templates/site/product.html"),
    ),
    (
        "site/products.html",
        include_str!("../templates/site/products.html"),
    ),
    (
        "site/prose.html",
        include_str!("../templates/site/prose.html"),
    ),
    (
        "site/redirect.html",
        include_str!("../templates/site/redirect.html"),
    ),
    (
        "site/release.html",
        include_str!("../templates/site/release.html"),
    ),
    (
        "site/rows.html",
        include_str!("../templates/site/rows.html"),
    ),
    (
        "site/search.html",
        include_str!("../templates/site/search.html"),
    ),
    (
        "site/series-list.html",
        include_str!("../templates/site/series-list.html"),
    ),
    (
        "site/series.html",
        include_str!("../templates/site/series.html"),
    ),
];

/// Why templates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A workspace's template cannot be read.
    #[error("cannot read {FOLDER}/{name}: {error}")]
    Read {
        /// Name of the template.
        name: String,
        /// What the system says.
        error: String,
    },
    /// A template is wrong; the text names it, with the line.
    #[error("{0}")]
    Syntax(String),
}

/// A value that is converted once for all the pages that show it.
#[derive(Debug, Clone)]
pub struct Shared {
    name: &'static str,
    value: tera::Value,
}

impl Shared {
    /// Converts a value; templates know it by a name.
    pub fn new(name: &'static str, value: &impl Serialize) -> Shared {
        Shared {
            name,
            value: tera::Value::from_serializable(value),
        }
    }
}

/// A part of values that is converted once for all the values that hold it.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Converted(tera::Value);

impl Converted {
    /// Converts a value.
    pub fn new(value: &impl Serialize) -> Converted {
        Converted(tera::Value::from_serializable(value))
    }
}

/// Templates ready to render.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
    key: Key,
}

impl Templates {
    /// Loads the shipped templates and a workspace's own.
    ///
    /// # Errors
    /// When an own template cannot be read or parsed.
    pub fn load(root: &Path) -> Result<Templates, TemplateError> {
        let mut tera = Tera::default();
        // An own template may say {% extends "builtin/site/base.html" %}.
        tera.set_fallback_prefixes(["own/", "builtin/"])
            .map_err(|error| syntax(&error))?;
        let mut texts: Vec<(String, String)> = EMBEDDED
            .iter()
            .map(|(name, text)| (format!("builtin/{name}"), (*text).to_owned()))
            .collect();
        let folder = root.join(FOLDER);
        let read = |name: &str, error: &dyn std::fmt::Display| TemplateError::Read {
            name: name.to_owned(),
            error: error.to_string(),
        };
        for path in source::list_tree(&folder).map_err(|error| read("", &error))? {
            let name = path.to_string_lossy().replace('\\', "/");
            let bytes =
                source::read_bytes(&folder.join(&path)).map_err(|error| read(&name, &error))?;
            let text = String::from_utf8(bytes).map_err(|error| read(&name, &error))?;
            texts.push((format!("own/{name}"), text));
        }
        let mut key = Key::of("templates");
        for (name, text) in &texts {
            key = key.text(name).text(text);
        }
        tera.add_raw_templates(texts)
            .map_err(|error| syntax(&error))?;
        let key = key.done();
        Ok(Templates { tera, key })
    }

    /// Returns the key of all templates together.
    pub fn key(&self) -> Key {
        self.key
    }

    /// Renders a template with the fields of a value and one more that many pages share.
    ///
    /// # Errors
    /// When the template asks for something that neither has.
    pub fn render_with(
        &self,
        name: &str,
        value: &impl Serialize,
        shared: &Shared,
    ) -> Result<String, TemplateError> {
        let mut context = Context::from_serialize(value).map_err(|error| syntax(&error))?;
        context.insert_value(shared.name, shared.value.clone());
        self.tera
            .render(name, &context)
            .map_err(|error| syntax(&error))
    }

    /// Renders a template with the fields of a value.
    ///
    /// # Errors
    /// When the template asks for something that the value has not.
    pub fn render(&self, name: &str, value: &impl Serialize) -> Result<String, TemplateError> {
        let context = Context::from_serialize(value).map_err(|error| syntax(&error))?;
        self.tera
            .render(name, &context)
            .map_err(|error| syntax(&error))
    }
}

impl Templates {
    /// Fills in a text that is no template of its own, such as a page of prose.
    ///
    /// # Errors
    /// When the text asks for something that the value has not.
    pub fn fill(&self, text: &str, shared: &Shared) -> Result<String, TemplateError> {
        let mut context = Context::new();
        context.insert_value(shared.name, shared.value.clone());
        self.tera
            .render_str(text, &context, false)
            .map_err(|error| syntax(&error))
    }
}

fn syntax(error: &tera::Error) -> TemplateError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    TemplateError::Syntax(text)
}
