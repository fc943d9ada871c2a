//! What somebody else said, told without what looks secret: keys, tokens, documents, codes and personal numbers.
//!
//! Targets say in their own words why they refuse, and some say too much. That they do is a finding of its own; a report
//! must not spread it.

use crate::profile::ProfileId;
use crate::quote::{WITHHELD, without_keys};

const BEGINS: &str = "-----BEGIN ";
const ENDS: &str = "-----END ";
const MARK: &str = "-----";
/// The names of values that are secret whatever they look like. Longer names end so, too: `MYINFO_PRIVATE_KEY_PASSPHRASE`.
const NAMES: [(&str, Kind); 15] = [
    ("password", Kind::Password),
    ("passwd", Kind::Password),
    ("passphrase", Kind::Password),
    ("secret", Kind::Password),
    ("code", Kind::Token),
    ("code_verifier", Kind::Token),
    ("access_token", Kind::Token),
    ("id_token", Kind::Token),
    ("refresh_token", Kind::Token),
    ("token", Kind::Token),
    ("client_assertion", Kind::Token),
    ("private_key", Kind::Token),
    ("api_key", Kind::Token),
    ("cookie", Kind::Cookies),
    ("set-cookie", Kind::Cookies),
];
/// How long a value behind such a name is at least: words of errors have no digits, and short ones are numbers of errors.
const SHORTEST: usize = 6;
/// What kind of value stands behind a name, which tells where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Made by a person: it may hold any character but white space, or that, too, where it stands in quotes.
    Password,
    /// Made by a program: a word.
    Token,
    /// All that is left of a line.
    Cookies,
}

/// How long an NRIC or FIN is.
const NUMBER: usize = 9;

/// A text without what looks secret, and without the secrets that the suite gives to targets.
pub fn masked(text: &str) -> String {
    let secrets = ProfileId::ALL.into_iter().flat_map(|id| (id.profile().secrets)());
    let text = secrets.fold(text.to_owned(), |text, secret| text.replace(&secret.text, "[secret]"));
    without_keys(&without_words(&without_users(&without_pem(&text))))
}

/// A text without the blocks of PEM in it, from their first line to their last, or to the end where that is missing.
fn without_pem(text: &str) -> String {
    let Some((before, from)) = text.split_once(BEGINS) else { return text.to_owned() };
    let end = from.split_once(ENDS).and_then(|(_, end)| end.split_once(MARK));
    format!("{before}{WITHHELD}{}", end.map_or_else(String::new, |(_, behind)| without_pem(behind)))
}

/// A text whose addresses name nobody who logs in with them: `scheme://user:password@host` (RFC 3986 §3.2.1).
fn without_users(text: &str) -> String {
    let mut parts = text.split("://");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_whitespace() || "/?#\"'`<>\\".contains(letter));
        let (authority, _) = part.split_at(end.unwrap_or(part.len()));
        shown.push_str("://");
        match authority.rsplit_once('@') {
            Some((user, _)) => {
                shown.push_str("[secret]");
                shown.push_str(part.get(user.len()..).unwrap_or_default());
            }
            None => shown.push_str(part),
        }
    }
    shown
}

/// A text without the words in it that are secret: by what they are, or by the name before them.
fn without_words(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let (between, from) = rest.split_at(start);
        let (word, behind) = from.split_at(from.find(|letter| !is_word(letter)).unwrap_or(from.len()));
        shown.push_str(between);
        shown.push_str(&shown_word(word));
        rest = behind;
        if let Some((between, behind)) = around_value(word, behind) {
            shown.push_str(between);
            shown.push_str("[secret]");
            rest = behind;
        }
    }
    shown.push_str(rest);
    shown
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-.~".contains(letter)
}

/// What stands between a name and its value, and behind the value, where a secret is given: `code=…`, `"code": "…"`, `--password …`.
fn around_value<'t>(name: &str, behind: &'t str) -> Option<(&'t str, &'t str)> {
    let kind = kind(name)?;
    let from = behind.trim_start_matches(['"', '\'', '\\', ' ']);
    let from = match from.strip_prefix(['=', ':']) {
        Some(value) => value.trim_start_matches(['=', ':', '\\', ' ']),
        None if kind == Kind::Password && behind.starts_with(' ') => from.strip_prefix("is ").unwrap_or(from),
        None => return None,
    };
    let value = from.trim_start_matches(['"', '\'']);
    let quoted = from.len() > value.len();
    let is_end = |letter: char| match kind {
        Kind::Password if quoted => "\"'\n".contains(letter),
        Kind::Password => letter.is_whitespace() || "\"'<>,;".contains(letter),
        Kind::Token => !is_word(letter),
        Kind::Cookies => "\"'\r\n".contains(letter),
    };
    let (value, after) = value.split_at(value.find(is_end).unwrap_or(value.len()));
    let is_secret = match kind {
        Kind::Cookies => value.contains('='),
        // a token in its compact form is named as one
        Kind::Token if value.starts_with("eyJ") && value.contains('.') => false,
        Kind::Password | Kind::Token => value.len() >= SHORTEST && value.bytes().any(|byte| byte.is_ascii_digit()),
    };
    let between = behind.get(..behind.len() - value.len() - after.len())?;
    is_secret.then_some((between, after))
}

fn kind(name: &str) -> Option<Kind> {
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    let ends = |secret: &str, kind: Kind| {
        let before = name.strip_suffix(secret);
        before.is_some_and(|before| kind == Kind::Password || before.is_empty() || before.ends_with(['_', '-', '.']))
    };
    NAMES.into_iter().find(|(secret, kind)| ends(secret, *kind)).map(|(_, kind)| kind)
}

fn shown_word(word: &str) -> String {
    if word.starts_with("eyJ") && word.contains('.') {
        return "[token]".to_owned();
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
    fn what_an_application_logs_in_with_is_left_out_and_the_rest_is_told() {
        for (text, shown) in [
            ("redis://:redispw99@cache/0 is down", "redis://[secret]@cache/0 is down"),
            ("at 'postgres://app:s3cr3t@db/app', see http://a/b", "at 'postgres://[secret]@db/app', see http://a/b"),
            ("DATABASE_URL=postgres://app:startpw99@db", "DATABASE_URL=postgres://[secret]@db"),
            ("password is plainpw99, and wrong", "password is [secret], and wrong"),
            ("app --password flagpw99 --db x", "app --password [secret] --db x"),
            ("password='quo te99 pw' failed", "password='[secret]' failed"),
            ("password: Tr0ub4dor&3 failed", "password: [secret] failed"),
            ("{\"dbPassword\": \"$a1b2c3\"}", "{\"dbPassword\": \"[secret]\"}"),
            ("MYINFO_PRIVATE_KEY_PASSPHRASE=demopass99", "MYINFO_PRIVATE_KEY_PASSPHRASE=[secret]"),
            ("Cookie: sid=cookie0099; b=c\nnext", "Cookie: [secret]\nnext"),
            ("token: eyJhbGciOiJFUzI1NiJ9.e30.c2ln refused", "token: [token] refused"),
        ] {
            assert_eq!(masked(text), shown);
        }
    }

    #[test]
    fn what_is_no_secret_stays_as_it_is() {
        for text in [
            "the token request was refused with status 401 and invalid_client",
            "error code: access_denied",
            "code: 401",
            "the password is wrong; passphrase: missing",
            "client_secret: expected a string in quotes",
            "the cookie: missing",
            "mail to a@example.org, see http://example.org/@a",
            "http://127.0.0.1:5156/callback?state=x",
            "TypeError: undefined is not a function (at /srv/app/callback.js:12:7)",
            "version 1.2.3, S12345678, XS9000001H, S9000001HX, ü😀",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
