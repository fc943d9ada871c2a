//! Texts of somebody else's, made fit to be shown.

/// How long a text of somebody else's may be in a finding.
pub(crate) const LONGEST: usize = 400;

/// Whether a character could make a report look otherwise than it is: controls, and signs that turn the direction of writing.
pub(crate) fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of somebody else's on one line, of bounded length.
pub(crate) fn plain(text: &str, longest: usize) -> String {
    let mut characters = text.chars();
    let seen = characters.by_ref().take(longest).map(|character| if hides(character) { '\u{fffd}' } else { character });
    let start: String = seen.collect();
    if characters.next().is_some() { format!("{start}…") } else { start }
}

/// The beginning of the first line of a text of somebody else's.
pub(crate) fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let start = plain(line, 160);
    if line.len() < text.trim_end().len() && !start.ends_with('…') { format!("{start}…") } else { start }
}

/// How alike two names must be for one to have been meant by the other.
const LIKE: f64 = 0.85;
/// How long a name may be for which another one is looked for: none of ours is longer.
const LONGEST_NAME: usize = 80;

/// The name that may have been meant by one that there is not.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let wanted = name.to_lowercase();
    let scored = known.into_iter().map(|other| (strsim::jaro_winkler(&wanted, &other.to_lowercase()), other));
    let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(likeness, _)| *likeness >= LIKE).map(|(_, name)| name)
}

/// `; did you mean …?` with the nearest name, or nothing.
pub(crate) fn meant<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_none_that_is_far_off() {
        let known = ["python", "node", "ruby"];
        assert_eq!(meant("Pyton", known), "; did you mean `python`?");
        assert_eq!(meant("fortran", known), "");
        assert_eq!(meant("", known), "");
        assert_eq!(nearest(&"node".repeat(1_000), known), None);
    }
}
