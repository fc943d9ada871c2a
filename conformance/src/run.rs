//! What a run is, whichever side is judged: what happens in it, and everything that a report needs.

use crate::case::Side;
use crate::connector::driver::Hello;
use crate::judged::{Judged, Standing};
use crate::migration::Origin;
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
        /// Whether the usual flow fails already: most cases will show nothing then.
        fails: bool,
    },
    /// A case is done.
    Done(&'e Judged),
}

/// Why a flow in which nothing is wrong fails, and with it whatever begins with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MendFirst {
    /// The cause, as the server knows it; else what was seen.
    pub cause: String,
    /// What to do about it, where the server knows that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What was seen, where that is not the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// The last lines that the target wrote, without secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
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
    /// From where the target moves to FAPI, where that was asked for.
    pub migrating_from: Option<Origin>,
    /// What is to be mended before anything else, where cases wait for it.
    pub mend_first: Option<MendFirst>,
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
    /// What is to be mended first, in a few words: how many cases show nothing until it is.
    pub fn first_of_all(&self) -> String {
        match self.summary().inconclusive {
            1 => "mend this first; 1 case waits for it".to_owned(),
            waiting => format!("mend this first; {waiting} cases wait for it"),
        }
    }

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
