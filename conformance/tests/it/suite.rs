//! The suite's own promises: its tables fit together, a broken driver is named and loses nothing, and the exit codes hold.

use crate::changed::Changed;
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::ConnectorCase;
use myinfo_conformance::case::{Case, of_connectors, of_migrations, of_servers};
use myinfo_conformance::clause::Clauses;
use myinfo_conformance::connector::driver::Outcome;
use myinfo_conformance::connector::driver::stdio::StdioDrivers;
use myinfo_conformance::connector::run::{Options, run};
use myinfo_conformance::judged::Judged;
use myinfo_conformance::profile::ProfileId;
use myinfo_conformance::run::Outcome as Results;
use myinfo_conformance::verdict::Verdict;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn options(codes: &[&str]) -> Options {
    let cases: Vec<&'static ConnectorCase> = of_connectors().filter(|case| codes.contains(&case.code)).collect();
    assert_eq!(cases.len(), codes.len(), "{codes:?}");
    Options { cases, strict: false, seed: 3, jobs: 1 }
}

/// Runs a few cases through a driver that is a line of the shell.
async fn through(command: &str, codes: &[&str]) -> anyhow::Result<Results> {
    through_within(1, command, codes).await
}

/// The same with so many seconds for each answer.
async fn through_within(answer_seconds: u64, command: &str, codes: &[&str]) -> anyhow::Result<Results> {
    let drivers = StdioDrivers { command: command.to_owned(), answer_seconds, one_a_case: false, env: Vec::new() };
    run(&options(codes), &drivers, &Baseline::default(), |_| ()).await
}

#[test]
fn every_case_cites_clauses_that_exist_and_every_duty_has_a_case_or_a_reason() {
    let clauses = Clauses::load().unwrap();
    let ids: BTreeSet<&str> = clauses.clause.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(ids.len(), clauses.clause.len(), "an id is there twice");
    let mut cited = BTreeSet::new();
    for case in of_connectors().chain(of_migrations()).map(Case::about).chain(of_servers().map(Case::about)) {
        assert!(!case.clauses.is_empty(), "{} rests on nothing", case.id);
        for clause in case.clauses {
            assert!(ids.contains(clause), "{} cites `{clause}`, which is none", case.id);
            cited.insert(*clause);
        }
    }
    for clause in &clauses.clause {
        assert!(clauses.documents.contains_key(&clause.document), "{}: `{}`", clause.id, clause.document);
        let answered = cited.contains(clause.id.as_str()) || clause.untested.is_some();
        assert!(answered || clause.level != "MUST", "{} has neither a case nor a reason", clause.id);
    }
}

#[test]
fn the_cases_of_each_profile_have_names_of_their_own() {
    let cases: Vec<&ConnectorCase> = of_connectors().collect();
    let of = |profile: ProfileId| cases.iter().filter(|case| case.profile() == profile).count();
    assert_eq!(ProfileId::ALL.map(of), [105, 125, 24]);
    assert_eq!(cases.iter().map(|case| case.id).collect::<BTreeSet<_>>().len(), cases.len());
    assert_eq!(cases.iter().map(|case| case.code).collect::<BTreeSet<_>>().len(), cases.len());
    for case in cases {
        assert_eq!(case.id.split('.').count(), 3, "{}", case.id);
        let begins = ["V3-", "F-", "V5-"].map(|start| case.code.starts_with(start));
        assert_eq!(begins, ProfileId::ALL.map(|profile| profile == case.profile()), "{}", case.id);
        assert!(!case.why.is_empty() && !case.fix.is_empty() && !case.other.is_empty() && !case.good.is_empty());
    }
}

/// The faults of a connector's side, in profiles that the suite judges, that no case uses, and why.
const UNUSED: &[(&str, &str)] = &[
    ("callback-state-another", "v3.callback.state-of-another-session begins two logins and swaps them"),
    ("callback-state-twice", "no document says which of two a client compares"),
    ("jwe-ciphertext", "jwe-tag and jwe-iv show the same"),
    ("person-cut", "token-cut shows the same"),
    ("person-gzip-bomb", "jwe-zip-bomb shows the same, whatever the connector asked for"),
    ("person-401-token", "person-401-nonce shows the same"),
    ("person-428", "person-404 shows the same"),
    ("person-502", "person-503 shows the same"),
    ("token-401-nonce", "token-401-timestamp shows the same"),
    ("token-403", "token-400 shows the same"),
    ("token-404", "token-400 shows the same"),
    ("token-503", "token-500 shows the same"),
    ("token-type-other", "no document says what a client does with another type"),
    ("callback-error-500", "callback-error-access-denied and -503 show the same"),
    ("callback-error-invalid-scope", "callback-error-access-denied and -503 show the same"),
    ("callback-error-script", "what an application shows is not looked at but for secrets"),
    ("access-token-kid-unknown", "jwe-kid-unknown shows the same: a kid is a hint"),
    ("jws-rs512", "access-token-rs512 shows the same"),
    ("data-unavailable", "the cases of data use personas, which differ in one item"),
    ("data-missing-item", "the cases of data use personas, which differ in one item"),
    ("data-no-metadata", "the person is compared as a whole: metadata are nothing special"),
    ("data-source-user", "the person is compared as a whole: metadata are nothing special"),
    ("data-nasty-text", "the cases of data use personas, which differ in one item"),
    ("fapi-discovery-stalled", "fapi-token-stalled shows the same"),
    ("fapi-keys-stalled", "fapi-token-stalled shows the same"),
    ("fapi-par-cut", "fapi-token-cut shows the same"),
    ("fapi-par-stalled", "fapi-token-stalled shows the same"),
    ("oidc-id-token-sub-uuid", "oidc.id-token.subject-uuid has a realm in which the service writes it so everywhere"),
    ("fapi-callback-state-another", "fapi.callback.other-session begins two logins and swaps them"),
];

#[tokio::test]
async fn every_fault_of_the_mock_is_used_by_a_case_or_has_a_reason() {
    let rig = crate::support::rig("com").await;
    let faults = crate::support::admin(&rig, "faults").await;
    let used: BTreeSet<&str> =
        of_connectors().chain(of_migrations()).flat_map(ConnectorCase::faults).copied().collect();
    let mut unused: BTreeSet<&str> = UNUSED.iter().map(|(fault, _)| *fault).collect();
    let judged = |fault: &Value| ProfileId::ALL.iter().any(|id| fault["profile"] == id.name());
    let of_connectors = |fault: &&Value| fault["stage"] != "acceptance" && judged(fault);
    for fault in faults["catalogue"].as_array().unwrap().iter().filter(of_connectors) {
        let id = fault["id"].as_str().unwrap();
        let used = used.contains(id);
        assert!(used != unused.remove(id), "{id}: used by a case: {used}");
    }
    assert!(unused.is_empty(), "no faults at all: {unused:?}");
}

#[tokio::test]
async fn the_table_of_a_profile_is_what_the_mock_serves() {
    let rig = crate::support::rig("com").await;
    let catalogue = crate::support::admin(&rig, "faults").await;
    let faults = catalogue["catalogue"].as_array().unwrap().iter();
    let judged = faults.filter(|fault| ProfileId::ALL.iter().any(|id| fault["profile"] == id.name()));
    let stages: BTreeSet<&str> = judged.map(|fault| fault["stage"].as_str().unwrap()).collect();
    let mut known = BTreeSet::from(["acceptance"]);
    for profile in ProfileId::ALL.map(ProfileId::profile) {
        known.extend(profile.stages.iter().map(|stage| stage.name));
        for endpoint in profile.endpoints {
            let url = format!("{}/{}/S6005048A", rig.mock.base_url(), endpoint.path_in("com"));
            let url = if endpoint.path.ends_with('}') { url } else { url.replace("/S6005048A", "") };
            for (method, wrong) in [(endpoint.method, false), ("PATCH", true)] {
                let method = method.parse().unwrap();
                let status = rig.client.http.request(method, &url).send().await.unwrap().status().as_u16();
                assert_eq!(status == 405, wrong, "{url}: {status}");
                assert_ne!(status, 404, "{url}");
            }
        }
    }
    assert_eq!(stages, known, "the stages of the mock, and those that the suite knows a place for");
}

#[tokio::test]
async fn a_driver_without_the_profile_is_told_so() {
    let driver = |profiles: &str| odd("exit 7").replace(r#"\"key_formats\""#, &format!(r#"{profiles}\"key_formats\""#));
    for (profiles, says) in [(r#"\"v9\""#, "v9"), ("", "nothing")] {
        let refused =
            through(&driver(&format!(r#"\"profiles\":[{profiles}],"#)), &["V3-AUTH-01", "V3-CB-01"]).await.unwrap_err();
        let says = format!("the driver says that it speaks {says}, and the chosen cases are of v3: ");
        assert!(refused.to_string().starts_with(&says), "{refused}");
    }
    for speaks in ["", r#"\"profiles\":[\"v9\",\"v3\"],"#] {
        let outcome = through(&driver(speaks), &["V3-AUTH-01"]).await.unwrap();
        assert_eq!(outcome.summary().inconclusive, 1, "`{speaks}`: the case is tried, and this driver breaks at it");
    }
}

#[tokio::test]
async fn a_driver_that_does_not_start_is_named() {
    let error = through("no-such-driver-at-all", &["V3-AUTH-01"]).await.unwrap_err().to_string();
    assert!(error.contains("the driver ended with exit status: 127"), "{error}");
    assert!(error.contains("no-such-driver-at-all"), "what it wrote last is shown: {error}");
}

/// A driver in the shell that answers `hello` and `reset`, and does something odd with everything else.
fn odd(what: &str) -> String {
    format!(
        r#"sh -c 'while read -r line; do id=${{line#*\"id\":}}; id=${{id%%[,\}}]*}}; case "$line" in *\"hello\"*) echo "@mdp {{\"id\":$id,\"version\":1,\"name\":\"odd\",\"key_formats\":[\"pkcs8\"]}}";; *\"reset\"*) echo "@mdp {{\"id\":$id}}";; *) {what};; esac; done'"#
    )
}

#[tokio::test]
async fn a_driver_that_dies_hangs_or_talks_garbage_is_named_and_the_run_goes_on() {
    for (what, says) in [
        ("echo last words >&2; exit 7", "the driver ended with exit status: 7; the last that it wrote: last words"),
        ("sleep 3", "did not answer `configure` within 1 seconds"),
        ("echo \"@mdp nonsense\"", "it is no JSON"),
        ("echo \"@mdp {\\\"id\\\":99}\"", "the `id` is not"),
        ("echo \"@mdp {\\\"id\\\":$id,\\\"result\\\":\\\"perhaps\\\"}\"", "unknown variant `perhaps`"),
        ("echo \"@mdp {\\\"id\\\":$id,\\\"unsupported\\\":true}\"", "the driver does not support `configure`"),
    ] {
        let outcome = through_within(if what == "sleep 3" { 1 } else { 60 }, &odd(what), &["V3-AUTH-01", "V3-CB-01"])
            .await
            .unwrap();
        let told: Vec<String> =
            outcome.judged.iter().map(|judged| serde_json::to_value(judged).unwrap()["cause"].to_string()).collect();
        assert_eq!(told.len(), 2, "{what}: each case has its result");
        assert!(told.iter().all(|cause| cause.contains(says)), "{what}: {told:?}");
        assert_eq!(outcome.summary().inconclusive, 2, "{what}");
    }
}

#[tokio::test]
async fn a_driver_that_hangs_is_given_up_after_a_few_cases_with_one_sentence() {
    let codes = ["V3-AUTH-01", "V3-AUTH-02", "V3-CB-01", "V3-CB-02", "V3-CB-04"];
    let outcome = through(&odd("sleep 3"), &codes).await.unwrap();
    let cause = |judged: &Judged| serde_json::to_value(judged).unwrap()["cause"].as_str().unwrap().to_owned();
    let causes: Vec<String> = outcome.judged.iter().map(cause).collect();
    let untried = causes.iter().filter(|cause| cause.ends_with("in 3 cases before: no more of them are tried")).count();
    // the usual flow is the first of the three
    assert_eq!((untried, causes.len()), (3, 5), "{causes:?}");
}

/// The exit code of the program with its standard output on a disk that is full.
#[cfg(target_os = "linux")]
fn on_a_full_disk(arguments: &[&str]) -> (Option<i32>, String) {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"));
    let output = command.args(arguments).stdout(full).output().unwrap();
    (output.status.code(), text(&output.stderr))
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_no_success() {
    for arguments in
        [&["list"][..], &["explain", "V3-CB-01"], &["--only", "V3-CB-01"], &["server", "--only", "SRV-AUT-01"]]
    {
        let (code, said) = on_a_full_disk(arguments);
        assert!(code == Some(2) && said.contains("standard output"), "{arguments:?}: {code:?} {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[tokio::test]
async fn who_refuses_everything_keeps_nothing_that_is_about_refusing() {
    let refuses = odd(
        "case \"$line\" in *configure*) echo \"@mdp {\\\"id\\\":$id,\\\"result\\\":\\\"ok\\\"}\";; *) echo \"@mdp {\\\"id\\\":$id,\\\"result\\\":\\\"error\\\",\\\"message\\\":\\\"no\\\"}\";; esac",
    );
    let outcome = through(&refuses, &["V3-CB-01", "V3-ATK-02", "V3-DEC-03", "V3-TOK-06"]).await.unwrap();
    assert_eq!((outcome.summary().passed, outcome.summary().inconclusive), (0, 4));
}

/// Takes the person's name away: what is found then names the value that was sent, and with it the run's mark.
fn shortened(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Accepted { mut person, claims } => {
            person["name"]["value"] = "".into();
            Outcome::Accepted { person, claims }
        }
        outcome @ (Outcome::Rejected { .. } | Outcome::Crash { .. }) => outcome,
    }
}

/// What a run with a seed comes to for a connector that loses the name.
async fn told_with(seed: u64) -> Vec<Verdict> {
    let codes = ["V3-CB-07", "V3-DEC-02", "V3-ATK-02"];
    let outcome =
        run(&Options { seed, ..options(&codes) }, &Changed(shortened), &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged.iter().map(|judged| judged.verdict.clone()).collect()
}

#[tokio::test]
async fn two_runs_with_one_seed_say_the_same_and_another_seed_says_something_else() {
    let first = told_with(3).await;
    assert!(first.iter().any(|verdict| format!("{verdict:?}").contains("CANARY X")), "the mark shows: {first:?}");
    assert_eq!(first, told_with(3).await);
    assert_ne!(first, told_with(4).await);
}

pub(crate) fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myinfo-conformance"));
    // what a pipeline would have to say of these runs is no part of them
    command.args(arguments).env("NO_COLOR", "1").env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    command.output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_bad_input_gets_one_sentence_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let old = file("old.toml", "[[known]]\ncase = 'v3.callback.*'\nreason = 'r'\nexpires = '2020-01-01'\n");
    let nobody = file("nobody.toml", "[[known]]\ncase = 'v3.nothing'\nreason = 'r'\nexpires = '2999-01-01'\n");
    let once = "[[known]]\ncase = 'V3-CB-01'\nreason = 'r'\nexpires = '2999-01-01'\n";
    let twice = file("twice.toml", &once.repeat(2));
    let never = file("never.toml", &once.replace("2999-01-01", "2026-02-31"));
    let target = file("target.toml", "name = 'x'\n");
    for (arguments, code, says) in [
        (vec!["--only", "v3.nothing.*"], 4, "`v3.nothing.*` names no case"),
        (vec!["--only", "v3.callback.*", "--skip", "*"], 4, "no case is left"),
        (vec!["explain", "v3.callback.stat-different"], 2, "did you mean `v3.callback.state-different`?"),
        (vec!["--baseline", &old, "--only", "V3-CB-01"], 0, "expired on 2020-01-01 and excuses nothing"),
        (vec!["--baseline", &nobody], 2, "`v3.nothing` names no case"),
        (vec!["--baseline", &twice], 2, "`V3-CB-01` stands there twice"),
        (vec!["--baseline", &never], 2, "expires on `2026-02-31`; write a day like 2026-12-31"),
        (vec!["--report", "json=/no/such/folder/x"], 2, "the report /no/such/folder/x cannot be written"),
        (vec!["--replays", "/proc/x"], 2, "the folder /proc/x cannot be made"),
        (vec!["-j", "0"], 2, "0 is not in 1..=64"),
        (vec!["--baseline", "/no/such/file"], 2, "cannot be read"),
        (vec!["--app", &target], 2, "missing field"),
        (
            vec!["--report", "html=x", "--report", "json=./x"],
            2,
            "two reports, html and json, would go to the same file",
        ),
        (vec!["--report", "html=-"], 2, "standard output has what the run says: write html=FILE"),
        (vec!["--report", "pdf=x"], 2, "`pdf` is no format"),
        (vec!["--colour"], 2, "unexpected argument"),
        (vec!["--profile", "v9"], 2, "there is no profile `v9`; there are v3"),
        (vec!["server", "--profile", "mine.toml"], 2, "there is no profile `mine.toml`; there are v3"),
        (vec!["list", "--profile", ""], 2, "there is no profile ``; there are v3"),
        (vec!["--profile", "fappi"], 2, "did you mean `fapi`?"),
        (vec!["--migrating-from", "v3", "--profile", "v3"], 2, "is about a move to FAPI"),
        (vec!["--migrating-from", "v2"], 2, "possible values: v3, v4, oidc"),
        (vec!["--only", "fapi.migration.*"], 4, "`fapi.migration.*` names no case"),
        (vec!["driver", "init", "cobol"], 2, "there is no template for `cobol`"),
        (vec!["--stdio", "no-such-driver", "--only", "V3-CB-01"], 3, "no-such-driver"),
    ] {
        let output = program(&arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says) && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}

#[test]
fn the_reports_tell_one_run_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let formats = ["json", "ndjson", "junit", "html", "markdown", "sarif", "github", "badge"];
    let reports: Vec<String> = formats.iter().map(|format| format!("{format}={}", path(format))).collect();
    let mut arguments = vec!["--only", "v3.callback.*"];
    for report in &reports {
        arguments.extend(["--report", report]);
    }
    let output = program(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    let lines = shown.lines().filter(|line| !line.contains(path("").as_str()));
    assert!(lines.into_iter().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(!shown.contains('\u{1b}'), "colour, though nobody asked for it: {shown}");
    assert!(shown.contains("\n12 of 12 cases kept\n"), "{shown}");
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let whole: Value = serde_json::from_str(&read("json")).unwrap();
    let number = whole["cases"].as_array().unwrap().len();
    assert_eq!(whole["summary"]["passed"], number);
    assert_eq!(read("ndjson").lines().count(), number + 1);
    assert_eq!(read("junit").matches("<testcase ").count(), number);
    assert_eq!(read("html").matches("<details class=\"case pass\"").count(), number);
    let sarif: Value = serde_json::from_str(&read("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), number);
    assert!(read("github").starts_with("### ✅ Myinfo conformance: "));
    assert!(read("badge").contains("12 of 12 kept"));
    assert!(read("markdown").contains("| `v3.callback.state-different` | MUST | pass |"));
}

#[test]
fn a_move_to_fapi_ends_with_its_steps() {
    for (origin, says) in [
        ("v3", "Moving from v3: 1 of 16 steps are made, 15 not judged"),
        ("oidc", "the API before FAPI: 0 of 13 steps"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.md");
        let report = format!("markdown={}", file.display());
        let only = ["--only", "fapi.migration.*", "--only", "fapi.par.scope", "--report", &report];
        let output = program(&[&["--migrating-from", origin], &only[..]].concat());
        assert!(std::fs::read_to_string(&file).unwrap().contains(says), "the reports have them, too");
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
        assert!(said.contains("4 of 4 cases kept") && said.contains(says), "{said}");
    }
}

#[test]
fn explain_tells_of_a_case_of_either_side() {
    for (id, side) in [("v3.callback.state-different", "server"), ("SRV-TOK-01", "client"), ("FSRV-PAR-01", "client")] {
        let output = program(&["explain", id]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{id}: {}", text(&output.stderr));
        assert!(said.contains(id) && said.contains(&format!("\n      {side} ")), "{said}");
    }
}
