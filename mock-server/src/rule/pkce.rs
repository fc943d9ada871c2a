//! Proof keys for code exchange (RFC 7636), with S256 alone.

use crate::jose::ecdh_es::sha256_base64url;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The challenge is one that S256 can give: 43 characters of base64url. RFC 7636 §4.2.
pub(crate) fn check_challenge(challenge: Option<&str>, method: Option<&str>) -> Result<(), String> {
    let Some(challenge) = challenge else { return Err("`code_challenge` is missing".to_owned()) };
    match method {
        Some("S256") => {}
        Some("plain") => {
            return Err("`code_challenge_method` is `plain`: the verifier itself would be in the open".to_owned());
        }
        Some(other) => return Err(format!("`code_challenge_method` is `{other}`, expected `S256`")),
        None => {
            return Err(
                "`code_challenge_method` is missing; without it `plain` is meant, and S256 is wanted".to_owned()
            );
        }
    }
    let alphabet = challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match challenge.len() {
        43 if alphabet => Ok(()),
        64 if challenge.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Err("`code_challenge` is the hash in hexadecimal; base64url is expected".to_owned())
        }
        44 if challenge.ends_with('=') => {
            Err("`code_challenge` has `=` at its end; base64url without padding is expected".to_owned())
        }
        86 | 88 => Err("`code_challenge` is base64url of the hash's hexadecimal; of its bytes is expected".to_owned()),
        length => Err(format!("`code_challenge` has {length} characters; 43 of A–Z a–z 0–9 - _ are expected")),
    }
}

/// The verifier is the one of the challenge. RFC 7636 §4.6.
pub(crate) fn check_verifier(verifier: &str, challenge: &str) -> Result<(), String> {
    if sha256_base64url(verifier) == challenge {
        return Ok(());
    }
    let length = verifier.len();
    Err(if verifier == challenge {
        "`code_verifier` is the challenge itself: PAR gets the hash of the verifier, token the verifier".to_owned()
    } else if decoded_hash(verifier).is_some_and(|hash| hash == challenge) {
        "the challenge was made from the decoded bytes of `code_verifier`; its text is hashed (RFC 7636 §4.2)"
            .to_owned()
    } else if !(43..=128).contains(&length) {
        format!("`code_verifier` has {length} characters; 43 to 128 are expected")
    } else {
        "`code_verifier` does not give the challenge of this login: was it another login's, or made anew?".to_owned()
    })
}

/// The hash of the bytes that a verifier stands for, where it is base64url: what some make a challenge of.
fn decoded_hash(verifier: &str) -> Option<String> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(verifier).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes)))
}
