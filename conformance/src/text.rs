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
