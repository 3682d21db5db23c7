//! The preview: a site served from memory, built again when its sources change, in browsers that follow
//! (effect: network, watching files).
//!
//! Knows no rule, no document and no template: a [`Build`] gives it files and findings. Writes nothing.

mod http;
mod page;
mod snapshot;
mod watch;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use tokio::sync::watch::Sender;

use self::snapshot::Snapshot;
use self::watch::Watcher;
use crate::prose::text::harmless;
use crate::render::Artifact;

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program has the port.
    #[error("port {} of {} is in use", .0.port(), .0.ip())]
    InUse(SocketAddr),
    /// The system refuses the address.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// Files cannot be watched.
    #[error("cannot watch {}: {error}", .path.display())]
    Watch {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: String,
    },
}

/// Makes the site, over and over.
pub trait Build {
    /// Builds the site for a base address. Every part is handed over as soon as it is there, the pages
    /// first; what is not handed over stays as it was. Returns what the site is made of.
    fn build(&mut self, base_url: &str, hand_over: &mut dyn FnMut(Part)) -> Watched;
}

/// A part of a build.
#[derive(Debug)]
pub enum Part {
    /// The pages and static files, and which document is on which page.
    Pages(Vec<Artifact>, BTreeMap<String, DocumentPage>),
    /// Every other file.
    Rest(Vec<Artifact>),
    /// What the check says.
    Findings(Vec<Finding>),
    /// The build failed: the site stays as it was.
    Failed(String),
}

/// The document on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentPage {
    /// Its id.
    pub id: String,
    /// Whether it is private.
    pub draft: bool,
}

/// A finding as the browser shows it; the fields are those of `vmt check --format json`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// `error`, `warning` or `advice`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// File, relative to the workspace.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Address of the document's page, from the root of the site.
    pub page: Option<String>,
}

/// What a site is made of: names in the folder of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Files at the top.
    pub files: Vec<String>,
    /// Folders of YAML files.
    pub documents: Vec<String>,
    /// Folders that count with all that is below them.
    pub trees: Vec<String>,
}

/// An address that is listened on.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Takes an address; port 0 takes any free one.
    ///
    /// # Errors
    /// When another program has the port, or the system refuses.
    pub fn bind(address: SocketAddr) -> Result<Listener, ServeError> {
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::AddrInUse => ServeError::InUse(address),
            _ => ServeError::Listen { address, error },
        };
        let socket = TcpListener::bind(address).map_err(failed)?;
        // The server shares its one thread among all connections.
        socket.set_nonblocking(true).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Listener { socket, address })
    }

    /// Returns the address of the site, with a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

/// Whether an address can be reached from this machine alone.
pub fn is_loopback(address: IpAddr) -> bool {
    address.is_loopback()
}

/// A running preview.
pub struct Preview<'a> {
    url: String,
    /// Whether other machines can read along.
    exposed: bool,
    watcher: Watcher,
    state: Arc<Sender<Arc<Snapshot>>>,
    say: &'a dyn Fn(&str),
}

impl<'a> Preview<'a> {
    /// Builds the site for the first time and starts to serve it. A build that fails is shown in the
    /// browser, and the next change tries again.
    ///
    /// # Errors
    /// When the files cannot be watched, or the system gives no thread or socket.
    pub fn start(
        listener: Listener,
        root: &Path,
        watched: Watched,
        build: &mut dyn Build,
        say: &'a dyn Fn(&str),
    ) -> Result<Preview<'a>, ServeError> {
        let address = listener.address;
        let (state, _) = tokio::sync::watch::channel(Arc::new(Snapshot::default()));
        let mut preview = Preview {
            url: listener.url(),
            exposed: !is_loopback(address.ip()),
            // Before the first build, so that no change after it is missed.
            watcher: Watcher::new(root, watched)?,
            state: Arc::new(state),
            say,
        };
        let start = Instant::now();
        if preview.build(build)?.is_some() {
            say(&format!(
                "built {} files in {} ms",
                preview.state.borrow().len(),
                start.elapsed().as_millis()
            ));
        }
        let allowed = (!preview.exposed).then_some(address);
        http::start(listener.socket, allowed, Arc::clone(&preview.state))
            .map_err(|error| ServeError::Listen { address, error })?;
        Ok(preview)
    }

    /// Builds again after every change, for as long as the program runs.
    ///
    /// # Errors
    /// When the files can no longer be watched.
    pub fn follow(mut self, build: &mut dyn Build) -> Result<(), ServeError> {
        loop {
            let changed = self.watcher.wait()?;
            if let Some(milliseconds) = self.build(build)? {
                (self.say)(&format!(
                    "changed: {}; rebuilt in {milliseconds} ms",
                    harmless(&some_of(&changed))
                ));
            }
        }
    }

    /// Builds once. Returns the milliseconds until the pages were there, unless it failed.
    fn build(&mut self, build: &mut dyn Build) -> Result<Option<u128>, ServeError> {
        let start = Instant::now();
        let mut pages = None;
        let mut failed = false;
        let (state, exposed, say) = (&self.state, self.exposed, self.say);
        let watched = build.build(&self.url, &mut |part| {
            if let Part::Failed(text) = &part {
                say(&format!("{}\nthe preview stays as it was", harmless(text)));
                failed = true;
            }
            let is_pages = matches!(part, Part::Pages(..));
            if let Some(part) = admit(part, exposed) {
                state.send_modify(|snapshot| *snapshot = Arc::new(snapshot.with(part)));
            }
            if is_pages {
                pages = Some(start.elapsed().as_millis());
            }
        });
        if self.watcher.watch(watched)? {
            // A folder that nobody watched yet may have changed since it was read.
            return self.build(build);
        }
        Ok(pages.filter(|_| !failed))
    }
}

/// What others may read. Findings and errors quote documents, private ones included, so that they stay
/// on this machine.
fn admit(part: Part, exposed: bool) -> Option<Part> {
    match part {
        Part::Findings(_) if exposed => None,
        Part::Failed(_) if exposed => Some(Part::Failed(
            "where `vmt serve` runs, its terminal says why".into(),
        )),
        part => Some(part),
    }
}

/// Names a few changed files and counts the rest.
fn some_of(changed: &[String]) -> String {
    match changed {
        [] => "the workspace".into(),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        few => few.join(", "),
    }
}

/// Opens an address in the user's browser.
///
/// # Errors
/// What the system says when there is no program to do so.
pub fn open_browser(url: &str) -> std::io::Result<()> {
    let command: &[&str] = if cfg!(target_os = "macos") {
        &["open"]
    } else if cfg!(windows) {
        // The empty word is the window's title, which `start` takes first.
        &["cmd", "/C", "start", ""]
    } else {
        &["xdg-open"]
    };
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    // Some openers end only with the browser.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_changes_are_named_and_the_rest_is_counted() {
        let names =
            |count: usize| -> Vec<String> { (1..=count).map(|at| format!("{at}.yaml")).collect() };
        assert_eq!(some_of(&names(0)), "the workspace");
        assert_eq!(some_of(&names(3)), "1.yaml, 2.yaml, 3.yaml");
        assert_eq!(some_of(&names(5)), "1.yaml, 2.yaml, 3.yaml and 2 more");
    }

    #[test]
    fn findings_and_errors_stay_on_this_machine() {
        let error = || Part::Failed("advisories/secret.yaml:1".into());
        assert!(admit(Part::Findings(Vec::new()), true).is_none());
        assert!(
            matches!(admit(error(), true), Some(Part::Failed(text)) if !text.contains("secret"))
        );
        assert!(
            matches!(admit(error(), false), Some(Part::Failed(text)) if text.contains("secret"))
        );
    }

    #[test]
    fn a_taken_port_is_named() {
        let first = Listener::bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let error = Listener::bind(first.address).expect_err("the port is taken");
        assert_eq!(
            error.to_string(),
            format!("port {} of 127.0.0.1 is in use", first.address.port())
        );
    }
}
