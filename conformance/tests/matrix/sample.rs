//! Which part of a matrix is judged: all of it, or one of several samples that together are all of it.

use std::io::Write;

/// A sample of a matrix: `MYINFO_MATRIX=3/10` is the third of ten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    number: usize,
    of: usize,
}

impl Sample {
    /// What the environment asks for: everything, unless it says otherwise.
    pub(crate) fn asked() -> Self {
        match std::env::var("MYINFO_MATRIX") {
            Ok(text) => Self::read(&text).unwrap_or_else(|| panic!("MYINFO_MATRIX is `{text}`; write it like 3/10")),
            Err(_) => Self { number: 1, of: 1 },
        }
    }

    fn read(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('/')?;
        let sample = Self { number: number.parse().ok()?, of: of.parse().ok()? };
        (1..=sample.of).contains(&sample.number).then_some(sample)
    }

    /// Whether that is everything.
    pub(crate) const fn is_all(self) -> bool {
        self.of == 1
    }

    /// What of a list belongs to it, said past the capture of the test: which sample it was is to be seen.
    pub(crate) fn of<T>(self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        let chosen = self.part_of(all);
        let _ = writeln!(std::io::stderr(), "sample {} of {}: {} are judged", self.number, self.of, chosen.len());
        chosen
    }

    /// Every so-manieth, so that a sample has something of each part of the flow.
    fn part_of<T>(self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        all.into_iter().skip(self.number - 1).step_by(self.of).collect()
    }
}

/// Holds a page against the rows that a run came to: each stands there as it is, and the page has no row of something else.
///
/// # Panics
/// When it does not hold.
pub(crate) fn assert_rows(page: &str, rows: &[String], ids: &[&str]) {
    let is_of = |line: &&str| ids.iter().any(|id| line.starts_with(&format!("| `{id}` |")));
    let known = page.lines().filter(is_of).count();
    assert_eq!(known, ids.len(), "the page has not one row for each of what can be judged");
    let wrong: Vec<&String> = rows.iter().filter(|row| !page.lines().any(|line| line == row.as_str())).collect();
    assert!(wrong.is_empty(), "the page says something else of these:\n{wrong:#?}");
}

#[test]
fn samples_together_are_everything_once() {
    let mut met: Vec<u32> = (1..=10).flat_map(|number| Sample { number, of: 10 }.part_of(0..113)).collect();
    met.sort_unstable();
    assert_eq!(met, (0..113).collect::<Vec<_>>());
    assert_eq!(Sample::read("3/10"), Some(Sample { number: 3, of: 10 }));
    for wrong in ["", "3", "0/10", "11/10", "a/b"] {
        assert_eq!(Sample::read(wrong), None, "{wrong}");
    }
}
