//! `doctor token` for what FAPI sends: good tokens are told and found good, each mistake is named, and no secret is shown.

use super::party::{LOGIN, MYINFO, Party, Unsigned, key, shift, with, without};
use myinfo_fixtures::keys::{CLIENT_KEY_PEM, ec};
use myinfo_fixtures::vectors::SINGPASS_JSON;
use myinfo_mock_server::config::Config;
use myinfo_mock_server::doctor::Report;
use myinfo_mock_server::doctor::token::{TokenOptions, token};
use myinfo_oracle::{dpop, jwe, jwk, jws};
use serde_json::{Value, json};
use std::path::Path;

/// A configuration that knows the party's server by its address.
fn config(party: &Party) -> Config {
    let mut config = Config::from_toml("", Path::new(".")).unwrap();
    config.add_public_url(&party.mock.base_url()).unwrap();
    config
}

fn looked_at(party: &Party, content: &str) -> Report {
    token(&config(party), content, &TokenOptions::default()).unwrap()
}

fn with_key(party: &Party, content: &str, name: &str, key: &str) -> anyhow::Result<Report> {
    let keys = vec![(name.to_owned(), key.as_bytes().to_vec())];
    token(&config(party), content, &TokenOptions { keys, ..TokenOptions::default() })
}

/// What is odd, in the report's order.
fn odd(report: &Report) -> Vec<&str> {
    report.text.lines().filter_map(|line| line.strip_prefix("odd ")).map(str::trim).collect()
}

type Row = (&'static str, fn(&mut Unsigned));

const ASSERTIONS: &[Row] = &[
    ("`aud` is `https://id.singpass.gov.sg`; the issuer `https://id.singpass.gov.sg/fapi` is expected", |made| {
        with(&mut made.claims, "aud", "https://id.singpass.gov.sg");
    }),
    ("`aud` is a list", |made| with(&mut made.claims, "aud", json!(["a"]))),
    ("`iss` is `another` and `sub` is `TESTBEDx", |made| with(&mut made.claims, "iss", "another")),
    ("it lives 300 s (`exp` less `iat`); at most 120 s are taken", |made| {
        let issued = made.claims["iat"].as_u64().unwrap();
        with(&mut made.claims, "exp", issued + 300);
    }),
    ("that is in milliseconds; seconds are expected", |made| {
        let expires = made.claims["exp"].as_u64().unwrap();
        with(&mut made.claims, "exp", expires * 1000);
    }),
    ("is the text \"", |made| {
        let issued = made.claims["iat"].to_string();
        with(&mut made.claims, "iat", issued);
    }),
    ("s ahead of this machine's clock", |made| shift(&mut made.claims, 4_000_000_000)),
    ("`jti` is missing", |made| without(&mut made.claims, "jti")),
    ("`alg` is `HS256`", |made| with(&mut made.header, "alg", "HS256")),
    ("`typ` is `jwt`, expected `JWT`", |made| with(&mut made.header, "typ", "jwt")),
    ("`typ` is `dpop+jwt`, expected `JWT`", |made| with(&mut made.header, "typ", "dpop+jwt")),
    ("kid `another` is not in the client's JWK Set", |made| with(&mut made.header, "kid", "another")),
    ("none of the client's signing keys", |made| made.kid = "stranger-sig-p256"),
];

const PROOFS: &[Row] = &[
    ("`typ` is `JWT`, expected `dpop+jwt`", |made| with(&mut made.header, "typ", "JWT")),
    ("has no `jwk`", |made| without(&mut made.header, "jwk")),
    ("holds the private key (`d`)", |made| with(&mut made.header["jwk"], "d", "c2VjcmV0")),
    ("the key in its `jwk` did not make it", |made| made.kid = "stranger-sig-p256"),
    ("`htm` is `GET`, that endpoint takes POST", |made| with(&mut made.claims, "htm", "GET")),
    ("the nearest endpoint is `", |made| {
        let url = made.claims["htu"].as_str().unwrap().replace("/fapi/", "/");
        with(&mut made.claims, "htu", url);
    }),
    ("; the difference: the slash at the end", |made| {
        let url = format!("{}/", made.claims["htu"].as_str().unwrap());
        with(&mut made.claims, "htu", url);
    }),
    ("the proof lives 121 s", |made| {
        let issued = made.claims["iat"].as_u64().unwrap();
        with(&mut made.claims, "exp", issued + 121);
    }),
    ("`jti` is missing", |made| without(&mut made.claims, "jti")),
    ("a new key for each login is expected", |made| {
        made.kid = "client-sig-p256";
        with(&mut made.header, "jwk", jwk::of_public(&key("client-sig-p256").public()));
    }),
];

#[tokio::test]
async fn an_assertion_is_held_against_every_rule_at_the_time_at_which_it_was_made() {
    let party = Party::new(MYINFO).await;
    let report = looked_at(&party, &party.assertion().signed());
    assert!(report.healthy, "{}", report.text);
    for part in [
        "this is    a client assertion of FAPI",
        "signed by  the key client-sig-p256 of TESTBEDx",
        "kept       fapi.assertion.form, fapi.assertion.signature, fapi.assertion.subject",
        "s ago by this machine's clock",
        "Nothing is odd.",
    ] {
        assert!(report.text.contains(part), "{part}: {}", report.text);
    }
    for (says, change) in ASSERTIONS {
        let mut made = party.assertion();
        change(&mut made);
        let report = looked_at(&party, &made.signed());
        assert!(!report.healthy && odd(&report).iter().any(|odd| odd.contains(says)), "{says}: {}", report.text);
        assert!(report.text.contains("\n  fix "), "each has a remedy: {}", report.text);
    }
}

#[tokio::test]
async fn what_is_against_the_documents_and_taken_is_noted() {
    let party = Party::new(MYINFO).await;
    let mut made = party.assertion();
    with(&mut made.claims, "aud", format!("{}/token", party.issuer()));
    without(&mut made.header, "typ");
    let report = looked_at(&party, &made.signed());
    assert!(report.healthy && report.text.contains("but the document wants the issuer"), "{}", report.text);
    assert!(report.text.contains("but the document wants `JWT`"), "{}", report.text);
}

#[tokio::test]
async fn the_keys_of_a_client_that_is_not_registered_are_given() {
    let party = Party::new(MYINFO).await;
    let mut made = party.assertion();
    for name in ["iss", "sub"] {
        with(&mut made.claims, name, "SOMEBODYxELSESxAPPx0000000000003");
    }
    made.kid = "stranger-sig-p256";
    with(&mut made.header, "kid", "stranger-sig-p256");
    let report = looked_at(&party, &made.signed());
    assert_eq!(odd(&report), ["the signature is not judged: `sub` is no client that is registered here"]);
    let set = Some(("their.json".to_owned(), ec::STRANGER_JWKS.as_bytes().to_vec()));
    let report = token(&config(&party), &made.signed(), &TokenOptions { jwks: set, ..TokenOptions::default() });
    assert!(report.as_ref().unwrap().healthy, "{}", report.unwrap().text);
    let report = with_key(&party, &made.signed(), "mine.json", ec::STRANGER_JWKS_PRIVATE).unwrap();
    assert!(report.healthy && report.text.contains("signed by  stranger-sig-p256 of mine.json"), "{}", report.text);
    for (key, says) in [(CLIENT_KEY_PEM, "there is no key on P-256"), ("{\"kty\":\"EC\"}", "`crv` is missing")] {
        let told = with_key(&party, &made.signed(), "mine", key).unwrap_err().to_string();
        assert!(told.starts_with("PEM-KIND: mine: ") && told.contains(says), "{told}");
    }
}

#[tokio::test]
async fn a_proof_is_held_against_every_rule() {
    let party = Party::new(MYINFO).await;
    let url = format!("{}/par", party.issuer());
    let good = looked_at(&party, &format!("DPoP: {}", party.proof("POST", &url, None).signed()));
    assert!(
        good.healthy && good.text.starts_with("unpacked   out of a header\nthis is    a DPoP proof"),
        "{}",
        good.text
    );
    for (says, change) in PROOFS {
        let mut made = party.proof("POST", &url, None);
        change(&mut made);
        let report = looked_at(&party, &made.signed());
        assert!(!report.healthy && odd(&report).iter().any(|odd| odd.contains(says)), "{says}: {}", report.text);
        assert!(!report.text.contains("c2VjcmV0"), "no private part is shown: {}", report.text);
    }
}

#[tokio::test]
async fn the_proof_of_a_call_with_a_token_is_held_against_the_token() {
    let party = Party::new(MYINFO).await;
    let access_token = party.access_token().await;
    let url = format!("{}/userinfo", party.issuer());
    let look = |made: &Unsigned, access_token: Option<&str>| {
        let access_token = access_token.map(str::to_owned);
        token(&config(&party), &made.signed(), &TokenOptions { access_token, ..TokenOptions::default() }).unwrap()
    };
    let good = party.proof("GET", &url, Some(&access_token));
    let report = look(&good, Some(&access_token));
    assert!(report.healthy && report.text.contains("fapi.dpop.token-hash, fapi.dpop.key"), "{}", report.text);
    let report = look(&good, None);
    assert!(report.healthy && report.text.contains("give the access token with --access-token"), "{}", report.text);
    let report = look(&party.proof("GET", &url, None), None);
    assert_eq!(odd(&report), ["`ath` is missing, and userinfo wants it"]);
    let mut of_scheme = good.clone();
    with(&mut of_scheme.claims, "ath", dpop::ath(&format!("DPoP {access_token}")));
    assert!(odd(&look(&of_scheme, Some(&access_token)))[0].contains("over `DPoP ` and the token"));
    let mut another = good;
    another.kid = "stranger-sig-p256";
    with(&mut another.header, "jwk", jwk::of_public(&key("stranger-sig-p256").public()));
    assert!(odd(&look(&another, Some(&access_token)))[0].contains("the access token is bound to"));
}

#[tokio::test]
async fn what_the_service_sends_is_opened_verified_and_masked() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let report = looked_at(&party, &tokens.to_string());
    assert!(report.text.contains("the id_token of a token answer") && report.text.contains("its access_token"));
    let expired: Vec<&str> = odd(&report);
    assert!(expired.len() == 2 && expired.iter().all(|odd| odd.starts_with("it expired ")), "{}", report.text);
    for part in [
        "this is    an encrypted document of FAPI (JWE",
        "opened by  the testbed's client key client-enc-p256",
        "this is    an ID token of FAPI",
        "signed by  the mock's key alias/testbed",
        "this is    an access token of FAPI",
    ] {
        assert!(report.text.contains(part), "{part}: {}", report.text);
    }
    let userinfo = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await.body;
    let report = looked_at(&party, &userinfo);
    assert!(report.healthy && report.text.contains("this is    a person of Myinfo v5"), "{}", report.text);
    assert!(report.text.contains("userinfo has no `exp`") && report.text.contains("[personal]"), "{}", report.text);
    assert!(!report.text.contains("ANDY LAU") && !report.text.contains("S6005048A"), "{}", report.text);
    let options = TokenOptions { personal: true, ..TokenOptions::default() };
    let shown = token(&config(&party), &userinfo, &options).unwrap();
    assert!(shown.text.contains("ANDY LAU") && shown.text.contains("S6005048A"), "{}", shown.text);
    let tokens = Party::new(LOGIN).await.tokens().await;
    let report = looked_at(&party, tokens["id_token"].as_str().unwrap());
    assert!(!report.text.contains("ANDY LAU") && report.text.contains("account_type"), "{}", report.text);
}

#[tokio::test]
async fn a_token_of_singpass_itself_is_opened_and_verified() {
    let party = Party::new(MYINFO).await;
    let vector: Value = serde_json::from_str(SINGPASS_JSON).unwrap();
    let report = looked_at(&party, vector["encrypted"].as_str().unwrap());
    for part in [
        "opened by  the key of Singpass' demo application",
        "signed by  Singpass' staging key",
        "https://stg-id.singpass.gov.sg/fapi",
    ] {
        assert!(report.text.contains(part), "{part}: {}", report.text);
    }
    assert!(odd(&report).len() == 1 && odd(&report)[0].starts_with("it expired "), "{}", report.text);
}

/// The claims of a good ID token, and what a client would refuse when one is changed.
const ID_TOKENS: &[Row] = &[
    ("`iss` is `", |made| with(&mut made.claims, "iss", "https://stg-id.singpass.gov.sg")),
    ("`aud` is `another`, which is no client", |made| with(&mut made.claims, "aud", "another")),
    ("`aud` is [\"a\",\"b\"]; the client_id is expected", |made| with(&mut made.claims, "aud", json!(["a", "b"]))),
    ("`sub` is the form of the API before FAPI", |made| with(&mut made.claims, "sub", "s=S6005048A,u=x")),
    ("it has no `nonce`", |made| without(&mut made.claims, "nonce")),
    ("it has no `acr`", |made| without(&mut made.claims, "acr")),
    ("it has no `exp`", |made| without(&mut made.claims, "exp")),
    ("it lives 900 s", |made| {
        let issued = made.claims["iat"].as_u64().unwrap();
        with(&mut made.claims, "exp", issued + 900);
    }),
    ("`typ` is `at+jwt`; Singpass writes `JWT`", |made| with(&mut made.header, "typ", "at+jwt")),
    ("the header brings its own key (`jku`)", |made| with(&mut made.header, "jku", "https://example.com")),
    ("of TESTBEDxMYINFOxAPPx0000000000001 (`use`: `sig`) signed it, not Singpass' key", |made| {
        made.kid = "client-sig-p256"
    }),
    ("the signature does not verify (kid `alias/testbed-auth-api-signing-key-alias`)", |made| {
        made.kid = "stranger-sig-p256";
    }),
];

#[tokio::test]
async fn what_a_client_would_refuse_of_an_id_token_is_told() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let [_, header, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    for (says, change) in ID_TOKENS {
        let mut made = Unsigned { header: header.clone(), claims: claims.clone(), kid: ec::SERVICE_KID, forged: None };
        change(&mut made);
        let report = looked_at(&party, &made.signed());
        assert!(odd(&report).iter().any(|odd| odd.contains(says)), "{says}: {}", report.text);
    }
}

#[tokio::test]
async fn what_was_encrypted_for_another_key_or_changed_is_told() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let changed = |place: usize, part: &str| {
        let mut segments: Vec<&str> = id_token.split('.').collect();
        segments[place] = part;
        segments.join(".")
    };
    for (content, says) in [
        (changed(1, "AAAA"), "no key here opens it: it was encrypted for the key `client-enc-p256`"),
        (changed(4, &"A".repeat(43)), "the key fits, but the tag does not"),
        (changed(2, "AAAA"), "bytes; A256CBC-HS512 has"),
    ] {
        let report = looked_at(&party, &content);
        assert!(odd(&report).iter().any(|odd| odd.contains(says)), "{says}: {}", report.text);
    }
    let report = looked_at(&party, &id_token.replace('.', "\n."));
    assert!(odd(&report).iter().any(|odd| odd.contains("broken into lines")), "{}", report.text);
}

/// A text, encrypted for a key of the fixtures.
fn sealed(plaintext: &str, kid: &str) -> String {
    let header = json!({"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "cty": "JWT", "kid": kid});
    jwe::seal(&header.to_string(), plaintext, &key(kid).public()).unwrap()
}

#[tokio::test]
async fn a_document_that_is_not_signed_and_a_token_of_no_kind_are_told() {
    let party = Party::new(MYINFO).await;
    for (plaintext, says) in [
        ("{\"person_info\":{}}", "the document is not signed"),
        ("\"a.b.c\"", "inside is a JSON string"),
        ("hello", "inside is no signed document of FAPI"),
    ] {
        let report = looked_at(&party, &sealed(plaintext, "client-enc-p256"));
        assert!(odd(&report).iter().any(|odd| odd.contains(says)), "{says}: {}", report.text);
    }
    let for_another = sealed("hello", "stranger-enc-p384");
    assert!(odd(&looked_at(&party, &for_another))[0].contains("for the key `stranger-enc-p384`"));
    let report = with_key(&party, &for_another, "theirs", &ec::private("stranger-enc-p384").unwrap().to_string());
    assert!(report.unwrap().text.contains("opened by  stranger-enc-p384 of theirs"));
    let unknown = jws::sign("{\"alg\":\"ES256\"}", "{\"hello\":\"world\"}", &key("client-sig-p256"));
    assert!(looked_at(&party, &unknown).text.contains("of a kind that FAPI does not have"));
}
