//! The service's signing key changes: what is signed, what is published, and what lives on.

use super::party::{MYINFO, Party, key};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use myinfo_fixtures::keys::ec::{SERVICE_KID, SERVICE_NEXT_KID};
use myinfo_oracle::{jwe, jwk, jws};
use serde_json::{Value, json};

async fn change(party: &Party, how: &str) -> (u16, Value) {
    let url = format!("{}/_mock/keys", party.mock.base_url());
    let answer = party.http.post(url).json(&json!({"change": how})).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The kids that sign, of the published set.
async fn published(party: &Party) -> Vec<String> {
    let set = party.visit(&format!("{}/.well-known/keys", party.mock.base_url())).await.json();
    let keys = set["keys"].as_array().unwrap().iter();
    for key in keys.clone() {
        assert!(key.get("d").is_none() && (key["use"] == "enc" || key.get("alg").is_none()), "{key}");
    }
    keys.filter(|key| key["use"] == "sig").map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// Whether a document by the key of this kid verifies by the set that is published.
async fn verifies_by_the_published_set(party: &Party, jws: &str, kid: &str) -> bool {
    let header = BASE64_URL_SAFE_NO_PAD.decode(jws.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["kid"], kid);
    let set = party.visit(&format!("{}/.well-known/keys", party.mock.base_url())).await.json();
    let found = jwk::find(&set, kid).and_then(jwk::public);
    found.and_then(|key| jws::accept(jws, &key)).is_ok()
}

#[tokio::test]
async fn each_change_signs_and_publishes_as_it_says() {
    let next = "alias/testbed-auth-api-signing-key-2-alias";
    for (changes, signs, has, lacks) in [
        (&["announced"] as &[_], SERVICE_NEXT_KID, &[SERVICE_NEXT_KID, SERVICE_KID] as &[_], &[] as &[_]),
        (&["overlap"], next, &[next, SERVICE_KID], &[]),
        (&["now"], next, &[next], &[SERVICE_KID]),
        (&["same-kid"], SERVICE_KID, &[SERVICE_KID], &[next]),
        (&["late"], next, &[SERVICE_KID], &[next]),
        (&["late", "publish"], next, &[next, SERVICE_KID], &[]),
        (&["overlap", "retire"], next, &[next], &[SERVICE_KID, SERVICE_NEXT_KID]),
    ] {
        let party = Party::new(MYINFO).await;
        let before = party.access_token().await;
        for how in changes {
            assert_eq!(change(&party, how).await.0, 200, "{how}");
        }
        let told = party.send(&party.userinfo(&before)).await;
        assert_eq!(told.status, 200, "a token made before {changes:?} lives on");
        let mut kids = published(&party).await;
        assert!(has.iter().all(|kid| kids.iter().any(|known| known == kid)), "{changes:?}: {kids:?}");
        assert!(!lacks.iter().any(|kid| kids.iter().any(|known| known == kid)), "{changes:?}: {kids:?}");
        let count = kids.len();
        kids.sort();
        kids.dedup();
        assert_eq!(kids.len(), count, "{changes:?}: a kid stands there once");
        let jws = jwe::open(&told.body, &key("client-enc-p256")).unwrap().plaintext;
        assert_eq!(verifies_by_the_published_set(&party, &jws, signs).await, has.contains(&signs), "{changes:?}");
    }
}

#[tokio::test]
async fn an_unknown_change_is_refused_and_a_reset_undoes_all() {
    let party = Party::new(MYINFO).await;
    let (status, told) = change(&party, "soon").await;
    assert_eq!(status, 400);
    assert!(
        told["error"].as_str().unwrap().contains("announced, overlap, now, same-kid, late, publish, retire"),
        "{told}"
    );
    let first = published(&party).await;
    assert_eq!(change(&party, "now").await.1["keys"]["fapi"]["signing"], "alias/testbed-auth-api-signing-key-2-alias");
    assert_ne!(published(&party).await, first);
    let reset = format!("{}/_mock/reset", party.mock.base_url());
    party.http.post(reset).json(&json!({})).send().await.unwrap().error_for_status().unwrap();
    assert_eq!(
        (published(&party).await, &party.admin("keys").await["keys"]["fapi"]["signing"]),
        (first, &json!(SERVICE_KID))
    );
}
