//! Proofs of possession (RFC 9449).

use crate::OracleError;
use crate::ec::{EcPrivateKey, EcPublicKey};
use crate::jwk;
use crate::jws::{self, Signs};
use crate::text::{decode, encode, member, object, utf8};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// RFC 9449 §4.2: what `typ` says.
pub const TYP: &str = "dpop+jwt";

/// What a proof says.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// `htm`: the method of the request.
    pub method: &'a str,
    /// The address of the request; `htu` is what stands before its query and fragment.
    pub url: &'a str,
    /// `jti`, which nobody used before.
    pub id: &'a str,
    /// `iat`, in seconds.
    pub issued_at: u64,
    /// The access token that is sent along, where one is.
    pub access_token: Option<&'a str>,
    /// The nonce that the server demanded, where it did.
    pub nonce: Option<&'a str>,
}

impl Proof<'_> {
    /// RFC 9449 §4.2: the header, as a value that can be changed before signing.
    pub fn header(key: &EcPrivateKey) -> Value {
        json!({"typ": TYP, "alg": key.alg().name(), "jwk": jwk::of_public(&key.public())})
    }

    /// RFC 9449 §4.2: the claims, as a value that can be changed before signing.
    pub fn claims(&self) -> Value {
        let mut claims = json!({"jti": self.id, "htm": self.method, "htu": htu(self.url), "iat": self.issued_at});
        if let Some(members) = claims.as_object_mut() {
            members.extend(self.access_token.map(|token| ("ath".to_owned(), ath(token).into())));
            members.extend(self.nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
        }
        claims
    }

    /// The proof, signed.
    pub fn sign(&self, key: &EcPrivateKey) -> String {
        jws::sign(&Self::header(key).to_string(), &self.claims().to_string(), key)
    }
}

/// RFC 9449 §4.2: the address without query and fragment.
pub fn htu(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// RFC 9449 §4.2: the hash of an access token, over its characters as they are.
pub fn ath(access_token: &str) -> String {
    encode(Sha256::digest(access_token))
}

/// A proof whose signature is by the key in its header.
#[derive(Debug, Clone, PartialEq)]
pub struct Proven {
    /// The key.
    pub key: EcPublicKey,
    /// RFC 9449 §6.1: its thumbprint, which `dpop_jkt` and `cnf.jkt` name.
    pub thumbprint: String,
    /// The claims, of which nothing was judged.
    pub claims: Map<String, Value>,
}

/// RFC 9449 §4.3, checks 2 and 4 to 7: one JWT of the right type and algorithm, by the public key in its header.
///
/// # Errors
/// When it is not.
pub fn open(proof: &str) -> Result<Proven, OracleError> {
    let header = object(&utf8(&decode(proof.split('.').next().unwrap_or_default())?)?)?;
    if member(&header, "typ")? != TYP {
        return Err(OracleError::Typ(TYP));
    }
    let value = header.get("jwk").ok_or(OracleError::Member("jwk"))?;
    let key = jwk::public(value)?;
    // `accept` holds `alg` against the one algorithm of the key's curve
    let opened = jws::accept(proof, &key)?;
    Ok(Proven { thumbprint: jwk::thumbprint(value)?, claims: object(&opened.payload)?, key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec;

    const PROOF: Proof<'static> = Proof {
        method: "GET",
        url: "https://id.example/fapi/userinfo?a=b#c",
        id: "-BwC3ESc6acc2lTc",
        issued_at: 1_700_000_000,
        access_token: None,
        nonce: None,
    };

    /// RFC 9449 §4.1 with §6.1, and §7.1 for the hash.
    #[test]
    fn the_examples_of_the_rfc_hold() {
        let proof = concat!(
            "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0Rs",
            "cEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2",
            "In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2Vu",
            "IiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT",
            "3Lg"
        );
        let proven = open(proof).unwrap();
        assert_eq!(proven.thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
        assert_eq!(proven.claims["htu"], "https://server.example.com/token");
        let hash = ath("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        assert_eq!(hash, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    #[test]
    fn a_proof_is_by_the_key_that_it_shows() {
        for kid in ["client-sig-p256", "client-sig-p384", "client-sig-p521"] {
            let key = jwk::private(&ec::private(kid).unwrap()).unwrap();
            let proven = open(&PROOF.sign(&key)).unwrap();
            assert_eq!(proven.key, key.public());
            assert_eq!(proven.thumbprint, jwk::thumbprint(&ec::public(kid).unwrap()).unwrap());
            let claims =
                r#"{"jti":"-BwC3ESc6acc2lTc","htm":"GET","htu":"https://id.example/fapi/userinfo","iat":1700000000}"#;
            assert_eq!(Value::Object(proven.claims).to_string(), claims);
        }
    }

    #[test]
    fn token_and_nonce_are_in_the_claims_where_there_are_any() {
        let claims = Proof { access_token: Some("a.b.c"), nonce: Some("n"), ..PROOF }.claims();
        assert_eq!((&claims["ath"], &claims["nonce"]), (&Value::from(ath("a.b.c")), &Value::from("n")));
    }

    #[test]
    fn a_proof_that_is_none_is_refused_for_its_flaw() {
        let key = jwk::private(&ec::private("client-sig-p256").unwrap()).unwrap();
        let refused = |change: &dyn Fn(&mut Value)| {
            let mut header = Proof::header(&key);
            change(&mut header);
            open(&jws::sign(&header.to_string(), &PROOF.claims().to_string(), &key)).unwrap_err().code()
        };
        assert_eq!(refused(&|header| header["typ"] = "JWT".into()), "typ");
        assert_eq!(refused(&|header| header["alg"] = "ES384".into()), "alg");
        assert_eq!(refused(&|header| header["jwk"] = Value::Null), "header-not-object");
        assert_eq!(refused(&|header| header["jwk"]["d"] = "AA".into()), "private-part");
        assert_eq!(refused(&|header| header["jwk"] = ec::public("stranger-sig-p256").unwrap()), "signature");
        assert_eq!(open("").unwrap_err().code(), "header-not-object");
    }
}
