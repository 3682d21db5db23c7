//! The leak guard: a campaign that hides private documents in every way we could think of, all of which
//! have to be found, and the real corpus, in which nothing may be found.

use std::io::Write as _;

use base64::Engine as _;
use vmt::config::Config;
use vmt::diagnostic::FileId;
use vmt::document;
use vmt::embargo::leak::{Guard, Private, What};
use vmt::model::Document;
use vmt::source::list_tree;

use crate::env::{TestEnv, copy_corpus, shared};
use crate::repo::{git, repository};

const ADVISORY: &str = "\
id: OSSA-2026-DRAFT-q7w2m9
date: 2026-12-08
title: Nova shows consoles & volumes of other projects via crafted \"tokens\"
description: x
affected-products:
  - {product: nova, version: '<32.1.1'}
vulnerabilities:
  - cve-id: CVE-2026-48213
issues:
  links: ['https://launchpad.net/bugs/2098765']
reviews:
  2026.1/gazpacho: ['https://review.opendev.org/c/openstack/nova/+/973152']
embargo:
  received: 2026-10-01
  patches: [patches/cve-2026-48213-master-nova.patch]
";

const NOTE: &str = "\
id: OSSN-DRAFT-h4k8z2
date: 2026-12-08
title: Größe <script> elements in Horizon tables run as the viewer
affected-services: x
summary: x
discussion: x
recommended-actions: x
issues:
  links: ['https://github.com/example/project/issues/12']
embargo:
  received: 2026-10-01
";

fn read(text: &str) -> Document {
    let (config, _) = Config::parse(FileId(0), vmt::config::SHIPPED);
    document::read(FileId(0), text, None, &config)
        .0
        .expect("a document")
}

fn guard(texts: &[&str]) -> Guard {
    let documents: Vec<Document> = texts.iter().map(|text| read(text)).collect();
    let private: Vec<Private<'_>> = documents
        .iter()
        .map(|document| Private {
            handle: "private",
            document,
        })
        .collect();
    Guard::new(&private, &[])
}

/// The texts that must never be found outside, with what they are.
fn secrets() -> Vec<(What, String)> {
    [
        (What::Id, "OSSA-2026-DRAFT-q7w2m9"),
        (What::Cve, "CVE-2026-48213"),
        (What::Bug, "2098765"),
        (What::Bug, "https://bugs.launchpad.net/nova/+bug/2098765"),
        (What::Review, "973152"),
        (What::Review, "https://review.opendev.org/973152"),
        (What::Patch, "cve-2026-48213-master-nova.patch"),
        (
            What::Title,
            "Nova shows consoles & volumes of other projects via crafted \"tokens\"",
        ),
        (
            What::Title,
            "Größe <script> elements in Horizon tables run as the viewer",
        ),
        (What::Bug, "https://github.com/example/project/issues/12"),
    ]
    .map(|(what, text)| (what, text.to_owned()))
    .to_vec()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn quoted_printable(text: &str, every: usize) -> String {
    let coded: Vec<String> = text
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("={byte:02X}"),
        })
        .collect();
    coded
        .chunks(every)
        .map(<[String]>::concat)
        .collect::<Vec<_>>()
        .join("=\r\n")
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn wrapped(text: &str, width: usize, before: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lines: Vec<String> = chars
        .chunks(width)
        .map(|line| format!("{before}{}", line.iter().collect::<String>()))
        .collect();
    lines.join("\n")
}

/// Breaks a text at its blanks, each line with something before it.
fn folded(text: &str, before: &str) -> String {
    text.split(' ')
        .collect::<Vec<_>>()
        .join(&format!("\n{before}"))
}

fn utf16(text: &str, big: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff_u16);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

fn zip(name: &str, bytes: &[u8], deflated: bool) -> Vec<u8> {
    // By hand: local header and data, which is all that a reader of a cut archive has.
    let data = match deflated {
        true => {
            let mut out =
                flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(bytes).expect("memory");
            out.finish().expect("memory")
        }
        false => bytes.to_vec(),
    };
    let mut out = b"PK\x03\x04\x14\0\0\0".to_vec();
    out.extend(if deflated { [8, 0] } else { [0, 0] });
    out.extend([0; 8]);
    for size in [data.len(), bytes.len()] {
        out.extend(u32::try_from(size).expect("small").to_le_bytes());
    }
    out.extend(u16::try_from(name.len()).expect("small").to_le_bytes());
    out.extend([0, 0]);
    out.extend(name.as_bytes());
    out.extend(data);
    out
}

/// Ways to write a text so that a reader or a program still gets it.
fn disguises(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = |text: &str| serde_json::to_string(text).expect("JSON");
    let mut all: Vec<(&'static str, String)> = vec![
        ("plain", text.to_owned()),
        ("upper case", text.to_uppercase()),
        ("lower case", text.to_lowercase()),
        ("html", format!("<p>see {}</p>", html(text))),
        (
            "html attribute",
            format!("<a title=\"{}\" href='#'>x</a>", html(text)),
        ),
        (
            "decimal entities",
            each(text, |c| format!("&#{};", u32::from(c))),
        ),
        (
            "hexadecimal entities",
            each(text, |c| format!("&#x{:x};", u32::from(c))),
        ),
        (
            "entities without semicolons",
            each(text, |c| format!("&#x{:X}", u32::from(c)) + " ").replace(' ', ";"),
        ),
        ("html in html", html(&html(text))),
        (
            "html in atom in json",
            json(&html(&format!("<b>{}</b>", html(text)))),
        ),
        ("percent", percent(text)),
        ("percent twice", percent(text).replace('%', "%25")),
        (
            "query",
            format!(
                "https://example.org/?q={}&x=1",
                percent(text).to_lowercase().replace("%20", "+")
            ),
        ),
        ("json", json(text)),
        (
            "json escapes",
            each(text, |c| {
                let mut units = [0; 2];
                c.encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect()
            }),
        ),
        ("json in json", json(&json(text))),
        (
            "javascript",
            each(text, |c| format!("\\u{{{:x}}}", u32::from(c))),
        ),
        (
            "bytes of python",
            text.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
        ),
        (
            "octal of git",
            text.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
        ),
        ("soft hyphens", each(text, |c| format!("{c}\u{ad}"))),
        ("zero width", each(text, |c| format!("{c}\u{200b}"))),
        (
            "named invisible",
            each(text, |c| html(&c.to_string()) + "&shy;"),
        ),
        (
            "word breaks",
            text.split(' ').collect::<Vec<_>>().join("<wbr>"),
        ),
        (
            "tags between words",
            text.split(' ')
                .map(html)
                .collect::<Vec<_>>()
                .join("</b> <b class=\"x\">"),
        ),
        (
            "cells",
            text.split(' ')
                .map(html)
                .collect::<Vec<_>>()
                .join("</td><td>"),
        ),
        (
            "comments",
            text.split(' ')
                .map(html)
                .collect::<Vec<_>>()
                .join("<!-- a > -->".trim_end_matches('-')),
        ),
        (
            "emphasis",
            text.split(' ').collect::<Vec<_>>().join("** __"),
        ),
        ("no-break spaces", text.replace(' ', "\u{a0}")),
        ("folded", folded(text, "")),
        ("folded with CRLF", folded(text, "").replace('\n', "\r\n ")),
        ("quoted", folded(text, "> ")),
        ("quoted twice", folded(text, ">> > ")),
        ("comment lines", folded(text, "# ")),
        ("program comment", folded(text, " * ")),
        ("added in a diff", folded(text, "+")),
        ("joined by underscores", text.replace(' ', "_")),
        ("slug", text.replace(' ', "-")),
        (
            "full width",
            each(text, |c| {
                let code = u32::from(c);
                let wide = if (0x21..0x7f).contains(&code) {
                    code + 0xfee0
                } else {
                    code
                };
                char::from_u32(wide).unwrap_or(c).to_string()
            }),
        ),
        ("quoted-printable", quoted_printable(text, 70)),
        ("quoted-printable, short lines", quoted_printable(text, 9)),
        (
            "all quoted-printable",
            text.bytes().map(|byte| format!("={byte:02X}")).collect(),
        ),
        (
            "encoded word q",
            format!(
                "Subject: =?utf-8?q?{}?=",
                quoted_printable(text, 999).replace(' ', "_")
            ),
        ),
        (
            "encoded word b",
            format!("Subject: =?utf-8?B?{}?=", base64(text.as_bytes())),
        ),
        ("encoded words", {
            let words: Vec<String> = text
                .as_bytes()
                .chunks(9)
                .map(|part| format!("=?utf-8?B?{}?=", base64(part)))
                .collect();
            format!("Subject: {}", words.join("\r\n "))
        }),
        ("base64", base64(format!("see {text} soon").as_bytes())),
        ("base64 of the text", base64(text.as_bytes())),
        (
            "base64 in a mail",
            wrapped(
                &base64(format!("{}{text}", "Hello. ".repeat(20)).as_bytes()),
                76,
                "",
            ),
        ),
        (
            "base64 in a quoted mail",
            wrapped(&base64(format!("Hello, {text} again").as_bytes()), 40, "> "),
        ),
        (
            "base64 in json",
            json(&wrapped(
                &base64(format!("Hello, {text} again and again").as_bytes()),
                64,
                "",
            )),
        ),
        (
            "base64 for addresses",
            base64(format!("ÿþ?>{text}").as_bytes())
                .replace('+', "-")
                .replace('/', "_"),
        ),
        (
            "base64 behind a path",
            format!("/files/x{}", base64(format!("see {text}").as_bytes())),
        ),
        (
            "base64 twice",
            base64(base64(format!("see {text}").as_bytes()).as_bytes()),
        ),
        (
            "data address",
            format!(
                "<img src=\"data:text/plain;base64,{}\">",
                base64(text.as_bytes())
            ),
        ),
        (
            "data address with percents",
            format!("data:text/html,{}", percent(&html(text))),
        ),
        (
            "hexadecimal digits",
            format!("see {text}")
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        ),
        (
            "log",
            format!("2026-11-24T15:00:00Z ERROR vmt: cannot write `{text}`: no space"),
        ),
        (
            "error",
            format!("error: {text:?} is taken\n  --> advisories/x.yaml:3:8"),
        ),
        ("csv", format!("1,\"{}\",2\r\n", text.replace('"', "\"\""))),
        ("yaml", format!("title: '{}'\n", text.replace('\'', "''"))),
        (
            "xml",
            format!("<title type=\"html\">{}</title>", html(&html(text))),
        ),
        ("markdown link", format!("[{text}](https://example.org/)")),
        (
            "script",
            format!("var x = '{}';", text.replace('\'', "\\'")),
        ),
    ];
    all.retain(|(_, written)| !written.is_empty());
    let mut all: Vec<(&'static str, Vec<u8>)> = all
        .into_iter()
        .map(|(name, text)| (name, text.into_bytes()))
        .collect();
    let around = format!("before {text} after");
    all.extend([
        ("UTF-16 little with mark", utf16(&around, false, true)),
        ("UTF-16 big with mark", utf16(&around, true, true)),
        ("UTF-16 little", utf16(&around, false, false)),
        ("UTF-16 big", utf16(&around, true, false)),
        (
            "Latin-1",
            text.chars()
                .filter_map(|c| u8::try_from(u32::from(c)).ok())
                .collect(),
        ),
        ("gz", gz(around.as_bytes())),
        ("gz in gz", gz(&gz(around.as_bytes()))),
        (
            "gz behind bytes",
            [b"\0\x01".as_slice(), &gz(around.as_bytes())].concat(),
        ),
        ("zip", zip("a.txt", around.as_bytes(), true)),
        ("zip, stored", zip("a.txt", around.as_bytes(), false)),
        ("zip, gz", zip("a.txt.gz", &gz(around.as_bytes()), false)),
        (
            "zip in zip",
            zip("a.zip", &zip("a.txt", around.as_bytes(), true), true),
        ),
        (
            "zip of html in base64",
            base64(&zip("a.html", html(&around).as_bytes(), true)).into_bytes(),
        ),
        (
            "mail with gz",
            wrapped(&base64(&gz(around.as_bytes())), 76, "").into_bytes(),
        ),
        ("UTF-16 in gz", gz(&utf16(&around, false, true))),
        (
            "base64 in gz in zip",
            zip("x", &gz(base64(around.as_bytes()).as_bytes()), true),
        ),
        (
            "binary",
            [b"\x89PNG\r\n\0\0".as_slice(), around.as_bytes(), b"\0\xff"].concat(),
        ),
    ]);
    all
}

/// What carries a disguised text.
fn carriers(inner: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let with = |before: &str, after: &str| [before.as_bytes(), inner, after.as_bytes()].concat();
    vec![
        (
            "page.html",
            with("<!doctype html><title>x</title><p>word 1234567 ", "\n</p>"),
        ),
        (
            "feed.atom",
            with("<feed><entry>12 ", " 2026-11-24</entry></feed>"),
        ),
        (
            "mail.eml",
            with(
                "Subject: x\r\nMIME-Version: 1.0\r\n\r\nHello,\r\n\r\n",
                "\r\n-- \r\nA Name\r\n",
            ),
        ),
    ]
}

#[test]
fn every_hidden_document_is_found() {
    let guard = guard(&[ADVISORY, NOTE]);
    let (mut tried, mut missed) = (0, Vec::new());
    for (what, text) in secrets() {
        for (disguise, bytes) in disguises(&text) {
            // What is spread over cells or joined to a slug is a text of words.
            let words = what == What::Title;
            if !words && matches!(disguise, "emphasis") {
                continue;
            }
            for (file, bytes) in carriers(&bytes) {
                tried += 1;
                let found = guard.search(file, &bytes);
                if !found.iter().any(|leak| leak.what == what) {
                    missed.push(format!("{what:?} as {disguise} in {file}"));
                }
                for leak in found {
                    // A message holds no secret.
                    let said = leak.to_string().to_lowercase();
                    assert!(
                        !secrets()
                            .iter()
                            .any(|(_, text)| said.contains(&text.to_lowercase())),
                        "{said}"
                    );
                }
            }
        }
    }
    for (what, text) in secrets() {
        tried += 1;
        let path = format!("ossa/{}.html", text.replace(['/', ' '], "-"));
        let found = guard.search(&path, b"");
        if !found
            .iter()
            .any(|leak| leak.what == what && !leak.file.contains(&text))
        {
            missed.push(format!("{what:?} as the name of a file"));
        }
    }
    println!("{tried} hiding places, {} missed", missed.len());
    assert!(tried >= 200);
    assert!(
        missed.is_empty(),
        "{} of {tried}:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn what_only_looks_alike_is_let_pass() {
    let guard = guard(&[ADVISORY, NOTE]);
    for text in [
        "CVE-2026-482130 CVE-2026-4821 CVE-2025-48213 CVE-2026-4821, 3 hosts",
        "12098765 20987650 209876 5, 20 98765 2098-76-5",
        "sha256 a2098765b0 973152e 0x973152f 9731525 1973152",
        "Nova shows consoles of other projects",
        "OSSA-2026-DRAFT-q7w2m8 OSSA-2026-048",
        "https://github.com/example/project/issues/123 https://github.com/example/project/issues/1",
        "<td>2098</td><td>766</td>",
        "2098\n\n765",
    ] {
        let found = guard.search("page.html", text.as_bytes());
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn an_archive_that_swells_is_reported_and_ends() {
    let guard = guard(&[ADVISORY]).unpacking_at_most(1 << 20);
    let bomb = gz(&vec![b'a'; 80 << 20]);
    let found = guard.search("x.gz", &bomb);
    assert_eq!(
        found.iter().map(|leak| leak.what).collect::<Vec<_>>(),
        [What::Unsearched]
    );
    let bomb = base64(base64(&vec![b'a'; 2 << 20]).as_bytes());
    let found = guard.search("x.txt", bomb.as_bytes());
    assert_eq!(
        found.iter().map(|leak| leak.what).collect::<Vec<_>>(),
        [What::Unsearched]
    );
    // Nested without end: what is too deep is not passed over in silence.
    let mut inner = b"x".to_vec();
    for _ in 0..40 {
        inner = gz(&inner);
    }
    let found = guard.search("x.gz", &inner);
    assert_eq!(
        found.iter().map(|leak| leak.what).collect::<Vec<_>>(),
        [What::Unsearched]
    );
}

/// Made-up private documents of the kind that a team has, each with its own numbers.
fn drafts() -> Vec<String> {
    let titles = [
        "Neutron loses port security after a live migration",
        "Keystone accepts expired application credentials",
        "Arbitrary file read through Glance image import",
        "Swift leaks temporary URL keys in error messages",
        "Heat templates reach internal services",
        "Octavia amphora certificates are reused",
    ];
    (0..60_u64)
        .map(|at| {
            let number = |salt: u64, modulus: u64| (at * 7_919 + salt * 104_729 + 12_345) * 48_271 % modulus;
            format!(
                "id: OSSA-2026-DRAFT-{:06x}\ndate: 2026-12-08\ntitle: {} ({at})\ndescription: x\n\
                 vulnerabilities: [{{cve-id: CVE-2026-{}}}]\n\
                 issues: {{links: ['https://launchpad.net/bugs/{}']}}\n\
                 reviews: {{zed: ['https://review.opendev.org/c/openstack/nova/+/{}', 'https://review.opendev.org/c/openstack/nova/+/{}']}}\n\
                 embargo: {{received: 2026-10-01, patches: [cve-2026-{}-nova.patch]}}\n",
                number(1, 0xff_ffff),
                titles[usize::try_from(at).expect("small") % titles.len()],
                70_000 + number(2, 20_000),
                2_160_000 + number(3, 90_000),
                990_000 + number(4, 9_000),
                981_000 + number(5, 9_000),
                70_000 + number(6, 20_000),
            )
        })
        .collect()
}

#[test]
fn nothing_is_found_in_the_real_corpus() {
    let Some(shared) = shared("nothing_is_found_in_the_real_corpus") else {
        return;
    };
    let env = TestEnv::workspace();
    for (from, to) in [("corpus/ossa", "advisories"), ("corpus/ossn-yaml", "notes")] {
        copy_corpus(&env, &shared.join(from), to);
    }
    let drafts = drafts();
    for (at, draft) in drafts.iter().enumerate() {
        env.write(&format!("embargoed/draft-{at}.yaml"), draft);
    }
    // The build itself runs the guard.
    let _ = env.vmt(&["build"]).exits(0);
    let guard = guard(&drafts.iter().map(String::as_str).collect::<Vec<_>>());
    let (mut files, mut size) = (0, 0);
    let start = std::time::Instant::now();
    let mut look = |folder: &std::path::Path| {
        for path in list_tree(folder).expect("a listing") {
            let bytes = std::fs::read(folder.join(&path)).expect("a file");
            let found = guard.search(&path.to_string_lossy(), &bytes);
            assert!(found.is_empty(), "{found:?}");
            files += 1;
            size += bytes.len();
        }
    };
    look(&env.path().join("public"));
    look(&shared.join("corpus"));
    println!(
        "{files} files, {size} bytes, no false alarm, {:?}",
        start.elapsed()
    );
    assert!(files > 500);
}

#[test]
fn a_build_that_would_betray_something_is_not_written() {
    let mut env = repository(ADVISORY);
    env.write(
        "advisories/OSSA-2026-001.yaml",
        "id: OSSA-2026-001\ndate: 2026-03-03\ntitle: Nova flaw\ndescription: |\n  See also bug\n  2098765.\naffected-products:\n  - {product: nova, version: '<30.2.2'}\n",
    );
    let refused = env.vmt(&["build"]).exits(1);
    assert!(
        refused.stderr.contains("ossa/OSSA-2026-001.html: line "),
        "{}",
        refused.stderr
    );
    assert!(
        refused
            .stderr
            .contains("a bug of embargoed/OSSA-2026-DRAFT-q7w2m9.yaml")
    );
    assert!(env.tree("public").is_empty());
    let _ = env.vmt(&["export", "osv", "OSSA-2026-001"]).exits(1);
    // A public log gets no name of a file.
    env.set("CI", "true");
    let refused = env.vmt(&["build"]).exits(1);
    assert!(
        refused
            .stderr
            .contains("a bug of private document 1 by name"),
        "{}",
        refused.stderr
    );
    assert!(!refused.stderr.contains("q7w2m9"));
    // What is public anyway is named, with the reason.
    let settings = env.read("vmt.toml");
    let harmless = "[[harmless]]\ntext = \"2098765\"\nreason = \"the bug is public\"\n";
    env.write("vmt.toml", format!("{harmless}{settings}"));
    let _ = env.vmt(&["build"]).exits(0);
    // A draft that cannot be read might be betrayed by anything.
    env.write("embargoed/broken.yaml", "title: 'x\n");
    let _ = env.vmt(&["build"]).exits(1);
}

/// A place in a repository, and how to hide something there.
type Hiding<'a> = (&'a str, &'a dyn Fn(&TestEnv));

#[test]
fn commits_messages_tags_and_paths_are_searched() {
    let clean = repository(ADVISORY);
    let _ = clean.vmt(&["check", "--leaks", "--git"]).exits(0);
    let _ = clean.vmt(&["check", "--leaks"]).exits(0);
    let mut places = 0;
    for (what, text) in secrets().iter().take(8) {
        let words = text.replace(['"', '/', ' ', '&', ':'], "-");
        let steps: [Hiding<'_>; 6] = [
            ("a message", &|env| {
                let message = format!("Fix it\n\nThis closes\n{text}\n");
                drop(git(
                    env.path(),
                    &["commit", "-q", "--allow-empty", "-m", &message],
                ));
            }),
            ("a file", &|env| {
                env.write("notes.txt", format!("see\n> {text}\n"));
                git(env.path(), &["add", "notes.txt"]);
                git(env.path(), &["commit", "-qm", "Add"]);
            }),
            ("a file that is gone again", &|env| {
                env.write("notes.txt", gz(text.as_bytes()));
                git(env.path(), &["add", "notes.txt"]);
                git(env.path(), &["commit", "-qm", "Add"]);
                git(env.path(), &["rm", "-q", "notes.txt"]);
                git(env.path(), &["commit", "-qm", "Remove"]);
            }),
            ("a path", &|env| {
                env.write(&format!("x/{words}.txt"), "x");
                git(env.path(), &["add", "x"]);
                git(env.path(), &["commit", "-qm", "Add"]);
            }),
            ("a tag", &|env| {
                drop(git(env.path(), &["tag", "-a", "1.0", "-m", text]));
            }),
            ("a branch that is not checked out", &|env| {
                git(env.path(), &["checkout", "-q", "-b", "side"]);
                git(env.path(), &["commit", "-q", "--allow-empty", "-m", text]);
                git(env.path(), &["checkout", "-q", "main"]);
            }),
        ];
        for (place, hide) in steps {
            let env = repository(ADVISORY);
            hide(&env);
            let found = env
                .vmt(&["check", "--leaks", "--git", "--format", "json"])
                .exits(1)
                .stdout;
            let found: serde_json::Value = serde_json::from_str(&found).expect("JSON");
            let all = found["leaks"].as_array().expect("a list");
            let hit = all.iter().any(|leak| leak["what"] == what.name());
            assert!(hit, "{what:?} in {place}: {found:#}");
            places += 1;
        }
    }
    println!("{places} hiding places in git, 0 missed");
}

#[test]
fn private_documents_in_git_are_errors() {
    let rules = |env: &TestEnv| -> Vec<String> {
        let report = env.vmt(&["check", "--format", "json"]).stdout;
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let all = report["diagnostics"].as_array().expect("a list").iter();
        all.filter(|finding| finding["rule"] == "private-in-git")
            .map(|finding| finding["message"].as_str().expect("text").to_owned())
            .collect()
    };
    let env = repository(ADVISORY);
    assert!(rules(&env).is_empty());
    // Staged by force.
    git(env.path(), &["add", "-f", "embargoed"]);
    assert_eq!(rules(&env).len(), 1);
    assert!(rules(&env)[0].contains("tracked or staged"));
    // Committed, and taken out again in the next commit.
    git(env.path(), &["commit", "-qm", "Add"]);
    git(env.path(), &["rm", "-q", "--cached", "-r", "embargoed"]);
    git(env.path(), &["commit", "-qm", "Remove"]);
    let said = rules(&env);
    assert!(
        said.len() == 1 && said[0].contains("in the commit"),
        "{said:?}"
    );
    let _ = env.vmt(&["check"]).exits(1);
    // On another branch, in a public folder, by its block.
    let env = repository(ADVISORY);
    git(env.path(), &["checkout", "-q", "-b", "side"]);
    env.write("advisories/OSSA-2026-002.yaml", ADVISORY);
    git(env.path(), &["add", "advisories"]);
    git(env.path(), &["commit", "-qm", "Add"]);
    git(env.path(), &["checkout", "-q", "main"]);
    assert_eq!(rules(&env).len(), 1);
}

#[test]
fn a_page_that_was_harmless_is_searched_again_when_a_draft_comes() {
    let env = TestEnv::workspace();
    let note = "id: OSSN-0001\ntitle: Nova consoles need a firewall\ndate: 2026-11-17\naffected-services: [nova]\n\
        summary: See bug 2098765.\ndiscussion: It is so.\nrecommended-actions: Close the port.\n";
    env.write("notes/OSSN-0001.yaml", note);
    let _ = env.vmt(&["build"]).exits(0);
    let draft = "id: OSSA-2026-DRAFT-q7w2m9\ndate: 2026-12-03\ntitle: Something that nobody may know yet\n\
        description: x\naffected-products: [{product: nova, version: '<1'}]\n\
        issues: {links: ['https://launchpad.net/bugs/2098765']}\nembargo: {received: 2026-11-01}\n";
    env.write("embargoed/OSSA-2026-DRAFT-q7w2m9.yaml", draft);
    // Nothing of the site has changed, and nothing of it would be written anew.
    let output = env.vmt(&["build"]).exits(1);
    assert!(
        output.stderr.contains("would betray a private document"),
        "{}",
        output.transcript()
    );
}
