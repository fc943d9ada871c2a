//! The v3 base string, made from the request that we are about to send.

use crate::ambient::Stamp;
use std::collections::BTreeMap;

/// What of a request is signed besides the four header fields.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// The address, without query.
    pub(super) url: &'a str,
    /// The parameters as they are sent: of the query, or of the form.
    pub(super) parameters: &'a [(&'a str, &'a str)],
}

/// `METHOD&URL&k=v&…`: the four header fields and every parameter that is sent, sorted by name, values not encoded.
///
/// Specification, security section. The signature is RSA-SHA256 over the UTF-8 bytes.
pub(super) fn base_string(signed: &Signed<'_>, app_id: &str, stamp: &Stamp) -> String {
    let Signed { method, url, parameters } = signed;
    let timestamp = stamp.timestamp.to_string();
    // a BTreeMap sorts by bytes, as the service does; no name is ever sent twice
    let mut fields: BTreeMap<&str, &str> = parameters.iter().copied().collect();
    fields.insert("app_id", app_id);
    fields.insert("nonce", &stamp.nonce);
    fields.insert("signature_method", "RS256");
    fields.insert("timestamp", &timestamp);
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}&{url}&{}", method.to_uppercase(), fields.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::jws;
    use crate::key::PrivateKey;
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use myinfo_fixtures::keys::CLIENT_KEY_PEM;
    use serde_json::Value;

    #[test]
    fn golden_base_strings_and_signatures_are_met_byte_for_byte() {
        let key = PrivateKey::read(CLIENT_KEY_PEM.as_bytes(), None).unwrap();
        let vectors: Vec<Value> = serde_json::from_str(myinfo_fixtures::vectors::BASE_STRINGS_JSON).unwrap();
        assert!(vectors.len() >= 20);
        for vector in &vectors {
            let text = |path: &str| vector.pointer(path).and_then(Value::as_str).unwrap();
            let url = text("/url");
            let (address, query) = url.split_once('?').unwrap_or((url, ""));
            let pairs: Vec<(String, String)> = match vector["form"].as_array() {
                Some(form) => form
                    .iter()
                    .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned()))
                    .collect(),
                None => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            };
            let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let stamp = Stamp {
                timestamp: text("/header/timestamp").parse().unwrap(),
                nonce: text("/header/nonce").to_owned(),
            };
            let signed = Signed { method: text("/method"), url: address, parameters: &pairs };
            let built = base_string(&signed, text("/header/app_id"), &stamp);
            assert_eq!(built, text("/base_string"), "{}", text("/name"));
            let signature = BASE64_STANDARD.encode(jws::sign(built.as_bytes(), &key, jws::Alg::Rs256).unwrap());
            assert_eq!(signature, text("/signature"), "{}", text("/name"));
        }
    }
}
