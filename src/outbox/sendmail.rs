//! One delivery through a local sendmail program, whose queue then looks after it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::journal::Event;
use super::{OutboxError, Write};

/// `EX_TEMPFAIL` of sysexits.h: come back later.
const COME_BACK: i32 = 75;

/// Hands a message to a program. What happens is written to the journal before it does.
///
/// # Errors
/// When the journal cannot be written; then nothing further was done.
pub(super) fn deliver(
    program: &str,
    sender: &str,
    recipients: &[String],
    message: &[u8],
    write: Write<'_>,
) -> Result<(), OutboxError> {
    write(Event::Sending {
        through: program.to_owned(),
    })?;
    // The program may take the message as soon as it runs.
    write(Event::Data {
        recipients: recipients.to_vec(),
    })?;
    let child = Command::new(program)
        // -i: a line with a dot alone is no end. --: no address is an option.
        .args(["-i", "-f", sender, "--"])
        .args(recipients)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            return write(Event::NotSent {
                why: format!("{program} cannot be run: {error}"),
                temporary: false,
                recipients: recipients.to_vec(),
            });
        }
    };
    // A program on this machine wants its line breaks, and makes those of the network itself.
    let local = String::from_utf8_lossy(message).replace("\r\n", "\n");
    if let Some(mut stdin) = child.stdin.take() {
        // If the program stopped early, its exit status says why.
        let _ = stdin.write_all(local.as_bytes());
    }
    let event = match child.wait_with_output() {
        Ok(output) if output.status.success() => Event::Accepted {
            reply: format!("{program} took it"),
        },
        Ok(output) => {
            let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            match output.status.code() {
                Some(code) => Event::Rejected {
                    reply: format!("{program} ended with {code}: {words}"),
                    temporary: code == COME_BACK,
                },
                None => Event::Lost {
                    why: format!("{program} was killed: {words}"),
                },
            }
        }
        Err(error) => Event::Lost {
            why: error.to_string(),
        },
    };
    write(event)
}
