//! A run at a glance, for the terminal: how many cases of each part of the flow were kept, and which were not.

use crate::judged::{Judged, Standing};
use std::fmt::Write;

/// How wide a terminal is taken to be.
const WIDTH: usize = 80;
/// Fewer cases than that are seen at a glance as they are.
const HANDFUL: usize = 10;

/// Of a part of the flow: its name, how many cases were kept, and how many there are.
type Part<'j> = (&'j str, usize, usize);

/// How many cases of each part of the flow were kept, a profile a paragraph.
pub(super) fn at_a_glance(judged: &[Judged]) -> String {
    if judged.len() <= HANDFUL {
        return String::new();
    }
    let mut text = String::new();
    for profile in in_order(judged.iter().map(|judged| names(judged).0)) {
        let of_profile: Vec<&Judged> = judged.iter().filter(|judged| names(judged).0 == profile).collect();
        let parts = in_order(of_profile.iter().map(|judged| names(judged).1));
        let counts = parts.into_iter().map(|part| counted(part, &of_profile));
        let words: Vec<String> = counts.map(|(part, kept, all)| format!("{part} {kept}/{all}")).collect();
        let _ = write!(text, "\n{}", paragraph(profile, &words, ", "));
    }
    text
}

/// The ids of the cases that make a run fail, for a command line.
pub(super) fn failed(judged: &[Judged]) -> String {
    let failed = judged.iter().filter(|judged| matches!(judged.standing(), Standing::Fail | Standing::Stale));
    let ids: Vec<String> = failed.map(|judged| judged.case.id.to_owned()).collect();
    if ids.is_empty() { ids.concat() } else { paragraph("failed", &ids, " ") }
}

/// The profile and the part of the flow that a case is of: the first two words of its id.
fn names(judged: &Judged) -> (&'static str, &'static str) {
    let mut names = judged.case.id.split('.');
    (names.next().unwrap_or_default(), names.next().unwrap_or_default())
}

/// Each of them once, in the order in which they come first.
pub(super) fn in_order<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut known = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    known
}

fn counted<'j>(part: &'j str, judged: &[&Judged]) -> Part<'j> {
    let of_part = judged.iter().filter(|judged| names(judged).1 == part);
    let kept = of_part.clone().filter(|judged| judged.standing() == Standing::Pass).count();
    (part, kept, of_part.count())
}

/// Words behind a name, none of them broken, on lines that are no wider than a terminal where they can be.
pub(super) fn paragraph(name: &str, words: &[String], between: &str) -> String {
    let indent = name.chars().count() + 2;
    let (mut text, mut width) = (format!("{name}  "), indent);
    for (place, word) in words.iter().enumerate() {
        let last = place + 1 == words.len();
        let word = if last { word.clone() } else { format!("{word}{}", between.trim_end()) };
        let length = word.chars().count();
        if place > 0 && width + 1 + length > WIDTH {
            let _ = write!(text, "\n{:indent$}", "");
            width = indent;
        } else if place > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(&word);
        width += length;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::of_connectors;
    use crate::verdict::{Level, Verdict};

    fn judged() -> Vec<Judged> {
        let one = |case: crate::case::About, verdict| Judged {
            case,
            verdict,
            known: None,
            milliseconds: 1,
            evidence: Vec::new(),
            replay: None,
        };
        of_connectors()
            .map(|case| {
                let broken = case.code == "F-CB-01";
                let findings = Verdict::of(Level::Must, false, Vec::new(), Vec::new());
                one(case.about(), if broken { Verdict::Fail { findings: Vec::new() } } else { findings })
            })
            .collect()
    }

    #[test]
    fn every_profile_is_a_paragraph_of_its_parts_and_no_line_is_too_wide() {
        let all = judged();
        let text = at_a_glance(&all);
        assert!(text.contains("\nv3  authorise 7/7, callback "), "{text}");
        assert!(text.contains("\nfapi  discovery 7/7, keys "), "{text}");
        let callbacks = all.iter().filter(|judged| judged.case.id.starts_with("fapi.callback.")).count();
        assert!(text.contains(&format!("callback {}/{callbacks}", callbacks - 1)), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(failed(&all), "failed  fapi.callback.state-different\n");
    }

    #[test]
    fn a_handful_of_cases_needs_no_table_and_a_good_run_no_list() {
        let few: Vec<Judged> = judged().into_iter().take(3).collect();
        assert_eq!((at_a_glance(&few), failed(&few)), (String::new(), String::new()));
    }
}
