//! What a connector keeps to itself, looked for in what it answers and logs: personal data, secrets, keys, tokens, documents.

use super::driver::Outcome;
use super::session::Session;
use super::testbed::CANARY_ID;
use super::wire::fapi::proof;
use super::wire::parameters;
use crate::profile::Secret;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use myinfo_oracle::ec::{Curve, EcPrivateKey, EcPublicKey};
use myinfo_oracle::jwk;
use serde_json::{Map, Value};

/// How many numbers of a text are tried as private keys.
const MOST_NUMBERS: usize = 200;

impl Session<'_> {
    /// Nothing of it may turn up in a refusal, or in the log so far.
    pub(super) fn no_leaks(&mut self, outcome: &Outcome) {
        let kept = self.kept();
        let said = serde_json::to_string(outcome).unwrap_or_default();
        let leaks = [("its answer", kept.found_in(&said)), ("its log", kept.found_in(&self.logs))];
        for (place, found) in leaks {
            self.leaked(place, &found);
        }
    }

    /// The same of the log alone: the answer to a login that went well is the person.
    pub fn no_leaks_in_log(&mut self) {
        let found = self.kept().found_in(&self.logs);
        self.leaked("its log", &found);
    }

    /// The same of what it wrote since it was started: a configuration that is shown at the start has the keys in it.
    pub fn no_leaks_at_start(&mut self) {
        self.keep_logs();
        self.no_leaks_in_log();
    }

    fn leaked(&mut self, place: &str, found: &[&str]) {
        for what in found {
            let fix = "Keep names, personal numbers, secrets, keys and tokens out of errors and logs: say what kind of thing was wrong, not its value";
            let expected = "keeps personal data and secrets out of errors and logs";
            self.find_leak(expected, &format!("{what} stands in {place}"), fix);
        }
    }

    /// The canary, what the client keeps to itself, and what it made and sent since the mark.
    fn kept(&self) -> Kept {
        let mut secrets = vec![
            Secret { what: "the person's name", text: self.realm.scene().canary_name.clone() },
            Secret { what: "the person's NRIC", text: CANARY_ID.to_owned() },
        ];
        secrets.extend((self.profile.secrets)());
        let (calls, prefix) = (self.all_calls(), self.realm.prefix());
        if let Some(person) = self.profile.person_endpoint() {
            let asked = calls.iter().filter(|call| self.setup.is_call_to(person, call.path(), &prefix));
            let tokens = asked.filter_map(|call| Some(call.header("authorization")?.rsplit_once(' ')?.1));
            secrets.extend(tokens.map(|token| Secret { what: "an access token", text: token.to_owned() }));
        }
        let posted: Vec<(String, String)> = calls.iter().flat_map(parameters).collect();
        for (name, what) in self.profile.secret_parameters {
            let sent = posted.iter().filter(|(posted, _)| posted == name);
            secrets.extend(sent.map(|(_, value)| Secret { what, text: value.clone() }));
        }
        secrets.retain(|secret| !secret.text.is_empty());
        let proofs = calls.iter().filter_map(|call| proof(call).ok());
        let of_proofs = proofs.filter_map(|proof| jwk::public(proof.header.get("jwk")?).ok());
        let of_proofs = of_proofs.map(|key| ("the private key of its proofs", key));
        // those that it was given are known by their numbers, and look otherwise in PEM
        let own = secrets
            .iter()
            .filter_map(|secret| Some((secret.what, private_key(&plain_number(&secret.text)?)?.public())));
        let keys = own.chain(of_proofs).collect();
        Kept { secrets, keys, client_id: self.setup.common.client_id.clone() }
    }
}

/// What a connector keeps to itself.
struct Kept {
    secrets: Vec<Secret>,
    /// The public halves of its own keys and of those of its proofs, each with what the private one is, for findings.
    keys: Vec<(&'static str, EcPublicKey)>,
    client_id: String,
}

impl Kept {
    /// What of it stands in a text, each once.
    fn found_in(&self, text: &str) -> Vec<&'static str> {
        let mut found: Vec<&str> = Vec::new();
        let known = self.secrets.iter().filter(|secret| text.contains(&secret.text)).map(|secret| secret.what);
        let documents = documents(text).into_iter().filter(|document| !self.names(document));
        let in_text: Vec<EcPublicKey> = private_keys(text).iter().map(EcPrivateKey::public).collect();
        let keys = self.keys.iter().filter(|(_, key)| in_text.contains(key)).map(|(what, _)| *what);
        let all = known.chain(documents.map(|document| kind(document, &self.client_id)));
        for what in all.chain(keys) {
            if !found.contains(&what) {
                found.push(what);
            }
        }
        found
    }

    /// Whether a text is one that is looked for by itself.
    fn names(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| secret.text == text)
    }
}

/// The whole signed and encrypted documents in a text, in their compact form (RFC 7515 §7.1, RFC 7516 §7.1).
fn documents(text: &str) -> Vec<&str> {
    let runs = text.split(|letter: char| !is_base64url(letter) && letter != '.');
    runs.map(|run| run.trim_matches('.')).filter(|run| run.split('.').count() >= 3 && header(run).is_some()).collect()
}

/// The header of a compact document.
fn header(document: &str) -> Option<Map<String, Value>> {
    part(document, 0).filter(|header| header.contains_key("alg"))
}

fn part(document: &str, number: usize) -> Option<Map<String, Value>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(document.split('.').nth(number)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// What a document is, by its header and its claims.
fn kind(document: &str, client_id: &str) -> &'static str {
    let (header, claims) = (header(document).unwrap_or_default(), part(document, 1).unwrap_or_default());
    let has = |name: &str| claims.contains_key(name);
    match () {
        () if header.contains_key("enc") => "an encrypted token or document",
        () if header.get("typ").is_some_and(|kind| kind == "dpop+jwt") => "a proof",
        () if claims.get("iss").is_some_and(|issuer| issuer == client_id) => "a client assertion",
        () if has("nonce") => "an ID token",
        () if has("person_info") || has("uinfin") => "a document of the person",
        () => "a signed token",
    }
}

/// Every number in a text that can be a private key of a curve: `d` of a JWK, in hexadecimal digits, or inside of PEM, DER or what is
/// encoded in Base64.
fn private_keys(text: &str) -> Vec<EcPrivateKey> {
    let mut numbers: Vec<Vec<u8>> = Vec::new();
    for number in plain_numbers(text).chain(in_base64(text)) {
        if !numbers.contains(&number) && numbers.len() < MOST_NUMBERS {
            numbers.push(number);
        }
    }
    numbers.iter().filter_map(|number| private_key(number)).collect()
}

fn private_key(number: &[u8]) -> Option<EcPrivateKey> {
    EcPrivateKey::from_scalar(curve_of(number)?, number).ok()
}

fn curve_of(number: &[u8]) -> Option<Curve> {
    Curve::ALL.into_iter().find(|curve| curve.bytes() == number.len())
}

fn plain_numbers(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.split(|letter: char| !is_base64url(letter)).filter_map(plain_number)
}

/// A word that is a number of a curve's length and nothing else.
fn plain_number(word: &str) -> Option<Vec<u8>> {
    let bytes = from_hex(word).or_else(|| BASE64_URL_SAFE_NO_PAD.decode(word).ok())?;
    curve_of(&bytes).map(|_| bytes)
}

fn from_hex(word: &str) -> Option<Vec<u8>> {
    let pairs = word.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?, 16).ok())
        .collect()
}

/// RFC 5915 §3: in a key's DER the number stands as an octet string, which begins with 04 and its length.
fn in_base64(text: &str) -> Vec<Vec<u8>> {
    // a PEM text in JSON has its line breaks written out
    let lines = text.replace("\\n", "\n").replace("\\r", "");
    let bodies = lines.split("-----").map(|body| body.split_whitespace().collect::<String>());
    let words =
        lines.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter)).map(str::to_owned);
    let keys = bodies.chain(words).filter(|word| word.len() > 40).filter_map(|word| BASE64_STANDARD.decode(word).ok());
    keys.flat_map(|bytes| {
        octet_strings(&bytes).into_iter().chain(plain_numbers(&String::from_utf8_lossy(&bytes))).collect::<Vec<_>>()
    })
    .collect()
}

fn octet_strings(der: &[u8]) -> Vec<Vec<u8>> {
    let begins = |curve: Curve| [4, u8::try_from(curve.bytes()).unwrap_or_default()];
    let at = |curve: Curve| der.windows(2).position(|pair| pair == begins(curve));
    Curve::ALL.into_iter().filter_map(|curve| Some(der.get(at(curve)? + 2..)?.get(..curve.bytes())?.to_vec())).collect()
}

fn is_base64url(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use myinfo_fixtures::keys::ec;
    use serde_json::json;

    fn compact(header: &Value, claims: &Value) -> String {
        let part = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        format!("{}.{}.c2lnbmF0dXJl", part(header), part(claims))
    }

    fn kept() -> Kept {
        let key = jwk::private(&ec::private("client-sig-p256").unwrap()).unwrap().public();
        Kept {
            secrets: vec![Secret { what: "the person's NRIC", text: CANARY_ID.to_owned() }],
            keys: vec![("the private key of its proofs", key)],
            client_id: "app".to_owned(),
        }
    }

    #[test]
    fn a_document_is_named_by_what_it_says() {
        let es256 = json!({"alg": "ES256"});
        for (header, claims, expected) in [
            (&json!({"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}), json!({}), "an encrypted token or document"),
            (&json!({"typ": "dpop+jwt", "alg": "ES256"}), json!({}), "a proof"),
            (&es256, json!({"iss": "app"}), "a client assertion"),
            (&es256, json!({"iss": "https://id", "nonce": "n"}), "an ID token"),
            (&es256, json!({"person_info": {}}), "a document of the person"),
            (&es256, json!({"client_id": "app"}), "a signed token"),
        ] {
            let text = format!("failed: {{\"token\":\"{}\"}}.", compact(header, &claims));
            assert_eq!(kept().found_in(&text), [expected]);
        }
    }

    #[test]
    fn words_with_points_and_heads_alone_are_no_documents() {
        let whole = compact(&json!({"alg": "ES256"}), &json!({}));
        let head = whole.split('.').next().unwrap().to_owned();
        for text in ["www.example.org", "1.2.3", &head, &format!("the header {head} names no key"), "ey.ey.ey", "…"] {
            assert!(kept().found_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_private_key_is_found_however_it_is_written_and_no_other_is_taken_for_it() {
        let key = ec::private("client-sig-p256").unwrap();
        let number = jwk::private(&key).unwrap().scalar();
        let hex = number.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        // RFC 5958, RFC 5915: PKCS#8 on P-256 without the public half
        let head = [0x30, 0x41, 2, 1, 0, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48];
        let middle = [0xce, 0x3d, 3, 1, 7, 4, 0x27, 0x30, 0x25, 2, 1, 1, 4, 0x20];
        let der = BASE64_STANDARD.encode([head.as_slice(), &middle, &number].concat());
        let set = BASE64_STANDARD.encode(json!({"keys": [key]}).to_string());
        let (one, two) = der.split_at(64);
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{one}\n{two}\n-----END PRIVATE KEY-----\n");
        for text in [key.to_string(), format!("key={hex}"), pem.clone(), json!({"key": pem}).to_string(), der, set] {
            assert_eq!(kept().found_in(&text), ["the private key of its proofs"], "{text}");
        }
        let other = ec::private("client-enc-p256").unwrap();
        let public = ec::public("client-sig-p256").unwrap();
        for text in [other.to_string(), public.to_string(), "0".repeat(64), "é".repeat(64)] {
            assert!(kept().found_in(&text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_found_twice_is_told_once() {
        assert_eq!(kept().found_in(&format!("{CANARY_ID} and {CANARY_ID}")), ["the person's NRIC"]);
    }
}
