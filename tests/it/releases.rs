//! `vmt releases` and `vmt affected` on repositories that the tests make.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use git2::Oid;
use proptest::prelude::*;
use vmt::git::Repository;
use vmt::release::Reach;

use crate::env::TestEnv;
use crate::repo::{Product, git};

const CONFIG: &str = "\
[team]
organisation = \"Example\"

[[products]]
name = \"widget\"
title = \"Widget\"
repository = \"https://git.example.org/widget\"

[[series]]
name = \"alpha\"
number = \"2024.1\"
released = \"2024-01-20\"

[series.first-releases]
widget = \"1.0.0\"

[[series]]
name = \"beta\"
number = \"2024.2\"
released = \"2024-03-01\"

[series.first-releases]
widget = \"2.0.0\"
";

fn advisory(version: &str, more: &str) -> String {
    format!(
        "id: OSSA-2024-001\ndate: 2024-04-10\ntitle: Widget example flaw\ndescription: |\n  A Name reported a flaw in Widget.\n\
         affected-products:\n  - product: widget\n    version: '{version}'\nvulnerabilities:\n  - cve-id: CVE-2024-11111\n\
         reporters:\n  - name: A Name\n    affiliation: An Org\n    reported: [CVE-2024-11111]\n\
         issues:\n  links:\n    - https://launchpad.net/bugs/1234567\n{more}"
    )
}

const REVIEWS: &str = "reviews:\n  2024.2/beta:\n    - https://review.opendev.org/c/example/widget/+/501\n  2024.1/alpha:\n    - https://review.opendev.org/c/example/widget/+/502\n";

fn workspace(version: &str, more: &str) -> TestEnv {
    let mut env = TestEnv::empty();
    env.set("PATH", &std::env::var("PATH").unwrap_or_default());
    env.write("vmt.toml", CONFIG);
    env.write("advisories/OSSA-2024-001.yaml", advisory(version, more));
    env
}

const CHANGE: &str = "Change-Id: I0123456789abcdef0123456789abcdef01234567";

/// Master with two lines: alpha (1.x) and beta (2.x). Returns the commits of both branches' ends.
struct Lines {
    product: Product,
    alpha: Oid,
    beta: Oid,
    master: Oid,
}

fn lines(env: &TestEnv) -> Lines {
    let product = Product::new(&env.path().join(".vmt-clones"), "widget");
    let root = product.commit(&[], "Begin", 0, &[("widget/a.py", "1")]);
    let cut = product.commit(&[root], "More", 10, &[("widget/a.py", "2")]);
    product.annotated("1.0.0", cut, 20);
    let alpha = product.commit(&[cut], "Prepare alpha", 21, &[("widget/alpha.py", "1")]);
    let master = product.commit(&[cut], "Go on", 30, &[("widget/b.py", "1")]);
    product.annotated("2.0.0.0rc1", master, 50);
    let beta = product.commit(&[master], "Prepare beta", 55, &[("widget/beta.py", "1")]);
    product.annotated("2.0.0", beta, 60);
    let master = product.commit(&[master], "On", 61, &[("widget/c.py", "1")]);
    product.annotated("1.0.1", alpha, 70);
    Lines {
        product,
        alpha,
        beta,
        master,
    }
}

impl Lines {
    fn end(&self) {
        self.product.branch("master", self.master);
        self.product.branch("stable/2024.1", self.alpha);
        self.product.branch("stable/2024.2", self.beta);
    }
}

fn fixed_on_both(lines: &mut Lines) {
    let message = format!("Close the hole\n\nCloses-Bug: #1234567\n{CHANGE}\n");
    lines.master = lines
        .product
        .commit(&[lines.master], &message, 90, &[("widget/fix.py", "1")]);
    lines.beta = lines
        .product
        .commit(&[lines.beta], &message, 91, &[("widget/fix.py", "1")]);
    lines.product.annotated("2.0.1", lines.beta, 95);
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], &message, 92, &[("widget/fix.py", "1")]);
    lines.product.tag("1.0.2", lines.alpha);
}

#[test]
fn ranges_are_held_against_tags() {
    let env = workspace(">=1.0.0 <1.0.1, >=2.0.0 <=2.0.1", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    let output = env.vmt(&["releases", "resolve"]).exits(0);
    assert!(
        output.stderr.contains("1 of 1 pairs"),
        "{}",
        output.transcript()
    );
    insta::assert_snapshot!("releases_lock", env.read("releases.lock"));
    insta::assert_snapshot!(
        "releases_verify",
        env.vmt(&["releases", "verify"]).exits(1).transcript()
    );
    insta::assert_snapshot!(
        "releases_show",
        env.vmt(&["releases", "show", "ossa-2024-001"])
            .exits(0)
            .transcript()
    );
    insta::assert_snapshot!(
        "releases_show_product",
        env.vmt(&["releases", "show", "widget"])
            .exits(0)
            .transcript()
    );
    // A second run reads no history and leaves the file alone; `--check` agrees.
    let again = env.vmt(&["releases", "resolve"]).exits(0);
    assert!(
        again.stderr.contains("unchanged: 1 of 1") && again.stderr.contains("0 histories"),
        "{}",
        again.transcript()
    );
    let _ = env.vmt(&["releases", "resolve", "--check"]).exits(0);
    // A changed document is noticed without a clone.
    env.write(
        "advisories/OSSA-2024-001.yaml",
        advisory(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", ""),
    );
    let stale = env.vmt(&["check"]);
    assert!(
        stale.stdout.contains("releases-outdated"),
        "{}",
        stale.transcript()
    );
    let _ = env.vmt(&["releases", "resolve", "--check"]).exits(1);
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    let verify = env.vmt(&["releases", "verify"]).exits(0);
    assert!(
        verify.stderr.contains("1 agrees"),
        "{}",
        verify.transcript()
    );
}

#[test]
fn versions_are_answered_for() {
    let mut env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    insta::assert_snapshot!(
        "affected_named",
        env.vmt(&[
            "affected",
            "widget",
            "1.0.1",
            "widget==2.0.1",
            "widget",
            "2:1.0.0-0ubuntu1.2",
            "widget",
            "1.0.2.dev3",
            "widget",
            "2.0.0.0rc1",
            "widget",
            "nightly"
        ])
        .exits(0)
        .transcript()
    );
    env.write("constraints.txt", "widget===1.0.0\nother==3\n");
    let _ = env
        .vmt(&[
            "affected",
            "--requirements",
            "constraints.txt",
            "--exit-code",
        ])
        .exits(1);
    env.write("bom.json", r#"{"bomFormat": "CycloneDX", "components": [{"name": "widget", "purl": "pkg:pypi/widget@2.0.1"}]}"#);
    let _ = env
        .vmt(&["affected", "--sbom", "bom.json", "--exit-code"])
        .exits(0);
    let json = env
        .vmt(&["affected", "widget", "1.0.0", "--format", "json"])
        .exits(0);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(value["components"][0]["status"], "affected");
    assert_eq!(
        value["components"][0]["documents"][0]["fixed_same_line"]["version"],
        "1.0.2"
    );
    assert_eq!(
        value["components"][0]["go_to"]["newest"]["version"],
        "2.0.1"
    );
    let _ = env.vmt(&["affected", "wigdet", "1.0.0"]).exits(2);
    let _ = env.vmt(&["affected", "widget"]).exits(2);
    let _ = env.vmt(&["affected", "--sbom", "constraints.txt"]).exits(0);
    env.write("not.json", "{\"a\": 1}");
    let _ = env.vmt(&["affected", "--sbom", "not.json"]).exits(2);
    let _ = env.vmt(&["affected", "--sbom", "missing.json"]).exits(3);
    env.set("VMT_CLONES", "/nowhere");
    let kept = env.vmt(&["releases", "resolve"]).exits(0);
    assert!(
        kept.stderr.contains("what is known of them is kept") && kept.stderr.contains("unchanged"),
        "{}",
        kept.transcript()
    );
}

/// The state of each line, as `LINE STATE FIRST AFFECTED`.
fn states(env: &TestEnv) -> Vec<String> {
    let _ = env.vmt(&["releases", "resolve", "--all"]).exits(0);
    let output = env
        .vmt(&["releases", "show", "OSSA-2024-001", "--format", "json"])
        .exits(0);
    let value: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let product = &value["products"][0];
    if let Some(reason) = product["unresolved"].as_str() {
        return vec![reason.to_owned()];
    }
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
    product["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| {
            let affected: Vec<String> = line["affected"]
                .as_array()
                .expect("versions")
                .iter()
                .map(text)
                .collect();
            let partial = line["partial"]
                .as_array()
                .map(|of| format!(" {} of {}", of[0], of[1]))
                .unwrap_or_default();
            format!(
                "{} {} {} [{}]{partial}",
                text(&line["line"]),
                text(&line["state"]),
                text(&line["first_fixed"]),
                affected.join(" ")
            )
        })
        .collect()
}

#[test]
fn a_revert_undoes_and_a_second_landing_redoes() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    let fix = lines.alpha;
    let undo = format!(
        "Revert \"Close the hole\"\n\nThis reverts commit {fix}.\n\nChange-Id: I1111111111111111111111111111111111111111\n"
    );
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], &undo, 100, &[("widget/fix.py", "0")]);
    lines.product.annotated("1.0.3", lines.alpha, 101);
    let redo = format!(
        "Revert \"Revert\"\n\nThis reverts commit {}.\n",
        lines.alpha
    );
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], &redo, 102, &[("widget/fix.py", "2")]);
    lines.product.annotated("1.0.4", lines.alpha, 103);
    lines.end();
    assert_eq!(
        states(&env),
        [
            "2024.1/alpha fixed 1.0.4 [1.0.0 1.0.1 1.0.3]",
            "2024.2/beta fixed 2.0.1 [2.0.0]",
        ]
    );
}

#[test]
fn merges_that_keep_nothing_hold_nothing() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    // The fixed tag of alpha is merged back with `-s ours` below a later release of beta's sibling.
    let back = lines.product.null_merge(lines.beta, lines.alpha, 110);
    let only_alpha = lines.product.commit(&[lines.alpha], "Only alpha\n\nPartial-Bug: 1234567\nChange-Id: I2222222222222222222222222222222222222222\n", 93, &[("widget/two.py", "1")]);
    lines.alpha = only_alpha;
    lines.product.annotated("1.0.3", lines.alpha, 111);
    let merged = lines.product.null_merge(back, only_alpha, 112);
    lines.product.annotated("2.0.2", merged, 113);
    lines.beta = merged;
    lines.end();
    let states = states(&env);
    assert_eq!(states[0], "2024.1/alpha fixed 1.0.3 [1.0.0 1.0.1 1.0.2]");
    assert_eq!(states[1], "2024.2/beta fixed 2.0.1 [2.0.0]");
}

#[test]
fn release_notes_and_tests_alone_do_not_fix() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let note = "Describe it\n\nCloses-Bug: #1234567\nChange-Id: I3333333333333333333333333333333333333333\n";
    lines.alpha = lines.product.commit(
        &[lines.alpha],
        note,
        80,
        &[
            ("releasenotes/notes/x.yaml", "1"),
            ("widget/tests/test_x.py", "1"),
        ],
    );
    lines.product.annotated("1.0.1.1", lines.alpha, 81);
    fixed_on_both(&mut lines);
    lines.end();
    assert_eq!(
        states(&env)[0],
        "2024.1/alpha fixed 1.0.2 [1.0.0 1.0.1 1.0.1.1]"
    );
}

#[test]
fn review_notes_lead_to_commits_that_name_no_bug() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let message = "Tidy up\n";
    lines.beta = lines
        .product
        .commit(&[lines.beta], message, 91, &[("widget/fix.py", "1")]);
    lines.product.review(lines.beta, 501);
    lines.product.annotated("2.0.1", lines.beta, 95);
    lines.alpha = lines.product.commit(
        &[lines.alpha],
        "Tidy up too\n",
        92,
        &[("widget/fix.py", "1")],
    );
    lines.end();
    assert_eq!(
        states(&env),
        [
            "2024.1/alpha undecided - [1.0.0 1.0.1]",
            "2024.2/beta fixed 2.0.1 [2.0.0]",
        ]
    );
    lines.product.review(lines.alpha, 502);
    assert_eq!(states(&env)[0], "2024.1/alpha branch-only - [1.0.0 1.0.1]");
}

#[test]
fn what_names_nothing_is_not_guessed() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    lines.master = lines.product.commit(
        &[lines.master],
        "Close the hole\n",
        90,
        &[("widget/fix.py", "1")],
    );
    lines.end();
    assert_eq!(
        states(&env),
        ["no commit names bug 1234567; name the fix under `fixes`"]
    );
    let named = format!(
        "{REVIEWS}fixes:\n  - product: widget\n    commit: {}\n",
        lines.master
    );
    env.write(
        "advisories/OSSA-2024-001.yaml",
        advisory(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", &named),
    );
    let states = states(&env);
    assert_eq!(
        states[0], "2024.1/alpha undecided - [1.0.0 1.0.1]",
        "{states:?}"
    );
}

#[test]
fn a_related_bug_is_the_fix_only_where_nothing_else_is() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let related =
        "Log it\n\nRelated-Bug: #1234567\nChange-Id: I4444444444444444444444444444444444444444\n";
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], related, 75, &[("widget/log.py", "1")]);
    lines.product.annotated("1.0.1.1", lines.alpha, 76);
    lines.end();
    assert_eq!(states(&env)[0], "2024.1/alpha fixed 1.0.1.1 [1.0.0 1.0.1]");
    fixed_on_both(&mut lines);
    lines.end();
    assert_eq!(
        states(&env)[0],
        "2024.1/alpha fixed 1.0.2 [1.0.0 1.0.1 1.0.1.1]"
    );
}

#[test]
fn an_introducing_commit_bounds_from_below() {
    let env = workspace(">=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let flaw = lines.product.commit(
        &[lines.beta],
        "Add a feature\n",
        85,
        &[("widget/feature.py", "1")],
    );
    lines.beta = flaw;
    lines.product.annotated("2.0.0.1", lines.beta, 86);
    fixed_on_both(&mut lines);
    lines.end();
    let named = format!(
        "{REVIEWS}fixes:\n  - product: widget\n    change-id: I0123456789abcdef0123456789abcdef01234567\n    introduced: {flaw}\n"
    );
    env.write(
        "advisories/OSSA-2024-001.yaml",
        advisory(">=2.0.0 <2.0.1", &named),
    );
    assert_eq!(states(&env)[1], "2024.2/beta fixed 2.0.1 [2.0.0.1]");
}

#[test]
fn end_of_life_tags_carry_lines_and_are_no_releases() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let message = format!("Close the hole\n\nFixes bug 1234567\n{CHANGE}\n");
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], &message, 92, &[("widget/fix.py", "1")]);
    for name in [
        "alpha-eol",
        "2024.1-eom",
        "alpha-1",
        "1.0.g3",
        "bugfix-1.0-eol",
    ] {
        lines.product.tag(name, lines.alpha);
    }
    lines.product.branch("master", lines.master);
    lines.product.branch("stable/2024.2", lines.beta);
    let states = states(&env);
    assert_eq!(states[0], "2024.1/alpha branch-only - [1.0.0 1.0.1]");
    assert!(!env.read("releases.lock").contains("eol"));
}

#[test]
fn part_of_a_fix_is_not_the_fix() {
    // Two changes; alpha got one of them, and no review for it is listed.
    let only_beta =
        "reviews:\n  2024.2/beta:\n    - https://review.opendev.org/c/example/widget/+/501\n";
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", only_beta);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    let second = "Close the rest\n\nCloses-Bug: #1234567\nChange-Id: I5555555555555555555555555555555555555555\n";
    lines.beta = lines
        .product
        .commit(&[lines.beta], second, 96, &[("widget/rest.py", "1")]);
    lines.product.annotated("2.0.2", lines.beta, 97);
    lines.end();
    assert_eq!(
        states(&env),
        [
            "2024.1/alpha fixed 1.0.2 [1.0.0 1.0.1] 1 of 2",
            "2024.2/beta fixed 2.0.2 [2.0.0 2.0.1]",
        ]
    );
    let verify = env.vmt(&["releases", "verify"]);
    assert!(
        verify.stdout.contains("the line holds 1 of 2 changes"),
        "{}",
        verify.transcript()
    );
}

#[test]
fn a_squashed_backport_provides_all_of_its_changes() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.2", REVIEWS);
    let mut lines = lines(&env);
    let (one, two) = (
        "I6666666666666666666666666666666666666666",
        "I7777777777777777777777777777777777777777",
    );
    for (id, day) in [(one, 90), (two, 91)] {
        let message = format!("Close a hole\n\nCloses-Bug: #1234567\nChange-Id: {id}\n");
        lines.beta = lines
            .product
            .commit(&[lines.beta], &message, day, &[("widget/fix.py", id)]);
    }
    lines.product.annotated("2.0.1", lines.beta, 95);
    let squashed =
        format!("Close both\n\nCloses-Bug: #1234567\nChange-Id: {one}\nChange-Id: {two}\n");
    lines.alpha = lines
        .product
        .commit(&[lines.alpha], &squashed, 96, &[("widget/fix.py", "3")]);
    lines.product.annotated("1.0.2", lines.alpha, 97);
    lines.end();
    assert_eq!(
        states(&env),
        [
            "2024.1/alpha fixed 1.0.2 [1.0.0 1.0.1]",
            "2024.2/beta fixed 2.0.1 [2.0.0]"
        ]
    );
}

#[test]
fn what_a_reader_is_told_is_never_safer_than_the_history() {
    // A line that began after the first upload of the fix, and before it was merged.
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let message = format!("Close the hole\n\nCloses-Bug: #1234567\n{CHANGE}\n");
    lines.master = lines
        .product
        .commit(&[lines.master], &message, 15, &[("widget/fix.py", "1")]);
    lines.end();
    let states = states(&env);
    assert!(
        states.iter().all(|line| line.contains("undecided")),
        "{states:?}"
    );
    let answer = env.vmt(&["affected", "widget", "2.0.0"]).exits(0);
    assert!(
        answer.stdout.contains("OSSA-2024-001  affected"),
        "{}",
        answer.transcript()
    );
    // A version that no tag has, behind an affected one; a development version of the next release.
    for version in ["1.0.1.1", "2.1.0.dev5"] {
        let answer = env.vmt(&["affected", "widget", version]).exits(0);
        assert!(
            !answer.stdout.contains("not affected by any"),
            "{}",
            answer.transcript()
        );
    }
}

#[test]
fn a_reverted_merge_takes_what_it_brought() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    let message = format!("Close the hole\n\nCloses-Bug: #1234567\n{CHANGE}\n");
    let fix = lines
        .product
        .commit(&[lines.alpha], &message, 90, &[("widget/fix.py", "1")]);
    let merge = lines.product.commit(
        &[lines.alpha, fix],
        "Merge the fix\n",
        91,
        &[("widget/fix.py", "1")],
    );
    lines.product.annotated("1.0.2", merge, 92);
    let undo = format!(
        "Revert the merge\n\nThis reverts commit {merge}, reversing\nchanges made to {}.\n",
        lines.alpha
    );
    lines.alpha = lines
        .product
        .commit(&[merge], &undo, 93, &[("widget/fix.py", "0")]);
    lines.product.annotated("1.0.3", lines.alpha, 94);
    lines.end();
    assert_eq!(states(&env)[0], "2024.1/alpha fixed - [1.0.0 1.0.1 1.0.3]");
}

#[test]
fn one_product_is_resolved_without_losing_the_others() {
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    env.write(
        "vmt.toml",
        format!("{CONFIG}\n[[products]]\nname = \"gadget\"\n"),
    );
    env.write(
        "advisories/OSSA-2024-002.yaml",
        advisory("<1.0.2", "")
            .replace("2024-001", "2024-002")
            .replace("product: widget", "product: gadget"),
    );
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    let both = env.read("releases.lock");
    assert!(both.contains("there was no clone of gadget"), "{both}");
    // The clone comes, and what stood for it goes.
    let gadget = Product::new(&env.path().join(".vmt-clones"), "gadget");
    let root = gadget.commit(&[], "Begin", 0, &[("a", "1")]);
    let fix = gadget.commit(&[root], "Fix\n\nCloses-Bug: 1234567\n", 40, &[("a", "2")]);
    gadget.tag("1.0.1", root);
    gadget.tag("1.0.2", fix);
    let _ = env.vmt(&["releases", "resolve", "gadget"]).exits(0);
    let lock = env.read("releases.lock");
    assert!(
        !lock.contains("no clone")
            && lock.contains("\"first\":\"1.0.2\"")
            && lock.contains("2.0.1"),
        "{lock}"
    );
    // A lock that cannot be read is not written over in part, and nothing is answered from it.
    env.write("releases.lock", format!("<<<<<<< ours\n{lock}"));
    let _ = env.vmt(&["releases", "resolve", "gadget"]).exits(1);
    let _ = env.vmt(&["affected", "widget", "1.0.0"]).exits(1);
    let _ = env.vmt(&["build"]).exits(1);
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    assert_eq!(env.read("releases.lock"), lock);
    // Runs of the affected releases run forwards.
    env.write(
        "releases.lock",
        lock.replace("1.0.0 - 1.0.1", "1.0.1 - 1.0.0"),
    );
    let check = env.vmt(&["check"]).exits(1);
    assert!(
        check.stdout.contains("`1.0.1 - 1.0.0` is not what"),
        "{}",
        check.transcript()
    );
}

#[test]
fn a_fix_that_is_not_in_the_history_is_named() {
    let named = format!(
        "{REVIEWS}fixes:\n  - product: widget\n    commit: 0123456789abcdef0123456789abcdef01234567\n"
    );
    let env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", &named);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    assert_eq!(
        states(&env),
        [
            "`0123456789abcdef0123456789abcdef01234567`, which the document names, is not in the history"
        ]
    );
}

/// Resolves and expects the world to have failed, with nothing written.
#[track_caller]
fn refused(env: &TestEnv, arguments: &[&str], words: &[&str]) {
    let output = env.vmt(arguments).exits(3);
    for word in words {
        assert!(
            output.stderr.contains(word),
            "no `{word}` in\n{}",
            output.transcript()
        );
    }
    assert!(!env.path().join("releases.lock").exists());
}

#[test]
fn histories_that_cannot_be_read_whole_are_refused() {
    let env = workspace(">=1.0.0 <1.0.2", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    let clone = lines.product.path().to_path_buf();
    let source = format!("file://{}", clone.display());
    git(
        env.path(),
        &[
            "clone",
            "--quiet",
            "--bare",
            "--depth",
            "1",
            "--no-single-branch",
            &source,
            "shallow.git",
        ],
    );
    refused(
        &env,
        &["releases", "resolve", "--repo", "widget=shallow.git"],
        &["shallow", "--unshallow"],
    );
    git(
        env.path(),
        &[
            "init",
            "--quiet",
            "--bare",
            "--object-format=sha256",
            "sha256.git",
        ],
    );
    refused(
        &env,
        &["releases", "resolve", "--repo", "widget=sha256.git"],
        &["cannot be read", "SHA-1"],
    );
    refused(
        &env,
        &["releases", "resolve", "--repo", "widget=nowhere.git"],
        &["no git repository", "vmt releases sync"],
    );
    // A missing object in the middle.
    git(
        env.path(),
        &["clone", "--quiet", "--mirror", &source, "missing.git"],
    );
    git(
        &env.path().join("missing.git"),
        &["repack", "-q", "-a", "-d"],
    );
    git(&env.path().join("missing.git"), &["config", "gc.auto", "0"]);
    let pack = || {
        let folder = env.path().join("missing.git/objects/pack");
        let found = std::fs::read_dir(folder)
            .expect("packs")
            .filter_map(Result::ok)
            .map(|entry| entry.path());
        found
            .into_iter()
            .find(|path| path.extension().is_some_and(|ending| ending == "pack"))
            .expect("a pack")
    };
    let path = pack();
    let aside = env.path().join("aside.pack");
    std::fs::rename(&path, &aside).expect("moved");
    std::fs::remove_file(path.with_extension("idx")).expect("removed");
    let objects = std::fs::read(&aside).expect("read");
    let mut unpack = std::process::Command::new("git")
        .arg("-C")
        .arg(env.path().join("missing.git"))
        .args(["unpack-objects", "-q"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("git runs");
    unpack
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&objects)
        .expect("written");
    assert!(unpack.wait().expect("an end").success());
    let root = git(
        &env.path().join("missing.git"),
        &["rev-list", "--max-parents=0", "--all"],
    );
    let root = root.trim();
    std::fs::remove_file(env.path().join(format!(
        "missing.git/objects/{}/{}",
        &root[..2],
        &root[2..]
    )))
    .expect("removed");
    refused(
        &env,
        &["releases", "resolve", "--repo", "widget=missing.git"],
        &["damaged", &root[..12], "git fsck"],
    );
    // A pack with a flipped byte.
    git(
        env.path(),
        &["clone", "--quiet", "--mirror", &source, "corrupt.git"],
    );
    git(
        &env.path().join("corrupt.git"),
        &["repack", "-q", "-a", "-d"],
    );
    let folder = env.path().join("corrupt.git/objects/pack");
    for entry in std::fs::read_dir(folder)
        .expect("packs")
        .filter_map(Result::ok)
    {
        if entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "pack")
        {
            let mut bytes = std::fs::read(entry.path()).expect("read");
            for at in (20..bytes.len() - 20).step_by(7) {
                bytes[at] ^= 0x55;
            }
            std::fs::remove_file(entry.path()).expect("removed");
            std::fs::write(entry.path(), bytes).expect("written");
        }
    }
    refused(
        &env,
        &["releases", "resolve", "--repo", "widget=corrupt.git"],
        &["damaged"],
    );
    // The clone that is sound still is.
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
}

#[test]
fn clones_are_made_without_trees_and_with_review_notes() {
    let mut env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    fixed_on_both(&mut lines);
    lines.end();
    lines.product.review(lines.alpha, 502);
    let remote = lines.product.path().to_path_buf();
    git(&remote, &["config", "uploadpack.allowFilter", "true"]);
    git(
        &remote,
        &["update-ref", "refs/pull/1/head", &lines.alpha.to_string()],
    );
    let config = CONFIG.replace(
        "https://git.example.org/widget",
        &format!("file://{}", remote.display()),
    );
    env.write("vmt.toml", &config);
    env.set("VMT_CLONES", "clones");
    let _ = env.vmt(&["releases", "sync"]).exits(0);
    let clone = env.path().join("clones/widget.git");
    let refs = git(&clone, &["for-each-ref", "--format=%(refname)"]);
    assert!(
        refs.contains("refs/notes/review")
            && refs.contains("refs/heads/stable/2024.1")
            && !refs.contains("pull"),
        "{refs}"
    );
    let tree = git(&remote, &["rev-parse", "master^{tree}"]);
    let objects = git(
        &clone,
        &[
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objectname) %(objecttype)",
        ],
    );
    assert!(!objects.contains(tree.trim()), "the clone has trees");
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    let lock = env.read("releases.lock");
    assert!(
        lock.contains("\"listed review\"") && lock.contains("\"first\":\"1.0.2\""),
        "{lock}"
    );
    // A second run brings what is new, and drops what is gone.
    lines.product.annotated("1.0.3", lines.alpha, 120);
    git(&remote, &["branch", "-D", "stable/2024.2"]);
    let _ = env.vmt(&["releases", "sync", "widget"]).exits(0);
    let refs = git(&clone, &["for-each-ref", "--format=%(refname)"]);
    assert!(
        refs.contains("refs/tags/1.0.3") && !refs.contains("stable/2024.2"),
        "{refs}"
    );
}

/// A git server that sends some bytes of each answer and then hangs up.
fn dying_server(repository: std::path::PathBuf, bytes: usize) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let mut request = [0; 512];
            // The request of the git protocol is one packet; upload-pack needs none of it.
            if stream.read(&mut request).is_err() {
                continue;
            }
            let child = std::process::Command::new("git")
                .args(["upload-pack", "--strict"])
                .arg(&repository)
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::null())
                .spawn();
            let Ok(mut child) = child else { break };
            let (mut input, output) = (
                child.stdin.take().expect("a pipe"),
                child.stdout.take().expect("a pipe"),
            );
            let mut reader = stream.try_clone().expect("a stream");
            std::thread::spawn(move || std::io::copy(&mut reader, &mut input));
            let _ = std::io::copy(&mut output.take(bytes as u64), &mut stream);
            let _ = stream.shutdown(std::net::Shutdown::Both);
            let _ = child.kill();
            let _ = child.wait();
        }
    });
    format!("git://{address}/widget")
}

#[test]
fn a_remote_that_dies_half_way_leaves_the_clone_as_it_was() {
    let mut env = workspace(">=1.0.0 <1.0.2, >=2.0.0 <2.0.1", REVIEWS);
    let mut lines = lines(&env);
    lines.end();
    let remote = lines.product.path().to_path_buf();
    env.set("VMT_CLONES", "clones");
    env.write(
        "vmt.toml",
        CONFIG.replace(
            "https://git.example.org/widget",
            &format!("file://{}", remote.display()),
        ),
    );
    let _ = env.vmt(&["releases", "sync"]).exits(0);
    let clone = env.path().join("clones/widget.git");
    let before = git(&clone, &["for-each-ref"]);
    fixed_on_both(&mut lines);
    lines.end();
    // Enough for the refs, not for the objects.
    let answer = git(&remote, &["for-each-ref"]).len();
    for bytes in [40, answer / 2, answer + 200] {
        env.write(
            "vmt.toml",
            CONFIG.replace(
                "https://git.example.org/widget",
                &dying_server(remote.clone(), bytes),
            ),
        );
        let output = env.vmt(&["releases", "sync"]).exits(3);
        assert!(
            output.stderr.contains("cannot fetch git://") && output.stderr.contains("again"),
            "{}",
            output.transcript()
        );
        assert_eq!(git(&clone, &["for-each-ref"]), before);
        let _ = env.vmt(&["releases", "resolve"]).exits(0);
    }
    env.write(
        "vmt.toml",
        CONFIG.replace(
            "https://git.example.org/widget",
            &format!("file://{}", remote.display()),
        ),
    );
    let _ = env.vmt(&["releases", "sync"]).exits(0);
    assert_ne!(git(&clone, &["for-each-ref"]), before);
}

#[test]
fn a_broken_lock_is_a_finding_with_a_place() {
    let env = workspace(">=1.0.0 <1.0.2", REVIEWS);
    for text in [
        "",
        "{",
        "{\"lock\": 99, \"products\": {}, \"documents\": {}}",
        "<<<<<<< ours\n{}",
        "{\"lock\": 1, \"products\": {\"widget\": {\"refs\": \"\", \"releases\": [\"x\"]}}, \"documents\": {}}",
    ] {
        env.write("releases.lock", text);
        let output = env.vmt(&["check"]).exits(1);
        assert!(
            output.stdout.contains("lock-unreadable") && output.stdout.contains("releases.lock:1:"),
            "{}",
            output.transcript()
        );
    }
    let lines = lines(&env);
    lines.end();
    let _ = env.vmt(&["releases", "resolve"]).exits(0);
    let output = env.vmt(&["check"]);
    assert!(
        !output.stdout.contains("lock-unreadable"),
        "{}",
        output.transcript()
    );
}

#[test]
fn series_are_refreshed_and_hashes_are_a_second_witness() {
    let env = workspace(">=1.0.0 <1.0.2", REVIEWS);
    let lines = lines(&env);
    lines.end();
    env.write("releases/data/series_status.yaml", "---\n- name: gamma\n  release-id: 2025.1\n  status: development\n  initial-release: 2025-04-02\n- name: beta\n  release-id: 2024.2\n  status: maintained\n  initial-release: 2024-03-01\n  next-phase:\n    status: unmaintained\n    date: 2025-09-01\n");
    let right = git(lines.product.path(), &["rev-parse", "2.0.0^{commit}"]);
    let deliverable = |hash: &str| {
        format!(
            "releases:\n  - version: 2.0.0\n    projects:\n      - repo: example/widget\n        hash: {hash}\n"
        )
    };
    env.write(
        "releases/deliverables/beta/widget.yaml",
        deliverable(right.trim()),
    );
    let output = env
        .vmt(&["releases", "sync", "--series-from", "releases"])
        .exits(0);
    assert!(
        output
            .stderr
            .contains("refreshed; 1 tags compared, 0 differ"),
        "{}",
        output.transcript()
    );
    let config = env.read("vmt.toml");
    assert!(
        config.contains("name = \"gamma\"") && config.contains("maintained-until = \"2025-09-01\""),
        "{config}"
    );
    env.write(
        "releases/deliverables/beta/widget.yaml",
        deliverable("0123456789012345678901234567890123456789"),
    );
    let output = env
        .vmt(&["releases", "sync", "--series-from", "releases"])
        .exits(1);
    assert!(
        output.stdout.contains("widget 2.0.0 (beta): the tag is"),
        "{}",
        output.transcript()
    );
    let _ = env
        .vmt(&["releases", "sync", "--series-from", "nowhere"])
        .exits(3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The bitset pass and the whole resolution, against the git program, on random histories with
    /// cherry-picks and reverts.
    #[test]
    fn random_histories_are_answered_as_git_does(
        shape in proptest::collection::vec((0usize..40, proptest::option::of(0usize..40), 0u8..8), 20..60)
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let product = Product::new(folder.path(), "widget");
        let mut commits: Vec<Oid> = Vec::new();
        let (mut fixes, mut reverts): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
        for (at, (first, second, kind)) in shape.iter().enumerate() {
            let mut parents: Vec<Oid> = Vec::new();
            if at > 0 {
                parents.push(commits[commits.len() - 1 - first % commits.len().min(6)]);
                if let Some(second) = second {
                    let other = commits[second % commits.len()];
                    if !parents.contains(&other) {
                        parents.push(other);
                    }
                }
            }
            let merge = parents.len() > 1;
            let message = match kind {
                0 | 1 if !merge => {
                    fixes.push(at);
                    format!("Fix\n\nCloses-Bug: #1234567\n{CHANGE}\n")
                }
                2 if !merge && fixes.len() + reverts.len() > 0 => {
                    let all: Vec<usize> = fixes.iter().copied().chain(reverts.iter().map(|(revert, _)| *revert)).collect();
                    let of = all[first % all.len()];
                    reverts.push((at, of));
                    format!("Revert\n\nThis reverts commit {}.\n", commits[of])
                }
                _ => format!("Change {at}\n"),
            };
            // Every commit has a tree of its own, so that no merge looks like a null merge.
            let path = format!("f/{at}");
            let commit = product.commit(&parents, &message, i64::try_from(at).expect("small"), &[(&path, "x")]);
            product.tag(&format!("1.{at}.0"), commit);
            commits.push(commit);
        }
        let holding = |commit: Oid| -> BTreeSet<String> {
            git(product.path(), &["tag", "--contains", &commit.to_string()]).lines().map(str::to_owned).collect()
        };
        let held: Vec<BTreeSet<String>> = commits.iter().map(|commit| holding(*commit)).collect();
        let repository = Repository::open(product.path()).expect("a repository");
        let refs = repository.refs().expect("refs");
        let history = repository.read(&refs, "OSSA").expect("a history");
        let places: Vec<u32> = commits.iter().map(|commit| history.commit(&commit.to_string()).expect("a commit")).collect();
        let reach = Reach::new(&history, &places);
        for (bit, held) in held.iter().enumerate() {
            let ours: BTreeSet<String> = places.iter().enumerate().filter(|(_, tip)| reach.holds(**tip, bit)).map(|(at, _)| format!("1.{at}.0")).collect();
            prop_assert_eq!(&ours, held);
        }
        // A tag is fixed when it holds a fix that nothing in it undid afterwards. All fixes are one
        // change, so a revert of any of them undoes each that it descends from.
        fn live(at: usize, tag: &str, held: &[BTreeSet<String>], fixes: &[usize], reverts: &[(usize, usize)]) -> bool {
            held[at].contains(tag) && !reverts.iter().any(|(revert, of)| {
                let undoes = of == &at || (fixes.contains(of) && fixes.contains(&at));
                undoes && *revert != at && held[at].contains(&format!("1.{revert}.0")) && live(*revert, tag, held, fixes, reverts)
            })
        }
        if fixes.is_empty() {
            return Ok(());
        }
        let env = workspace("<2", "");
        let output = env.vmt(&["releases", "resolve", "--repo", &format!("widget={}", product.path().display())]);
        prop_assert_eq!(output.code, 0, "{}", output.transcript());
        let lock = vmt::release::lock::Lock::parse(vmt::diagnostic::FileId(0), &env.read("releases.lock")).expect("a lock");
        let entry = lock.entry("OSSA-2024-001", "widget").expect("an entry");
        let expected: BTreeSet<String> = (0..commits.len())
            .map(|at| format!("1.{at}.0"))
            .filter(|tag| !fixes.iter().any(|fix| live(*fix, tag, &held, &fixes, &reverts)))
            .collect();
        let resolved = &entry.resolution;
        let is_decided = |line: &vmt::release::Outcome| {
            use vmt::release::State;
            matches!(line.state, State::Fixed | State::FromStart | State::BranchOnly)
        };
        if resolved.unresolved.is_none() && resolved.lines.iter().any(is_decided) {
            let ours: BTreeSet<String> = resolved.lines.iter().flat_map(|line| line.affected.iter().cloned()).collect();
            prop_assert_eq!(ours, expected);
        } else {
            prop_assert_eq!(expected.len(), commits.len());
        }
    }
}
