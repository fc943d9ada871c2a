//! What a driver says in its own words is masked in every form in which somebody gets a report.

use crate::suite::{program, text};
use myinfo_fixtures::keys::{CLIENT_KEY_PEM, CLIENT_SECRET, ec};
use std::path::Path;

/// Sits behind the reference connector and says secrets, a message in turn, at the place that its first argument names.
const BABBLER: &str = r#"
import json, sys

place, messages = sys.argv[1], json.load(open(sys.argv[2]))
turn = 0
for line in sys.stdin:
    if line.startswith("@mdp "):
        answer = json.loads(line[5:])
        said, turn = messages[turn % len(messages)], turn + 1
        outcome, result = answer.get("outcome"), answer.get("result")
        if place == "crash" and outcome == "rejected":
            answer = {"id": answer["id"], "outcome": "crash", "message": said}
        if place == "refusal" and outcome == "accepted":
            answer = {"id": answer["id"], "outcome": "rejected", "class": "other", "native": said, "message": said}
        if place == "word" and outcome == "rejected":
            answer["native"] = said
        if place == "configuration" and result == "ok":
            answer = {"id": answer["id"], "result": "unsupported", "message": said}
        if place == "name" and "connector_version" in answer:
            answer.update(name=said, language=said, connector_version=said)
        line = "@mdp " + json.dumps(answer) + "\n"
    print(line, end="", flush=True)
"#;

const FORMATS: [&str; 8] = ["json", "ndjson", "junit", "html", "markdown", "sarif", "github", "badge"];
const NUMBER: &str = "S9000001H";
const CODE: &str = "c0de0123456789c0de";
const TOKEN: [&str; 3] = ["eyJhbGciOiJFUzI1NiJ9", "eyJzdWIiOiJDYW5hcnkifQ", "Q2FuYXJ5c1NpZ25hdHVyZTEyMw"];

/// What no report may have.
fn secrets() -> Vec<String> {
    let jwk = ec::private("client-sig-p256").unwrap();
    let lines = CLIENT_KEY_PEM.lines().filter(|line| !line.starts_with('-')).take(3);
    let fixed = [NUMBER, CODE, CLIENT_SECRET, TOKEN[1], TOKEN[2]];
    let own = [jwk["d"].as_str().unwrap().to_owned()];
    fixed.map(str::to_owned).into_iter().chain(own).chain(lines.map(str::to_owned)).collect()
}

/// Messages that have them all, each near the beginning of one.
fn messages() -> String {
    let jwk = ec::private("client-sig-p256").unwrap().to_string();
    let all = [
        format!("no person for {NUMBER}, code={CODE} or {CLIENT_SECRET}"),
        format!("the token {} is refused", TOKEN.join(".")),
        format!("cannot sign with {jwk}"),
        CLIENT_KEY_PEM.to_owned(),
        CLIENT_KEY_PEM.replace('\n', " "),
    ];
    serde_json::json!(all).to_string()
}

/// What a run with such a driver says, by the form of it: every report, and both streams.
fn reports(place: &str, only: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("babbler.py"), BABBLER).unwrap();
    std::fs::write(path("messages"), messages()).unwrap();
    let reference = format!("{} driver reference", env!("CARGO_BIN_EXE_myinfo-conformance"));
    let driver = format!("{reference} | python3 -u {} {place} {}", path("babbler.py"), path("messages"));
    let mut arguments = vec!["--stdio".to_owned(), driver, "--only".to_owned(), only.to_owned()];
    arguments.extend(FORMATS.iter().flat_map(|form| ["--report".to_owned(), format!("{form}={}", path(form))]));
    let output = program(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let read = |form: &&str| std::fs::read_to_string(Path::new(&path(form))).unwrap_or_default();
    let files = FORMATS.iter().map(|form| ((*form).to_owned(), read(form)));
    let streams = [("terminal", &output.stdout), ("errors", &output.stderr)];
    files.chain(streams.map(|(name, stream)| (name.to_owned(), text(stream)))).collect()
}

/// Every report is there, has none of the secrets, and those that tell of the message have what stands in their place.
fn hold(place: &str, only: &str, masked: &str) {
    let reports = reports(place, only);
    for (form, report) in &reports {
        assert!(!report.is_empty() || form == "errors", "{place}: there is no {form}");
        for secret in secrets() {
            assert!(!report.contains(&secret), "{place}: {secret} is in {form}: {report}");
        }
    }
    let tell = ["json", "ndjson", "junit", "html", "markdown", "terminal"];
    for (form, report) in reports.iter().filter(|(form, _)| tell.contains(&form.as_str())) {
        let report = report.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(report.contains(masked), "{place}: {form} does not tell it: {report}");
    }
}

#[test]
fn a_crash_that_babbles_is_a_finding_without_what_it_babbled() {
    hold("crash", "v3.callback.*", "no person for *****001H, code=[secret] or [secret]");
}

#[test]
fn a_refusal_of_the_usual_flow_is_the_cause_on_top_without_secrets() {
    hold("refusal", "v3.callback.state-different", "was refused as other: ");
}

#[test]
fn a_word_for_a_refusal_is_masked_too() {
    hold("word", "v3.document.no-oracle", "[not shown: it looks like key material]");
}

#[test]
fn what_a_driver_cannot_be_configured_for_is_told_without_secrets() {
    hold("configuration", "v3.callback.state-different", "does not support the usual configuration: ");
}

#[test]
fn the_name_that_a_driver_gives_itself_is_masked() {
    hold("name", "v3.callback.state-different", "no person for *****001H, code=[secret]");
}

#[test]
fn the_last_words_of_a_driver_that_ends_are_masked() {
    let driver = format!("echo 'no person for {NUMBER}, {CLIENT_SECRET}' >&2; exit 1");
    let output = program(&["--stdio", &driver, "--only", "V3-CB-01"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(
            "the driver ended with exit status: 1; the last that it wrote: no person for *****001H, [secret]"
        )
    );
}
