//! Links between documents: on pages, in both directions, and never to a private one.

use crate::env::TestEnv;

fn advisory(id: &str, cve: &str, bug: &str, more: &str) -> String {
    format!(
        "id: {id}\ndate: 2026-03-03\ntitle: Nova example flaw\ndescription: |\n  A Name reported a flaw in Nova.\n\
         affected-products:\n  - product: nova\n    version: '<30.2.2'\nvulnerabilities:\n  - cve-id: {cve}\n\
         reporters:\n  - name: A Name\n    affiliation: An Org\n    reported: [{cve}]\nissues:\n  links:\n    - https://launchpad.net/bugs/{bug}\n{more}"
    )
}

const NOTE: &str = "id: OSSN-0200\ntitle: Nova example setting\ndate: 2026-03-04\naffected-services: |\n  - nova (<30.2.2)\n\
    summary: |\n  A stopgap for CVE-2026-10001 and OSSA-2026-002, see also bug 2000003 and OSSA-2026-777.\n\
    discussion: |\n  The literal `OSSA-2026-001` is no link.\nrecommended-actions: |\n  Restart the service after a change.\n\
    references:\n  links:\n    - description: The advisory\n      url: https://security.example.org/ossa/OSSA-2026-001.html\nauthor: A Name, An Org\n";

fn site() -> TestEnv {
    let env = TestEnv::workspace();
    env.write(
        "advisories/OSSA-2026-001.yaml",
        advisory("OSSA-2026-001", "CVE-2026-10001", "2000001", ""),
    );
    env.write(
        "advisories/OSSA-2026-002.yaml",
        advisory("OSSA-2026-002", "CVE-2026-10002", "2000002", ""),
    );
    env.write(
        "advisories/OSSA-2026-003.yaml",
        advisory("OSSA-2026-003", "CVE-2026-10003", "2000003", ""),
    );
    env.write(
        "advisories/OSSA-2026-004.yaml",
        advisory("OSSA-2026-004", "CVE-2026-10004", "2000002", ""),
    );
    env.write("notes/OSSN-0200.yaml", NOTE);
    env
}

/// The rows of the section *Related* of a page.
fn related(page: &str) -> Vec<String> {
    let section = page
        .split("<h2 id=\"related\">")
        .nth(1)
        .and_then(|rest| rest.split("</ul>").next());
    let rows = section.unwrap_or_default().split("<li>").skip(1);
    rows.map(|row| {
        let id = row
            .split("class=\"id\">")
            .nth(1)
            .and_then(|rest| rest.split('<').next())
            .unwrap_or_default();
        let reason = row
            .rsplit('(')
            .next()
            .and_then(|rest| rest.split(')').next())
            .unwrap_or_default();
        format!("{id}: {reason}")
    })
    .collect()
}

#[test]
fn mentions_link_in_both_directions() {
    let env = site();
    let _ = env.vmt(&["build"]).exits(0);
    let note = env.read("public/ossn/OSSN-0200.html");
    for link in [
        "<a href=\"../ossa/OSSA-2026-001.html\">CVE-2026-10001</a>",
        "<a href=\"../ossa/OSSA-2026-002.html\">OSSA-2026-002</a>",
        "<a href=\"../ossa/OSSA-2026-003.html\">2000003</a>",
        "<code>OSSA-2026-001</code>",
    ] {
        assert!(note.contains(link), "no {link} in\n{note}");
    }
    assert!(!note.contains("OSSA-2026-777.html"), "{note}");
    assert_eq!(
        related(&note),
        [
            "OSSA-2026-001: named here",
            "OSSA-2026-002: named here",
            "OSSA-2026-003: named here"
        ]
    );
    assert_eq!(
        related(&env.read("public/ossa/OSSA-2026-002.html")),
        ["OSSA-2026-004: the same bug", "OSSN-0200: names this one"]
    );
    let check = env.vmt(&["check", "notes/OSSN-0200.yaml"]);
    assert!(
        check
            .stdout
            .contains("advice[mention-unknown]: there is no document `OSSA-2026-777` here"),
        "{}",
        check.transcript()
    );
    assert!(
        check.stdout.contains("OSSN-0200.yaml:7:"),
        "{}",
        check.transcript()
    );
}

#[test]
fn a_private_document_is_no_relation() {
    let env = site();
    let private = advisory(
        "OSSA-2026-005",
        "CVE-2026-10001",
        "2000001",
        "embargo:\n  received: 2026-11-01\n",
    )
    .replace("OSSA-2026-005", "OSSA-2026-777");
    env.write("embargoed/OSSA-2026-777.yaml", &private);
    // Public documents name it by chance, which the leak guard lets pass only when it is told why.
    let _ = env.vmt(&["build"]).exits(1);
    let mut settings = env.read("vmt.toml");
    for text in [
        "OSSA-2026-777",
        "CVE-2026-10001",
        "2000001",
        "Nova example flaw",
    ] {
        settings += &format!("\n[[harmless]]\ntext = \"{text}\"\nreason = \"public before\"\n");
    }
    env.write("vmt.toml", settings);
    let _ = env.vmt(&["build"]).exits(0);
    for page in env.tree("public") {
        if page.ends_with(".html") && !page.contains("OSSN-0200") {
            assert!(
                !env.read(&format!("public/{page}"))
                    .contains("OSSA-2026-777"),
                "{page}"
            );
        }
    }
    let note = env.read("public/ossn/OSSN-0200.html");
    assert!(!note.contains("777.html") && !related(&note).iter().any(|row| row.contains("777")));
    // A preview for the team has it.
    let _ = env.vmt(&["build", "--drafts"]).exits(0);
    let preview = env.read(".vmt-drafts/ossa/OSSA-2026-001.html");
    assert!(
        related(&preview).contains(&"OSSA-2026-777: the same CVE".to_owned()),
        "{preview}"
    );
}

#[test]
fn notes_concern_products_and_versions() {
    let env = site();
    env.write(
        "notes/OSSN-0201.yaml",
        NOTE.replace("OSSN-0200", "OSSN-0201")
            .replace("- nova (<30.2.2)", "Keystone, Juno, Kilo"),
    );
    let _ = env.vmt(&["build"]).exits(0);
    assert!(
        env.read("public/product/keystone.html")
            .contains("../ossn/OSSN-0201.html")
    );
    let affected = env
        .vmt(&[
            "affected", "nova", "29.0.1", "keystone", "2015.1.0", "keystone", "25.0.0",
        ])
        .exits(0);
    assert!(
        affected.stdout.contains("OSSN-0200      affected"),
        "{}",
        affected.transcript()
    );
    assert!(
        affected
            .stdout
            .contains("keystone 25.0.0 (no release that the tags know): not affected"),
        "{}",
        affected.transcript()
    );
}
