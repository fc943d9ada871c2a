//! What a text is that stands where a signature or a token should: written otherwise, a placeholder, another thing.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;

/// Base64 as anybody writes it: padded or not, with whatever bits behind the last byte.
const ANY_PADDING: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, ANY_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, ANY_PADDING);

/// The words that programs write for a value that was never set, and variables that nobody expanded.
pub(crate) fn placeholder(text: &str) -> Option<String> {
    const WORDS: [&str; 9] =
        ["undefined", "null", "None", "nil", "NaN", "true", "false", "[object Object]", "[object Promise]"];
    let text = text.trim().trim_matches(['"', '\'']);
    if let Some(word) = WORDS.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        return Some(format!("`{word}`, the text of a value that was never set, or not waited for"));
    }
    let enclosed = |start: &str, end: &str| text.starts_with(start) && text.ends_with(end) && text.len() < 60;
    let variable =
        enclosed("${", "}") || enclosed("{{", "}}") || enclosed("<", ">") || text.starts_with("process.env.");
    variable.then(|| "a variable or placeholder that was never filled in".to_owned())
}

/// Bytes out of hexadecimal, with or without colons.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    if digits.is_empty() { None } else { digits.chunks(2).map(pair).collect() }
}

/// The bytes behind a text that should be standard Base64 of so many bytes and is written otherwise, and how it is.
pub(crate) fn decoded_otherwise(text: &str, size: usize) -> Option<(&'static str, Vec<u8>)> {
    let standard = |text: &str| STANDARD.decode(text).ok();
    let ascii = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let unescaped = || percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    let without =
        |unwanted: fn(char) -> bool| text.chars().filter(|character| !unwanted(*character)).collect::<String>();
    let read: [(&str, Option<Vec<u8>>); 10] = [
        ("in hexadecimal", from_hex(text)),
        ("in hexadecimal of its Base64", from_hex(text).and_then(ascii).and_then(|text| standard(text.trim()))),
        ("in Base64 of its hexadecimal", standard(text).and_then(ascii).and_then(|text| from_hex(text.trim()))),
        ("in Base64 twice", standard(text).and_then(ascii).and_then(|text| standard(text.trim()))),
        ("in Base64url (`-` and `_`)", URL_SAFE.decode(text).ok().filter(|_| text.contains(['-', '_']))),
        ("in Base64 without its `=` at the end", standard(text)),
        ("percent-encoded", unescaped().filter(|plain| plain != text).and_then(|text| standard(&text))),
        ("in Base64 in which a `+` was taken for a space", standard(&text.replace(' ', "+"))),
        ("broken into lines", standard(&without(char::is_whitespace))),
        ("in quotes", standard(text.trim_matches(['\'', '"', '\\']))),
    ];
    read.into_iter().find_map(|(how, bytes)| Some((how, bytes.filter(|bytes| bytes.len() == size)?)))
}

/// What so many bytes are that are no RSA signature of the wanted size.
pub(crate) fn of_length(bytes: &[u8]) -> Option<String> {
    let length = bytes.len();
    match (length, bytes) {
        (20, _) => Some("as long as a SHA-1 hash or an HMAC: no RSA signature".to_owned()),
        (32, _) => Some("as long as a SHA-256 hash or an HMAC: no RSA signature".to_owned()),
        (48, _) => Some("as long as a SHA-384 hash or an HMAC: no RSA signature".to_owned()),
        (8..=139, [0x30, inner, 0x02, ..]) if usize::from(*inner) + 2 == length => {
            Some("an ECDSA signature in DER; v3 wants RSA".to_owned())
        }
        (64, _) => {
            Some("as long as a SHA-512 hash, an HMAC, or an ECDSA signature (ES256): no RSA signature".to_owned())
        }
        (128 | 256 | 384 | 512, _) => Some(format!("as long as a signature by an RSA key of {} bits", length * 8)),
        _ => None,
    }
}

/// The bytes of a text in hexadecimal of a hash's length, or in standard Base64.
pub(crate) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let hash = from_hex(text).filter(|bytes| [20, 32, 48, 64].contains(&bytes.len()));
    hash.or_else(|| BASE64_STANDARD.decode(text).ok())
}

/// What a text is that is nothing like a token, to begin with.
pub(crate) fn no_token(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(word) = placeholder(text) {
        return Some(format!("it is {word}"));
    }
    if text.starts_with("-----BEGIN") {
        return Some("it is PEM, a certificate or a key, and no token".to_owned());
    }
    if text.starts_with('<') {
        return Some("it is an HTML or XML page, and no token".to_owned());
    }
    if text.starts_with('{') {
        return Some("it is JSON, a whole answer; the token is its member `access_token`".to_owned());
    }
    let is_code = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then(|| {
        "it has no parts and the 40 letters and digits of an authorisation code, which is exchanged for a token"
            .to_owned()
    })
}

/// A token as it was meant, and how it was written otherwise; nothing where it is written rightly.
pub(crate) fn mended_token(text: &str) -> (String, Vec<&'static str>) {
    let mut how = Vec::new();
    let mut token = text.trim().to_owned();
    // what is no token at all is left as it is
    if no_token(&token).is_some() && !token.starts_with('"') {
        return (token, how);
    }
    if token.contains('%')
        && let Ok(decoded) = percent_encoding::percent_decode_str(&token).decode_utf8()
        && decoded != token
    {
        token = decoded.into_owned();
        how.push("percent-encoded");
    }
    let bare = token.trim_matches(['"', '\'']).to_owned();
    if bare != token {
        token = bare;
        how.push("in quotes");
    }
    if token.contains(char::is_whitespace) {
        token.retain(|character| !character.is_whitespace());
        how.push("broken into lines or by blanks");
    }
    if token.contains(['+', '/', '=']) && [2, 4].contains(&token.matches('.').count()) {
        token = token.replace('+', "-").replace('/', "_").replace('=', "");
        how.push("in standard Base64 instead of Base64url without `=`");
    }
    (token, how)
}

/// The text of a JWS that is signed, and its signature.
pub(crate) fn signature_of(token: &str) -> Option<(&str, Vec<u8>)> {
    let (text, signature) = token.rsplit_once('.')?;
    Some((text, URL_SAFE.decode(signature).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_value_is_told_by_its_word() {
        for text in ["undefined", "\"null\"", "[object Object]", "${TOKEN}", "{{token}}", "<token>"] {
            assert!(placeholder(text).is_some(), "{text}");
        }
        for text in ["", "c2ln", "a.b.c", "nullable"] {
            assert_eq!(placeholder(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_found_behind_every_other_writing() {
        let bytes: Vec<u8> = (200..=255).chain(0..5).collect();
        let base64 = BASE64_STANDARD.encode(&bytes);
        let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02X}"));
        for (text, wanted) in [
            (hex(&bytes), "in hexadecimal"),
            (hex(base64.as_bytes()), "in hexadecimal of its Base64"),
            (BASE64_STANDARD.encode(hex(&bytes)), "in Base64 of its hexadecimal"),
            (BASE64_STANDARD.encode(&base64), "in Base64 twice"),
            (base64.replace('+', "-").replace('/', "_"), "in Base64url (`-` and `_`)"),
            (base64.trim_end_matches('=').to_owned(), "in Base64 without its `=` at the end"),
            (crate::text::encode(&base64), "percent-encoded"),
            (base64.replace('+', " "), "in Base64 in which a `+` was taken for a space"),
            (format!("{}\n{}", &base64[..40], &base64[40..]), "broken into lines"),
        ] {
            assert_eq!(decoded_otherwise(&text, bytes.len()), Some((wanted, bytes.clone())), "{text}");
        }
        assert_eq!(decoded_otherwise("nothing of the kind", bytes.len()), None);
    }
}
