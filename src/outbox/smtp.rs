//! One delivery over SMTP (RFC 5321), verb by verb, so that it is known at each moment whether a server can
//! have the message.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    Certificate, SmtpConnection, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error, response::Response};

use super::journal::Event;
use super::{OutboxError, Write};
use crate::config::{Encryption, Smtp};
use crate::prose::text::harmless;

/// A server with what is needed to talk to it.
pub struct Server<'a> {
    /// Its settings.
    pub settings: &'a Smtp,
    /// The password of the user that the settings name.
    pub password: Option<String>,
    /// Certificates to trust besides the system's, in PEM.
    pub authorities: Option<Vec<u8>>,
}

impl std::fmt::Debug for Server<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the password.
        write!(f, "Server({}:{})", self.settings.host, self.settings.port)
    }
}

/// The message is cut into pieces of this many bytes on its way, so that a lost connection is noticed.
const PIECE: usize = 16 * 1024;

/// Delivers a message to recipients. What happens is written to the journal before it does. Returns whether
/// a later try may do more.
///
/// # Errors
/// When the journal cannot be written; then nothing further was done.
pub(super) fn deliver(
    server: &Server<'_>,
    sender: &str,
    recipients: &[String],
    message: &[u8],
    write: Write<'_>,
) -> Result<(), OutboxError> {
    let through = format!("smtp://{}:{}", server.settings.host, server.settings.port);
    write(Event::Sending { through })?;
    let failed = |why: String, temporary: bool| Event::NotSent {
        why,
        temporary,
        recipients: Vec::new(),
    };
    let mut connection = match connect(server) {
        Ok(connection) => connection,
        Err(fault) => return write(failed(fault.why, fault.temporary)),
    };
    let result = transact(&mut connection, sender, recipients, message, write);
    let _ = connection.quit();
    match result {
        Ok(()) => Ok(()),
        Err(Stop::Journal(error)) => Err(error),
        Err(Stop::Fault(fault)) => write(Event::NotSent {
            why: fault.why,
            temporary: fault.temporary,
            recipients: fault.recipients,
        }),
    }
}

/// Why a delivery ended before the message went over.
struct Fault {
    why: String,
    temporary: bool,
    /// Recipients that it concerns; empty for all that are open.
    recipients: Vec<String>,
}

enum Stop {
    Fault(Fault),
    Journal(OutboxError),
}

impl From<OutboxError> for Stop {
    fn from(error: OutboxError) -> Stop {
        Stop::Journal(error)
    }
}

impl Fault {
    fn of(step: &str, error: &Error) -> Fault {
        Fault {
            why: format!("{step}: {}", words(error)),
            recipients: Vec::new(),
            // A wrong certificate or a protocol that is none does not mend itself.
            temporary: !error.is_permanent()
                && !error.is_tls()
                && !error.is_client()
                && !is_wrong_tls(error),
        }
    }
}

/// TLS that fails in the middle of a connection comes as data that make no sense.
fn is_wrong_tls(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let system = error.downcast_ref::<std::io::Error>();
        if system.is_some_and(|error| error.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        source = error.source();
    }
    false
}

/// What the server or the system says, in one line that a terminal can show.
fn words(error: &Error) -> String {
    let text = raw_words(error);
    harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn raw_words(error: &Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    match (error.status(), source) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.to_string(),
        (None, Some(text)) => {
            format!("{error}: {text}").replace(&format!(": {text}: {text}"), &format!(": {text}"))
        }
        (None, None) => error.to_string(),
    }
}

fn connect(server: &Server<'_>) -> Result<SmtpConnection, Fault> {
    let settings = server.settings;
    let own = |why: &str| Fault {
        why: why.to_owned(),
        temporary: false,
        recipients: Vec::new(),
    };
    let tls = tls(server)?;
    let hello = ClientId::default();
    let timeout = Some(Duration::from_secs(settings.timeout.max(1)));
    let at_once = Some(&tls).filter(|_| settings.encryption == Encryption::Tls);
    let address = (settings.host.as_str(), settings.port);
    let mut connection = SmtpConnection::connect(address, timeout, &hello, at_once, None)
        .map_err(|error| Fault::of("connect", &error))?;
    if settings.encryption == Encryption::StartTls {
        if !connection.can_starttls() {
            connection.abort();
            return Err(own(
                "the server offers no STARTTLS; somebody on the way may have taken it out",
            ));
        }
        connection
            .starttls(&tls, &hello)
            .map_err(|error| Fault::of("STARTTLS", &error))?;
    }
    if let Some(user) = &settings.user {
        let Some(password) = &server.password else {
            connection.abort();
            return Err(own(
                "there is no password: set VMT_SMTP_PASSWORD, or password-command in vmt.toml",
            ));
        };
        let credentials = Credentials::new(user.clone(), password.clone());
        connection
            .auth(DEFAULT_MECHANISMS, &credentials)
            .map_err(|error| Fault::of("AUTH", &error))?;
    }
    Ok(connection)
}

fn tls(server: &Server<'_>) -> Result<TlsParameters, Fault> {
    let fault = |error: &Error| Fault::of("TLS", error);
    let mut builder: TlsParametersBuilder = TlsParameters::builder(server.settings.host.clone());
    if let Some(pem) = &server.authorities {
        builder = builder
            .add_root_certificate(Certificate::from_pem(pem).map_err(|error| fault(&error))?);
    }
    builder.build().map_err(|error| fault(&error))
}

fn transact(
    connection: &mut SmtpConnection,
    sender: &str,
    recipients: &[String],
    message: &[u8],
    write: Write<'_>,
) -> Result<(), Stop> {
    let address = |text: &str| {
        text.parse::<Address>().map_err(|_| {
            Stop::Fault(Fault {
                why: format!("`{text}` is no mail address"),
                temporary: false,
                recipients: Vec::new(),
            })
        })
    };
    let mut parameters = Vec::new();
    if !message.is_ascii() {
        if !connection
            .server_info()
            .supports_feature(Extension::EightBitMime)
        {
            let why =
                "the mail has letters beyond ASCII, which the server does not take".to_owned();
            return Err(Stop::Fault(Fault {
                why,
                temporary: false,
                recipients: Vec::new(),
            }));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let fault = |step: &str, error: &Error| Stop::Fault(Fault::of(step, error));
    connection
        .command(Mail::new(Some(address(sender)?), parameters))
        .map_err(|error| fault("MAIL FROM", &error))?;
    let mut accepted = Vec::new();
    let mut refused = BTreeMap::new();
    let mut deferred: Vec<(String, String)> = Vec::new();
    for recipient in recipients {
        match connection.command(Rcpt::new(address(recipient)?, Vec::new())) {
            Ok(_) => accepted.push(recipient.clone()),
            Err(error) if error.is_permanent() => {
                refused.insert(recipient.clone(), format!("RCPT TO: {}", words(&error)));
            }
            Err(error) if error.is_transient() => {
                deferred.push((recipient.clone(), format!("RCPT TO: {}", words(&error))));
            }
            Err(error) => return Err(fault("RCPT TO", &error)),
        }
    }
    if !refused.is_empty() {
        write(Event::RecipientsRefused { replies: refused })?;
    }
    for (recipient, why) in deferred {
        let recipients = vec![recipient];
        write(Event::NotSent {
            why,
            temporary: true,
            recipients,
        })?;
    }
    if accepted.is_empty() {
        return Ok(());
    }
    connection.command(Data).map_err(|error| {
        Stop::Fault(Fault {
            recipients: accepted.clone(),
            ..Fault::of("DATA", &error)
        })
    })?;
    write(Event::Data {
        recipients: accepted.clone(),
    })?;
    write(hand_over(connection, message, accepted))?;
    Ok(())
}

/// Hands the message over, and says what became of it.
fn hand_over(connection: &mut SmtpConnection, message: &[u8], recipients: Vec<String>) -> Event {
    // The line break before the final dot is the message's own.
    let message = message.strip_suffix(b"\r\n").unwrap_or(message);
    let all_written = Cell::new(false);
    let pieces = message.chunks(PIECE).chain(std::iter::once_with(|| {
        all_written.set(true);
        &message[..0]
    }));
    let answer: Result<Response, Error> = connection.message_iter(pieces);
    match answer {
        Ok(response) => {
            let reply: Vec<&str> = response.message().collect();
            let reply = harmless(&format!("{} {}", response.code(), reply.join(" ")));
            Event::Accepted { reply }
        }
        Err(error) if error.is_permanent() => Event::Rejected {
            reply: words(&error),
            temporary: false,
        },
        Err(error) if error.is_transient() => Event::Rejected {
            reply: words(&error),
            temporary: true,
        },
        // Without the final dot no server delivers anything (RFC 5321 section 4.1.1.4).
        Err(error) if !all_written.get() => Event::NotSent {
            why: format!("the message did not go over: {}", words(&error)),
            temporary: true,
            recipients,
        },
        Err(error) => Event::Lost { why: words(&error) },
    }
}
