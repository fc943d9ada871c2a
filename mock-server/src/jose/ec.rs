//! Keys on the curves P-256, P-384 and P-521: read from JWK, written as JWK, and what signatures are made with them.

use crate::ambient::Entropy;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcKeyRef, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, Private, Public};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::sync::LazyLock;

/// A curve. RFC 7518 §6.2.1.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The name in a JWK.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The signature algorithm of this curve. RFC 7518 §3.4.
    pub(crate) const fn algorithm(self) -> &'static str {
        match self {
            Self::P256 => "ES256",
            Self::P384 => "ES384",
            Self::P521 => "ES512",
        }
    }

    /// The curve of that signature algorithm.
    pub(crate) fn of_algorithm(algorithm: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.algorithm() == algorithm)
    }

    /// The curve of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.name() == name)
    }

    /// The curve of a group of OpenSSL's.
    fn of(group: &EcGroupRef) -> Option<Self> {
        match group.curve_name()? {
            Nid::X9_62_PRIME256V1 => Some(Self::P256),
            Nid::SECP384R1 => Some(Self::P384),
            Nid::SECP521R1 => Some(Self::P521),
            _ => None,
        }
    }

    /// How many bytes a coordinate has, and each half of a signature.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// OpenSSL's group, which is set up once.
    pub(super) fn group(self) -> Result<&'static EcGroupRef, ErrorStack> {
        let [p256, p384, p521] = &*GROUPS;
        let group = match self {
            Self::P256 => p256,
            Self::P384 => p384,
            Self::P521 => p521,
        };
        group.as_deref().map_err(Clone::clone)
    }

    /// The hash of its signature algorithm.
    pub(super) fn hash(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::P256 => Sha256::digest(text).to_vec(),
            Self::P384 => Sha384::digest(text).to_vec(),
            Self::P521 => Sha512::digest(text).to_vec(),
        }
    }

    /// A new key pair. FIPS 186-5, A.2.1: out of 64 bits more than the order has, so that no key is likelier.
    pub(crate) fn generate(self, entropy: &Entropy) -> Result<EcKey<Private>, ErrorStack> {
        let group = self.group()?;
        let (mut context, mut order, mut secret) = (BigNumContext::new()?, BigNum::new()?, BigNum::new()?);
        group.order(&mut order, &mut context)?;
        order.sub_word(1)?;
        secret.nnmod(&*BigNum::from_slice(&entropy.bytes(self.bytes() + 8))?, &order, &mut context)?;
        secret.add_word(1)?;
        let mut public = EcPoint::new(group)?;
        public.mul_generator2(group, &secret, &mut context)?;
        EcKey::from_private_components(group, &secret, &public)
    }
}

static GROUPS: LazyLock<[Result<EcGroup, ErrorStack>; 3]> =
    LazyLock::new(|| [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1].map(EcGroup::from_curve_name));

/// Why a JWK is no key on a curve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EcJwkError {
    #[error("`kty` is {0}, expected `EC`")]
    Kind(String),
    #[error("`crv` is {0}, expected P-256, P-384 or P-521")]
    Curve(String),
    #[error("`{name}` is missing or no text in base64url")]
    Coordinate { name: &'static str },
    #[error("`{name}` has {found} bytes, expected {expected}: leading zeros stay")]
    Length { name: &'static str, found: usize, expected: usize },
    #[error("`x` and `y` are no point on {0}")]
    OffCurve(&'static str),
}

/// A public key on a curve.
#[derive(Debug, Clone)]
pub(crate) struct EcPublic {
    pub(crate) curve: Curve,
    pub(crate) key: PKey<Public>,
    /// Of a key that was a JWK: there the coordinates are at hand, and out of a key they cost an inversion.
    thumbprint: Option<String>,
}

impl EcPublic {
    /// Reads the members of a JWK. RFC 7518 §6.2.1: coordinates have full length, and the point is checked to be on its curve.
    pub(crate) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, EcJwkError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let told = |name: &str| text(name).map_or_else(|| "missing".to_owned(), |text| format!("`{text}`"));
        if text("kty") != Some("EC") {
            return Err(EcJwkError::Kind(told("kty")));
        }
        let curve = text("crv").and_then(Curve::named).ok_or_else(|| EcJwkError::Curve(told("crv")))?;
        let coordinate = |name: &'static str| {
            let bytes = text(name).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
            let bytes = bytes.ok_or(EcJwkError::Coordinate { name })?;
            let (found, expected) = (bytes.len(), curve.bytes());
            if found == expected { Ok(bytes) } else { Err(EcJwkError::Length { name, found, expected }) }
        };
        let (x, y) = (coordinate("x")?, coordinate("y")?);
        let key = point(curve, &x, &y).map_err(|_| EcJwkError::OffCurve(curve.name()))?;
        // base64url of full length has one spelling: the members are those that would be written
        Ok(Self { curve, key, thumbprint: Some(thumbprint(jwk)) })
    }

    /// Takes a key on this curve.
    pub(super) fn of(curve: Curve, key: EcKey<Public>) -> Result<Self, ErrorStack> {
        Ok(Self { curve, key: PKey::from_ec_key(key)?, thumbprint: None })
    }

    /// Takes a key of any kind that is one on a curve; nothing for another.
    pub(crate) fn of_any_kind(key: PKey<Public>) -> Option<Self> {
        let curve = Curve::of(key.ec_key().ok()?.group())?;
        Some(Self { curve, key, thumbprint: None })
    }

    /// Whether it is one and the same key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.curve == other.curve && self.key.public_eq(&other.key)
    }

    /// Whether a JWS signature, r and s side by side, is this key's over a text. RFC 7518 §3.4.
    pub(crate) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let size = self.curve.bytes();
        if signature.len() != 2 * size {
            return false;
        }
        let (r, s) = signature.split_at(size);
        let verified = || {
            let signature = EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?;
            signature.verify(&self.curve.hash(text), &*self.key.ec_key()?)
        };
        verified().unwrap_or(false)
    }

    /// The RFC 7638 thumbprint.
    pub(crate) fn thumbprint(&self) -> Result<String, ErrorStack> {
        match &self.thumbprint {
            Some(known) => Ok(known.clone()),
            None => Ok(thumbprint(&public_jwk(self.curve, &self.key)?)),
        }
    }
}

/// RFC 7638 §3.2: the hash of the required members, in alphabetical order, without blanks.
fn thumbprint(jwk: &Map<String, Value>) -> String {
    let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
    let text = format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, member("crv"), member("x"), member("y"));
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

fn point(curve: Curve, x: &[u8], y: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = curve.group()?;
    // SEC 1 §2.3.4: OpenSSL refuses coordinates that are too large or no point of the curve. The curves have no other subgroup,
    // so there is nothing more to check; `from_public_key_affine_coordinates` would multiply by the order all the same,
    // which takes as long as a signature's verification
    let point = EcPoint::from_bytes(group, &[&[4], x, y].concat(), &mut *BigNumContext::new()?)?;
    PKey::from_ec_key(EcKey::from_public_key(group, &point)?)
}

/// A private key on a curve, with its name.
#[derive(Clone)]
pub(crate) struct EcPrivate {
    pub(crate) curve: Curve,
    key: EcKey<Private>,
}

impl EcPrivate {
    /// Reads the members of a private JWK.
    pub(crate) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, EcJwkError> {
        let public = EcPublic::from_jwk(jwk)?;
        let secret = jwk.get("d").and_then(Value::as_str).and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
        let secret = secret.ok_or(EcJwkError::Coordinate { name: "d" })?;
        let key = || {
            let group = public.curve.group()?;
            let own = public.key.ec_key()?;
            EcKey::from_private_components(group, &*BigNum::from_slice(&secret)?, own.public_key())
        };
        Ok(Self { curve: public.curve, key: key().map_err(|_| EcJwkError::OffCurve(public.curve.name()))? })
    }

    /// The same as a key of any kind.
    pub(crate) fn any_kind(&self) -> Result<PKey<Private>, ErrorStack> {
        PKey::from_ec_key(self.key.clone())
    }

    /// Takes a key of any kind that is one on a curve; nothing for another.
    pub(crate) fn of_any_kind(key: &PKey<Private>) -> Option<Self> {
        let key = key.ec_key().ok()?;
        Some(Self { curve: Curve::of(key.group())?, key })
    }

    /// The public half.
    pub(crate) fn public(&self) -> Result<EcPublic, ErrorStack> {
        let key = EcKey::from_public_key(self.key.group(), self.key.public_key())?;
        EcPublic::of(self.curve, key)
    }
}

/// A JWS signature over a text: r and s side by side, each as long as a coordinate. RFC 7518 §3.4.
pub(crate) fn raw_signature(curve: Curve, key: &EcKeyRef<Private>, text: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let signature = EcdsaSig::sign(&curve.hash(text), key)?;
    let size = i32::try_from(curve.bytes()).unwrap_or_default();
    let mut raw = signature.r().to_vec_padded(size)?;
    raw.extend(signature.s().to_vec_padded(size)?);
    Ok(raw)
}

/// The signature that a DER `ECDSA-Sig-Value` (RFC 3279 §2.2.3) holds, r and s side by side, each of so many bytes; nothing
/// where it is none, or has not the room.
pub(crate) fn raw_from_der(der: &[u8], size: i32) -> Option<Vec<u8>> {
    let signature = EcdsaSig::from_der(der).ok()?;
    let mut raw = signature.r().to_vec_padded(size).ok()?;
    raw.extend(signature.s().to_vec_padded(size).ok()?);
    Some(raw)
}

impl std::fmt::Debug for EcPrivate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EcPrivate({}, [redacted])", self.curve.name())
    }
}

/// The members `kty`, `crv`, `x`, `y` of a key.
pub(crate) fn public_jwk(curve: Curve, key: &PKey<impl HasPublic>) -> Result<Map<String, Value>, ErrorStack> {
    public_members(curve, &*key.ec_key()?)
}

/// The same of a key that is known to be one on a curve.
pub(super) fn public_members(curve: Curve, key: &EcKeyRef<impl HasPublic>) -> Result<Map<String, Value>, ErrorStack> {
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    let point: &openssl::ec::EcPointRef = key.public_key();
    point.affine_coordinates(key.group(), &mut x, &mut y, &mut *BigNumContext::new()?)?;
    let size = i32::try_from(curve.bytes()).unwrap_or_default();
    let coordinate = |number: &BigNum| Ok::<_, ErrorStack>(BASE64_URL_SAFE_NO_PAD.encode(number.to_vec_padded(size)?));
    let members =
        [("kty", "EC".to_owned()), ("crv", curve.name().to_owned()), ("x", coordinate(&x)?), ("y", coordinate(&y)?)];
    Ok(members.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect())
}
