//! What a message may quote: never a text that looks like key material.

use serde::de::IgnoredAny;

/// What stands in the place of key material.
pub(crate) const WITHHELD: &str = "[not shown: it looks like key material]";

/// A message without the key material that came into it with what it quotes. This is the one place that decides it.
///
/// Words of sixteen characters of Base64 or more go where capitals, small letters and digits change as they do in no name;
/// what stands in quotes goes as a whole where it is such a word but for white space.
pub fn without_keys(message: &str) -> String {
    let mut shown = String::new();
    let mut rest = message;
    while let Some((before, behind)) = around_jwk(rest) {
        shown.push_str(&without_quotes(before));
        shown.push_str(WITHHELD);
        rest = behind;
    }
    shown.push_str(&without_quotes(rest));
    shown
}

/// What stands before the first JWK and what behind it. Its text is never needed, so it goes whole, with the set that it is in; where it has
/// no end that can be told, as it was cut or stands inside a text of JSON, what follows goes with it.
fn around_jwk(message: &str) -> Option<(&str, &str)> {
    let kind = message.find("\"kty")?;
    let (before, _) = message.split_at(kind);
    // the first brace begins a set of keys, the last one a key alone
    for start in [before.find('{'), before.rfind('{')].into_iter().flatten() {
        let (before, from) = message.split_at(start);
        let mut values = serde_json::Deserializer::from_str(from).into_iter::<IgnoredAny>();
        let end = values.next().and_then(Result::ok).map(|_| values.byte_offset());
        if let Some(end) = end.filter(|end| start + end > kind) {
            return Some((before, from.get(end..).unwrap_or_default()));
        }
    }
    Some((before.split('{').next().unwrap_or_default(), ""))
}

fn without_quotes(message: &str) -> String {
    let parts = message.split_inclusive(['`', '"']).map(|part| {
        let (text, mark) = match part.strip_suffix(['`', '"']) {
            Some(text) => (text, part.get(text.len()..).unwrap_or_default()),
            None => (part, ""),
        };
        // outside of quotes white space parts words, unless it is written as in a program
        let whole = !mark.is_empty() && is_broken(text);
        if whole { format!("{WITHHELD}{mark}") } else { format!("{}{mark}", without_words(text)) }
    });
    parts.collect()
}

/// Whether a text is Base64 with white space in it: then longer pieces of it are asked for, for they may be words.
fn is_broken(text: &str) -> bool {
    let is_kept = |character: &char| !character.is_whitespace() && !character.is_control();
    let squeezed: String = text.replace("\\n", "").chars().filter(is_kept).collect();
    let mut pieces = squeezed.split(|character: char| !character.is_ascii_alphanumeric());
    pieces.any(|piece| piece.len() >= 16 && is_random(piece, 3))
}

fn without_words(message: &str) -> String {
    let is_base64 = |character: char| character.is_ascii_alphanumeric() || "+/=_-".contains(character);
    let mut shown = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = rest.find(is_base64) {
        let (before, from) = rest.split_at(start);
        let (word, behind) = from.split_at(from.find(|character| !is_base64(character)).unwrap_or(from.len()));
        shown.push_str(before);
        shown.push_str(if is_key(word) { WITHHELD } else { word });
        rest = behind;
    }
    shown.push_str(rest);
    shown
}

/// The name of a file, unless it is the text of a key: that has line breaks, or the words of a PEM line.
pub fn file_name(name: &str) -> String {
    let is_text = name.contains(['\n', '\r']) || name.contains("BEGIN ") || name.len() > 300;
    let hidden = is_text || without_words(name) != name || is_broken(name);
    if hidden { format!("{WITHHELD}; the name of a file belongs here") } else { name.to_owned() }
}

fn is_key(word: &str) -> bool {
    word.len() >= 16
        && !is_path(word)
        && word.split(['+', '/', '=', '_', '-']).any(|piece| piece.len() >= 64 || is_random(piece, 4))
}

/// Whether a word is a path: one of its parts is a plain word, and no long one changes between capitals and small letters.
fn is_path(word: &str) -> bool {
    let is_plain = |part: &str| part.len() >= 5 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_mixed = |part: &str| {
        part.bytes().any(|byte| byte.is_ascii_uppercase()) && part.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    word.split('/').any(is_plain) && word.split('/').all(|part| part.len() < 12 || !is_mixed(part))
}

/// Whether the words in it are shorter than this: small letters with a capital before them or not, capitals, digits.
fn is_random(piece: &str, shortest: usize) -> bool {
    let kinds: Vec<u8> =
        piece.bytes().map(|byte| u8::from(byte.is_ascii_uppercase()) + 2 * u8::from(byte.is_ascii_digit())).collect();
    let changes = kinds.windows(2).filter(|pair| pair.first() != pair.last() && *pair != [1, 0]).count();
    // behind several capitals the last of them begins a word, as in `RSAKey`
    let changes = changes + kinds.windows(3).filter(|three| *three == [1, 1, 0]).count();
    piece.len() >= 6 && kinds.contains(&0) && kinds.contains(&1) && piece.len() < shortest * (changes + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM};
    use proptest::prelude::*;

    #[test]
    fn keys_are_withheld_and_names_are_not() {
        let name = "/home/anna/My-Company/keys/Client2024_Key.pem";
        assert_eq!((without_keys(name).as_str(), file_name(name).as_str()), (name, name));
        for key in [CLIENT_KEY_PEM, CLIENT_CERT_PEM] {
            let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
            for text in [key, &body, &body[..64]] {
                assert!(!without_keys(text).contains(&body[..16]), "{text}");
                assert!(!file_name(text).contains(&body[..16]), "{text}");
            }
        }
        // the end of an encrypted key's first line, where the line was cut
        let cut = "MAwGCCqGSIb3DQIJBQAw";
        assert!(!without_keys(cut).contains(cut) && !file_name(cut).contains(cut));
    }

    #[test]
    fn what_stands_behind_the_kind_of_a_key_goes_whatever_stands_before_it() {
        for text in
            ["\"kty\"", "key \"kty\" is missing", "{\n  \"d\": \"x\",\n  \"kty\": \"EC\"", "a \"kty\": {\"kty\""]
        {
            let before = text.split(['{', '"']).next().unwrap();
            assert_eq!(without_keys(text), format!("{before}{WITHHELD}"), "{text}");
        }
    }

    #[test]
    fn what_stands_around_a_whole_key_is_told() {
        let key = r#"{"kty":"EC","kid":"a}b","d":"0123456789"}"#;
        let set = format!(r#"{{"keys":[{key},{key}]}}"#);
        for (key, before) in [(key, "status {400}"), (set.as_str(), "status 400")] {
            let told = without_keys(&format!("{before}: no key {key} fits, nor does {key}: use ES256"));
            assert_eq!(told, format!("{before}: no key {WITHHELD} fits, nor does {WITHHELD}: use ES256"));
        }
        let inside = serde_json::Value::from(format!("no key {key} fits")).to_string();
        assert_eq!(without_keys(&inside), format!("\"no key {WITHHELD}"));
        assert_eq!(without_keys(&key.repeat(1000)), WITHHELD.repeat(1000));
    }

    proptest! {
        #[test]
        fn any_text_around_the_kind_of_a_key_is_taken(before in any::<String>(), behind in any::<String>()) {
            let told = without_keys(&format!("{before}\"kty{behind}"));
            prop_assert!(told.ends_with(WITHHELD));
        }

        #[test]
        fn any_value_of_a_key_is_taken(value in any::<String>(), before in any::<String>(), behind in any::<String>()) {
            let value = format!("-{value}-");
            let key = serde_json::json!({"d": value, "kty": "EC"});
            let told = without_keys(&format!("{before}{key}{behind}"));
            prop_assert!(told.matches(&value).count() <= before.matches(&value).count() + behind.matches(&value).count());
        }
    }
}
