//! Known failures: a file that says which cases fail, why, and until when that is accepted.

use crate::run::Judged;
use crate::verdict::Verdict;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::path::Path;

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

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The known failures.
    #[serde(default)]
    pub known: Vec<Known>,
}

impl Baseline {
    /// Reads a file for a run of cases, given by their ids; `today` is a day like `2026-11-21`.
    ///
    /// # Errors
    /// When it cannot be read, a day is none or is over, a reason is missing, or a pattern names no case.
    pub fn read(path: &Path, cases: &[&str], today: &str) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("the baseline {shown} cannot be read"))?;
        let baseline: Self = toml::from_str(&text).with_context(|| format!("the baseline {shown} cannot be used"))?;
        for known in &baseline.known {
            let name = &known.case;
            ensure!(!known.reason.trim().is_empty(), "{shown}: `{name}` has no reason");
            ensure!(
                is_day(&known.expires),
                "{shown}: `{name}` expires on `{}`; write a day like 2026-12-31",
                known.expires
            );
            if known.expires.as_str() < today {
                bail!("{shown}: `{name}` expired on {}: look at it again", known.expires);
            }
            ensure!(cases.iter().any(|case| matches(name, case)), "{shown}: `{name}` names no case that is run");
        }
        Ok(baseline)
    }

    /// Marks a result that is expected.
    pub fn apply(&self, judged: Judged) -> Judged {
        if let Verdict::Skip { .. } = judged.verdict {
            return judged;
        }
        let known = self.known.iter().find(|known| matches(&known.case, judged.case.id)).cloned();
        Judged { known, ..judged }
    }
}

fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(place, byte)| if place == 4 || place == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(middle) = last.replace(piece) {
            let Some((_, behind)) = rest.split_once(middle) else { return false };
            rest = behind;
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, fits) in [
            ("v3.callback.twice", "v3.callback.twice", true),
            ("v3.callback.*", "v3.callback.twice", true),
            ("*.twice", "v3.callback.twice", true),
            ("v3.*.tw*e", "v3.callback.twice", true),
            ("v3.*back*", "v3.callback.twice", true),
            ("*", "v3.callback.twice", true),
            ("v3.callback", "v3.callback.twice", false),
            ("*.once", "v3.callback.twice", false),
            ("v3.*.*.twice", "v3.callback.twice", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern}");
        }
    }

    #[test]
    fn days_are_days() {
        assert!(is_day("2026-12-31"));
        assert!(!is_day("31.12.2026") && !is_day("2026-1-1") && !is_day("never"));
    }
}
