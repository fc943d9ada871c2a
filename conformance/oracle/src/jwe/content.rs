//! The content encryptions of JWE (RFC 7518 §5): AES in GCM, and AES in CBC with HMAC.

use crate::OracleError;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, KeyInit};
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha384, Sha512};

/// RFC 7518 §5.1: what `enc` can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enc {
    /// AES-128 in GCM.
    A128Gcm,
    /// AES-192 in GCM.
    A192Gcm,
    /// AES-256 in GCM.
    A256Gcm,
    /// AES-128 in CBC, HMAC with SHA-256.
    A128CbcHs256,
    /// AES-192 in CBC, HMAC with SHA-384.
    A192CbcHs384,
    /// AES-256 in CBC, HMAC with SHA-512.
    A256CbcHs512,
}

impl Enc {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::A128Gcm, Self::A192Gcm, Self::A256Gcm, Self::A128CbcHs256, Self::A192CbcHs384, Self::A256CbcHs512];

    /// The name as `enc` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// The one that `enc` names.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn named(name: &str) -> Result<Self, OracleError> {
        Self::ALL.into_iter().find(|enc| enc.name() == name).ok_or_else(|| OracleError::Enc(name.to_owned()))
    }

    /// The content key's length in bytes; for CBC it is two keys (RFC 7518 §5.2.2.1).
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// The IV's length in bytes: RFC 7518 §5.3 for GCM, §5.2.2.1 for CBC.
    pub const fn iv_bytes(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => 12,
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => 16,
        }
    }

    /// The tag's length in bytes: RFC 7518 §5.3 for GCM, half a hash (§5.2.2.1) for CBC.
    pub const fn tag_bytes(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm | Self::A128CbcHs256 => 16,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }

    /// Encrypts and returns ciphertext and tag; `aad` is the protected header in base64url.
    ///
    /// # Errors
    /// When key or IV has another length.
    pub fn encrypt(
        self,
        key: &[u8],
        iv: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>), OracleError> {
        self.require_lengths(key, iv)?;
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => {
                let mut sealed = self.gcm(key, iv, &Payload { msg: plaintext, aad }, Direction::Encrypt)?;
                // RFC 7518 §5.3: the tag is the end of what GCM gives
                let tag = sealed.split_off(sealed.len().saturating_sub(self.tag_bytes()));
                Ok((sealed, tag))
            }
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => {
                // RFC 7518 §5.2.2.1, step 1: the first half authenticates, the second half encrypts
                let (mac_key, encryption_key) = key.split_at(key.len() / 2);
                let ciphertext = cbc_encrypt(encryption_key, iv, plaintext)?;
                let tag = self.cbc_tag(mac_key, aad, iv, &ciphertext)?;
                Ok((ciphertext, tag))
            }
        }
    }

    /// Decrypts what [`Enc::encrypt`] gave.
    ///
    /// # Errors
    /// When key, IV or tag has another length, or the tag does not fit.
    pub fn decrypt(self, key: &[u8], iv: &[u8], aad: &[u8], content: (&[u8], &[u8])) -> Result<Vec<u8>, OracleError> {
        let (ciphertext, tag) = content;
        self.require_lengths(key, iv)?;
        let (expected, found) = (self.tag_bytes(), tag.len());
        if found != expected {
            return Err(OracleError::TagLength { expected, found });
        }
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => {
                let sealed = [ciphertext, tag].concat();
                self.gcm(key, iv, &Payload { msg: &sealed, aad }, Direction::Decrypt)
            }
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => {
                let (mac_key, encryption_key) = key.split_at(key.len() / 2);
                // RFC 7518 §5.2.2.2, step 2: the tag is checked before anything is decrypted
                if self.cbc_tag(mac_key, aad, iv, ciphertext)? != tag {
                    return Err(OracleError::Tag);
                }
                cbc_decrypt(encryption_key, iv, ciphertext)
            }
        }
    }

    fn require_lengths(self, key: &[u8], iv: &[u8]) -> Result<(), OracleError> {
        if key.len() != self.key_bytes() {
            return Err(OracleError::ContentKeyLength { expected: self.key_bytes(), found: key.len() });
        }
        if iv.len() != self.iv_bytes() {
            return Err(OracleError::IvLength { expected: self.iv_bytes(), found: iv.len() });
        }
        Ok(())
    }

    /// NIST SP 800-38D §7.1 and §7.2, with the key length that the caller checked.
    fn gcm(self, key: &[u8], iv: &[u8], payload: &Payload<'_, '_>, way: Direction) -> Result<Vec<u8>, OracleError> {
        match key.len() {
            16 => gcm_with::<Aes128Gcm>(key, iv, payload, way),
            24 => gcm_with::<AesGcm<Aes192, U12>>(key, iv, payload, way),
            32 => gcm_with::<Aes256Gcm>(key, iv, payload, way),
            found => Err(OracleError::ContentKeyLength { expected: self.key_bytes(), found }),
        }
    }

    /// RFC 7518 §5.2.2.1, steps 4 and 5: HMAC over header, IV, ciphertext and the header's length in bits; the first half.
    fn cbc_tag(self, mac_key: &[u8], aad: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, OracleError> {
        let bits = u64::try_from(aad.len()).map_err(|_| OracleError::Cipher)? * 8;
        let text = [aad, iv, ciphertext, &bits.to_be_bytes()].concat();
        let mut tag = match mac_key.len() {
            16 => mac::<Hmac<Sha256>>(mac_key, &text)?,
            24 => mac::<Hmac<Sha384>>(mac_key, &text)?,
            _ => mac::<Hmac<Sha512>>(mac_key, &text)?,
        };
        tag.truncate(self.tag_bytes());
        Ok(tag)
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Encrypt,
    Decrypt,
}

fn gcm_with<C: Aead + KeyInit>(
    key: &[u8],
    iv: &[u8],
    payload: &Payload<'_, '_>,
    way: Direction,
) -> Result<Vec<u8>, OracleError> {
    let cipher = C::new_from_slice(key).map_err(|_| OracleError::Cipher)?;
    let nonce = aes_gcm::aead::Nonce::<C>::from_slice(iv);
    let payload = Payload { msg: payload.msg, aad: payload.aad };
    match way {
        Direction::Encrypt => cipher.encrypt(nonce, payload).map_err(|_| OracleError::Cipher),
        Direction::Decrypt => cipher.decrypt(nonce, payload).map_err(|_| OracleError::Tag),
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Result<Vec<u8>, OracleError> {
    let mut mac = <M as Mac>::new_from_slice(key).map_err(|_| OracleError::Cipher)?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// RFC 7518 §5.2.2.1, step 3: CBC with the padding of PKCS #7.
fn cbc_encrypt(key: &[u8], iv: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, OracleError> {
    fn with<C: KeyIvInit + BlockEncryptMut>(key: &[u8], iv: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, OracleError> {
        let cipher = C::new_from_slices(key, iv).map_err(|_| OracleError::Cipher)?;
        Ok(cipher.encrypt_padded_vec_mut::<Pkcs7>(plaintext))
    }
    match key.len() {
        16 => with::<cbc::Encryptor<Aes128>>(key, iv, plaintext),
        24 => with::<cbc::Encryptor<Aes192>>(key, iv, plaintext),
        _ => with::<cbc::Encryptor<Aes256>>(key, iv, plaintext),
    }
}

/// RFC 7518 §5.2.2.2, step 3.
fn cbc_decrypt(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, OracleError> {
    fn with<C: KeyIvInit + BlockDecryptMut>(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, OracleError> {
        let cipher = C::new_from_slices(key, iv).map_err(|_| OracleError::Cipher)?;
        cipher.decrypt_padded_vec_mut::<Pkcs7>(ciphertext).map_err(|_| OracleError::Padding)
    }
    match key.len() {
        16 => with::<cbc::Decryptor<Aes128>>(key, iv, ciphertext),
        24 => with::<cbc::Decryptor<Aes192>>(key, iv, ciphertext),
        _ => with::<cbc::Decryptor<Aes256>>(key, iv, ciphertext),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendix B: the same input for all three, under the first bytes of 00 01 02 and so on.
    #[test]
    fn cbc_with_hmac_gives_the_tags_of_the_rfc() {
        let key: Vec<u8> = (0..64).collect();
        let iv = [0x1a, 0xf3, 0x8c, 0x2d, 0xc2, 0xb9, 0x6f, 0xfd, 0xd8, 0x66, 0x94, 0x09, 0x23, 0x41, 0xbc, 0x04];
        let plaintext = "A cipher system must not be required to be secret, and it must be able to fall into the hands \
                         of the enemy without inconvenience";
        let aad = b"The second principle of Auguste Kerckhoffs";
        for (enc, expected) in [
            (Enc::A128CbcHs256, "652c3fa36b0a7c5b3219fab3a30bc1c4"),
            (Enc::A192CbcHs384, "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7"),
            (Enc::A256CbcHs512, "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"),
        ] {
            let key = &key[..enc.key_bytes()];
            let (ciphertext, tag) = enc.encrypt(key, &iv, aad, plaintext.as_bytes()).unwrap();
            let expected: Vec<u8> = (0..expected.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&expected[at..at + 2], 16).unwrap())
                .collect();
            assert_eq!(tag, expected, "{enc:?}");
            let opened = enc.decrypt(key, &iv, aad, (&ciphertext, &tag)).unwrap();
            assert_eq!(opened, plaintext.as_bytes());
        }
    }

    #[test]
    fn keys_ivs_and_tags_of_another_length_are_refused() {
        for enc in Enc::ALL {
            let (key, iv, tag) = (vec![1; enc.key_bytes()], vec![2; enc.iv_bytes()], vec![3; enc.tag_bytes()]);
            for wrong in [0, 8, 15, 17, 33, 65] {
                let other = vec![1; wrong];
                assert_eq!(enc.encrypt(&other, &iv, b"", b"x").unwrap_err().code(), "content-key-length", "{enc:?}");
                assert_eq!(enc.encrypt(&key, &other, b"", b"x").unwrap_err().code(), "iv-length", "{enc:?}");
                let refused = enc.decrypt(&key, &iv, b"", (&tag, &other)).unwrap_err();
                assert_eq!(refused.code(), "tag-length", "{enc:?}");
            }
            assert_eq!(enc.decrypt(&key, &iv, b"", (&tag, &tag)).unwrap_err(), OracleError::Tag, "{enc:?}");
        }
    }
}
