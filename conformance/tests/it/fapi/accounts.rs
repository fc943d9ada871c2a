//! Accounts without Myinfo data: what a Login app learns of them, and where a Myinfo app fails; and the largest record.

use super::party::{LOGIN, MYINFO, Party};
use reqwest::Method;
use serde_json::{Value, json};

const FOREIGN: &str = "G0000012X";
const WITHOUT: &str = "S0000013B";
const LARGE: &str = "S0000011F";
const EVERYTHING: &str = "openid user.identity name email mobileno";

/// What the ID token tells a Login app of a persona.
async fn attributes(party: &Party, persona: &str) -> Value {
    let mut draft = party.par();
    draft.set("scope", EVERYTHING);
    let tokens = party.tokens_of(&draft, persona).await;
    let [_, _, claims] = Party::opened(tokens["id_token"].as_str().unwrap());
    claims["sub_attributes"].clone()
}

#[tokio::test]
async fn a_foreign_account_has_a_number_of_its_country_and_no_mobile_number() {
    let party = Party::new(LOGIN).await;
    let foreign = json!({
        "account_type": "foreign", "identity_number": "A00000012", "identity_coi": "MY",
        "name": "AISYAH BINTI FOREIGN", "email": "aisyah@example.com",
    });
    assert_eq!(attributes(&party, FOREIGN).await, foreign);
    let standard = json!({
        "account_type": "standard", "identity_number": WITHOUT, "identity_coi": "SG",
        "name": "TEO NO MYINFO", "email": "teo@example.com", "mobileno": "80000013",
    });
    assert_eq!(attributes(&party, WITHOUT).await, standard);
}

#[tokio::test]
async fn somebody_without_data_gets_as_far_as_userinfo() {
    for (persona, cause) in [
        (
            FOREIGN,
            "the persona has a Singpass Foreign Account (MY), of which Myinfo has no data: login and consent work",
        ),
        (WITHOUT, "the persona has an account without Myinfo data, like one made by hand on staging"),
    ] {
        let party = Party::new(MYINFO).await;
        let tokens = party.tokens_of(&party.par(), persona).await;
        let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
        assert_eq!((told.status, told.headers["content-type"].as_str()), (400, "application/json"));
        assert_eq!(told.json()["error"], "invalid_request");
        assert!(told.headers["www-authenticate"].starts_with("DPoP error=\"invalid_request\""), "{:?}", told.headers);
        let refused = party.newest().await["refused"].clone();
        assert_eq!(refused["rule"], "fapi.userinfo.person");
        assert!(refused["cause"].as_str().unwrap().starts_with(cause), "{refused}");
    }
}

#[tokio::test]
async fn an_account_changes_by_itself_and_survives_the_change_of_another_item() {
    let party = Party::new(LOGIN).await;
    let change = async |persona: &str, body: Value, says: &str| {
        let url = format!("{}/_mock/personas/{persona}", party.mock.base_url());
        let answer = party.http.request(Method::PATCH, url).json(&body).send().await.unwrap();
        let told: Value = answer.json().await.unwrap();
        assert!(told.to_string().contains(says), "{body}: {told}");
        told["account"].clone()
    };
    let email = json!({"email": {"value": "new@example.com"}});
    assert_eq!(change(FOREIGN, email, "").await, json!({"foreign": "MY", "number": "A00000012"}));
    assert_eq!(attributes(&party, FOREIGN).await["email"], "new@example.com");
    let country = json!({"account": {"foreign": "ID"}});
    assert_eq!(change(FOREIGN, country, "").await, json!({"foreign": "ID", "number": "A00000012"}));
    let number = json!({"account": {"number": null}, "person": {}});
    assert_eq!(change(FOREIGN, number, "").await, json!({"foreign": "ID"}));
    let told = attributes(&party, FOREIGN).await;
    assert_eq!((&told["identity_coi"], &told["identity_number"]), (&json!("ID"), &json!(FOREIGN)));
    for (body, says) in [
        (json!({"account": {"foriegn": "MY"}}), "did you mean `foreign`?"),
        (json!({"account": {"myinfo": false}}), "a foreign account never has Myinfo data"),
        (
            json!({"acount": {"myinfo": false}, "person": {}}),
            "a persona has no member `acount`; did you mean `account`?",
        ),
        (json!({"acount": {"myinfo": false}}), "`acount`: no such attribute"),
        (json!({"account": "foreign"}), "must be an object"),
    ] {
        change(FOREIGN, body, says).await;
    }
    assert_eq!(change(FOREIGN, json!({"account": null}), "warnings").await, json!(null), "it is the usual one now");
    assert_eq!(attributes(&party, FOREIGN).await["account_type"], "standard");
    assert_eq!(change("S6005048A", json!({"account": {"myinfo": false}}), "").await, json!({"myinfo": false}));
    assert_eq!(party.admin("personas/S6005048A").await["account"], json!({"myinfo": false}));
    assert_eq!(change("S6005048A", json!({"account": {"myinfo": true}}), "").await, json!(null), "named to be changed");
}

#[tokio::test]
async fn an_account_that_says_nothing_is_told_where_it_is_not_a_change() {
    let party = Party::new(LOGIN).await;
    let told = async |method: Method, query: &str| {
        let url = format!("{}/_mock/personas/S1234567D{query}", party.mock.base_url());
        let answer = party.http.request(method, url).json(&json!({"account": {}, "person": {}})).send().await.unwrap();
        let told: Value = answer.json().await.unwrap();
        told["warnings"].to_string().contains("`account`: is {}, and so the usual account")
    };
    assert!(told(Method::PUT, "").await);
    assert!(!told(Method::PATCH, "").await);
    assert!(!told(Method::PUT, "?base=S6005048A").await);
}

#[tokio::test]
async fn the_largest_record_is_sent_whole() {
    let party = Party::new(MYINFO).await;
    let mut draft = party.par();
    draft.set("scope", "openid cpfcontributions noahistory hdbownership.address vehicles.vehicleno");
    let tokens = party.tokens_of(&draft, LARGE).await;
    let told = party.send(&party.userinfo(tokens["access_token"].as_str().unwrap())).await;
    let [_, _, userinfo] = Party::opened(&told.body);
    let person = &userinfo["person_info"];
    let rows = |value: &Value| value.as_array().unwrap().len();
    let sizes = [&person["cpfcontributions"]["history"], &person["noahistory"]["noas"]].map(rows);
    assert_eq!((sizes, rows(&person["hdbownership"]), rows(&person["vehicles"])), ([15, 2], 2, 2));
}

#[tokio::test]
async fn the_pages_say_what_becomes_of_such_a_login() {
    for (client, consequence) in [(MYINFO, ": userinfo answers 400 invalid_request<"), (LOGIN, "<")] {
        let party = Party::new(client).await;
        let begun = party.http.get(party.auth_url(&party.pushed().await)).send().await.unwrap();
        let login = format!("{}{}", party.mock.base_url(), begun.headers()["location"].to_str().unwrap());
        let page = party.http.get(&login).send().await.unwrap().text().await.unwrap();
        let told = format!("A Singpass Foreign Account (MY), of which Myinfo has no data{consequence}");
        assert!(page.contains(&told), "{told}: {page}");
        assert_eq!(page.matches("data-test=\"account\"").count(), 2, "the others have nothing to tell");
        if client == MYINFO {
            let (_, transaction) = login.split_once("transaction=").unwrap();
            let form = [("transaction", transaction), ("persona", WITHOUT)];
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let page = format!("{}/login", party.issuer());
            let chosen = party.http.post(page).body(body).send().await.unwrap();
            let consent = format!("{}{}", party.mock.base_url(), chosen.headers()["location"].to_str().unwrap());
            let consent = party.http.get(consent).send().await.unwrap().text().await.unwrap();
            assert!(consent.contains("not sent: this is an account without Myinfo data"), "{consent}");
        }
    }
}
