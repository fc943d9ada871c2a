//! What a signature was made over: RSASSA-PKCS1-v1_5 gives the signed hash back to whoever has the public key.

use openssl::pkey::{PKey, Public};
use openssl::rsa::Padding;

/// A hash algorithm that a signature can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of a text.
    pub(crate) fn of(self, text: &[u8]) -> Vec<u8> {
        use openssl::hash::{MessageDigest, hash};
        let algorithm = match self {
            Self::Md5 => MessageDigest::md5(),
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha224 => MessageDigest::sha224(),
            // the one of the search through thousands of candidates: OpenSSL need not look up the algorithm each time
            Self::Sha256 => {
                let mut sha256 = openssl::sha::Sha256::new();
                sha256.update(text);
                return sha256.finish().to_vec();
            }
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        };
        hash(algorithm, text).map(|digest| digest.to_vec()).unwrap_or_default()
    }

    /// RFC 8017 §9.2, note 1: how a `DigestInfo` begins.
    const fn digest_info(self) -> &'static [u8] {
        match self {
            Self::Md5 => &[
                0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05, 0x00, 0x04,
                0x10,
            ],
            Self::Sha1 => &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
            Self::Sha224 => const { &nist(0x2d, 0x04, 0x1c) },
            Self::Sha256 => const { &nist(0x31, 0x01, 0x20) },
            Self::Sha384 => const { &nist(0x41, 0x02, 0x30) },
            Self::Sha512 => const { &nist(0x51, 0x03, 0x40) },
        }
    }

    const ALL: [Self; 6] = [Self::Sha256, Self::Sha1, Self::Sha512, Self::Sha384, Self::Sha224, Self::Md5];
}

/// The `DigestInfo` of a member of the SHA-2 family: they differ in three bytes.
const fn nist(length: u8, member: u8, digest: u8) -> [u8; 19] {
    [
        0x30, length, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, member, 0x05, 0x00, 0x04,
        digest,
    ]
}

/// What a signature holds under a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recovered {
    /// A hash with the name of its algorithm: what PKCS#1 v1.5 wants.
    Digest { hash: Hash, digest: Vec<u8> },
    /// Good padding around something that does not say which hash it is.
    Bare(Vec<u8>),
    /// PSS padding (RFC 8017 §9.1) with this hash: the key is the right one; the text does not show.
    Pss(Hash),
    /// What a PSS signature ends with: this key perhaps signed with PSS.
    PerhapsPss,
    /// Noise: another key signed.
    Nothing,
}

/// Opens a signature with a public key. RFC 8017 §8.2.2, steps 2 and 3, kept instead of compared.
pub(crate) fn recover(signature: &[u8], key: &PKey<Public>) -> Recovered {
    let Ok(rsa) = key.rsa() else { return Recovered::Nothing };
    let mut block = vec![0; key.size()];
    if signature.len() != block.len() || rsa.public_decrypt(signature, &mut block, Padding::NONE).is_err() {
        return Recovered::Nothing;
    }
    let Some(rest) = block.strip_prefix(&[0x00, 0x01]) else {
        return match (Hash::ALL.iter().find(|hash| is_pss_padding(&block, **hash)), block.last()) {
            (Some(hash), _) => Recovered::Pss(*hash),
            (None, Some(0xbc)) => Recovered::PerhapsPss,
            (None, _) => Recovered::Nothing,
        };
    };
    let filling = rest.iter().take_while(|byte| **byte == 0xff).count();
    match rest.get(filling..).and_then(|rest| rest.strip_prefix(&[0x00])) {
        Some(content) if filling >= 8 => Hash::ALL
            .iter()
            .find_map(|hash| Some(Recovered::Digest { hash: *hash, digest: digest_of(content, *hash)? }))
            .unwrap_or_else(|| Recovered::Bare(content.to_vec())),
        _ => Recovered::Nothing,
    }
}

fn digest_of(content: &[u8], hash: Hash) -> Option<Vec<u8>> {
    let start = hash.digest_info();
    let length = usize::from(*start.last()?);
    content.strip_prefix(start).filter(|digest| digest.len() == length).map(<[u8]>::to_vec)
}

/// RFC 8017 §9.1.2, steps 4 to 10: the padding, without the text. A salt so long that hardly any padding is left proves
/// nothing, for a few zero bits may be chance.
fn is_pss_padding(block: &[u8], hash: Hash) -> bool {
    const ENOUGH: usize = 8;
    let size = hash.of(b"").len();
    let Some((rest, [0xbc])) = block.split_at_checked(block.len().saturating_sub(1)) else { return false };
    let Some((masked, seed)) = rest.split_at_checked(rest.len().saturating_sub(size)) else { return false };
    let mut counter = 0_u32;
    let mut mask = Vec::with_capacity(masked.len() + size);
    while mask.len() < masked.len() {
        mask.extend(hash.of(&[seed, &counter.to_be_bytes()].concat()));
        counter += 1;
    }
    let mut data = masked.iter().zip(&mask).map(|(masked, mask)| masked ^ mask);
    // the highest bit is cleared, so that the number is smaller than the modulus
    let first = data.next().is_some_and(|first| first.trailing_zeros() >= 7);
    let zeros = data.by_ref().take_while(|byte| *byte == 0).count();
    first
        && zeros >= ENOUGH
        && masked.len() > zeros + 1
        && masked.iter().zip(&mask).nth(zeros + 1).is_some_and(|(masked, mask)| masked ^ mask == 1)
}

/// Whether the key made this PSS signature over the text with SHA-256.
pub(crate) fn is_pss(signature: &[u8], text: &[u8], key: &PKey<Public>) -> bool {
    let verify = || -> Result<bool, openssl::error::ErrorStack> {
        let mut verifier = openssl::sign::Verifier::new(openssl::hash::MessageDigest::sha256(), key)?;
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_pss_saltlen(openssl::sign::RsaPssSaltlen::custom(-2))?;
        verifier.verify_oneshot(signature, text)
    };
    verify().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::hash::MessageDigest;
    use openssl::pkey::Private;
    use openssl::sign::Signer;

    fn private() -> PKey<Private> {
        PKey::private_key_from_pem(myinfo_fixtures::keys::CLIENT_KEY_PEM.as_bytes()).unwrap()
    }

    fn public() -> PKey<Public> {
        crate::jose::key::public_half(&private()).unwrap()
    }

    #[test]
    fn every_hash_is_recovered_and_named() {
        let algorithms = [
            (Hash::Md5, MessageDigest::md5()),
            (Hash::Sha1, MessageDigest::sha1()),
            (Hash::Sha224, MessageDigest::sha224()),
            (Hash::Sha256, MessageDigest::sha256()),
            (Hash::Sha384, MessageDigest::sha384()),
            (Hash::Sha512, MessageDigest::sha512()),
        ];
        for (hash, algorithm) in algorithms {
            let key = private();
            let signature = Signer::new(algorithm, &key).unwrap().sign_oneshot_to_vec(b"a text").unwrap();
            let digest = hash.of(b"a text");
            assert_eq!(recover(&signature, &public()), Recovered::Digest { hash, digest }, "{}", hash.name());
        }
    }

    #[test]
    fn another_key_a_bare_hash_and_pss_are_told_apart() {
        let key = private();
        let stranger = PKey::private_key_from_pem(myinfo_fixtures::keys::STRANGER_KEY_PEM.as_bytes()).unwrap();
        let sign = |key: &PKey<Private>| {
            Signer::new(MessageDigest::sha256(), key).unwrap().sign_oneshot_to_vec(b"a text").unwrap()
        };
        assert_eq!(recover(&sign(&stranger), &public()), Recovered::Nothing);
        let mut bare = vec![0; key.size()];
        key.rsa().unwrap().private_encrypt(&Hash::Sha256.of(b"a text"), &mut bare, Padding::PKCS1).unwrap();
        assert_eq!(recover(&bare, &public()), Recovered::Bare(Hash::Sha256.of(b"a text")));
        let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        let pss = signer.sign_oneshot_to_vec(b"a text").unwrap();
        assert_eq!(recover(&pss, &public()), Recovered::PerhapsPss);
        assert!(is_pss(&pss, b"a text", &public()) && !is_pss(&pss, b"another text", &public()));
        assert_eq!(recover(b"short", &public()), Recovered::Nothing);
    }
}
