//! Every fault does what the catalogue says, at its stage, and nothing when it is not armed.

use super::hostile::CASES;
use super::party::Before;
use super::rules::sent;
use crate::fapi::faults::{Opened, open};
use crate::fapi::party::{MYINFO, PERSONA};
use serde_json::{Value, json};
use url::Url;

/// The faults of this profile: id, stage and clause.
async fn catalogue() -> Vec<[String; 3]> {
    let faults = Before::new(MYINFO).await.admin("faults").await;
    let own = faults["catalogue"].as_array().unwrap().iter().filter(|fault| fault["profile"] == "oidc");
    own.map(|fault| ["id", "stage", "clause"].map(|name| fault[name].as_str().unwrap().to_owned())).collect()
}

/// What came back at each place of a flow that goes on as long as it can; a place that was not reached is missing.
#[derive(Debug, Default)]
struct Flow {
    discovery: Option<Value>,
    callback: Vec<(String, String)>,
    token: Option<Value>,
    userinfo: Option<String>,
}

async fn flow(fault: Option<&str>) -> (Before, Flow) {
    let party = Before::new(MYINFO).await;
    if let Some(fault) = fault {
        party.arm(fault).await;
    }
    let mut flow = Flow::default();
    walk(&party, &mut flow).await;
    (party, flow)
}

async fn walk(party: &Before, flow: &mut Flow) -> Option<()> {
    let json = |body: Option<String>| body.and_then(|body| serde_json::from_str::<Value>(&body).ok());
    let discovery = format!("{}/.well-known/openid-configuration", party.issuer());
    flow.discovery = json(read(party.http.get(discovery)).await);
    let told = party.visit_as(PERSONA, &party.auth_url(&party.query())).await;
    flow.callback = Url::parse(&told.headers["location"]).ok()?.query_pairs().into_owned().collect();
    let code = flow.callback.iter().find(|(name, _)| name == "code")?.1.clone();
    flow.token = json(read(party.request(&party.token(&code))).await);
    let access_token = flow.token.as_ref()?["access_token"].as_str()?.to_owned();
    flow.userinfo = read(party.request(&party.userinfo(&access_token))).await;
    Some(())
}

/// The body of an answer of any status; nothing where it breaks off.
async fn read(request: reqwest::RequestBuilder) -> Option<String> {
    request.send().await.ok()?.text().await.ok()
}

#[tokio::test]
async fn every_fault_strikes_at_its_stage_and_is_journalled() {
    for [id, stage, _] in catalogue().await.into_iter().filter(|[_, stage, _]| stage != "acceptance") {
        let (party, _) = flow(Some(&id)).await;
        let exchanges = party.admin("exchanges").await;
        let mut exchanges = exchanges["exchanges"].as_array().unwrap().iter();
        let struck = exchanges.find(|exchange| exchange["faults"].to_string().contains(&format!("\"{id}\"")));
        let event = struck.unwrap_or_else(|| panic!("{id} did not strike"))["event"].as_str().unwrap();
        let expected = match stage.as_str() {
            "discovery" => "discovery",
            "authorisation-response" => "auth",
            "token-response" | "id-token-jwe" | "id-token-jws" => "token",
            "person-response" | "person-jwe" | "person-jws" | "person-data" => "userinfo",
            other => panic!("{id}: {other}"),
        };
        assert_eq!(event, expected, "{id}");
    }
}

/// Whoever decrypts finds out.
const NOT_TO_BE_DECRYPTED: &[&str] = &["tag", "key", "not-encrypted"];
/// Whoever verifies finds out.
const NOT_TO_BE_VERIFIED: &[&str] = &["signature", "signer", "none", "hs256", "unsigned"];

#[tokio::test]
async fn every_fault_of_a_document_deforms_it_where_it_says() {
    let (other, control) = flow(None).await;
    let document = |flow: &Flow, stage: &str| {
        if stage.starts_with("id-token") {
            flow.token.as_ref().unwrap()["id_token"].as_str().unwrap().to_owned()
        } else {
            flow.userinfo.clone().unwrap()
        }
    };
    let documents = ["id-token-jwe", "id-token-jws", "person-jwe", "person-jws", "person-data"];
    let mut tried = 0;
    for [id, stage, _] in catalogue().await.into_iter().filter(|[_, stage, _]| documents.contains(&stage.as_str())) {
        let good = open(&other.issuer(), &document(&control, &stage));
        assert!(matches!(good, Opened::Whole(_)), "without a fault: {good:?}");
        let (party, deformed) = flow(Some(&id)).await;
        let found = open(&party.issuer(), &document(&deformed, &stage));
        let what = id.strip_prefix("oidc-id-token-").or_else(|| id.strip_prefix("oidc-userinfo-")).unwrap_or(&id);
        if NOT_TO_BE_DECRYPTED.contains(&what) {
            assert_eq!(found, Opened::Not, "{id}");
        } else if NOT_TO_BE_VERIFIED.contains(&what) {
            assert_eq!(found, Opened::Unverified, "{id}");
        } else {
            assert!(matches!(found, Opened::Whole(_)) && found != good, "{id}: {found:?}");
        }
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

/// The payload of a document of a flow with this fault.
async fn payload(fault: &str, of: fn(&Flow) -> String) -> (Before, Value) {
    let (app, deformed) = flow(Some(fault)).await;
    match open(&app.issuer(), &of(&deformed)) {
        Opened::Whole(parts) => (app, serde_json::from_str(&parts[2]).unwrap()),
        other @ (Opened::Not | Opened::Unverified) => panic!("{fault}: {other:?}"),
    }
}

#[tokio::test]
async fn what_mixes_the_two_apis_and_the_forms_of_sub_is_what_the_catalogue_says() {
    let (party, mixed) = flow(Some("oidc-discovery-par")).await;
    let discovery = mixed.discovery.unwrap();
    assert_eq!(discovery["pushed_authorization_request_endpoint"], format!("{}/fapi/par", party.issuer()));
    assert_eq!(discovery["authorization_endpoint"], format!("{}/auth", party.issuer()));
    let (_, mixed) = flow(Some("oidc-callback-iss-fapi")).await;
    assert!(mixed.callback.iter().any(|(name, value)| name == "iss" && value.ends_with("/fapi")));
    let (_, refused) = flow(Some("oidc-callback-error-access-denied")).await;
    assert_eq!(refused.callback[0], ("error".to_owned(), "access_denied".to_owned()));

    let id_token = |flow: &Flow| flow.token.as_ref().unwrap()["id_token"].as_str().unwrap().to_owned();
    assert_eq!(payload("oidc-id-token-issuer-fapi", id_token).await.1["iss"], "HOST/fapi");
    let (_, claims) = payload("oidc-id-token-sub-fapi", id_token).await;
    let uuid = claims["sub"].as_str().unwrap().to_owned();
    assert!(crate::fapi::party::is_uuid(&claims["sub"]), "{claims}");
    assert_eq!(payload("oidc-id-token-sub-uuid", id_token).await.1["sub"], format!("u={uuid}"));
    let foreign = format!("s={uuid},fid=A1234567,coi=MY,u={uuid}");
    assert_eq!(payload("oidc-id-token-sub-foreign", id_token).await.1["sub"], foreign);
    let (_, person) = payload("oidc-userinfo-person-info", |flow| flow.userinfo.clone().unwrap()).await;
    assert_eq!(crate::fapi::party::names(&person), ["person_info", "iss", "sub", "aud", "iat"]);
    assert_eq!(person["person_info"]["uinfin"]["value"], PERSONA);
}

#[tokio::test]
async fn a_fault_instead_of_the_work_leaves_the_code_as_it_was_and_fapi_alone() {
    let party = Before::new(MYINFO).await;
    let code = party.code().await;
    let url = format!("{}/_mock/faults", party.issuer());
    for (fault, status, error) in [
        ("oidc-token-400", 400, "invalid_grant"),
        ("oidc-token-401", 401, "invalid_client"),
        ("oidc-token-500", 500, "SERVER_SIDE_ERROR"),
    ] {
        let armed = party.http.post(&url).json(&json!({"id": fault, "times": 1})).send().await.unwrap();
        assert!(armed.status().is_success());
        party.tokens().await;
        let told = party.send(&party.token(&code)).await;
        assert_eq!((told.status, &told.json()["error"]), (status, &json!(error)), "{fault}");
    }
    assert_eq!(party.send(&party.token(&code)).await.status, 200);
}

#[tokio::test]
async fn what_the_server_is_told_to_overlook_it_overlooks() {
    for [id, _, rule] in catalogue().await.into_iter().filter(|[_, stage, _]| stage == "acceptance") {
        let mut accepted = 0;
        for (_, _, _, says, hostile) in CASES.iter().filter(|(broken, ..)| *broken == rule) {
            let (party, status, body) = sent(hostile, &[&id]).await;
            if status < 400 {
                accepted += 1;
                let newest = party.newest().await;
                assert!(newest["faults"].as_array().unwrap().contains(&json!(id)), "{id}, {says}: {newest}");
            } else {
                // what it cannot go on with, it refuses as before; it never fails
                assert!(status < 500, "{id}, {says}: {status} {body}");
            }
        }
        assert!(accepted > 0, "{id}: no request that breaks `{rule}` is taken");
    }
}
