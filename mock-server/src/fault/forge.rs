//! Writes signed and encrypted documents by hand, so that any part of them can be wrong.

use super::draft::{JweDraft, JwsDraft, Signer};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use openssl::aes::{AesKey, wrap_key};
use openssl::encrypt::Encrypter;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::sha::sha256;
use openssl::sign::{RsaPssSaltlen, Signer as RsaSigner};
use openssl::symm::{Cipher, encrypt, encrypt_aead};
use serde_json::{Map, Value};
use std::io::Write;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForgeError {
    #[error(transparent)]
    OpenSsl(#[from] ErrorStack),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the recipient's key cannot be used for wrapping")]
    Wrap,
}

/// The keys of the mock that signs.
pub(crate) struct Keys<'a> {
    pub(crate) service: &'a PKey<Private>,
    pub(crate) certificate_pem: &'a str,
}

/// A compact JWS.
pub(crate) fn jws(draft: &JwsDraft, keys: &Keys<'_>) -> Result<String, ForgeError> {
    let signed = format!("{}.{}", segment(&draft.header), BASE64_URL_SAFE_NO_PAD.encode(&draft.payload));
    let mut signature = signature(draft.signer, signed.as_bytes(), keys)?;
    if let Some(byte) = signature.first_mut().filter(|_| draft.break_signature) {
        *byte ^= 0x01;
    }
    Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

fn signature(signer: Signer, text: &[u8], keys: &Keys<'_>) -> Result<Vec<u8>, ErrorStack> {
    let rsa = |key: &PKey<Private>, digest| RsaSigner::new(digest, key)?.sign_oneshot_to_vec(text);
    match signer {
        Signer::Service => rsa(keys.service, MessageDigest::sha256()),
        Signer::Rs512 => rsa(keys.service, MessageDigest::sha512()),
        Signer::Ps256 => {
            let mut signer = RsaSigner::new(MessageDigest::sha256(), keys.service)?;
            signer.set_rsa_padding(Padding::PKCS1_PSS)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            signer.sign_oneshot_to_vec(text)
        }
        Signer::Stranger => rsa(&stranger()?, MessageDigest::sha256()),
        Signer::HmacOfCertificate => {
            let key = PKey::hmac(keys.certificate_pem.as_bytes())?;
            RsaSigner::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(text)
        }
        Signer::Nobody => Ok(Vec::new()),
    }
}

/// A key that no registration knows. It is published with the testbed and protects nothing.
pub(crate) fn stranger() -> Result<PKey<Private>, ErrorStack> {
    PKey::private_key_from_pem(myinfo_fixtures::keys::STRANGER_KEY_PEM.as_bytes())
}

/// A compact JWE with the algorithms that its header names; RSA-OAEP and A256GCM where it names none that is known here.
pub(crate) fn jwe(draft: &JweDraft) -> Result<String, ForgeError> {
    let name = |member: &str| draft.header.get(member).and_then(Value::as_str).unwrap_or_default();
    let header = segment(&draft.header);
    let cbc = name("enc") == "A128CBC-HS256";
    let mut content_key = vec![0; 32];
    openssl::rand::rand_bytes(&mut content_key)?;
    let wrapped = wrap(name("alg"), &mut content_key, draft)?;
    let plaintext = if name("zip") == "DEF" { deflate(&draft.plaintext)? } else { draft.plaintext.clone() };
    let mut iv = vec![0; if cbc { 16 } else { 12 }];
    openssl::rand::rand_bytes(&mut iv)?;
    let (ciphertext, tag) = if cbc {
        cbc_hmac(&content_key, &iv, header.as_bytes(), &plaintext)?
    } else {
        let mut tag = vec![0; 16];
        let cipher = Cipher::aes_256_gcm();
        (encrypt_aead(cipher, &content_key, Some(&iv), header.as_bytes(), &plaintext, &mut tag)?, tag)
    };
    let mut segments = vec![BASE64_URL_SAFE_NO_PAD.decode(&header).unwrap_or_default(), wrapped, iv, ciphertext, tag];
    draft.segments.iter().for_each(|change| change(&mut segments));
    Ok(segments.iter().map(|segment| BASE64_URL_SAFE_NO_PAD.encode(segment)).collect::<Vec<_>>().join("."))
}

/// The content key, wrapped for the recipient as the algorithm says.
///
/// `dir` and A128KW want a key that both sides know. There is none; an attacker would take what is public.
fn wrap(algorithm: &str, content_key: &mut Vec<u8>, draft: &JweDraft) -> Result<Vec<u8>, ForgeError> {
    let public = || Ok::<_, ErrorStack>(sha256(&draft.recipient.public_key_to_der()?));
    match algorithm {
        "dir" => {
            *content_key = public()?.to_vec();
            Ok(Vec::new())
        }
        "A128KW" => {
            let known = public()?;
            let key = AesKey::new_encrypt(known.get(..16).unwrap_or_default()).map_err(|_| ForgeError::Wrap)?;
            let mut wrapped = vec![0; content_key.len() + 8];
            wrap_key(&key, None, &mut wrapped, content_key).map_err(|_| ForgeError::Wrap)?;
            Ok(wrapped)
        }
        _ => {
            let padding = if algorithm == "RSA1_5" { Padding::PKCS1 } else { Padding::PKCS1_OAEP };
            let mut encrypter = Encrypter::new(&draft.recipient)?;
            encrypter.set_rsa_padding(padding)?;
            if algorithm == "RSA-OAEP-256" {
                encrypter.set_rsa_oaep_md(MessageDigest::sha256())?;
                encrypter.set_rsa_mgf1_md(MessageDigest::sha256())?;
            }
            let mut wrapped = vec![0; encrypter.encrypt_len(content_key)?];
            let length = encrypter.encrypt(content_key, &mut wrapped)?;
            wrapped.truncate(length);
            Ok(wrapped)
        }
    }
}

/// RFC 7518 §5.2.3: the first half of the key authenticates, the second encrypts.
fn cbc_hmac(key: &[u8], iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
    let (mac_key, content_key) = key.split_at(16);
    let ciphertext = encrypt(Cipher::aes_128_cbc(), content_key, Some(iv), plaintext)?;
    let bits = (aad.len() as u64 * 8).to_be_bytes();
    let mac_key = PKey::hmac(mac_key)?;
    let mut signer = RsaSigner::new(MessageDigest::sha256(), &mac_key)?;
    for part in [aad, iv, &ciphertext, &bits] {
        signer.update(part)?;
    }
    let mut tag = signer.sign_to_vec()?;
    tag.truncate(16);
    Ok((ciphertext, tag))
}

fn deflate(plaintext: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plaintext)?;
    encoder.finish()
}

fn segment(header: &Map<String, Value>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Value::Object(header.clone()).to_string())
}

/// A public key as a JWK.
pub(crate) fn jwk(key: &PKey<Private>) -> Result<Value, ErrorStack> {
    let rsa = key.rsa()?;
    let number = |number: &openssl::bn::BigNumRef| BASE64_URL_SAFE_NO_PAD.encode(number.to_vec());
    Ok(serde_json::json!({"kty": "RSA", "n": number(rsa.n()), "e": number(rsa.e())}))
}
