//! JWE in compact form (RFC 7516), written so that any part of it can be wrong.

use super::ecdh_es::{Agreement, wrapping_bytes};
use super::jws::segment;
use super::rsa_padding::{self, Padded};
use crate::ambient::Entropy;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use hmac::Mac;
use hmac::digest::KeyInit;
use openssl::aes::{AesKey, wrap_key};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Public};
use openssl::symm::{Cipher, decrypt, encrypt, encrypt_aead};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};
use std::borrow::Cow;
use std::io::Write;

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JweError {
    #[error(transparent)]
    OpenSsl(#[from] ErrorStack),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("the recipient's key cannot be used for wrapping")]
    Wrap,
}

/// What a JWE is made of.
pub(crate) struct Jwe<'a> {
    /// Also says which algorithms are used.
    pub(crate) header: &'a Map<String, Value>,
    pub(crate) plaintext: &'a [u8],
    pub(crate) recipient: &'a PKey<Public>,
    /// What is done to the finished five segments, still decoded.
    pub(crate) segments: &'a [fn(&mut Vec<Vec<u8>>)],
    /// Where content keys, initialisation vectors, ephemeral keys and paddings come from.
    pub(crate) entropy: &'a Entropy,
}

/// A compact JWE with the algorithms that its header names; RSA-OAEP and A256GCM where it names none that is known here.
pub(crate) fn compact(jwe: &Jwe<'_>) -> Result<String, JweError> {
    let name = |member: &str| jwe.header.get(member).and_then(Value::as_str).unwrap_or_default();
    let agree = |bytes| Agreement::new(jwe.recipient, (name("alg"), bytes), jwe.entropy);
    let agreement = wrapping_bytes(name("alg")).map(agree).transpose()?;
    let header = match &agreement {
        Some(agreement) => {
            let mut header = jwe.header.clone();
            header.entry("epk").or_insert_with(|| Value::Object(agreement.epk.clone()));
            segment(&header)
        }
        None => segment(jwe.header),
    };
    let hmac = Hmac::of(name("enc"));
    let mut content_key = jwe.entropy.bytes(hmac.map_or(32, Hmac::key_bytes));
    let wrapped = match agreement {
        Some(agreement) => agreement.wrap(&content_key).ok_or(JweError::Wrap)?,
        None => wrap(name("alg"), &mut content_key, jwe)?,
    };
    let plaintext =
        if name("zip") == "DEF" { Cow::Owned(deflate(jwe.plaintext)?) } else { Cow::Borrowed(jwe.plaintext) };
    let iv = jwe.entropy.bytes(if hmac.is_some() { 16 } else { 12 });
    let (ciphertext, tag) = if let Some(hmac) = hmac {
        hmac.encrypt(&content_key, &iv, header.as_bytes(), &plaintext)?
    } else {
        let mut tag = vec![0; 16];
        let cipher = Cipher::aes_256_gcm();
        (encrypt_aead(cipher, &content_key, Some(&iv), header.as_bytes(), &plaintext, &mut tag)?, tag)
    };
    let mut segments = vec![BASE64_URL_SAFE_NO_PAD.decode(&header).unwrap_or_default(), wrapped, iv, ciphertext, tag];
    jwe.segments.iter().for_each(|change| change(&mut segments));
    Ok(joined(&segments))
}

/// The segments as they are sent.
fn joined(segments: &[Vec<u8>]) -> String {
    let encoded = |segment: &Vec<u8>| segment.len().div_ceil(3) * 4 + 1;
    let mut text = String::with_capacity(segments.iter().map(encoded).sum());
    for (place, segment) in segments.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        BASE64_URL_SAFE_NO_PAD.encode_string(segment, &mut text);
    }
    text
}

/// The content key, wrapped for the recipient as the algorithm says.
///
/// `dir` and A128KW want a key that both sides know. There is none; an attacker would take what is public.
fn wrap(algorithm: &str, content_key: &mut Vec<u8>, jwe: &Jwe<'_>) -> Result<Vec<u8>, JweError> {
    let public = || Ok::<_, ErrorStack>(Sha256::digest(jwe.recipient.public_key_to_der()?));
    match algorithm {
        "dir" => {
            *content_key = public()?.to_vec();
            Ok(Vec::new())
        }
        "A128KW" => {
            let known = public()?;
            let key = AesKey::new_encrypt(known.get(..16).unwrap_or_default()).map_err(|_| JweError::Wrap)?;
            let mut wrapped = vec![0; content_key.len() + 8];
            wrap_key(&key, None, &mut wrapped, content_key).map_err(|_| JweError::Wrap)?;
            Ok(wrapped)
        }
        _ => {
            let padded = match algorithm {
                "RSA1_5" => Padded::Pkcs1,
                "RSA-OAEP-256" => Padded::Oaep(MessageDigest::sha256()),
                _ => Padded::Oaep(MessageDigest::sha1()),
            };
            rsa_padding::encrypt(jwe.recipient, padded, content_key, jwe.entropy)?.ok_or(JweError::Wrap)
        }
    }
}

/// The content encryptions that are AES-CBC with an HMAC. RFC 7518 §5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hmac {
    A128CbcHs256,
    A256CbcHs512,
}

impl Hmac {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "A128CBC-HS256" => Some(Self::A128CbcHs256),
            "A256CBC-HS512" => Some(Self::A256CbcHs512),
            _ => None,
        }
    }

    /// Half of it authenticates, the other half encrypts.
    pub(super) const fn key_bytes(self) -> usize {
        match self {
            Self::A128CbcHs256 => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    /// RFC 7518 §5.2.2.1: the first half of the key authenticates, the second encrypts; half of the MAC is the tag.
    fn encrypt(self, key: &[u8], iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ErrorStack> {
        let (mac_key, content_key) = key.split_at(self.key_bytes() / 2);
        let ciphertext = encrypt(self.cipher(), content_key, Some(iv), plaintext)?;
        let tag = self.tag(mac_key, iv, aad, &ciphertext);
        Ok((ciphertext, tag))
    }

    /// The plaintext; nothing where the tag is not that of header, IV and text.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], aad: &[u8], (text, tag): (&[u8], &[u8])) -> Option<Vec<u8>> {
        let (mac_key, content_key) = key.split_at_checked(self.key_bytes() / 2)?;
        let right = self.tag(mac_key, iv, aad, text);
        if right != tag {
            return None;
        }
        decrypt(self.cipher(), content_key, Some(iv), text).ok()
    }

    fn cipher(self) -> Cipher {
        match self {
            Self::A128CbcHs256 => Cipher::aes_128_cbc(),
            Self::A256CbcHs512 => Cipher::aes_256_cbc(),
        }
    }

    fn tag(self, mac_key: &[u8], iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> Vec<u8> {
        let bits = (aad.len() as u64 * 8).to_be_bytes();
        let parts = [aad, iv, ciphertext, &bits];
        let mut tag = match self {
            Self::A128CbcHs256 => mac::<hmac::Hmac<Sha256>>(mac_key, parts),
            Self::A256CbcHs512 => mac::<hmac::Hmac<Sha512>>(mac_key, parts),
        };
        tag.truncate(self.key_bytes() / 2);
        tag
    }
}

/// Not by OpenSSL: it looks its algorithms up by their names for each, which takes longer than to authenticate an ID token.
fn mac<M: Mac + KeyInit>(key: &[u8], parts: [&[u8]; 4]) -> Vec<u8> {
    // a key of any length is one
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn deflate(plaintext: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plaintext)?;
    encoder.finish()
}
