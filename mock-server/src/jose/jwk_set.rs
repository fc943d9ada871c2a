//! A client's JWK Set: what is wrong with it, which keys sign, and for which key one encrypts.

use super::ec::{EcJwkError, EcPublic};
use super::ecdh_es::{strength, wrapping_bytes};
use crate::text::visible;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A key of a set.
#[derive(Debug, Clone)]
pub(crate) struct SetKey {
    pub(crate) kid: String,
    /// `sig` or `enc`.
    pub(crate) usage: String,
    pub(crate) alg: Option<String>,
    pub(crate) key: EcPublic,
}

/// The public keys of a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct JwkSet {
    pub(crate) keys: Vec<SetKey>,
}

impl JwkSet {
    /// Reads a set as Singpass wants it; every mistake is named. (DOC, `TC-jwks` and client-jwk-requirements.)
    pub(crate) fn read(text: &str) -> Result<Self, Vec<String>> {
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for (place, member) in members(text).map_err(|problem| vec![problem])?.into_iter().enumerate() {
            match member {
                Ok(key) => keys.push(key),
                Err(problem) => problems.push(format!("key {place}: {problem}")),
            }
        }
        let set = Self { keys };
        problems.extend(set.repeated());
        if problems.is_empty() {
            problems.extend(set.missing().map(|(_, says)| says));
        }
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }

    /// The kids that several keys have.
    pub(crate) fn repeated(&self) -> Vec<String> {
        let mut kids = BTreeSet::new();
        let again = self.keys.iter().filter(|key| !kids.insert(&key.kid));
        again.map(|key| format!("the kid `{}` is there twice", visible(&key.kid))).collect()
    }

    /// The uses that no key has, and what is to be said of that.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (&'static str, String)> {
        let uses = [("sig", "to check its signatures with"), ("enc", "to encrypt for")];
        let missing = uses.into_iter().filter(|(usage, _)| !self.keys.iter().any(|key| key.usage == *usage));
        missing.map(|(usage, what)| (usage, format!("there is no key with `use`: `{usage}`, {what}")))
    }

    /// The keys that may have signed: that of the kid, or all where there is none.
    pub(crate) fn signing<'s>(&'s self, kid: Option<&'s str>) -> impl Iterator<Item = &'s SetKey> {
        let signing = self.keys.iter().filter(|key| key.usage == "sig");
        signing.filter(move |key| kid.is_none_or(|kid| key.kid == kid))
    }

    /// The key that documents are encrypted for: the stronger curve, then the stronger algorithm, then the first.
    pub(crate) fn encryption(&self) -> Option<&SetKey> {
        let all = self.keys.iter().filter(|key| key.usage == "enc").rev();
        all.max_by_key(|key| strength(&key.key, key.alg.as_deref().unwrap_or_default()))
    }
}

/// Every member of a set, as a key or as what is wrong with it.
pub(crate) fn members(text: &str) -> Result<Vec<Result<SetKey, String>>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| no_json(text, &error))?;
    let Some(members) = value.get("keys").and_then(Value::as_array) else {
        return Err(match value.get("kty") {
            Some(_) => "it is one JWK; a set is an object whose member `keys` is a list of them".to_owned(),
            None => "it has no member `keys` with a list of keys".to_owned(),
        });
    };
    let read =
        members.iter().map(|member| member.as_object().map_or_else(|| Err("it is no object".to_owned()), read_key));
    Ok(read.collect())
}

fn no_json(text: &str, error: &serde_json::Error) -> String {
    match text.trim_start() {
        "" => "it is empty".to_owned(),
        page if page.starts_with('<') => "it is a page of HTML or XML, no JSON".to_owned(),
        pem if pem.starts_with("-----BEGIN") => {
            "it is PEM; a JWK Set is JSON: convert the public key to a JWK".to_owned()
        }
        _ => format!("it is no JSON: {error}"),
    }
}

fn read_key(jwk: &Map<String, Value>) -> Result<SetKey, String> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
    // never quoted: it may be anything
    if jwk.contains_key("d") {
        return Err("it is a private key (it has `d`); only public keys belong here".to_owned());
    }
    let key = EcPublic::from_jwk(jwk).map_err(|error: EcJwkError| error.to_string())?;
    let kid = text("kid").ok_or("`kid` is missing: every key needs one")?;
    let usage = text("use").filter(|usage| usage == "sig" || usage == "enc");
    let usage = usage.ok_or("`use` must be `sig` or `enc`")?;
    let alg = text("alg");
    if usage == "enc" && alg.as_deref().is_none_or(|alg| wrapping_bytes(alg).is_none()) {
        return Err("an encryption key needs `alg`: ECDH-ES+A128KW, ECDH-ES+A192KW or ECDH-ES+A256KW".to_owned());
    }
    if usage == "sig" && alg.as_deref().is_some_and(|alg| alg != key.curve.algorithm()) {
        return Err(format!("`alg` must be {} for a key on {}", key.curve.algorithm(), key.curve.name()));
    }
    Ok(SetKey { kid, usage, alg, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_set_is_read_and_the_strongest_encryption_key_is_taken() {
        let set = JwkSet::read(myinfo_fixtures::keys::ec::CLIENT_JWKS).unwrap();
        assert_eq!(set.signing(None).count(), 3);
        assert_eq!(set.signing(Some("client-sig-p384")).count(), 1);
        assert_eq!(set.encryption().unwrap().kid, "client-enc-p521");
    }

    #[test]
    fn mistakes_are_named_and_private_parts_are_not_quoted() {
        let private = JwkSet::read(myinfo_fixtures::keys::ec::CLIENT_JWKS_PRIVATE).unwrap_err().join("\n");
        assert!(private.contains("private key") && private.len() < 600, "{private}");
        for (set, says) in [
            ("[]", "no member `keys`"),
            ("{", "no JSON"),
            ("<html>", "a page of HTML"),
            (" -----BEGIN PUBLIC KEY-----", "PEM"),
            (r#"{"kty": "EC"}"#, "one JWK"),
            (r#"{"keys": [7]}"#, "key 0: it is no object"),
            (r#"{"keys": []}"#, "no key with `use`: `sig`"),
            (r#"{"keys": [{"kty": "RSA"}]}"#, "`kty` is `RSA`"),
            (r#"{"keys": [{"kty": "EC", "crv": "secp256k1"}]}"#, "`crv` is `secp256k1`"),
            (r#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]}"#, "`x` has 1 bytes, expected 32"),
        ] {
            let told = JwkSet::read(set).unwrap_err().join("\n");
            assert!(told.contains(says), "{set}: {told}");
        }
    }
}
