//! What ID token and userinfo have in common, in FAPI as before it: encryption, signature, parties, age, and what ties an ID token
//! to its login.

use super::Config;
use crate::error::{Error, NonceProblem, What};
use crate::jose::{jwe, jws};
use crate::key::PublishedKeys;
use crate::rule::claims;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// Both content encryptions: the documents and what was seen differ in which document has which.
const ENCS: &[jwe::Enc] = &[jwe::Enc::A256CbcHs512, jwe::Enc::A256Gcm];
/// The only one that Singpass's discovery documents list and its documents show.
const ALGS: &[jws::Alg] = &[jws::Alg::Es256];

/// How far the service's clock may be ahead of ours, in seconds.
const AHEAD: u64 = 60;
/// How long after its expiry a token is taken, in seconds: what a call takes.
const LEEWAY: u64 = 10;
/// How long ago a document may have been made, in seconds: it was made for this answer.
const OLDEST: u64 = 600;

/// JWE, in it a JWS by one of the service's keys, in it the payload. Nothing of it was read before it was verified.
pub(crate) fn open(config: &Config, keys: &PublishedKeys, document: &str, what: What) -> Result<Vec<u8>, Error> {
    let sealed = jwe::Expect { what, algs: &jwe::Alg::ON_CURVES, encs: ENCS };
    let plaintext = jwe::decrypt(document.trim(), &config.recipients(), &sealed)?;
    let signed = String::from_utf8(plaintext)
        .map_err(|_| Error::Malformed { what, problem: "the decrypted content is no text" })?;
    verified(keys, &signed, what)
}

/// The payload of a JWS by one of the service's keys.
pub(crate) fn verified(keys: &PublishedKeys, signed: &str, what: What) -> Result<Vec<u8>, Error> {
    jws::verify(signed.trim(), |kid| keys.named(kid), &jws::Expect { what, algs: ALGS })
}

/// By the issuer of the discovery document, for us and nobody else.
pub(crate) fn check_parties(config: &Config, claims: &Map<String, Value>, what: What) -> Result<(), Error> {
    if claims.get("iss").and_then(Value::as_str) != Some(config.issuer()) {
        return Err(Error::Issuer { what });
    }
    // OIDC Core §3.1.3.7, check 3: an audience beside us is one that we do not trust
    if claims::audiences(claims) != [Some(config.client_id.as_str())] {
        return Err(Error::Audience { what });
    }
    Ok(())
}

/// An ID token that is valid now.
pub(crate) fn check_times(claims: &Map<String, Value>, what: What, now: u64) -> Result<(), Error> {
    claims::check_expiry(claims, what, now, LEEWAY)?;
    check_age(claims, what, now)
}

/// Made just now; a clock that runs ahead a little is no reason to refuse.
pub(crate) fn check_age(claims: &Map<String, Value>, what: What, now: u64) -> Result<(), Error> {
    claims::check_fresh(claims, what, now, OLDEST)?;
    claims::check_begun(claims, what, now, AHEAD)
}

/// OIDC Core §3.1.3.7, check 11: made for the login of this nonce.
pub(crate) fn check_nonce(expected: &str, claims: &Map<String, Value>) -> Result<(), Error> {
    let nonce = claims.get("nonce").and_then(Value::as_str).ok_or(Error::Nonce(NonceProblem::Missing))?;
    if bool::from(nonce.as_bytes().ct_eq(expected.as_bytes())) {
        Ok(())
    } else {
        Err(Error::Nonce(NonceProblem::Different))
    }
}

/// OIDC Core §3.1.3.6: where there is an `at_hash`, it is the left half of the access token's hash.
pub(crate) fn check_token_hash(claims: &Map<String, Value>, access_token: &str) -> Result<(), Error> {
    let Some(sent) = claims.get("at_hash") else { return Ok(()) };
    let hash = openssl::sha::sha256(access_token.as_bytes());
    let (left, _) = hash.split_at(hash.len() / 2);
    if sent.as_str() == Some(&BASE64_URL_SAFE_NO_PAD.encode(left)) { Ok(()) } else { Err(Error::TokenHash) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_hash_of_an_access_token_is_that_of_the_standard_s_own_example() {
        // OIDC Core §A.3
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        let judged = |hash: Value| check_token_hash(json!({"at_hash": hash}).as_object().unwrap(), token).is_ok();
        assert!(judged(json!("77QmUPtjPfzWtF2AnpK9RQ")));
        assert!(!judged(json!("77QmUPtjPfzWtF2AnpK9RR")) && !judged(json!(7)) && !judged(json!("")));
        assert!(check_token_hash(&Map::new(), token).is_ok());
    }
}
