//! The outbox: what is to be sent, what is being sent and what was, on disk (effect: disk, network).
//!
//! A folder a message: `ID.KIND.REVISION/` with the bytes (`message.eml`), what they are (`message.json`), and
//! what happened to them (`journal.jsonl`). There is one folder for each mail that a document can need, so
//! a repeated command finds what it did before. Each step is on the disk before it is taken: whatever
//! stops vmt, no message is lost and none is sent twice. Knows no templates and no policy.

#![allow(clippy::disallowed_methods)] // The module that queues and delivers.

mod held;
pub mod journal;
pub mod seal;
mod sendmail;
pub mod smtp;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::config::Config;
use crate::ledger::{Entry, file_name};
use crate::mail::letter::Letter;
use crate::output::{self, OutputError};
pub use held::Held;
use journal::{Event, Fate, Record, State, Status};
use seal::Keys;

/// Folder of the outbox in a workspace; git ignores it.
pub const FOLDER: &str = ".vmt-outbox";

const MESSAGE: &str = "message.eml";
const ABOUT: &str = "message.json";
const JOURNAL: &str = "journal.jsonl";
const SECRET: &str = "secret";
const ENTERED: &str = "entered.json";

/// Why the outbox cannot be used. What was in it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The system refused.
    #[error("cannot {what} {}: {error}", .path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A file of the outbox is not what it should be.
    #[error("{} is damaged: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Another vmt is at work on a message.
    #[error("another vmt is at work on {0}")]
    Busy(String),
    /// There is no message of that name.
    #[error("there is no message `{0}` in the outbox")]
    Missing(String),
    /// The message is in a state in which this cannot be done.
    #[error("{name} is {}: {why}", .state.name())]
    State {
        /// Its name.
        name: String,
        /// Its state.
        state: State,
        /// Why that does not go together.
        why: &'static str,
    },
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> OutboxError {
    let path = path.to_path_buf();
    move |error| OutboxError::Io { what, path, error }
}

/// Takes an event into the journal of a message.
type Write<'a> = &'a mut dyn FnMut(Event) -> Result<(), OutboxError>;

/// What a message is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Id of the document.
    pub document: String,
    /// Kind of the mail.
    pub kind: String,
    /// Number among the mails of its kind.
    pub revision: u32,
    /// Message-ID with its angle brackets.
    pub message_id: String,
    /// Subject, as readers see it.
    pub subject: String,
    /// Address that answers of mail servers go to.
    pub sender: String,
    /// Addresses that it goes to.
    pub recipients: Vec<String>,
    /// Whether everybody may know of it.
    pub public: bool,
    /// When it was composed.
    pub date: DateTime<Utc>,
    /// Digest of what it says, without its date.
    pub content: String,
    /// What it says, for comparisons.
    pub facts: serde_json::Value,
}

impl About {
    /// Describes a letter that is sealed with keys.
    pub fn of(letter: &Letter, keys: &Keys, config: &Config) -> About {
        About {
            document: letter.document.clone(),
            kind: letter.kind.name.clone(),
            revision: letter.revision,
            message_id: letter.message_id.clone(),
            subject: letter.subject.clone(),
            sender: seal::address_of(letter.from.as_deref().unwrap_or_default()).to_owned(),
            recipients: letter.to.clone(),
            public: letter.is_public(config),
            date: letter.date,
            content: content(letter, keys),
            facts: serde_json::to_value(&letter.facts).unwrap_or_default(),
        }
    }

    /// Returns the name of its folder, from which nothing leads out of the outbox.
    pub fn name(&self) -> String {
        name(&self.document, &self.kind, self.revision)
    }
}

/// Returns the name of the folder of a message.
pub fn name(document: &str, kind: &str, revision: u32) -> String {
    format!("{}.{}.{revision}", file_name(document), file_name(kind))
}

/// A digest of everything that a mail says, to whom and under which keys.
fn content(letter: &Letter, keys: &Keys) -> String {
    let mut hash = Sha256::new();
    let files = letter.attachments.iter();
    let files = files.flat_map(|file| [file.name.as_str(), file.sha256.as_str()]);
    let all = [
        letter.from.as_deref().unwrap_or_default(),
        letter.subject.as_str(),
        letter.outer_subject.as_deref().unwrap_or_default(),
        letter.reply_to.as_deref().unwrap_or_default(),
        letter.message_id.as_str(),
        letter.body.as_str(),
        keys.sign_with.as_deref().unwrap_or_default(),
        if letter.kind.signed { "signed" } else { "" },
    ];
    let lists = letter.to.iter().chain(&letter.thread);
    let lists = lists.chain(&letter.encrypt_to).map(String::as_str);
    for text in all.into_iter().chain(lists).chain(files) {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    for key in &letter.encrypt_to {
        hash.update(hex(&fs::read(keys.file(key)).unwrap_or_default()));
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A message in the outbox.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is.
    pub about: About,
    /// What happened to it.
    pub records: Vec<Record>,
    /// What follows from that.
    pub status: Status,
}

impl Message {
    /// Returns its bytes.
    ///
    /// # Errors
    /// What the system says.
    pub fn bytes(&self) -> Result<Vec<u8>, OutboxError> {
        let path = self.folder.join(MESSAGE);
        fs::read(&path).map_err(io("read", &path))
    }

    /// Returns whether the ledger was told all that is known: its entry may have moved since, with the document.
    pub fn is_entered(&self, entry: &Entry) -> bool {
        let told = fs::read(self.folder.join(ENTERED));
        told.is_ok_and(|told| told == entry.to_json().as_bytes())
    }

    /// Remembers that the ledger was told.
    ///
    /// # Errors
    /// What the system says.
    pub fn set_entered(&self, entry: &Entry) -> Result<(), OutboxError> {
        let path = self.folder.join(ENTERED);
        fs::write(&path, entry.to_json()).map_err(io("write", &path))
    }

    /// Returns what the ledger says of it, once a server has it and nothing is open or unknown.
    pub fn entry(&self) -> Option<Entry> {
        let settled = matches!(self.status.state, State::Sent | State::Refused);
        let took = self.status.fates.iter();
        let recipients: Vec<String> = took
            .filter(|(_, fate)| matches!(fate, Fate::Accepted(_)))
            .map(|(address, _)| address.clone())
            .collect();
        (settled && !recipients.is_empty()).then(|| Entry {
            document: self.about.document.clone(),
            kind: self.about.kind.clone(),
            revision: self.about.revision,
            message_id: Some(self.about.message_id.clone()),
            moment: self.status.since.unwrap_or(self.about.date),
            recipients,
            evidence: self.status.evidence.clone(),
            facts: Some(self.about.facts.clone()),
        })
    }
}

/// How messages go out.
#[derive(Debug)]
pub enum Transport<'a> {
    /// Over SMTP.
    Smtp(smtp::Server<'a>),
    /// Through a program on this machine.
    Sendmail(&'a str),
}

/// The outbox of a workspace.
#[derive(Debug)]
pub struct Outbox<'a> {
    folder: PathBuf,
    /// Reads the clock: a delivery takes time.
    clock: &'a dyn Clock,
}

/// Tells the time.
pub trait Clock: std::fmt::Debug {
    /// Returns the moment.
    fn now(&self) -> DateTime<Utc>;
}

impl<'a> Outbox<'a> {
    /// The outbox of the workspace in a folder.
    pub fn of(root: &Path, clock: &'a dyn Clock) -> Outbox<'a> {
        Outbox {
            folder: root.join(FOLDER),
            clock,
        }
    }

    /// Returns the secret of the workspace for Message-IDs that give nothing away, and makes it first where
    /// there is none.
    ///
    /// # Errors
    /// What the system says.
    pub fn secret(&self) -> Result<Vec<u8>, OutboxError> {
        let path = self.folder.join(SECRET);
        match fs::read(&path) {
            Ok(secret) => return Ok(secret),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(io("read", &path)(error)),
        }
        self.make_folder()?;
        let mut secret = [0; 32];
        let random = Path::new("/dev/urandom");
        File::open(random)
            .and_then(|mut file| file.read_exact(&mut secret))
            .map_err(io("read", random))?;
        match output::create_private(&path, &secret) {
            Ok(()) => Ok(secret.to_vec()),
            Err(OutputError::Io { path, error }) => Err(io("write", &path)(error)),
            // Another vmt was first.
            Err(_) => fs::read(&path).map_err(io("read", &path)),
        }
    }

    /// Returns all messages, by name.
    ///
    /// # Errors
    /// When a message cannot be read.
    pub fn messages(&self) -> Result<Vec<Message>, OutboxError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io("list", &self.folder)(error)),
        };
        let mut folders = Vec::new();
        for entry in entries {
            let path = entry.map_err(io("list", &self.folder))?.path();
            let hidden = path
                .file_name()
                .is_none_or(|name| name.to_string_lossy().starts_with('.'));
            if path.is_dir() && !hidden {
                folders.push(path);
            }
        }
        folders.sort();
        let mut messages = Vec::new();
        for folder in folders {
            match read(&folder) {
                // Another vmt has taken it out meanwhile.
                Err(OutboxError::Io { error, .. })
                    if error.kind() == std::io::ErrorKind::NotFound && !folder.is_dir() => {}
                read => messages.push(read?),
            }
        }
        Ok(messages)
    }

    /// Returns a message by its name.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn message(&self, name: &str) -> Result<Message, OutboxError> {
        let folder = self.folder.join(name);
        if !is_sound(name) || !folder.is_dir() {
            return Err(OutboxError::Missing(name.to_owned()));
        }
        read(&folder)
    }

    /// Takes hold of a message, that is there or is to come, so that no other vmt works on it.
    ///
    /// # Errors
    /// When another vmt holds it, or what the system says.
    pub fn hold(&self, name: &str) -> Result<Held<'_>, OutboxError> {
        if !is_sound(name) {
            return Err(OutboxError::Missing(name.to_owned()));
        }
        self.make_folder()?;
        // Beside the folder of the message, which may be exchanged for another.
        let path = self.lock_of(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io("open", &path))?;
        // Who only asks whether it is held holds it for a moment.
        let mut patience = 10;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if patience == 0 => {
                    return Err(OutboxError::Busy(name.to_owned()));
                }
                Err(TryLockError::WouldBlock) => patience -= 1,
                Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error)),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let held = Held {
            outbox: self,
            name: name.to_owned(),
            folder: self.folder.join(name),
            _lock: file,
        };
        held.sweep();
        Ok(held)
    }

    /// Returns whether another vmt is at work on a message.
    pub fn is_busy(&self, name: &str) -> bool {
        let lock = File::open(self.lock_of(name));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn lock_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!(".lock-{name}"))
    }

    /// Makes the folder of the outbox, for nobody else to look into.
    fn make_folder(&self) -> Result<(), OutboxError> {
        fs::create_dir_all(&self.folder).map_err(io("make", &self.folder))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let data = fs::metadata(&self.folder).map_err(io("look at", &self.folder))?;
            let mode = data.permissions().mode();
            // What its owner protected against writing stays so.
            if mode & 0o077 != 0 {
                let own = fs::Permissions::from_mode(mode & 0o700);
                fs::set_permissions(&self.folder, own).map_err(io("protect", &self.folder))?;
            }
        }
        // Wherever the workspace lies, git keeps out of here.
        let ignore = self.folder.join(".gitignore");
        // One that a full disk or a kill left empty ignores nothing.
        match ignore.metadata().is_ok_and(|data| data.len() > 0) {
            true => Ok(()),
            false => fs::write(&ignore, "*\n").map_err(io("write", &ignore)),
        }
    }
}

/// Whether a name can be that of a folder in the outbox.
fn is_sound(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}

fn read(folder: &Path) -> Result<Message, OutboxError> {
    let path = folder.join(ABOUT);
    let text = fs::read(&path).map_err(io("read", &path))?;
    let about: About = serde_json::from_slice(&text).map_err(|error| OutboxError::Damaged {
        path,
        why: error.to_string(),
    })?;
    let path = folder.join(JOURNAL);
    let text = fs::read(&path).map_err(io("read", &path))?;
    let records =
        journal::parse(&String::from_utf8_lossy(&text)).map_err(|line| OutboxError::Damaged {
            path: path.clone(),
            why: format!("line {line} makes no sense"),
        })?;
    Ok(Message {
        folder: folder.to_path_buf(),
        status: Status::of(&about.recipients, &records),
        about,
        records,
    })
}

/// Appends a line to a journal, on the disk when this returns.
fn append(folder: &Path, record: &Record) -> Result<(), OutboxError> {
    let path = folder.join(JOURNAL);
    let fault = |error| io("write", &path)(error);
    let line = serde_json::to_string(record).unwrap_or_default();
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&path)
        .map_err(fault)?;
    let end = file.seek(SeekFrom::End(0)).map_err(fault)?;
    // A line that a crash cut off must not swallow this one.
    let mut last = [b'\n'];
    if end > 0 {
        file.seek(SeekFrom::Start(end - 1)).map_err(fault)?;
        file.read_exact(&mut last).map_err(fault)?;
    }
    let start = if last == *b"\n" { "" } else { "\n" };
    let written = file
        .write_all(format!("{start}{line}\n").as_bytes())
        .and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a line goes again, where the disk lets it.
        let _ = file.set_len(end);
        fault(error)
    })
}

/// Writes a file that nobody else may read, on the disk when this returns.
fn put(path: &Path, bytes: &[u8]) -> Result<(), OutboxError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(path)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(io("write", path))
}

/// Brings the names in a folder to the disk.
fn sync(folder: &Path) -> Result<(), OutboxError> {
    File::open(folder)
        .and_then(|file| file.sync_all())
        .map_err(io("write", folder))
}
