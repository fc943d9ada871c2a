//! What a client secret is that is not the registered one: told only where it is proved, and never shown.

use super::instead::{instead_of, unquoted};
use crate::http::pairs::Pairs;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};

/// Whose secret is expected, and what else might have been sent in its place.
pub(super) struct Expected<'e> {
    pub(super) client: &'e str,
    pub(super) secret: &'e str,
    /// The other clients, each with its secret.
    pub(super) others: &'e [(&'e str, &'e str)],
    /// The other parameters of the request.
    pub(super) form: &'e Pairs,
}

/// What the sent secret is instead of the registered one, as a sentence; nothing where it is merely another text.
pub(super) fn explain(sent: &str, expected: &Expected<'_>) -> Option<String> {
    let registered = expected.secret;
    if sent != sent.trim() && sent.trim() == registered {
        return Some("client_secret has a space or line break around it".to_owned());
    }
    let what = spelling(sent, expected)
        .map(str::to_owned)
        .or_else(|| part(sent, registered))
        .or_else(|| of_another(sent, expected))
        .or_else(|| instead_of("client_secret", sent))?;
    Some(format!("client_secret {what}"))
}

/// The registered secret in another spelling.
fn spelling(sent: &str, expected: &Expected<'_>) -> Option<&'static str> {
    let registered = expected.secret;
    let raw = Pairs::parse(&format!("x={registered}"));
    let raw = raw.ok().and_then(|pairs| pairs.value("x").map(str::to_owned));
    let decoded = percent_encoding::percent_decode_str(sent).decode_utf8();
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let hex = || registered.bytes().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(digit).collect::<String>();
    let engines = [&BASE64_STANDARD, &BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE, &BASE64_URL_SAFE_NO_PAD];
    let in_base64 = |text: &str| engines.iter().any(|engine| engine.encode(text) == sent);
    let pair = format!("{}:{registered}", expected.client);
    [
        (unquoted(sent) == Some(registered), "is the registered one in quotes: send it without them"),
        (in_base64(registered), "is the registered one in Base64: send it as it is"),
        (in_base64(&pair), "is client_id and secret in Base64, as HTTP Basic has them: send the secret alone"),
        (sent.eq_ignore_ascii_case(&hex()), "is the registered one in hexadecimal: send it as it is"),
        (
            sent.to_lowercase() == registered.to_lowercase(),
            "is the registered one in another case: it is case-sensitive",
        ),
        (
            raw.is_some_and(|raw| raw == sent && raw != registered),
            "was sent raw: a `+`, `%` or `&` in it is to be percent-encoded in a form",
        ),
        (
            decoded.is_ok_and(|decoded| decoded == registered),
            "is percent-encoded twice: encode it once, or let the library do it",
        ),
    ]
    .into_iter()
    .find_map(|(is, says)| is.then_some(says))
}

/// A part of the registered secret, or more than it.
fn part(sent: &str, registered: &str) -> Option<String> {
    // a few characters may be right by chance
    const ENOUGH: usize = 6;
    let (count, all) = (sent.chars().count(), registered.chars().count());
    if count >= ENOUGH && registered.starts_with(sent) {
        let raw = registered.get(sent.len()..).is_some_and(|rest| rest.starts_with('&'));
        let why = if raw { " at its `&`, which a form wants percent-encoded" } else { "" };
        return Some(format!("is cut{why}: {count} of its {all} characters came"));
    }
    if count >= ENOUGH && registered.ends_with(sent) {
        return Some(format!("has lost its beginning: {count} of its {all} characters came"));
    }
    let longer = all >= ENOUGH && sent.starts_with(registered);
    longer.then(|| format!("is the registered one with {} characters more behind it", count - all))
}

/// Something else that the mock knows.
fn of_another(sent: &str, expected: &Expected<'_>) -> Option<String> {
    if let Some((owner, _)) = expected.others.iter().find(|(_, secret)| *secret == sent) {
        return Some(format!("is that of `{owner}`, not that of `{}`", expected.client));
    }
    let same = ["client_id", "code", "redirect_uri"].into_iter().find(|name| expected.form.value(name) == Some(sent));
    same.map(|name| format!("is the value of `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "S3cret+with%25&more";

    fn said(sent: &str) -> Option<String> {
        let form = Pairs::parse("client_id=APP&code=0123456789").unwrap();
        let expected = Expected { client: "APP", secret: SECRET, others: &[("OTHER", "its-own")], form: &form };
        explain(sent, &expected)
    }

    #[test]
    fn every_kind_of_wrong_secret_is_told_and_none_is_shown() {
        for (sent, says) in [
            (" S3cret+with%25&more", "space or line break"),
            ("\"S3cret+with%25&more\"", "in quotes"),
            ("UzNjcmV0K3dpdGglMjUmbW9yZQ==", "in Base64"),
            ("QVBQOlMzY3JldCt3aXRoJTI1Jm1vcmU=", "HTTP Basic"),
            ("s3cret+with%25&more", "another case"),
            ("S3cret with%", "sent raw"),
            ("S3cret%2Bwith%2525%26more", "encoded twice"),
            ("S3cret+with%25", "at its `&`"),
            ("S3cret+wi", "is cut: 9 of its 19"),
            ("with%25&more", "lost its beginning"),
            ("S3cret+with%25&moremore", "4 characters more"),
            ("its-own", "that of `OTHER`"),
            ("APP", "value of `client_id`"),
            ("0123456789", "value of `code`"),
            ("${SECRET}", "variable"),
            ("", "empty"),
        ] {
            let said = said(sent).unwrap_or_else(|| panic!("{sent} is not explained"));
            assert!(said.contains(says), "{sent}: {said}");
            assert!(!said.contains("S3cret") && !said.contains("its-own"), "{said}");
        }
    }

    #[test]
    fn nothing_is_asserted_of_another_text() {
        for sent in ["wrong", "S3", "more", "another-secret-altogether"] {
            assert_eq!(said(sent), None, "{sent}");
        }
    }
}
