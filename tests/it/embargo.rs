//! `vmt embargo dates` and what belongs to the life of a private document.

use crate::env::TestEnv;

#[test]
fn dates_are_proposed_and_the_others_explained() {
    let env = TestEnv::workspace();
    let arguments = [
        "embargo",
        "dates",
        "--received",
        "2026-10-01",
        "--notice",
        "2026-11-24",
    ];
    insta::assert_snapshot!(env.vmt(&arguments).exits(0).transcript());
    let asked = [
        "embargo",
        "dates",
        "--notice",
        "2026-11-24",
        "--at",
        "2026-12-01",
        "2026-12-04T10:00:00+02:00",
    ];
    insta::assert_snapshot!(env.vmt(&asked).exits(1).transcript());
    let _ = env.vmt(&["embargo", "dates", "--at", "tomorrow"]).exits(2);
    let json = env
        .vmt(&["embargo", "dates", "--format", "json"])
        .exits(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(
        json["dates"]
            .as_array()
            .is_some_and(|dates| !dates.is_empty())
    );
}
