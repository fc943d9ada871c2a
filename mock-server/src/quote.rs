//! What may be quoted in a message: never a text that looks like key material.

/// The shortest run of Base64 that is taken for key material.
const SHORTEST: usize = 16;
/// The longest text that a message quotes as a name.
const LONGEST: usize = 300;
/// What stands in place of it.
pub(crate) const WITHHELD: &str = "[not shown: it looks like key material]";

/// Whether a text may stand in a message as it is. This is the one place that decides it.
///
/// A text with line breaks is none that a message quotes; neither is one with a run of Base64 that no name has, whatever
/// white space was put into it.
pub(crate) fn is_quotable(text: &str) -> bool {
    text.len() <= LONGEST
        && !text.contains(['\n', '\r'])
        && !has_marks(text)
        && !has_base64(text)
        && !is_broken_base64(text)
}

/// A text in backticks, or what stands in its place.
pub fn quoted(text: &str) -> String {
    if is_quotable(text) { format!("`{text}`") } else { WITHHELD.to_owned() }
}

/// The label of a PEM line, where the text is one: at most one short line of capitals, digits and blanks.
pub(crate) fn label(text: &str) -> Option<&str> {
    let fits = |word: &str| (1..=12).contains(&word.len());
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
    (text.len() <= 40 && text.bytes().all(plain) && text.split(' ').all(fits)).then_some(text)
}

/// A message without the key material that came into it with what it quotes, in backticks or quotes.
pub fn without_keys(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, mark, from)) = split_at_mark(rest) {
        shown.push_str(&withheld(before, before.contains("\\n")));
        shown.push(mark);
        let (quoted, behind) = from.split_once(mark).unwrap_or((from, ""));
        shown.push_str(&withheld(quoted, true));
        if quoted.len() < from.len() {
            shown.push(mark);
        }
        rest = behind;
    }
    shown.push_str(&withheld(rest, rest.contains("\\n")));
    shown
}

fn split_at_mark(text: &str) -> Option<(&str, char, &str)> {
    let (before, from) = text.split_at(text.find(['`', '"'])?);
    let mut characters = from.chars();
    let mark = characters.next()?;
    Some((before, mark, characters.as_str()))
}

/// A part of a message; what was quoted goes as a whole where it is Base64 but for white space.
fn withheld(part: &str, quoted: bool) -> String {
    let broken = quoted && is_broken_base64(part) || part.contains("<RSAKeyValue");
    if broken { WITHHELD.to_owned() } else { without_base64(part) }
}

/// What to say of a command line, or of variables, that hold the text of a key where the name of a file belongs.
pub fn pasted_key(
    mut arguments: impl Iterator<Item = String>,
    variables: impl Iterator<Item = (String, String)>,
) -> Option<String> {
    let pasted = |text: &str| has_marks(text) || text.trim().contains('\n') && is_broken_base64(text);
    // Base64 in one piece: no name of a file is so long and so random, though a variable may be a secret
    let bare = |text: &str| text.len() >= 100 && text.bytes().all(is_base64) && has_base64(text);
    let variable = variables.filter(|(name, _)| name.starts_with("MYINFO_")).find(|(_, value)| pasted(value));
    let place = match variable {
        Some((name, _)) => format!("the variable {name}"),
        None => arguments.any(|argument| pasted(&argument) || bare(&argument)).then(|| "an argument".to_owned())?,
    };
    Some(format!("{place} holds the text of a key: write it to a file of its own, and give the name of that file"))
}

/// Whether a text is meant as key material, however damaged, rather than as the name of a file.
pub(crate) fn is_key_text(text: &str) -> bool {
    let bare = squeezed(text);
    has_marks(text)
        || text.trim().contains(['\n', '\r'])
        || bare.starts_with('{')
        || bare.len() >= 40 && bare.bytes().all(is_base64) && has_base64(&bare)
}

/// The shortest text without any mark that is a key wherever it stands. Identifiers, nonces and thumbprints are shorter.
const SHORTEST_KEY: usize = 64;

/// Whether a text is marked as a key: by the words that begin one, or as a JWK.
pub(crate) fn is_marked(text: &str) -> bool {
    has_marks(text) || text.contains("\"kty\"")
}

/// Whether a text is a key where any identifier may stand: it is marked as one, or long and Base64 throughout.
pub(crate) fn is_key_material(text: &str) -> bool {
    let bare = squeezed(text);
    is_marked(text) || bare.len() >= SHORTEST_KEY && bare.bytes().all(is_base64) && has_base64(&bare)
}

/// The words that begin and end a key, in the forms that people have.
fn has_marks(text: &str) -> bool {
    const MARKS: [&str; 14] = [
        "-BEGIN ",
        "\u{2013}BEGIN ",
        "\u{2014}BEGIN ",
        "BEGIN RSA ",
        "BEGIN EC ",
        "BEGIN PRIVATE ",
        "BEGIN ENCRYPTED ",
        "BEGIN PUBLIC ",
        "BEGIN CERTIFICATE",
        "<RSAKeyValue",
        "PuTTY-User-Key-File",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-sha2-",
    ];
    MARKS.iter().any(|mark| text.contains(mark))
}

/// The text without white space and what stands for line breaks.
fn squeezed(text: &str) -> String {
    text.replace("\\n", "").replace("\\r", "").chars().filter(|character| !character.is_whitespace()).collect()
}

/// Whether a text is Base64 with white space in it. What is left without the white space may be words, so longer pieces
/// are asked for.
fn is_broken_base64(text: &str) -> bool {
    let text = squeezed(text);
    let mut pieces = text.split(|character: char| !character.is_ascii_alphanumeric());
    pieces.any(|piece| piece.len() >= SHORTEST && is_mixed(piece) && piece.len() < 3 * words(piece))
}

fn is_mixed(piece: &str) -> bool {
    piece.bytes().any(|byte| byte.is_ascii_uppercase()) && piece.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn has_base64(text: &str) -> bool {
    runs(text).any(|(_, run)| is_random(run))
}

fn without_base64(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    for (start, run) in runs(text).filter(|(_, run)| is_random(run)) {
        shown.push_str(text.get(end..start).unwrap_or_default());
        shown.push_str(WITHHELD);
        end = start + run.len();
    }
    shown.push_str(text.get(end..).unwrap_or_default());
    shown
}

/// The runs of Base64's characters, each with its place.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut place = 0;
    text.split(|character: char| !u8::try_from(character).is_ok_and(is_base64)).filter_map(move |run| {
        let start = text.get(place..)?.find(run)? + place;
        place = start + run.len();
        (run.len() >= SHORTEST).then_some((start, run))
    })
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-')
}

/// Whether a run is none of words: the parts of names are written in one case, or begin with a capital, and numbers end
/// them. In Base64 the kind of character changes at every second place.
fn is_random(run: &str) -> bool {
    !is_path(run)
        && run
            .split(['/', '_', '-', '+', '='])
            .any(|piece| piece.len() >= 64 || piece.len() >= 6 && is_mixed(piece) && piece.len() < 4 * words(piece))
}

/// Whether a run is a path: a part of it is a plain word, and no part is long. The names that `mktemp` makes are short.
fn is_path(run: &str) -> bool {
    let plain = |part: &str| part.len() >= 5 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    run.split('/').any(plain) && run.split('/').all(|part| part.len() < 12 || !is_mixed(part))
}

/// In how many words a piece falls: small letters with a capital before them or not, capitals, digits.
fn words(piece: &str) -> usize {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    let (mut words, mut capitals) = (0, 0);
    let mut before = None;
    for kind in piece.bytes().map(kind) {
        // behind several capitals the last of them begins the word, as in `RSAKey`
        let goes_on = before == Some(kind) || (before, kind, capitals) == (Some(1), 0, 1);
        words += usize::from(!goes_on);
        capitals = if kind == 1 { capitals + 1 } else { 0 };
        before = Some(kind);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM};

    #[test]
    fn names_are_quoted_and_keys_are_not() {
        for name in [
            "client-key.pem",
            "/home/anna/Projects/my-company/backend/config/keys/myinfo/Client2024_Key",
            "http://localhost:3001/callback?keep=this",
            "/srv/BACKEND keys/CERTIFICATE-2024.pem",
            "childrenbirthrecords.vaccinationrequirements",
            "5d41402abc4b2a76b9719d911017c592",
        ] {
            assert!(is_quotable(name) && !is_key_text(name), "{name}");
            assert_eq!(without_keys(&format!("`{name}` cannot be read")), format!("`{name}` cannot be read"));
        }
        for advice in ["`ssh-keygen -p -m PKCS8 -N '' -f FILE` makes PEM", "`$k.ExportPkcs8PrivateKeyPem() > key.pem`"]
        {
            assert_eq!(without_keys(advice), advice);
        }
        let body: String = CLIENT_KEY_PEM.lines().filter(|line| !line.starts_with('-')).collect();
        for text in [CLIENT_KEY_PEM, CLIENT_CERT_PEM, &body, &body[..64], &CLIENT_KEY_PEM.replace('-', "")] {
            assert!(!is_quotable(text) && is_key_text(text), "{text}");
            assert!(!without_keys(&format!("`{text}` cannot be read")).contains(&body[..16]), "{text}");
        }
        // the end of an encrypted key's first line, where the line was cut
        let cut = "MAwGCCqGSIb3DQIJBQAw";
        assert!(!is_quotable(cut) && !without_keys(&format!("`{cut}` cannot be read")).contains(cut));
        for own in ["TESTBEDxMYINFOxAPPx0000000000001", "TESTBED-CLIENT", "STG2-MYINFO-SELF-TEST", "RSAPrivateKey"] {
            assert!(is_quotable(own), "{own}");
        }
    }

    #[test]
    fn a_label_is_one_short_line_of_capitals_digits_and_blanks() {
        for good in ["RSA PRIVATE KEY", "CERTIFICATE", "X509 CRL"] {
            assert_eq!(label(good), Some(good));
        }
        for bad in ["", "RSA PRIVATE KEY----\nMIIE", "private key", "PRIVATE  KEY", "MIIEVGIBADANBGKQ"] {
            assert_eq!(label(bad), None, "{bad}");
        }
    }
}
