//! `vmt mail send` and `vmt mail outbox`, against a server that misbehaves at every point: no mail is lost, and
//! none goes out twice.

use std::process::{Child, Stdio};
use std::sync::Arc;

use crate::env::TestEnv;
use crate::peer::{At, Do, Peer};

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova shows the console of another instance
description: |
  A Name reported that Nova shows the wrong console.

  .hidden is a file; and so is

      .
      ..
affected-products:
  - {product: nova, version: '<30.2.2'}
vulnerabilities:
  - cve-id: CVE-2026-12345
reporters:
  - {name: A Name, affiliation: An Org, reported: [CVE-2026-12345]}
issues:
  links: ['https://launchpad.net/bugs/1000001']
reviews:
  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/1000001']
  2025.2/flamingo: ['https://review.opendev.org/c/openstack/nova/+/1000002']
  2025.1/epoxy: ['https://review.opendev.org/c/openstack/nova/+/1000003']
";

/// Two lists, and a kind of mail without a signature: what is tested here needs no gpg.
const KIND: &str = "
[[mail.kinds]]
name = \"plain\"
documents = [\"advisory\"]
state = \"public\"
to = [\"openstack-announce\", \"openstack-discuss\"]
template = \"mail/advisory.txt\"
subject = \"{{ mail.headline }}\"
signed = false

";

/// Starts to send, and does not wait for the end.
fn sending(env: &TestEnv) -> Child {
    env.command(&SEND)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

/// A workspace whose mails go to a server of the test.
fn workspace(port: u16, smtp: &str) -> TestEnv {
    let mut env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    let toml = env.read("vmt.toml");
    let server = format!(
        "{KIND}[mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nretry-after = 0\n{smtp}\n\n# Addresses that"
    );
    env.write("vmt.toml", toml.replacen("# Addresses that", &server, 1));
    env.set("VMT_MAIL_FROM", "A Coordinator <coordinator@example.org>");
    env
}

const PLAIN: &str = "encryption = \"none\"\ntimeout = 2";

const SEND: [&str; 7] = [
    "mail",
    "send",
    "OSSA-2026-001",
    "--kind",
    "plain",
    "--yes",
    "OSSA-2026-001",
];

const NAME: &str = "OSSA-2026-001.plain.1";

fn state(env: &TestEnv) -> String {
    let list = env.vmt(&["mail", "outbox", "--format", "json"]).exits(0);
    let value: serde_json::Value = serde_json::from_str(&list.stdout).expect("JSON");
    value["messages"][0]["state"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[test]
fn a_mail_is_sent_once_ever() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    let sent = env.vmt(&SEND).exits(0);
    assert!(sent.stderr.contains("is sent"), "{}", sent.transcript());
    let again = env.vmt(&SEND).exits(0);
    assert!(
        again.stderr.contains("nothing is sent again"),
        "{}",
        again.transcript()
    );
    // Nor when the outbox is lost: the ledger knows.
    std::fs::remove_dir_all(env.path().join(".vmt-outbox")).expect("it goes");
    let _ = env.vmt(&SEND).exits(0);
    let taken = peer.taken();
    assert_eq!(taken.len(), 1);
    let text = String::from_utf8(taken[0].clone()).expect("ASCII");
    assert!(text.contains("\r\n.hidden is a file"), "{text}");
    assert!(
        text.contains("Message-ID: <OSSA-2026-001.plain.1@security.openstack.org>"),
        "{text}"
    );
    let entry: serde_json::Value =
        serde_json::from_str(&env.read("sent/OSSA-2026-001/plain-1.json")).expect("JSON");
    assert_eq!(entry["recipients"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        entry["message_id"],
        "<OSSA-2026-001.plain.1@security.openstack.org>"
    );
}

#[test]
fn what_arrives_is_what_was_queued_and_dots_do_not_end_it() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    let _ = env.vmt(&SEND).exits(0);
    let queued = std::fs::read(
        env.path()
            .join(".vmt-outbox")
            .join(NAME)
            .join("message.eml"),
    );
    assert_eq!(peer.taken(), [queued.expect("the bytes")]);
}

#[test]
fn a_refusal_at_any_verb_stops_with_the_words_of_the_server() {
    for at in At::VERBS.into_iter().chain([At::Dot]) {
        let refusal = Do::Say("550 5.7.1 not from here");
        let peer = Peer::start(vec![vec![(at, refusal)]]);
        let env = workspace(peer.port, PLAIN);
        let output = env.vmt(&SEND).exits(3);
        assert!(
            output.stderr.contains("5.7.1 not from here"),
            "{at:?} {}",
            output.transcript()
        );
        assert_eq!(
            (state(&env).as_str(), peer.taken().len()),
            ("refused", 0),
            "{at:?}"
        );
        // It is not tried again by itself, only when a person says so.
        let _ = env.vmt(&SEND).exits(3);
        let _ = env.vmt(&["mail", "outbox", "retry"]).exits(0);
        assert_eq!(peer.taken().len(), 0, "{at:?}");
        let _ = env
            .vmt(&["mail", "outbox", "retry", NAME, "--refused"])
            .exits(0);
        assert_eq!(
            (state(&env).as_str(), peer.taken().len()),
            ("sent", 1),
            "{at:?}"
        );
    }
}

#[test]
fn a_server_that_asks_to_come_back_is_asked_again() {
    for at in At::VERBS.into_iter().chain([At::Dot]) {
        let later = vec![(at, Do::Say("451 4.7.1 come back"))];
        let peer = Peer::start(vec![later.clone(), later]);
        let env = workspace(peer.port, PLAIN);
        let output = env.vmt(&SEND).exits(0);
        assert!(
            output.stderr.contains("trying again"),
            "{at:?} {}",
            output.transcript()
        );
        assert_eq!(
            (state(&env).as_str(), peer.taken().len()),
            ("sent", 1),
            "{at:?}"
        );
    }
    // For ever is too long: it stays approved, and goes on when asked.
    let later = vec![(At::Mail, Do::Say("421 4.3.2 closing"))];
    let peer = Peer::start(vec![later; 4]);
    let env = workspace(peer.port, PLAIN);
    let output = env.vmt(&SEND).exits(3);
    assert!(
        output.stderr.contains("not sent yet"),
        "{}",
        output.transcript()
    );
    assert_eq!(state(&env), "approved");
    let _ = env.vmt(&["mail", "outbox", "retry"]).exits(0);
    assert_eq!((state(&env).as_str(), peer.taken().len()), ("sent", 1));
}

#[test]
fn a_connection_lost_before_the_dot_is_made_again() {
    for at in At::VERBS {
        let peer = Peer::start(vec![vec![(at, Do::HangUp)]]);
        let env = workspace(peer.port, PLAIN);
        let _ = env.vmt(&SEND).exits(0);
        assert_eq!(
            (state(&env).as_str(), peer.taken().len()),
            ("sent", 1),
            "{at:?}"
        );
    }
}

#[test]
fn a_connection_lost_after_the_dot_is_for_a_person_to_settle() {
    for (what, arrived) in [
        (Do::TakeAndHangUp, true),
        (Do::HangUp, false),
        (Do::Stall, false),
    ] {
        let peer = Peer::start(vec![vec![(At::Dot, what)]]);
        let env = workspace(peer.port, PLAIN);
        let output = env.vmt(&SEND).exits(3);
        assert!(
            output.stderr.contains("mail outbox settle"),
            "{}",
            output.transcript()
        );
        assert!(
            output.stderr.contains("https://lists.openstack.org/"),
            "{}",
            output.transcript()
        );
        assert_eq!(state(&env), "unknown");
        // Whatever is tried, nothing goes out.
        let _ = env.vmt(&SEND).exits(3);
        let _ = env.vmt(&["mail", "outbox", "retry"]).exits(0);
        let _ = env.vmt(&["mail", "outbox", "retry", NAME]).exits(3);
        let _ = env.vmt(&["mail", "outbox", "discard", NAME]).exits(2);
        assert_eq!(peer.taken().len(), usize::from(arrived), "{what:?}");
        if arrived {
            let evidence = "https://lists.example.org/1";
            let _ = env
                .vmt(&[
                    "mail",
                    "outbox",
                    "settle",
                    NAME,
                    "--sent",
                    "--evidence",
                    evidence,
                ])
                .exits(0);
            assert!(
                env.read("sent/OSSA-2026-001/plain-1.json")
                    .contains(evidence)
            );
        } else {
            let _ = env
                .vmt(&["mail", "outbox", "settle", NAME, "--not-sent"])
                .exits(0);
            let _ = env.vmt(&["mail", "outbox", "retry"]).exits(0);
        }
        assert_eq!(
            (state(&env).as_str(), peer.taken().len()),
            ("sent", 1),
            "{what:?}"
        );
        let _ = env
            .vmt(&["mail", "outbox", "settle", NAME, "--sent"])
            .exits(2);
    }
}

#[test]
fn a_slow_server_is_left_and_asked_again() {
    for at in At::VERBS {
        let peer = Peer::start(vec![vec![(at, Do::Stall)]]);
        let env = workspace(peer.port, "encryption = \"none\"\ntimeout = 1");
        let _ = env.vmt(&SEND).exits(0);
        assert_eq!(peer.taken().len(), 1, "{at:?}");
    }
}

#[test]
fn a_vmt_that_is_killed_goes_on_and_sends_nothing_twice() {
    for at in At::VERBS.into_iter().chain([At::Dot]) {
        let peer = Peer::start(vec![vec![(at, Do::Stall)]]);
        let env = workspace(peer.port, PLAIN.replace('2', "30").as_str());
        let mut child = sending(&env);
        peer.wait_for(at);
        child.kill().expect("it is killed");
        let _ = child.wait();
        let again = env.vmt(&SEND);
        match at {
            // The whole message went over: nobody can say.
            At::Dot => {
                let _ = again.exits(3);
                assert_eq!((state(&env).as_str(), peer.taken().len()), ("unknown", 0));
            }
            _ => {
                let _ = again.exits(0);
                assert_eq!(
                    (state(&env).as_str(), peer.taken().len()),
                    ("sent", 1),
                    "{at:?}"
                );
            }
        }
    }
}

#[test]
fn recipients_have_fates_of_their_own() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    let toml = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        toml.replace(
            "openstack-discuss@lists.openstack.org",
            "openstack-discus@lists.openstack.org",
        ),
    );
    let output = env.vmt(&SEND).exits(1);
    assert!(
        output
            .stderr
            .contains("did you mean `openstack-discuss@lists.openstack.org`?"),
        "{}",
        output.transcript()
    );
    assert!(peer.verbs().is_empty());
    let mut allowed = SEND.to_vec();
    allowed.extend(["--allow", "recipient"]);
    let _ = env.vmt(&allowed).exits(0);
    let journal = env.read(&format!(".vmt-outbox/{NAME}/journal.jsonl"));
    assert!(
        journal.contains("\"overrides\":[\"recipient\"]"),
        "{journal}"
    );
}

#[test]
fn two_at_once_send_one() {
    let peer = Peer::start(vec![vec![(At::Mail, Do::Stall)]]);
    let env = workspace(peer.port, PLAIN.replace('2', "30").as_str());
    let run = || sending(&env);
    let mut first = run();
    peer.wait_for(At::Mail);
    let second = run().wait_with_output().expect("it ends");
    assert_eq!(second.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another vmt is at work"));
    first.kill().expect("it is killed");
    let _ = first.wait();
    assert!(peer.taken().is_empty());
}

#[test]
fn nothing_is_sent_without_being_asked_for() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    // No terminal to ask at, a wrong id, no kind, an unknown one, a rule that is none, one that is for ever.
    let send = ["mail", "send", "OSSA-2026-001", "--kind", "plain"];
    let with = |more: &[&str]| {
        let mut all = send.to_vec();
        all.extend(more);
        env.vmt(&all).exits(2).stderr
    };
    assert!(with(&[]).contains("no terminal"));
    assert!(with(&["--yes", "OSSA-2026-002"]).contains("the document is OSSA-2026-001"));
    assert!(with(&["--kind", "anounce"]).contains("did you mean `announce`?"));
    assert!(with(&["--allow", "recipients"]).contains("did you mean `recipient`?"));
    assert!(with(&["--allow", "unencrypted"]).contains("cannot be overridden"));
    let _ = env.vmt(&["mail", "send", "OSSA-2026-001"]).exits(2);
    let dry = env
        .vmt(&[
            "mail",
            "send",
            "OSSA-2026-001",
            "--kind",
            "plain",
            "--dry-run",
        ])
        .exits(0);
    assert!(
        dry.stderr.contains("nothing was sent"),
        "{}",
        dry.transcript()
    );
    assert!(peer.verbs().is_empty());
    assert_eq!(state(&env), "none");
}

#[test]
fn a_private_document_goes_to_no_public_list() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    let private = format!("{ADVISORY}embargo: {{received: 2026-02-01}}\n");
    std::fs::remove_file(env.path().join("advisories/OSSA-2026-001.yaml")).expect("it goes");
    for place in [
        "embargoed/OSSA-2026-001.yaml",
        "advisories/OSSA-2026-001.yaml",
    ] {
        env.write(place, &private);
        let output = env.vmt(&SEND);
        assert!(
            output.code == 1 || output.code == 2,
            "{}",
            output.transcript()
        );
        assert!(!env.path().join(".vmt-outbox").join(NAME).exists());
    }
    assert!(peer.verbs().is_empty());
}

#[test]
fn a_document_with_errors_or_a_day_ahead_waits() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("2026-03-03", "2026-12-03"),
    );
    let output = env.vmt(&SEND).exits(1);
    assert!(
        output.stderr.contains("(before-disclosure)"),
        "{}",
        output.transcript()
    );
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("CVE-2026-12345", "CVE-2026-x"),
    );
    let output = env.vmt(&SEND).exits(1);
    assert!(
        output.stderr.contains("(check-errors)"),
        "{}",
        output.transcript()
    );
    assert!(peer.verbs().is_empty());
}

/// A certificate authority, and a server with a certificate for a name.
fn tls(name: &str) -> (String, Arc<rustls::ServerConfig>) {
    let key = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    let chain = vec![key.cert.der().clone()];
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, secret.expect("a key"))
        .expect("a configuration");
    (key.cert.pem(), Arc::new(config))
}

#[test]
fn tls_is_required_and_certificates_are_checked() {
    let secure = "timeout = 5\nattempts = 2";
    // STARTTLS was taken out on the way.
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, secure);
    let output = env.vmt(&SEND).exits(3);
    assert!(
        output.stderr.contains("offers no STARTTLS"),
        "{}",
        output.transcript()
    );
    assert!(!peer.verbs().iter().any(|verb| verb.starts_with("MAIL")));
    // A certificate that nobody vouches for.
    let (pem, config) = tls("127.0.0.1");
    let peer = Peer::with_tls(Vec::new(), config);
    let env = workspace(peer.port, secure);
    let output = env.vmt(&SEND).exits(3);
    assert!(
        output.stderr.contains("certificate"),
        "{}",
        output.transcript()
    );
    assert!(!peer.verbs().iter().any(|verb| verb.starts_with("MAIL")));
    // It does not mend itself, so it is not tried again.
    assert!(
        !output.stderr.contains("trying again"),
        "{}",
        output.transcript()
    );
    // The same, trusted by this workspace.
    let env = workspace(peer.port, &format!("{secure}\nauthorities = \"ca.pem\""));
    env.write("ca.pem", &pem);
    let _ = env.vmt(&SEND).exits(0);
    assert_eq!(peer.taken().len(), 1);
    // One for another host.
    let (pem, config) = tls("mail.example.org");
    let peer = Peer::with_tls(Vec::new(), config);
    let env = workspace(peer.port, &format!("{secure}\nauthorities = \"ca.pem\""));
    env.write("ca.pem", &pem);
    let output = env.vmt(&SEND).exits(3);
    assert!(
        output.stderr.contains("certificate"),
        "{}",
        output.transcript()
    );
    assert!(peer.taken().is_empty());
}

#[test]
fn no_network_in_the_clear_and_no_password_in_a_file() {
    let env = TestEnv::workspace();
    let toml = env.read("vmt.toml");
    let open = "[mail.smtp]\nhost = \"mail.example.org\"\nencryption = \"none\"\npassword = \"x\"\n\n# Addresses that";
    env.write("vmt.toml", toml.replacen("# Addresses that", open, 1));
    let output = env.vmt(&["check"]);
    assert!(
        output
            .stdout
            .contains("would cross the network in the clear"),
        "{}",
        output.transcript()
    );
    assert!(
        output.stdout.contains("`password`"),
        "{}",
        output.transcript()
    );
}

#[test]
fn a_sendmail_program_takes_a_mail_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = workspace(1, PLAIN);
    let toml = env.read("vmt.toml");
    let start = toml.find("[mail.smtp]\nhost = \"127").expect("the server");
    let end = start + toml[start..].find("\n\n").expect("its end");
    let program = env.path().join("sendmail");
    let script =
        "#!/bin/sh\nprintf '%s ' \"$@\" >>\"$0.log\"\ncat >>\"$0.mail\"\nexit $(cat \"$0.code\")\n";
    env.write("sendmail", script);
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let line = format!("[mail]\nsendmail = \"{}\"", program.display());
    let toml = format!("{}{}", &toml[..start], &toml[end..]);
    env.write("vmt.toml", toml.replacen("[mail]", &line, 1));
    env.write("sendmail.code", "67");
    let _ = env.vmt(&SEND).exits(3);
    assert_eq!(state(&env), "refused");
    // It took the mail and then failed: it may be on its way.
    env.write("sendmail.code", "75");
    let again = ["mail", "outbox", "retry", NAME, "--refused"];
    let _ = env.vmt(&again).exits(3);
    assert_eq!(state(&env), "unknown");
    let _ = env
        .vmt(&["mail", "outbox", "settle", NAME, "--not-sent"])
        .exits(0);
    std::fs::remove_file(env.path().join("sendmail.mail")).expect("it goes");
    env.write("sendmail.code", "0");
    let _ = env.vmt(&["mail", "outbox", "retry"]).exits(0);
    let _ = env.vmt(&SEND).exits(0);
    let mail = env.read("sendmail.mail");
    assert_eq!(mail.matches("Message-ID:").count(), 1);
    assert!(!mail.contains('\r'));
    let log = env.read("sendmail.log");
    assert!(
        log.contains("-f coordinator@example.org -- openstack-announce@"),
        "{log}"
    );
}

#[test]
fn what_waits_is_held_against_today_before_it_goes() {
    let peer = Peer::start(Vec::new());
    let env = workspace(peer.port, PLAIN);
    let queue = [&SEND[..], &["--queue-only"]].concat();
    let retry = || env.vmt(&["mail", "outbox", "retry"]);
    let path = "advisories/OSSA-2026-001.yaml";
    let _ = env.vmt(&queue).exits(0);
    // The document was taken back.
    env.write(
        path,
        format!("{ADVISORY}embargo: {{received: 2026-02-01}}\n"),
    );
    assert!(retry().exits(3).stderr.contains("is private"));
    // It says something else.
    env.write(path, ADVISORY.replace("A Name", "Another Name"));
    assert!(retry().exits(3).stderr.contains("has changed since"));
    // A colleague sent it.
    env.write(path, ADVISORY);
    let record = [
        "mail",
        "record",
        "OSSA-2026-001",
        "--kind",
        "plain",
        "--message-id",
        "a@b.example",
    ];
    let _ = env.vmt(&record).exits(0);
    assert!(retry().exits(3).stderr.contains("recorded as sent"));
    assert!(peer.taken().is_empty());
    // It was not, after all.
    let _ = env
        .vmt(&[
            "mail",
            "record",
            "OSSA-2026-001",
            "--kind",
            "plain",
            "--forget",
        ])
        .exits(0);
    let _ = retry().exits(0);
    assert_eq!(peer.taken().len(), 1);
}

#[test]
fn a_recipient_that_was_refused_is_not_forgotten() {
    let peer = Peer::start(vec![vec![(
        At::Second,
        Do::Say("550 no such list \u{1b}]0;x\u{7}"),
    )]]);
    let env = workspace(peer.port, PLAIN);
    let output = env.vmt(&SEND).exits(3);
    assert!(
        output.stderr.contains("no such list") && !output.stderr.contains('\u{1b}'),
        "{}",
        output.transcript()
    );
    assert_eq!(state(&env), "refused");
    // The command says so again, and what is owed names it.
    let _ = env.vmt(&SEND).exits(3);
    assert!(
        env.vmt(&["mail", "owed"])
            .exits(0)
            .stderr
            .contains("OSSA-2026-001.plain.1 is in the outbox, refused")
    );
    let entry = || env.read("sent/OSSA-2026-001/plain-1.json");
    assert!(entry().contains("openstack-announce@") && !entry().contains("openstack-discuss@"));
    let _ = env
        .vmt(&["mail", "outbox", "retry", NAME, "--refused"])
        .exits(0);
    assert!(entry().contains("openstack-announce@") && entry().contains("openstack-discuss@"));
    assert_eq!((state(&env).as_str(), peer.taken().len()), ("sent", 2));
    assert_eq!(
        peer.verbs()
            .iter()
            .filter(|verb| verb.contains("openstack-announce@"))
            .count(),
        1
    );
}

#[test]
fn a_recipient_that_was_asked_to_come_back_is_not_refused_with_the_others() {
    let script = vec![
        (At::Second, Do::Say("451 later")),
        (At::Data, Do::Say("554 no")),
    ];
    let peer = Peer::start(vec![script]);
    let env = workspace(peer.port, PLAIN);
    let _ = env.vmt(&SEND).exits(3);
    assert_eq!(peer.taken().len(), 1);
    let list = env.vmt(&["mail", "outbox", "--format", "json"]).exits(0);
    assert!(
        list.stdout.contains("\"accepted\"") && list.stdout.contains("\"refused\""),
        "{}",
        list.stdout
    );
}

#[test]
fn what_a_server_refused_can_be_mended_and_sent() {
    let peer = Peer::start(vec![vec![(At::Dot, Do::Say("554 5.6.0 too many words"))]]);
    let env = workspace(peer.port, PLAIN);
    let _ = env.vmt(&SEND).exits(3);
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("A Name reported", "Somebody reported"),
    );
    let _ = env.vmt(&SEND).exits(0);
    let taken = peer.taken();
    assert!(taken.len() == 1 && String::from_utf8_lossy(&taken[0]).contains("Somebody reported"));
}

#[test]
fn a_damaged_journal_stops_everything() {
    let peer = Peer::start(vec![vec![(At::Dot, Do::HangUp)]]);
    let env = workspace(peer.port, PLAIN);
    let _ = env.vmt(&SEND).exits(3);
    let path = format!(".vmt-outbox/{NAME}/journal.jsonl");
    let journal = env.read(&path);
    env.write(
        &path,
        journal
            .replace("\"data\"", "\"dat\"")
            .replace("\"lost\"", "\"los\""),
    );
    for arguments in [&SEND[..], &["mail", "outbox", "retry"], &["mail", "outbox"]] {
        let output = env.vmt(arguments).exits(3);
        assert!(
            output.stderr.contains("is damaged: line"),
            "{}",
            output.transcript()
        );
    }
    assert!(peer.taken().is_empty());
    // What a crash cut off is no damage.
    env.write(&path, &journal[..journal.len() - 9]);
    assert_eq!(state(&env), "unknown");
}

#[test]
fn a_mail_on_its_way_is_called_so() {
    let peer = Peer::start(vec![vec![(At::Dot, Do::Stall)]]);
    let env = workspace(peer.port, PLAIN.replace('2', "30").as_str());
    let mut child = sending(&env);
    peer.wait_for(At::Dot);
    assert_eq!(state(&env), "sending");
    child.kill().expect("it is killed");
    let _ = child.wait();
    assert_eq!(state(&env), "unknown");
}
