//! Sealing what a browser keeps, so that the browser can carry it and neither read nor change it.

use crate::ambient::{Ambient, random_bytes};
use crate::error::{Error, KeptProblem};
use crate::kept::Kept;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Seals [`Kept`] with AES-256-GCM for a cookie, for an application that keeps no sessions of its own.
///
/// The cookie wants `HttpOnly`, `SameSite=Lax` and, over TLS, `Secure`; delete it when the login is finished. A seal protects
/// from reading, changing and old age, not from use in a second callback: the authorisation code, which works once, does.
///
/// The text is base64url without padding of the nonce, the ciphertext and the tag: of the characters that RFC 6265 §4.1.1
/// allows in a cookie.
pub struct Seal {
    key: SecretBox<[u8; KEY]>,
    lifetime: Duration,
}

/// What is encrypted.
#[derive(Serialize, Deserialize)]
struct Content<T> {
    /// The second at which it is too old, since the epoch.
    expires: u64,
    kept: T,
}

impl Seal {
    /// A seal with a key of one's own: one that several instances of a service share, or that outlives a restart. Change it
    /// long before the four-thousand-millionth login: a key may see 2³² random nonces (NIST SP 800-38D §8.3).
    pub fn new(key: [u8; KEY], lifetime: Duration) -> Self {
        Self { key: SecretBox::new(Box::new(key)), lifetime }
    }

    /// A seal with a fresh key, for a service of one instance: logins that are under way when it ends have to begin again.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn fresh(lifetime: Duration, ambient: &dyn Ambient) -> Result<Self, Error> {
        Ok(Self::new(random_bytes(ambient)?, lifetime))
    }

    /// The sealed text, good until the lifetime is over.
    ///
    /// # Errors
    /// [`Error::Configuration`] when there is no randomness to give.
    pub fn close(&self, kept: &Kept, ambient: &dyn Ambient) -> Result<String, Error> {
        let failed = || Error::Configuration("what the browser keeps cannot be sealed".to_owned());
        let expires = ambient.now_seconds().saturating_add(self.lifetime.as_secs());
        let content = serde_json::to_vec(&Content { expires, kept }).map_err(|_| failed())?;
        let nonce: [u8; NONCE] = random_bytes(ambient)?;
        let mut tag = [0; TAG];
        let key = self.key.expose_secret();
        let sealed = encrypt_aead(Cipher::aes_256_gcm(), key, Some(&nonce), PURPOSE, &content, &mut tag);
        let sealed = sealed.map_err(|_| failed())?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([&nonce, sealed.as_slice(), &tag].concat()))
    }

    /// What was sealed, where the text is ours, whole, unchanged and not too old.
    ///
    /// # Errors
    /// [`Error::Kept`], which says which of them it is not.
    pub fn open(&self, sealed: &str, ambient: &dyn Ambient) -> Result<Kept, Error> {
        let form = || Error::Kept(KeptProblem::Form);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| form())?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>().ok_or_else(form)?;
        let (sealed, tag) = rest.split_last_chunk::<TAG>().ok_or_else(form)?;
        let content = decrypt_aead(Cipher::aes_256_gcm(), self.key.expose_secret(), Some(nonce), PURPOSE, sealed, tag)
            .map_err(|_| Error::Kept(KeptProblem::Changed))?;
        let content: Content<Kept> = serde_json::from_slice(&content).map_err(|_| form())?;
        if content.expires <= ambient.now_seconds() {
            return Err(Error::Kept(KeptProblem::Expired));
        }
        Ok(content.kept)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Seal").field("key", &"[redacted]").field("lifetime", &self.lifetime).finish()
    }
}

/// Sealed along with the content: what the same key seals for another purpose or in another form does not open here.
const PURPOSE: &[u8] = b"myinfo-connector kept 1";
const KEY: usize = 32;
/// NIST SP 800-38D §5.2.1.1: 96 bits are the size that the mode is made for.
const NONCE: usize = 12;
/// The whole tag; shorter ones are easier to forge.
const TAG: usize = 16;
