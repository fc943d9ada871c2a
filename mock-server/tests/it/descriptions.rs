//! The descriptions of the admin API and of the profiles' endpoints, as documents and as pages.

use crate::own_pages::make_realm;
use crate::pages::visit;
use serde_json::Value;

#[tokio::test]
async fn the_description_of_the_api_is_readable() {
    let visit = visit().await;
    let page = visit.page("/_mock/openapi.html").await;
    let description: Value = serde_json::from_str(&visit.page("/_mock/openapi.json").await).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.values().flat_map(|methods| methods.as_object().unwrap().values());
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap();
        assert!(page.contains(&format!("data-test=\"operation-{id}\"")), "{id}");
    }
    for name in description["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    assert!(page.contains("Only those in which all these words stand."), "references are followed");
}

#[tokio::test]
async fn the_description_of_each_profile_is_readable_and_a_realm_has_its_own() {
    let visit = visit().await;
    make_realm(&visit).await;
    for profile in ["v3", "fapi", "oidc"] {
        let page = visit.page(&format!("/_mock/openapi/{profile}.html")).await;
        let document: Value =
            serde_json::from_str(&visit.page(&format!("/_mock/openapi/{profile}.json")).await).unwrap();
        let chip = format!("{profile}.html\" aria-current=\"true\"");
        assert!(
            page.contains(&chip) && page.matches("aria-current=\"true\"").count() == 1,
            "{profile} is marked: {page}"
        );
        let title = document["info"]["title"].as_str().unwrap().replace('\'', "&#39;");
        assert!(page.contains(&format!("<title>{title} – ")), "{page}");
        let paths = document["paths"].as_object().unwrap();
        for operation in paths.values().flat_map(|methods| methods.as_object().unwrap().values()) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("data-test=\"operation-{id}\"")), "{id}");
            for rule in operation["x-rules"].as_array().unwrap() {
                assert!(page.contains(&format!("rules.html#{}\"", rule.as_str().unwrap())), "{rule}");
            }
        }
        assert!(page.contains("in the form, required") && page.contains("<h3>Rules</h3>"), "{page}");
    }
    let of_realm: Value = serde_json::from_str(&visit.page("/_realm/side/_mock/openapi/fapi.json").await).unwrap();
    assert_eq!(of_realm["servers"][0]["url"], "/_realm/side/");
    let missing = visit.get("/_mock/openapi/v4.json").await;
    assert_eq!(missing.status(), 404);
    assert!(missing.text().await.unwrap().contains("`v3.json`, `fapi.json` and `oidc.json` are there"));
}
