//! What a blind connector does not see, made right before it looks: signatures, claims, encryption.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use flate2::read::DeflateDecoder;
use myinfo_connector::transport::Response;
use myinfo_fixtures::keys;
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sha::sha256;
use openssl::symm::{Cipher, Crypter, Mode};
use serde_json::{Map, Value, json};
use std::io::Read;

/// The access token of an answer; nothing where there is none.
pub(crate) fn access_token(body: &[u8]) -> String {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    answer["access_token"].as_str().unwrap_or("no token").to_owned()
}

/// A compact JWS, taken apart without looking at its signature.
pub(crate) struct Jws {
    pub(crate) header: Map<String, Value>,
    pub(crate) payload: Vec<u8>,
}

impl Jws {
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| BASE64URL.decode(part).ok());
        let header = serde_json::from_slice(&parts.next()??).ok()?;
        Some(Self { header, payload: parts.next()?? })
    }

    pub(crate) fn alg(&self) -> &str {
        self.header.get("alg").and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn with(mut self, claims: &Map<String, Value>) -> Self {
        self.payload = Value::Object(claims.clone()).to_string().into_bytes();
        self
    }

    /// Signed by the service as it should be.
    pub(crate) fn signed(&self) -> String {
        let key = myinfo_oracle::key::private(keys::MYINFO_KEY_PEM).unwrap();
        let payload = String::from_utf8_lossy(&self.payload);
        myinfo_oracle::jws::sign(r#"{"alg":"RS256"}"#, &payload, &key)
    }
}

/// Whether the service itself signed a token as it should.
pub(crate) fn is_genuine(token: &str) -> bool {
    let key = myinfo_oracle::key::public(keys::MYINFO_PUBLIC_KEY_PEM).unwrap();
    myinfo_oracle::jws::open(token, &key).is_ok() && Jws::read(token).is_some_and(|jws| jws.alg() == "RS256")
}

/// Changes the access token of an answer, where there is one.
pub(crate) fn token(answer: &mut Response, change: impl FnOnce(Jws) -> Option<String>) {
    let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&answer.body) else { return };
    let Some(changed) = members.get("access_token").and_then(Value::as_str).and_then(Jws::read).and_then(change) else {
        return;
    };
    members.insert("access_token".to_owned(), json!(changed));
    answer.body = Value::Object(members).to_string().into_bytes();
}

/// Changes the claims of a genuine access token.
pub(crate) fn claims(answer: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    if !is_genuine(&access_token(&answer.body)) {
        return;
    }
    token(answer, |jws| {
        let mut claims: Map<String, Value> = serde_json::from_slice(&jws.payload).ok()?;
        change(&mut claims);
        Some(jws.with(&claims).signed())
    });
}

/// A JWE, opened as leniently as can be.
pub(crate) struct Opened {
    pub(crate) header: Map<String, Value>,
    pub(crate) plaintext: Vec<u8>,
    /// Whether the tag was the right one.
    pub(crate) authentic: bool,
    pub(crate) parts: Vec<Vec<u8>>,
}

impl Opened {
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?.trim();
        let encoded: Vec<&str> = text.split('.').collect();
        let parts: Vec<Vec<u8>> = encoded.iter().map(|part| BASE64URL.decode(part).ok()).collect::<Option<_>>()?;
        let header: Map<String, Value> = serde_json::from_slice(parts.first()?).ok()?;
        let key = content_key(header.get("alg")?.as_str()?, parts.get(1)?)?;
        let (iv, ciphertext) = (parts.get(2)?, parts.get(3)?);
        let mut crypter = Crypter::new(Cipher::aes_256_gcm(), Mode::Decrypt, &key, Some(iv)).ok()?;
        crypter.aad_update(encoded.first()?.as_bytes()).ok()?;
        let mut plaintext = vec![0; ciphertext.len() + 16];
        let length = crypter.update(ciphertext, &mut plaintext).ok()?;
        plaintext.truncate(length);
        let tag = parts.get(4).filter(|tag| !tag.is_empty()).is_some_and(|tag| crypter.set_tag(tag).is_ok());
        let authentic = tag && crypter.finalize(&mut [0; 16]).is_ok();
        if header.get("zip").is_some() {
            let mut whole = Vec::new();
            DeflateDecoder::new(&plaintext[..]).read_to_end(&mut whole).ok()?;
            plaintext = whole;
        }
        Some(Self { header, plaintext, authentic, parts })
    }

    pub(crate) fn alg(&self) -> &str {
        self.header.get("alg").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether it has the usual algorithm and sizes.
    pub(crate) fn is_usual(&self) -> bool {
        let size = |place: usize| self.parts.get(place).map_or(0, Vec::len);
        let plain = self.header.get("zip").is_none() && self.alg() == "RSA-OAEP";
        plain && self.parts.len() == 5 && size(2) == 12 && size(4) == 16
    }
}

fn content_key(alg: &str, wrapped: &[u8]) -> Option<Vec<u8>> {
    let private = PKey::private_key_from_pem(keys::CLIENT_KEY_PEM.as_bytes()).ok()?;
    match alg {
        "dir" => {
            let public = PKey::public_key_from_pem(keys::CLIENT_PUBLIC_KEY_PEM.as_bytes()).ok()?;
            Some(sha256(&public.public_key_to_der().ok()?).to_vec())
        }
        "RSA1_5" | "RSA-OAEP" | "RSA-OAEP-256" => {
            let mut decrypter = Decrypter::new(&private).ok()?;
            decrypter.set_rsa_padding(if alg == "RSA1_5" { Padding::PKCS1 } else { Padding::PKCS1_OAEP }).ok()?;
            if alg == "RSA-OAEP-256" {
                decrypter.set_rsa_oaep_md(MessageDigest::sha256()).ok()?;
                decrypter.set_rsa_mgf1_md(MessageDigest::sha256()).ok()?;
            }
            let mut key = vec![0; decrypter.decrypt_len(wrapped).ok()?];
            let length = decrypter.decrypt(wrapped, &mut key).ok()?;
            key.truncate(length);
            Some(key)
        }
        _ => None,
    }
}

/// A plaintext, encrypted as it should be.
pub(crate) fn sealed(plaintext: &[u8]) -> Vec<u8> {
    let key = myinfo_oracle::key::public(keys::CLIENT_PUBLIC_KEY_PEM).unwrap();
    let text = String::from_utf8_lossy(plaintext);
    myinfo_oracle::jwe::seal(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#, &text, &key).unwrap().into_bytes()
}

/// Seals a document again where it could be opened and a condition holds.
pub(crate) fn resealed(answer: &mut Response, when: impl FnOnce(&Opened) -> bool) {
    if let Some(opened) = Opened::read(&answer.body).filter(when) {
        answer.body = sealed(&opened.plaintext);
    }
}

/// Changes the signed document inside an authentic JWE.
pub(crate) fn inner(answer: &mut Response, change: impl FnOnce(&str) -> Option<String>) {
    let Some(opened) = Opened::read(&answer.body).filter(|opened| opened.authentic && opened.is_usual()) else {
        return;
    };
    let text = String::from_utf8_lossy(&opened.plaintext).into_owned();
    let jws = serde_json::from_str::<String>(&text).unwrap_or(text);
    if let Some(changed) = change(&jws) {
        answer.body = sealed(json!(changed).to_string().as_bytes());
    }
}

/// Changes the person of a document that is right in every other way.
pub(crate) fn person(answer: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    inner(answer, |jws| {
        let jws = is_genuine(jws).then(|| Jws::read(jws)).flatten()?;
        let mut person = serde_json::from_slice::<Map<String, Value>>(&jws.payload).ok()?;
        change(&mut person);
        Some(jws.with(&person).signed())
    });
}
