//! `vmt mail preview`.

use crate::env::TestEnv;

const ADVISORY: &str = r#"id: OSSA-2026-001
date: 2026-03-03
title: Console of an instance shows data of another
description: |
  Zoë Example from An Org reported that Nova mixes up consoles when the
  setting "reuse_console = True" is in `[vnc]` of ``nova.conf``. See
  `the guide <https://docs.example.org/a-rather-long-address/console/reuse>`_.
  Only versions >=31.0.0 <31.2.1 do so by default. Set::

    [vnc]
    reuse_console = False

  - The first remark.
  - The second, with a nested list:

    - inner
affected-products:
  - product: nova
    version: '>=30.0.0 <30.2.2, >=31.0.0 <31.2.1, >=32.0.0 <32.1.1, >=33.0.0 <33.0.5'
  - product: python-novaclient
    version: <2.38.2
vulnerabilities:
  - cve-id: CVE-2026-12345
  - cve-id: pending
reporters:
  - name: Zoë Example
    affiliation: An Org
issues:
  links:
    - https://bugs.launchpad.net/nova/+bug/1000001 (CVE-2026-12345)
reviews:
  2026.1/gazpacho:
    - https://review.openstack.org/#/c/1000001/
  2023.1/antelope(nova):
    - https://review.opendev.org/1000002 - errata
errata: A second CVE was asked for.
errata_history:
  - 2026-03-04 - Errata 1
  - 2026-03-03 - Original Version
"#;

#[test]
fn an_advisory_reads_well_in_72_columns() {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    insta::assert_snapshot!(
        env.vmt(&["mail", "preview", "ossa-2026-001"])
            .exits(0)
            .transcript()
    );
}

#[test]
fn subjects_stay_one_line_however_many_cves() {
    let env = TestEnv::workspace();
    let cves: String = (1..8)
        .map(|n| format!("  - cve-id: CVE-2026-1000{n}\n"))
        .collect();
    let text = ADVISORY
        .replace("title: Console", "title: |\n  Console\n  x")
        .replace("  - cve-id: CVE-2026-12345\n  - cve-id: pending\n", &cves);
    env.write("advisories/OSSA-2026-001.yaml", text);
    let mail = env.vmt(&["mail", "preview", "OSSA-2026-001"]);
    let mut lines = mail.stdout.lines();
    let subject = lines
        .find(|line| line.starts_with("Subject:"))
        .unwrap_or_default();
    assert!(
        subject.starts_with("Subject: [OSSA-2026-001] Nova, python-novaclient: Console x"),
        "{subject}"
    );
    assert!(
        subject.ends_with("(CVE-2026-10001 and 6 more)"),
        "{subject}"
    );
    assert!(lines.next().is_some_and(|line| line.starts_with("Date: ")));
}

#[test]
fn a_private_draft_is_not_found_by_accident() {
    let env = TestEnv::workspace();
    let private = format!("{ADVISORY}embargo:\n  received: 2026-02-01\n");
    env.write("embargoed/OSSA-2026-001.yaml", &private);
    insta::assert_snapshot!(env.vmt(&["mail", "preview", "OSSA-2026-001"]).exits(2).transcript(), @"
    $ vmt mail preview OSSA-2026-001
    --- stderr
    error: there is no document `OSSA-2026-001`
    help: private drafts are found with --drafts, or with a kind of mail for them
    --- exit 2
    ");
    let shown = env
        .vmt(&["mail", "preview", "OSSA-2026-001", "--drafts"])
        .exits(0);
    assert!(shown.stdout.contains("embargoed notice"));
    // A private document in a public folder is not found either.
    env.write("advisories/OSSA-2026-001.yaml", &private);
    let _ = env.vmt(&["mail", "preview", "OSSA-2026-001"]).exits(2);
}

#[test]
fn an_own_template_takes_the_place_of_the_shipped_one() {
    let env = TestEnv::workspace();
    env.write("advisories/OSSA-2026-001.yaml", ADVISORY);
    env.write("templates/mail/advisory.txt", "{{ id }} by {{ team }}\n");
    let mail = env.vmt(&["mail", "preview", "OSSA-2026-001"]).exits(0);
    assert!(
        mail.stdout
            .ends_with("\n\nOSSA-2026-001 by OpenStack Vulnerability Management Team\n")
    );
    env.write("templates/mail/advisory.txt", "{{ nonsense }}\n");
    let wrong = env.vmt(&["mail", "preview", "OSSA-2026-001"]).exits(2);
    assert!(
        wrong.stderr.contains("mail/advisory.txt") && wrong.stderr.contains("nonsense"),
        "{}",
        wrong.stderr
    );
}
