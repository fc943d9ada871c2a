//! Proof key for code exchange (RFC 7636).

use crate::text::encode;
use sha2::{Digest, Sha256};

/// RFC 7636 §4.2: the `S256` challenge of a verifier, over its characters as they are.
pub fn challenge(verifier: &str) -> String {
    encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc_and_of_the_singpass_documents() {
        // RFC 7636, appendix B
        let rfc = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(rfc, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let singpass = challenge("6I9tQd5tKn7Uy9ZfwEqd-YC71gSVfzcfVcyXLc34vQo");
        assert_eq!(singpass, "hu0mAmPq8n91vRqudsGmriiG7blJDJS0bsDeOmEt17M");
    }
}
