//! The encodings that every part of JOSE uses: base64url, UTF-8, JSON objects.

use crate::OracleError;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};

/// RFC 7515 §2: base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL.encode(bytes)
}

/// The other way; padding, the plain alphabet and bits behind the end are refused.
pub(crate) fn decode(part: &str) -> Result<Vec<u8>, OracleError> {
    BASE64URL.decode(part).map_err(|error| OracleError::Base64url(error.to_string()))
}

/// The bytes as a text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<String, OracleError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| OracleError::NotUtf8)
}

/// RFC 7515 §4, RFC 7516 §4: a header is a JSON object.
pub(crate) fn object(json: &str) -> Result<Map<String, Value>, OracleError> {
    serde_json::from_str(json).map_err(|_| OracleError::HeaderNotObject)
}

/// A member that must be a text.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, OracleError> {
    object.get(name).and_then(Value::as_str).ok_or(OracleError::Member(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_the_plain_alphabet_and_bits_behind_the_end_are_refused() {
        assert_eq!(decode("-_8").unwrap(), [0xfb, 0xff]);
        for wrong in ["-_8=", "+/8", "-_9", "-", "-_ 8"] {
            assert_eq!(decode(wrong).unwrap_err().code(), "base64url", "{wrong}");
        }
    }
}
