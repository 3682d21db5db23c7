//! First settings of a workspace: OpenStack's as they are, or short ones for another organisation.

use std::fmt::Write as _;

use super::SHIPPED;
use crate::tree::toml::quoted;

/// Returns OpenStack's settings for a new workspace, without what concerns this project alone.
pub fn shipped() -> String {
    let own = |line: &&str| line.contains("`vmt init` leaves these") || line.starts_with("docs = ");
    SHIPPED
        .split_inclusive('\n')
        .filter(|line| !own(line))
        .collect()
}

/// What short settings are made from.
#[derive(Debug, Clone, Default)]
pub struct Starter {
    /// Name of the organisation.
    pub organisation: String,
    /// Letters that ids of advisories start with.
    pub prefix: String,
    /// Letters that ids of notes start with; made from `prefix` where it is none.
    pub note_prefix: Option<String>,
    /// Address of the site.
    pub base_url: Option<String>,
    /// Names of products.
    pub products: Vec<String>,
    /// Address of the public list that announcements go to.
    pub list: Option<String>,
}

impl Starter {
    /// Writes the settings. What was given may be wrong: read them before they are used.
    pub fn compose(&self) -> String {
        let base_url = self.base_url.as_deref().unwrap_or("http://localhost:8000/");
        let mut out = format!(
            "# Settings of this workspace. `vmt schema config` prints what may stand here.\n\
             #:schema ./schema/config.json\n\n\
             [site]\ntitle = {}\nbase-url = {}\n\n\
             [team]\norganisation = {}\nname = {}\n# url = \"https://…\", the page that says how to reach the team\n\n\
             [documents.advisory]\nprefix = {}\n\n\
             [documents.note]\nprefix = {}\n\n\
             # Severity of a rule, or \"off\"; `vmt explain` lists the rules.\n[rules]\n",
            quoted(&format!("{} security", self.organisation)),
            quoted(base_url),
            quoted(&self.organisation),
            quoted(&format!(
                "{} Vulnerability Management Team",
                self.organisation
            )),
            quoted(&self.prefix),
            quoted(&self.note_prefix()),
        );
        self.mails(&mut out);
        out.push_str(
            "\n# One entry a product. With `repository`, releases are read from its git tags.\n",
        );
        for name in &self.products {
            let _ = write!(out, "[[products]]\nname = {}\n\n", quoted(name));
        }
        if self.products.is_empty() {
            out.push_str("# [[products]]\n# name = \"engine\"\n# title = \"Engine\"\n# repository = \"https://git.example.org/engine\"\n\n");
        }
        out.push_str(
            "# Release series, oldest first, where the products have any.\n\
             # [[series]]\n# name = \"first\"\n# number = \"1.0\"\n# released = \"2026-01-31\"\n",
        );
        out
    }

    /// `STXSA` has the notes `STXSN`.
    fn note_prefix(&self) -> String {
        let made = || format!("{}N", self.prefix.strip_suffix('A').unwrap_or(&self.prefix));
        self.note_prefix.clone().unwrap_or_else(made)
    }

    fn mails(&self, out: &mut String) {
        let Some(address) = &self.list else {
            return;
        };
        let domain = address.rsplit('@').next().unwrap_or_default();
        let _ = write!(
            out,
            "\n# Mails. Each member says who they are: VMT_MAIL_FROM and VMT_MAIL_SIGN_WITH.\n\
             [mail]\ndomain = {}\n\n\
             [[mail.lists]]\nname = \"announce\"\naddress = {}\nreaders = \"public\"\n",
            quoted(domain),
            quoted(address)
        );
        for (name, documents, template, more) in [
            ("announce", "advisory", "advisory", ""),
            ("errata", "advisory", "errata", "announce"),
            ("note", "note", "note", ""),
            ("note-errata", "note", "note-errata", "note"),
        ] {
            let revision = if more.is_empty() {
                ""
            } else {
                " (erratum {{ mail.revision }})"
            };
            let _ = write!(
                out,
                "\n[[mail.kinds]]\nname = \"{name}\"\ndocuments = [\"{documents}\"]\nstate = \"public\"\nto = [\"announce\"]\n\
                 template = \"mail/{template}.txt\"\nsubject = \"{{{{ mail.headline }}}}{revision}\"\n"
            );
            if !more.is_empty() {
                let _ = write!(out, "occasion = \"erratum\"\nfollows = \"{more}\"\n");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::diagnostic::FileId;

    #[test]
    fn shipped_settings_publish_no_book_of_ours() {
        let (config, problems) = Config::parse(FileId(0), &shipped());
        assert!(problems.is_empty() && config.docs.is_none());
        assert_eq!(shipped().lines().count() + 2, SHIPPED.lines().count());
    }

    #[test]
    fn short_settings_are_sound_whatever_they_hold() {
        let starter = Starter {
            organisation: "Quotes \" and \\ and # and \u{7f}".into(),
            prefix: "STXSA".into(),
            products: vec!["config".into(), "fault".into()],
            list: Some("announce@lists.example.org".into()),
            ..Starter::default()
        };
        let (config, problems) = Config::parse(FileId(0), &starter.compose());
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(config.organisation, starter.organisation);
        assert_eq!(config.note.id(2026, 1), "STXSN-0001");
        assert_eq!(config.mail.kinds.len(), 4);
        assert!(config.product("fault").is_some());
        let (_, problems) = Config::parse(FileId(0), &Starter::default().compose());
        assert_eq!(
            problems.len(),
            1,
            "no prefix is no sound prefix: {problems:?}"
        );
    }
}
