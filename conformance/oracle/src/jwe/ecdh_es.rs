//! ECDH-ES (RFC 7518 §4.6): a key agreed with an ephemeral one, which encrypts the content or wraps its key.

use crate::OracleError;
use crate::ec::{EcPrivateKey, EcPublicKey};
use crate::jwe::content::Enc;
use crate::jwe::{Opened, parts};
use crate::jwk;
use crate::text::{decode, encode, member, object, utf8};
use aes_kw::{KekAes128, KekAes192, KekAes256};
use rsa::rand_core::{OsRng, RngCore};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// RFC 7518 §4.6: what `alg` can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// The agreed key encrypts the content.
    Direct,
    /// The agreed key wraps the content key, by AES-128.
    A128Kw,
    /// The same by AES-192.
    A192Kw,
    /// The same by AES-256.
    A256Kw,
}

impl Agreement {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Direct, Self::A128Kw, Self::A192Kw, Self::A256Kw];

    /// The name as `alg` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "ECDH-ES",
            Self::A128Kw => "ECDH-ES+A128KW",
            Self::A192Kw => "ECDH-ES+A192KW",
            Self::A256Kw => "ECDH-ES+A256KW",
        }
    }

    /// The one that `alg` names.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn named(name: &str) -> Result<Self, OracleError> {
        let alg = |found: &str| OracleError::Alg { expected: "ECDH-ES or ECDH-ES+A…KW", found: found.to_owned() };
        Self::ALL.into_iter().find(|agreement| agreement.name() == name).ok_or_else(|| alg(name))
    }

    /// RFC 7518 §4.6.2: the length of the agreed key, and the name that goes into its derivation (`AlgorithmID`).
    const fn derived(self, enc: Enc) -> (usize, &'static str) {
        match self {
            Self::Direct => (enc.key_bytes(), enc.name()),
            Self::A128Kw => (16, self.name()),
            Self::A192Kw => (24, self.name()),
            Self::A256Kw => (32, self.name()),
        }
    }
}

/// What is by chance in a JWE, as values.
#[derive(Debug, Clone)]
pub struct Chance {
    /// The sender's key of this one text.
    pub ephemeral: EcPrivateKey,
    /// The content key; not used where the key is agreed directly.
    pub content_key: Vec<u8>,
    /// The IV.
    pub iv: Vec<u8>,
}

impl Chance {
    /// New values by the system's chance, for this key and content encryption.
    pub fn new(key: &EcPublicKey, enc: Enc) -> Self {
        let mut content_key = vec![0; enc.key_bytes()];
        let mut iv = vec![0; enc.iv_bytes()];
        OsRng.fill_bytes(&mut content_key);
        OsRng.fill_bytes(&mut iv);
        Self { ephemeral: EcPrivateKey::random(key.curve()), content_key, iv }
    }
}

/// Encrypts for a public key. The header is JSON text with `alg` and `enc`, with `apu` and `apv` where wanted; `epk` is added.
///
/// # Errors
/// When the header asks for what is not known.
pub fn seal(header: &str, plaintext: &str, key: &EcPublicKey) -> Result<String, OracleError> {
    let enc = Enc::named(member(&object(header)?, "enc")?)?;
    seal_with(header, plaintext, key, &Chance::new(key, enc))
}

/// The same with given values. An `epk` that the header has already stays as it is.
///
/// # Errors
/// When the header asks for what is not known, or the values do not fit it.
pub fn seal_with(header: &str, plaintext: &str, key: &EcPublicKey, chance: &Chance) -> Result<String, OracleError> {
    let mut members = object(header)?;
    let agreement = Agreement::named(member(&members, "alg")?)?;
    let enc = Enc::named(member(&members, "enc")?)?;
    let agreed = agreed_key(agreement, enc, &chance.ephemeral.agree(key)?, &members)?;
    let (content_key, wrapped) = match agreement {
        // RFC 7516 §5.1, step 5: then the encrypted key is empty
        Agreement::Direct => (agreed, Vec::new()),
        Agreement::A128Kw | Agreement::A192Kw | Agreement::A256Kw => {
            (chance.content_key.clone(), wrap(&agreed, &chance.content_key)?)
        }
    };
    members.entry("epk").or_insert_with(|| jwk::of_public(&chance.ephemeral.public()));
    let protected = encode(Value::Object(members).to_string());
    let (ciphertext, tag) = enc.encrypt(&content_key, &chance.iv, protected.as_bytes(), plaintext.as_bytes())?;
    let rest = [wrapped, chance.iv.clone(), ciphertext, tag].map(encode);
    Ok(format!("{protected}.{}", rest.join(".")))
}

/// Opens a JWE with a private key: the steps of RFC 7516 §5.2, with RFC 7518 §4.6.
///
/// # Errors
/// When its header asks for what is not known, a part has a wrong length, it is not for this key, or it was changed.
pub fn open(jwe: &str, key: &EcPrivateKey) -> Result<Opened, OracleError> {
    let [protected, wrapped, iv, ciphertext, tag] = parts(jwe)?;
    let header = utf8(&decode(protected)?)?;
    let members = object(&header)?;
    // RFC 7516 §4.1.13 and §4.1.3: no extension is understood here, and nothing is unpacked
    if members.contains_key("crit") {
        return Err(OracleError::Crit);
    }
    if members.contains_key("zip") {
        return Err(OracleError::Zip);
    }
    let agreement = Agreement::named(member(&members, "alg")?)?;
    let enc = Enc::named(member(&members, "enc")?)?;
    // RFC 7518 §4.6.1.1: a public key on the curve of the own one
    let ephemeral = jwk::public(members.get("epk").ok_or(OracleError::Member("epk"))?)?;
    let agreed = agreed_key(agreement, enc, &key.agree(&ephemeral)?, &members)?;
    let content_key = content_key(agreement, enc, agreed, &decode(wrapped)?)?;
    let content = (decode(ciphertext)?, decode(tag)?);
    let plaintext = enc.decrypt(&content_key, &decode(iv)?, protected.as_bytes(), (&content.0, &content.1))?;
    Ok(Opened { header, plaintext: utf8(&plaintext)? })
}

/// RFC 7518 §4.6.2: the Concat KDF of NIST SP 800-56A §5.8.1 with SHA-256, from the common secret to a key of so many bytes.
pub fn derive(secret: &[u8], bytes: usize, algorithm: &str, apu: &[u8], apv: &[u8]) -> Result<Vec<u8>, OracleError> {
    let length = |value: usize| u32::try_from(value).map(u32::to_be_bytes).map_err(|_| OracleError::Cipher);
    // AlgorithmID, PartyUInfo and PartyVInfo with their lengths before them; SuppPubInfo is the key's length in bits
    let mut other = Vec::new();
    for part in [algorithm.as_bytes(), apu, apv] {
        other.extend(length(part.len())?);
        other.extend(part);
    }
    other.extend(length(bytes * 8)?);
    // one hash for each 256 bits, with a counter that starts at 1
    let mut key = Vec::new();
    let mut counter = 1_u32;
    while key.len() < bytes {
        key.extend(Sha256::digest([&counter.to_be_bytes(), secret, &other].concat()));
        counter += 1;
    }
    key.truncate(bytes);
    Ok(key)
}

fn agreed_key(
    agreement: Agreement,
    enc: Enc,
    secret: &[u8],
    header: &Map<String, Value>,
) -> Result<Vec<u8>, OracleError> {
    // RFC 7518 §4.6.1.2 and §4.6.1.3: both may be absent, and are then empty
    let party = |name| if header.contains_key(name) { decode(member(header, name)?) } else { Ok(Vec::new()) };
    let (bytes, algorithm) = agreement.derived(enc);
    derive(secret, bytes, algorithm, &party("apu")?, &party("apv")?)
}

fn content_key(agreement: Agreement, enc: Enc, agreed: Vec<u8>, wrapped: &[u8]) -> Result<Vec<u8>, OracleError> {
    let expected = match agreement {
        // RFC 7516 §5.2, step 10
        Agreement::Direct => 0,
        Agreement::A128Kw | Agreement::A192Kw | Agreement::A256Kw => enc.key_bytes() + 8,
    };
    let found = wrapped.len();
    if found != expected {
        return Err(OracleError::WrappedKeyLength { expected, found });
    }
    if agreement == Agreement::Direct { Ok(agreed) } else { unwrap(&agreed, wrapped) }
}

/// RFC 3394 §2.2.1.
fn wrap(kek: &[u8], content_key: &[u8]) -> Result<Vec<u8>, OracleError> {
    let wrapped = match kek.len() {
        16 => KekAes128::try_from(kek).and_then(|kek| kek.wrap_vec(content_key)),
        24 => KekAes192::try_from(kek).and_then(|kek| kek.wrap_vec(content_key)),
        _ => KekAes256::try_from(kek).and_then(|kek| kek.wrap_vec(content_key)),
    };
    wrapped.map_err(|_| OracleError::Cipher)
}

/// RFC 3394 §2.2.2 and §2.2.3.
fn unwrap(kek: &[u8], wrapped: &[u8]) -> Result<Vec<u8>, OracleError> {
    let content_key = match kek.len() {
        16 => KekAes128::try_from(kek).and_then(|kek| kek.unwrap_vec(wrapped)),
        24 => KekAes192::try_from(kek).and_then(|kek| kek.unwrap_vec(wrapped)),
        _ => KekAes256::try_from(kek).and_then(|kek| kek.unwrap_vec(wrapped)),
    };
    content_key.map_err(|_| OracleError::WrappedKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec;
    use myinfo_fixtures::vectors::{BAD_ENCRYPTED_JSON, ENCRYPTED_JSON, RFC_JSON};

    fn own(kid: &str) -> EcPrivateKey {
        jwk::private(&ec::private(kid).unwrap()).unwrap()
    }

    /// Opens a vector and makes it again, byte for byte, from what it says was by chance.
    fn opens_and_is_made_again(vector: &Value, key: &EcPrivateKey, ephemeral: EcPrivateKey) {
        let text = |name: &str| vector[name].as_str().unwrap();
        let opened = open(text("jwe"), key).unwrap();
        assert_eq!(opened.plaintext, text("plaintext"), "{}", text("name"));
        let bytes = |name: &str| decode(text(name)).unwrap();
        let chance = Chance { ephemeral, content_key: bytes("cek"), iv: bytes("iv") };
        let made = seal_with(&opened.header, &opened.plaintext, &key.public(), &chance).unwrap();
        assert_eq!(made, text("jwe"), "{}", text("name"));
    }

    #[test]
    fn the_key_is_derived_as_in_the_rfc() {
        let rfc: Value = serde_json::from_str(RFC_JSON).unwrap();
        let vector = &rfc["agreement"];
        let other = jwk::private(&vector["other"]).unwrap().public();
        let secret = jwk::private(&vector["own"]).unwrap().agree(&other).unwrap();
        let derived = derive(&secret, 16, "A128GCM", b"Alice", b"Bob").unwrap();
        assert_eq!(encode(derived), vector["derived"]);
    }

    #[test]
    fn the_examples_of_the_rfcs_open_and_are_made_again() {
        let rfc: Value = serde_json::from_str(RFC_JSON).unwrap();
        for vector in rfc["encrypted"].as_array().unwrap() {
            let ephemeral = jwk::private(&vector["ephemeral"]).unwrap();
            opens_and_is_made_again(vector, &jwk::private(&vector["jwk"]).unwrap(), ephemeral);
        }
    }

    #[test]
    fn what_jose_encrypts_opens_and_is_made_again() {
        let vectors: Vec<Value> = serde_json::from_str(ENCRYPTED_JSON).unwrap();
        for vector in &vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            opens_and_is_made_again(vector, &own(text("kid")), own(text("ephemeral")));
        }
    }

    #[test]
    fn every_bad_jwe_is_refused_for_its_flaw() {
        let vectors: Vec<Value> = serde_json::from_str(BAD_ENCRYPTED_JSON).unwrap();
        for vector in &vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let refused = open(text("jwe"), &own(text("kid"))).unwrap_err();
            assert_eq!(refused.code(), text("flaw"), "{}: {refused}", text("name"));
        }
    }

    #[test]
    fn a_sender_is_told_what_does_not_fit() {
        let key = own("client-enc-p256").public();
        let refused = |header: &str| seal(header, "x", &key).unwrap_err().code();
        assert_eq!(refused(r#"{"alg":"ECDH-ES+A256KW"}"#), "member");
        assert_eq!(refused(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#), "alg");
        assert_eq!(refused(r#"{"alg":"ECDH-ES","enc":"A512GCM"}"#), "enc");
        let mut chance = Chance::new(&key, Enc::A256Gcm);
        chance.ephemeral = EcPrivateKey::random(crate::ec::Curve::P384);
        let other_curve = seal_with(r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#, "x", &key, &chance);
        assert_eq!(other_curve.unwrap_err().code(), "epk-curve");
    }
}
