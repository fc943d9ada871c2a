//! Keys on the curves P-256, P-384 and P-521: read from JWK, made, and written as JWK (RFC 7518 §6.2).

use super::wrong;
use crate::ambient::{Ambient, random_bytes};
use crate::error::Error;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcKeyRef, EcPoint};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, PKey, PKeyRef, Private, Public};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value, json};

/// A curve (RFC 7518 §6.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// How many bytes a coordinate has.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn nid(self) -> Nid {
        match self {
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::P521 => Nid::SECP521R1,
        }
    }

    /// The curve with this name; names are case-sensitive.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.name() == name)
    }

    /// The curve of a key; none where it is of another kind, or on another curve.
    pub(super) fn of<T: HasPublic>(key: &PKeyRef<T>) -> Option<Self> {
        let nid = key.ec_key().ok()?.group().curve_name()?;
        Self::ALL.into_iter().find(|curve| curve.nid() == nid)
    }
}

/// A private JWK: its numbers have their full length, the point lies on the curve, and `d` belongs to it.
pub(super) fn private(jwk: &Map<String, Value>) -> Result<PKey<Private>, Error> {
    let curve = curve_of(jwk)?;
    if !jwk.contains_key("d") {
        return Err(wrong("a private key is needed, and this is a public JWK"));
    }
    let (x, y) = (number(jwk, curve, "x")?, number(jwk, curve, "y")?);
    let secret = number(jwk, curve, "d")?;
    let key = || {
        let group = EcGroup::from_curve_name(curve.nid())?;
        let public = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
        let key = EcKey::from_private_components(&group, &secret, public.public_key())?;
        key.check_key()?;
        PKey::from_ec_key(key)
    };
    key()
        .map_err(|_: ErrorStack| wrong("the JWK's `x` and `y` are no point on its curve, or `d` does not belong to it"))
}

/// The public part of a JWK, with the same checks.
pub(super) fn public(jwk: &Map<String, Value>) -> Result<PKey<Public>, Error> {
    let curve = curve_of(jwk)?;
    let (x, y) = (number(jwk, curve, "x")?, number(jwk, curve, "y")?);
    let key = || {
        let group = EcGroup::from_curve_name(curve.nid())?;
        // OpenSSL refuses coordinates that are no point of the group
        PKey::from_ec_key(EcKey::from_public_key_affine_coordinates(&group, &x, &y)?)
    };
    key().map_err(|_: ErrorStack| wrong("the JWK's `x` and `y` are no point on its curve"))
}

fn curve_of(jwk: &Map<String, Value>) -> Result<Curve, Error> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("kty") != Some("EC") {
        return Err(wrong("the JWK is no EC key, and a key on P-256, P-384 or P-521 is needed"));
    }
    let curve = text("crv").and_then(Curve::named);
    curve.ok_or_else(|| wrong("the JWK's `crv` is none of P-256, P-384 and P-521"))
}

/// RFC 7518 §6.2.1.2 and §6.2.2.1: numbers have the full length, leading zeros included.
fn number(jwk: &Map<String, Value>, curve: Curve, name: &str) -> Result<BigNum, Error> {
    let bytes = fixed_length(jwk.get(name), curve).map(Zeroizing::new);
    let number = bytes.and_then(|bytes| BigNum::from_slice(&bytes).ok());
    number.ok_or_else(|| {
        let problem = format!("the JWK's `{name}` is no base64url text of {} bytes", curve.bytes());
        Error::Configuration(problem)
    })
}

/// The bytes of a number in its full length; nothing where it has another.
pub(crate) fn fixed_length(member: Option<&Value>, curve: Curve) -> Option<Vec<u8>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(member?.as_str()?).ok()?;
    (bytes.len() == curve.bytes()).then_some(bytes)
}

/// A new private key of this chance: FIPS 186-5 §A.2.1, with 64 bits more than the order has, so that none is preferred.
pub(super) fn generate(curve: Curve, ambient: &dyn Ambient) -> Result<PKey<Private>, Error> {
    let bytes: Zeroizing<[u8; LONGEST + 8]> = Zeroizing::new(random_bytes(ambient)?);
    let used = bytes.get(..curve.bytes() + 8).unwrap_or_default();
    from_chance(curve, used).map_err(|_| wrong("no key could be made"))
}

fn from_chance(curve: Curve, bytes: &[u8]) -> Result<PKey<Private>, ErrorStack> {
    let (group, mut context) = (EcGroup::from_curve_name(curve.nid())?, BigNumContext::new_secure()?);
    let (mut order, mut secret) = (BigNum::new()?, BigNum::new_secure()?);
    group.order(&mut order, &mut context)?;
    order.sub_word(1)?;
    secret.nnmod(&*BigNum::from_slice(bytes)?, &order, &mut context)?;
    secret.add_word(1)?;
    let mut point = EcPoint::new(&group)?;
    point.mul_generator2(&group, &secret, &mut context)?;
    PKey::from_ec_key(EcKey::from_private_components(&group, &secret, &point)?)
}

/// The members `kty`, `crv`, `x`, `y` of a key, in this order.
pub(super) fn public_members<T: HasPublic>(curve: Curve, key: &PKeyRef<T>) -> Result<Map<String, Value>, Error> {
    let members = || {
        let key = key.ec_key()?;
        let (x, y) = coordinates(key.group(), &key)?;
        let size = i32::try_from(curve.bytes()).unwrap_or_default();
        let text = |number: &BigNum| number.to_vec_padded(size).map(|bytes| BASE64_URL_SAFE_NO_PAD.encode(bytes));
        Ok(json!({"kty": "EC", "crv": curve.name(), "x": text(&x)?, "y": text(&y)?}))
    };
    let members = members().map_err(|_: ErrorStack| wrong("the key cannot be written as JWK"))?;
    Ok(members.as_object().cloned().unwrap_or_default())
}

fn coordinates<T: HasPublic>(group: &EcGroupRef, key: &EcKeyRef<T>) -> Result<(BigNum, BigNum), ErrorStack> {
    let (mut x, mut y, mut context) = (BigNum::new()?, BigNum::new()?, BigNumContext::new()?);
    key.public_key().affine_coordinates(group, &mut x, &mut y, &mut context)?;
    Ok((x, y))
}

/// The member `d` of a private key, in its full length.
pub(super) fn private_member(curve: Curve, key: &PKeyRef<Private>) -> Result<Zeroizing<String>, Error> {
    let size = i32::try_from(curve.bytes()).unwrap_or_default();
    let bytes = key.ec_key().and_then(|key| key.private_key().to_vec_padded(size)).map(Zeroizing::new);
    let bytes = bytes.map_err(|_| wrong("the key cannot be written as JWK"))?;
    Ok(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&*bytes)))
}

/// The longest number: that of P-521.
const LONGEST: usize = Curve::P521.bytes();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::System;
    use crate::key::PrivateKey;
    use myinfo_fixtures::vectors::{BAD_KEYS_JSON, THUMBPRINTS_JSON};

    fn object(value: &Value) -> &Map<String, Value> {
        value.as_object().unwrap()
    }

    #[test]
    fn every_key_of_the_vectors_has_its_thumbprint_and_is_written_as_it_was_read() {
        let thumbprints: Map<String, Value> = serde_json::from_str(THUMBPRINTS_JSON).unwrap();
        assert!(thumbprints.len() >= 30);
        for (kid, thumbprint) in &thumbprints {
            let jwk = myinfo_fixtures::keys::ec::private(kid).unwrap();
            let key = PrivateKey::read_ec(jwk.to_string().as_bytes(), None).unwrap();
            assert_eq!(key.thumbprint(), thumbprint, "{kid}");
            let written = key.private_jwk().unwrap();
            let written: Value = serde_json::from_str(&written).unwrap();
            for member in ["kty", "crv", "x", "y", "d"] {
                assert_eq!(written[member], jwk[member], "{kid}");
            }
        }
    }

    #[test]
    fn every_bad_key_of_the_vectors_is_refused() {
        let bad: Vec<Value> = serde_json::from_str(BAD_KEYS_JSON).unwrap();
        assert!(bad.len() >= 60);
        for entry in &bad {
            let refused = PrivateKey::read_ec(entry["jwk"].to_string().as_bytes(), None);
            assert_eq!(refused.unwrap_err().code(), "configuration", "{}: {}", entry["name"], entry["why"]);
            let concerns_the_private_part = entry["flaw"].as_str().unwrap().starts_with("private")
                || entry["name"].as_str().unwrap().contains("-d-");
            let public = public(object(&entry["jwk"]));
            assert_eq!(public.is_ok(), concerns_the_private_part, "{}: {}", entry["name"], entry["why"]);
        }
    }

    #[test]
    fn new_keys_are_good_keys_each_another_one() {
        for curve in Curve::ALL {
            let (one, other) = (generate(curve, &System).unwrap(), generate(curve, &System).unwrap());
            one.ec_key().unwrap().check_key().unwrap();
            assert_eq!(Curve::of(&one), Some(curve));
            assert!(!one.public_eq(&other));
        }
    }

    #[test]
    fn no_chance_gives_a_key_out_of_range() {
        for curve in Curve::ALL {
            for byte in [0, 0xff] {
                let key = from_chance(curve, &vec![byte; curve.bytes() + 8]).unwrap();
                key.ec_key().unwrap().check_key().unwrap();
            }
        }
    }
}
