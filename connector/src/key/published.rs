//! The service's keys, as its JWK Set publishes them.

use super::PublicKey;
use crate::error::{Error, What};
use serde_json::{Map, Value};

/// Keys that signatures may be verified with. What the set holds besides is left out: other kinds, other uses, no points.
#[derive(Debug, Clone)]
pub struct PublishedKeys(Vec<Published>);

#[derive(Debug, Clone)]
struct Published {
    kid: Option<String>,
    key: PublicKey,
}

impl PublishedKeys {
    /// Reads a JWK Set (RFC 7517 §5: kinds that are not understood are ignored).
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is none.
    pub(crate) fn read(set: &[u8]) -> Result<Self, Error> {
        let malformed = |problem| Error::Malformed { what: What::KeySet, problem };
        let set: Map<String, Value> = serde_json::from_slice(set).map_err(|_| malformed("it is no JSON object"))?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or_else(|| malformed("it has no list `keys`"))?;
        Ok(Self(keys.iter().filter_map(Value::as_object).filter_map(published).collect()))
    }

    /// The keys with this `kid`; all where a document names none.
    pub(crate) fn named(&self, kid: Option<&str>) -> Vec<&PublicKey> {
        let fits = |key: &&Published| kid.is_none() || key.kid.as_deref() == kid;
        self.0.iter().filter(fits).map(|published| &published.key).collect()
    }
}

/// A key for signatures. RFC 7517 §4.2: a key for another use must not be taken.
fn published(jwk: &Map<String, Value>) -> Option<Published> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str).map(str::to_owned);
    if jwk.get("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    let key = PublicKey::from_ec_jwk(jwk).ok()?;
    // §4.4: a key that is meant for one algorithm is for no other
    let fits = key.curve().map(super::own::algorithm);
    let for_another = jwk.get("alg").is_some_and(|alg| alg.as_str() != fits);
    (!for_another).then_some(Published { kid: text("kid"), key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec::{SERVICE_JWKS, SERVICE_KID, public};
    use serde_json::json;

    fn count(keys: &[Value], kid: Option<&str>) -> usize {
        PublishedKeys::read(json!({"keys": keys}).to_string().as_bytes()).unwrap().named(kid).len()
    }

    #[test]
    fn keys_are_found_by_their_names_and_only_those_that_sign() {
        let keys = PublishedKeys::read(SERVICE_JWKS.as_bytes()).unwrap();
        assert_eq!((keys.named(None).len(), keys.named(Some(SERVICE_KID)).len()), (4, 1));
        assert!(keys.named(Some("alias/testbed-auth-api-encryption-key-p256-alias")).is_empty());
        assert!(keys.named(Some("nobody")).is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_left_out_and_the_rest_stays() {
        let good = public(SERVICE_KID).unwrap();
        let changed = |member: &str, value: Value| {
            let mut key = good.clone();
            key[member] = value;
            key
        };
        for odd in [
            json!({"kty": "XYZ", "kid": SERVICE_KID, "use": "sig"}),
            json!("no key"),
            changed("use", "enc".into()),
            changed("alg", "ES384".into()),
            changed("x", "AAAA".into()),
            changed("y", good["x"].clone()),
        ] {
            assert_eq!(count(&[odd.clone(), good.clone()], Some(SERVICE_KID)), 1, "{odd}");
        }
        assert_eq!(count(&[changed("alg", "ES256".into()), changed("use", "sig".into())], None), 2);
    }

    #[test]
    fn a_text_that_is_no_set_is_malformed() {
        for text in ["", "[]", "{}", "<html>", "{\"keys\": {}}"] {
            assert_eq!(PublishedKeys::read(text.as_bytes()).unwrap_err().code(), "malformed", "{text}");
        }
        assert!(PublishedKeys::read(b"{\"keys\": []}").unwrap().named(None).is_empty());
    }
}
