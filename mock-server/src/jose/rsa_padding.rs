//! The paddings under which RSA encrypts a content key, with chance that is given. RFC 8017.
//!
//! OpenSSL pads with chance of its own, and a run that is to be repeated can have none; it still does the arithmetic.

use crate::ambient::Entropy;
use openssl::error::ErrorStack;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKeyRef, Public};
use openssl::rsa::Padding;

/// How a message is padded.
#[derive(Clone, Copy)]
pub(super) enum Padded {
    /// EME-PKCS1-v1_5. §7.2.1.
    Pkcs1,
    /// EME-OAEP with this hash, also in MGF1. §7.1.1.
    Oaep(MessageDigest),
}

/// The message for the holder of the key; nothing where it has not the room.
pub(super) fn encrypt(
    key: &PKeyRef<Public>,
    padded: Padded,
    message: &[u8],
    entropy: &Entropy,
) -> Result<Option<Vec<u8>>, ErrorStack> {
    let key = key.rsa()?;
    let size = key.size() as usize;
    let encoded = match padded {
        Padded::Pkcs1 => pkcs1(message, size, entropy),
        Padded::Oaep(digest) => oaep(message, size, digest, entropy)?,
    };
    let Some(encoded) = encoded else { return Ok(None) };
    let mut encrypted = vec![0; size];
    key.public_encrypt(&encoded, &mut encrypted, Padding::NONE)?;
    Ok(Some(encrypted))
}

/// `00 02`, eight bytes or more of which none is zero, `00`, the message.
fn pkcs1(message: &[u8], size: usize, entropy: &Entropy) -> Option<Vec<u8>> {
    let room = size.checked_sub(message.len() + 3).filter(|room| *room >= 8)?;
    let mut filled = Vec::with_capacity(room);
    while filled.len() < room {
        filled.extend(entropy.bytes(room - filled.len()).into_iter().filter(|byte| *byte != 0));
    }
    Some([&[0, 2], &filled[..], &[0], message].concat())
}

/// `00`, the masked seed, the masked block: hash of the empty label, zeros, `01`, the message.
fn oaep(message: &[u8], size: usize, digest: MessageDigest, entropy: &Entropy) -> Result<Option<Vec<u8>>, ErrorStack> {
    let Some(zeros) = size.checked_sub(message.len() + 2 * digest.size() + 2) else { return Ok(None) };
    let block = [&*hash(digest, b"")?, &vec![0; zeros], &[1], message].concat();
    let seed = entropy.bytes(digest.size());
    let block = xor(&block, &mask(&seed, block.len(), digest)?);
    let seed = xor(&seed, &mask(&block, seed.len(), digest)?);
    Ok(Some([&[0], &seed[..], &block[..]].concat()))
}

/// MGF1. Appendix B.2.1.
fn mask(seed: &[u8], length: usize, digest: MessageDigest) -> Result<Vec<u8>, ErrorStack> {
    let mut mask = Vec::with_capacity(length + digest.size());
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend_from_slice(&hash(digest, &[seed, &counter.to_be_bytes()].concat())?);
    }
    mask.truncate(length);
    Ok(mask)
}

fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::key::public_half;
    use openssl::encrypt::Decrypter;
    use openssl::pkey::PKey;

    #[test]
    fn openssl_opens_every_padding_and_the_same_chance_makes_the_same() {
        let private = PKey::private_key_from_pem(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes()).unwrap();
        let public = public_half(&private).unwrap();
        for padded in [Padded::Pkcs1, Padded::Oaep(MessageDigest::sha1()), Padded::Oaep(MessageDigest::sha256())] {
            for message in [&[7; 32][..], &[0; 64], b""] {
                let sealed = encrypt(&public, padded, message, &Entropy::seeded(3)).unwrap().unwrap();
                let mut decrypter = Decrypter::new(&private).unwrap();
                match padded {
                    Padded::Pkcs1 => decrypter.set_rsa_padding(Padding::PKCS1).unwrap(),
                    Padded::Oaep(digest) => {
                        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
                        decrypter.set_rsa_oaep_md(digest).unwrap();
                        decrypter.set_rsa_mgf1_md(digest).unwrap();
                    }
                }
                let mut opened = vec![0; decrypter.decrypt_len(&sealed).unwrap()];
                let length = decrypter.decrypt(&sealed, &mut opened).unwrap();
                assert_eq!(&opened[..length], message);
                assert_eq!(encrypt(&public, padded, message, &Entropy::seeded(3)).unwrap().unwrap(), sealed);
                assert_ne!(encrypt(&public, padded, message, &Entropy::seeded(4)).unwrap().unwrap(), sealed);
            }
            assert_eq!(encrypt(&public, padded, &[1; 256], &Entropy::seeded(3)).unwrap(), None, "it has not the room");
        }
    }
}
