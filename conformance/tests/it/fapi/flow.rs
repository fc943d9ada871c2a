//! Flows that keep every rule: what the documents say of the answers, and what real clients send against them.

use super::party::{LOGIN, MYINFO, PERSONA, Party, is_uuid, key, names, with, without};
use crate::support::NOW;
use myinfo_fixtures::keys::ec;
use myinfo_oracle::jwk;
use serde_json::{Value, json};

#[tokio::test]
async fn a_myinfo_app_gets_the_person_signed_and_encrypted() {
    let party = Party::new(MYINFO).await;
    let callback = party.callback().await;
    let mut sent: Vec<&str> = callback.keys().map(String::as_str).collect();
    sent.sort_unstable();
    assert_eq!(sent, ["code", "iss", "state"]);
    assert_eq!((callback["code"].len(), callback["iss"].as_str()), (43, party.issuer().as_str()));
    let told = party.send(&party.token(&callback["code"])).await;
    let tokens = told.json();
    assert_eq!(names(&tokens), ["access_token", "id_token", "token_type"]);
    assert_eq!(tokens["token_type"], "DPoP");
    let [outer, inner, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    assert_eq!(names(&outer), ["cty", "enc", "alg", "kid", "epk"]);
    assert_eq!(
        (&outer["cty"], &outer["enc"], &outer["alg"]),
        (&json!("JWT"), &json!("A256CBC-HS512"), &json!("ECDH-ES+A256KW"))
    );
    assert_eq!(inner, json!({"alg": "ES256", "typ": "JWT", "kid": ec::SERVICE_KID}));
    let order = ["iat", "exp", "iss", "sub", "aud", "amr", "sub_attributes", "sub_type", "nonce", "acr"];
    assert_eq!(names(&claims), order);
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(NOW / 1000), &json!(NOW / 1000 + 600)));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(party.issuer()), &json!(MYINFO)));
    assert_eq!(claims["sub_attributes"], json!({"name": "ANDY LAU"}), "`uinfin` does not fill them");
    assert!(is_uuid(&claims["sub"]));
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    assert_eq!((told.status, told.headers["content-type"].as_str()), (200, "application/jwt; charset=utf-8"));
    let [outer, _, userinfo] = Party::opened(&told.body);
    assert_eq!(outer["enc"], "A256GCM");
    assert_eq!(names(&userinfo), ["person_info", "iss", "iat", "sub", "aud"], "there is no `exp`");
    assert_eq!(userinfo["sub"], claims["sub"]);
    assert_eq!(names(&userinfo["person_info"]), ["uinfin", "name"]);
    assert_eq!(userinfo["person_info"]["uinfin"]["value"], PERSONA);
}

#[tokio::test]
async fn only_the_requested_members_are_sent() {
    let party = Party::new(MYINFO).await;
    let mut draft = party.par();
    draft.set("scope", "openid vehicles.make vehicles.vehicleno cpfbalances.oa drivinglicence.qdl.expirydate");
    let tokens = party.tokens_of(&draft, "S9812351B").await;
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    let [_, _, userinfo] = Party::opened(&told.body);
    let person = &userinfo["person_info"];
    assert_eq!(names(person), ["vehicles", "cpfbalances", "drivinglicence"]);
    for vehicle in person["vehicles"].as_array().unwrap() {
        let mut members = names(vehicle);
        members.sort_unstable();
        assert_eq!(members, ["classification", "lastupdated", "make", "source", "vehicleno"]);
    }
    assert!(person["cpfbalances"].get("ma").is_none(), "{}", person["cpfbalances"]);
}

#[tokio::test]
async fn a_login_app_learns_who_it_is_and_has_no_userinfo() {
    let party = Party::new(LOGIN).await;
    let tokens = party.tokens().await;
    let [_, _, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    let identity =
        json!({"account_type": "standard", "identity_number": PERSONA, "identity_coi": "SG", "name": "ANDY LAU"});
    assert_eq!(claims["sub_attributes"], identity);
    let transactions = party.admin("transactions").await;
    assert_eq!(transactions["transactions"][0]["outcome"], "complete");
    assert_eq!(transactions["transactions"][0]["events"], json!(["par", "auth", "token"]));
}

#[tokio::test]
async fn the_level_that_was_asked_for_is_told() {
    let party = Party::new(LOGIN).await;
    let mut draft = party.par();
    draft.set("acr_values", "urn:singpass:authentication:loa:3 urn:singpass:authentication:loa:2");
    let tokens = party.tokens_of(&draft, PERSONA).await;
    let [_, _, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    assert_eq!(
        (&claims["acr"], &claims["amr"]),
        (&json!("urn:singpass:authentication:loa:3"), &json!(["swk", "face"]))
    );
}

#[tokio::test]
async fn the_metadata_name_what_is_served() {
    let party = Party::new(MYINFO).await;
    let url = format!("{}/.well-known/openid-configuration", party.issuer());
    let told = party.visit(&url).await;
    assert!(told.headers["cache-control"].contains("max-age=21600"));
    let metadata = told.json();
    assert_eq!(metadata["issuer"], party.issuer());
    assert_eq!(metadata["jwks_uri"], format!("{}/.well-known/keys", party.mock.base_url()), "at the host's root");
    let keys = party.visit(metadata["jwks_uri"].as_str().unwrap()).await.json();
    let signing: Vec<&Value> = keys["keys"].as_array().unwrap().iter().filter(|key| key["use"] == "sig").collect();
    assert!(signing.len() > 1 && signing.iter().all(|key| key.get("alg").is_none() && key.get("d").is_none()));
    assert!(signing.iter().all(|key| key["kid"].as_str().unwrap().contains('/')));
    let realm = party.http.post(format!("{}/_mock/realms", party.mock.base_url())).json(&json!({"name": "mine"}));
    assert_eq!(realm.send().await.unwrap().status(), 201);
    let url = format!("{}/_realm/mine/fapi/.well-known/openid-configuration", party.mock.base_url());
    let issuer = party.visit(&url).await.json()["issuer"].as_str().unwrap().to_owned();
    assert_eq!(issuer, format!("{}/_realm/mine/fapi", party.mock.base_url()));
}

#[tokio::test]
async fn what_real_clients_send_against_the_documents_is_taken_unless_it_is_strict() {
    let lenient = Party::new(MYINFO).await;
    let strict = Party::with(MYINFO, "[fapi]\nstrict = true").await;
    for party in [&lenient, &strict] {
        let taken = std::ptr::eq(party, &raw const lenient);
        let mut endpoint = party.par();
        let url = endpoint.url.clone();
        with(&mut endpoint.assertion().claims, "aud", url);
        let mut no_typ = party.par();
        without(&mut no_typ.assertion().header, "typ");
        let mut list = party.par();
        with(&mut list.assertion().claims, "aud", json!([party.issuer()]));
        for draft in [endpoint, no_typ, list] {
            let told = party.send(&draft).await;
            assert_eq!(told.status, if taken { 201 } else { 401 }, "{}", told.body);
        }
        let told = party.visit(&format!("{}&extra=1", party.auth_url(&party.pushed().await))).await;
        assert_eq!(told.status, if taken { 302 } else { 400 });
    }
    // what no setting refuses: the id only in the assertion, no kid, `dpop_jkt` instead of a proof
    let mut draft = strict.par();
    without(&mut draft.assertion().header, "kid");
    draft.proof = None;
    draft.set("dpop_jkt", &jwk::thumbprint(&ec::public("ephemeral-p256").unwrap()).unwrap());
    let told = strict.send(&draft).await;
    assert_eq!(told.status, 201, "{}", told.body);
    let uri = told.json()["request_uri"].as_str().unwrap().to_owned();
    assert_eq!(strict.visit(&strict.auth_url(&uri)).await.status, 302);
    assert_eq!(key("ephemeral-p256").public(), jwk::public(&ec::public("ephemeral-p256").unwrap()).unwrap());
}

#[tokio::test]
async fn a_login_that_is_cancelled_goes_back_with_an_error_and_the_issuer() {
    let party = Party::new(MYINFO).await;
    for (ending, error) in [
        ("error:access_denied", "access_denied"),
        ("error:503", "temporarily_unavailable"),
        ("error:500", "server_error"),
    ] {
        let url = party.auth_url(&party.pushed().await);
        let answer = party.http.get(url).header("x-myinfo-mock-persona", ending).send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        let state = "state-0123456789-0123456789-012345";
        assert!(location.ends_with(&format!("?error={error}&state={state}&iss={}", party.issuer())), "{location}");
    }
}

#[tokio::test]
async fn what_is_published_for_everybody_begins_no_transaction() {
    let party = Party::new(MYINFO).await;
    for path in ["fapi/.well-known/openid-configuration", ".well-known/keys"] {
        assert_eq!(party.visit(&format!("{}/{path}", party.mock.base_url())).await.status, 200);
    }
    party.tokens().await;
    assert_eq!(party.admin("exchanges").await["exchanges"].as_array().unwrap().len(), 5);
    let transactions = party.admin("transactions").await;
    let events: Vec<&Value> =
        transactions["transactions"].as_array().unwrap().iter().map(|one| &one["events"]).collect();
    assert_eq!(events, [&json!(["par", "auth", "token"])]);
}

#[tokio::test]
async fn secrets_do_not_stand_in_the_journal() {
    let party = Party::new(MYINFO).await;
    let tokens = party.tokens().await;
    party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    let journal = party.admin("exchanges").await.to_string();
    for secret in ["access_token", "id_token"] {
        assert!(!journal.contains(tokens[secret].as_str().unwrap()), "{secret}");
    }
    assert!(!journal.contains(super::party::VERIFIER), "the verifier");
    assert!(journal.contains("state-0123456789") && journal.contains("nonce-0123456789"));
}
