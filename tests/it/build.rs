//! `vmt build`.

use crate::env::TestEnv;

const ADVISORY: &str = "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova & <b>example</b> flaw
description: |
  <script>alert(1)</script> A Name reported [a flaw](javascript:alert(2)).
affected-products:
  - product: nova
    version: '<30.2.2'
issues:
  links: ['javascript:alert(3)', 'https://launchpad.net/bugs/1000001']
reviews:
  2026.1/gazpacho: ['https://x\"onclick=\"alert(4)']
";

fn site() -> TestEnv {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    env
}

#[test]
fn every_document_has_a_page_and_the_old_addresses_hold() {
    let env = site();
    insta::assert_snapshot!(env.vmt(&["build"]).exits(0).transcript(), @"
    $ vmt build
    --- stderr
    `vmt check` reports 2 errors
    built 9 files from 1 documents in [ROOT]/public
    --- exit 0
    ");
    assert_eq!(
        env.tree("public"),
        [
            ".vmt-output",
            "404.html",
            "index.html",
            "ossa/OSSA-2026-001.html",
            "ossa/OSSA-2026-001.txt",
            "ossalist.html",
            "ossnlist.html",
            "product/nova.html",
            "products.html",
            "style.css"
        ]
    );
    insta::assert_snapshot!(env.read("public/ossa/OSSA-2026-001.html"));
}

#[test]
fn what_a_document_says_cannot_run() {
    let env = site();
    let _ = env.vmt(&["build"]).exits(0);
    let page = env.read("public/ossa/OSSA-2026-001.html");
    for bad in [
        "<script",
        "<b>",
        "href=\"javascript",
        "\"onclick",
        "style=\"",
    ] {
        assert!(!page.contains(bad), "{bad} in {page}");
    }
}

#[test]
fn two_builds_are_the_same_and_check_compares() {
    let env = site();
    let _ = env.vmt(&["build", "--check"]).exits(1);
    let _ = env.vmt(&["build"]).exits(0);
    let _ = env.vmt(&["build", "--check"]).exits(0);
    let _ = env.vmt(&["build", "--out", "again"]).exits(0);
    for name in env.tree("public") {
        assert_eq!(
            env.read(&format!("public/{name}")),
            env.read(&format!("again/{name}"))
        );
    }
    env.write("public/index.html", "x");
    env.write("public/extra.html", "x");
    let output = env.vmt(&["build", "--check"]).exits(1);
    assert_eq!(output.stdout, "differs: index.html\nextra: extra.html\n");
}

#[test]
fn a_document_that_cannot_be_published_leaves_the_old_site() {
    let env = site();
    let _ = env.vmt(&["build"]).exits(0);
    let before = env.tree("public");
    for (name, text) in [
        ("OSSA-2026-002", "id: OSSA-2026-002\n"),
        ("OSSA-2026-003", "id: '../../etc/passwd'\n"),
        ("OSSA-2026-004", "a: [\n"),
    ] {
        let path = env.write(&format!("advisories/{name}.yaml"), text);
        let output = env.vmt(&["build"]).exits(1);
        assert!(output.stderr.contains(name), "{}", output.stderr);
        assert_eq!(env.tree("public"), before);
        std::fs::remove_file(path).expect("a file is removed");
    }
    env.write("advisories/OSSA-2026-001.yml", ADVISORY);
    let _ = env.vmt(&["build"]).exits(1);
    assert_eq!(env.tree("public"), before);
}

#[test]
fn a_foreign_folder_is_not_replaced() {
    let env = site();
    env.write("mine/thesis.txt", "years of work");
    let output = env.vmt(&["build", "--out", "mine"]).exits(2);
    assert!(
        output.stderr.contains("was not made by vmt"),
        "{}",
        output.stderr
    );
    assert_eq!(env.read("mine/thesis.txt"), "years of work");
}

#[test]
fn a_folder_that_cannot_be_written_is_the_worlds_fault() {
    let env = site();
    let output = env.vmt(&["build", "--out", "vmt.toml/site"]).exits(3);
    assert!(output.stderr.contains("cannot write"), "{}", output.stderr);
}

#[test]
fn a_private_document_is_in_no_public_build() {
    let env = site();
    let private = ADVISORY
        .replace("OSSA-2026-001", "OSSA-2026-002")
        .replace("Nova & <b>example</b> flaw", "Zebra stripes leak")
        + "embargo:\n  received: 2026-02-01\n";
    env.write("advisories/OSSA-2026-002.yaml", &private);
    env.write(
        "embargoed/OSSA-2026-003.yaml",
        private.replace("OSSA-2026-002", "OSSA-2026-003"),
    );
    let _ = env.vmt(&["build"]).exits(0);
    for name in env.tree("public") {
        let text = env.read(&format!("public/{name}"));
        assert!(
            !text.contains("Zebra")
                && !text.contains("OSSA-2026-002")
                && !text.contains("OSSA-2026-003"),
            "{name}"
        );
    }
    let _ = env.vmt(&["build", "--drafts"]).exits(0);
    let page = env.read(".vmt-drafts/ossa/OSSA-2026-003.html");
    assert!(page.contains("Private draft"), "{page}");
    assert!(env.tree("public").iter().all(|name| !name.contains("002")));
}

#[test]
fn own_templates_and_files_win() {
    let env = site();
    env.write("site/style.css", "body { color: red }");
    env.write("site/logo.txt", "logo");
    env.write(
        "templates/site/not-found.html",
        "{% extends \"builtin/site/not-found.html\" %}{% block content %}<h1>Ours</h1>{{ super() }}{% endblock content %}",
    );
    let _ = env
        .vmt(&["build", "--base-url", "https://example.org/x"])
        .exits(0);
    assert_eq!(env.read("public/style.css"), "body { color: red }");
    assert_eq!(env.read("public/logo.txt"), "logo");
    let page = env.read("public/404.html");
    assert!(page.contains("<h1>Ours</h1>") && page.contains("<h1>Not found</h1>"));
    assert!(page.contains("href=\"https://example.org/x/404.html\""));
}
