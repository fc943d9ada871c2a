//! One hostile request for each rule: the good one with one defect, which must be named, and nothing else.

use crate::support::{NOW, Rig, admin, newest, rig_with, told};
use myinfo_conformance::server::client::v3::{Draft, Token};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use url::Url;

const ATTRIBUTES: &str = "uinfin,name,sex";

/// How a request is made hostile.
enum Hostile {
    /// The authorise address, its pairs changed.
    Authorise(fn(&mut Vec<(String, String)>)),
    /// A token request, changed and then signed.
    Token(fn(&mut Draft)),
    /// A token request that is sent as it is made here, its code given.
    RawToken(fn(&Rig, Draft) -> RequestBuilder),
    /// A person request, changed and then signed.
    Person(fn(&mut Draft)),
    /// Any request.
    Raw(fn(&Rig) -> RequestBuilder),
    /// A token request with the code of the step before, which came to this code by another way.
    Code(CodeOf),
    /// A person request with a token of another kind.
    TokenOf(TokenKind),
}

/// Where a code comes from that is not to be taken.
#[derive(Clone, Copy)]
enum CodeOf {
    Redeemed,
    Expired,
    OtherContext,
}

#[derive(Clone, Copy)]
enum TokenKind {
    Expired,
    OtherContext,
    OtherClient,
}

/// Rule, diagnosis, status, a part of the cause, and the request.
type Case = (&'static str, Option<&'static str>, u16, &'static str, Hostile);

fn set(pairs: &mut [(String, String)], name: &str, value: &str) {
    pairs.iter_mut().filter(|(known, _)| known == name).for_each(|(_, old)| value.clone_into(old));
}

fn drop_pair(pairs: &mut Vec<(String, String)>, name: &str) {
    pairs.retain(|(known, _)| known != name);
}

const CASES: &[Case] = &[
    (
        "http.path",
        None,
        404,
        "did you mean /com/v3/token",
        Hostile::Raw(|rig| rig.client.http.get(format!("{}/v3/token", rig.client.base_url))),
    ),
    (
        "http.method",
        None,
        405,
        "GET was sent; this path takes POST",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("token"))),
    ),
    (
        "http.host",
        None,
        400,
        "more than once",
        Hostile::Raw(|rig| rig.client.http.post(rig.client.endpoint("token")).header("host", "a").header("host", "b")),
    ),
    (
        "http.body",
        None,
        413,
        "larger than",
        Hostile::RawToken(|rig, draft| {
            rig.client.request(&draft, Some(&rig.client.authorization(&draft))).body(vec![b'a'; 100_000])
        }),
    ),
    (
        "v3.authorise.well-formed",
        None,
        400,
        "`state` was sent more than once",
        Hostile::Authorise(|pairs| pairs.push(("state".into(), "b".into()))),
    ),
    (
        "v3.authorise.client-registered",
        None,
        400,
        "did you mean `TESTBED-CLIENT`",
        Hostile::Authorise(|pairs| set(pairs, "client_id", "TESTBED-CLEINT")),
    ),
    (
        "v3.authorise.redirect-uri-registered",
        Some("REDIRECT-DIFF"),
        400,
        "the slash at the end",
        Hostile::Authorise(|pairs| set(pairs, "redirect_uri", "http://localhost:3001/callback/")),
    ),
    (
        "v3.authorise.required-parameters",
        None,
        302,
        "purpose is missing",
        Hostile::Authorise(|pairs| drop_pair(pairs, "purpose")),
    ),
    (
        "v3.authorise.response-type",
        None,
        302,
        "response_type is token",
        Hostile::Authorise(|pairs| pairs.push(("response_type".into(), "token".into()))),
    ),
    (
        "v3.authorise.attributes-known",
        Some("SCOPE"),
        302,
        "near to it: nationality",
        Hostile::Authorise(|pairs| set(pairs, "attributes", "natonality")),
    ),
    (
        "v3.authorise.attributes-known",
        Some("SCOPE"),
        302,
        "a list separated by spaces",
        Hostile::Authorise(|pairs| set(pairs, "attributes", "name sex")),
    ),
    (
        "v3.authorise.attributes-permitted",
        Some("SCOPE"),
        302,
        "`dob` is not among the `attributes`",
        Hostile::Authorise(|pairs| {
            set(pairs, "client_id", "NARROW");
            set(pairs, "attributes", "name,dob");
        }),
    ),
    (
        "mock.persona",
        None,
        400,
        "did you mean `*****048A`",
        Hostile::Raw(|rig| {
            rig.client
                .http
                .get(rig.client.authorise_url("name", "s").unwrap())
                .header("X-Myinfo-Mock-Persona", "S6005048B")
        }),
    ),
    (
        "login.alive",
        None,
        400,
        "logins live 15 minutes",
        Hostile::Raw(|rig| rig.client.http.get(format!("{}?transaction=0", rig.client.endpoint("login")))),
    ),
    (
        "v3.token.form",
        None,
        415,
        "Content-Type is `application/json`",
        Hostile::RawToken(|rig, draft| {
            let authorization = rig.client.authorization(&draft);
            rig.client
                .http
                .post(&draft.url)
                .header("Content-Type", "application/json")
                .header("Authorization", authorization)
                .body("{}")
        }),
    ),
    (
        "v3.person.query",
        None,
        400,
        "`attributes` was sent more than once",
        Hostile::Person(|draft| draft.parameters.push(("attributes".into(), "name".into()))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "the scheme is `Basic`",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, Some("Basic dXNlcjpwYXNz"))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "`nonce` is missing",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, Some("PKI_SIGN app_id=\"TESTBED-CLIENT\""))),
    ),
    (
        "v3.signature.header-form",
        Some("AUTHZ-SCHEME"),
        401,
        "`nonce` is empty",
        Hostile::Token(|draft| draft.header.nonce.clear()),
    ),
    (
        "v3.signature.header-present",
        Some("ENV-MIX"),
        401,
        "as in the sandbox",
        Hostile::RawToken(|rig, draft| rig.client.request(&draft, None)),
    ),
    (
        "v3.signature.app-id-known",
        None,
        401,
        "app_id `TESTBED-CLEINT` is not registered; did you mean",
        Hostile::RawToken(|rig, mut draft| {
            draft.header.app_id = "TESTBED-CLEINT".into();
            draft.remove("client_id").set("client_id", "TESTBED-CLEINT");
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.signature.method",
        None,
        401,
        "`RSA-SHA256`, expected `RS256`",
        Hostile::Token(|draft| draft.header.signature_method = "RSA-SHA256".into()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "is in seconds, the wrong unit",
        Hostile::Token(|draft| draft.header.timestamp = (NOW / 1000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "is in microseconds",
        Hostile::Token(|draft| draft.header.timestamp = (NOW * 1000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "301 s behind the server's clock",
        Hostile::Token(|draft| draft.header.timestamp = (NOW - 301_000).to_string()),
    ),
    (
        "v3.signature.timestamp",
        Some("CLOCK"),
        401,
        "28800 s ahead of the server's clock",
        Hostile::Token(|draft| draft.header.timestamp = (NOW + 28_800_000).to_string()),
    ),
    (
        "v3.signature.encoding",
        Some("SIG-ENCODING"),
        500,
        "has 3 bytes; a signature by this client's key has 256",
        Hostile::RawToken(|rig, draft| {
            rig.client.request(&draft, Some(&myinfo_oracle::v3::authorization(&draft.header, "YWJj")))
        }),
    ),
    (
        "v3.signature.valid",
        Some("SIG-BASE"),
        500,
        "a slash at the end more, or less (one more)",
        Hostile::Token(|draft| draft.signed_url.push('/')),
    ),
    (
        "v3.signature.nonce-once",
        Some("NONCE-REPLAY"),
        401,
        "first used 0 s ago, at 2023-11-14T22:13:20.000Z, on token",
        Hostile::Token(|draft| draft.header.nonce = "used".into()),
    ),
    (
        "v3.request.one-client",
        None,
        401,
        "app_id is `TESTBED-CLIENT` and client_id is `NARROW`",
        Hostile::Person(|draft| {
            draft.set("client_id", "NARROW");
        }),
    ),
    (
        "v3.token.required-parameters",
        None,
        400,
        "`client_secret` is missing",
        Hostile::Token(|draft| {
            draft.remove("client_secret");
        }),
    ),
    (
        "v3.token.required-parameters",
        None,
        400,
        "`client_secret` and `redirect_uri` are missing",
        Hostile::Token(|draft| {
            draft.remove("client_secret").remove("redirect_uri");
        }),
    ),
    (
        "v3.token.client-secret",
        None,
        401,
        "not the registered one of `TESTBED-CLIENT` (5 characters were sent)",
        Hostile::Token(|draft| {
            draft.set("client_secret", "wrong");
        }),
    ),
    (
        "v3.token.grant-type",
        None,
        400,
        "`client_credentials`, expected `authorization_code`",
        Hostile::Token(|draft| {
            draft.set("grant_type", "client_credentials");
        }),
    ),
    (
        "v3.token.code-known",
        Some("CODE-OTHER"),
        400,
        "never given out, or long ago: codes have 40 characters",
        Hostile::Token(|draft| {
            draft.set("code", "0000");
        }),
    ),
    ("v3.token.code-own", Some("CODE-OTHER"), 400, "comes from /gov/v3/authorise", Hostile::Code(CodeOf::OtherContext)),
    (
        "v3.token.code-once",
        Some("CODE-REUSE"),
        400,
        "was exchanged 0 s ago by `TESTBED-CLIENT`",
        Hostile::Code(CodeOf::Redeemed),
    ),
    (
        "v3.token.code-unexpired",
        Some("CODE-EXPIRED"),
        400,
        "is 301 s old and expired 1 s ago; codes live 300 s",
        Hostile::Code(CodeOf::Expired),
    ),
    (
        "v3.token.redirect-uri-same",
        Some("REDIRECT-DIFF"),
        400,
        "the difference: the port",
        Hostile::Token(|draft| {
            draft.set("redirect_uri", "http://localhost:3000/callback");
        }),
    ),
    (
        "v3.person.required-parameters",
        None,
        400,
        "`attributes` is missing",
        Hostile::Person(|draft| {
            draft.remove("attributes");
        }),
    ),
    ("v3.person.bearer-present", None, 401, "has no Bearer token", Hostile::Person(|draft| draft.bearer = None)),
    (
        "v3.person.bearer-genuine",
        Some("TOKEN-WHY"),
        401,
        "five parts",
        Hostile::Person(|draft| draft.bearer = Some("a.b.c.d.e".into())),
    ),
    (
        "v3.person.bearer-genuine",
        Some("TOKEN-WHY"),
        401,
        "altered on its way",
        Hostile::Person(|draft| {
            let token = draft.bearer.take().unwrap();
            let (start, end) = token.split_at(token.len() - 20);
            draft.bearer = Some(format!("{start}{}", end.chars().rev().collect::<String>()));
        }),
    ),
    (
        "v3.person.bearer-genuine",
        Some("ENV-MIX"),
        401,
        "by another service: its issuer is `https://test.api.myinfo.gov.sg/serviceauth/myinfo-com`",
        Hostile::Person(|draft| draft.bearer = Some(FOREIGN.into())),
    ),
    (
        "v3.person.bearer-context",
        Some("ENV-MIX"),
        401,
        "com and gov do not mix",
        Hostile::TokenOf(TokenKind::OtherContext),
    ),
    (
        "v3.person.bearer-unexpired",
        Some("TOKEN-WHY"),
        401,
        "the token expired 0 s ago",
        Hostile::TokenOf(TokenKind::Expired),
    ),
    (
        "v3.person.bearer-own",
        Some("TOKEN-WHY"),
        401,
        "the token was given to `NARROW`, not to `TESTBED-CLIENT`",
        Hostile::TokenOf(TokenKind::OtherClient),
    ),
    (
        "v3.person.subject",
        Some("SUB"),
        401,
        "the path has the id `*****048A`; the token's subject is",
        Hostile::Person(|draft| {
            let start = draft.url.find("/person/").unwrap();
            draft.url = format!("{}/person/S6005048A/", &draft.url[..start]);
            draft.signed_url.clone_from(&draft.url);
        }),
    ),
    (
        "v3.person.attributes-consented",
        Some("ATTR"),
        403,
        "not consented: dob,race; the consent covers uinfin,name,sex",
        Hostile::Person(|draft| {
            draft.set("attributes", "name,dob,race");
        }),
    ),
    (
        "v3.person.uinfin-known",
        None,
        404,
        "no persona has this NRIC",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-sample/S0000002G"))),
    ),
    (
        "http.path",
        None,
        404,
        "call /gov/v3/person-basic",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-basic/S6005048A"))),
    ),
    (
        "v3.person-basic.eservice",
        None,
        403,
        "sp_esvcId is missing",
        Hostile::Raw(|rig| {
            let url = rig.client.endpoint("person-basic/S6005048A").replace("/com/", "/gov/");
            let draft = rig.client.draft("GET", url, &[("client_id", "TESTBED-CLIENT")]);
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.person-basic.attributes-permitted",
        None,
        401,
        "person-basic has no `cpfbalances`",
        Hostile::Raw(|rig| {
            let url = rig.client.endpoint("person-basic/S6005048A").replace("/com/", "/gov/");
            let draft = rig.client.draft(
                "GET",
                url,
                &[("attributes", "cpfbalances"), ("client_id", "TESTBED-CLIENT"), ("sp_esvcId", "X")],
            );
            rig.client.request(&draft, Some(&rig.client.authorization(&draft)))
        }),
    ),
    (
        "v3.person-sample.attributes-known",
        Some("SCOPE"),
        403,
        "`nam` is no v3 attribute; near to it: name",
        Hostile::Raw(|rig| rig.client.http.get(rig.client.endpoint("person-sample/S6005048A?attributes=nam"))),
    ),
    (
        "mock.elsewhere",
        Some("AUTHZ-SCHEME"),
        404,
        "carried its Authorization header there",
        Hostile::Raw(|rig| {
            rig.client
                .http
                .get(format!("{}/_elsewhere/com/v3/token", rig.client.base_url))
                .header("Authorization", "Bearer x")
        }),
    ),
];

/// A token of the recorded shape by another key.
const FOREIGN: &str = concat!(
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6ImFub3RoZXIifQ",
    ".eyJpc3MiOiJodHRwczovL3Rlc3QuYXBpLm15aW5mby5nb3Yuc2cvc2VydmljZWF1dGgvbXlpbmZvLWNvbSJ9",
    ".YWJj"
);

const NARROW: &str = "[[client]]\nid = 'NARROW'\nv3.secret = 'a-secret-of-its-own'\nredirect_uris = ['http://localhost:3001/callback']\nv3.attributes = ['uinfin', 'name', 'sex']\nv3.certificate = '''CERTIFICATE'''";

async fn target() -> Rig {
    let narrow = NARROW.replace("CERTIFICATE", myinfo_fixtures::keys::CLIENT_CERT_PEM);
    rig_with("com", &narrow, |builder| builder).await
}

async fn send(rig: &mut Rig, hostile: &Hostile) -> u16 {
    let answer = match hostile {
        Hostile::Authorise(change) => {
            let url = rig.client.authorise_url(ATTRIBUTES, "a state").unwrap();
            let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            change(&mut pairs);
            let mut hostile: Url = url.clone();
            hostile.query_pairs_mut().clear().extend_pairs(pairs);
            rig.client.http.get(hostile).header("X-Myinfo-Mock-Persona", "S6005048A").send().await
        }
        Hostile::Token(change) => {
            let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            draft.header.nonce.push_str("-hostile");
            change(&mut draft);
            return rig.client.send(&draft).await.unwrap().status().as_u16();
        }
        Hostile::RawToken(make) => {
            let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
            draft.header.nonce.push_str("-hostile");
            make(rig, draft).send().await
        }
        Hostile::Person(change) => {
            let mut draft = rig.client.person_draft(&token(rig).await, ATTRIBUTES);
            change(&mut draft);
            return rig.client.send(&draft).await.unwrap().status().as_u16();
        }
        Hostile::Raw(make) => make(rig).send().await,
        Hostile::Code(kind) => return send_code(rig, *kind).await,
        Hostile::TokenOf(kind) => return send_token(rig, *kind).await,
    };
    answer.unwrap().status().as_u16()
}

async fn token(rig: &Rig) -> Token {
    rig.client.token(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap()).await.unwrap()
}

async fn send_code(rig: &mut Rig, kind: CodeOf) -> u16 {
    if matches!(kind, CodeOf::OtherContext) {
        rig.client.context = "gov";
    }
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    rig.client.context = "com";
    match kind {
        CodeOf::Redeemed => assert_eq!(rig.client.send(&rig.client.token_draft(&code)).await.unwrap().status(), 200),
        CodeOf::Expired => admin_post(rig, "clock", &json!({"advance_seconds": 301})).await,
        CodeOf::OtherContext => {}
    }
    let mut draft = rig.client.token_draft(&code);
    draft.header.nonce.push_str("-again");
    if matches!(kind, CodeOf::Expired) {
        draft.header.timestamp = (NOW + 301_000).to_string();
    }
    rig.client.send(&draft).await.unwrap().status().as_u16()
}

async fn send_token(rig: &mut Rig, kind: TokenKind) -> u16 {
    if matches!(kind, TokenKind::OtherContext) {
        rig.client.context = "gov";
    }
    if matches!(kind, TokenKind::OtherClient) {
        rig.client.client_id = "NARROW".into();
        rig.client.client_secret = "a-secret-of-its-own".into();
    }
    let token = token(rig).await;
    rig.client.context = "com";
    rig.client.client_id = myinfo_fixtures::keys::CLIENT_ID.into();
    rig.client.client_secret = myinfo_fixtures::keys::CLIENT_SECRET.into();
    let mut draft = rig.client.person_draft(&token, ATTRIBUTES);
    if matches!(kind, TokenKind::Expired) {
        admin_post(rig, "clock", &json!({"advance_seconds": 1800})).await;
        draft.header.timestamp = (NOW + 1_800_000).to_string();
    }
    rig.client.send(&draft).await.unwrap().status().as_u16()
}

async fn admin_post(rig: &Rig, path: &str, body: &Value) {
    let answer = rig.client.http.post(format!("{}/_mock/{path}", rig.mock.base_url())).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

#[tokio::test]
async fn every_rule_has_a_hostile_request_that_breaks_it_alone() {
    let mut rig = target().await;
    let mut used = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    used.header.nonce = "used".into();
    assert_eq!(told(rig.client.send(&used).await.unwrap()).await.0, 200);
    for (rule, diagnosis, status, says, hostile) in CASES {
        assert_eq!(send(&mut rig, hostile).await, *status, "{rule}");
        let exchange = newest(&rig).await;
        let broken: Vec<&str> = exchange["rules"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|verdict| verdict["verdict"] == "broken")
            .map(|verdict| verdict["id"].as_str().unwrap())
            .collect();
        assert_eq!(broken, [*rule], "{says}: {}", exchange["refused"]);
        let problem = &exchange["refused"];
        assert_eq!(problem["diagnosis"].as_str(), *diagnosis, "{rule}: {problem}");
        assert!(problem["cause"].as_str().unwrap().contains(says), "{rule}: {problem}");
        assert!(problem["fix"].as_str().is_some_and(|fix| fix.len() > 10), "{rule}: {problem}");
        admin_delete(&rig, "clock").await;
    }
    let catalogue = admin(&rig, "rules").await;
    let ids = catalogue["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap());
    // those of other profiles have tests of their own
    let known: BTreeSet<&str> = ids.filter(|id| !id.starts_with("fapi.")).collect();
    let tried: BTreeSet<&str> = CASES.iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(tried, known, "a rule that no hostile request breaks");
}

#[tokio::test]
async fn every_oversight_lets_the_request_through_that_breaks_its_rule() {
    let mut rig = target().await;
    let mut used = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    used.header.nonce = "used".into();
    assert_eq!(told(rig.client.send(&used).await.unwrap()).await.0, 200);
    let faults = admin(&rig, "faults").await;
    let oversights = faults["catalogue"].as_array().unwrap().iter().filter(|fault| fault["stage"] == "acceptance");
    let mut tried = 0;
    for fault in oversights {
        let (id, rule) = (fault["id"].as_str().unwrap(), fault["clause"].as_str().unwrap());
        for (_, _, _, says, hostile) in CASES.iter().filter(|(known, ..)| *known == rule) {
            // a token that is none, or that has none of the claims, breaks more than this rule
            if *says == "five parts" || says.starts_with("by another service") {
                continue;
            }
            admin_post(&rig, "faults", &json!({"id": id, "times": 1})).await;
            let status = send(&mut rig, hostile).await;
            let exchange = newest(&rig).await;
            assert!(status < 400 && exchange["refused"].is_null(), "{id}, {says}: {status} {}", exchange["refused"]);
            let overlooked: Vec<&Value> =
                exchange["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == "overlooked").collect();
            assert_eq!(overlooked.len(), 1, "{id}, {says}");
            assert_eq!((&overlooked[0]["id"], &exchange["faults"]), (&json!(rule), &json!([id])), "{says}");
            assert_eq!(admin(&rig, "faults").await["armed"], json!([]), "{id} is used up");
            admin_delete(&rig, "clock").await;
            tried += 1;
        }
    }
    assert!(tried >= 22, "{tried}");
}

async fn admin_delete(rig: &Rig, path: &str) {
    let answer = rig.client.http.delete(format!("{}/_mock/{path}", rig.mock.base_url())).send().await.unwrap();
    assert!(answer.status().is_success());
}

#[tokio::test]
async fn all_broken_rules_are_told_and_the_first_one_on_the_wire() {
    let rig = target().await;
    let mut draft = rig.client.token_draft("0".repeat(40).as_str());
    draft.set("client_secret", "wrong").set("grant_type", "password");
    draft.header.timestamp = "1".into();
    draft.signed_url.push('/');
    let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
    assert_eq!(status, 401);
    assert!(body.contains("Invalid timestamp"), "{body}");
    let exchange = newest(&rig).await;
    let verdict = |wanted: &str| -> Vec<String> {
        let rules = exchange["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == wanted);
        rules.map(|rule| rule["id"].as_str().unwrap().trim_start_matches("v3.").to_owned()).collect()
    };
    assert_eq!(
        verdict("broken"),
        ["signature.timestamp", "signature.valid", "token.client-secret", "token.grant-type", "token.code-known"]
    );
    assert!(verdict("kept").contains(&"signature.app-id-known".to_owned()));
    assert_eq!(
        verdict("not-examined"),
        [
            "signature.nonce-once",
            "token.code-own",
            "token.code-once",
            "token.code-unexpired",
            "token.redirect-uri-same"
        ]
    );
}

#[tokio::test]
async fn a_refused_request_uses_up_neither_code_nor_nonce() {
    let rig = target().await;
    let good = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    let mut wrong = good.clone();
    wrong.header.timestamp = (NOW - 301_000).to_string();
    assert_eq!(told(rig.client.send(&wrong).await.unwrap()).await.0, 401);
    assert_eq!(told(rig.client.send(&good).await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn unknown_parameters_and_signs_of_other_versions_are_noted_and_ignored() {
    let rig = target().await;
    let mut draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
    draft.set("code_verifier", "x").set("colour", "red");
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 200);
    let notes = newest(&rig).await["notes"].clone();
    assert_eq!(notes.as_array().unwrap().len(), 2, "{notes}");
    assert!(
        notes[0]["diagnosis"] == "EXTRA-PARAM" && notes[0]["text"].as_str().unwrap().contains("PKCE belongs to v4"),
        "{notes}"
    );
    assert!(notes[1]["text"].as_str().unwrap().contains("`colour`"), "{notes}");
}
