//! One delivery through a local sendmail program, whose queue then looks after it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::journal::Event;
use super::{OutboxError, Write};
use crate::prose::text::harmless;

/// Exit codes of sysexits.h that say that nothing was taken: usage, data, no user, no host, no permission, no
/// configuration. With any other the program may have passed the message on before it failed.
const NOT_TAKEN: [i32; 6] = [64, 65, 67, 68, 77, 78];

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
    let written = child
        .stdin
        .take()
        .map_or(Ok(()), |mut stdin| stdin.write_all(local.as_bytes()));
    let event = match (child.wait_with_output(), written) {
        (Ok(output), Ok(())) if output.status.success() => Event::Accepted {
            reply: format!("{program} took it"),
        },
        (Ok(output), written) => {
            let words = harmless(String::from_utf8_lossy(&output.stderr).trim());
            match output.status.code() {
                Some(code) if NOT_TAKEN.contains(&code) => Event::Rejected {
                    reply: format!("{program} ended with {code}: {words}"),
                    temporary: false,
                },
                Some(code) => Event::Lost {
                    why: match written {
                        Err(error) => format!("{program} did not read it all: {error}; {words}"),
                        Ok(()) => format!("{program} ended with {code}: {words}"),
                    },
                },
                None => Event::Lost {
                    why: format!("{program} was killed: {words}"),
                },
            }
        }
        (Err(error), _) => Event::Lost {
            why: error.to_string(),
        },
    };
    write(event)
}
