//! The suite's teeth: every case is failed by a mutant, every mutant fails exactly the cases that the matrix says.
//!
//! `MYINFO_UPDATE_DOCS=1` writes `docs/kill-matrix.md` anew. Run it with `--profile quick`: it is slow without optimisation.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::struct_excessive_bools,
    reason = "the helpers of a test fail it by panicking, and a defect is what it is"
)]

mod driver;
mod mend;
mod mutants;

use driver::Mutants;
use futures_util::future::join_all;
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::ConnectorCase;
use myinfo_conformance::case::of_connectors;
use myinfo_conformance::connector::run::{Options, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// How many mutants are judged at once.
const AT_ONCE: usize = 4;

fn options() -> Options {
    Options { cases: of_connectors().collect(), strict: true, seed: 1, jobs: 8 }
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
    let mut matrix: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for some in mutants::ALL.chunks(AT_ONCE) {
        let killed = join_all(some.iter().map(failed)).await;
        for (mutant, killed) in some.iter().zip(&killed) {
            // long work shows its progress, with `--nocapture`
            let _ =
                writeln!(std::io::stderr(), "{}: {}", mutant.id, killed.iter().copied().collect::<Vec<_>>().join(" "));
        }
        matrix.extend(some.iter().map(|mutant| mutant.id).zip(killed));
    }
    let toothless: Vec<&str> = mutants::ALL.iter().map(|mutant| mutant.id).filter(|id| matrix[id].is_empty()).collect();
    let undetected: Vec<&str> =
        of_connectors().map(|case| case.id).filter(|id| !matrix.values().any(|killed| killed.contains(id))).collect();
    let page = page(&matrix);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/kill-matrix.md");
    if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert!(toothless.is_empty(), "mutants that nothing notices: {toothless:?}");
    let observing = |id: &&str| of_connectors().any(|case| case.id == *id && case.level.name() == "INFO");
    let undetected: Vec<&str> = undetected.into_iter().filter(|id| !observing(id)).collect();
    assert!(undetected.is_empty(), "cases that nothing fails: {undetected:?}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "docs/kill-matrix.md is not what happens");
}

fn page(matrix: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let cases: Vec<&ConnectorCase> = of_connectors().collect();
    let mut page = format!(
        "# Kill matrix\n\nWhich case notices which defect. {} mutants of the reference connector, each with one defect, were judged by all {} cases\nof v3. Written by `MYINFO_UPDATE_DOCS=1 cargo test --profile quick -p myinfo-conformance --features matrix --test matrix`; the test compares.\n\n## By mutant\n\n| mutant | the connector | failed by |\n|---|---|---|\n",
        mutants::ALL.len(),
        cases.len()
    );
    for mutant in mutants::ALL {
        let killed: Vec<String> = cases
            .iter()
            .filter(|case| matrix[mutant.id].contains(case.id))
            .map(|case| format!("`{}`", case.id))
            .collect();
        let _ = writeln!(page, "| `{}` | {} | {} |", mutant.id, mutant.says, killed.join(" "));
    }
    page.push_str("\n## By case\n\n| case | level | mutants that fail it |\n|---|---|---|\n");
    for case in cases {
        let number = matrix.values().filter(|killed| killed.contains(case.id)).count();
        let _ = writeln!(page, "| `{}` | {} | {number} |", case.id, case.level.name());
    }
    page
}
