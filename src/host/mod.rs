//! Review and bug hosts: recognise an address, name what it leads to, and write it in one form.
//!
//! One row a host in [`HOSTS`]; a new host is a new file and a row. Knows no advisory.

mod gerrit;
mod git_forge;
mod launchpad;
mod storyboard;

use std::fmt;

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A change under review.
    Review,
    /// A bug.
    Bug,
}

/// An address as recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Name of the host's row.
    pub host: &'static str,
    /// Review or bug.
    pub role: Role,
    /// The same for every way to write the same address, different for any two things.
    pub key: String,
    /// Number or id as a human says it.
    pub number: String,
    /// Address in the form that vmt writes.
    pub url: String,
    /// Repository, where the address names it.
    pub project: Option<String>,
}

/// One host.
pub struct Host {
    /// Name for messages.
    pub name: &'static str,
    /// Reads an address of this host; `None` for any other.
    pub recognise: fn(&Url<'_>) -> Option<Reference>,
    /// An address in the form that vmt writes.
    pub example: &'static str,
}

/// Every host that is known.
pub const HOSTS: &[Host] = &[
    Host {
        name: "Gerrit",
        recognise: gerrit::recognise,
        example: "https://review.opendev.org/c/openstack/nova/+/123456",
    },
    Host {
        name: "Launchpad",
        recognise: launchpad::recognise,
        example: "https://launchpad.net/bugs/123456",
    },
    Host {
        name: "StoryBoard",
        recognise: storyboard::recognise,
        example: "https://storyboard.openstack.org/#!/story/2001234",
    },
    Host {
        name: "GitHub or GitLab",
        recognise: git_forge::recognise,
        example: "https://github.com/example/project/pull/12",
    },
];

/// Recognises an address of any known host.
pub fn recognise(text: &str) -> Option<Reference> {
    let url = Url::parse(text).ok()?;
    HOSTS.iter().find_map(|host| (host.recognise)(&url))
}

/// An absolute http or https address, cut into its parts (RFC 3986 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// Host name, with a port where one is written.
    pub host: &'a str,
    /// Path with its leading slash, or nothing.
    pub path: &'a str,
    /// What stands behind `?`.
    pub query: Option<&'a str>,
    /// What stands behind `#`.
    pub fragment: Option<&'a str>,
}

/// Why a text is no web address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UrlFault {
    /// No `http://` or `https://` at its start.
    Scheme,
    /// No sound host name.
    Host,
    /// A blank, quote, bracket or control character that an address cannot hold.
    Character(char),
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlFault::Scheme => f.write_str("it does not start with `https://`"),
            UrlFault::Host => f.write_str("it has no host name"),
            UrlFault::Character(found) => write!(f, "it holds {found:?}"),
        }
    }
}

impl<'a> Url<'a> {
    /// Cuts an address into its parts.
    ///
    /// # Errors
    /// The first reason why the text is no absolute web address.
    pub fn parse(text: &'a str) -> Result<Url<'a>, UrlFault> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlFault::Scheme)?;
        if !matches!(scheme, "http" | "https") {
            return Err(UrlFault::Scheme);
        }
        let odd = |c: &char| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
        };
        if let Some(found) = text.chars().find(odd) {
            return Err(UrlFault::Character(found));
        }
        let (rest, fragment) = match rest.split_once('#') {
            Some((rest, fragment)) => (rest, Some(fragment)),
            None => (rest, None),
        };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        let (labels, port) = host.split_once(':').unwrap_or((host, "80"));
        let sound = !labels.is_empty()
            && port.parse::<u16>().is_ok()
            && labels.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            });
        if !sound {
            return Err(UrlFault::Host);
        }
        Ok(Url {
            scheme,
            host,
            path,
            query,
            fragment,
        })
    }

    /// Returns the parts of the path between slashes, without empty ones.
    pub fn segments(&self) -> Vec<&'a str> {
        self.path
            .split('/')
            .filter(|part| !part.is_empty())
            .collect()
    }
}

/// Returns a text when it is a plain number without leading zeros.
fn number(text: &str) -> Option<&str> {
    let sound = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    sound.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        recognise(text).map_or("-".into(), |found| {
            format!(
                "{} {} {}",
                found.key,
                found.url,
                found.project.unwrap_or("-".into())
            )
        })
    }

    #[test]
    fn every_form_of_an_address_is_the_same_thing() {
        let review = "review.opendev.org 986235 https://review.opendev.org/";
        for (text, read) in [
            (
                "https://review.opendev.org/c/openstack/ironic/+/986235",
                &*format!("{review}c/openstack/ironic/+/986235 openstack/ironic"),
            ),
            (
                "https://review.opendev.org/c/openstack/ironic/+/986235/2",
                &*format!("{review}c/openstack/ironic/+/986235 openstack/ironic"),
            ),
            (
                "https://review.openstack.org/#/c/986235/",
                &*format!("{review}986235 -"),
            ),
            (
                "http://review.openstack.org/986235",
                &*format!("{review}986235 -"),
            ),
            (
                "https://review.opendev.org/#/c/986235/3",
                &*format!("{review}986235 -"),
            ),
            (
                "https://launchpad.net/bugs/885167",
                "launchpad 885167 https://launchpad.net/bugs/885167 -",
            ),
            (
                "https://bugs.launchpad.net/nova/+bug/885167",
                "launchpad 885167 https://launchpad.net/bugs/885167 nova",
            ),
            (
                "https://bugs.launchpad.net/bugs/885167",
                "launchpad 885167 https://launchpad.net/bugs/885167 -",
            ),
            (
                "https://storyboard.openstack.org/#!/story/2001234",
                "storyboard.openstack.org 2001234 https://storyboard.openstack.org/#!/story/2001234 -",
            ),
            (
                "https://github.com/a/b/pull/12",
                "github.com/a/b 12 https://github.com/a/b/pull/12 a/b",
            ),
            (
                "https://gitlab.com/a/b/-/merge_requests/3",
                "gitlab.com/a/b !3 https://gitlab.com/a/b/-/merge_requests/3 a/b",
            ),
            ("https://example.org/1", "-"),
            ("https://review.opendev.org/dashboard/self", "-"),
        ] {
            assert_eq!(shown(text), read, "{text}");
        }
    }

    #[test]
    fn a_change_id_is_a_review_of_every_branch() {
        let id = "I0123456789abcdef0123456789abcdef01234567";
        let found = recognise(&format!("https://review.opendev.org/q/{id}")).expect("a review");
        assert_eq!((found.role, found.number.as_str()), (Role::Review, id));
    }

    #[test]
    fn each_example_is_recognised_by_its_own_row_alone() {
        for host in HOSTS {
            let url = Url::parse(host.example).expect(host.name);
            let rows: Vec<_> = HOSTS
                .iter()
                .filter(|row| (row.recognise)(&url).is_some())
                .map(|row| row.name)
                .collect();
            assert_eq!(rows, [host.name]);
            let found = recognise(host.example).expect(host.name);
            assert_eq!(
                found.url, host.example,
                "an example is in the form that vmt writes"
            );
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        assert_eq!(
            Url::parse("openstack-discuss@lists.openstack.org"),
            Err(UrlFault::Scheme)
        );
        assert_eq!(Url::parse("javascript://x"), Err(UrlFault::Scheme));
        assert_eq!(Url::parse("https:///x"), Err(UrlFault::Host));
        assert_eq!(Url::parse("https://a b"), Err(UrlFault::Character(' ')));
        assert_eq!(Url::parse("https://a..b/"), Err(UrlFault::Host));
    }
}
