//! The description of FAPI's endpoints, held against what the mock does.

use super::party::{MYINFO, Party};
use crate::described::parameters;

/// Whether a good request without this parameter is taken.
async fn without(endpoint: &str, name: &str) -> bool {
    let party = Party::new(MYINFO).await;
    if endpoint == "auth" {
        let mut url = url::Url::parse(&party.auth_url(&party.pushed().await)).unwrap();
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        return party.visit(url.as_str()).await.status == 302;
    }
    let mut draft = if endpoint == "par" { party.par() } else { party.token(&party.code().await) };
    match name {
        "client_assertion" => draft.assertion = None,
        // it comes with the assertion where it is not there: an empty one is none
        "client_assertion_type" => draft.set(name, ""),
        _ => draft.remove(name),
    }
    party.send(&draft).await.status < 300
}

#[tokio::test]
async fn fapi_misses_what_is_required_and_nothing_else() {
    let document = Party::new(MYINFO).await.admin("openapi/fapi.json").await;
    for (method, endpoint, place) in [("POST", "par", "form"), ("GET", "auth", "query"), ("POST", "token", "form")] {
        for (name, required) in parameters(&document, method, &format!("/fapi/{endpoint}"), place) {
            assert_eq!(without(endpoint, &name).await, !required, "{endpoint} without {name}");
        }
    }
}
