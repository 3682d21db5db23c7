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
    built 62 files from 1 documents in [ROOT]/public
    --- exit 0
    ");
    insta::assert_snapshot!(env.tree("public").join("\n"));
    insta::assert_snapshot!(env.read("public/ossa/OSSA-2026-001.html"));
}

#[test]
fn what_a_document_says_cannot_run() {
    let env = site();
    let _ = env.vmt(&["build"]).exits(0);
    let page = env.read("public/ossa/OSSA-2026-001.html");
    // The page's own scripts are a file of ours and a block of data.
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    for bad in [
        "<script>",
        "alert(1)</script",
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
        // Nothing that is public already: the leak guard would refuse the build.
        .replace("1000001", "1000002")
        .replace("alert(3)", "alert(30)")
        .replace("alert(4)", "alert(40)")
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

const HISTORY: &str = "\
errata: The range was wrong.
errata_history:
  - 2026-03-09 - Errata 1
  - 2026-03-03 - Original Version
";

#[test]
fn an_erratum_is_an_entry_of_its_own_in_every_feed() {
    let env = site();
    env.write(
        "advisories/OSSA-2026-001.yaml",
        format!("{ADVISORY}{HISTORY}"),
    );
    let _ = env
        .vmt(&["build", "--base-url", "https://example.org/"])
        .exits(0);
    let atom = env.read("public/feed.atom");
    let ids: Vec<&str> = atom
        .split("<id>")
        .skip(1)
        .filter_map(|rest| rest.split("</id>").next())
        .collect();
    assert_eq!(
        ids,
        [
            "https://example.org/feed.atom",
            "tag:example.org,2026-03-03:OSSA-2026-001/2026-03-09",
            "tag:example.org,2026-03-03:OSSA-2026-001",
        ]
    );
    assert!(atom.contains("<updated>2026-03-09T15:00:00Z</updated>\n<author>"));
    for feed in ["feed", "ossa", "product/nova", "series/gazpacho"] {
        let text = env.read(&format!("public/{feed}.json"));
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["items"].as_array().map(Vec::len), Some(2), "{feed}");
        assert_eq!(value["items"][0]["date_modified"], "2026-03-09T15:00:00Z");
        assert!(
            env.read(&format!("public/{feed}.atom"))
                .contains("OSSA-2026-001")
        );
    }
    let notes = env.read("public/ossn.json");
    assert!(notes.contains("\"items\":[\n\n]"), "{notes}");
}

#[test]
fn a_site_has_manners() {
    let env = site();
    let toml = env.read("vmt.toml");
    env.write(
        "vmt.toml",
        format!("{toml}\n[[redirects]]\nfrom = \"old/flaws.html\"\nto = \"ossalist.html\"\n"),
    );
    let _ = env
        .vmt(&["build", "--base-url", "https://example.org/security/"])
        .exits(0);
    insta::assert_snapshot!(env.read("public/.well-known/security.txt"));
    insta::assert_snapshot!(env.read("public/_redirects"));
    let robots = env.read("public/robots.txt");
    assert!(
        robots.contains("Sitemap: https://example.org/security/sitemap.xml"),
        "{robots}"
    );
    let moved = env.read("public/old/flaws.html");
    assert!(
        moved.contains("0; url=https://example.org/security/ossalist.html"),
        "{moved}"
    );
    assert!(moved.contains("href=\"../style.css\""), "{moved}");
    let lost = env.read("public/404.html");
    assert!(lost.contains("href=\"/security/style.css\""), "{lost}");
    let sitemap = env.read("public/sitemap.xml");
    assert!(sitemap.contains(
        "<loc>https://example.org/security/ossa/OSSA-2026-001.html</loc><lastmod>2026-03-03</lastmod>"
    ));
    assert!(!sitemap.contains("404.html") && !sitemap.contains("old/flaws"));
}

#[test]
fn unsound_settings_of_the_site_are_named_with_their_place() {
    let env = site();
    let toml = env.read("vmt.toml");
    let toml = toml.replace("expires = \"2027-10-31\"", "expires = \"2026-12-01\"");
    env.write(
        "vmt.toml",
        format!("{toml}\n[[redirects]]\nfrom = \"../x.html\"\nto = \"javascript:alert(1)\"\n"),
    );
    let output = env.vmt(&["check"]).exits(2);
    assert!(
        output
            .stdout
            .contains("`../x.html` is not the path of a page"),
        "{}",
        output.stdout
    );
    assert!(
        output
            .stdout
            .contains("`javascript:alert(1)` is not a path"),
        "{}",
        output.stdout
    );
    env.write("vmt.toml", toml);
    let output = env.vmt(&["check"]).exits(1);
    assert!(
        output
            .stdout
            .contains("security.txt expires on 2026-12-01, in 10 days"),
        "{}",
        output.stdout
    );
    // The hour of a disclosure must not hang on it.
    let _ = env.vmt(&["build"]).exits(0);
    let _ = env.vmt(&["build", "--strict"]).exits(1);
}

#[test]
fn patches_stand_by_product_and_series_with_what_they_need() {
    let env = TestEnv::workspace();
    env.write(
        "advisories/OSSA-2026-001.yaml",
        "\
id: OSSA-2026-001
date: 2026-03-03
title: Nova and Cinder flaw
description: x
affected-products:
  - {product: nova, version: '<30.2.2'}
  - {product: cinder, version: '<28.0.0'}
how-to-check: |
  Look into `nova.conf`.
reviews:
  2025.1/epoxy:
    - {url: 'https://review.opendev.org/c/openstack/nova/+/11', requires: ['https://review.opendev.org/10']}
  2026.1/gazpacho:
    - https://review.opendev.org/c/openstack/cinder/+/12
    - {url: 'https://review.opendev.org/c/openstack/nova/+/13', with: ['https://review.opendev.org/c/openstack/cinder/+/12']}
",
    );
    let _ = env.vmt(&["build"]).exits(0);
    let page = env.read("public/ossa/OSSA-2026-001.html");
    let part = page.split("id=\"patches\"").nth(1).expect("patches");
    let part = part.split("</section>").next().expect("an end");
    let words: Vec<&str> = part
        .split('>')
        .filter_map(|piece| piece.split('<').next())
        .filter(|text| !text.trim().is_empty())
        .collect();
    assert_eq!(
        words.join("|"),
        "Patches|Nova|2026.1/gazpacho|13| together with |12|2025.1/epoxy|11| after |10|Cinder|2026.1/gazpacho|12"
    );
    assert!(page.contains("id=\"check\"") && page.contains("<code>nova.conf</code>"));
}

#[test]
fn a_long_list_has_a_page_a_year() {
    let env = site();
    for number in 0..1100 {
        let year = 2010 + number / 100;
        let text = ADVISORY
            .replace(
                "OSSA-2026-001",
                &format!("OSSA-{year}-{:03}", number % 100 + 1),
            )
            .replace("2026-03-03", &format!("{year}-03-03"))
            .replace("1000001", &format!("{}", 1_000_100 + number));
        env.write(
            &format!("advisories/OSSA-{year}-{:03}.yaml", number % 100 + 1),
            text,
        );
    }
    let _ = env.vmt(&["build"]).exits(0);
    let count = |path: &str| env.read(path).matches("<li data-kind").count();
    // With 2011 it would be a thousand and one.
    assert_eq!(count("public/ossalist.html"), 901);
    for (path, rows) in [("2011", 100), ("2010", 100)] {
        assert_eq!(
            count(&format!("public/ossalist/{path}.html")),
            rows,
            "{path}"
        );
    }
    assert!(
        env.read("public/ossalist.html")
            .contains("ossalist/2010.html")
    );
    assert!(
        env.read("public/ossalist/2010.html")
            .contains("../ossalist.html")
    );
    assert!(
        env.read("public/ossalist/2010.html")
            .contains("../ossa/OSSA-2010-007.html")
    );
    assert!(
        env.read("public/sitemap.xml")
            .contains("/documents/2010.html")
    );
    let product = env.read("public/product/nova.html");
    assert_eq!(product.matches("<li data-kind").count(), 1000);
    assert!(product.contains("101 older ones"));
    let _ = env.vmt(&["build", "--check"]).exits(0);
}
