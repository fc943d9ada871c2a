//! What a run is, whichever side is judged: what happens in it, and everything that a report needs.

use crate::case::Side;
use crate::connector::driver::Hello;
use crate::judged::{Judged, Standing};
use serde::Serialize;
use std::time::Duration;

/// How long one case may take.
pub const CASE_TIME: Duration = Duration::from_secs(120);

/// What happens in a run, in order.
#[derive(Debug)]
pub enum Event<'e> {
    /// It begins.
    Began {
        /// What the target is.
        target: &'e Hello,
        /// How many cases there are.
        cases: usize,
    },
    /// A case is done.
    Done(&'e Judged),
}

/// Everything that a report needs.
#[derive(Debug)]
pub struct Outcome {
    /// Which side was judged.
    pub side: Side,
    /// What the target is: a driver says it of itself.
    pub target: Hello,
    /// The seed, where there is one.
    pub seed: Option<u64>,
    /// Whether SHOULDs counted.
    pub strict: bool,
    /// The cases in the order of the table.
    pub judged: Vec<Judged>,
    /// How long the whole run took.
    pub took: Duration,
}

/// How many cases came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// All of them.
    pub cases: usize,
    /// Kept.
    pub passed: usize,
    /// A MUST broken, or a SHOULD with `--strict`.
    pub failed: usize,
    /// A SHOULD broken.
    pub warned: usize,
    /// Not claimed by the target.
    pub skipped: usize,
    /// Nothing was shown.
    pub inconclusive: usize,
    /// Failed, and the baseline says why.
    pub known: usize,
    /// Passed, though the baseline expects a failure.
    pub stale: usize,
}

impl Outcome {
    /// The numbers.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary { cases: self.judged.len(), ..Summary::default() };
        for judged in &self.judged {
            let counter = match judged.standing() {
                Standing::Pass => &mut summary.passed,
                Standing::Fail => &mut summary.failed,
                Standing::Warn => &mut summary.warned,
                Standing::Skip => &mut summary.skipped,
                Standing::Inconclusive => &mut summary.inconclusive,
                Standing::Known => &mut summary.known,
                Standing::Stale => &mut summary.stale,
            };
            *counter += 1;
        }
        summary
    }
}
