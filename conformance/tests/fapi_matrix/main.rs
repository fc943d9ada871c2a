//! The teeth of the cases of FAPI and of the API before it: every one is failed by a mutant, every mutant fails exactly the cases that
//! the matrix says.
//!
//! `MYINFO_MATRIX=3/10` judges the third of ten samples; `MYINFO_UPDATE_DOCS=1` writes `docs/kill-matrix-fapi.md` and
//! `docs/kill-matrix-oidc.md` anew. Run it with `--profile quick`: it is slow without optimisation.

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

use driver::{BEFORE, Mutant, Mutants, NONE};
use futures_util::future::join_all;
use myinfo_conformance::baseline::Baseline;
use myinfo_conformance::case::connector::{ConnectorCase, fapi, oidc};
use myinfo_conformance::connector::run::{Options, run};
use myinfo_conformance::verdict::Level;
use sample::{Sample, assert_rows};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

/// How many mutants are judged at once.
const AT_ONCE: usize = 4;

/// The cases that a mutant fails, by its id.
type Killed = BTreeMap<&'static str, BTreeSet<&'static str>>;

/// Cases and mutants of one profile, and the page that says which fail which.
struct Matrix {
    title: &'static str,
    /// Whose cases they are.
    of: &'static str,
    page: &'static str,
    cases: Vec<&'static ConnectorCase>,
    mutants: Vec<&'static Mutant>,
}

/// That of FAPI, the cases of a move to it included.
fn of_fapi() -> Matrix {
    Matrix {
        title: "Kill matrix of FAPI",
        of: "FAPI",
        page: "docs/kill-matrix-fapi.md",
        cases: fapi::cases().chain(fapi::of_migrations()).collect(),
        mutants: mutants::all().collect(),
    }
}

/// That of the API before FAPI.
fn before_fapi() -> Matrix {
    Matrix {
        title: "Kill matrix of the API before FAPI",
        of: "the API before FAPI",
        page: "docs/kill-matrix-oidc.md",
        cases: oidc::cases().collect(),
        mutants: mutants::before_fapi().collect(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_connector_in_the_world_of_the_mutants_keeps_every_requirement() {
    for (matrix, whole) in [(of_fapi(), &NONE), (before_fapi(), &BEFORE)] {
        let outcome = run(&matrix.options(), &Mutants(whole), &Baseline::default(), |_| ()).await.unwrap();
        let others: Vec<_> = outcome.judged.iter().filter(|judged| judged.verdict.name() != "pass").collect();
        assert!(others.is_empty(), "{others:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_is_failed_by_a_mutant_and_every_mutant_fails_what_the_page_says() {
    of_fapi().hold().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_holds_before_fapi() {
    before_fapi().hold().await;
}

impl Matrix {
    fn options(&self) -> Options {
        Options { cases: self.cases.clone(), strict: true, seed: 1, jobs: 8 }
    }

    /// The ids of the cases that a mutant fails.
    async fn failed(&self, mutant: &'static Mutant) -> BTreeSet<&'static str> {
        let outcome = run(&self.options(), &Mutants(mutant), &Baseline::default(), |_| ()).await.unwrap();
        let failed = outcome.judged.iter().filter(|judged| !judged.verdict.findings().is_empty());
        failed.map(|judged| judged.case.id).collect()
    }

    /// Judges a sample of the mutants.
    async fn judged(&self, sample: Sample) -> Killed {
        let mut matrix = Killed::new();
        for some in sample.of(self.mutants.iter().copied()).chunks(AT_ONCE) {
            let killed = join_all(some.iter().map(|mutant| self.failed(mutant))).await;
            for (mutant, killed) in some.iter().zip(&killed) {
                // long work shows its progress
                let told = killed.iter().copied().collect::<Vec<_>>().join(" ");
                let _ = writeln!(std::io::stderr(), "{}: {told}", mutant.id);
            }
            matrix.extend(some.iter().map(|mutant| mutant.id).zip(killed));
        }
        matrix
    }

    /// Every mutant of the sample fails what the page says; of the whole, every case is failed by one.
    async fn hold(&self) {
        let sample = Sample::asked();
        let matrix = self.judged(sample).await;
        let path = format!("{}/../{}", env!("CARGO_MANIFEST_DIR"), self.page);
        if std::env::var_os("MYINFO_UPDATE_DOCS").is_some() && sample.is_all() {
            std::fs::write(&path, self.written(&matrix)).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        let judged = self.mutants.iter().filter(|mutant| matrix.contains_key(mutant.id));
        let rows: Vec<String> = judged.map(|mutant| self.row(mutant, &matrix)).collect();
        assert_rows(&committed, &rows, &self.mutants.iter().map(|mutant| mutant.id).collect::<Vec<_>>());
        let toothless: Vec<&&str> = matrix.iter().filter(|(_, killed)| killed.is_empty()).map(|(id, _)| id).collect();
        assert!(toothless.is_empty(), "mutants that nothing notices: {toothless:?}");
        if !sample.is_all() {
            return;
        }
        // a case that only observes needs no mutant
        let binding = self.cases.iter().filter(|case| case.level != Level::Info).map(|case| case.id);
        let undetected: Vec<&str> = binding.filter(|id| !matrix.values().any(|killed| killed.contains(id))).collect();
        assert!(undetected.is_empty(), "cases that nothing fails: {undetected:?}");
        assert_eq!(committed, self.written(&matrix), "{} is not what happens", self.page);
    }

    fn row(&self, mutant: &Mutant, matrix: &Killed) -> String {
        let killed = self.cases.iter().filter(|case| matrix[mutant.id].contains(case.id));
        let killed: Vec<String> = killed.map(|case| format!("`{}`", case.id)).collect();
        format!("| `{}` | {} | {} |", mutant.id, mutant.says, killed.join(" "))
    }

    /// The page.
    fn written(&self, matrix: &Killed) -> String {
        let mut page = format!(
            "# {}\n\nWhich case notices which defect. {} mutants of the reference connector, each with one defect, were judged by all {} cases\nof {}. Written by `MYINFO_UPDATE_DOCS=1 cargo test --profile quick --workspace --test fapi_matrix`; the test compares.\n\n## By mutant\n\n| mutant | the relying party | failed by |\n|---|---|---|\n",
            self.title,
            self.mutants.len(),
            self.cases.len(),
            self.of
        );
        for mutant in &self.mutants {
            let _ = writeln!(page, "{}", self.row(mutant, matrix));
        }
        page.push_str("\n## By case\n\n| case | level | mutants that fail it |\n|---|---|---|\n");
        for case in &self.cases {
            let number = matrix.values().filter(|killed| killed.contains(case.id)).count();
            let _ = writeln!(page, "| `{}` | {} | {number} |", case.id, case.level.name());
        }
        page
    }
}
