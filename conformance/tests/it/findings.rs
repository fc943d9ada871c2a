//! What is found comes with what it rests on, in every form in which somebody gets it.

use crate::suite::{program, text};
use myinfo_fixtures::keys;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A part of every case that must be refused; each is accepted by the driver below.
const ONLY: [&str; 4] = ["V3-CB-01", "F-CB-01", "V3-DEC-03", "V3-AUTH-01"];

/// The reference connector behind a filter that turns every refusal into a person.
fn boasting() -> String {
    let filter = r#"s/.*"outcome":"rejected".*"id":\([0-9]*\).*/@mdp {"id":\1,"outcome":"accepted","person":{}}/"#;
    format!("'{}' driver reference | sed -u '{filter}'", env!("CARGO_BIN_EXE_myinfo-conformance"))
}

fn arguments(more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["--stdio".to_owned(), boasting()];
    arguments.extend(ONLY.iter().flat_map(|code| ["--only".to_owned(), (*code).to_owned()]));
    arguments.extend(more.iter().map(|word| (*word).to_owned()));
    arguments
}

/// Judges it with more arguments; it must fail.
fn judged(more: &[&str]) -> String {
    let arguments = arguments(more);
    let output = program(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The same in a job of GitHub.
fn judged_at_github(summary: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"));
    command.args(arguments(&["--quiet"])).env("NO_COLOR", "1");
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", summary).output().unwrap()
}

/// A report of a run, in a form.
fn report(form: &str) -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    let said = judged(&["--report", &format!("{form}={}", file.display())]);
    (folder, file, said)
}

#[test]
fn a_finding_rests_on_the_exchange_in_which_the_fault_struck_and_shows_no_secret() {
    let (_folder, file, _) = report("json");
    let whole = std::fs::read_to_string(file).unwrap();
    let report: Value = serde_json::from_str(&whole).unwrap();
    let failed: Vec<&Value> =
        report["cases"].as_array().unwrap().iter().filter(|case| case["verdict"] == "fail").collect();
    assert!(failed.len() >= 3, "{whole}");
    for case in failed {
        let evidence = case["evidence"].as_array().unwrap();
        let told: Vec<u64> =
            evidence.iter().flat_map(|one| one["findings"].as_array().unwrap()).filter_map(Value::as_u64).collect();
        assert_eq!(told.len(), case["findings"].as_array().unwrap().len(), "{case}");
        let decisive: Vec<&Value> = evidence
            .iter()
            .flat_map(|one| one["exchanges"].as_array().unwrap())
            .filter(|exchange| exchange["decisive"] == true)
            .collect();
        assert_eq!(decisive.len(), evidence.len(), "{case}");
        for exchange in decisive {
            assert!(!exchange["faults"].as_array().unwrap().is_empty(), "{exchange}");
            assert!(exchange["curl"].as_str().unwrap().starts_with("curl "), "{exchange}");
            assert!(!exchange["answer"].as_str().unwrap().is_empty(), "{exchange}");
        }
    }
    let key = keys::CLIENT_KEY_PEM.lines().nth(1).unwrap();
    for secret in [keys::CLIENT_SECRET, "CANARY", key] {
        assert!(!whole.contains(secret), "{secret} is in the report");
    }
}

#[test]
fn the_page_has_failures_first_anchors_evidence_and_nothing_foreign_as_markup() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let hostile = boasting().replace(
        "driver reference",
        "driver reference | sed -u 's/\"name\":\"[^\"]*\"/\"name\":\"<img src=x onerror=alert(1)>\"/'",
    );
    let mut arguments = arguments(&["--report", &format!("html={}", file.display())]);
    arguments[1] = hostile;
    program(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let page = std::fs::read_to_string(file).unwrap();
    assert!(page.contains("<h1>&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"), "{page}");
    let place = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part} is missing: {page}"));
    assert!(place("id=\"group-fail\"") < place("id=\"group-pass\""));
    for part in [
        "<details class=\"case fail\" id=\"v3.callback.state-different\" data-standing=\"fail\" data-profile=\"v3\" data-level=\"MUST\" open>",
        "<a href=\"#v3.callback.state-different\">",
        "<a class=\"fail\" href=\"#group-fail\">Failed 3</a>",
        "<span class=\"mark\">with callback-state-wrong",
        "<h3>As curl</h3><pre class=\"curl\"",
        "<form class=\"filter\" hidden>",
        "<td>fapi</td><td>MUST</td>",
        "<a rel=\"noreferrer\" href=\"https://",
        " UTC · ",
    ] {
        place(part);
    }
    let landmarks = ["<body>\n<header>", "<h1>", "</header>\n<main>", "<table>", "</section>\n</main>\n<footer>"];
    assert!(landmarks.map(place).is_sorted(), "whoever listens to the page jumps to its parts: {page}");
    assert_eq!(page.matches("<script>").count(), 1, "nothing but its own script");
    assert!(!page.contains("src=\"") && !page.contains("<link"), "it needs nothing else");
}

#[test]
fn junit_has_the_finding_as_its_headline_with_type_time_and_what_to_do() {
    let (_folder, file, _) = report("junit");
    let xml = std::fs::read_to_string(file).unwrap();
    let failure = xml
        .split("<testcase ")
        .find(|case| case.starts_with("classname=\"v3.callback\" name=\"state-different\""))
        .unwrap();
    assert!(
        failure.contains("<failure type=\"MUST\" message=\"the person was accepted; expected: refuses"),
        "{failure}"
    );
    assert!(failure.contains("\n  to do     Compare the callback") && failure.contains(" time=\""), "{failure}");
}

#[test]
fn the_terminal_keeps_the_order_of_the_catalogue_and_ends_with_what_failed_and_was_written() {
    let (_folder, file, said) = report("sarif");
    let ids: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("FAIL ") || line.starts_with("pass "))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    let listed = text(&program(&["list"]).stdout);
    let places: Vec<usize> =
        ids.iter().map(|id| listed.lines().position(|line| line.ends_with(&format!(" {id}"))).unwrap()).collect();
    assert_eq!(ids.len(), ONLY.len(), "{said}");
    assert!(places.is_sorted(), "{ids:?}");
    for (place, id) in ids.iter().enumerate() {
        let number = format!(" {}/{}", place + 1, ids.len());
        assert!(said.lines().any(|line| line.contains(id) && line.ends_with(&number)), "{id}: {said}");
    }
    let end = said.split_once("\nfailed  ").unwrap().1;
    assert!(end.contains("v3.callback.state-different") && end.contains("fapi.callback.state-different"), "{said}");
    assert!(said.contains(&format!("\nwritten  sarif={}\n", file.display())), "{said}");
    assert!(said.lines().filter(|line| !line.starts_with("written")).all(|line| line.chars().count() <= 80), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('\r'), "a pipe gets neither colour nor a counter: {said}");
}

#[test]
fn quietly_nothing_is_said_of_what_was_kept() {
    let said = judged(&["-q"]);
    assert!(!said.contains("pass ") && said.contains("\nFAIL  v3.callback.state-different"), "{said}");
    assert!(said.contains("\n1 of 4 cases kept, 3 failed\n"), "{said}");
}

#[test]
fn a_job_of_github_gets_annotations_and_a_summary_behind_those_of_other_steps() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "of another step\n").unwrap();
    let output = judged_at_github(&summary);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", text(&output.stderr));
    let commands: Vec<&str> = said.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 3, "{said}");
    assert!(commands[0].starts_with("::error title=v3."), "{said}");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("of another step\n### ❌ Myinfo conformance: "), "{summary}");
    assert_eq!(summary.matches("| fail | `").count(), 3, "{summary}");
    assert!(!judged(&[]).contains("::error"), "elsewhere nothing is written for GitHub");
}

#[test]
fn a_badge_says_how_it_stands() {
    let (_folder, file, _) = report("badge");
    let svg = std::fs::read_to_string(file).unwrap();
    assert!(svg.contains("aria-label=\"Myinfo conformance: 3 failed, 1 of 4 kept\""), "{svg}");
}

#[test]
fn a_pattern_that_names_nothing_says_which_would_fit() {
    let output = program(&["--only", "callback"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("these would fit: 'fapi.callback.*', 'oidc.callback.*', 'v3.callback.*'"), "{said}");
}

#[test]
fn a_file_for_an_application_is_begun_looked_at_and_tried() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.toml");
    let shown = file.to_str().unwrap();
    let output = program(&["app", "init", shown]);
    assert!(text(&output.stdout).contains(&format!("myinfo-conformance app lint --try {shown}")));
    assert_eq!(output.status.code(), Some(0));
    let again = program(&["app", "init", shown]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("exists already; name another file"));
    let begun = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, begun.replace("# <-", "")).unwrap();
    let good = program(&["app", "lint", shown]);
    assert_eq!(good.status.code(), Some(0));
    assert_eq!(text(&good.stdout), format!("ok    nothing is wrong or unusual in {shown}\n"));
    std::fs::write(&file, begun.replace("{issuer}", "{isuer}")).unwrap();
    let wrong = program(&["app", "lint", "--try", shown]);
    let said = text(&wrong.stdout);
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    let line = begun.lines().position(|line| line.contains("{issuer}")).unwrap() + 1;
    assert!(said.contains(&format!("WRONG {shown}:{line}\n")), "{said}");
    std::fs::write(&file, begun.replace("npm start", "echo the secret place; exit 7")).unwrap();
    let tried = program(&["app", "lint", "--try", shown]);
    let said = text(&tried.stdout);
    assert_eq!(tried.status.code(), Some(3), "{said}{}", text(&tried.stderr));
    assert!(said.contains("WRONG the application does not start\n"), "{said}");
    assert!(said.contains("exit status: 7"), "{said}");
}
