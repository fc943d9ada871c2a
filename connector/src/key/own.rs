//! Our keys as a JWK Set: those that sign and those that documents are encrypted for, each with its name.

use super::{Curve, PrivateKey, json_object, wrong};
use crate::ambient::{Ambient, random_hex};
use crate::error::Error;
use crate::quote::quoted;
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value, json};

/// Our keys, as `client-jwks-private.json` holds them. `Debug` shows names and thumbprints only.
#[derive(Debug, Clone, Default)]
pub struct OwnKeys {
    signing: Vec<SigningKey>,
    decryption: Vec<DecryptionKey>,
}

/// A key that signs.
#[derive(Debug, Clone)]
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) key: PrivateKey,
}

/// A key that documents are encrypted for.
#[derive(Debug, Clone)]
pub(crate) struct DecryptionKey {
    pub(crate) kid: String,
    pub(crate) key: PrivateKey,
    /// How content keys are encrypted for it: as its `alg` says, any way where it says nothing.
    pub(crate) alg: Option<&'static str>,
}

impl OwnKeys {
    /// Reads a private JWK Set (RFC 7517 §5): every key has a `kid` of its own, a `use`, and its private part.
    ///
    /// # Errors
    /// [`Error::Configuration`], which names the key and what is wrong with it.
    pub fn read(set: &[u8]) -> Result<Self, Error> {
        let no_set = || wrong("a private JWK Set is needed: a JSON object with the list `keys`");
        let set = json_object(set).ok_or_else(no_set)??;
        let keys = set.get("keys").and_then(Value::as_array).ok_or_else(no_set)?;
        let mut own = Self::default();
        for (place, key) in keys.iter().enumerate() {
            let name = key.get("kid").and_then(Value::as_str).map_or_else(|| format!("number {}", place + 1), quoted);
            own.add(key).map_err(|error| Error::Configuration(format!("the key {name} of the JWK Set: {error}")))?;
        }
        Ok(own)
    }

    /// New keys on P-256: one that signs, and one that documents are encrypted for. Their names were never used before.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(ambient: &dyn Ambient) -> Result<Self, Error> {
        let name = |usage: &str| random_hex(ambient).map(|id| format!("{usage}-{id}"));
        let key = || PrivateKey::generate(Curve::P256, ambient);
        let signing = SigningKey { kid: name("sig")?, key: key()? };
        let decryption = DecryptionKey { kid: name("enc")?, key: key()?, alg: Some(DEFAULT_WRAP) };
        Ok(Self { signing: vec![signing], decryption: vec![decryption] })
    }

    /// Adds a key that signs; its name is the `kid` of a JWK, or its thumbprint.
    pub(crate) fn add_signing(&mut self, input: &[u8], passphrase: Option<&str>) -> Result<(), Error> {
        let (jwk, key) = lone(input, passphrase)?;
        self.put_signing(named(&jwk, &key), &jwk, key)
    }

    /// Adds a key that documents are encrypted for; named in the same way.
    pub(crate) fn add_decryption(&mut self, input: &[u8], passphrase: Option<&str>) -> Result<(), Error> {
        let (jwk, key) = lone(input, passphrase)?;
        self.put_decryption(named(&jwk, &key), &jwk, key)
    }

    fn add(&mut self, jwk: &Value) -> Result<(), Error> {
        let members = jwk.as_object().ok_or_else(|| wrong("it is no JSON object"))?;
        let kid = members.get("kid").and_then(Value::as_str).filter(|kid| !kid.is_empty());
        let kid = kid.ok_or_else(|| wrong("it has no `kid`"))?.to_owned();
        let key = PrivateKey::read_ec(Zeroizing::new(jwk.to_string()).as_bytes(), None)?;
        match members.get("use").and_then(Value::as_str) {
            Some("sig") => self.put_signing(kid, members, key),
            Some("enc") => self.put_decryption(kid, members, key),
            _ => Err(wrong("its `use` is neither `sig` nor `enc`")),
        }
    }

    fn put_signing(&mut self, kid: String, jwk: &Map<String, Value>, key: PrivateKey) -> Result<(), Error> {
        let fits = key.curve().map(algorithm);
        match jwk.get("alg") {
            None => {}
            Some(alg) if alg.as_str() == fits => {}
            Some(_) => return Err(wrong("its `alg` is not the one of its curve")),
        }
        self.check_new(&kid)?;
        self.signing.push(SigningKey { kid, key });
        Ok(())
    }

    fn put_decryption(&mut self, kid: String, jwk: &Map<String, Value>, key: PrivateKey) -> Result<(), Error> {
        let alg = match jwk.get("alg") {
            None => None,
            Some(alg) => match WRAPS.into_iter().find(|wrap| alg.as_str() == Some(wrap)) {
                Some(wrap) => Some(wrap),
                None => return Err(Error::Configuration(format!("its `alg` is none of {}", WRAPS.join(", ")))),
            },
        };
        self.check_new(&kid)?;
        self.decryption.push(DecryptionKey { kid, key, alg });
        Ok(())
    }

    fn check_new(&self, kid: &str) -> Result<(), Error> {
        let mut kids = self.signing.iter().map(|key| &key.kid).chain(self.decryption.iter().map(|key| &key.kid));
        if kids.any(|known| known == kid) { Err(wrong("its `kid` is another key's, too")) } else { Ok(()) }
    }

    /// The key that signs: the first. Others are published only, until it is their turn.
    pub(crate) fn signing(&self) -> Option<&SigningKey> {
        self.signing.first()
    }

    /// The keys that documents may be encrypted for: several, while one replaces another.
    pub(crate) fn decryption(&self) -> &[DecryptionKey] {
        &self.decryption
    }

    /// The public JWK Set: what is registered with Singpass, by value or as an address.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a key cannot be written.
    pub fn public_set(&self) -> Result<Value, Error> {
        self.set(PrivateKey::public_members)
    }

    /// The private JWK Set, to be kept where only its owner reads it.
    ///
    /// # Errors
    /// [`Error::Configuration`] when a key cannot be written.
    pub fn private_set(&self) -> Result<Zeroizing<String>, Error> {
        let set = self.set(|key| Ok(serde_json::from_str(&key.private_jwk()?).unwrap_or_default()))?;
        Ok(Zeroizing::new(format!("{set:#}\n")))
    }

    fn set(&self, members: impl Fn(&PrivateKey) -> Result<Map<String, Value>, Error>) -> Result<Value, Error> {
        let mut keys = Vec::new();
        for SigningKey { kid, key } in &self.signing {
            let alg = key.curve().map_or("", algorithm);
            keys.push(with(members(key)?, [("kid", kid), ("use", "sig"), ("alg", alg)]));
        }
        for DecryptionKey { kid, key, alg } in &self.decryption {
            keys.push(with(members(key)?, [("kid", kid), ("use", "enc"), ("alg", alg.unwrap_or(DEFAULT_WRAP))]));
        }
        Ok(json!({"keys": keys}))
    }
}

/// A key by itself, and its members where it is a JWK.
fn lone(input: &[u8], passphrase: Option<&str>) -> Result<(Map<String, Value>, PrivateKey), Error> {
    let jwk = json_object(input).transpose()?.unwrap_or_default();
    if jwk.contains_key("keys") {
        return Err(wrong("one private key is needed, and this is a JWK Set"));
    }
    Ok((jwk, PrivateKey::read_ec(input, passphrase)?))
}

fn named(jwk: &Map<String, Value>, key: &PrivateKey) -> String {
    jwk.get("kid").and_then(Value::as_str).unwrap_or_else(|| key.thumbprint()).to_owned()
}

fn with(mut members: Map<String, Value>, more: [(&str, &str); 3]) -> Value {
    members.extend(more.map(|(name, value)| (name.to_owned(), value.into())));
    Value::Object(members)
}

/// The signature algorithm of a curve (RFC 7518 §3.4).
pub(crate) const fn algorithm(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "ES256",
        Curve::P384 => "ES384",
        Curve::P521 => "ES512",
    }
}

/// How content keys may be encrypted for a key of ours. DOC, technical concepts, JWK Sets of clients.
const WRAPS: [&str; 3] = ["ECDH-ES+A128KW", "ECDH-ES+A192KW", DEFAULT_WRAP];
const DEFAULT_WRAP: &str = "ECDH-ES+A256KW";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::System;
    use myinfo_fixtures::keys::ec::{CLIENT_JWKS, CLIENT_JWKS_PRIVATE, CLIENT_PEMS, private};
    use std::collections::BTreeSet;

    fn set(keys: &[Value]) -> Result<OwnKeys, Error> {
        OwnKeys::read(json!({"keys": keys}).to_string().as_bytes())
    }

    #[test]
    fn the_public_set_is_the_private_one_without_its_private_parts() {
        let own = OwnKeys::read(CLIENT_JWKS_PRIVATE.as_bytes()).unwrap();
        let sorted = |set: &Value| -> BTreeSet<String> {
            let keys = set["keys"].as_array().unwrap().iter();
            keys.map(|key| key.as_object().unwrap().iter().collect::<std::collections::BTreeMap<_, _>>())
                .map(|key| format!("{key:?}"))
                .collect()
        };
        let public: Value = serde_json::from_str(CLIENT_JWKS).unwrap();
        assert_eq!(sorted(&own.public_set().unwrap()), sorted(&public));
        let again = OwnKeys::read(own.private_set().unwrap().as_bytes()).unwrap();
        assert_eq!(sorted(&again.public_set().unwrap()), sorted(&public));
        assert_eq!(own.signing().unwrap().kid, "client-sig-p256");
        assert_eq!(own.decryption().len(), 3);
    }

    #[test]
    fn what_is_wrong_with_a_set_is_said_and_no_key_is_shown() {
        let (signing, encryption) = (private("client-sig-p256").unwrap(), private("client-enc-p256").unwrap());
        let changed = |member: &str, value: Value| {
            let mut key = encryption.clone();
            key[member] = value;
            key
        };
        let mut public = encryption.clone();
        public.as_object_mut().unwrap().remove("d");
        for (keys, says) in [
            (vec![signing.clone(), signing.clone()], "another key's"),
            (vec![public], "`client-enc-p256` of the JWK Set: a private key is needed"),
            (vec![changed("use", Value::Null)], "neither `sig` nor `enc`"),
            (vec![changed("alg", "ECDH-ES".into())], "none of ECDH-ES+A128KW"),
            (vec![changed("kid", Value::Null)], "number 1 of the JWK Set: it has no `kid`"),
            (vec![changed("x", "AAAA".into())], "32 bytes"),
            (vec![changed("use", "sig".into())], "not the one of its curve"),
            (vec![json!(1)], "no JSON object"),
        ] {
            let message = set(&keys).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
            assert!(!message.contains(encryption["d"].as_str().unwrap()), "{message}");
        }
        for text in ["", "[]", "{}", "{\"keys\": 1}", "-----BEGIN PRIVATE KEY-----"] {
            assert!(OwnKeys::read(text.as_bytes()).unwrap_err().to_string().contains("JWK Set is needed"), "{text}");
        }
    }

    #[test]
    fn a_key_by_itself_is_read_from_pem_and_named_by_its_thumbprint() {
        for pem in CLIENT_PEMS {
            let expected = PrivateKey::read_ec(private(pem.kid).unwrap().to_string().as_bytes(), None).unwrap();
            for text in [pem.pkcs8, pem.sec1] {
                let mut own = OwnKeys::default();
                own.add_signing(text.as_bytes(), None).unwrap();
                assert_eq!(own.signing().unwrap().kid, expected.thumbprint());
            }
            let mut own = OwnKeys::default();
            let message = own.add_signing(pem.certificate.as_bytes(), None).unwrap_err().to_string();
            assert!(message.contains("label `CERTIFICATE`"), "{message}");
        }
        let mut own = OwnKeys::default();
        own.add_decryption(private("client-enc-p384").unwrap().to_string().as_bytes(), None).unwrap();
        assert_eq!((own.decryption()[0].kid.as_str(), own.decryption()[0].alg), ("client-enc-p384", Some(WRAPS[1])));
        let message = own.add_decryption(CLIENT_JWKS_PRIVATE.as_bytes(), None).unwrap_err().to_string();
        assert!(message.contains("this is a JWK Set"), "{message}");
        let rsa = myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes();
        assert!(own.add_signing(rsa, None).unwrap_err().to_string().contains("P-256, P-384 or P-521"));
    }

    #[test]
    fn fresh_keys_are_a_complete_set_and_debug_shows_no_private_part() {
        let (own, other) = (OwnKeys::fresh(&System).unwrap(), OwnKeys::fresh(&System).unwrap());
        let public = own.public_set().unwrap();
        let uses: Vec<&str> =
            public["keys"].as_array().unwrap().iter().map(|key| key["use"].as_str().unwrap()).collect();
        assert_eq!(uses, ["sig", "enc"]);
        assert_ne!(public["keys"][0]["kid"], other.public_set().unwrap()["keys"][0]["kid"]);
        assert!(!public.to_string().contains("\"d\""));
        let secret: Value = serde_json::from_str(&own.private_set().unwrap()).unwrap();
        let text = format!("{own:?}");
        assert!(
            secret["keys"].as_array().unwrap().iter().all(|key| !text.contains(key["d"].as_str().unwrap())),
            "{text}"
        );
    }
}
