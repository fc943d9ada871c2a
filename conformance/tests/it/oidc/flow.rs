//! Flows that keep every rule: what the legacy documents say of the answers, and both APIs side by side.

use super::party::{Before, claims, set, verified};
use crate::fapi::party::{LOGIN, MYINFO, PERSONA, Party, is_uuid, names};
use crate::support::NOW;
use myinfo_fixtures::keys::ec;
use serde_json::{Value, json};
use url::Url;

#[tokio::test]
async fn a_myinfo_app_gets_the_person_at_the_root_of_the_document() {
    let party = Before::new(MYINFO).await;
    let callback = party.callback_of(PERSONA, &party.query()).await;
    let mut sent: Vec<&str> = callback.keys().map(String::as_str).collect();
    sent.sort_unstable();
    assert_eq!((sent, callback["code"].len()), (vec!["code", "state"], 43), "no `iss`");
    let tokens = party.send(&party.token(&callback["code"])).await.json();
    assert_eq!(names(&tokens), ["access_token", "token_type", "id_token"]);
    assert_eq!(tokens["token_type"], "Bearer");
    let [outer, inner, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    assert_eq!(names(&outer), ["cty", "enc", "alg", "kid", "epk"]);
    assert_eq!((&outer["enc"], &outer["alg"]), (&json!("A256CBC-HS512"), &json!("ECDH-ES+A256KW")));
    assert_eq!(inner, json!({"alg": "ES256", "typ": "JWT", "kid": ec::SERVICE_KID}));
    assert_eq!(names(&claims), ["sub", "aud", "amr", "iss", "exp", "iat", "nonce"]);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(party.issuer()), &json!(MYINFO)));
    let issued = NOW / 1000;
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(issued), &json!(issued + 600)));
    assert_eq!(claims["nonce"], "nonce-0123456789-0123456789-012345");

    let access = tokens["access_token"].as_str().unwrap();
    let [header, access_claims] = verified(access);
    assert_eq!(header["typ"], "at+jwt");
    assert_eq!(names(&access_claims), ["sub", "client_id", "scope", "jti", "iat", "exp", "aud", "iss"]);
    assert_eq!(
        (&access_claims["aud"], &access_claims["exp"]),
        (&json!(format!("{}/userinfo", party.issuer())), &json!(issued + 1800))
    );
    let told = party.send(&party.userinfo(access)).await;
    assert_eq!((told.status, told.headers["content-type"].as_str()), (200, "application/jwt; charset=utf-8"));
    let [outer, _, person] = Party::opened(&told.body);
    assert_eq!(outer["enc"], "A256CBC-HS512");
    assert_eq!(names(&person), ["uinfin", "name", "iss", "sub", "aud", "iat"]);
    assert_eq!((&person["sub"], &person["iss"], &person["aud"]), (&claims["sub"], &claims["iss"], &claims["aud"]));
    assert_eq!((&person["uinfin"]["value"], &person["name"]["value"]), (&json!(PERSONA), &json!("ANDY LAU")));
}

#[tokio::test]
async fn sub_has_the_form_of_the_profile_and_the_uuid_of_fapi() {
    let fapi = Party::new(MYINFO).await;
    let uuid = Party::opened(fapi.tokens().await["id_token"].as_str().unwrap())[2]["sub"].clone();
    assert!(is_uuid(&uuid));
    let uuid = uuid.as_str().unwrap();
    for (profile, parts, sub) in [
        ("direct", 3, format!("u={uuid}")),
        ("direct_pii_allowed", 5, format!("s={PERSONA},u={uuid}")),
        ("bridge", 3, format!("s={PERSONA},u={uuid}")),
    ] {
        for client in [MYINFO, LOGIN] {
            let party = Before::with(client, &format!("[oidc]\nprofile = '{profile}'")).await;
            let tokens = party.tokens_of(PERSONA).await;
            assert_eq!(tokens["id_token"].as_str().unwrap().split('.').count(), parts, "{profile}");
            assert_eq!(claims(&tokens)["sub"], sub, "{profile}");
        }
    }
    let party = Before::new(LOGIN).await;
    let sub = claims(&party.tokens_of("G0000012X").await)["sub"].as_str().unwrap().to_owned();
    let (start, uuid) = sub.rsplit_once(",u=").unwrap();
    assert_eq!(start, format!("s={uuid},fid=A00000012,coi=MY"));
}

#[tokio::test]
async fn a_person_of_the_direct_profile_is_found_by_the_uuid_alone() {
    let party = Before::with(MYINFO, "[oidc]\nprofile = 'direct'").await;
    let [_, _, person] = Party::opened(&party.person().await.body);
    assert!(person["sub"].as_str().unwrap().starts_with("u="), "{person}");
    assert_eq!(person["uinfin"]["value"], PERSONA);
}

#[tokio::test]
async fn a_login_app_has_what_it_came_for_with_the_id_token() {
    let party = Before::new(LOGIN).await;
    let tokens = party.tokens_of(PERSONA).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!((access.len(), access.contains('.')), (43, false), "a random text");
    let transactions = party.admin("transactions").await;
    let told = &transactions["transactions"][0];
    assert_eq!((&told["events"], &told["outcome"]), (&json!(["auth", "token"]), &json!("complete")));
    assert_eq!(party.send(&party.userinfo(access)).await.status, 401);
    let cause = party.newest().await["refused"]["cause"].to_string();
    assert!(cause.contains("is it that of a Login app?"), "{cause}");
}

#[tokio::test]
async fn both_apis_serve_the_same_data_to_the_same_client_at_once() {
    let party = Before::new(MYINFO).await;
    let [_, _, before] = Party::opened(&party.person().await.body);
    let fapi: &Party = &party;
    let [_, _, after] = Party::opened(&fapi.send(&fapi.userinfo(&fapi.access_token().await)).await.body);
    for item in ["uinfin", "name"] {
        assert_eq!(before[item], after["person_info"][item], "{item}");
    }
    assert!(before["sub"].as_str().unwrap().ends_with(&format!(",u={}", after["sub"].as_str().unwrap())));
    let transactions = party.admin("transactions").await;
    let transactions = transactions["transactions"].as_array().unwrap().iter();
    let mut events: Vec<&Value> = transactions.map(|one| &one["events"]).collect();
    events.sort_by_key(|events| events.as_array().unwrap().len());
    assert_eq!(events, [&json!(["auth", "token", "userinfo"]), &json!(["par", "auth", "token", "userinfo"])]);
}

#[tokio::test]
async fn the_root_has_a_discovery_document_of_its_own_and_the_same_keys() {
    let party = Before::new(MYINFO).await;
    let told = party.visit(&format!("{}/.well-known/openid-configuration", party.issuer())).await;
    assert_eq!(told.headers["cache-control"], "max-age=21600, must-revalidate, no-transform, public");
    let (metadata, root) = (told.json(), party.issuer());
    assert_eq!(metadata["issuer"], root);
    for (name, path) in [
        ("authorization_endpoint", "auth"),
        ("token_endpoint", "token"),
        ("userinfo_endpoint", "userinfo"),
        ("jwks_uri", ".well-known/keys"),
    ] {
        assert_eq!(metadata[name], format!("{root}/{path}"));
    }
    assert_eq!(metadata["scopes_supported"], json!(["openid"]));
    assert!(metadata.get("pushed_authorization_request_endpoint").is_none());
    let notes = party.newest().await["notes"].to_string();
    assert!(notes.contains("FAPI's is /fapi/.well-known/openid-configuration"), "{notes}");
    let realm = party.http.post(format!("{root}/_mock/realms")).json(&json!({"name": "mine"}));
    assert_eq!(realm.send().await.unwrap().status(), 201);
    let mine = party.visit(&format!("{root}/_realm/mine/.well-known/openid-configuration")).await.json();
    assert_eq!(mine["token_endpoint"], format!("{root}/_realm/mine/token"));
}

#[tokio::test]
async fn a_browser_goes_through_login_and_consent_or_cancels() {
    let party = Before::new(MYINFO).await;
    let at = |path: &str| format!("{}{path}", party.issuer());
    for (choice, given) in [("agree", "code"), ("cancel", "error")] {
        let answer = party.http.get(party.auth_url(&party.query())).send().await.unwrap();
        let login = answer.headers()["location"].to_str().unwrap().to_owned();
        let transaction = login.strip_prefix("/auth/login?transaction=").unwrap().to_owned();
        let page = party.http.get(at(&login)).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("ANDY LAU"), "{page}");
        let form = format!("transaction={transaction}&persona={PERSONA}");
        let answer = party.http.post(at("/auth/login")).body(form).send().await.unwrap();
        let consent = answer.headers()["location"].to_str().unwrap().to_owned();
        let page = party.http.get(at(&consent)).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("uinfin") || page.contains(PERSONA), "{page}");
        let form = format!("transaction={transaction}&decision={choice}");
        let answer = party.http.post(at("/auth/consent")).body(form).send().await.unwrap();
        let callback = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let names: Vec<String> = callback.query_pairs().map(|(name, _)| name.into_owned()).collect();
        assert_eq!(names, [given, "state"], "{callback}");
    }
}

#[tokio::test]
async fn what_belongs_to_fapi_is_told_with_fapis_address() {
    let party = Before::new(MYINFO).await;
    let fapi: &Party = &party;
    let mut of_fapi = party.query();
    set(&mut of_fapi, "request_uri", &fapi.pushed().await);
    assert_eq!(party.visit(&party.auth_url(&of_fapi)).await.status, 400);
    let cause = party.newest().await["refused"]["cause"].to_string();
    assert!(cause.contains("a `request_uri` belongs to /fapi/auth"), "{cause}");

    let mut token = party.token(&fapi.code().await);
    token.proof = Some(party.proof("POST", &token.url, None));
    assert_eq!(party.send(&token).await.status, 400);
    let exchange = party.newest().await;
    assert!(exchange["refused"]["cause"].to_string().contains("FAPI gave out this code"), "{exchange}");
    assert!(exchange["notes"].to_string().contains("the header DPoP is ignored"), "{exchange}");

    let mut userinfo = party.userinfo(&fapi.access_token().await);
    assert_eq!(party.send(&userinfo).await.status, 401);
    let cause = party.newest().await["refused"]["cause"].to_string();
    assert!(cause.contains("/fapi`, and this is"), "{cause}");
    userinfo.authorization = userinfo.authorization.map(|text| text.replace("Bearer", "DPoP"));
    assert_eq!(party.send(&userinfo).await.status, 401);
    let cause = party.newest().await["refused"]["cause"].to_string();
    assert!(cause.contains("FAPI's is /fapi/userinfo"), "{cause}");

    // and the other way round
    let told = fapi.send(&fapi.token(&party.code().await)).await;
    assert_eq!((told.status, &told.json()["error"]), (400, &json!("invalid_grant")));
    let told = fapi.send(&fapi.userinfo(&party.access_token().await)).await;
    assert_eq!((told.status, &told.json()["error"]), (401, &json!("invalid_token")));
}

#[tokio::test]
async fn errors_have_the_documented_members() {
    let party = Before::new(MYINFO).await;
    let hex = |text: &str| text.chars().all(|character| character.is_ascii_hexdigit());
    let mut token = party.token("another");
    token.set("grant_type", "password");
    let told = party.send(&token).await;
    let error = told.json();
    assert_eq!(names(&error), ["id", "error", "error_description", "trace_id"]);
    assert!(is_uuid(&error["id"]) && error["trace_id"].as_str().is_some_and(|id| id.len() == 32 && hex(id)), "{error}");
    assert_eq!(told.headers["cache-control"], "no-cache, no-store, must-revalidate");
    let again = party.send(&party.token("another")).await.json();
    assert_ne!((&again["id"], &again["trace_id"]), (&error["id"], &error["trace_id"]));

    let told = party.send(&party.userinfo("a.b.c")).await;
    let error = told.json();
    assert_eq!(
        (&error["error"], &error["error_description"]),
        (&json!("invalid_token"), &json!("An error has occurred."))
    );
    let trace: Vec<&str> = error["trace_id"].as_str().unwrap().split('-').collect();
    assert_eq!(trace.iter().map(|part| part.len()).collect::<Vec<_>>(), [1, 8, 24], "{error}");
    assert_eq!(told.headers["www-authenticate"], "Bearer error=\"invalid_token\"");

    // no handler makes this one
    let told = party.http.post(format!("{}/auth", party.issuer())).send().await.unwrap();
    assert_eq!(told.status(), 405);
    let error: Value = told.json().await.unwrap();
    assert_eq!(
        (&error["error"], &error["error_description"]),
        (&json!("CLIENT_SIDE_ERROR"), &json!("This is an invalid request."))
    );
}

#[tokio::test]
async fn a_reset_is_the_end_of_the_tokens_before_it() {
    let party = Before::new(MYINFO).await;
    let userinfo = party.userinfo(&party.access_token().await);
    assert_eq!(party.send(&userinfo).await.status, 200);
    let reset = party.http.post(format!("{}/_mock/reset", party.issuer())).json(&json!({}));
    assert!(reset.send().await.unwrap().status().is_success());
    assert_eq!(party.send(&userinfo).await.status, 401);
    assert_eq!(party.newest().await["refused"]["rule"], "oidc.userinfo.token-alive");
    assert_eq!(party.person().await.status, 200);
}

#[tokio::test]
async fn secrets_do_not_stand_in_the_journal() {
    let party = Before::new(MYINFO).await;
    let tokens = party.tokens_of(PERSONA).await;
    party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    let journal = party.admin("exchanges").await.to_string();
    for secret in ["access_token", "id_token"] {
        assert!(!journal.contains(tokens[secret].as_str().unwrap()), "{secret}");
    }
    assert!(!journal.contains(crate::fapi::party::VERIFIER) && !journal.contains(PERSONA), "{journal}");
    assert!(journal.contains("state-0123456789") && journal.contains("nonce-0123456789"));
}
