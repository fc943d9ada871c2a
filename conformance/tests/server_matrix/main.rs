//! The teeth of the server cases: every fault of the mock and every mutant server is noticed, by exactly the cases that
//! the page says; and every case notices something.
//!
//! `MYINFO_MATRIX=3/10` judges the third of ten samples; `MYINFO_UPDATE_DOCS=1` writes `docs/kill-matrix-servers.md` anew. Run it with `--profile quick`: it is slow without
//! optimisation.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of a test fail it by panicking"
)]

mod mutant;
#[path = "../matrix/sample.rs"]
mod sample;

use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::of_servers;
use myinfo_conformance::connector::testbed::Testbed;
use myinfo_conformance::http::client as http;
use myinfo_conformance::profile::ProfileId;
use myinfo_conformance::server::http::HttpOptions;
use myinfo_conformance::server::run::{Options, judge_server};
use myinfo_conformance::server::seed::Seed;
use myinfo_conformance::server::target::Target;
use sample::{Sample, assert_rows};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

/// How long an answer may take; without optimisation some take a while.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// How long one may take that the fault holds back for ever.
const STALLED_TIME: Duration = Duration::from_secs(2);

/// What is wrong with a server: a fault of the catalogue, or a mutant.
struct Defect {
    id: String,
    says: String,
    /// Whose cases have to notice it.
    profile: ProfileId,
}

/// The faults that no case has to notice, and why: a server may answer so.
const ALLOWED: &[(&str, &str)] = &[
    ("fapi-data-unknown-codes", "what the flows ask for has no codes"),
    ("fapi-id-token-factors", "a person may use several factors, and the list of their names is open"),
    ("fapi-userinfo-media-type", "a media type has no case, and may have parameters (RFC 9110 §8.3.1)"),
];

async fn catalogue(url: &str) -> Vec<Defect> {
    let answer = http().unwrap().get(format!("{url}/_mock/faults")).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let text = |fault: &Value, name: &str| fault.get(name).and_then(Value::as_str).unwrap().to_owned();
    let faults = answer.get("catalogue").and_then(Value::as_array).unwrap();
    let defect = |fault: &Value| {
        // a profile whose servers no case judges yet has no defects here
        let profile = text(fault, "profile").parse().ok()?;
        Some(Defect { id: text(fault, "id"), says: text(fault, "says"), profile })
    };
    faults.iter().filter_map(defect).collect()
}

/// The ids of the cases that a server fails. A SHOULD counts.
async fn failed(url: &str, fault: Option<&str>, profile: ProfileId) -> BTreeSet<&'static str> {
    let stalls = fault.is_some_and(|fault| fault.ends_with("-stalled"));
    let http_options = HttpOptions::new(if stalls { STALLED_TIME } else { ANSWER_TIME }, None).unwrap();
    let target = Target::own(url, fault, http_options).unwrap();
    let options = Options {
        cases: of_servers().filter(|case| case.profile() == profile).collect(),
        strict: true,
        seed: Seed(1),
        jobs: 8,
    };
    let outcome = judge_server(&options, &target, &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).map(|judged| judged.case.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_of_a_server_is_noticed_by_the_cases_that_the_page_names() {
    let sample = Sample::asked();
    let served = Testbed::start("MATRIX").await.unwrap();
    let url = served.mock_url();
    let faults = catalogue(&url).await;
    let mut matrix = BTreeMap::new();
    let mut keep = |id: String, found: BTreeSet<&'static str>| {
        // long work shows its progress
        let _ = writeln!(std::io::stderr(), "{id}: {}", found.iter().copied().collect::<Vec<_>>().join(" "));
        matrix.insert(id, found);
    };
    for mutant in sample.of(mutant::ALL) {
        let door = mutant::start(mutant, &url).await;
        keep(mutant.id.to_owned(), failed(&format!("http://{door}"), None, mutant.profile).await);
    }
    for fault in sample.of(&faults) {
        keep(fault.id.clone(), failed(&url, Some(&fault.id), fault.profile).await);
    }
    served.stop().await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kill-matrix-servers.md");
    if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() && sample.is_all() {
        std::fs::write(path, page(&faults, &matrix)).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    let every: Vec<(&str, &str)> = rows_of(&faults);
    let judged = every.iter().filter(|(id, _)| matrix.contains_key(*id));
    let rows: Vec<String> = judged.map(|(id, says)| row(id, says, &matrix)).collect();
    assert_rows(&committed, &rows, &every.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let unnoticed: Vec<&str> =
        matrix.iter().filter(|(_, failed)| failed.is_empty()).map(|(id, _)| id.as_str()).collect();
    let allowed: Vec<&str> = ALLOWED.iter().map(|(id, _)| *id).filter(|id| matrix.contains_key(*id)).collect();
    assert_eq!(unnoticed, allowed, "the defects that no case notices, and those that a server may have");
    if !sample.is_all() {
        return;
    }
    let noticing = |id: &str| matrix.values().any(|failed| failed.contains(id));
    let toothless: Vec<&str> = of_servers().map(|case| case.id).filter(|id| !noticing(id)).collect();
    assert!(toothless.is_empty(), "cases that nothing fails: {toothless:?}");
    assert_eq!(committed, page(&faults, &matrix), "docs/kill-matrix-servers.md is not what happens");
}

/// Everything that can be wrong with a server: its id, and what the server does.
fn rows_of(faults: &[Defect]) -> Vec<(&str, &str)> {
    let faults = faults.iter().map(|fault| (fault.id.as_str(), fault.says.as_str()));
    faults.chain(mutant::ALL.iter().map(|mutant| (mutant.id, mutant.says))).collect()
}

fn row(id: &str, says: &str, matrix: &BTreeMap<String, BTreeSet<&str>>) -> String {
    let failed = of_servers().filter(|case| matrix[id].contains(case.id));
    let failed: Vec<String> = failed.map(|case| format!("`{}`", case.id)).collect();
    let allowed = ALLOWED.iter().find(|(allowed, _)| *allowed == id).filter(|_| failed.is_empty());
    let by = allowed.map_or_else(|| failed.join(" "), |(_, why)| format!("none: {why}"));
    format!("| `{id}` | {says} | {by} |")
}

fn page(faults: &[Defect], matrix: &BTreeMap<String, BTreeSet<&str>>) -> String {
    let cases: Vec<_> = of_servers().collect();
    let mut page = format!(
        "# Kill matrix of the server cases\n\nWhich case notices which defect of a server. The mock was judged by the {} cases of its profiles, {} times with one fault of its catalogue\narmed, and {} times behind a door that takes or refuses what it should not. Written by\n`MYINFO_UPDATE_DOCS=1 cargo test --profile quick --workspace --test server_matrix`; the test compares.\n",
        cases.len(),
        faults.len(),
        mutant::ALL.len(),
    );
    let mut table = |title: &str, defects: &mut dyn Iterator<Item = (&str, &str)>| {
        let _ = write!(page, "\n## {title}\n\n| id | the server | failed by |\n|---|---|---|\n");
        for (id, says) in defects {
            let _ = writeln!(page, "{}", row(id, says, matrix));
        }
    };
    table("By fault", &mut faults.iter().map(|fault| (fault.id.as_str(), fault.says.as_str())));
    table("By mutant", &mut mutant::ALL.iter().map(|mutant| (mutant.id, mutant.says)));
    page.push_str("\n## By case\n\n| case | level | defects that fail it |\n|---|---|---|\n");
    for case in &cases {
        let number = matrix.values().filter(|failed| failed.contains(case.id)).count();
        let _ = writeln!(page, "| `{}` | {} | {number} |", case.id, case.level.name());
    }
    page
}
