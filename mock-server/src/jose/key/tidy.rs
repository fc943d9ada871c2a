//! What can be read of a key file although it is not as it should be: UTF-16, a byte order mark, `\n` as two characters,
//! indented lines. None of it can be part of a key, so nothing is guessed.

use std::borrow::Cow;

/// A text that is UTF-16.
const UTF_16: &str = "it is UTF-16 text, as PowerShell's `>` writes it; it was read all the same: save it as UTF-8";
/// A byte order mark.
const MARK: &str = "a byte order mark stands in front of it; it was read all the same: save it as UTF-8 without one";
/// Line breaks as two characters.
const ESCAPED: &str = "its line breaks are written as `\\n`; they were read as line breaks";
/// White space before the lines.
const INDENTED: &str = "its lines are indented; they were read without the blanks";

/// A key's content, and what was mended in it.
pub(super) struct Tidied<'a> {
    pub(super) content: Cow<'a, [u8]>,
    pub(super) notes: Vec<&'static str>,
}

/// What is mended when this content is read as a key: for the notes of those who can tell of it.
pub(crate) fn mended(input: &[u8]) -> Vec<&'static str> {
    tidied(input).notes
}

/// The content as it should have been written.
pub(super) fn tidied(input: &[u8]) -> Tidied<'_> {
    let mut notes = Vec::new();
    let mut content = Cow::Borrowed(input);
    if let Some(text) = from_utf16(input) {
        notes.push(UTF_16);
        content = Cow::Owned(text.into_bytes());
    } else if let Some(rest) = input.strip_prefix(b"\xef\xbb\xbf") {
        notes.push(MARK);
        content = Cow::Borrowed(rest);
    }
    let pem = std::str::from_utf8(&content).ok().filter(|text| text.contains("BEGIN "));
    if let Some(text) = pem.and_then(|text| with_lines(text, &mut notes)) {
        content = Cow::Owned(text.into_bytes());
    }
    Tidied { content, notes }
}

/// The text with real line breaks and without indentation; nothing where there is nothing to mend.
fn with_lines(text: &str, notes: &mut Vec<&'static str>) -> Option<String> {
    let mut mended = None;
    if text.contains("\\n") {
        notes.push(ESCAPED);
        mended = Some(text.replace("\\r", "").replace("\\n", "\n"));
    }
    let lines = || mended.as_deref().unwrap_or(text).lines();
    // other indented lines are remarks that tools write around the blocks
    if lines().any(|line| line.starts_with([' ', '\t']) && line.trim_start().starts_with("-----")) {
        notes.push(INDENTED);
        let trimmed: String = lines().flat_map(|line| [line.trim(), "\n"]).collect();
        mended = Some(trimmed);
    }
    mended
}

/// UTF-16 text, with its byte order mark or, where every second byte at its beginning is zero, without one.
fn from_utf16(input: &[u8]) -> Option<String> {
    let zero = |odd: usize| input.len() >= 16 && input.iter().skip(odd).step_by(2).take(32).all(|byte| *byte == 0);
    let little = input.starts_with(b"\xff\xfe") || zero(1);
    if !little && !input.starts_with(b"\xfe\xff") && !zero(0) {
        return None;
    }
    let units = input.chunks_exact(2).map(|pair| {
        let pair = [pair.first().copied().unwrap_or_default(), pair.last().copied().unwrap_or_default()];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    });
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::CLIENT_KEY_PEM;

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn what_cannot_be_part_of_a_key_is_mended_with_a_note() {
        let indented: String = CLIENT_KEY_PEM.lines().flat_map(|line| ["    ", line, "\n"]).collect();
        let escaped = CLIENT_KEY_PEM.replace('\n', "\\n");
        for (input, note) in [
            (utf16(CLIENT_KEY_PEM, true, u16::to_le_bytes), UTF_16),
            (utf16(CLIENT_KEY_PEM, true, u16::to_be_bytes), UTF_16),
            (utf16(CLIENT_KEY_PEM, false, u16::to_le_bytes), UTF_16),
            (utf16(CLIENT_KEY_PEM, false, u16::to_be_bytes), UTF_16),
            (format!("\u{feff}{CLIENT_KEY_PEM}").into_bytes(), MARK),
            (indented.into_bytes(), INDENTED),
            (escaped.clone().into_bytes(), ESCAPED),
            (escaped.replace("\\n", "\\r\\n").into_bytes(), ESCAPED),
        ] {
            let tidied = tidied(&input);
            assert_eq!((String::from_utf8_lossy(&tidied.content).as_ref(), tidied.notes), (CLIENT_KEY_PEM, vec![note]));
        }
    }

    #[test]
    fn what_is_as_it_should_be_stays_byte_for_byte() {
        let remarks = format!("Bag Attributes\n    localKeyID: 01 02\n{CLIENT_KEY_PEM}");
        for input in [CLIENT_KEY_PEM.as_bytes(), remarks.as_bytes(), b"\x30\x82\x00\x0a", b"{\"kty\":\"RSA\"}", b""] {
            let tidied = tidied(input);
            assert_eq!((&*tidied.content, tidied.notes.len()), (input, 0));
        }
    }
}
