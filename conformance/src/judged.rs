//! What came of a case, and how that stands with what was expected.

use crate::case::About;
use crate::evidence::Evidence;
use crate::replay::Replay;
use crate::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// One known failure, or several that a pattern names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The id of a case, or a pattern with `*`.
    pub case: String,
    /// Why it fails.
    pub reason: String,
    /// Where it is being worked on.
    #[serde(default)]
    pub issue: String,
    /// The last day on which it is accepted: `2026-12-31`.
    pub expires: String,
}

/// What came of one case.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// The case.
    #[serde(skip)]
    pub case: About,
    /// The result.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// Why it is expected, where the baseline says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// How long it took.
    pub milliseconds: u64,
    /// The requests and answers that the findings rest on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// What happened, to be judged again: where something was found in a connector.
    #[serde(skip)]
    pub replay: Option<Replay>,
}

/// How a result stands with what was expected: the one word of it in every report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Kept.
    Pass,
    /// A MUST broken.
    Fail,
    /// A SHOULD broken.
    Warn,
    /// Not claimed by the target.
    Skip,
    /// Nothing was shown.
    Inconclusive,
    /// Not kept, and the baseline says why.
    Known,
    /// Kept, though the baseline expects a failure.
    Stale,
}

impl Standing {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Warn => "warn",
            Self::Skip => "skip",
            Self::Inconclusive => "inconclusive",
            Self::Known => "known",
            Self::Stale => "stale",
        }
    }
}

impl Standing {
    /// Whether nobody has to look at it.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Pass | Self::Known | Self::Skip)
    }
}

impl Judged {
    /// How it stands.
    pub const fn standing(&self) -> Standing {
        match (&self.verdict, &self.known) {
            (Verdict::Pass { .. }, None) => Standing::Pass,
            (Verdict::Pass { .. }, Some(_)) => Standing::Stale,
            (Verdict::Skip { .. }, _) => Standing::Skip,
            (Verdict::Fail { .. } | Verdict::Warn { .. }, Some(_)) => Standing::Known,
            (Verdict::Fail { .. }, None) => Standing::Fail,
            (Verdict::Warn { .. }, None) => Standing::Warn,
            (Verdict::Inconclusive { .. }, _) => Standing::Inconclusive,
        }
    }
}
