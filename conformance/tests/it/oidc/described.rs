//! The description of the endpoints of the API before FAPI, held against what the mock does.

use super::party::{Before, remove};
use crate::described::parameters;
use crate::fapi::party::MYINFO;

/// Whether a good request without this parameter is taken.
async fn without(endpoint: &str, name: &str) -> bool {
    let party = Before::new(MYINFO).await;
    if endpoint == "auth" {
        let mut query = party.query();
        remove(&mut query, name);
        return party.visit(&party.auth_url(&query)).await.status == 302;
    }
    let mut draft = party.token(&party.code().await);
    match name {
        "client_assertion" => draft.assertion = None,
        // it comes with the assertion where it is not there: an empty one is none
        "client_assertion_type" => draft.set(name, ""),
        _ => draft.remove(name),
    }
    party.send(&draft).await.status == 200
}

#[tokio::test]
async fn the_api_before_fapi_misses_what_is_required_and_nothing_else() {
    let document = Before::new(MYINFO).await.admin("openapi/oidc.json").await;
    for (method, endpoint, place) in [("GET", "auth", "query"), ("POST", "token", "form")] {
        for (name, required) in parameters(&document, method, &format!("/{endpoint}"), place) {
            // a login with a challenge wants its verifier; one without has none
            let required = required || name == "code_verifier";
            assert_eq!(without(endpoint, &name).await, !required, "{endpoint} without {name}");
        }
    }
}
