//! Replay files: a failing case is judged again from its file, and comes to the same, without connector and server.

use crate::changed::Changed;
use crate::suite::{program, text};
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::of_connectors;
use myinfo_conformance::connector::driver::Outcome;
use myinfo_conformance::connector::run::{Options, again, run};
use myinfo_conformance::replay::Replay;
use serde_json::{Value, json};

/// Says of every refusal that the person was accepted.
fn boasting(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Rejected { .. } => Outcome::Accepted { person: json!({}), claims: None },
        outcome @ (Outcome::Accepted { .. } | Outcome::Crash { .. }) => outcome,
    }
}

/// In how many parts the cases are judged twice.
const PARTS: usize = 8;

/// Judges every so many of the cases twice: with the connector, and from the file of each that fails.
async fn comes_to_the_same(part: usize) {
    let folder = tempfile::tempdir().unwrap();
    let cases = of_connectors().skip(part).step_by(PARTS).collect();
    let options = Options { cases, strict: false, seed: 5, jobs: 4 };
    let outcome = run(&options, &Changed(boasting), &Baseline::default(), |_| ()).await.unwrap();
    let failing: Vec<_> = outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).collect();
    assert!(failing.len() > 6, "{}", failing.len());
    for judged in &outcome.judged {
        let found = !judged.verdict.findings().is_empty();
        assert_eq!(judged.replay.is_some(), found, "{}: a failing case has a file, and no other", judged.case.id);
    }
    for judged in failing {
        judged.replay.as_ref().unwrap().write(folder.path()).unwrap();
        let file = folder.path().join(format!("{}.json", judged.case.id));
        let second = again(Replay::read(&file).unwrap(), false).await.unwrap();
        assert_eq!(second.verdict, judged.verdict, "{}", judged.case.id);
    }
}

/// A test for each part: all of them in one would take longer than any other.
macro_rules! every_failing_case_comes_to_the_same_from_its_file {
    ($($name:ident $part:literal)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            comes_to_the_same($part).await;
        }
    )*};
}

every_failing_case_comes_to_the_same_from_its_file! {
    failing_cases_come_to_the_same_from_their_files_part_1_of_8 0
    failing_cases_come_to_the_same_from_their_files_part_2_of_8 1
    failing_cases_come_to_the_same_from_their_files_part_3_of_8 2
    failing_cases_come_to_the_same_from_their_files_part_4_of_8 3
    failing_cases_come_to_the_same_from_their_files_part_5_of_8 4
    failing_cases_come_to_the_same_from_their_files_part_6_of_8 5
    failing_cases_come_to_the_same_from_their_files_part_7_of_8 6
    failing_cases_come_to_the_same_from_their_files_part_8_of_8 7
}

#[tokio::test]
async fn a_file_is_judged_by_the_program_and_one_that_does_not_fit_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        cases: of_connectors().filter(|case| case.code == "V3-CB-01").collect(),
        strict: false,
        seed: 5,
        jobs: 1,
    };
    let outcome = run(&options, &Changed(boasting), &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged[0].replay.as_ref().unwrap().write(folder.path()).unwrap();
    let file = folder.path().join("v3.callback.state-different.json");
    let output = program(&["replay", file.to_str().unwrap()]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("FAIL  v3.callback.state-different") && said.contains("the person was accepted"), "{said}");
    let right = std::fs::read_to_string(file).unwrap();
    let right: Value = serde_json::from_str(&right).unwrap();
    let changed = |change: fn(&mut Value)| {
        let mut file = right.clone();
        change(&mut file);
        file.to_string()
    };
    for (name, content, code, says) in [
        ("no-json", "hello".to_owned(), 2, "is no replay file"),
        ("empty", String::new(), 2, "is no replay file"),
        (
            "other",
            r#"{"case": {}}"#.to_owned(),
            2,
            "is no replay file: it has not the form of those that --replays writes",
        ),
        (
            "of-tomorrow",
            changed(|file| file["schema"] = json!(2)),
            2,
            "has the form 2 of replay files; this version reads 1",
        ),
        ("of-nothing", changed(|file| file["case"] = json!("v3.no.such")), 2, "there is no case `v3.no.such`"),
        ("cut", changed(|file| drop(file["tape"].as_array_mut().unwrap().drain(3..))), 3, "the replay file ends where"),
        ("of-another", changed(|file| file["tape"][0]["asked"] = json!("x")), 3, "does not fit this version"),
        ("odd", changed(|file| file["tape"][0]["answer"] = json!({"Ok": 5})), 3, "has something else as the answer"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let output = program(&["replay", path.to_str().unwrap()]);
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert!(said.contains(says) && !said.contains("panicked"), "{name}: {said}");
    }
}
