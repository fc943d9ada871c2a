//! Keys on the three curves of JOSE, and the two things they do: sign, and agree on a secret.

use crate::OracleError;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey};
use rsa::rand_core::OsRng;
use rsa::signature::{Signer, Verifier};

/// RFC 7518 §6.2.1.1: the curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl Curve {
    /// All three.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The name as `crv` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The curve that `crv` names.
    ///
    /// # Errors
    /// When it is another one.
    pub fn named(name: &str) -> Result<Self, OracleError> {
        Self::ALL.into_iter().find(|curve| curve.name() == name).ok_or_else(|| OracleError::Curve(name.to_owned()))
    }

    /// How many bytes a coordinate, a private key, r and s have: 521 bits need 66.
    pub const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// SEC 2 §2.4.2, §2.5.1, §2.6.1: the prime below which coordinates are, most significant byte first.
    fn prime(self) -> Vec<u8> {
        match self {
            // 2^256 - 2^224 + 2^192 + 2^96 - 1
            Self::P256 => [[0xff; 4].as_slice(), &[0, 0, 0, 1], &[0; 12], &[0xff; 12]].concat(),
            // 2^384 - 2^128 - 2^96 + 2^32 - 1
            Self::P384 => [[0xff; 31].as_slice(), &[0xfe], &[0xff; 4], &[0; 8], &[0xff; 4]].concat(),
            // 2^521 - 1
            Self::P521 => [[0x01].as_slice(), &[0xff; 65]].concat(),
        }
    }
}

/// A public key: a point of a curve, other than the one at infinity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EcPublicKey {
    /// On P-256.
    P256(p256::PublicKey),
    /// On P-384.
    P384(p384::PublicKey),
    /// On P-521.
    P521(p521::PublicKey),
}

impl EcPublicKey {
    /// A key from its coordinates, each of the curve's full length.
    ///
    /// # Errors
    /// When a coordinate has another length or is not below the prime, or the point is not on the curve.
    pub fn from_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, OracleError> {
        for (name, value) in [("x", x), ("y", y)] {
            require_length(name, value, curve)?;
            // both have the same length, so the order of the bytes is the order of the numbers
            if value >= curve.prime().as_slice() {
                return Err(OracleError::CoordinateOutOfRange(name));
            }
        }
        // SEC 1 §2.3.3: an uncompressed point is 04, x and y
        let point = [[0x04].as_slice(), x, y].concat();
        let key = match curve {
            Curve::P256 => p256::PublicKey::from_sec1_bytes(&point).map(Self::P256),
            Curve::P384 => p384::PublicKey::from_sec1_bytes(&point).map(Self::P384),
            Curve::P521 => p521::PublicKey::from_sec1_bytes(&point).map(Self::P521),
        };
        key.map_err(|_| OracleError::OffCurve)
    }

    /// A key from `PUBLIC KEY` PEM (RFC 5480).
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_pem(pem: &str) -> Result<Self, OracleError> {
        p256::PublicKey::from_public_key_pem(pem)
            .map(Self::P256)
            .or_else(|_| p384::PublicKey::from_public_key_pem(pem).map(Self::P384))
            .or_else(|_| p521::PublicKey::from_public_key_pem(pem).map(Self::P521))
            .map_err(|_| OracleError::NotAKey)
    }

    /// The curve.
    pub const fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    /// x and y, with leading zeros.
    pub fn coordinates(&self) -> (Vec<u8>, Vec<u8>) {
        let point = match self {
            Self::P256(key) => key.to_sec1_bytes(),
            Self::P384(key) => key.to_sec1_bytes(),
            Self::P521(key) => key.to_sec1_bytes(),
        };
        // 04, x, y; the keys of these crates are uncompressed points unless somebody asks otherwise
        let coordinates = point.get(1..).unwrap_or_default();
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        (x.to_vec(), y.to_vec())
    }

    /// RFC 7518 §3.4: whether r and s side by side are a signature over the text, with the hash that belongs to the curve.
    ///
    /// # Errors
    /// When they have another length, are out of range or do not fit.
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), OracleError> {
        let expected = 2 * self.curve().bytes();
        // an ASN.1 sequence whose length fits: what libraries for X.509 make
        if is_der(signature) && signature.len() != expected {
            return Err(OracleError::SignatureIsDer);
        }
        if signature.len() != expected {
            return Err(OracleError::SignatureLength { expected, found: signature.len() });
        }
        let range = |_| OracleError::SignatureOutOfRange;
        match self {
            Self::P256(key) => {
                let signature = p256::ecdsa::Signature::from_slice(signature).map_err(range)?;
                p256::ecdsa::VerifyingKey::from(key).verify(text, &signature)
            }
            Self::P384(key) => {
                let signature = p384::ecdsa::Signature::from_slice(signature).map_err(range)?;
                p384::ecdsa::VerifyingKey::from(key).verify(text, &signature)
            }
            Self::P521(key) => {
                let signature = p521::ecdsa::Signature::from_slice(signature).map_err(range)?;
                p521::ecdsa::VerifyingKey::from_affine(*key.as_affine()).and_then(|key| key.verify(text, &signature))
            }
        }
        .map_err(|_| OracleError::Signature)
    }
}

/// A private key. Its `Debug` shows the curve and no number.
#[derive(Clone, PartialEq, Eq)]
pub enum EcPrivateKey {
    /// On P-256.
    P256(p256::SecretKey),
    /// On P-384.
    P384(p384::SecretKey),
    /// On P-521.
    P521(p521::SecretKey),
}

impl std::fmt::Debug for EcPrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EcPrivateKey({}, [redacted])", self.curve().name())
    }
}

impl EcPrivateKey {
    /// A key from its number, of the curve's full length.
    ///
    /// # Errors
    /// When it has another length, is 0 or not below the order.
    pub fn from_scalar(curve: Curve, d: &[u8]) -> Result<Self, OracleError> {
        require_length("d", d, curve)?;
        let key = match curve {
            Curve::P256 => p256::SecretKey::from_slice(d).map(Self::P256),
            Curve::P384 => p384::SecretKey::from_slice(d).map(Self::P384),
            Curve::P521 => p521::SecretKey::from_slice(d).map(Self::P521),
        };
        key.map_err(|_| OracleError::PrivateOutOfRange)
    }

    /// A key from `PRIVATE KEY` PEM (PKCS#8, RFC 5958) or `EC PRIVATE KEY` PEM (SEC1, RFC 5915).
    ///
    /// # Errors
    /// When the text is no such key.
    pub fn from_pem(pem: &str) -> Result<Self, OracleError> {
        let pkcs8 = p256::SecretKey::from_pkcs8_pem(pem)
            .map(Self::P256)
            .or_else(|_| p384::SecretKey::from_pkcs8_pem(pem).map(Self::P384))
            .or_else(|_| p521::SecretKey::from_pkcs8_pem(pem).map(Self::P521));
        pkcs8
            .or_else(|_| p256::SecretKey::from_sec1_pem(pem).map(Self::P256))
            .or_else(|_| p384::SecretKey::from_sec1_pem(pem).map(Self::P384))
            .or_else(|_| p521::SecretKey::from_sec1_pem(pem).map(Self::P521))
            .map_err(|_| OracleError::NotAKey)
    }

    /// A new key by the system's chance.
    pub fn random(curve: Curve) -> Self {
        match curve {
            Curve::P256 => Self::P256(p256::SecretKey::random(&mut OsRng)),
            Curve::P384 => Self::P384(p384::SecretKey::random(&mut OsRng)),
            Curve::P521 => Self::P521(p521::SecretKey::random(&mut OsRng)),
        }
    }

    /// The curve.
    pub const fn curve(&self) -> Curve {
        match self {
            Self::P256(_) => Curve::P256,
            Self::P384(_) => Curve::P384,
            Self::P521(_) => Curve::P521,
        }
    }

    /// The public half.
    pub fn public(&self) -> EcPublicKey {
        match self {
            Self::P256(key) => EcPublicKey::P256(key.public_key()),
            Self::P384(key) => EcPublicKey::P384(key.public_key()),
            Self::P521(key) => EcPublicKey::P521(key.public_key()),
        }
    }

    /// The number, with leading zeros.
    pub fn scalar(&self) -> Vec<u8> {
        match self {
            Self::P256(key) => key.to_bytes().to_vec(),
            Self::P384(key) => key.to_bytes().to_vec(),
            Self::P521(key) => key.to_bytes().to_vec(),
        }
    }

    /// RFC 7518 §3.4: r and s side by side, over the hash that belongs to the curve.
    pub fn sign(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(key).sign(text);
                signature.to_bytes().to_vec()
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = p384::ecdsa::SigningKey::from(key).sign(text);
                signature.to_bytes().to_vec()
            }
            Self::P521(key) => {
                let signer = p521::ecdsa::SigningKey::from(ecdsa::SigningKey::from(key));
                let signature: p521::ecdsa::Signature = signer.sign(text);
                signature.to_bytes().to_vec()
            }
        }
    }

    /// SEC 1 §3.3.1 with RFC 7518 §4.6.2: the secret Z is the x coordinate of the common point, with leading zeros.
    ///
    /// # Errors
    /// When the other key is on another curve.
    pub fn agree(&self, other: &EcPublicKey) -> Result<Vec<u8>, OracleError> {
        match (self, other) {
            (Self::P256(own), EcPublicKey::P256(other)) => {
                Ok(p256::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine()).raw_secret_bytes().to_vec())
            }
            (Self::P384(own), EcPublicKey::P384(other)) => {
                Ok(p384::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine()).raw_secret_bytes().to_vec())
            }
            (Self::P521(own), EcPublicKey::P521(other)) => {
                Ok(p521::ecdh::diffie_hellman(own.to_nonzero_scalar(), other.as_affine()).raw_secret_bytes().to_vec())
            }
            (own, other) => Err(OracleError::EpkCurve { expected: own.curve().name(), found: other.curve().name() }),
        }
    }
}

fn require_length(name: &'static str, value: &[u8], curve: Curve) -> Result<(), OracleError> {
    let (expected, found) = (curve.bytes(), value.len());
    if found == expected { Ok(()) } else { Err(OracleError::MemberLength { name, expected, found }) }
}

/// Whether the bytes are one ASN.1 sequence from the first to the last: 30, the length (81 before one above 127), the rest.
fn is_der(bytes: &[u8]) -> bool {
    match bytes {
        [0x30, 0x81, length, rest @ ..] | [0x30, length, rest @ ..] => usize::from(*length) == rest.len(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jwk;
    use myinfo_fixtures::keys::ec::{CLIENT_PEMS, private, public};
    use myinfo_fixtures::keys::{CLIENT_KEY_PEM, CLIENT_PUBLIC_KEY_PEM};

    #[test]
    fn a_key_is_the_same_from_every_format() {
        for pem in CLIENT_PEMS {
            let key = jwk::private(&private(pem.kid).unwrap()).unwrap();
            assert_eq!(EcPrivateKey::from_pem(pem.pkcs8).unwrap(), key);
            assert_eq!(EcPrivateKey::from_pem(pem.sec1).unwrap(), key);
            assert_eq!(EcPublicKey::from_pem(pem.public).unwrap(), key.public());
            assert_eq!(jwk::public(&public(pem.kid).unwrap()).unwrap(), key.public());
        }
    }

    #[test]
    fn a_pem_of_another_kind_is_no_key() {
        for pem in [CLIENT_KEY_PEM, CLIENT_PEMS[0].public, CLIENT_PEMS[0].certificate, ""] {
            assert_eq!(EcPrivateKey::from_pem(pem).unwrap_err(), OracleError::NotAKey);
        }
        for pem in [CLIENT_PUBLIC_KEY_PEM, CLIENT_PEMS[0].pkcs8, CLIENT_PEMS[0].certificate, ""] {
            assert_eq!(EcPublicKey::from_pem(pem).unwrap_err(), OracleError::NotAKey);
        }
    }

    #[test]
    fn numbers_keep_their_leading_zeros() {
        for curve in ["p256", "p384", "p521"] {
            let key = |member| jwk::private(&private(&format!("zero-{member}-{curve}")).unwrap()).unwrap();
            let (length, scalar) = (key("d").curve().bytes(), key("d").scalar());
            assert_eq!((scalar.len(), scalar[0]), (length, 0));
            let ((x, _), (_, y)) = (key("x").public().coordinates(), key("y").public().coordinates());
            assert_eq!((x.len(), x[0], y.len(), y[0]), (length, 0, length, 0));
        }
    }

    #[test]
    fn both_sides_agree_on_one_secret_with_its_leading_zero() {
        for curve in ["p256", "p384", "p521"] {
            let own = jwk::private(&private(&format!("client-enc-{curve}")).unwrap()).unwrap();
            let other = jwk::private(&private(&format!("ephemeral-zero-secret-{curve}")).unwrap()).unwrap();
            let secret = own.agree(&other.public()).unwrap();
            assert_eq!(secret, other.agree(&own.public()).unwrap());
            assert_eq!((secret.len(), secret[0]), (own.curve().bytes(), 0));
        }
    }

    #[test]
    fn keys_of_two_curves_agree_on_nothing() {
        let (own, other) = (EcPrivateKey::random(Curve::P256), EcPrivateKey::random(Curve::P521));
        let refused = own.agree(&other.public()).unwrap_err();
        assert_eq!(refused, OracleError::EpkCurve { expected: "P-256", found: "P-521" });
    }

    #[test]
    fn a_private_key_is_not_printed() {
        assert_eq!(format!("{:?}", EcPrivateKey::random(Curve::P384)), "EcPrivateKey(P-384, [redacted])");
    }
}
