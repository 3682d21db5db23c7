//! `vmt serve`: the real binary on a free port, spoken to over a socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use crate::env::{NOW, TestEnv};

/// Longest wait for anything. It is reached only by a test that fails.
const DEADLINE: Duration = Duration::from_secs(30);

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: First title
description: |
  A Name reported a flaw.
affected-products:
  - product: nova
    version: '<30.2.2'
issues:
  links: ['https://launchpad.net/bugs/1000001']
";

fn workspace() -> TestEnv {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    env
}

fn private() -> String {
    ADVISORY
        .replace("OSSA-2026-001", "OSSA-2026-002")
        .replace("First title", "Zebra stripes leak")
        + "embargo:\n  received: 2026-02-01\n"
}

fn command(env: &TestEnv) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmt"));
    command
        .arg("serve")
        .current_dir(env.path())
        .env_clear()
        .env("HOME", env.path())
        .env("VMT_NOW", NOW)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running preview; it ends with the test.
struct Server {
    process: Child,
    address: String,
    stderr: Receiver<String>,
    said: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    #[track_caller]
    fn start(env: &TestEnv, arguments: &[&str]) -> Server {
        let has_address = arguments.contains(&"--addr");
        let free: &[&str] = if has_address {
            &[]
        } else {
            &["--addr", "127.0.0.1:0"]
        };
        let mut process = command(env)
            .args(free)
            .args(arguments)
            .spawn()
            .expect("the binary runs");
        let (sender, stderr) = mpsc::channel();
        let lines = BufReader::new(process.stderr.take().expect("a pipe")).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut first = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        let mut server = Server {
            process,
            address: String::new(),
            stderr,
            said: Vec::new(),
        };
        BufReader::new(stdout)
            .read_line(&mut first)
            .expect("a line");
        let address = first.trim_end().strip_prefix("http://");
        let address = address.and_then(|rest| rest.strip_suffix('/'));
        let Some(address) = address else {
            server.said.extend(server.stderr.try_iter());
            panic!("no address in {first:?}; stderr: {:?}", server.said);
        };
        server.address = address.replace("0.0.0.0", "127.0.0.1");
        server
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(DEADLINE)).expect("a timeout");
        stream
    }

    fn request(&self, method: &str, path: &str, host: &str) -> Answer {
        let mut stream = self.connect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .expect("a request");
        let mut text = Vec::new();
        stream.read_to_end(&mut text).expect("an answer");
        Answer(String::from_utf8_lossy(&text).into_owned())
    }

    fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &self.address)
    }

    fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(self.get(path).body()).expect("JSON")
    }

    /// Asks again until the answer is as wanted.
    #[track_caller]
    fn until(&mut self, path: &str, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let answer = self.get(path);
            if wanted(answer.body()) {
                return answer.body().to_owned();
            }
            if start.elapsed() > DEADLINE {
                self.said.extend(self.stderr.try_iter());
                panic!("{path} stayed {}\nstderr: {:#?}", answer.0, self.said);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a line on stderr.
    #[track_caller]
    fn until_said(&mut self, text: &str) -> String {
        loop {
            match self.stderr.recv_timeout(DEADLINE) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(_) => panic!("{text:?} was not said: {:#?}", self.said),
            }
        }
    }

    fn events(&self) -> Events {
        let mut stream = self.connect();
        write!(
            stream,
            "GET /.vmt/events HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.address
        )
        .expect("a request");
        Events(BufReader::new(stream))
    }
}

/// Runs `vmt serve` where it has to refuse. Returns what it said on stderr.
#[track_caller]
fn refused(env: &TestEnv, arguments: &[&str], code: i32) -> String {
    let mut process = command(env)
        .args(arguments)
        .spawn()
        .expect("the binary runs");
    let start = Instant::now();
    while process.try_wait().expect("a state").is_none() {
        if start.elapsed() > DEADLINE {
            let _ = process.kill();
            panic!("{arguments:?} is served");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = process.wait_with_output().expect("the output");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    stderr
}

struct Answer(String);

impl Answer {
    fn status(&self) -> &str {
        self.0.split(' ').nth(1).unwrap_or_default()
    }

    fn head(&self) -> &str {
        self.0.split("\r\n\r\n").next().unwrap_or_default()
    }

    fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

struct Events(BufReader<TcpStream>);

impl Events {
    /// Waits for a message as wanted.
    #[track_caller]
    fn until(&mut self, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        loop {
            let mut line = String::new();
            let length = self.0.read_line(&mut line).expect("an event in time");
            assert!(length > 0, "the events ended");
            if let Some(data) = line.strip_prefix("data: ") {
                let message = serde_json::from_str(data).expect("JSON");
                if wanted(&message) {
                    return message;
                }
            }
        }
    }
}

#[test]
fn pages_come_with_script_and_styles() {
    let env = workspace();
    let server = Server::start(&env, &[]);
    let page = server.get("/ossa/OSSA-2026-001.html");
    assert_eq!(page.status(), "200");
    for header in [
        "content-type: text/html; charset=utf-8",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
    ] {
        assert!(page.head().contains(header), "{header}: {}", page.head());
    }
    let address = format!("href=\"http://{}/ossa/OSSA-2026-001.html\"", server.address);
    for piece in [
        "First title",
        &address,
        "<link rel=\"stylesheet\" href=\"/.vmt/live.css\">\n</head>",
        "<script src=\"/.vmt/live.js\" data-path=\"ossa/OSSA-2026-001.html\"",
    ] {
        assert!(page.body().contains(piece), "{piece}: {}", page.body());
    }
    assert!(!page.body().contains("draft.css"));
    assert_eq!(server.get("/").body(), server.get("/index.html").body());
    for (path, kind) in [
        ("/style.css", "text/css"),
        ("/ossa/OSSA-2026-001.txt", "text/plain"),
        ("/.vmt/live.js", "text/javascript"),
        ("/.vmt/live.css", "text/css"),
        ("/.vmt/draft.css", "text/css"),
        ("/.vmt/findings.json", "application/json"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status(), "200", "{path}");
        let header = format!("content-type: {kind}");
        assert!(answer.head().contains(&header), "{path}: {}", answer.head());
    }
    // Served from memory: nothing was written.
    assert!(!env.path().join("public").exists());
}

#[test]
fn what_is_not_there_is_not_found() {
    let env = workspace();
    let server = Server::start(&env, &[]);
    for path in [
        "/nothing.html",
        "/ossa/",
        "/../vmt.toml",
        "/%2e%2e/vmt.toml",
        "/..%2f..%2fetc%2fpasswd",
        "/ossa/..%5c..%5cvmt.toml",
        "//etc/passwd",
        "/vmt.toml",
        "/.vmt/unknown",
        "/%00",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status(), "404", "{path}");
        assert!(answer.body().contains("Not found"), "{path}");
        assert!(answer.body().contains("live.js"), "{path}");
    }
}

#[test]
fn only_reading_is_allowed() {
    let env = workspace();
    let server = Server::start(&env, &[]);
    let head = server.request("HEAD", "/", &server.address);
    assert_eq!((head.status(), head.body()), ("200", ""));
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        for path in ["/", "/.vmt/events"] {
            let answer = server.request(method, path, &server.address);
            assert_eq!(answer.status(), "405", "{method} {path}");
            assert!(answer.head().contains("allow: GET, HEAD"));
        }
    }
}

#[test]
fn another_name_for_this_machine_is_refused() {
    let env = workspace();
    let server = Server::start(&env, &[]);
    let port = server
        .address
        .rsplit(':')
        .next()
        .expect("a port")
        .to_owned();
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let answer = server.request("GET", "/", &format!("{host}:{port}"));
        assert_eq!(answer.status(), "200", "{host}");
    }
    for host in [
        format!("evil.example:{port}"),
        "localhost:1".into(),
        "localhost".into(),
    ] {
        for path in ["/", "/.vmt/events", "/.vmt/findings.json"] {
            let answer = server.request("GET", path, &host);
            assert_eq!(answer.status(), "421", "{host} {path}");
            assert!(!answer.body().contains("OSSA"), "{}", answer.body());
        }
    }
}

#[test]
fn a_changed_document_is_announced_and_served() {
    let env = workspace();
    let mut server = Server::start(&env, &[]);
    let mut events = server.events();
    let page = "ossa/OSSA-2026-001.html";
    let all = events.until(|message| message["whole"] == true);
    assert!(all["files"]["products.html"].is_string(), "{all}");
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("First", "Second"),
    );
    let changed = events.until(|message| message["files"][page].is_string());
    assert_ne!(changed["files"][page], all["files"][page]);
    // Only what changed is named, so that other pages stay as they are.
    assert!(changed["files"]["products.html"].is_null(), "{changed}");
    assert!(
        server
            .get(&format!("/{page}"))
            .body()
            .contains("Second title")
    );
    server.until_said("changed: advisories/OSSA-2026-001.yaml; rebuilt in ");

    // An editor that writes a new file and moves it into the place of the old one.
    let beside = env.write("advisories/.new", ADVISORY.replace("First", "Third"));
    std::fs::rename(beside, env.path().join("advisories/OSSA-2026-001.yaml")).expect("a rename");
    events.until(|message| message["files"][page].is_string());
    assert!(
        server
            .get(&format!("/{page}"))
            .body()
            .contains("Third title")
    );

    std::fs::remove_file(env.path().join("advisories/OSSA-2026-001.yaml")).expect("a removal");
    events.until(|message| message["files"].get(page).is_some_and(|now| now.is_null()));
    assert_eq!(server.get(&format!("/{page}")).status(), "404");
}

#[test]
fn folders_may_come_and_go() {
    let env = workspace();
    let mut server = Server::start(&env, &[]);
    env.write("site/style.css", "body { color: red }");
    server.until("/style.css", |text| text.contains("red"));
    env.write("site/style.css", "body { color: blue }");
    server.until("/style.css", |text| text.contains("blue"));
    env.write("templates/site/not-found.html", "<p>Ours</p>");
    server.until("/nothing", |text| text.contains("Ours"));
    for name in ["site", "advisories"] {
        std::fs::rename(env.path().join(name), env.path().join("aside")).expect("a rename");
        server.until("/style.css", |text| !text.contains("blue"));
        std::fs::remove_dir_all(env.path().join("aside")).expect("a removal");
    }
    server.until("/ossalist.html", |text| !text.contains("First title"));
    env.write(
        "advisories/OSSA-2026-001.yaml",
        ADVISORY.replace("First", "Again"),
    );
    server.until("/ossalist.html", |text| text.contains("Again title"));
}

#[test]
fn a_build_that_fails_leaves_the_site_and_says_why() {
    let env = workspace();
    let mut server = Server::start(&env, &[]);
    let config = env.read("vmt.toml");
    let error = |server: &Server| server.json("/.vmt/findings.json")["error"].clone();
    assert!(error(&server).is_null());
    let mut events = server.events();
    let report = events.until(|message| message["whole"] == true)["report"].clone();
    for (path, broken, good, words) in [
        (
            "vmt.toml",
            "[site\n",
            config.as_str(),
            "vmt.toml has errors",
        ),
        (
            "advisories/OSSA-2026-001.yaml",
            "id: [\n",
            ADVISORY,
            "cannot be published",
        ),
        (
            "templates/site/index.html",
            "{% if %}",
            "ok",
            "templates/site/index.html",
        ),
    ] {
        env.write(path, broken);
        events.until(|message| message["report"] != report);
        server.until_said("the preview stays as it was");
        let text = server.until("/.vmt/findings.json", |text| text.contains("\"error\":\""));
        let name = path.rsplit('/').next().expect("a name");
        assert!(text.contains(name), "{words}: {text}");
        let page = server.get("/ossa/OSSA-2026-001.html");
        assert!(page.body().contains("First title"), "{path}");
        env.write(path, good);
        server.until("/.vmt/findings.json", |text| {
            text.contains("\"error\":null")
        });
    }
}

#[test]
fn a_site_that_cannot_be_built_yet_appears_once_it_can() {
    let env = workspace();
    env.write("advisories/OSSA-2026-001.yaml", "id: [\n");
    let mut server = Server::start(&env, &[]);
    let answer = server.get("/");
    assert_eq!(answer.status(), "503");
    assert!(answer.body().contains("live.js"), "{}", answer.body());
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    server.until("/", |text| text.contains("First title"));
}

#[test]
fn findings_are_given_for_a_page_and_for_all() {
    let env = workspace();
    env.write(
        "advisories/OSSA-2026-003.yaml",
        ADVISORY
            .replace("001\n", "003\n")
            .replace("First title", "First title."),
    );
    let server = Server::start(&env, &[]);
    let own = server.json("/.vmt/findings.json?path=%2Fossa%2FOSSA-2026-003.html");
    assert_eq!(own["document"], "OSSA-2026-003");
    let findings = own["findings"].as_array().expect("findings");
    let stop = findings
        .iter()
        .find(|finding| finding["rule"] == "title-stop");
    let stop = stop.unwrap_or_else(|| panic!("{own}"));
    assert_eq!(stop["file"], "advisories/OSSA-2026-003.yaml");
    assert_eq!(stop["page"], "/ossa/OSSA-2026-003.html");
    assert_eq!(stop["line"], 3);
    for field in ["severity", "message", "column"] {
        assert!(!stop[field].is_null(), "{field}: {stop}");
    }
    assert!(
        findings
            .iter()
            .all(|finding| finding["page"] == stop["page"])
    );
    let index = server.json("/.vmt/findings.json?path=/");
    assert!(index["document"].is_null());
    let pages = index["pages"].as_array().expect("pages");
    assert!(
        pages.iter().any(|page| page["id"] == "OSSA-2026-003"),
        "{index}"
    );
    let all = server.json("/.vmt/findings.json");
    assert!(all["findings"].as_array().expect("findings").len() >= findings.len());
    let expected = env.vmt(&["check", "--format", "json"]);
    let expected: serde_json::Value = serde_json::from_str(&expected.stdout).expect("JSON");
    for count in ["errors", "warnings", "advice"] {
        assert_eq!(all["summary"][count], expected["summary"][count], "{count}");
    }
}

#[test]
fn drafts_are_shown_only_when_asked_for() {
    let env = workspace();
    env.write("embargoed/OSSA-2026-002.yaml", private());
    let page = "/ossa/OSSA-2026-002.html";
    let server = Server::start(&env, &[]);
    assert_eq!(server.get(page).status(), "404");
    for path in ["/", "/ossalist.html", "/.vmt/findings.json"] {
        let text = server.get(path).0;
        assert!(
            !text.contains("Zebra") && !text.contains("2026-002"),
            "{path}"
        );
    }
    drop(server);
    let mut server = Server::start(&env, &["--drafts"]);
    let draft = server.get(page);
    assert!(draft.body().contains("Zebra"));
    assert!(
        draft
            .body()
            .contains("<link rel=\"stylesheet\" href=\"/.vmt/draft.css\">")
    );
    let public = server.get("/ossa/OSSA-2026-001.html");
    assert!(!public.body().contains("draft.css"));
    env.write(
        "embargoed/OSSA-2026-002.yaml",
        private().replace("Zebra", "Gnu"),
    );
    server.until(page, |text| text.contains("Gnu stripes leak"));
}

#[test]
fn other_machines_get_no_drafts_no_findings_and_no_errors() {
    let env = workspace();
    env.write("embargoed/OSSA-2026-002.yaml", private());
    // Private by its embargo, though it lies in the public folder.
    env.write(
        "advisories/OSSA-2026-003.yaml",
        private().replace("OSSA-2026-002", "OSSA-2026-003"),
    );
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let said = refused(&env, &["--addr", address, "--drafts"], 2);
        assert!(said.contains("private drafts are not served"), "{said}");
    }
    let mut server = Server::start(&env, &["--addr", "0.0.0.0:0"]);
    server.until_said("other machines can reach this preview");
    let gone = |text: &str| !text.contains("Zebra") && !text.contains("2026-003");
    for path in ["/", "/ossalist.html"] {
        assert!(gone(&server.get(path).0), "{path}");
    }
    assert_eq!(server.get("/ossa/OSSA-2026-003.html").status(), "404");
    let findings = |server: &Server| server.json("/.vmt/findings.json");
    assert_eq!(findings(&server)["findings"], serde_json::json!([]));
    let broken = private().replace("OSSA-2026-002", "OSSA-2026-003") + "nonsense: [\n";
    env.write("advisories/OSSA-2026-003.yaml", broken);
    let text = server.until("/.vmt/findings.json", |text| text.contains("\"error\":\""));
    assert!(gone(&text), "{text}");
    // Any name is right where the names are not known.
    assert_eq!(server.request("GET", "/", "team.example").status(), "200");
}

#[test]
fn what_cannot_be_served_is_said() {
    let env = workspace();
    let server = Server::start(&env, &[]);
    let said = refused(&env, &["--addr", &server.address], 3);
    assert!(
        said.contains("is in use") && said.contains("--addr 127.0.0.1:0"),
        "{said}"
    );
    for address in ["8000", "example.org:80", "localhost:x", "127.0.0.1"] {
        let said = refused(&env, &["--addr", address], 2);
        assert!(said.contains("127.0.0.1:8000"), "{said}");
    }
    env.write("vmt.toml", "[site\n");
    refused(&env, &["--addr", "127.0.0.1:0"], 2);
    refused(&TestEnv::empty(), &[], 2);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_well() {
    let env = workspace();
    let mut server = Server::start(&env, &[]);
    let interrupt = Command::new("kill")
        .args(["-INT", &server.process.id().to_string()])
        .status();
    assert!(interrupt.expect("kill runs").success());
    let status = server.process.wait().expect("an end");
    assert_eq!(status.code(), Some(0));
}
