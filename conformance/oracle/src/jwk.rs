//! JSON Web Keys on elliptic curves (RFC 7517, RFC 7518 §6.2), and the thumbprint of any key (RFC 7638).

use crate::OracleError;
use crate::ec::{Curve, EcPrivateKey, EcPublicKey};
use crate::text::{decode, encode, member};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// RFC 7518 §6.2.1: a public key, which has no private part.
///
/// # Errors
/// When it is no such key; the error says which member is wrong.
pub fn public(jwk: &Value) -> Result<EcPublicKey, OracleError> {
    let members = members(jwk)?;
    if members.contains_key("d") {
        return Err(OracleError::PrivatePart);
    }
    point(members)
}

/// RFC 7518 §6.2.2: a private key, whose `d` belongs to its `x` and `y`.
///
/// # Errors
/// When it is no such key; the error says which member is wrong.
pub fn private(jwk: &Value) -> Result<EcPrivateKey, OracleError> {
    let members = members(jwk)?;
    let public = point(members)?;
    let key = EcPrivateKey::from_scalar(public.curve(), &decode(member(members, "d")?)?)?;
    if key.public() == public { Ok(key) } else { Err(OracleError::PrivateMismatch) }
}

/// The four members of a public key, in the order in which RFC 7518 names them.
pub fn of_public(key: &EcPublicKey) -> Value {
    let (x, y) = key.coordinates();
    json!({"kty": "EC", "crv": key.curve().name(), "x": encode(x), "y": encode(y)})
}

/// RFC 7517 §5: the key of a set with this id.
///
/// # Errors
/// When there is none.
pub fn find<'a>(set: &'a Value, kid: &str) -> Result<&'a Value, OracleError> {
    let keys = set.get("keys").and_then(Value::as_array).ok_or(OracleError::Member("keys"))?;
    let found = keys.iter().find(|key| key.get("kid").and_then(Value::as_str) == Some(kid));
    found.ok_or_else(|| OracleError::KeyUnknown(kid.to_owned()))
}

/// RFC 7638 §3: the hash of the required members alone, by name, without white space, in base64url.
///
/// # Errors
/// When a required member is missing or the type of key is not known.
pub fn thumbprint(jwk: &Value) -> Result<String, OracleError> {
    let members = jwk.as_object().ok_or(OracleError::HeaderNotObject)?;
    // §3.2: what is required depends on the type; the names stand in the order of their letters (§3.3)
    let required: &[&'static str] = match member(members, "kty")? {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        other => return Err(OracleError::KeyType(other.to_owned())),
    };
    let mut pieces = Vec::new();
    for name in required {
        pieces.push(format!("\"{name}\":{}", Value::from(member(members, name)?)));
    }
    Ok(encode(Sha256::digest(format!("{{{}}}", pieces.join(",")))))
}

fn members(jwk: &Value) -> Result<&Map<String, Value>, OracleError> {
    let members = jwk.as_object().ok_or(OracleError::HeaderNotObject)?;
    match member(members, "kty")? {
        "EC" => Ok(members),
        other => Err(OracleError::KeyType(other.to_owned())),
    }
}

fn point(members: &Map<String, Value>) -> Result<EcPublicKey, OracleError> {
    let curve = Curve::named(member(members, "crv")?)?;
    EcPublicKey::from_coordinates(curve, &decode(member(members, "x")?)?, &decode(member(members, "y")?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec;
    use myinfo_fixtures::vectors::{BAD_KEYS_JSON, RFC_JSON, THUMBPRINTS_JSON};

    #[test]
    fn thumbprints_are_those_of_the_rfc_and_of_jose() {
        let rfc: Value = serde_json::from_str(RFC_JSON).unwrap();
        assert_eq!(thumbprint(&rfc["thumbprint"]["jwk"]).unwrap(), rfc["thumbprint"]["thumbprint"]);
        let expected: Map<String, Value> = serde_json::from_str(THUMBPRINTS_JSON).unwrap();
        assert_eq!(expected.len(), 34);
        for (kid, expected) in expected {
            assert_eq!(thumbprint(&ec::private(&kid).unwrap()).unwrap(), expected, "{kid}");
        }
    }

    #[test]
    fn a_thumbprint_is_over_the_required_members_alone() {
        let full = ec::private("client-enc-p384").unwrap();
        let bare = of_public(&private(&full).unwrap().public());
        assert_eq!(thumbprint(&full).unwrap(), thumbprint(&bare).unwrap());
        assert_eq!(thumbprint(&json!({"kty": "EC", "crv": "P-256", "x": "AA"})).unwrap_err().code(), "member");
        assert_eq!(thumbprint(&json!({"kty": "oct", "k": "AA"})).unwrap_err().code(), "key-type");
    }

    #[test]
    fn every_bad_key_is_refused_for_its_flaw() {
        let vectors: Vec<Value> = serde_json::from_str(BAD_KEYS_JSON).unwrap();
        assert_eq!(vectors.len(), 61);
        for vector in vectors {
            let refused = private(&vector["jwk"]).unwrap_err();
            assert_eq!(refused.code(), vector["flaw"].as_str().unwrap(), "{}: {refused}", vector["name"]);
        }
    }

    #[test]
    fn a_public_key_with_a_private_part_is_refused() {
        let refused = public(&ec::private("client-sig-p256").unwrap()).unwrap_err();
        assert_eq!(refused, OracleError::PrivatePart);
    }

    #[test]
    fn a_key_is_written_as_it_was_read() {
        for kid in ["client-sig-p256", "zero-x-p256", "zero-y-p384", "zero-x-p521", ec::SERVICE_KID] {
            let read = ec::public(kid).unwrap();
            let written = of_public(&public(&read).unwrap());
            assert_eq!((&written["crv"], &written["x"], &written["y"]), (&read["crv"], &read["x"], &read["y"]));
        }
    }

    #[test]
    fn a_key_of_a_set_is_found_by_its_id_alone() {
        let set: Value = serde_json::from_str(ec::SERVICE_JWKS).unwrap();
        assert_eq!(find(&set, ec::SERVICE_KID).unwrap()["kid"], ec::SERVICE_KID);
        assert_eq!(find(&set, "alias").unwrap_err(), OracleError::KeyUnknown("alias".to_owned()));
        assert_eq!(find(&json!([]), ec::SERVICE_KID).unwrap_err(), OracleError::Member("keys"));
    }
}
