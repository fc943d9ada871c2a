//! A transaction as a waterfall: when each request came, and how long the mock worked on it.

use super::transactions::took;
use crate::ambient::Timestamp;

/// How wide the drawing is; a bar is told as a part of it.
const WIDTH: u64 = 1_000;
/// How wide a bar is at least: what took no time is seen, too.
const LEAST: u64 = 8;

/// One request in it.
pub(crate) struct Bar {
    /// Where its bar begins, of [`WIDTH`].
    pub(crate) from: u64,
    pub(crate) width: u64,
    /// How long after the first request it came: `+1.2 s`.
    pub(crate) after: String,
    /// How long the mock worked on it.
    pub(crate) took: String,
}

/// The bars of requests, given when the work on each began and ended.
pub(crate) fn bars(spans: &[(Timestamp, Timestamp)]) -> Vec<Bar> {
    let first = spans.iter().map(|(began, _)| began.0).min().unwrap_or_default();
    let last = spans.iter().map(|(_, ended)| ended.0).max().unwrap_or_default();
    let whole = last.saturating_sub(first).max(1);
    let bar = |(began, ended): &(Timestamp, Timestamp)| {
        let (after, lasted) = (began.0.saturating_sub(first), ended.0.saturating_sub(began.0));
        let width = part(lasted, whole).clamp(LEAST, WIDTH);
        let from = part(after, whole).min(WIDTH - width);
        Bar { from, width, after: format!("+{}", took(after)), took: took(lasted) }
    };
    spans.iter().map(bar).collect()
}

/// A time as a part of the drawing.
fn part(milliseconds: u64, whole: u64) -> u64 {
    let part = u128::from(milliseconds) * u128::from(WIDTH) / u128::from(whole);
    u64::try_from(part).unwrap_or(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_where_their_requests_came_and_never_leave_the_drawing() {
        let spans = [(1_000, 1_100), (1_500, 1_500), (2_000, 2_000)].map(|(from, to)| (Timestamp(from), Timestamp(to)));
        let bars = bars(&spans);
        let drawn: Vec<(u64, u64)> = bars.iter().map(|bar| (bar.from, bar.width)).collect();
        assert_eq!(drawn, [(0, 100), (500, LEAST), (WIDTH - LEAST, LEAST)]);
        assert_eq!((bars[0].took.as_str(), bars[2].after.as_str()), ("100 ms", "+1.0 s"));
    }

    #[test]
    fn one_request_and_a_clock_that_went_back_are_drawn_all_the_same() {
        let at = |from, to| bars(&[(Timestamp(from), Timestamp(to))]).pop().map(|bar| (bar.from, bar.width));
        assert_eq!(at(5, 5), Some((0, LEAST)));
        assert_eq!(at(9, 2), Some((0, LEAST)));
        assert_eq!(at(0, u64::MAX), Some((0, WIDTH)));
    }
}
