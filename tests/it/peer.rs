//! A mail server that does what a test says: it refuses, stalls, hangs up or speaks TLS at any point, and
//! keeps what it took.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A moment of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Greeting,
    Hello,
    StartTls,
    Mail,
    Recipient,
    /// The second recipient of a message.
    Second,
    Data,
    /// After the first line of the message.
    Middle,
    /// After the final dot.
    Dot,
}

impl At {
    pub(crate) const VERBS: [At; 5] = [At::Greeting, At::Hello, At::Mail, At::Recipient, At::Data];
}

/// What the server does at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Do {
    /// It answers with a line.
    Say(&'static str),
    /// It hangs up; at the dot without having taken the message.
    HangUp,
    /// It takes the message, and hangs up before it says so.
    TakeAndHangUp,
    /// It says nothing for a long time.
    Stall,
}

/// A server on this machine.
pub(crate) struct Peer {
    pub port: u16,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    verbs: Arc<Mutex<Vec<String>>>,
    reached: Receiver<At>,
}

/// What the server is to do: for each connection in turn what happens where; later connections go well.
pub(crate) type Script = Vec<Vec<(At, Do)>>;

impl Peer {
    /// Starts a server without TLS.
    pub(crate) fn start(script: Script) -> Peer {
        Peer::run(script, None)
    }

    /// Starts a server that offers STARTTLS.
    pub(crate) fn with_tls(script: Script, tls: Arc<rustls::ServerConfig>) -> Peer {
        Peer::run(script, Some(tls))
    }

    fn run(script: Script, tls: Option<Arc<rustls::ServerConfig>>) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (taken, verbs) = (Arc::default(), Arc::default());
        let (sender, reached) = channel();
        let keep = (Arc::clone(&taken), Arc::clone(&verbs));
        std::thread::spawn(move || {
            let mut script = script.into_iter();
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let acts = script.next().unwrap_or_default();
                let (taken, verbs) = (Arc::clone(&keep.0), Arc::clone(&keep.1));
                let (sender, tls) = (sender.clone(), tls.clone());
                std::thread::spawn(move || {
                    let session = Session {
                        acts,
                        taken,
                        verbs,
                        sender,
                    };
                    // The other side may be gone at any time: that is what is tested.
                    let _ = session.serve(stream, tls);
                });
            }
        });
        Peer {
            port,
            taken,
            verbs,
            reached,
        }
    }

    /// The messages that the server took.
    pub(crate) fn taken(&self) -> Vec<Vec<u8>> {
        self.taken.lock().expect("no panic").clone()
    }

    /// The verbs that were said to it.
    pub(crate) fn verbs(&self) -> Vec<String> {
        self.verbs.lock().expect("no panic").clone()
    }

    /// Waits until a delivery reaches a moment.
    pub(crate) fn wait_for(&self, at: At) {
        loop {
            let reached = self.reached.recv_timeout(Duration::from_secs(30));
            if reached.expect("the delivery gets there") == at {
                return;
            }
        }
    }
}

struct Session {
    acts: Vec<(At, Do)>,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
    verbs: Arc<Mutex<Vec<String>>>,
    sender: Sender<At>,
}

/// Hangs up.
struct Gone;

impl<E: std::error::Error> From<E> for Gone {
    fn from(_: E) -> Gone {
        Gone
    }
}

impl Session {
    fn serve(
        &self,
        mut stream: TcpStream,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> Result<(), Gone> {
        self.act(&mut stream, At::Greeting, "220 peer.example.org")?;
        let offer = tls.is_some();
        let wants_tls = self.talk(&mut BufReader::new(stream.try_clone()?), &mut stream, offer)?;
        if let (true, Some(config)) = (wants_tls, tls) {
            let connection = rustls::ServerConnection::new(config)?;
            let stream = rustls::StreamOwned::new(connection, stream);
            let shared = Shared(Arc::new(Mutex::new(stream)));
            self.talk(
                &mut BufReader::new(shared.clone()),
                &mut shared.clone(),
                false,
            )?;
        }
        Ok(())
    }

    /// Serves verbs until the end. Returns whether the other side goes on with TLS.
    fn talk(
        &self,
        reader: &mut impl BufRead,
        writer: &mut impl Write,
        offer_tls: bool,
    ) -> Result<bool, Gone> {
        let mut recipients = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(false);
            }
            let verb = line.trim_end().to_owned();
            self.verbs.lock().expect("no panic").push(verb.clone());
            let upper = verb.to_uppercase();
            match upper.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" if offer_tls => {
                    self.act(writer, At::Hello, "250-peer.example.org\r\n250 STARTTLS")?;
                }
                "EHLO" => self.act(writer, At::Hello, "250 peer.example.org")?,
                "STARTTLS" => {
                    self.act(writer, At::StartTls, "220 go on")?;
                    return Ok(true);
                }
                "MAIL" => self.act(writer, At::Mail, "250 ok")?,
                "RCPT" => {
                    recipients += 1;
                    let second = recipients == 2 && self.says(At::Second).is_some();
                    let at = if second { At::Second } else { At::Recipient };
                    self.act(writer, at, "250 ok")?;
                }
                "DATA" => {
                    if self.act(writer, At::Data, "354 go on").is_ok()
                        && self.says(At::Data).is_none()
                    {
                        self.message(reader, writer)?;
                    }
                }
                "QUIT" => {
                    writer.write_all(b"221 bye\r\n")?;
                    return Ok(false);
                }
                _ => writer.write_all(b"500 what?\r\n")?,
            }
        }
    }

    fn message(&self, reader: &mut impl BufRead, writer: &mut impl Write) -> Result<(), Gone> {
        let mut message = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Err(Gone);
            }
            if message.is_empty() && self.says(At::Middle).is_some() {
                self.act(writer, At::Middle, "")?;
            }
            if line == b".\r\n" {
                break;
            }
            // Dots at the beginning of lines were doubled (RFC 5321 section 4.5.2).
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        match self.says(At::Dot) {
            None => {
                self.taken.lock().expect("no panic").push(message);
                self.act(writer, At::Dot, "250 queued as 1")
            }
            Some(Do::TakeAndHangUp) => {
                self.taken.lock().expect("no panic").push(message);
                let _ = self.sender.send(At::Dot);
                Err(Gone)
            }
            Some(_) => self.act(writer, At::Dot, ""),
        }
    }

    fn says(&self, at: At) -> Option<Do> {
        let found = self.acts.iter().find(|(place, _)| *place == at);
        found.map(|(_, what)| *what)
    }

    fn act(&self, writer: &mut impl Write, at: At, fine: &str) -> Result<(), Gone> {
        let _ = self.sender.send(at);
        match self.says(at) {
            None => writer.write_all(format!("{fine}\r\n").as_bytes())?,
            Some(Do::Say(line)) => writer.write_all(format!("{line}\r\n").as_bytes())?,
            Some(Do::HangUp | Do::TakeAndHangUp) => return Err(Gone),
            Some(Do::Stall) => std::thread::sleep(Duration::from_secs(20)),
        }
        writer.flush()?;
        Ok(())
    }
}

/// A stream for two hands.
#[derive(Clone)]
struct Shared(Arc<Mutex<rustls::StreamOwned<rustls::ServerConnection, TcpStream>>>);

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").read(buffer)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().expect("no panic").flush()
    }
}
