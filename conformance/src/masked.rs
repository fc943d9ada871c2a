//! What somebody else said, told without what looks secret: keys, tokens, documents, codes and personal numbers.
//!
//! Targets say in their own words why they refuse, and some say too much. That they do is a finding of its own; a report
//! must not spread it.

use crate::profile::ProfileId;
use crate::quote::{WITHHELD, without_keys};

const BEGINS: &str = "-----BEGIN ";
const ENDS: &str = "-----END ";
const MARK: &str = "-----";
/// The names of values that are secret whatever they look like.
const NAMES: [&str; 12] = [
    "code",
    "code_verifier",
    "client_secret",
    "secret",
    "password",
    "passphrase",
    "access_token",
    "id_token",
    "refresh_token",
    "token",
    "client_assertion",
    "private_key",
];
/// How long a value behind such a name is at least: words of errors have no digits, and short ones are numbers of errors.
const SHORTEST: usize = 6;
/// How long an NRIC or FIN is.
const NUMBER: usize = 9;

/// A text without what looks secret, and without the secrets that the suite gives to targets.
pub fn masked(text: &str) -> String {
    let secrets = ProfileId::ALL.into_iter().flat_map(|id| (id.profile().secrets)());
    let text = secrets.fold(text.to_owned(), |text, secret| text.replace(&secret.text, "[secret]"));
    without_keys(&without_words(&without_pem(&text)))
}

/// A text without the blocks of PEM in it, from their first line to their last, or to the end where that is missing.
fn without_pem(text: &str) -> String {
    let Some((before, from)) = text.split_once(BEGINS) else { return text.to_owned() };
    let end = from.split_once(ENDS).and_then(|(_, end)| end.split_once(MARK));
    format!("{before}{WITHHELD}{}", end.map_or_else(String::new, |(_, behind)| without_pem(behind)))
}

/// A text without the words in it that are secret: by what they are, or by the name before them.
fn without_words(text: &str) -> String {
    let is_word = |character: char| character.is_ascii_alphanumeric() || "_-.~".contains(character);
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut name) = (text, "");
    while let Some(start) = rest.find(is_word) {
        let (between, from) = rest.split_at(start);
        let (word, behind) = from.split_at(from.find(|character| !is_word(character)).unwrap_or(from.len()));
        shown.push_str(between);
        shown.push_str(&shown_word(word, is_named(name, between)));
        (rest, name) = (behind, word);
    }
    shown.push_str(rest);
    shown
}

/// Whether what stands behind a name, and what stands between them, is its value: `code=…`, `"code": "…"`.
fn is_named(name: &str, between: &str) -> bool {
    let gives = between.contains(['=', ':']) && between.chars().all(|mark| "=:\"'\\ ".contains(mark));
    gives && NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

fn shown_word(word: &str, is_named: bool) -> String {
    if word.starts_with("eyJ") && word.contains('.') {
        return "[token]".to_owned();
    }
    if is_named && word.len() >= SHORTEST && word.bytes().any(|byte| byte.is_ascii_digit()) {
        return "[secret]".to_owned();
    }
    let pieces = word.split_inclusive(['.', '_', '-', '~']);
    pieces.map(|piece| without_number(piece, piece.trim_end_matches(['.', '_', '-', '~']))).collect()
}

/// A piece of a word, in which a number of a person is masked but for its end, as Myinfo itself masks it.
fn without_number(piece: &str, number: &str) -> String {
    if is_number(number.as_bytes()) {
        return format!("*****{}", piece.get(NUMBER - 4..).unwrap_or_default());
    }
    piece.to_owned()
}

/// Whether a word is an NRIC or FIN: a letter that says its kind, seven digits, and a letter that checks them.
const fn is_number(word: &[u8]) -> bool {
    matches!(word, [b'S' | b'T' | b'F' | b'G' | b'M' | b's' | b't' | b'f' | b'g' | b'm', digits @ .., last]
        if digits.len() == NUMBER - 2 && last.is_ascii_alphabetic() && are_digits(digits))
}

const fn are_digits(digits: &[u8]) -> bool {
    match digits {
        [] => true,
        [first, rest @ ..] => first.is_ascii_digit() && are_digits(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::{CLIENT_KEY_PEM, CLIENT_SECRET, ec};

    #[test]
    fn nothing_secret_is_left_of_a_message() {
        let pem_body = CLIENT_KEY_PEM.lines().nth(2).unwrap();
        let jwk = ec::private("client-sig-p256").unwrap();
        let number = jwk["d"].as_str().unwrap().to_owned();
        for (text, secret) in [
            ("no person for S9000001H.\nNext".to_owned(), "S9000001H"),
            ("uinfin=s9000001h&x".to_owned(), "s9000001h"),
            ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl refused".to_owned(), "c2lnbmF0dXJl"),
            (format!("key:\n{CLIENT_KEY_PEM}\nis bad"), pem_body),
            (CLIENT_KEY_PEM.lines().take(4).collect::<Vec<_>>().join("\n"), pem_body),
            (format!("key {jwk}"), &number),
            (format!("{{'kty': 'EC', 'd': '{number}'}}"), &number),
            (format!("the secret {CLIENT_SECRET} is wrong"), CLIENT_SECRET),
            ("POST /token code=0123456789abcdef&x".to_owned(), "0123456789abcdef"),
            ("{\"code\": \"a1b2c3d4e5\"}".to_owned(), "a1b2c3d4e5"),
            ("{\\\"code\\\":\\\"a1b2c3d4e5\\\"}".to_owned(), "a1b2c3d4e5"),
        ] {
            assert!(!masked(&text).contains(secret), "{text}: {}", masked(&text));
        }
        assert_eq!(masked("for S9000001H: no"), "for *****001H: no");
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for text in [
            "the token request was refused with status 401 and invalid_client",
            "error code: access_denied",
            "code: 401",
            "http://127.0.0.1:5156/callback?state=x",
            "TypeError: undefined is not a function (at /srv/app/callback.js:12:7)",
            "version 1.2.3, S12345678, XS9000001H, S9000001HX, ü😀",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
