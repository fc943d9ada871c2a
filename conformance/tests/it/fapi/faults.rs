//! Every fault of FAPI does what the catalogue says, at its stage, and nothing when it is not armed.

use super::hostile::CASES;
use super::party::{MYINFO, Party, key};
use super::rules::sent;
use myinfo_fixtures::keys::ec;
use myinfo_oracle::{jwe, jwk, jws};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What came back at each place of a flow; a place that was not reached is missing.
#[derive(Debug, Default)]
struct Flow {
    discovery: Option<Value>,
    keys: Option<Value>,
    pushed: Option<Value>,
    location: String,
    callback: Vec<(String, String)>,
    token: Option<Value>,
    userinfo: Option<String>,
}

/// The faults of FAPI: id and stage.
async fn catalogue() -> Vec<(String, String)> {
    let party = Party::new(MYINFO).await;
    let faults = party.admin("faults").await;
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let own = faults["catalogue"].as_array().unwrap().iter().filter(|fault| fault["profile"] == "fapi");
    own.map(|fault| (text(fault, "id"), text(fault, "stage"))).collect()
}

/// A whole flow of a party that goes on as long as it can, with a fault armed or without.
async fn flow(fault: Option<&str>) -> (Party, Flow) {
    let party = Party::new(MYINFO).await;
    if let Some(fault) = fault {
        party.arm(fault).await;
    }
    let mut flow = Flow::default();
    walk(&party, &mut flow, fault).await;
    (party, flow)
}

async fn walk(party: &Party, flow: &mut Flow, fault: Option<&str>) -> Option<()> {
    let json = |body: Option<String>| body.and_then(|body| serde_json::from_str::<Value>(&body).ok());
    flow.discovery = json(
        read("discovery", party.http.get(format!("{}/.well-known/openid-configuration", party.issuer())), fault).await,
    );
    flow.keys = json(read("keys", party.http.get(format!("{}/.well-known/keys", party.mock.base_url())), fault).await);
    flow.pushed = json(read("par", party.request(&party.par()), fault).await);
    let uri = flow.pushed.as_ref()?["request_uri"].as_str()?.to_owned();
    let told = party.visit(&party.auth_url(&uri)).await;
    flow.location.clone_from(told.headers.get("location")?);
    let location = url::Url::parse(&flow.location).ok()?;
    flow.callback = location.query_pairs().into_owned().collect();
    let code = flow.callback.iter().find(|(name, _)| name == "code")?.1.clone();
    flow.token = json(read("token", party.request(&party.token(&code)), fault).await);
    let access_token = flow.token.as_ref()?["access_token"].as_str()?.to_owned();
    flow.userinfo = read("userinfo", party.request(&party.userinfo(&access_token)), fault).await;
    Some(())
}

/// The body of an answer of any status; nothing where it breaks off, or never ends.
async fn read(place: &str, request: reqwest::RequestBuilder, fault: Option<&str>) -> Option<String> {
    let answer = request.send().await.ok()?;
    // the fault has struck when the headers are here
    if fault == Some(&format!("fapi-{place}-stalled")) { None } else { answer.text().await.ok() }
}

#[tokio::test]
async fn every_fault_of_fapi_strikes_at_its_stage_and_is_journalled() {
    for (id, stage) in catalogue().await.into_iter().filter(|(_, stage)| stage != "acceptance") {
        let (party, _) = flow(Some(&id)).await;
        let exchanges = party.admin("exchanges").await;
        let struck = exchanges["exchanges"]
            .as_array()
            .unwrap()
            .iter()
            .find(|exchange| exchange["faults"].as_array().is_some_and(|faults| faults.contains(&json!(id))));
        let event = struck.unwrap_or_else(|| panic!("{id} did not strike"))["event"].as_str().unwrap();
        let expected = match stage.as_str() {
            "discovery" => "discovery",
            "keys" => "keys",
            "pushed-response" => "par",
            "authorisation-response" => "auth",
            "token-response" | "id-token-jwe" | "id-token-jws" => "token",
            "person-response" | "person-jwe" | "person-jws" | "person-data" => "userinfo",
            other => panic!("{id}: {other}"),
        };
        assert_eq!(event, expected, "{id}");
    }
}

/// How far a document can be opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// It cannot be decrypted.
    Not,
    /// What is inside is not signed by the service.
    Unverified,
    /// JWE header without its key, JWS header, payload.
    Whole(Vec<String>),
}

/// Two servers have two addresses, which is no difference.
pub(crate) fn open(host: &str, document: &str) -> Opened {
    let Ok(opened) = jwe::open(document, &key("client-enc-p256")) else { return Opened::Not };
    let service = jwk::public(&ec::public(ec::SERVICE_KID).unwrap()).unwrap();
    let Ok(inner) = jws::accept(&opened.plaintext, &service) else { return Opened::Unverified };
    let mut header: Value = serde_json::from_str(&opened.header).unwrap();
    header.as_object_mut().unwrap().shift_remove("epk");
    Opened::Whole([header.to_string(), inner.header, inner.payload].map(|text| text.replace(host, "HOST")).to_vec())
}

/// Whoever decrypts finds out.
const NOT_TO_BE_DECRYPTED: &[&str] = &[
    "tag",
    "iv",
    "ciphertext",
    "key",
    "tag-short",
    "4-segments",
    "6-segments",
    "header-changed",
    "not-encrypted",
    "json",
];
/// Whoever verifies finds out.
const NOT_TO_BE_VERIFIED: &[&str] = &["signature", "signer", "none", "hs256", "unsigned", "crit", "jwk"];

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
    let mut tried = BTreeSet::new();
    for (id, stage) in catalogue().await.into_iter().filter(|(_, stage)| documents.contains(&stage.as_str())) {
        let good = open(&other.mock.base_url(), &document(&control, &stage));
        assert!(matches!(good, Opened::Whole(_)), "without a fault: {good:?}");
        let (party, deformed) = flow(Some(&id)).await;
        let found = open(&party.mock.base_url(), &document(&deformed, &stage));
        let what = id.strip_prefix("fapi-id-token-").or_else(|| id.strip_prefix("fapi-userinfo-")).unwrap_or(&id);
        if NOT_TO_BE_DECRYPTED.contains(&what) {
            assert_eq!(found, Opened::Not, "{id}");
        } else if NOT_TO_BE_VERIFIED.contains(&what) {
            assert_eq!(found, Opened::Unverified, "{id}");
        } else {
            assert!(matches!(found, Opened::Whole(_)), "{id}: {found:?}");
            // the asked items have no code, no 64-bit amount, and are verified already
            let same = ["fapi-data-unknown-codes"].contains(&id.as_str());
            assert_eq!(found == good, same, "{id}: {found:?}");
        }
        tried.insert(stage);
    }
    assert_eq!(tried.len(), documents.len(), "{tried:?}");
}

#[tokio::test]
async fn what_the_server_is_told_to_overlook_it_overlooks() {
    let acceptance = catalogue().await.into_iter().filter(|(_, stage)| stage == "acceptance");
    let party = Party::new(MYINFO).await;
    let faults = party.admin("faults").await;
    for (id, _) in acceptance {
        let fault = faults["catalogue"].as_array().unwrap().iter().find(|fault| fault["id"] == id.as_str()).unwrap();
        let rule = fault["clause"].as_str().unwrap();
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

#[tokio::test]
async fn redirects_and_replies_say_what_the_catalogue_says() {
    let value =
        |flow: &Flow, name: &str| flow.callback.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let (party, good) = flow(None).await;
    assert_eq!(value(&good, "iss"), Some(party.issuer()));
    let (_, wrong) = flow(Some("fapi-callback-iss-wrong")).await;
    assert_eq!(value(&wrong, "iss").as_deref(), Some("https://nobody.invalid/fapi"));
    let (party, legacy) = flow(Some("fapi-callback-iss-legacy")).await;
    assert_eq!(value(&legacy, "iss"), Some(party.mock.base_url()));
    let (_, missing) = flow(Some("fapi-callback-iss-missing")).await;
    assert_eq!(value(&missing, "iss"), None);
    let (party, encoded) = flow(Some("fapi-callback-iss-encoded")).await;
    assert_eq!(value(&encoded, "iss"), Some(party.issuer()));
    assert!(encoded.location.contains("iss=http%3A%2F%2F"), "{}", encoded.location);
    assert!(good.location.contains("iss=http://"), "{}", good.location);
    let (_, refused) = flow(Some("fapi-callback-error-access-denied")).await;
    assert_eq!((value(&refused, "error").as_deref(), value(&refused, "code")), (Some("access_denied"), None));

    let (_, shuffled) = flow(Some("fapi-keys-shuffled")).await;
    let kids = |flow: &Flow| -> Vec<String> {
        let keys = flow.keys.as_ref().unwrap()["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    assert!(kids(&good).iter().all(|kid| kids(&shuffled).contains(kid)), "{:?}", kids(&shuffled));
    assert_eq!(kids(&shuffled).len(), kids(&good).len() + 2);
    let (_, plain) = flow(Some("fapi-discovery-no-par")).await;
    assert!(plain.discovery.unwrap().get("pushed_authorization_request_endpoint").is_none());
    let (_, silent) = flow(Some("fapi-discovery-no-iss")).await;
    assert!(silent.discovery.unwrap().get("authorization_response_iss_parameter_supported").is_none());

    // a fault instead of the work leaves the code as it was
    let party = Party::new(MYINFO).await;
    let code = party.code().await;
    let once = json!({"id": "fapi-token-dpop-nonce", "times": 1});
    let armed = party.http.post(format!("{}/_mock/faults", party.mock.base_url())).json(&once).send().await.unwrap();
    assert!(armed.status().is_success());
    let told = party.send(&party.token(&code)).await;
    assert_eq!((told.status, &told.json()["error"]), (400, &json!("use_dpop_nonce")));
    assert!(told.headers.contains_key("dpop-nonce"), "{:?}", told.headers);
    assert_eq!(party.send(&party.token(&code)).await.status, 200);
}
