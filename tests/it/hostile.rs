//! A campaign of hostile documents through every output: nothing executes, breaks out of its place, or forges a
//! tag, a header, a line or a path. A tokenizer that we did not write reads the pages.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::env::TestEnv;

/// What an attacker writes wherever a document takes text.
const PAYLOADS: [&str; 45] = [
    // A word that is longer than a line of a mail may be.
    concat!(
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
        "loooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong",
    ),
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "![x](https://evil.example.org/track.png)",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
    "<https://evil.example.org/\" onmouseover=alert(1)>",
    "[x](https://evil.example.org/\"onmouseover=\"alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    "`x <javascript:alert(1)>`_",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=//evil.example.org>",
    "<meta http-equiv=refresh content=0;url=//evil.example.org>",
    "<base href=//evil.example.org>",
    "<form action=//evil.example.org><input>",
    "\" autofocus onfocus=alert(1) x=\"",
    "' onmouseover='alert(1)",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62;",
    "{{ config }} {% for x in y %} {{ __tera_context }}",
    "{{ \"<script>\" | safe }}",
    "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7} \u{9b}31m",
    "\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069}",
    "\u{200b}\u{feff}\u{ad}invisible",
    "x\r\nBcc: victim@example.org",
    "x\nBcc: victim@example.org\n\nbody",
    "x\r\n\r\n--boundary\r\nContent-Type: text/html\r\n\r\n<script>",
    "=?utf-8?q?Bcc=3A_x=0D=0ABcc=3A_y?=",
    "From here\n.\n..\nFrom there",
    "=HYPERLINK(\"https://evil.example.org\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "::error file=x::forged%0A::warning::y",
    "../../../../etc/passwd\0",
    "x\u{2028}y\u{2029}z\u{85}w\u{b}v\u{c}u",
];

/// Quotes a text for YAML in double quotes.
fn yaml(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() || ('\u{2028}'..='\u{2029}').contains(&c) || c == '\u{feff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// YAML itself keeps keys short.
fn key(payload: &str) -> String {
    yaml(&payload.chars().take(200).collect::<String>())
}

fn advisory(id: &str, payload: &str) -> String {
    let (p, k) = (yaml(payload), key(payload));
    let url = yaml(&format!("https://example.org/{payload}"));
    format!(
        "id: {id}\ndate: 2026-03-03\ntitle: {p}\ndescription: {p}\nworkarounds: {p}\nhow-to-check: {p}\naffected-products:\n  - {{product: nova, version: '<30.2.2'}}\n  - {{product: {p}, version: {p}}}\nvulnerabilities:\n  - {{cve-id: CVE-2026-12345, note: {p}, cvss: {p}, cwe: [{p}]}}\n  - cve-id: {p}\nreporters:\n  - {{name: {p}, affiliation: {p}, reported: [{p}]}}\nissues:\n  links: [{p}, {url}]\nreviews:\n  {k}: [{p}, {url}]\n  2026.1/gazpacho:\n    - {{url: {url}, product: {p}, commit: {p}, change-id: {p}, requires: [{p}], with: [{p}], sha256: {p}}}\nnotes: [{p}]\nerrata: {p}\nerrata_history: [{p}]\n"
    )
}

fn note(id: &str, payload: &str) -> String {
    let (p, k) = (yaml(payload), key(payload));
    format!(
        "id: {id}\ndate: 2026-03-03\ntitle: {p}\naffected-services: [{p}]\nsummary: {p}\ndiscussion: {p}\nrecommended-actions: {p}\ncredits: [{p}]\nauthor: [{p}]\nreferences:\n  links:\n    - {{description: {p}, url: {p}}}\nvulnerabilities:\n  - {{cve-id: CVE-2026-12345, note: {p}}}\nissues: {{links: [{p}]}}\nreviews: {{{k}: [{p}]}}\nerrata: {p}\nerrata_history: [{p}]\n"
    )
}

fn workspace() -> TestEnv {
    let env = TestEnv::workspace();
    for (at, payload) in PAYLOADS.iter().enumerate() {
        let (a, n) = (
            format!("OSSA-2026-{:03}", at + 1),
            format!("OSSN-{:04}", at + 1),
        );
        env.write(&format!("advisories/{a}.yaml"), advisory(&a, payload));
        env.write(&format!("notes/{n}.yaml"), note(&n, payload));
    }
    env
}

/// What is wrong with the tags of a page.
#[derive(Default)]
struct Tags(RefCell<BTreeSet<String>>);

/// Elements that our templates and Markdown make.
const ELEMENTS: &str = " a abbr article aside b body br button caption circle code col colgroup dd defs desc details div dl \
    dt em fieldset figcaption figure footer form g h1 h2 h3 h4 h5 h6 head header hr html i input label legend li line link \
    main meta nav noscript ol option output p path pattern pre rect script section select small span strong sub summary sup \
    svg table tbody td template text textarea tfoot th thead time title tr ul use wbr mark kbd search optgroup polyline \
    polygon blockquote s del datalist ";

impl TokenSink for Tags {
    type Handle = ();
    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            return TokenSinkResult::Continue;
        };
        let mut wrong = self.0.borrow_mut();
        let name = tag.name.to_string();
        if !ELEMENTS.contains(&format!(" {name} ")) {
            wrong.insert(format!("<{name}>"));
        }
        for attribute in &tag.attrs {
            let (key, value) = (
                attribute.name.local.to_string(),
                attribute.value.to_string(),
            );
            if key.starts_with("on") || key == "srcdoc" || key.contains(['"', '\'', '<', '=']) {
                wrong.insert(format!("<{name} {key}>"));
            }
            if matches!(
                key.as_str(),
                "href" | "src" | "action" | "formaction" | "xlink:href" | "data"
            ) {
                let scheme = value.split([':', '/', '?', '#']).next().unwrap_or_default();
                let has_scheme = value[scheme.len()..].starts_with(':');
                let fine = matches!(scheme, "http" | "https" | "mailto");
                if has_scheme && !fine
                    || value.starts_with("//")
                    || value.contains(char::is_control)
                {
                    wrong.insert(format!("<{name} {key}={value:?}>"));
                }
                if key == "src" && has_scheme {
                    wrong.insert(format!("<{name} src={value:?}>"));
                }
            }
        }
        TokenSinkResult::Continue
    }
}

fn wrong_tags(page: &str) -> BTreeSet<String> {
    let tokenizer = Tokenizer::new(Tags::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(page.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

/// Signs that move a cursor or turn text around.
fn is_harmful(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn pages_feeds_and_data_hold_no_tag_address_or_line_of_an_attacker() {
    let env = workspace();
    let built = env.vmt(&["build"]);
    let shown = [&built.stdout, &built.stderr]
        .into_iter()
        .any(|text| text.contains(is_harmful));
    assert!(!shown, "{:?}", built.transcript());
    assert_eq!(built.code, 0, "{}", built.transcript());
    // For `tests/browser/hostile.mjs`, which opens them in a real browser.
    if let Some(folder) = std::env::var_os("VMT_HOSTILE_SITE") {
        let folder = folder.to_string_lossy();
        let _ = env.vmt(&["build", "--out", &folder]).exits(0);
    }
    let mut pages = 0;
    for path in env.tree("public") {
        let bytes = std::fs::read(env.path().join("public").join(&path)).expect("a file");
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if path.ends_with(".html") {
            pages += 1;
            let wrong = wrong_tags(&text);
            assert!(wrong.is_empty(), "{path}: {wrong:?}");
            assert!(!text.contains("__tera_context is"), "{path}");
            // An inline script is data, and closes where it should.
            for script in text.split("<script").skip(1) {
                let inline = script.split_once('>').map_or("", |(_, rest)| rest);
                let data = inline.split("</script").next().unwrap_or_default();
                if !data.trim().is_empty() {
                    let parsed = serde_json::from_str::<serde_json::Value>(data);
                    assert!(parsed.is_ok(), "{path}: {data}");
                }
            }
        } else if path.ends_with(".json") {
            let parsed = serde_json::from_str::<serde_json::Value>(&text);
            assert!(parsed.is_ok(), "{path}");
        } else if path.ends_with(".atom") || path.ends_with(".xml") {
            assert!(!text.contains("<script"), "{path}");
            assert!(
                !text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t' | '\r')),
                "{path}"
            );
        } else if path.ends_with(".csv") {
            for cell in text.lines().flat_map(|line| line.split("\",\"")) {
                let cell = cell.trim_start_matches('"');
                assert!(!cell.starts_with(['=', '@', '+', '\t']), "{path}: {cell}");
            }
        } else if path.ends_with(".txt") {
            assert!(!text.contains(is_harmful), "{path}");
        }
    }
    assert!(pages > PAYLOADS.len() * 2, "{pages}");
}

#[test]
fn a_terminal_gets_no_escape_and_a_log_no_forged_line() {
    let env = workspace();
    for arguments in [
        &["check"][..],
        &["check", "--format", "github"],
        &["check", "--color", "always"],
        &["releases", "verify"],
        &["affected", "nova", "30.0.0"],
        &["mail", "owed"],
        &["export", "cve", "--form", "OSSA-2026-032"],
    ] {
        let output = env.vmt(arguments);
        assert!(output.code < 4, "{arguments:?} {}", output.code);
        for text in [&output.stdout, &output.stderr] {
            // Colours are ours: take them away before looking.
            let text = text.replace("\u{1b}[", "").replace("\u{1b}\\", "");
            let coloured = arguments.contains(&"always");
            let found = text
                .chars()
                .find(|c| is_harmful(*c) && !(coloured && *c == '\u{1b}'));
            assert_eq!(found, None, "{arguments:?}");
        }
        if arguments.contains(&"github") {
            for line in output.stdout.lines() {
                assert!(line.starts_with("::"), "{line}");
                assert!(!line.starts_with("::error file=x"), "{line}");
            }
        }
    }
}

#[test]
fn mails_have_the_headers_that_we_wrote_and_no_others() {
    let mut env = TestEnv::workspace();
    env.set("VMT_MAIL_FROM", "A Coordinator <coordinator@example.org>");
    // A signature is not what is looked at here.
    let toml = env.read("vmt.toml");
    let unsigned = |toml: String, kind: &str| {
        let name = format!("name = \"{kind}\"\n");
        toml.replacen(&name, &format!("{name}signed = false\n"), 1)
    };
    env.write("vmt.toml", unsigned(unsigned(toml, "announce"), "note"));
    let known = [
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Date",
        "Message-ID",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
    ];
    for payload in PAYLOADS {
        let (a, n) = ("OSSA-2026-001", "OSSN-0001");
        env.write(&format!("advisories/{a}.yaml"), advisory(a, payload));
        env.write(&format!("notes/{n}.yaml"), note(n, payload));
        for (id, kind) in [(a, "announce"), (n, "note")] {
            let allow = ["--allow", "check-errors"];
            let output = env
                .vmt(&[&["mail", "write", id, "--kind", kind][..], &allow[..]].concat())
                .exits(0);
            assert!(!output.stderr.contains(is_harmful));
            let preview = env.vmt(&["mail", "preview", id, "--kind", kind]).exits(0);
            assert!(
                !preview.stdout.contains(is_harmful) && !preview.stderr.contains(is_harmful),
                "{id}"
            );
            let bytes = std::fs::read(env.path().join(format!(".vmt-mail/{id}.{kind}.1.eml")))
                .expect("a mail");
            let text = String::from_utf8(bytes).expect("seven bits");
            assert!(text.is_ascii(), "{id}");
            let bare = text.replace("\r\n", "");
            assert!(!bare.contains(['\r', '\n', '\0']), "{id}: line breaks");
            assert!(
                text.split("\r\n").all(|line| line.len() <= 998),
                "{id}: long line"
            );
            let (head, body) = text.split_once("\r\n\r\n").expect("a body");
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap_or_default())
                .collect();
            assert!(
                names.iter().all(|name| known.contains(name)),
                "{id}: {names:?}"
            );
            let unique: BTreeSet<&&str> = names.iter().collect();
            assert_eq!(unique.len(), names.len(), "{id}: {names:?}");
            assert!(!head.contains("=?utf-8?q?Bcc"), "{id}: {head}");
            assert!(!body.contains("\r\nFrom "), "{id}");
        }
    }
}
