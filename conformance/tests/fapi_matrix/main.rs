//! The teeth of FAPI's cases: every one is failed by a mutant, every mutant fails exactly the cases that the matrix says.
//!
//! `MYINFO_MATRIX=3/10` judges the third of ten samples; `MYINFO_UPDATE_DOCS=1` writes `docs/kill-matrix-fapi.md` anew. Run it with
//! `--profile quick`: it is slow without optimisation.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::panic,
    reason = "the helpers of a test fail it by panicking, and a defect is what it is"
)]

mod document;
mod driver;
mod mutants;
#[path = "../matrix/sample.rs"]
mod sample;
mod served;
mod world;

use driver::{Mutant, Mutants, NONE};
use futures_util::future::join_all;
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::{ConnectorCase, fapi};
use myinfo_conformance::connector::run::{Options, run};
use myinfo_conformance::verdict::Level;
use sample::{Sample, assert_rows};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// How many mutants are judged at once.
const AT_ONCE: usize = 4;

fn options() -> Options {
    Options { cases: all().collect(), strict: true, seed: 1, jobs: 8 }
}

/// Every case of FAPI, those of a move to it among them.
fn all() -> impl Iterator<Item = &'static ConnectorCase> {
    fapi::cases().chain(fapi::of_migrations())
}

/// The ids of the cases that a mutant fails.
async fn failed(mutant: &'static Mutant) -> BTreeSet<&'static str> {
    let outcome = run(&options(), &Mutants(mutant), &Baseline::default(), |_| ()).await.unwrap();
    outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty()).map(|judged| judged.case.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_connector_in_the_world_of_the_mutants_keeps_every_requirement() {
    let outcome = run(&options(), &Mutants(&NONE), &Baseline::default(), |_| ()).await.unwrap();
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
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kill-matrix-fapi.md");
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
    let binding = all().filter(|case| case.level != Level::Info).map(|case| case.id);
    let undetected: Vec<&str> = binding.filter(|id| !matrix.values().any(|killed| killed.contains(id))).collect();
    assert!(undetected.is_empty(), "cases that nothing fails: {undetected:?}");
    assert_eq!(committed, page(&matrix), "docs/kill-matrix-fapi.md is not what happens");
}

fn row(mutant: &Mutant, matrix: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let killed = all().filter(|case| matrix[mutant.id].contains(case.id));
    let killed: Vec<String> = killed.map(|case| format!("`{}`", case.id)).collect();
    format!("| `{}` | {} | {} |", mutant.id, mutant.says, killed.join(" "))
}

fn page(matrix: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let cases: Vec<&ConnectorCase> = all().collect();
    let mut page = format!(
        "# Kill matrix of FAPI\n\nWhich case notices which defect. {} mutants of the reference connector, each with one defect, were judged by all {} cases\nof FAPI. Written by `MYINFO_UPDATE_DOCS=1 cargo test --profile quick --workspace --test fapi_matrix`; the test compares.\n\n## By mutant\n\n| mutant | the relying party | failed by |\n|---|---|---|\n",
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
