//! Key material that was sent where none belongs: nothing that is told of the request repeats it.

use crate::http::exchange::Incoming;
use crate::quote::{WITHHELD, is_key_material, is_marked};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use std::collections::HashSet;

/// What may be long and without any sense by right: there only what is marked as a key is taken for one.
const OPAQUE: [&str; 8] =
    ["state", "nonce", "purpose", "code", "code_verifier", "code_challenge", "request_uri", "client_assertion"];
/// How many characters of a key are too many.
const PIECE: usize = 16;
/// How much of a request is kept in mind.
const MOST: usize = 64 * 1024;

/// The pieces of the keys that stand in a request.
#[derive(Debug, Default)]
pub(super) struct SentKeys(HashSet<[u8; PIECE]>);

impl SentKeys {
    pub(super) fn of(incoming: &Incoming) -> Self {
        let body = incoming.body.as_deref().ok().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
        let sent = incoming.query.split('&').chain(body.split('&')).flat_map(keys_in_pair);
        let of_path = incoming.path.split('/').filter(|segment| is_key("", segment));
        let of_headers = incoming.headers.values().filter_map(|value| value.to_str().ok()).flat_map(keys_in_header);
        let whole = std::iter::once(body).filter(|body| is_key("", body));
        Self::pieces(sent.chain(of_path).chain(of_headers).chain(whole))
    }

    fn pieces<'k>(keys: impl Iterator<Item = &'k str>) -> Self {
        let mut pieces = HashSet::new();
        for key in keys {
            let forms = [key.to_owned(), decoded(key), decoded(&key.replace('+', " "))];
            let bytes = forms.iter().flat_map(|form| form.as_bytes().windows(PIECE));
            // texts are cut between characters: what is not ASCII is no Base64
            let ascii = bytes.filter(|piece| piece.is_ascii()).filter_map(|piece| <[u8; PIECE]>::try_from(piece).ok());
            pieces.extend(ascii.take(MOST.saturating_sub(pieces.len())));
        }
        Self(pieces)
    }

    /// The text without any piece of them.
    pub(super) fn withheld(&self, text: String) -> String {
        if self.0.is_empty() {
            return text;
        }
        let (mut shown, mut end) = (String::with_capacity(text.len()), 0);
        for (start, piece) in text.as_bytes().windows(PIECE).enumerate() {
            if !self.0.contains(piece) {
                continue;
            }
            if start >= end {
                shown.push_str(text.get(end..start).unwrap_or_default());
                shown.push_str(WITHHELD);
            }
            end = start + PIECE;
        }
        shown.push_str(text.get(end..).unwrap_or_default());
        shown
    }
}

/// The value of a header without the keys in it.
pub(super) fn header_without_keys(value: &str) -> String {
    SentKeys::pieces(keys_in_header(value).into_iter()).withheld(value.to_owned())
}

/// The value of a pair, where it is a key, or its name: a key that was sent without one.
fn keys_in_pair(pair: &str) -> Vec<&str> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let parts = [(name, value), ("", name)];
    parts.into_iter().filter(|(name, text)| is_key(name, text)).map(|(_, text)| text).collect()
}

/// What stands in a header, in quotes or between blanks, and is a key. Behind a name like `signature`, in whatever way it is
/// written, it may be as long and random as one.
fn keys_in_header(header: &str) -> Vec<&str> {
    let parts: Vec<&str> = header.split(['"', ',', ' ']).collect();
    let is_signature = |part: &str| {
        let name = part.to_ascii_lowercase();
        name.contains("sign") && !name.contains("method")
    };
    let before = std::iter::once("").chain(parts.iter().copied());
    let keys = parts
        .iter()
        .zip(before)
        .filter(|(part, name)| begins_a_private_key(part) || !is_signature(part) && !is_signature(name));
    let keys = keys.map(|(part, _)| *part).filter(|part| is_key("", part));
    // a JWK whose quotes a shell took away
    let is_jwk = header.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "kty");
    keys.chain((is_jwk || is_marked(header)).then_some(header)).collect()
}

/// Whether a Base64 text begins as private keys do: a sequence, and in it the number 0 or 1. RFC 5958, RFC 8017 A.1.2, RFC 5915.
fn begins_a_private_key(text: &str) -> bool {
    let head = text.get(..12).and_then(|head| BASE64_STANDARD.decode(head).ok()).unwrap_or_default();
    let ([0x30, 0x82, _, _, inside @ ..] | [0x30, 0x81, _, inside @ ..] | [0x30, _, inside @ ..]) = head.as_slice()
    else {
        return false;
    };
    inside.starts_with(&[2, 1, 0]) || inside.starts_with(&[2, 1, 1])
}

/// Whether the value of this name is a key, percent-encoded or not.
pub(super) fn is_key(name: &str, value: &str) -> bool {
    // in forms `+` is a blank, in Base64 it is a character
    [decoded(value), decoded(&value.replace('+', " "))]
        .iter()
        .any(|text| is_marked(text) || !OPAQUE.contains(&name) && is_key_material(text))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::encode;
    use myinfo_fixtures::damage::{Damage, shown_in};
    use myinfo_fixtures::keys::CLIENT_KEY_PEM;
    use warp::http::{HeaderMap, HeaderValue, Method};

    fn incoming(path: &str, query: &str, body: &str, header: &str) -> Incoming {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(header) {
            headers.insert("authorization", value);
        }
        Incoming {
            base: String::new(),
            method: Method::GET,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Ok(body.to_owned().into()),
            scheme: "http",
            peer: None,
        }
    }

    #[test]
    fn a_key_is_withheld_from_texts_wherever_it_was_sent_and_however_the_text_cuts_it() {
        for damage in [Damage::Whole, Damage::FourHyphens, Damage::BareLine, Damage::Spaces, Damage::Escaped] {
            let key = String::from_utf8(damage.done_to(CLIENT_KEY_PEM, 0)).unwrap();
            let encoded = encode(&key);
            for request in [
                incoming("/com/v3/authorise", &format!("a=b&client_id={encoded}"), "", ""),
                incoming("/com/v3/authorise", &encoded, "", ""),
                incoming("/com/v3/token", "", &format!("a=b&client_id={encoded}"), ""),
                incoming("/com/v3/token", "", &key, ""),
                incoming(&format!("/com/{encoded}"), "", "", ""),
                incoming("/", "", "", &format!("PKI_SIGN app_id=\"{}\",nonce=\"1\"", key.replace('\n', " "))),
            ] {
                let keys = SentKeys::of(&request);
                for text in [key.clone(), encoded.clone(), key.chars().skip(9).take(60).collect()] {
                    let says = keys.withheld(format!("client_id is `{text}`, which is not registered ü"));
                    assert_eq!(shown_in(&says, CLIENT_KEY_PEM), None, "{damage:?}: {says}");
                    assert!(
                        says.starts_with("client_id is `") && says.ends_with("which is not registered ü"),
                        "{says}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_marked_as_a_key_is_one_in_a_state_too_however_its_blanks_are_written() {
        for text in [CLIENT_KEY_PEM.to_owned(), format!("{CLIENT_KEY_PEM:?}")] {
            for sent in [encode(&text), encode(&text).replace("%20", "+"), text] {
                assert!(is_key("state", &sent) && is_key("client_id", &sent), "{sent}");
            }
        }
        assert!(!is_key("state", "a+state") && !is_key("purpose", "to+begin+with"));
    }

    #[test]
    fn what_is_long_and_random_by_right_is_no_key() {
        let signature = "b".repeat(20) + "AAAAAAAAAA4444444444zzzzzzzzzzQQQQQQQQQQ1111111111xxxxxxxxxx/+==";
        for (query, header) in [
            (format!("state={signature}&nonce={signature}&code_verifier={signature}"), String::new()),
            ("client_id=ikivDlcMRZ0zaGnyySGPLLqqcVyZ2mZL&x=eyJhbGciOiJFUzI1NiJ9.e30.AAAA".to_owned(), String::new()),
            (String::new(), format!("PKI_SIGN app_id=\"X\",signature=\"{signature}\",timestamp=\"1\"")),
            (String::new(), format!("PKI_SIGN app_id=X,Sign={signature}")),
        ] {
            let request = incoming("/com/v3/person/9e6a3b5c-0000-4000-8000-000000000000/", &query, "", &header);
            assert!(SentKeys::of(&request).0.is_empty(), "{query}{header}");
        }
    }
}
