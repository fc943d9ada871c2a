//! Documents of the service as a mutant mends them: opened, changed, and made anew with the keys of both sides.

use myinfo_fixtures::keys::ec;
use myinfo_oracle::ec::{EcPrivateKey, EcPublicKey};
use myinfo_oracle::{jwe, jwk, jws};
use serde_json::{Map, Value, json};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// The id of the application's encryption key.
const OWN: &str = "client-enc-p256";

pub(crate) fn private(kid: &str) -> EcPrivateKey {
    jwk::private(&ec::private(kid).unwrap()).unwrap()
}

fn public(kid: &str) -> EcPublicKey {
    jwk::public(&ec::public(kid).unwrap()).unwrap()
}

/// A part of a compact document as JSON; nothing where it is none.
pub(crate) fn part(text: &str, number: usize) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.split('.').nth(number)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// What is encrypted in a document.
pub(crate) fn opened(text: &str) -> Option<String> {
    jwe::open(text.trim(), &private(OWN)).ok().map(|opened| opened.plaintext)
}

/// A document as it came: what could be read of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document {
    /// The header of the encryption.
    pub(crate) outer: Option<Map<String, Value>>,
    /// Whether it could be decrypted.
    pub(crate) opened: bool,
    /// The header of the signature.
    pub(crate) header: Map<String, Value>,
    /// The claims.
    pub(crate) claims: Map<String, Value>,
    /// Whether a published key of the service made the signature.
    pub(crate) genuine: bool,
    /// Whether there is a signature at all.
    pub(crate) signed: bool,
}

impl Document {
    /// Reads what came.
    pub(crate) fn read(text: &str) -> Self {
        let text = text.trim();
        let encrypted = text.split('.').count() == 5;
        let outer = part(text, 0).filter(|_| encrypted);
        let plain =
            if encrypted { jwe::open(text, &private(OWN)).map(|opened| opened.plaintext) } else { Ok(text.to_owned()) };
        let Ok(inner) = plain else { return Self { outer, ..Self::default() } };
        let signed = inner.split('.').count() == 3 && !inner.starts_with('{');
        let genuine = signed && jws::accept(&inner, &public(ec::SERVICE_KID)).is_ok();
        let claims = if signed { part(&inner, 1) } else { serde_json::from_str(&inner).ok() };
        let header = part(&inner, 0).filter(|_| signed).unwrap_or_default();
        Self { outer, opened: encrypted, header, claims: claims.unwrap_or_default(), genuine, signed }
    }

    /// Made anew, as the service would have made it.
    pub(crate) fn made(&self) -> String {
        self.made_with("A256GCM", OWN)
    }

    /// The same with a content encryption and the name of a key.
    pub(crate) fn made_with(&self, enc: &str, kid: &str) -> String {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": ec::SERVICE_KID});
        let claims = Value::Object(self.claims.clone());
        let inner = jws::sign(&header.to_string(), &claims.to_string(), &private(ec::SERVICE_KID));
        let outer = json!({"cty": "JWT", "enc": enc, "alg": "ECDH-ES+A256KW", "kid": kid});
        jwe::seal(&outer.to_string(), &inner, &public(OWN)).unwrap()
    }

    /// Something that no relying party takes.
    pub(crate) fn broken(mut self) -> String {
        self.claims.insert("iss".to_owned(), json!("https://refused.example"));
        self.made()
    }
}
