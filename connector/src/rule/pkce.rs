//! PKCE: that whoever exchanges the code began the login (RFC 7636).

use crate::ambient::{Ambient, random_bytes};
use crate::error::Error;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A fresh verifier: 256 random bits in 43 characters (§4.1).
pub(crate) fn verifier(ambient: &dyn Ambient) -> Result<String, Error> {
    random_bytes::<32>(ambient).map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The challenge of a verifier (§4.2, `S256`).
pub(crate) fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(openssl::sha::sha256(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::System;

    #[test]
    fn the_challenges_are_those_of_the_documents() {
        // DOC, technical concepts, PKCE; RFC 7636 appendix B
        for (verifier, expected) in [
            ("6I9tQd5tKn7Uy9ZfwEqd-YC71gSVfzcfVcyXLc34vQo", "hu0mAmPq8n91vRqudsGmriiG7blJDJS0bsDeOmEt17M"),
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ] {
            assert_eq!(challenge(verifier), expected);
        }
    }

    #[test]
    fn a_verifier_has_43_characters_and_is_never_the_same() {
        let (one, other) = (verifier(&System).unwrap(), verifier(&System).unwrap());
        assert!(
            one.len() == 43 && one.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{one}"
        );
        assert_ne!(one, other);
    }
}
