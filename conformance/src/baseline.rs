//! Known failures: a file that says which cases fail, why, and until when that is accepted.

use crate::judged::{Judged, Known};
use crate::unread::{parsed, text_of};
use crate::verdict::Verdict;
use anyhow::{Result, bail, ensure};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use time::Date;
use time::macros::format_description;

/// The file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The known failures.
    #[serde(default)]
    pub known: Vec<Known>,
    /// The day on which it was read.
    #[serde(skip)]
    today: Option<Date>,
}

impl Baseline {
    /// Reads a file; `odd` has something to say of a pattern that names no case, run or not, and `today` is the day.
    ///
    /// # Errors
    /// When it cannot be read, a day is none, a reason is missing, a pattern names no case, or one stands there twice.
    pub fn read(path: &Path, odd: impl Fn(&str) -> Option<String>, today: Date) -> Result<Self> {
        let shown = path.display();
        let text = text_of("baseline", path)?;
        let baseline: Self = parsed(("baseline", path), &text)?;
        let mut names = BTreeSet::new();
        for known in &baseline.known {
            let name = &known.case;
            ensure!(!known.reason.trim().is_empty(), "{shown}: `{name}` has no reason");
            ensure!(
                day(&known.expires).is_some(),
                "{shown}: `{name}` expires on `{}`; write a day like 2026-12-31",
                known.expires
            );
            if let Some(instead) = odd(name) {
                bail!("{shown}: `{name}` names no case; {instead}");
            }
            ensure!(names.insert(name), "{shown}: `{name}` stands there twice");
        }
        Ok(Self { today: Some(today), ..baseline })
    }

    /// The entries whose day is over: they excuse nothing any more.
    pub fn expired(&self) -> impl Iterator<Item = &Known> {
        self.known.iter().filter(|known| self.is_over(known))
    }

    fn is_over(&self, known: &Known) -> bool {
        self.today.zip(day(&known.expires)).is_some_and(|(today, last)| today > last)
    }

    /// Marks a result that is expected: a failure that is known, or a success that is not.
    pub fn apply(&self, judged: Judged) -> Judged {
        // nothing was shown where a case was skipped or is inconclusive, so it is no failure that is known
        if let Verdict::Skip { .. } | Verdict::Inconclusive { .. } = judged.verdict {
            return judged;
        }
        let names = |known: &&Known| matches(&known.case, judged.case.id) || matches(&known.case, judged.case.code);
        let known = self.known.iter().filter(|known| !self.is_over(known)).find(names).cloned();
        Judged { known, ..judged }
    }
}

fn day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
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
    fn a_file_that_cannot_be_used_is_told_by_line_and_key() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (text, says) in [
            ("\n[[known]]\ncase = 1", "line 3: `known.case` is the integer `1`; expected a text in quotes"),
            ("[[known]]\nexpire = 'x'", "line 2: unknown field `expire`"),
            ("[[know]]", "line 1: unknown field `know`, expected `known`; did you mean `known`?"),
        ] {
            std::fs::write(file.path(), text).unwrap();
            let today = day("2026-12-31").unwrap();
            let error = format!("{:#}", Baseline::read(file.path(), |_| None, today).unwrap_err());
            assert!(error.contains(says) && error.starts_with("the baseline "), "{error}");
        }
    }

    #[test]
    fn days_are_days() {
        assert!(day("2026-12-31").is_some());
        assert!(["31.12.2026", "2026-1-1", "2026-02-31", "never"].iter().all(|text| day(text).is_none()));
    }
}
