//! What findings rest on: requests and their answers, without secrets, and no more of them than somebody reads.

use crate::text::hides;
use serde::Serialize;

/// How many exchanges stand with findings of one situation.
pub const MOST_EXCHANGES: usize = 8;
/// How many characters of a body are shown.
pub const LONGEST_BODY: usize = 2_000;
/// How many characters of one line are shown.
pub const LONGEST_LINE: usize = 600;
/// How many characters the exchanges of one case may have; those behind are left out.
pub const LONGEST_CASE: usize = 24_000;

/// The exchanges that some findings of a case rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// These findings, counted from 0.
    pub findings: Vec<usize>,
    /// In the order in which they were sent.
    pub exchanges: Vec<Exchange>,
    /// How many more there were.
    pub left_out: usize,
}

/// A request and its answer, as texts without secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// The method.
    pub method: String,
    /// The path that was called.
    pub path: String,
    /// The answer's status; none where there was no answer.
    pub status: Option<u16>,
    /// The request: its first line, header fields and body.
    pub request: String,
    /// The answer in the same way.
    pub answer: String,
    /// The faults that struck in the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// What the mock says of the request, where it broke a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// The request as a line of the shell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub curl: String,
    /// Whether the findings rest on this one before all.
    pub decisive: bool,
}

/// What is wrong with a request, as the mock tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The rule that was broken.
    pub rule: String,
    /// Why.
    pub cause: String,
    /// What is to be done.
    pub fix: String,
}

impl Exchange {
    /// How many bytes there are to show.
    fn size(&self) -> usize {
        let told = self.diagnosis.as_ref().map_or(0, |told| told.rule.len() + told.cause.len() + told.fix.len());
        self.request.len() + self.answer.len() + self.curl.len() + self.path.len() + told
    }
}

/// The same without what is too much for one case; what is decisive stays before the rest.
pub fn bounded(mut all: Vec<Evidence>) -> Vec<Evidence> {
    let mut left = LONGEST_CASE;
    for decisive in [true, false] {
        for evidence in &mut all {
            let before = evidence.exchanges.len();
            evidence.exchanges.retain(|exchange| {
                let fits = exchange.decisive != decisive || exchange.size() <= left;
                if fits && exchange.decisive == decisive {
                    left -= exchange.size();
                }
                fits
            });
            evidence.left_out += before - evidence.exchanges.len();
        }
    }
    all
}

/// Some lines of somebody else's, each bounded, and all of them.
pub fn clipped(text: &str, longest: usize) -> String {
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(longest).collect();
    let more = characters.count();
    let mut lines: Vec<String> = start.lines().map(line).collect();
    if more > 0 {
        lines.push(format!("… and {more} more characters"));
    }
    lines.join("\n")
}

/// The beginning of one line, in which nothing hides.
pub fn line(text: &str) -> String {
    let mut characters = text.chars();
    let visible = characters.by_ref().take(LONGEST_LINE);
    let start: String = visible.map(|character| if hides(character) { '\u{fffd}' } else { character }).collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(length: usize, decisive: bool) -> Exchange {
        Exchange { answer: "x".repeat(length), decisive, ..Exchange::default() }
    }

    #[test]
    fn a_case_shows_no_more_than_its_share_and_what_is_decisive_first() {
        let big = LONGEST_CASE / 2 + 1;
        let first = Evidence { findings: vec![0], exchanges: vec![exchange(big, false)], left_out: 0 };
        let second =
            Evidence { findings: vec![1], exchanges: vec![exchange(big, true), exchange(9, false)], left_out: 1 };
        let all = bounded(vec![first, second]);
        assert_eq!((all[0].exchanges.len(), all[0].left_out), (0, 1));
        assert_eq!((all[1].exchanges.len(), all[1].left_out), (2, 1));
        assert!(all[1].exchanges[0].decisive);
    }

    #[test]
    fn texts_are_cut_between_characters_and_say_what_is_missing() {
        assert_eq!(clipped("ü\u{202e}b\nc", 9), "ü\u{fffd}b\nc");
        assert_eq!(clipped("üüüü", 2), "üü\n… and 2 more characters");
        let long = line(&"ü".repeat(LONGEST_LINE + 1));
        assert_eq!(long.chars().count(), LONGEST_LINE + 1);
        assert!(long.ends_with('…'));
    }
}
