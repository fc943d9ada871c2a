//! Client assertions (RFC 7523 §2.2 and §3; `private_key_jwt` of OpenID Connect Core §9).

use crate::jws::{self, Signs};
use serde_json::{Value, json};

/// RFC 7521 §4.2: what `client_assertion_type` says.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What an assertion says.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// Who asserts, and about whom: `iss` and `sub`.
    pub client_id: &'a str,
    /// For whom: the issuer identifier of the server.
    pub audience: &'a str,
    /// `jti`, which nobody used before.
    pub id: &'a str,
    /// `iat`, in seconds.
    pub issued_at: u64,
    /// `exp` minus `iat`; Singpass allows 120 seconds.
    pub lifetime: u64,
}

impl Assertion<'_> {
    /// The header for a key, as a value that can be changed before signing.
    pub fn header(key: &impl Signs, kid: &str) -> Value {
        json!({"alg": key.alg().name(), "typ": "JWT", "kid": kid})
    }

    /// RFC 7523 §3: the claims, as a value that can be changed before signing.
    pub fn claims(&self) -> Value {
        json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience,
            "jti": self.id,
            "iat": self.issued_at,
            "exp": self.issued_at.saturating_add(self.lifetime),
        })
    }

    /// The assertion, signed.
    pub fn sign(&self, key: &impl Signs, kid: &str) -> String {
        jws::sign(&Self::header(key, kid).to_string(), &self.claims().to_string(), key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk;
    use myinfo_fixtures::keys::ec;

    const ASSERTION: Assertion<'static> = Assertion {
        client_id: "client!+ID",
        audience: "https://stg-id.singpass.gov.sg/fapi",
        id: "0c9e4d7e",
        issued_at: 1_700_000_000,
        lifetime: 120,
    };

    #[test]
    fn an_assertion_says_who_for_whom_and_for_how_long() {
        let key = jwk::private(&ec::private("client-sig-p384").unwrap()).unwrap();
        let opened = jws::accept(&ASSERTION.sign(&key, "client-sig-p384"), &key.public()).unwrap();
        assert_eq!(opened.header, r#"{"alg":"ES384","typ":"JWT","kid":"client-sig-p384"}"#);
        let expected = concat!(
            r#"{"iss":"client!+ID","sub":"client!+ID","aud":"https://stg-id.singpass.gov.sg/fapi","#,
            r#""jti":"0c9e4d7e","iat":1700000000,"exp":1700000120}"#
        );
        assert_eq!(opened.payload, expected);
    }
}
