//! A setting as TOML: its value, or in a comment why it has none.

use super::layout::{Entry, Literal};
use super::{Look, server};
use crate::config::Secret;
use crate::config::shown::{Shown, ShownValue};
use crate::config::sources::Kept;
use crate::quote::without_keys;
use crate::text::is_odd;
use serde_json::Value;
use std::fmt::Write;

/// What a value is that is not shown.
const LEFT_OUT: &str = "left out (--show-secrets)";
/// The same of a text that was not meant as a secret.
const LIKE_A_KEY: &str = "left out, it looks like a key";

/// The entry of a setting; `kept` is what the file says, where the configuration has it in another form.
pub(super) fn entry(setting: &Shown, kept: Option<&Kept>, origin: String, look: Look) -> Entry {
    let literal = match &setting.value {
        ShownValue::Text(text) => guarded(text, look),
        ShownValue::Texts(texts) => Literal::List(texts.iter().map(|text| quoted(text)).collect()),
        ShownValue::Number(number) => Literal::Line(number.to_string()),
        ShownValue::Flag(flag) => Literal::Line(flag.to_string()),
        ShownValue::Secret(secret) => hidden(secret, look),
        ShownValue::Guard(secret) if look.secrets => whole(secret.reveal()),
        ShownValue::Guard(_) => Literal::Emptied(LEFT_OUT),
        ShownValue::AsWritten(otherwise) => {
            kept.map_or(Literal::Words(otherwise), |kept| material(setting.key, kept, look))
        }
        ShownValue::Unset(words) => Literal::Words(words),
    };
    Entry { key: setting.key, literal, origin }
}

fn guarded(text: &str, look: Look) -> Literal {
    if look.secrets || without_keys(text) == text { Literal::Line(quoted(text)) } else { Literal::LeftOut(LIKE_A_KEY) }
}

fn hidden(secret: &Secret, look: Look) -> Literal {
    if look.secrets { whole(secret.reveal()) } else { Literal::LeftOut(LEFT_OUT) }
}

fn material(key: &str, kept: &Kept, look: Look) -> Literal {
    match kept {
        Kept::File(path) => {
            server::whole(path).map_or(Literal::Words("a file whose name is no UTF-8"), |path| guarded(&path, look))
        }
        Kept::Text(text) if PUBLIC.contains(&key) && is_public(text.reveal()) => whole(text.reveal()),
        Kept::Text(text) => hidden(text, look),
    }
}

/// The keys at which public material belongs.
const PUBLIC: [&str; 3] = ["certificate", "jwks", "jwks_ca"];

/// Whether a text is nothing but public: somebody may have put a private key beside a certificate.
fn is_public(text: &str) -> bool {
    const LABELS: [&str; 3] = ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY"];
    let begins = |label: &&str| text.trim_start().starts_with(&format!("-----BEGIN {label}-----"));
    let pem = LABELS.iter().any(begins) && !text.contains("PRIVATE");
    pem || serde_json::from_str(text).is_ok_and(|jwk: Value| !has_private_member(&jwk))
}

/// RFC 7518 §6.2.2, §6.3.2, §6.4: the members of private and symmetric keys.
fn has_private_member(jwk: &Value) -> bool {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    match jwk {
        Value::Object(members) => {
            members.iter().any(|(name, value)| PRIVATE.contains(&name.as_str()) || has_private_member(value))
        }
        Value::Array(items) => items.iter().any(has_private_member),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A text on as many lines as it has.
fn whole(text: &str) -> Literal {
    if !text.contains('\n') {
        return Literal::Line(quoted(text));
    }
    let is_plain = |line: &str| !line.contains("'''") && !line.contains(is_odd);
    if text.lines().all(is_plain) && !text.ends_with('\'') && !text.contains('\r') {
        // JSON is easier to read without escapes
        return Literal::Lines(format!("'''\n{text}'''"));
    }
    let lines = text.split('\n').map(escaped).collect::<Vec<_>>().join("\n");
    Literal::Lines(format!("\"\"\"\n{lines}\"\"\""))
}

/// A text as a basic string of TOML.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// What ends a string or a line, and what a terminal would obey, as escapes.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            odd if is_odd(odd) => {
                let _ = write!(escaped, "\\u{:04X}", u32::from(odd));
            }
            plain => escaped.push(plain),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn private_keys_beside_or_in_place_of_public_ones_are_seen() {
        use myinfo_fixtures::keys::{CLIENT_CERT_PEM, CLIENT_KEY_PEM, ec};
        for public in [CLIENT_CERT_PEM, ec::CLIENT_JWKS] {
            assert!(is_public(public), "{public}");
        }
        let both = format!("{CLIENT_CERT_PEM}{CLIENT_KEY_PEM}");
        for private in [CLIENT_KEY_PEM, both.as_str(), ec::CLIENT_JWKS_PRIVATE, "my passphrase", ""] {
            assert!(!is_public(private), "{private}");
        }
        // the name of a member may be written with an escape
        assert!(!is_public(r#"{"kty":"RSA","\u0064":"AQAB"}"#));
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(text in any::<String>(), lines in "[a\"\\\\\r\n\t\u{1b}\u{202e}]{0,12}") {
            for text in [text, lines] {
                let (Literal::Lines(lines) | Literal::Line(lines)) = whole(&text) else { panic!("{text:?} is no text") };
                let file = format!("line = {}\nlines = {lines}\n", quoted(&text));
                let read: toml::Table = file.parse().unwrap();
                prop_assert_eq!(read["line"].as_str(), Some(text.as_str()));
                prop_assert_eq!(read["lines"].as_str(), Some(text.as_str()));
                prop_assert!(file.chars().all(|character| character == '\n' || !is_odd(character)));
            }
        }
    }
}
