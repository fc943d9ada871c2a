//! Client assertions: who we are, signed (RFC 7523 §2.2, `private_key_jwt`).

use crate::ambient::Stamp;
use crate::error::Error;
use crate::jose::jws;
use crate::key::SigningKey;
use serde_json::json;

/// What `client_assertion_type` says.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion lives, in seconds: at most 120 (DOC, technical concepts, client assertion), less what clocks differ.
const LIFETIME: u64 = 60;

/// The assertion of one attempt: its `jti` is the stamp's, which is never used again.
///
/// The audience is the issuer, as one text (FAPI 2.0 Security Profile §5.3.3.1, step 5).
pub(crate) fn made(client_id: &str, audience: &str, key: &SigningKey, stamp: &Stamp) -> Result<String, Error> {
    let now = stamp.timestamp / 1000;
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": stamp.nonce,
    });
    jws::compact(json!({"typ": "JWT", "kid": key.kid}), &claims, &key.key)
}
