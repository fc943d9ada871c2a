//! A flow taken apart into single facts, so that two flows can be compared and what differs can be named.

use crate::support::Rig;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use flate2::read::GzDecoder;
use josekit::jwe::{self, A128KW, Dir, JweDecrypter, RSA_OAEP, RSA_OAEP_256};
use josekit::jws::{HS256, JwsVerifier, PS256, RS256, RS512};
use myinfo_conformance::server::client::v3::Token;
use myinfo_fixtures::keys;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sha::sha256;
use reqwest::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;
use std::time::Duration;

/// What is asked for in every flow.
pub(crate) const ATTRIBUTES: &str = "uinfin,name,sex,dob,householdincome";
const PERSONA: &str = "S6005048A";

/// One flow: every fact by its name, which begins with its step and layer.
pub(crate) type Facts = BTreeMap<String, String>;

/// Where a flow ends: before the next step, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upto {
    Callback,
    Token,
    Person,
}

/// Runs a flow and takes down its facts. A token is passed on whatever is wrong with it.
pub(crate) async fn facts(rig: &Rig, upto: Upto) -> Facts {
    let mut facts = Facts::new();
    let url = rig.client.authorise_url(ATTRIBUTES, "a state").unwrap();
    let callback = rig.client.callback(url, PERSONA).await.unwrap();
    let code = callback_facts(&callback, &mut facts);
    let (Some(code), true) = (code, upto != Upto::Callback) else { return facts };
    let answer = rig.client.send(&rig.client.token_draft(&code)).await.unwrap();
    let body = answer_facts("token", answer, &mut facts).await;
    let token = token_facts(&body, &mut facts);
    let (Some(token), true) = (token, upto == Upto::Person) else { return facts };
    let answer = rig.client.send(&rig.client.person_draft(&token, ATTRIBUTES)).await.unwrap();
    let body = answer_facts("person", answer, &mut facts).await;
    document_facts(&body, &mut facts);
    facts
}

fn callback_facts(callback: &url::Url, facts: &mut Facts) -> Option<String> {
    let mut code = None;
    for (name, value) in callback.query_pairs() {
        if name == "code" && code.is_none() && !value.is_empty() {
            code = Some(value.to_string());
        }
        let issued = value.len() >= 40 && value[..40].bytes().all(|byte| byte.is_ascii_alphanumeric());
        let value = if issued { format!("<code>{}", &value[40..]) } else { value.into_owned() };
        let mut key = format!("callback.{name}");
        while facts.contains_key(&key) {
            key.push_str("+more");
        }
        facts.insert(key, value);
    }
    code
}

/// Status, headers and body of an answer; the body as it is to be read.
async fn answer_facts(step: &str, answer: Response, facts: &mut Facts) -> Vec<u8> {
    facts.insert(format!("{step}.status"), answer.status().as_u16().to_string());
    for name in ["content-type", "content-encoding", "location", "retry-after", "cache-control"] {
        if let Some(value) = answer.headers().get(name) {
            facts.insert(format!("{step}.{name}"), value.to_str().unwrap().to_owned());
        }
    }
    let packed = answer.headers().get("content-encoding").is_some();
    let (delivery, bytes) = read(answer).await;
    facts.insert(format!("{step}.delivery"), delivery.to_owned());
    if delivery != "whole" {
        return Vec::new();
    }
    if !packed {
        return bytes;
    }
    let mut plain = Vec::new();
    GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
    plain
}

/// An answer's body, and how it came. A server that stalls is left after a moment.
async fn read(mut answer: Response) -> (&'static str, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_millis(500), answer.chunk()).await {
            Err(_) => return ("stalled", bytes),
            Ok(Err(_)) => return ("cut", bytes),
            Ok(Ok(None)) => return ("whole", bytes),
            Ok(Ok(Some(chunk))) => bytes.extend_from_slice(&chunk),
        }
    }
}

fn token_facts(body: &[u8], facts: &mut Facts) -> Option<Token> {
    let text = String::from_utf8_lossy(body).into_owned();
    let Ok(Value::Object(members)) = serde_json::from_str(&text) else {
        facts.insert("token.body".to_owned(), text);
        return None;
    };
    for (name, value) in &members {
        let is_token = name == "access_token" && value.is_string();
        let is_random = is_token || (name == "refresh_token" && value.as_str().is_some_and(|text| text.len() == 40));
        let value = if is_random { "<token>".to_owned() } else { value.to_string() };
        facts.insert(format!("token.body.{name}"), value);
    }
    let token = members.get("access_token")?.as_str()?.to_owned();
    let subject = jws_facts("access-token", &token, facts).unwrap_or_default();
    Some(Token { token, answer: Value::Null, header: String::new(), payload: String::new(), subject })
}

/// Header, signer and claims of a compact JWS; its subject.
fn jws_facts(layer: &str, token: &str, facts: &mut Facts) -> Option<String> {
    let parts: Vec<Vec<u8>> = token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    facts.insert(format!("{layer}.parts"), parts.len().to_string());
    member_facts(&format!("{layer}.header"), &parts[0], facts);
    let (signed, _) = token.rsplit_once('.').unwrap();
    facts.insert(format!("{layer}.signature"), signer(signed.as_bytes(), &parts[2]));
    let payload = if layer == "person-jws" { document_payload(&parts[1], facts) } else { parts[1].clone() };
    let prefix = if layer == "person-jws" { "data" } else { "access-token.claims" };
    member_facts(prefix, &payload, facts);
    let claims: Value = serde_json::from_slice(&parts[1]).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}

fn member_facts(prefix: &str, json: &[u8], facts: &mut Facts) {
    let Ok(Value::Object(members)) = serde_json::from_slice(json) else {
        facts.insert(prefix.to_owned(), String::from_utf8_lossy(json).into_owned());
        return;
    };
    for (name, value) in members {
        let value = if name == "jti" { "<jti>".to_owned() } else { value.to_string() };
        facts.insert(format!("{prefix}.{name}"), value);
    }
}

/// The ways to sign that are known; each by josekit, which takes longer for reading a key than for using it.
static SIGNERS: LazyLock<[(&str, Box<dyn JwsVerifier>); 5]> = LazyLock::new(|| {
    let service = Rsa::public_key_from_pem(keys::MYINFO_PUBLIC_KEY_PEM.as_bytes()).unwrap();
    let pkcs1 = service.public_key_to_pem_pkcs1().unwrap();
    [
        ("RS256 by the service", Box::new(RS256.verifier_from_pem(keys::MYINFO_PUBLIC_KEY_PEM).unwrap())),
        ("RS512 by the service", Box::new(RS512.verifier_from_pem(keys::MYINFO_PUBLIC_KEY_PEM).unwrap())),
        ("PS256 by the service", Box::new(PS256.verifier_from_pem(pkcs1).unwrap())),
        ("RS256 by a stranger", Box::new(RS256.verifier_from_pem(keys::STRANGER_PUBLIC_KEY_PEM).unwrap())),
        ("HS256 by the certificate", Box::new(HS256.verifier_from_bytes(keys::MYINFO_CERT_PEM).unwrap())),
    ]
});

/// Who signed, and how.
fn signer(signed: &[u8], signature: &[u8]) -> String {
    if signature.is_empty() {
        return "none".to_owned();
    }
    let fits = |bytes: &[u8]| SIGNERS.iter().find(|(_, way)| way.verify(signed, bytes).is_ok()).map(|(name, _)| *name);
    if let Some(name) = fits(signature) {
        return name.to_owned();
    }
    let mut mended = signature.to_vec();
    mended[0] ^= 1;
    fits(&mended).map_or_else(|| "unknown".to_owned(), |name| format!("{name}, one bit changed"))
}

/// The object inside the payload, whatever it is wrapped in.
fn document_payload(payload: &[u8], facts: &mut Facts) -> Vec<u8> {
    let (kind, object) = match serde_json::from_slice(payload) {
        Ok(Value::Array(mut items)) => ("array", items.remove(0).to_string().into_bytes()),
        Ok(Value::String(text)) => ("string", text.into_bytes()),
        Ok(Value::Object(_)) => ("object", payload.to_vec()),
        _ => ("no JSON", payload.to_vec()),
    };
    facts.insert("person-jws.payload".to_owned(), kind.to_owned());
    object
}

fn document_facts(body: &[u8], facts: &mut Facts) {
    if body.len() > 1_000_000 {
        facts.insert("person.body".to_owned(), format!("{} bytes", body.len()));
        return;
    }
    let text = String::from_utf8_lossy(body).into_owned();
    let bare = text.trim_end();
    facts.insert("person.behind-the-body".to_owned(), text[bare.len()..].escape_debug().to_string());
    let parts: Vec<&str> = bare.split('.').collect();
    let form = match parts.len() {
        _ if bare.starts_with('{') || !bare.starts_with("eyJ") => bare.chars().take(60).collect(),
        3 => "a JWS".to_owned(),
        _ => "a JWE".to_owned(),
    };
    facts.insert("person.body".to_owned(), form.clone());
    match form.as_str() {
        "a JWE" => jwe_facts(&parts, facts),
        "a JWS" => drop(jws_facts("person-jws", bare, facts)),
        _ if form.starts_with("{\"uinfin") => member_facts("data", bare.as_bytes(), facts),
        _ => {}
    }
}

fn jwe_facts(parts: &[&str], facts: &mut Facts) {
    let segments: Vec<Vec<u8>> = parts.iter().map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).collect();
    member_facts("person-jwe.header", &segments[0], facts);
    facts.insert("person-jwe.segments".to_owned(), segments.len().to_string());
    for (name, place) in [("key", 1), ("iv", 2), ("tag", 4)] {
        if let Some(segment) = segments.get(place) {
            facts.insert(format!("person-jwe.{name}.bytes"), segment.len().to_string());
        }
    }
    let (how, plaintext) = opened(&segments);
    facts.insert("person-jwe.opens".to_owned(), how);
    let Some(plaintext) = plaintext else { return };
    let text = String::from_utf8(plaintext).unwrap();
    let (blanks, bare) = text.split_at(blanks_before(&text));
    facts.insert("plaintext.blanks-before".to_owned(), blanks.len().to_string());
    let (form, inner) = match serde_json::from_str(bare) {
        Ok(Value::String(inner)) => ("a quoted JWS", inner),
        Ok(_) => ("JSON", bare.to_owned()),
        Err(_) => ("a bare JWS", bare.to_owned()),
    };
    facts.insert("plaintext.form".to_owned(), form.to_owned());
    if form == "JSON" {
        member_facts("data", inner.as_bytes(), facts);
    } else {
        jws_facts("person-jws", &inner, facts);
    }
}

/// How many bytes of white space a text begins with: in whole blocks first, for a bomb has millions of them.
fn blanks_before(text: &str) -> usize {
    const BLOCK: [u8; 4096] = [b' '; 4096];
    let blocks = text.as_bytes().chunks_exact(BLOCK.len()).take_while(|block| *block == BLOCK).count();
    let rest = &text[blocks * BLOCK.len()..];
    text.len() - rest.trim_start().len()
}

/// What opens a JWE: a key, or a key after one thing was mended. By josekit.
fn opened(segments: &[Vec<u8>]) -> (String, Option<Vec<u8>>) {
    if let Some((key, plaintext)) = open(segments) {
        return (key, Some(plaintext));
    }
    for (place, name) in [(1, "key"), (2, "iv"), (3, "ciphertext"), (4, "tag")] {
        let mut mended = segments.to_vec();
        if let Some(byte) = mended.get_mut(place).and_then(|segment| segment.first_mut()) {
            *byte ^= 1;
        }
        if let Some((key, plaintext)) = open(&mended) {
            return (format!("{key}, one bit of the {name} changed"), Some(plaintext));
        }
    }
    if segments.len() != 5 {
        return ("by nobody".to_owned(), None);
    }
    for (place, name) in [(2, "iv"), (3, "ciphertext")] {
        for last in 0..=255 {
            let mut mended = segments.to_vec();
            mended[place].push(last);
            if let Some((key, plaintext)) = open(&mended) {
                return (format!("{key}, the last byte of the {name} missing"), Some(plaintext));
            }
        }
    }
    let original = Value::Object(
        serde_json::from_slice::<serde_json::Map<String, Value>>(&segments[0])
            .unwrap()
            .into_iter()
            .filter(|(name, _)| name != "x")
            .collect(),
    );
    let mut mended = segments.to_vec();
    mended[0] = original.to_string().into_bytes();
    match open(&mended) {
        Some((key, plaintext)) => (format!("{key}, another header"), Some(plaintext)),
        None => ("by nobody".to_owned(), None),
    }
}

/// What can open a JWE, by its `alg`, with a name for who opens it.
type Openers = Vec<(&'static str, Box<dyn JweDecrypter>)>;

static BY_DIR: LazyLock<Openers> =
    LazyLock::new(|| vec![("with a public value", Box::new(Dir.decrypter_from_bytes(public_value()).unwrap()))]);
static BY_WRAPPING: LazyLock<Openers> = LazyLock::new(|| {
    vec![("with a public value", Box::new(A128KW.decrypter_from_bytes(&public_value()[..16]).unwrap()))]
});
#[expect(deprecated, reason = "the fault is that it is used")]
static BY_RSA1_5: LazyLock<Openers> =
    LazyLock::new(|| by_key(|pem| Box::new(jwe::RSA1_5.decrypter_from_pem(pem).unwrap())));
static BY_OAEP_256: LazyLock<Openers> =
    LazyLock::new(|| by_key(|pem| Box::new(RSA_OAEP_256.decrypter_from_pem(pem).unwrap())));
static BY_OAEP: LazyLock<Openers> = LazyLock::new(|| by_key(|pem| Box::new(RSA_OAEP.decrypter_from_pem(pem).unwrap())));

fn by_key(open: impl Fn(&str) -> Box<dyn JweDecrypter>) -> Openers {
    vec![("by the client", open(keys::CLIENT_KEY_PEM)), ("by a stranger", open(keys::STRANGER_KEY_PEM))]
}

/// What anybody can compute of the client's key.
fn public_value() -> [u8; 32] {
    let public = PKey::public_key_from_pem(keys::CLIENT_PUBLIC_KEY_PEM.as_bytes()).unwrap();
    sha256(&public.public_key_to_der().unwrap())
}

fn open(segments: &[Vec<u8>]) -> Option<(String, Vec<u8>)> {
    let compact = segments.iter().map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).collect::<Vec<_>>().join(".");
    let header: Value = serde_json::from_slice(&segments[0]).ok()?;
    let openers = match header["alg"].as_str() {
        Some("dir") => &BY_DIR,
        Some("A128KW") => &BY_WRAPPING,
        Some("RSA1_5") => &BY_RSA1_5,
        Some("RSA-OAEP-256") => &BY_OAEP_256,
        _ => &BY_OAEP,
    };
    openers.iter().find_map(|(name, way)| {
        let (plaintext, _) = jwe::deserialize_compact(&compact, &**way).ok()?;
        Some(((*name).to_owned(), plaintext))
    })
}
