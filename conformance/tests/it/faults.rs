//! Every fault of the catalogue: armed once, it changes exactly the one thing that it names.

use crate::facts::{Facts, Upto, facts};
use crate::support::{Rig, admin, newest, rig};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A fault, how far the flow goes with it, and what must differ: beginnings of facts' names, each with a part of the new
/// value; `-` where the fact is gone.
type Row = (&'static str, Upto, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    ("callback-state-wrong", Upto::Person, &[("callback.state", "etats a-wrong")]),
    ("callback-state-last", Upto::Person, &[("callback.state", "a statx")]),
    ("callback-state-cut", Upto::Person, &[("callback.state", "a s")]),
    ("callback-state-missing", Upto::Person, &[("callback.state", "-")]),
    ("callback-state-empty", Upto::Person, &[("callback.state", "")]),
    ("callback-state-another", Upto::Person, &[("callback.state", "")]),
    ("callback-state-twice", Upto::Person, &[("callback.state+more", "a state-second")]),
    ("callback-code-missing", Upto::Callback, &[("callback.code", "-")]),
    ("callback-code-empty", Upto::Callback, &[("callback.code", "")]),
    ("callback-code-twice", Upto::Person, &[("callback.code+more", "<code>")]),
    ("callback-code-odd", Upto::Person, &[("callback.code", "<code>+/=%2B")]),
    ("callback-extra", Upto::Person, &[("callback.session_hint", "x&y=z"), ("callback.iss", "https://nobody.invalid")]),
    (
        "callback-error-access-denied",
        Upto::Callback,
        &[
            ("callback.code", "-"),
            ("callback.error", "access_denied"),
            ("callback.error-description", "Resource Owner did not authorize the request"),
        ],
    ),
    (
        "callback-error-invalid-scope",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "invalid_scope"), ("callback.error-description", "scope")],
    ),
    (
        "callback-error-500",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "500"), ("callback.error-description", "unexpected")],
    ),
    (
        "callback-error-503",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "503"), ("callback.error-description", "maintenance")],
    ),
    (
        "callback-error-script",
        Upto::Callback,
        &[("callback.code", "-"), ("callback.error", "access_denied"), ("callback.error-description", "<script>")],
    ),
    ("callback-error-and-code", Upto::Person, &[("callback.error", "access_denied")]),
    ("token-400", Upto::Token, TOKEN_400),
    ("token-401-timestamp", Upto::Token, &[("token.status", "401"), ("token.body", "Invalid timestamp"), GONE]),
    ("token-401-nonce", Upto::Token, &[("token.status", "401"), ("token.body", "Invalid nonce"), GONE]),
    ("token-403", Upto::Token, &[("token.status", "403"), ("token.body", "Forbidden"), GONE]),
    ("token-404", Upto::Token, &[("token.status", "404"), ("token.body", "Not found"), GONE]),
    ("token-500", Upto::Token, &[("token.status", "500"), ("token.body", "Unknown error"), GONE]),
    ("token-503", Upto::Token, &[("token.status", "503"), ("token.body", "Under maintenance"), GONE]),
    (
        "token-redirect",
        Upto::Token,
        &[
            ("token.status", "302"),
            ("token.location", "/_elsewhere/com/v3/token"),
            ("token.content-type", "-"),
            ("token.body", ""),
            GONE,
        ],
    ),
    ("token-html", Upto::Token, &[("token.content-type", "text/html"), ("token.body", "Sorry"), GONE]),
    ("token-empty", Upto::Token, &[("token.body", ""), GONE]),
    ("token-not-json", Upto::Token, &[("token.body", "{\"access_token\":"), GONE]),
    ("token-no-access-token", Upto::Token, &[("token.body.access_token", "-"), GONE]),
    ("token-access-token-null", Upto::Token, &[("token.body.access_token", "null"), GONE]),
    ("token-type-lower-case", Upto::Person, &[("token.body.token_type", "\"bearer\"")]),
    ("token-type-other", Upto::Person, &[("token.body.token_type", "\"mac\"")]),
    ("token-extra-members", Upto::Person, &[("token.body.session_hint", "null")]),
    ("token-cut", Upto::Token, &[("token.delivery", "cut"), ("token.body", ""), GONE]),
    ("token-stalled", Upto::Token, &[("token.delivery", "stalled"), ("token.body", ""), GONE]),
    ("access-token-signature", Upto::Token, &[("access-token.signature", "RS256 by the service, one bit changed")]),
    ("access-token-key", Upto::Token, &[("access-token.signature", "RS256 by a stranger")]),
    ("access-token-none", Upto::Token, &[("access-token.header.alg", "\"none\""), ("access-token.signature", "none")]),
    ("access-token-hs256", Upto::Token, HS256),
    (
        "access-token-rs512",
        Upto::Token,
        &[("access-token.header.alg", "RS512"), ("access-token.signature", "RS512 by the service")],
    ),
    (
        "access-token-ps256",
        Upto::Token,
        &[("access-token.header.alg", "PS256"), ("access-token.signature", "PS256 by the service")],
    ),
    ("access-token-jwk", Upto::Token, &[("access-token.header.jwk", "\"kty\":\"RSA\""), STRANGER]),
    ("access-token-jku", Upto::Token, &[("access-token.header.jku", "https://nobody.invalid/jwks.json"), STRANGER]),
    ("access-token-x5c", Upto::Token, &[("access-token.header.x5c", "[\"MII"), STRANGER]),
    ("access-token-kid-unknown", Upto::Person, &[("access-token.header.kid", "../../unknown")]),
    ("access-token-expired", Upto::Token, TIMES),
    ("access-token-expired-30-seconds", Upto::Token, TIMES),
    ("access-token-future", Upto::Token, TIMES),
    ("access-token-no-exp", Upto::Token, &[("access-token.claims.exp", "-")]),
    ("access-token-no-sub", Upto::Token, &[("access-token.claims.sub", "-")]),
    ("access-token-sub-empty", Upto::Token, &[("access-token.claims.sub", "\"\"")]),
    ("access-token-sub-number", Upto::Token, &[("access-token.claims.sub", "60050480")]),
    ("access-token-sub-path", Upto::Token, &[("access-token.claims.sub", "\"../token?x=\"")]),
    ("access-token-sub-slashes", Upto::Token, &[("access-token.claims.sub", "\"a/../../%2e%2e/b#c\"")]),
    ("access-token-issuer", Upto::Person, &[("access-token.claims.iss", "nobody.invalid")]),
    ("access-token-audience", Upto::Token, &[("access-token.claims.aud", "-ANOTHER")]),
    ("access-token-scope", Upto::Token, &[("access-token.claims.scope", "[\"name\"]")]),
    ("access-token-not-json", Upto::Token, &[("access-token.claims", "this is no JSON")]),
    ("person-401-nonce", Upto::Person, &[("person.status", "401"), ("person.body", "Invalid nonce"), REST, JSON]),
    (
        "person-401-token",
        Upto::Person,
        &[("person.status", "401"), ("person.body", "Invalid access token"), REST, JSON],
    ),
    ("person-403", Upto::Person, &[("person.status", "403"), ("person.body", "not consented"), REST, JSON]),
    ("person-404", Upto::Person, &[("person.status", "404"), ("person.body", "UIN/FIN is invalid"), REST, JSON]),
    ("person-428", Upto::Person, &[("person.status", "428"), ("person.body", "not an existing"), REST, JSON]),
    (
        "person-429",
        Upto::Person,
        &[("person.status", "429"), ("person.retry-after", "1"), ("person.body", "Too many"), REST, JSON],
    ),
    ("person-500", Upto::Person, &[("person.status", "500"), ("person.body", "Unknown error"), REST, JSON]),
    ("person-502", Upto::Person, &[("person.status", "502"), ("person.body", "Bad gateway"), REST, JSON]),
    ("person-503", Upto::Person, &[("person.status", "503"), ("person.body", "Under maintenance"), REST, JSON]),
    (
        "person-redirect",
        Upto::Person,
        &[
            ("person.status", "302"),
            ("person.location", "/_elsewhere/com/v3/person"),
            ("person.content-type", "-"),
            ("person.body", ""),
            REST,
        ],
    ),
    ("person-html", Upto::Person, &[("person.content-type", "text/html"), ("person.body", "Sorry"), REST]),
    ("person-empty", Upto::Person, &[("person.body", ""), REST]),
    ("person-gzip", Upto::Person, &[("person.content-encoding", "gzip")]),
    (
        "person-gzip-bomb",
        Upto::Person,
        &[("person.content-encoding", "gzip"), ("person.body", "104857600 bytes"), ("person.behind", "-"), REST],
    ),
    ("person-line-end", Upto::Person, &[("person.behind-the-body", "\\n")]),
    ("person-cut", Upto::Person, &[("person.delivery", "cut"), ("person.body", ""), REST]),
    ("person-stalled", Upto::Person, &[("person.delivery", "stalled"), ("person.body", ""), REST]),
    ("jwe-tag", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the tag changed")]),
    ("jwe-iv", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the iv changed")]),
    ("jwe-ciphertext", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the ciphertext changed")]),
    ("jwe-key", Upto::Person, &[("person-jwe.opens", "by the client, one bit of the key changed")]),
    (
        "jwe-ciphertext-short",
        Upto::Person,
        &[("person-jwe.opens", "by the client, the last byte of the ciphertext missing")],
    ),
    (
        "jwe-iv-short",
        Upto::Person,
        &[("person-jwe.opens", "by the client, the last byte of the iv missing"), ("person-jwe.iv.bytes", "11")],
    ),
    ("jwe-tag-short", Upto::Person, &[("person-jwe.tag.bytes", "12")]),
    (
        "jwe-4-segments",
        Upto::Person,
        &[("person-jwe.segments", "4"), ("person-jwe.tag", "-"), ("person-jwe.opens", "by nobody"), INSIDE],
    ),
    ("jwe-6-segments", Upto::Person, &[("person-jwe.segments", "6"), ("person-jwe.opens", "by nobody"), INSIDE]),
    ("jwe-recipient", Upto::Person, &[("person-jwe.opens", "by a stranger")]),
    ("jwe-alg-rsa1-5", Upto::Person, &[("person-jwe.header.alg", "RSA1_5")]),
    ("jwe-alg-oaep-256", Upto::Person, &[("person-jwe.header.alg", "RSA-OAEP-256")]),
    (
        "jwe-alg-dir",
        Upto::Person,
        &[
            ("person-jwe.header.alg", "\"dir\""),
            ("person-jwe.key.bytes", "0"),
            ("person-jwe.opens", "with a public value"),
        ],
    ),
    (
        "jwe-alg-a128kw",
        Upto::Person,
        &[
            ("person-jwe.header.alg", "A128KW"),
            ("person-jwe.key.bytes", "40"),
            ("person-jwe.opens", "with a public value"),
        ],
    ),
    ("jwe-enc-cbc", Upto::Person, &[("person-jwe.header.enc", "A128CBC-HS256"), ("person-jwe.iv.bytes", "16")]),
    ("jwe-zip-bomb", Upto::Person, &[("person-jwe.header.zip", "DEF"), ("plaintext.blanks-before", "67108864")]),
    ("jwe-kid-unknown", Upto::Person, &[("person-jwe.header.kid", "unknown")]),
    (
        "jwe-header-changed",
        Upto::Person,
        &[("person-jwe.header.x", "1"), ("person-jwe.opens", "by the client, another header")],
    ),
    ("jwe-plaintext-unquoted", Upto::Person, &[("plaintext.form", "a bare JWS")]),
    ("jwe-plaintext-json", Upto::Person, &[("plaintext.form", "JSON"), ("person-jws", "-")]),
    ("jwe-bare-jws", Upto::Person, &[("person.body", "a JWS"), ("person-jwe", "-"), ("plaintext", "-")]),
    (
        "jwe-bare-json",
        Upto::Person,
        &[
            ("person.body", "{\"uinfin\""),
            ("person.content-type", "application/json"),
            ("person-jwe", "-"),
            ("plaintext", "-"),
            ("person-jws", "-"),
        ],
    ),
    ("jws-signature", Upto::Person, &[("person-jws.signature", "RS256 by the service, one bit changed")]),
    ("jws-none", Upto::Person, &[("person-jws.header.alg", "\"none\""), ("person-jws.signature", "none")]),
    ("jws-key", Upto::Person, &[("person-jws.signature", "RS256 by a stranger")]),
    (
        "jws-hs256",
        Upto::Person,
        &[("person-jws.header.alg", "HS256"), ("person-jws.signature", "HS256 by the certificate")],
    ),
    (
        "jws-rs512",
        Upto::Person,
        &[("person-jws.header.alg", "RS512"), ("person-jws.signature", "RS512 by the service")],
    ),
    ("jws-payload-array", Upto::Person, &[("person-jws.payload", "array")]),
    ("jws-payload-string", Upto::Person, &[("person-jws.payload", "string")]),
    ("jws-payload-not-json", Upto::Person, &[("person-jws.payload", "no JSON"), ("data", "")]),
    (
        "data-somebody-else",
        Upto::Person,
        &[("data.uinfin", ""), ("data.name", ""), ("data.sex", ""), ("data.dob", ""), ("data.householdincome", "")],
    ),
    ("data-extra-item", Upto::Person, &[("data.favouritecolour", "RED")]),
    ("data-missing-item", Upto::Person, &[("data.uinfin", "-")]),
    ("data-unavailable", Upto::Person, &[("data.uinfin", "\"unavailable\":true")]),
    (
        "data-no-metadata",
        Upto::Person,
        &[
            ("data.uinfin", "{\"value\":\"S6005048A\"}"),
            ("data.name", "{\"value\""),
            ("data.sex", "{"),
            ("data.dob", "{\"value\""),
            ("data.householdincome", "{"),
        ],
    ),
    (
        "data-source-user",
        Upto::Person,
        &[
            ("data.uinfin", "\"source\":\"2\""),
            ("data.name", "\"source\":\"2\""),
            ("data.sex", "\"source\":\"2\""),
            ("data.dob", "\"source\":\"2\""),
            ("data.householdincome", "\"source\":\"2\""),
        ],
    ),
    ("data-unknown-codes", Upto::Person, &[("data.sex", "ZZ9")]),
    ("data-nasty-text", Upto::Person, &[("data.name", "中文")]),
    ("data-precise-numbers", Upto::Person, &[("data.householdincome", "9007199254740993")]),
];

/// The token and all that is inside is missing.
const GONE: (&str, &str) = ("access-token", "-");
/// The document and all that is inside is missing.
const REST: (&str, &str) = ("person-jwe", "-");
/// What is inside the encrypted document is missing.
const INSIDE: (&str, &str) = ("plaintext", "-");
const JSON: (&str, &str) = ("person.content-type", "application/json");
const STRANGER: (&str, &str) = ("access-token.signature", "RS256 by a stranger");
const TOKEN_400: &[(&str, &str)] = &[("token.status", "400"), ("token.body", "Invalid authorization code"), GONE];
const HS256: &[(&str, &str)] =
    &[("access-token.header.alg", "HS256"), ("access-token.signature", "HS256 by the certificate")];
const TIMES: &[(&str, &str)] =
    &[("access-token.claims.iat", ""), ("access-token.claims.nbf", ""), ("access-token.claims.exp", "")];

/// Layers that are inside another one: when the outer one is missing, so are they.
const INNER: &[(&str, &[&str])] =
    &[("person-jwe", &["plaintext", "person-jws", "data"]), ("plaintext", &["person-jws", "data"])];

async fn arm(rig: &Rig, id: &str) {
    let url = format!("{}/_mock/faults", rig.mock.base_url());
    let answer = rig.client.http.post(url).json(&json!({"id": id, "times": 1})).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{id}: {}", answer.text().await.unwrap());
}

fn begins(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || !rest.starts_with(char::is_alphanumeric))
}

/// The facts of one flow that the other has not, or has otherwise.
fn differences<'a>(usual: &'a Facts, faulty: &'a Facts, upto: Upto) -> BTreeSet<&'a str> {
    let reached = |name: &str| match upto {
        Upto::Callback => begins(name, "callback"),
        Upto::Token => ["callback", "token", "access-token"].iter().any(|layer| begins(name, layer)),
        Upto::Person => true,
    };
    let names: BTreeSet<&str> = usual.keys().chain(faulty.keys()).map(String::as_str).collect();
    names.into_iter().filter(|name| reached(name) && usual.get(*name) != faulty.get(*name)).collect()
}

/// What is wrong with what a fault changed: nothing, if exactly the expected.
fn judged(usual: &Facts, faulty: &Facts, (_, upto, expected): &Row) -> String {
    let mut wrong = String::new();
    let different = differences(usual, faulty, *upto);
    let missing = |layer: &str| expected.iter().any(|(prefix, part)| *prefix == layer && *part == "-");
    let inner = |name: &str| {
        INNER.iter().any(|(outer, layers)| missing(outer) && layers.iter().any(|layer| begins(name, layer)))
            && !faulty.contains_key(name)
    };
    for name in &different {
        if !expected.iter().any(|(prefix, _)| begins(name, prefix)) && !inner(name) {
            let _ = writeln!(wrong, "  {name} changed to {:?}", faulty.get(*name));
        }
    }
    for (prefix, part) in *expected {
        let changed: Vec<&&str> = different.iter().filter(|name| begins(name, prefix)).collect();
        let fits = |name: &&&str| match faulty.get(**name) {
            None => *part == "-",
            Some(value) => value.contains(part),
        };
        if !changed.iter().any(fits) {
            let _ = writeln!(wrong, "  {prefix} is not {part:?}, but {:?}", faulty.get(*prefix));
        }
    }
    wrong
}

#[tokio::test]
async fn every_fault_changes_exactly_one_thing() {
    let rig = rig("com").await;
    let usual = facts(&rig, Upto::Person).await;
    assert_eq!(facts(&rig, Upto::Person).await, usual, "two usual flows differ");
    let mut wrong = String::new();
    let mut seen = newest(&rig).await["number"].as_u64().unwrap();
    for row in ROWS {
        arm(&rig, row.0).await;
        let faulty = facts(&rig, row.1).await;
        let judgement = judged(&usual, &faulty, row);
        if !judgement.is_empty() {
            let _ = writeln!(wrong, "{}:\n{judgement}", row.0);
        }
        assert_eq!(struck_after(&rig, &mut seen).await, json!([row.0]), "the journal does not tell of {}", row.0);
        assert_eq!(admin(&rig, "faults").await["armed"], json!([]), "{} is still armed", row.0);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(facts(&rig, Upto::Person).await, usual, "a fault stayed");
}

/// The faults of the exchanges behind the one with this number.
async fn struck_after(rig: &Rig, seen: &mut u64) -> Value {
    let journal = admin(rig, &format!("exchanges?after={seen}")).await;
    let exchanges = journal["exchanges"].as_array().unwrap();
    *seen += u64::try_from(exchanges.len()).unwrap();
    exchanges.iter().flat_map(|exchange| exchange["faults"].as_array().unwrap()).cloned().collect()
}

#[tokio::test]
async fn no_fault_is_without_its_test() {
    let rig = rig("com").await;
    let catalogue = admin(&rig, "faults").await;
    let known: BTreeSet<&str> = catalogue["catalogue"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|fault| fault["stage"] != "acceptance")
        .map(|fault| fault["id"].as_str().unwrap())
        .collect();
    let tested: BTreeSet<&str> = ROWS.iter().map(|(id, ..)| *id).collect();
    assert_eq!(tested, known);
}

#[tokio::test]
async fn a_refusal_before_the_work_leaves_the_code_unused_and_one_after_it_does_not() {
    let rig = rig("com").await;
    for (id, first, second) in [("token-503", 503, 200), ("token-html", 200, 400)] {
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        arm(&rig, id).await;
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), first, "{id}");
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), second, "{id}");
    }
    assert_eq!(newest(&rig).await["refused"]["rule"], "v3.token.code-once");
}

#[tokio::test]
async fn a_fault_for_one_client_spares_the_others_and_one_for_ever_stays() {
    let rig = rig("com").await;
    let url = format!("{}/_mock/faults", rig.mock.base_url());
    let other = json!({"id": "token-503", "client": "STG2-MYINFO-SELF-TEST"});
    assert_eq!(rig.client.http.post(&url).json(&other).send().await.unwrap().status(), 200);
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200);
    let own = json!({"id": "token-503", "client": "TESTBED-CLIENT"});
    assert_eq!(rig.client.http.post(&url).json(&own).send().await.unwrap().status(), 200);
    for _ in 0..3 {
        assert_eq!(rig.client.send(&rig.client.token_draft("x")).await.unwrap().status(), 400);
        let code = rig.client.code("name", "S6005048A").await.unwrap();
        assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 503);
    }
    assert_eq!(rig.client.http.delete(format!("{url}/token-503")).send().await.unwrap().status(), 200);
    assert_eq!(rig.client.http.delete(format!("{url}/token-503")).send().await.unwrap().status(), 404);
    let code = rig.client.code("name", "S6005048A").await.unwrap();
    assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200);
}
