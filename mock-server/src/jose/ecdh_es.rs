//! ECDH-ES with key wrapping: a content key for whoever holds a private key on a curve. RFC 7518 §4.6.

use super::ec::{Curve, EcPublic, public_members};
use crate::ambient::Entropy;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::aes::{AesKey, unwrap_key, wrap_key};
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcKeyRef, EcPoint};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The wrapping algorithms, and the size of their keys in bytes.
const ALGORITHMS: [(&str, usize); 3] = [("ECDH-ES+A128KW", 16), ("ECDH-ES+A192KW", 24), ("ECDH-ES+A256KW", 32)];

/// How many bytes the wrapping key of an algorithm has; nothing for another algorithm.
pub(crate) fn wrapping_bytes(algorithm: &str) -> Option<usize> {
    ALGORITHMS.iter().find(|(name, _)| *name == algorithm).map(|(_, bytes)| *bytes)
}

/// A wrapping key that only the recipient can derive, and the public key that it needs for that, as `epk`.
pub(super) struct Agreement {
    pub(super) epk: Map<String, Value>,
    key: Vec<u8>,
}

impl Agreement {
    /// Makes an ephemeral key and agrees with the recipient's.
    pub(super) fn new(
        recipient: &PKey<Public>,
        (algorithm, bytes): (&str, usize),
        entropy: &Entropy,
    ) -> Result<Self, ErrorStack> {
        let recipient = recipient.ec_key()?;
        let curve = match recipient.group().curve_name() {
            Some(openssl::nid::Nid::SECP384R1) => Curve::P384,
            Some(openssl::nid::Nid::SECP521R1) => Curve::P521,
            _ => Curve::P256,
        };
        let ephemeral = curve.generate(entropy)?;
        let key = derive(&shared_secret(curve, &ephemeral, &recipient)?, algorithm, bytes);
        Ok(Self { epk: public_members(curve, &ephemeral)?, key })
    }

    /// The content key, wrapped. RFC 3394.
    pub(super) fn wrap(&self, content_key: &[u8]) -> Option<Vec<u8>> {
        let key = AesKey::new_encrypt(&self.key).ok()?;
        let mut wrapped = vec![0; content_key.len() + 8];
        wrap_key(&key, None, &mut wrapped, content_key).ok()?;
        Some(wrapped)
    }
}

/// SEC 1 §3.3.1: x of the shared point. `Deriver` checks the recipient's key anew each time, which takes as long as the
/// agreement; it was checked when it was read.
fn shared_secret(curve: Curve, own: &EcKeyRef<Private>, recipient: &EcKeyRef<Public>) -> Result<Vec<u8>, ErrorStack> {
    let group = curve.group()?;
    let (mut context, mut shared) = (BigNumContext::new()?, EcPoint::new(group)?);
    shared.mul2(group, recipient.public_key(), own.private_key(), &mut context)?;
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    shared.affine_coordinates(group, &mut x, &mut y, &mut context)?;
    x.to_vec_padded(i32::try_from(curve.bytes()).unwrap_or_default())
}

/// The content key out of what was wrapped for the holder of this private key; nothing where another key was meant, or the
/// wrapped key was changed. RFC 3394 §2.2.3: its own check tells.
pub(super) fn unwrap(
    own: &PKey<Private>,
    (algorithm, bytes): (&str, usize),
    ephemeral: &EcPublic,
    wrapped: &[u8],
) -> Result<Option<Vec<u8>>, ErrorStack> {
    let mut deriver = Deriver::new(own)?;
    deriver.set_peer(&ephemeral.key)?;
    let key = AesKey::new_decrypt(&derive(&deriver.derive_to_vec()?, algorithm, bytes));
    // two blocks of 8 bytes and the check are the least that can be unwrapped
    let (Ok(key), true) = (key, wrapped.len() >= 24 && wrapped.len().is_multiple_of(8)) else { return Ok(None) };
    let mut content_key = vec![0; wrapped.len() - 8];
    Ok(unwrap_key(&key, None, &mut content_key, wrapped).ok().map(|_| content_key))
}

/// The Concat KDF of NIST SP 800-56A with SHA-256, one round: no wrapping key is longer. RFC 7518 §4.6.2; `apu` and `apv`
/// are empty, as in the documented token.
fn derive(secret: &[u8], algorithm: &str, bytes: usize) -> Vec<u8> {
    let length = |number: usize| u32::try_from(number).unwrap_or_default().to_be_bytes();
    let mut hasher = Sha256::new();
    hasher.update(1_u32.to_be_bytes());
    hasher.update(secret);
    hasher.update(length(algorithm.len()));
    hasher.update(algorithm.as_bytes());
    hasher.update(length(0));
    hasher.update(length(0));
    hasher.update(length(bytes * 8));
    let mut key = hasher.finalize().to_vec();
    key.truncate(bytes);
    key
}

/// The first encryption key of several, as the real service chooses: the stronger curve, then the stronger algorithm.
pub(crate) fn strength(key: &EcPublic, algorithm: &str) -> (Curve, usize) {
    (key.curve, wrapping_bytes(algorithm).unwrap_or_default())
}

/// A SHA-256 hash in base64url: thumbprints, challenges and token hashes are written so.
pub(crate) fn sha256_base64url(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}
