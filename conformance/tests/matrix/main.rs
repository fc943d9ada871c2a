//! The suite's teeth: every case is failed by a mutant, every mutant fails exactly the cases that the matrix says.
//!
//! `MYINFO_MATRIX=3/10` judges the third of ten samples; `MYINFO_UPDATE_DOCS=1` writes `docs/kill-matrix.md` anew. Run it with `--profile quick`: it is slow without optimisation.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::struct_excessive_bools,
    clippy::panic,
    reason = "the helpers of a test fail it by panicking, and a defect is what it is"
)]

mod driver;
mod mend;
mod mutants;
mod network;
mod sample;

use driver::Mutants;
use futures_util::future::join_all;
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::ConnectorCase;
use myinfo_conformance::case::connector::v3;
use myinfo_conformance::connector::run::{Options, run};
use myinfo_conformance::verdict::Level;
use sample::{Sample, assert_rows};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// How many mutants are judged at once.
const AT_ONCE: usize = 4;

fn options() -> Options {
    Options { cases: v3::cases().collect(), strict: true, seed: 1, jobs: 8 }
}

/// The ids of the cases that a mutant fails.
async fn failed(mutant: &'static driver::Mutant) -> BTreeSet<&'static str> {
    let outcome = run(&options(), &Mutants(mutant), &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).map(|judged| judged.case.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_connector_step_by_step_keeps_every_requirement() {
    let outcome = run(&options(), &Mutants(&driver::NONE), &Baseline::default(), |_| ()).await.unwrap();
    let others: Vec<_> = outcome.judged.iter().filter(|judged| judged.verdict.name() != "pass").collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_is_failed_by_a_mutant_and_every_mutant_fails_what_the_page_says() {
    let sample = Sample::asked();
    let mut matrix: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for some in sample.of(mutants::all()).chunks(AT_ONCE) {
        let killed = join_all(some.iter().map(|mutant| failed(mutant))).await;
        for (mutant, killed) in some.iter().zip(&killed) {
            // long work shows its progress
            let _ =
                writeln!(std::io::stderr(), "{}: {}", mutant.id, killed.iter().copied().collect::<Vec<_>>().join(" "));
        }
        matrix.extend(some.iter().map(|mutant| mutant.id).zip(killed));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kill-matrix.md");
    if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() && sample.is_all() {
        std::fs::write(path, page(&matrix)).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    let judged = mutants::all().filter(|mutant| matrix.contains_key(mutant.id));
    let rows: Vec<String> = judged.map(|mutant| row(mutant, &matrix)).collect();
    assert_rows(&committed, &rows, &mutants::all().map(|mutant| mutant.id).collect::<Vec<_>>());
    let toothless: Vec<&&str> = matrix.iter().filter(|(_, killed)| killed.is_empty()).map(|(id, _)| id).collect();
    assert!(toothless.is_empty(), "mutants that nothing notices: {toothless:?}");
    if !sample.is_all() {
        return;
    }
    // a case that only observes needs no mutant
    let binding = v3::cases().filter(|case| case.level != Level::Info).map(|case| case.id);
    let undetected: Vec<&str> = binding.filter(|id| !matrix.values().any(|killed| killed.contains(id))).collect();
    assert!(undetected.is_empty(), "cases that nothing fails: {undetected:?}");
    assert_eq!(committed, page(&matrix), "docs/kill-matrix.md is not what happens");
}

fn row(mutant: &driver::Mutant, matrix: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let killed = v3::cases().filter(|case| matrix[mutant.id].contains(case.id));
    let killed: Vec<String> = killed.map(|case| format!("`{}`", case.id)).collect();
    format!("| `{}` | {} | {} |", mutant.id, mutant.says, killed.join(" "))
}

fn page(matrix: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let cases: Vec<&ConnectorCase> = v3::cases().collect();
    let mut page = format!(
        "# Kill matrix\n\nWhich case notices which defect. {} mutants of the reference connector, each with one defect, were judged by all {} cases\nof v3. Written by `MYINFO_UPDATE_DOCS=1 cargo test --profile quick --workspace --test matrix`; the test compares.\n\n## By mutant\n\n| mutant | the connector | failed by |\n|---|---|---|\n",
        mutants::all().count(),
        cases.len()
    );
    for mutant in mutants::all() {
        let _ = writeln!(page, "{}", row(mutant, matrix));
    }
    page.push_str("\n## By case\n\n| case | level | mutants that fail it |\n|---|---|---|\n");
    for case in cases {
        let number = matrix.values().filter(|killed| killed.contains(case.id)).count();
        let _ = writeln!(page, "| `{}` | {} | {number} |", case.id, case.level.name());
    }
    page
}
