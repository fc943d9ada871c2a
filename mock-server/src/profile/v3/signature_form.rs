//! What stands as `signature` in the header: a signature, one that is written otherwise, or something else.

use crate::doctor::written::{bytes_of, decoded_otherwise, of_length, placeholder};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Standard Base64 of the right length.
    Right(Vec<u8>),
    /// A signature of the right length, written otherwise.
    Otherwise { how: &'static str, bytes: Vec<u8> },
    /// Something else.
    Other(Other),
}

/// What is no signature by a key of the client's size.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Other {
    /// In a sentence.
    pub(super) says: String,
    /// Its bytes, where it has any.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Form {
    /// Reads a signature by a key whose signatures have `size` bytes.
    pub(super) fn of(sent: &str, size: usize) -> Self {
        let bytes = match BASE64_STANDARD.decode(sent) {
            Ok(bytes) if bytes.len() == size => return Self::Right(bytes),
            Ok(bytes) => Some(bytes),
            Err(_) => None,
        };
        if let Some((how, bytes)) = decoded_otherwise(sent, size) {
            return Self::Otherwise { how, bytes };
        }
        let other = |says: String| Self::Other(Other { says, bytes: None });
        if sent.is_empty() {
            return other(format!("the signature is empty; a signature by this client's key has {size} bytes"));
        }
        if let Some(word) = placeholder(sent) {
            return other(format!("the signature is {word}"));
        }
        if sent.contains("-----BEGIN") {
            return other("the signature is PEM; standard Base64 of the signature's bytes is expected".to_owned());
        }
        if sent.split('.').count() == 3 && sent.starts_with("ey") {
            let says = "the signature is a JWS (three parts), which signs a text of its own; v3 wants the bare RSA signature over the base string";
            return other(says.to_owned());
        }
        match bytes_of(sent).or(bytes) {
            Some(bytes) => Self::Other(Other { says: wrong_length(&bytes, size), bytes: Some(bytes) }),
            None => other(not_base64(sent)),
        }
    }
}

fn wrong_length(bytes: &[u8], size: usize) -> String {
    let length = bytes.len();
    let what = match of_length(bytes) {
        Some(what) => format!(", {what}"),
        None if length < size => ": was it cut off, or is it no signature?".to_owned(),
        None => String::new(),
    };
    format!("the signature has {length} bytes{what}; a signature by this client's key has {size}")
}

/// What a signature is that is no standard Base64.
fn not_base64(sent: &str) -> String {
    let what = if sent.contains(['-', '_']) {
        "in Base64url (`-` and `_`)"
    } else if sent.contains('%') {
        "percent-encoded"
    } else if sent.contains(['\r', '\n', '\t']) {
        "broken into lines"
    } else if sent.contains(' ') {
        "standard Base64 with spaces in it: a `+` was taken for a space, or a line was broken"
    } else if !sent.len().is_multiple_of(4) {
        "Base64 without its `=` at the end, or cut off"
    } else {
        "something else"
    };
    format!("the signature is no standard Base64 (A–Z a–z 0–9 + / =, no line breaks), but {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_that_is_no_signature_is_named_and_nothing_is_taken_for_one() {
        let encoded = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        let der = [vec![0x30, 68, 2, 32], vec![1; 32], vec![2, 32], vec![1; 32]].concat();
        for (sent, says) in [
            (String::new(), "is empty"),
            ("undefined".to_owned(), "`undefined`"),
            ("[object Object]".to_owned(), "`[object Object]`"),
            ("${SIGNATURE}".to_owned(), "never filled in"),
            ("eyJh.e30.c2ln".to_owned(), "a JWS (three parts)"),
            (encoded(&[7; 32]), "32 bytes, as long as a SHA-256 hash or an HMAC"),
            (encoded(&der), "an ECDSA signature in DER"),
            (encoded(&[7; 64]), "ES256"),
            (encoded(&[7; 128]), "an RSA key of 1024 bits"),
            (encoded(&[7; 200]), "was it cut off"),
            ("!".to_owned(), "no standard Base64"),
        ] {
            let Form::Other(other) = Form::of(&sent, 256) else { panic!("{sent} was taken for a signature") };
            assert!(other.says.contains(says), "{sent}: {}", other.says);
        }
        assert_eq!(Form::of(&encoded(&[7; 256]), 256), Form::Right(vec![7; 256]));
    }
}
