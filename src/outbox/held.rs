//! Work on one message, which no other vmt does meanwhile: queue it, note what happens, deliver it, take it out.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::journal::{Event, Fate, Record, State};
use super::{
    ABOUT, About, JOURNAL, MESSAGE, Message, Outbox, OutboxError, Transport, append, io, put, read,
    sendmail, smtp, sync,
};

/// A message that this vmt alone works on.
#[derive(Debug)]
pub struct Held<'a> {
    pub(super) outbox: &'a Outbox<'a>,
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) _lock: File,
}

impl Held<'_> {
    /// Returns the message.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn message(&self) -> Result<Message, OutboxError> {
        self.outbox.message(&self.name)
    }

    /// Puts a message into the outbox. One that says the same is kept, and so is one that a server has or may
    /// have; another gives way in one step.
    ///
    /// # Errors
    /// What the system says, such as that the disk is full; then the outbox is as it was.
    pub fn queue(&self, about: &About, bytes: &[u8]) -> Result<Message, OutboxError> {
        if self.folder.is_dir() {
            let known = read(&self.folder)?;
            if known.about.content == about.content || !known.status.is_nowhere() {
                return Ok(known);
            }
        }
        let fresh = self.write(about, bytes)?;
        match self.folder.is_dir() {
            // What was there goes with the temporary folder.
            true => exchange(fresh.path(), &self.folder)?,
            false => {
                fs::rename(fresh.path(), &self.folder).map_err(io("write", &self.folder))?;
                let _ = fresh.keep();
            }
        }
        sync(&self.outbox.folder)?;
        read(&self.folder)
    }

    /// Writes a message into a folder that nobody looks at yet.
    fn write(&self, about: &About, bytes: &[u8]) -> Result<tempfile::TempDir, OutboxError> {
        let fresh = self.temporary()?;
        let text = serde_json::to_string_pretty(about).unwrap_or_default();
        put(&fresh.path().join(MESSAGE), bytes)?;
        put(&fresh.path().join(ABOUT), format!("{text}\n").as_bytes())?;
        let record = Record {
            moment: self.outbox.clock.now(),
            event: Event::Composed,
        };
        let line = serde_json::to_string(&record).unwrap_or_default();
        put(&fresh.path().join(JOURNAL), format!("{line}\n").as_bytes())?;
        sync(fresh.path())?;
        Ok(fresh)
    }

    fn temporary(&self) -> Result<tempfile::TempDir, OutboxError> {
        tempfile::Builder::new()
            .prefix(&format!(".new-{}-", self.name))
            .tempdir_in(&self.outbox.folder)
            .map_err(io("make a folder in", &self.outbox.folder))
    }

    /// Takes away what a killed vmt left half-written of this message: nobody has seen it.
    pub(super) fn sweep(&self) {
        let prefix = format!(".new-{}-", self.name);
        let entries = fs::read_dir(&self.outbox.folder)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                // What cannot be taken away now is in nobody's way.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Takes an event into the journal of the message.
    ///
    /// # Errors
    /// What the system says; then the journal is as it was.
    pub fn record(&self, event: Event) -> Result<Message, OutboxError> {
        self.append(event)?;
        read(&self.folder)
    }

    fn append(&self, event: Event) -> Result<(), OutboxError> {
        let moment = self.outbox.clock.now();
        append(&self.folder, &Record { moment, event })
    }

    /// Delivers the message, if it was approved, as often as it takes and `attempts` admits. Returns what became
    /// of it.
    ///
    /// # Errors
    /// When the disk refuses; never for what a server says.
    pub fn deliver(
        &self,
        transport: &Transport<'_>,
        say: &dyn Fn(&str),
    ) -> Result<Message, OutboxError> {
        let (attempts, mut pause) = match transport {
            Transport::Smtp(server) => (server.settings.attempts, server.settings.retry_after),
            Transport::Sendmail(_) => (1, 0),
        };
        for attempt in 1..=attempts {
            let message = self.message()?;
            if message.status.state != State::Approved {
                return Ok(message);
            }
            if attempt > 1 {
                let why = message.status.fates.values().find_map(|fate| match fate {
                    Fate::Deferred(why) => Some(why.as_str()),
                    _ => None,
                });
                say(&format!(
                    "{}; trying again in {pause} s",
                    why.unwrap_or("not sent")
                ));
                std::thread::sleep(Duration::from_secs(pause));
                pause = pause.saturating_mul(2);
            }
            let bytes = message.bytes()?;
            let mut write = |event: Event| self.append(event);
            let open = message.status.open();
            let sender = &message.about.sender;
            match transport {
                Transport::Smtp(server) => {
                    smtp::deliver(server, sender, &open, &bytes, &mut write)?;
                }
                Transport::Sendmail(program) => {
                    sendmail::deliver(program, sender, &open, &bytes, &mut write)?;
                }
            }
        }
        self.message()
    }

    /// Takes the message out of the outbox, where no server has it.
    ///
    /// # Errors
    /// When a server has it, or nobody can say; or what the system says.
    pub fn discard(&self) -> Result<(), OutboxError> {
        let message = self.message()?;
        if !message.status.is_nowhere() {
            return Err(OutboxError::State {
                name: self.name.clone(),
                state: message.status.state,
                why: "it stays, so that it is never sent again",
            });
        }
        let aside = self.temporary()?;
        let target = aside.path().join("message");
        fs::rename(&message.folder, target).map_err(io("move", &message.folder))
    }
}

/// Exchanges two folders, in one step where the system can.
fn exchange(fresh: &Path, target: &Path) -> Result<(), OutboxError> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, fresh, CWD, target, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(()),
            // A file system without the exchange: renames have to do.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {}
            Err(error) => return Err(io("write", target)(error.into())),
        }
    }
    let aside = fresh.with_extension("aside");
    fs::rename(target, &aside).map_err(io("move", target))?;
    let moved = fs::rename(fresh, target);
    if moved.is_err() {
        // Back to where it was.
        let _ = fs::rename(&aside, target);
    } else {
        let _ = fs::rename(&aside, fresh);
    }
    moved.map_err(io("write", target))
}
