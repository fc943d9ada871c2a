//! What a case comes to: findings, and the verdict that follows from them and from the case's level.

use crate::masked::masked;
use crate::text::{LONGEST, plain};
use serde::Serialize;

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A connector that does not keep it fails.
    Must,
    /// A connector that does not keep it is warned; it fails with `--strict`.
    Should,
    /// Only observed.
    Info,
}

impl Level {
    /// As reports write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::Info => "INFO",
        }
    }
}

/// One thing that was not as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was done to provoke it: the fault, or the part of the flow.
    pub when: String,
    /// What a good connector does.
    pub expected: String,
    /// What was seen.
    pub found: String,
    /// What it weighs, where that does not follow from the case's level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Weight>,
    /// What is to be done, where that is not what the case says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<&'static str>,
    /// The request that it rests on, as a line of the shell that sends it again with curl: where a server is judged.
    /// Of several situations in which the same was found, it is that of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
}

/// What a finding weighs, where that is not what the case weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// No more than a SHOULD, whatever the case's level: the name of a reason, for example.
    Light,
    /// A violation, whatever the case's level: what has to stay inside came out.
    Violation,
}

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// The requirement is kept.
    Pass {
        /// What was observed, where the case only observes.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
    },
    /// A MUST is not kept.
    Fail {
        /// What was found.
        findings: Vec<Finding>,
    },
    /// A SHOULD is not kept.
    Warn {
        /// What was found.
        findings: Vec<Finding>,
    },
    /// The target does not claim what the case needs.
    Skip {
        /// Which capability is missing.
        reason: String,
    },
    /// Our side or the driver broke, or the control failed; never counted as kept.
    Inconclusive {
        /// What happened.
        cause: String,
    },
}

impl Verdict {
    /// The verdict for what was found at a level.
    pub fn of(level: Level, strict: bool, findings: Vec<Finding>, notes: Vec<String>) -> Self {
        if findings.is_empty() {
            return Self::Pass { notes };
        }
        let light = findings.iter().all(|finding| finding.weight == Some(Weight::Light));
        match level {
            _ if findings.iter().any(|finding| finding.weight == Some(Weight::Violation)) => Self::Fail { findings },
            Level::Must if !light || strict => Self::Fail { findings },
            Level::Should if strict => Self::Fail { findings },
            Level::Must | Level::Should | Level::Info => Self::Warn { findings },
        }
    }

    /// Nothing was shown, and why; without what looks secret, for a target may have said it.
    pub fn inconclusive(cause: &str) -> Self {
        Self::Inconclusive { cause: plain(&masked(cause), LONGEST) }
    }

    /// The target does not claim what is needed, in the same way.
    pub fn skip(reason: &str) -> Self {
        Self::Skip { reason: plain(&masked(reason), LONGEST) }
    }

    /// As reports write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Pass { .. } => "pass",
            Self::Fail { .. } => "FAIL",
            Self::Warn { .. } => "warn",
            Self::Skip { .. } => "skip",
            Self::Inconclusive { .. } => "inconclusive",
        }
    }

    /// What was found, where something was.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Fail { findings } | Self::Warn { findings } => findings,
            Self::Pass { .. } | Self::Skip { .. } | Self::Inconclusive { .. } => &[],
        }
    }
}

/// What verbs come to.
pub type Step<T = ()> = Result<T, Stop>;

/// Why a case ends before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The target does not claim what is needed.
    Skip(String),
    /// Our side or the driver broke, or the control failed.
    Inconclusive(String),
}

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Self {
        Self::Inconclusive(format!("{error:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(weight: Option<Weight>) -> Vec<Finding> {
        vec![Finding { when: "a".into(), expected: "b".into(), found: "c".into(), weight, fix: None, curl: None }]
    }

    #[test]
    fn the_level_decides_what_a_finding_means() {
        let usual = || finding(None);
        assert_eq!(Verdict::of(Level::Must, false, usual(), vec![]).name(), "FAIL");
        assert_eq!(Verdict::of(Level::Should, false, usual(), vec![]).name(), "warn");
        assert_eq!(Verdict::of(Level::Should, true, usual(), vec![]).name(), "FAIL");
        assert_eq!(Verdict::of(Level::Info, true, usual(), vec![]).name(), "warn");
        assert_eq!(Verdict::of(Level::Must, false, vec![], vec![]).name(), "pass");
        let light = || finding(Some(Weight::Light));
        assert_eq!(Verdict::of(Level::Must, false, light(), vec![]).name(), "warn");
        assert_eq!(Verdict::of(Level::Must, false, [light(), usual()].concat(), vec![]).name(), "FAIL");
    }

    #[test]
    fn what_came_out_is_a_violation_in_a_case_of_any_level() {
        for level in [Level::Must, Level::Should, Level::Info] {
            let findings = [finding(Some(Weight::Light)), finding(Some(Weight::Violation))].concat();
            assert_eq!(Verdict::of(level, false, findings, vec![]).name(), "FAIL", "{level:?}");
        }
    }
}
