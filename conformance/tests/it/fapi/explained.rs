//! What is said beyond the broken rule: which key made a signature and over what, where an address belongs, whose key or
//! verifier it is, and which version a parameter is of.

use super::hostile::Hostile;
use super::party::{Draft, MYINFO, Party, REDIRECT, Unsigned, VERIFIER, key, with};
use super::rules::sent;
use base64::Engine;
use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
use myinfo_fixtures::vectors::SINGPASS_JSON;
use myinfo_oracle::ec::EcPrivateKey;
use myinfo_oracle::{dpop, jwk, pkce};
use serde_json::Value;

/// The broken rule, a part of its cause, and the request.
type Row = (&'static str, &'static str, Hostile);

const fn assertion(says: &'static str, change: fn(&mut Draft)) -> Row {
    ("fapi.assertion.signature", says, Hostile::Par(change))
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Header and payload, each written in some way, with a dot between.
fn joined(made: &Unsigned, write: fn(&str) -> String) -> String {
    format!("{}.{}", write(&made.header.to_string()), write(&made.claims.to_string()))
}

/// The right signature's bytes.
fn raw(made: &Unsigned) -> Vec<u8> {
    key(made.kid).sign(joined(made, |part| encoded(part)).as_bytes())
}

/// An INTEGER of DER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut number = bytes[zeros..].to_vec();
    if number[0] >= 0x80 {
        number.insert(0, 0);
    }
    [vec![0x02, u8::try_from(number.len()).unwrap()], number].concat()
}

/// A signature as most libraries write it: RFC 3279 §2.2.3.
fn der(made: &Unsigned) -> String {
    let raw = raw(made);
    let numbers = [integer(&raw[..32]), integer(&raw[32..])].concat();
    encoded([vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat())
}

fn padded(made: &Unsigned) -> String {
    encoded(key(made.kid).sign(joined(made, |part| BASE64_URL_SAFE.encode(part)).as_bytes()))
}

fn unencoded(made: &Unsigned) -> String {
    encoded(key(made.kid).sign(joined(made, str::to_owned).as_bytes()))
}

fn hexadecimal(made: &Unsigned) -> String {
    raw(made).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// By the key that Singpass publishes with its demo application.
fn by_the_demo(made: &Unsigned) -> String {
    let vector: Value = serde_json::from_str(SINGPASS_JSON).unwrap();
    let demo: EcPrivateKey = jwk::private(&vector["encryption_key"]).unwrap();
    encoded(demo.sign(joined(made, |part| encoded(part)).as_bytes()))
}

const ROWS: &[Row] = &[
    assertion("it is in DER, as most libraries write ECDSA; JWS wants r and s side by side", |draft| {
        draft.assertion().forged = Some(der);
    }),
    assertion("; the client's signing key `client-sig-p256` made it", |draft| draft.assertion().forged = Some(der)),
    assertion("the client's signing key `client-sig-p256` made it over the text with `=`", |draft| {
        // so that one of both parts has a `=`
        with(&mut draft.assertion().claims, "more", "x");
        if draft.assertion().claims.to_string().len().is_multiple_of(3) {
            with(&mut draft.assertion().claims, "more", "xx");
        }
        draft.assertion().forged = Some(padded);
    }),
    assertion("over the JSON of header and payload, before base64url", |draft| {
        draft.assertion().forged = Some(unencoded);
    }),
    assertion("it is in hexadecimal; its bytes in base64url are expected", |draft| {
        draft.assertion().forged = Some(hexadecimal);
    }),
    assertion("it is as long as an HMAC", |draft| draft.assertion().forged = Some(|_| encoded([7; 32]))),
    assertion("it is as long as one by an RSA key", |draft| draft.assertion().forged = Some(|_| encoded([7; 256]))),
    assertion("`alg` is `ES384`, and a key on P-256 signs with ES256", |draft| {
        with(&mut draft.assertion().header, "alg", "ES384");
    }),
    assertion("verify: the key of the request's DPoP proof made it", |draft| draft.assertion().kid = "ephemeral-p256"),
    assertion("verify: the key `my-enc-key` of `RsrOy2iB0edR53TJSuD5ULad1pGmrVZL` made it", |draft| {
        draft.assertion().forged = Some(by_the_demo);
    }),
    assertion("verify: the key `client-sig-p384` that the testbed publishes with its private half made it", |draft| {
        draft.assertion().kid = "client-sig-p384";
    }),
    assertion(
        "kid `another` is not in the client's JWK Set; the signing keys there are client-sig-p256; the client's",
        |draft| {
            with(&mut draft.assertion().header, "kid", "another");
        },
    ),
    assertion("it is by no key that is known here; if the text is the right one, the key's thumbprint is ", |draft| {
        draft.assertion().kid = "stranger-sig-p384";
        with(&mut draft.assertion().header, "alg", "ES384");
    }),
    (
        "fapi.assertion.form",
        "that is an HMAC, and FAPI knows no shared secret",
        Hostile::Par(|draft| with(&mut draft.assertion().header, "alg", "HS512")),
    ),
    (
        "fapi.assertion.form",
        "that is of an RSA key, as in v3",
        Hostile::Par(|draft| with(&mut draft.assertion().header, "alg", "RS256")),
    ),
    (
        "fapi.assertion.form",
        "`none`; ES256, ES384 and ES512 are taken: it is not signed",
        Hostile::Par(|draft| with(&mut draft.assertion().header, "alg", "none")),
    ),
    (
        "fapi.assertion.audience",
        "`/fapi` is missing from its path, as in the API before FAPI",
        Hostile::Par(|draft| {
            let root = draft.url.replace("/fapi/par", "");
            with(&mut draft.assertion().claims, "aud", root);
        }),
    ),
    (
        "fapi.assertion.audience",
        "`/token` is too much at its end: it is the address of an endpoint",
        Hostile::Par(|draft| {
            let token = draft.url.replace("/par", "/token");
            with(&mut draft.assertion().claims, "aud", token);
        }),
    ),
    (
        "fapi.assertion.audience",
        "another host, https://stg-id.singpass.gov.sg: is it of another environment?",
        Hostile::Par(|draft| with(&mut draft.assertion().claims, "aud", "https://stg-id.singpass.gov.sg/fapi")),
    ),
    (
        "fapi.assertion.subject",
        "`iss` is `https://app.example` and `sub` is `TESTBEDx",
        Hostile::Par(|draft| with(&mut draft.assertion().claims, "iss", "https://app.example")),
    ),
    (
        "fapi.dpop.signature",
        "in DER, as most libraries write ECDSA; JWS wants r and s side by side (RFC 7518 §3.4); the key in its `jwk` made it",
        Hostile::Par(|draft| draft.proof().forged = Some(der)),
    ),
    (
        "fapi.dpop.signature",
        "the key in its `jwk` made it over the JSON of header and payload",
        Hostile::Par(|draft| draft.proof().forged = Some(unencoded)),
    ),
    (
        "fapi.dpop.address",
        "the difference: the port",
        Hostile::Par(|draft| with(&mut draft.proof().claims, "htu", "http://127.0.0.1:1/fapi/par")),
    ),
    (
        "fapi.dpop.address",
        "the difference: the scheme",
        Hostile::Par(|draft| {
            let secure = draft.url.replace("http:", "https:");
            with(&mut draft.proof().claims, "htu", secure);
        }),
    ),
    (
        "fapi.dpop.address",
        "the difference: the slash at the end",
        Hostile::Par(|draft| {
            let slash = format!("{}/", draft.url);
            with(&mut draft.proof().claims, "htu", slash);
        }),
    ),
    (
        "fapi.dpop.address",
        "the difference: it is the address of another endpoint",
        Hostile::Par(|draft| {
            let token = draft.url.replace("/par", "/token");
            with(&mut draft.proof().claims, "htu", token);
        }),
    ),
    (
        "fapi.dpop.address",
        "the difference: `/fapi` is missing from its path, as in the API before FAPI",
        Hostile::Par(|draft| {
            let legacy = draft.url.replace("/fapi/", "/");
            with(&mut draft.proof().claims, "htu", legacy);
        }),
    ),
    (
        "fapi.dpop.address",
        "another host, https://id.singpass.gov.sg: is it of another environment?",
        Hostile::Par(|draft| with(&mut draft.proof().claims, "htu", "https://id.singpass.gov.sg/fapi/par")),
    ),
    (
        "fapi.dpop.fresh",
        "the proof expired 10 s ago",
        Hostile::Par(|draft| {
            let issued = draft.proof().claims["iat"].as_u64().unwrap();
            with(&mut draft.proof().claims, "iat", issued - 20);
            with(&mut draft.proof().claims, "exp", issued - 10);
        }),
    ),
    (
        "fapi.dpop.token-hash",
        "it is in hexadecimal",
        Hostile::Userinfo(|draft| with(&mut draft.proof().claims, "ath", "ab".repeat(32))),
    ),
    (
        "fapi.dpop.token-hash",
        "it has `=` at its end",
        Hostile::Userinfo(|draft| {
            let padded = format!("{}=", draft.proof().claims["ath"].as_str().unwrap());
            with(&mut draft.proof().claims, "ath", padded);
        }),
    ),
    (
        "fapi.dpop.token-hash",
        "was it another token's?",
        Hostile::Userinfo(|draft| with(&mut draft.proof().claims, "ath", dpop::ath("another"))),
    ),
    (
        "fapi.dpop.token-hash",
        "over `Bearer ` and the token",
        Hostile::Userinfo(|draft| {
            let token = draft.authorization.as_deref().unwrap().replace("DPoP", "Bearer");
            with(&mut draft.proof().claims, "ath", dpop::ath(&token));
        }),
    ),
    (
        "fapi.dpop.key",
        "it is the client's registered key `client-sig-p256`: each login has a key of its own",
        Hostile::Token(|draft| by_another_key(draft, "client-sig-p256")),
    ),
    (
        "fapi.dpop.key",
        "the access token is bound to",
        Hostile::Userinfo(|draft| by_another_key(draft, "stranger-sig-p256")),
    ),
    (
        "fapi.par.code-challenge",
        "has `=` at its end",
        Hostile::Par(|draft| draft.set("code_challenge", &format!("{}=", pkce::challenge(VERIFIER)))),
    ),
    (
        "fapi.par.code-challenge",
        "base64url of the hash's hexadecimal",
        Hostile::Par(|draft| draft.set("code_challenge", &encoded("ab".repeat(32)))),
    ),
    (
        "fapi.token.code-verifier",
        "PAR gets the hash of the verifier, token the verifier",
        Hostile::Token(|draft| draft.set("code_verifier", &pkce::challenge(VERIFIER))),
    ),
    (
        "fapi.par.redirect-uri",
        "the difference: the port",
        Hostile::Par(|draft| draft.set("redirect_uri", &REDIRECT.replace("3001", "3000"))),
    ),
    ("fapi.par.nonce", "`nonce` has 256 characters", Hostile::Par(|draft| draft.set("nonce", &"n".repeat(256)))),
    ("fapi.par.state", "`state` has 0 characters", Hostile::Par(|draft| draft.set("state", ""))),
];

fn by_another_key(draft: &mut Draft, kid: &'static str) {
    with(&mut draft.proof().header, "jwk", jwk::of_public(&key(kid).public()));
    draft.proof().kid = kid;
}

/// The broken rules of the newest exchange, each with its cause.
async fn broken(party: &Party) -> Vec<(String, String)> {
    let rules = party.newest().await["rules"].clone();
    let rules = rules.as_array().unwrap().iter().filter(|rule| rule["verdict"] == "broken");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rules.map(|rule| (text(&rule["id"]), text(&rule["problem"]["cause"]))).collect()
}

#[tokio::test]
async fn what_was_done_instead_is_told() {
    for (rule, says, hostile) in ROWS {
        let (party, ..) = sent(hostile, &[]).await;
        let broken = broken(&party).await;
        let [(id, cause)] = broken.as_slice() else { panic!("{rule}, {says}: {broken:?}") };
        assert_eq!(id, rule, "{says}: {cause}");
        assert!(cause.contains(says), "{rule}: {says}: {cause}");
    }
}

#[tokio::test]
async fn what_belongs_to_another_login_is_told() {
    let party = Party::new(MYINFO).await;
    let code = party.code().await;
    let mut other = party.par();
    by_another_key(&mut other, "stranger-sig-p256");
    let verifier = "another-verifier-0123456789-0123456789-0123";
    other.set("code_challenge", &pkce::challenge(verifier));
    assert_eq!(party.send(&other).await.status, 201);
    party.clock.advance_seconds(7);
    let mut mixed = party.token(&code);
    by_another_key(&mut mixed, "stranger-sig-p256");
    mixed.set("code_verifier", verifier);
    party.send(&mixed).await;
    let causes: Vec<String> = broken(&party).await.into_iter().map(|(_, cause)| cause).collect();
    assert!(
        causes[0].ends_with("the verifier of another login of this client, which was pushed 7 s ago"),
        "{causes:?}"
    );
    let key =
        "the key of another login of this client, which was pushed 7 s ago: is there one key for the whole process?";
    assert!(causes[1].ends_with(key), "{causes:?}");
}

#[tokio::test]
async fn a_challenge_of_the_decoded_verifier_is_told() {
    let party = Party::new(MYINFO).await;
    let mut draft = party.par();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(VERIFIER).unwrap();
    draft.set("code_challenge", &encoded(sha256(&bytes)));
    let pushed = party.send(&draft).await.json();
    let told = party.visit(&party.auth_url(pushed["request_uri"].as_str().unwrap())).await;
    let callback = url::Url::parse(&told.headers["location"]).unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    party.send(&party.token(&code)).await;
    let (rule, cause) = broken(&party).await.remove(0);
    assert_eq!(rule, "fapi.token.code-verifier");
    assert!(cause.contains("the challenge was made from the decoded bytes of `code_verifier`"), "{cause}");
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use rsa::sha2::Digest;
    rsa::sha2::Sha256::digest(bytes).to_vec()
}

#[tokio::test]
async fn the_addresses_of_the_api_before_fapi_are_told() {
    let party = Party::new(MYINFO).await;
    let uri = party.pushed().await;
    for (path, status, says) in [
        (format!("/auth?client_id={MYINFO}&request_uri={uri}"), 400, "a `request_uri` belongs to /fapi/auth"),
        ("/par/".to_owned(), 404, "PAR is /fapi/par"),
    ] {
        let told = party.visit(&format!("{}{path}", party.mock.base_url())).await;
        assert_eq!(told.status, status, "{path}");
        let cause = party.newest().await["refused"]["cause"].to_string();
        assert!(cause.contains(says), "{path}: {cause}");
    }
}

#[tokio::test]
async fn parameters_of_other_versions_are_ignored_and_told() {
    let party = Party::new(MYINFO).await;
    let mut draft = party.par();
    for (name, value) in [("attributes", "name"), ("purpose_id", "p"), ("client_secret", "s"), ("nonse", "n")] {
        draft.set(name, value);
    }
    let pushed = party.send(&draft).await;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let notes = party.newest().await["notes"].to_string();
    for says in [
        "`attributes` is no parameter of this endpoint and is ignored; v3 has `attributes`; FAPI has `scope`",
        "v4 has `purpose_id`",
        "FAPI knows no secret",
        "did you mean `nonce`?",
    ] {
        assert!(notes.contains(says), "{says}: {notes}");
    }
    let mut token = party.token(&party.code().await);
    token.set("state", "state");
    assert_eq!(party.send(&token).await.status, 200);
    let notes = party.newest().await["notes"].to_string();
    assert!(notes.contains("v3 has `state` at token") && !notes.contains("grant_type"), "{notes}");
}
