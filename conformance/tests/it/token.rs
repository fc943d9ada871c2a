//! The token endpoint: the recorded answer, and one refusal for each rule.

use crate::support::{NOW, changed, rig, rig_with, told};
use myinfo_conformance::server::client::v3::Draft;
use serde_json::{Value, json};

const ATTRIBUTES: &str = "uinfin,name,sex";

#[tokio::test]
async fn the_access_token_has_the_recorded_header_and_claims_in_their_order() {
    let rig = rig_with("com", "[v3]\nissuer_origin = 'https://test.api.myinfo.gov.sg'", |builder| builder).await;
    let token = rig.client.token(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap()).await.unwrap();
    insta::assert_snapshot!(token.header, @r#"{"typ":"JWT","alg":"RS256","kid":"EaDD3UxWRQf88XvBmRNopErYha6no5ED_-2F6HEz-9c"}"#);
    insta::assert_snapshot!(token.payload);
    let names: Vec<&String> = token.answer.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "refresh_token", "token_type", "expires_in", "scope"]);
    assert_eq!(token.answer["expires_in"], 1799);
    assert_eq!(token.answer["scope"], "uinfin name sex");
}

#[tokio::test]
async fn an_answer_of_the_api_is_chunked_json_that_no_cache_keeps() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let answer = rig.client.send(&rig.client.token_draft(&code)).await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/json"));
    assert_eq!(header("transfer-encoding").as_deref(), Some("chunked"));
    assert_eq!(header("content-length"), None);
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
}

/// One change to a good request, and what the server must say to it.
type Refused = (&'static str, fn(&mut Draft), u16, &'static str);

const REFUSED: &[Refused] = &[
    (
        "a wrong secret",
        |draft| {
            draft.set("client_secret", "wrong");
        },
        401,
        "Invalid client",
    ),
    (
        "no secret",
        |draft| {
            draft.remove("client_secret");
        },
        400,
        "`client_secret` is missing",
    ),
    (
        "no code",
        |draft| {
            draft.remove("code");
        },
        400,
        "`code` is missing",
    ),
    (
        "an unknown code",
        |draft| {
            draft.set("code", "0000");
        },
        400,
        "Invalid authorization code",
    ),
    (
        "no client id",
        |draft| {
            draft.remove("client_id");
        },
        400,
        "`client_id` is missing",
    ),
    (
        "another client id",
        |draft| {
            draft.set("client_id", "OTHER");
        },
        401,
        "Invalid client",
    ),
    ("an unknown app id", |draft| draft.header.app_id = "OTHER".into(), 401, "Unknown app id"),
    (
        "another redirect URI",
        |draft| {
            draft.set("redirect_uri", "http://localhost:3001/callback/");
        },
        400,
        "Invalid redirect URI",
    ),
    (
        "another grant type",
        |draft| {
            draft.set("grant_type", "client_credentials");
        },
        400,
        "Invalid grant type",
    ),
    (
        "another signature method",
        |draft| draft.header.signature_method = "RSA-SHA256".into(),
        401,
        "Invalid signature method",
    ),
    ("a timestamp in seconds", |draft| draft.header.timestamp = (NOW / 1000).to_string(), 401, "Invalid timestamp"),
    ("an old timestamp", |draft| draft.header.timestamp = (NOW - 301_000).to_string(), 401, "Invalid timestamp"),
    ("a timestamp ahead", |draft| draft.header.timestamp = (NOW + 301_000).to_string(), 401, "Invalid timestamp"),
    ("a timestamp that is no number", |draft| draft.header.timestamp = "now".into(), 401, "Invalid timestamp"),
    ("a signature over another address", |draft| draft.signed_url.push('/'), 500, "Invalid PKI Signature"),
    ("a signature over another method", |draft| draft.method = "PUT", 405, "not with this method"),
];

#[tokio::test]
async fn each_broken_rule_is_refused_and_the_unbroken_request_still_works() {
    let rig = rig("com").await;
    for (name, change, status, message) in REFUSED {
        let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
        let good = rig.client.token_draft(&code);
        let mut bad = good.clone();
        bad.header.nonce.push_str("-bad");
        change(&mut bad);
        let request = if bad.method == "PUT" {
            bad.method = "POST";
            let authorization = rig.client.authorization(&bad);
            rig.client.http.put(&bad.url).header("Authorization", authorization).body("")
        } else {
            rig.client.request(&bad, Some(&rig.client.authorization(&bad)))
        };
        let (found, body) = told(request.send().await.unwrap()).await;
        assert_eq!(found, *status, "{name}: {body}");
        assert!(body.contains(message), "{name}: {body}");
        assert!(!body.contains("testbed-client-secret") && !body.contains("PRIVATE"), "{name}: {body}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["code"].is_string() || *status == 405, "{name}: {body}");
        let (status, body) = told(rig.client.send(&good).await.unwrap()).await;
        assert_eq!(status, 200, "the control of {name}: {body}");
    }
}

#[tokio::test]
async fn without_a_signature_header_the_answer_is_that_of_the_documents() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    for header in [None, Some("Basic dXNlcg=="), Some("Bearer a.b.c")] {
        let (status, body) = told(rig.client.request(&draft, header).send().await.unwrap()).await;
        assert_eq!((status, body.as_str()), (401, r#"{"code":"401","message":"No security header"}"#));
    }
}

#[tokio::test]
async fn the_header_may_have_any_order_spaces_unknown_keys_and_a_realm() {
    let rig = rig("com").await;
    for shape in [
        |a: &str, n: &str, s: &str, t: &str| {
            format!(r#"PKI_SIGN timestamp="{t}",nonce="{n}",app_id="{a}",signature_method="RS256",signature="{s}""#)
        },
        |a: &str, n: &str, s: &str, t: &str| {
            format!(r#"PKI_SIGN app_id="{a}", nonce="{n}", signature="{s}", signature_method="RS256", timestamp="{t}""#)
        },
        |a: &str, n: &str, s: &str, t: &str| {
            format!(
                r#"PKI_SIGN realm="",app_id="{a}",attributes="a,b",client_secret="x",nonce="{n}",signature_method="RS256",timestamp="{t}",signature="{s}""#
            )
        },
    ] {
        let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
        let draft = rig.client.token_draft(&code);
        let signed = rig.client.authorization(&draft);
        let field =
            |name: &str| signed.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let header = shape(&field("app_id"), &field("nonce"), &field("signature"), &field("timestamp"));
        let (status, body) = told(rig.client.request(&draft, Some(&header)).send().await.unwrap()).await;
        assert_eq!(status, 200, "{header}: {body}");
    }
}

#[tokio::test]
async fn a_state_of_any_value_is_signed_as_sent() {
    let rig = rig("com").await;
    for state in ["", "null", "undefined", "no-state", "a b+c%20&=ü"] {
        let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
        let mut draft = rig.client.token_draft(&code);
        draft.set("state", state);
        let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
        assert_eq!(status, 200, "{state}: {body}");
    }
}

#[tokio::test]
async fn a_code_works_once_and_a_nonce_works_once() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 200);
    let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
    assert_eq!(status, 401, "the same nonce again: {body}");
    assert!(body.contains("nonce"), "{body}");
    let (status, body) = changed(&rig.client, &draft, |_| ()).await.unwrap();
    assert_eq!((status, body.as_str()), (400, r#"{"code":"400","message":"Invalid authorization code"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_exchanges_of_one_code_at_once_exactly_one_succeeds() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let requests = (0..20).map(|_| {
        let draft = rig.client.token_draft(&code);
        rig.client.request(&draft, Some(&rig.client.authorization(&draft))).send()
    });
    let running: Vec<_> = requests.map(tokio::spawn).collect();
    let mut statuses = Vec::new();
    for answer in running {
        statuses.push(answer.await.unwrap().unwrap().status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![400; 19]].concat());
}

#[test]
fn signing_does_not_hold_up_the_loop_that_accepts_connections() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let rig = rig("com").await;
        let draft = rig.client.token_draft(&rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap());
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || wait.recv().is_err());
        let token = tokio::spawn(rig.client.request(&draft, Some(&rig.client.authorization(&draft))).send());
        // the only thread for RSA is taken: connections are accepted and answered all the same
        for _ in 0..20 {
            let health = rig.client.http.get(format!("{}/_mock/health", rig.client.base_url));
            assert_eq!(health.send().await.unwrap().status(), 200);
        }
        assert!(!token.is_finished(), "the token was signed on the accept loop's thread");
        drop(release);
        assert_eq!(token.await.unwrap().unwrap().status(), 200);
        assert!(busy.await.unwrap(), "released by the sender's end");
    });
}

#[tokio::test]
async fn a_request_with_a_bad_signature_uses_up_neither_nonce_nor_code() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let draft = rig.client.token_draft(&code);
    let mut forged = draft.clone();
    forged.signed_url.push('x');
    assert_eq!(told(rig.client.send(&forged).await.unwrap()).await.0, 500);
    assert_eq!(told(rig.client.send(&draft).await.unwrap()).await.0, 200);
}

#[tokio::test]
async fn a_code_expires_with_the_clock() {
    let rig = rig("com").await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    rig.clock.advance_seconds(299);
    let other = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    rig.clock.advance_seconds(1);
    let stamp = |draft: &mut Draft| draft.header.timestamp = (NOW + 300_000).to_string();
    let (status, body) = changed(&rig.client, &rig.client.token_draft(&code), stamp).await.unwrap();
    assert_eq!(status, 400, "{body}");
    let (status, body) = changed(&rig.client, &rig.client.token_draft(&other), stamp).await.unwrap();
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_code_is_exchanged_by_its_client_and_in_its_context_only() {
    let client = format!(
        "[[client]]\nid = 'OTHER'\nv3.secret = 's'\nredirect_uris = ['http://localhost:3001/callback']\nv3.certificate = '''{}'''",
        myinfo_fixtures::keys::CLIENT_CERT_PEM
    );
    let rig = rig_with("com", &client, |builder| builder).await;
    let code = rig.client.code(ATTRIBUTES, "S6005048A").await.unwrap();
    let (status, body) = changed(&rig.client, &rig.client.token_draft(&code), |draft| {
        draft.header.app_id = "OTHER".into();
        draft.set("client_id", "OTHER").set("client_secret", "s");
    })
    .await
    .unwrap();
    assert_eq!((status, body.contains("Invalid authorization code")), (400, true), "{body}");
    let (status, body) = changed(&rig.client, &rig.client.token_draft(&code), |draft| {
        draft.url = draft.url.replace("/com/", "/gov/");
        draft.signed_url.clone_from(&draft.url);
    })
    .await
    .unwrap();
    assert_eq!(status, 400, "{body}");
    assert!(rig.client.token(&code).await.is_ok());
}

#[tokio::test]
async fn the_body_must_be_a_form_and_every_field_once() {
    let rig = rig("com").await;
    let send = |kind: &'static str, body: &'static [u8]| {
        rig.client.http.post(rig.client.endpoint("token")).header("Content-Type", kind).body(body).send()
    };
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status, part) in [
        ("application/json", b"{}".as_slice(), 415, "application/json"),
        (form, b"code=1&code=2", 400, "`code` was sent more than once"),
        (form, b"code=%ff", 400, "not UTF-8"),
        (form, b"\xff\xfe", 400, "not UTF-8"),
        (form, b"", 401, "No security header"),
    ] {
        let (found, text) = told(send(kind, body).await.unwrap()).await;
        assert_eq!(found, status, "{text}");
        assert!(text.contains(part), "{text}");
    }
    let large =
        rig.client.http.post(rig.client.endpoint("token")).header("Content-Type", form).body(vec![b'a'; 70_000]);
    let (status, text) = told(large.send().await.unwrap()).await;
    assert_eq!((status, text.contains("larger than 65536 bytes")), (413, true), "{text}");
}

#[tokio::test]
async fn the_published_self_test_client_is_known_by_its_published_settings() {
    // its private key is not ours: a request with its id must fail on the signature and on nothing before it
    let rig = rig("com").await;
    let published = json!({"id": "STG2-MYINFO-SELF-TEST", "secret": "44d953c796cccebcec9bdc826852857ab412fbe2"});
    let mut draft = rig.client.token_draft("c");
    draft.header.app_id = published["id"].as_str().unwrap().to_owned();
    draft
        .set("client_id", published["id"].as_str().unwrap())
        .set("client_secret", published["secret"].as_str().unwrap());
    let (status, body) = told(rig.client.send(&draft).await.unwrap()).await;
    assert_eq!((status, body.contains("Invalid PKI Signature")), (500, true), "{body}");
}
