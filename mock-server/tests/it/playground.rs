//! The playground: a login played step by step in every protocol, changed on the way, and never sent anywhere else.

use crate::pages::{Visit, visit, visit_with};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) const PATH: &str = "/_mock/playground.html";

/// The boxes of the page's form, by their names.
pub(crate) type Boxes = BTreeMap<String, String>;

pub(crate) fn plain(text: &str) -> String {
    let text = text.replace("<code>", "`").replace("</code>", "`");
    text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
}

/// What a browser would send of the form on a page.
pub(crate) fn boxes(page: &str) -> Boxes {
    let form = page.split("data-test=\"request\">").nth(1).unwrap().split("</form>").next().unwrap();
    let value = |tag: &str| tag.split("value=\"").nth(1).and_then(|rest| rest.split('"').next()).map(plain);
    let named = |tag: &str| tag.split("name=\"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    let inputs = form.split("<input ").skip(1).filter_map(|tag| Some((named(tag)?, value(tag)?)));
    let areas = form.split("<textarea ").skip(1).filter_map(|tag| {
        let text = tag.split_once('>')?.1.split("</textarea>").next()?;
        Some((named(tag)?, plain(text.strip_prefix('\n').unwrap_or(text))))
    });
    inputs.chain(areas).collect()
}

/// The same boxes with another value in one of them.
pub(crate) fn with(boxes: &Boxes, name: &str, value: &str) -> Boxes {
    let mut changed = boxes.clone();
    changed.insert(name.to_owned(), value.to_owned());
    changed
}

pub(crate) async fn send(visit: &Visit, boxes: &Boxes, button: &str) -> (u16, String) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(boxes).append_pair("do", button);
    let answer = visit.click(PATH, &form.finish()).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Sends the requests of a login as they are prepared, and gives back the status of each answer, and the last page.
async fn played(visit: &Visit, start: &str) -> (Vec<String>, String) {
    played_from(visit, visit.get(start).await.text().await.unwrap()).await
}

async fn played_from(visit: &Visit, mut page: String) -> (Vec<String>, String) {
    let mut statuses = Vec::new();
    while !page.contains("data-test=\"done\"") {
        assert!(statuses.len() < 6, "{page}");
        let (status, next) = send(visit, &boxes(&page), "send").await;
        assert_eq!(status, 200, "{next}");
        statuses.push(next.split("data-test=\"status\">").nth(1).unwrap().split('<').next().unwrap().to_owned());
        page = next;
    }
    (statuses, page)
}

/// The outcome of each transaction, newest first.
async fn outcomes(visit: &Visit, base: &str) -> Vec<String> {
    let told: Value = serde_json::from_str(&visit.page(&format!("{base}/_mock/transactions")).await).unwrap();
    let of = |one: &Value| one["outcome"].as_str().unwrap().to_owned();
    told["transactions"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn a_login_is_played_to_its_end_in_both_protocols() {
    let visit = visit().await;
    let (statuses, page) = played(&visit, PATH).await;
    assert_eq!(statuses, ["201 Created", "302 Found", "200 OK", "200 OK"]);
    assert!(page.contains("ANDY LAU"), "the document is opened: {page}");
    let (statuses, page) = played(&visit, &format!("{PATH}?api=v3&persona=S9812381D")).await;
    assert_eq!(statuses, ["302 Found", "200 OK", "200 OK"]);
    assert!(page.contains("S9812381D") && !page.contains("ANDY LAU S6005048A</pre>"), "{page}");
    assert_eq!(outcomes(&visit, "").await, ["complete", "complete"], "no rule was broken on the way");
    let told: Value = serde_json::from_str(&visit.page("/_mock/exchanges").await).unwrap();
    let rules = || told["exchanges"].as_array().unwrap().iter().flat_map(|one| one["rules"].as_array().unwrap());
    let unexamined: Vec<&Value> = rules().filter(|rule| rule["verdict"] == "not-examined").collect();
    assert!(unexamined.is_empty(), "nothing was refused: {unexamined:?}");
    let nonces: Vec<_> = rules().filter(|rule| rule["id"] == "fapi.dpop.nonce").collect();
    assert!(nonces.len() >= 2 && nonces.iter().all(|rule| rule["why"] == "no nonce was demanded"), "{nonces:?}");
}

/// The documents that a page shows opened: title, and the JSON of each layer by its name.
fn opened(page: &str) -> Vec<(String, BTreeMap<String, Value>)> {
    let until = |text: &str, end: &str| text.split(end).next().unwrap().to_owned();
    let layer = |text: &str| {
        let json = plain(&until(text.split("<pre tabindex=\"0\">").nth(1)?, "</pre>"));
        Some((until(text, "</h3>"), serde_json::from_str(&json).unwrap()))
    };
    let documents = page.split("data-test=\"opened\"><summary>").skip(1).map(|text| until(text, "</details>"));
    documents.map(|text| (until(&text, ", opened"), text.split("<h3>").skip(1).filter_map(layer).collect())).collect()
}

/// Plays so many steps, and gives back the page after them.
pub(crate) async fn after(visit: &Visit, start: &str, steps: usize) -> String {
    let mut page = visit.get(start).await.text().await.unwrap();
    for _ in 0..steps {
        page = send(visit, &boxes(&page), "send").await.1;
    }
    page
}

#[tokio::test]
async fn what_was_encrypted_is_opened_layer_by_layer() {
    let visit = visit().await;
    let page = after(&visit, PATH, 3).await;
    let documents = opened(&page);
    let [(title, layers)] = documents.as_slice() else { panic!("{page}") };
    assert_eq!(title, "The ID token");
    assert_eq!(layers["JWE header"]["kid"], "client-enc-p256");
    assert_eq!(layers["JWS header"]["alg"], "ES256");
    assert_eq!(layers["Claims"]["aud"], "TESTBEDxMYINFOxAPPx0000000000001");
    let memo: Value = serde_json::from_str(&boxes(&page)["memo"]).unwrap();
    assert_eq!(layers["Claims"]["nonce"], memo["nonce"], "it is the token of this login");
    for (api, steps, name) in
        [("fapi", 4, "/person_info/name/value"), ("oidc", 3, "/name/value"), ("v3", 3, "/name/value")]
    {
        let page = after(&visit, &format!("{PATH}?api={api}"), steps).await;
        let documents = opened(&page);
        let [(title, layers)] = documents.as_slice() else { panic!("{api}: {page}") };
        assert_eq!((title.as_str(), layers.len()), ("The person document", 3), "{api}");
        assert_eq!(layers["Claims"].pointer(name).unwrap(), "ANDY LAU", "{api}");
    }
}

#[tokio::test]
async fn what_does_not_open_says_why() {
    let visit = visit().await;
    visit.click("/_mock/faults.html", "times=1&client=&arm=fapi-id-token-key").await;
    let page = after(&visit, PATH, 3).await;
    assert!(page.contains("It does not open with the client’s key: it was encrypted for another key, or"), "{page}");
    assert!(opened(&page)[0].1.contains_key("JWE header"), "what can be read is shown");
}

#[tokio::test]
async fn what_a_client_would_not_get_whole_is_no_end_of_a_login() {
    for (fault, says) in [
        ("fapi-userinfo-cut", "breaks the connection in the middle of this answer"),
        ("fapi-userinfo-stalled", "lets this answer stop in the middle"),
        ("fapi-userinfo-tag", "It does not open with the client’s key"),
        ("fapi-userinfo-redirect", "302 Found"),
    ] {
        let visit = visit().await;
        visit.click("/_mock/faults.html", &format!("times=1&client=&arm={fault}")).await;
        let page = after(&visit, PATH, 4).await;
        assert!(page.contains(says) && !page.contains("data-test=\"done\""), "{fault}: {page}");
        let (_, page) = send(&visit, &boxes(&page), "sign").await;
        assert!(page.contains("data-test=\"done\""), "{fault}: {page}");
    }
    let visit = visit().await;
    visit.click("/_mock/faults.html", "times=1&client=&arm=jwe-recipient").await;
    let page = after(&visit, &format!("{PATH}?api=v3"), 3).await;
    assert!(page.contains("it was encrypted for another key, or its header") && !page.contains("error:"), "{page}");
}

#[tokio::test]
async fn a_nonce_that_is_demanded_stands_in_the_next_proof_of_the_same_request() {
    let visit = visit_with("[fapi]\ndpop_nonce = true\n").await;
    let proof_of = |page: &str| {
        let headers = boxes(page)["headers"].clone();
        let proof = headers.lines().find_map(|line| line.strip_prefix("DPoP: ")).unwrap().to_owned();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()
    };
    let first = after(&visit, PATH, 0).await;
    assert_eq!(proof_of(&first)["nonce"], Value::Null);
    let (_, again) = send(&visit, &boxes(&first), "send").await;
    assert!(again.contains("data-test=\"demand\"") && again.contains("use_dpop_nonce"), "{again}");
    assert!(again.contains(&format!("dpop-nonce: {}", proof_of(&again)["nonce"].as_str().unwrap())), "{again}");
    assert_ne!(proof_of(&first)["jti"], proof_of(&again)["jti"], "the proof is a new one");
    let form = |page: &str| boxes(page)["body"].split("&client_assertion=").next().unwrap().to_owned();
    assert_eq!(form(&first), form(&again), "the request is the same");
    let statuses = played_from(&visit, again).await.0;
    assert_eq!(
        statuses[..3],
        ["201 Created", "302 Found", "200 OK"],
        "known to the authorisation server from there on"
    );
    assert_eq!(statuses[3..], ["401 Unauthorized", "200 OK"], "userinfo demands one of its own");
}

#[tokio::test]
async fn the_fault_that_demands_a_nonce_is_answered_with_a_new_proof() {
    let visit = visit().await;
    visit.click("/_mock/faults.html", "times=1&client=&arm=fapi-token-dpop-nonce").await;
    let (statuses, page) = played(&visit, PATH).await;
    assert_eq!(statuses, ["201 Created", "302 Found", "400 Bad Request", "200 OK", "200 OK"], "{page}");
}

#[tokio::test]
async fn a_login_app_says_what_the_login_is_for_and_has_its_data_in_the_id_token() {
    let visit = visit().await;
    let start = format!("{PATH}?api=fapi-login");
    let first = after(&visit, &start, 0).await;
    assert!(boxes(&first)["body"].contains("authentication_context_type=APP_AUTHENTICATION_DEFAULT"), "{first}");
    let (statuses, page) = played(&visit, &start).await;
    assert_eq!(statuses, ["201 Created", "302 Found", "200 OK"], "there is no userinfo");
    let claims = &opened(&page)[0].1["Claims"];
    assert_eq!(claims["aud"], "TESTBEDxLOGINxAPPx00000000000002");
    assert_eq!(claims["sub_attributes"]["identity_number"], "S6005048A");
    assert_eq!(outcomes(&visit, "").await, ["complete"], "no rule was broken on the way");
}

#[tokio::test]
async fn the_api_before_fapi_is_played_without_proofs() {
    let visit = visit().await;
    let start = format!("{PATH}?api=oidc");
    let token = boxes(&after(&visit, &start, 1).await);
    assert!(!token["headers"].contains("DPoP") && token["body"].contains("client_assertion=ey"), "{token:?}");
    let userinfo = boxes(&after(&visit, &start, 2).await);
    assert!(userinfo["headers"].starts_with("Authorization: Bearer ey"), "{userinfo:?}");
    let (statuses, page) = played(&visit, &start).await;
    assert_eq!(statuses, ["302 Found", "200 OK", "200 OK"]);
    assert!(page.contains("ANDY LAU"), "{page}");
    assert_eq!(outcomes(&visit, "").await[0], "complete", "no rule was broken on the way");
}

#[tokio::test]
async fn what_is_changed_breaks_its_signature_until_it_is_signed_anew() {
    let visit = visit().await;
    let page = visit.get(&format!("{PATH}?api=v3")).await.text().await.unwrap();
    let (_, page) = send(&visit, &boxes(&page), "send").await;
    let token = boxes(&page);
    let token = with(&token, "body", &token["body"].replace("grant_type=authorization_code&", ""));
    let (status, page) = send(&visit, &token, "send").await;
    assert_eq!(status, 200);
    assert!(page.contains("500 Internal Server Error") && page.contains("v3.signature.valid"), "{page}");
    assert!(!page.contains("searched for"), "what the search found is there: {page}");
    assert_eq!(boxes(&page)["body"], token["body"], "the changed request is there to be changed again");
    let (_, page) = send(&visit, &token, "sign").await;
    assert!(page.contains("data-test=\"status\">200 OK"), "{page}");
    assert_eq!(boxes(&page)["step"], "2");
}

#[tokio::test]
async fn an_assertion_is_made_anew_for_what_was_changed() {
    let visit = visit().await;
    let page = visit.get(PATH).await.text().await.unwrap();
    let par = boxes(&page);
    let par = with(&par, "body", &par["body"].replace("uinfin", "no-such-scope"));
    let (_, page) = send(&visit, &par, "send").await;
    assert!(page.contains("400 Bad Request") && page.contains("fapi.par.scope"), "{page}");
    let again = boxes(&page);
    let (_, page) = send(&visit, &again, "send").await;
    assert!(page.contains("assertion") && page.contains("data-test=\"cause\""), "it was used before: {page}");
    let mended = with(&again, "body", &again["body"].replace("no-such-scope", "uinfin"));
    let (_, page) = send(&visit, &mended, "sign").await;
    assert!(page.contains("201 Created"), "{page}");
}

#[tokio::test]
async fn nothing_is_sent_to_another_address_than_this_realms() {
    let visit = visit().await;
    let page = visit.get(PATH).await.text().await.unwrap();
    let good = boxes(&page);
    let base = visit.mock.base_url();
    for url in [
        "http://elsewhere.example/fapi/par".to_owned(),
        format!("{base}.elsewhere.example/fapi/par"),
        format!("{base}@elsewhere.example/"),
        "file:///etc/passwd".to_owned(),
        base.clone(),
        String::new(),
    ] {
        let (status, page) = send(&visit, &with(&good, "url", &url), "send").await;
        assert_eq!(status, 400, "{url}");
        assert!(page.contains("sends to this mock alone"), "{url}: {page}");
    }
    assert!(outcomes(&visit, "").await.is_empty(), "nothing came");
    for (name, value, says) in [
        ("method", "G T", "none of HTTP"),
        ("headers", "no colon <script>", "a line `Name: value`"),
        ("headers", "na me: x", "a name that none can have"),
        ("body", &*"x".repeat(64 * 1024), "at most 65536 are sent"),
        ("url", &*format!("{base}/fapi/par?a=ü"), "percent-encoded"),
    ] {
        let (status, page) = send(&visit, &with(&good, name, value), "sign").await;
        assert!(status == 400 && plain(&page).contains(says) && !page.contains("<script>"), "{name}={value}: {page}");
    }
}

#[tokio::test]
async fn what_cannot_be_played_is_told() {
    let visit = visit().await;
    assert_eq!(visit.get(&format!("{PATH}?api=oidcc")).await.status(), 400);
    assert!(visit.page(&format!("{PATH}?api=oidcc")).await.contains("did you mean `oidc`"));
    for form in ["memo=x&step=0", "memo={}&step=9", "memo={}&step=-1", "memo={\"a\":1}&step=0"] {
        assert_eq!(visit.click(PATH, form).await.status(), 400, "{form}");
    }
    let foreign = visit.http.post(format!("{}{PATH}", visit.mock.base_url())).body("memo={}&step=0");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    let nowhere = Boxes::from([
        ("step".to_owned(), "0".to_owned()),
        ("memo".to_owned(), "{}".to_owned()),
        ("method".to_owned(), "GET".to_owned()),
        ("url".to_owned(), format!("{}/nope", visit.mock.base_url())),
    ]);
    let (status, page) = send(&visit, &nowhere, "send").await;
    assert!(status == 200 && page.contains("404 Not Found") && page.contains("http.path"), "{page}");
}

#[tokio::test]
async fn a_realm_is_played_in_itself() {
    let visit = visit().await;
    let made = visit.http.post(format!("{}/_mock/realms", visit.mock.base_url()));
    made.header("content-type", "application/json").body(r#"{"name":"side"}"#).send().await.unwrap();
    let page = visit.get(&format!("/_realm/side{PATH}")).await.text().await.unwrap();
    let request = boxes(&page);
    assert!(request["url"].ends_with("/_realm/side/fapi/par"), "{request:?}");
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let answer = visit.click(&format!("/_realm/side{PATH}"), &form.extend_pairs(&request).finish()).await;
    assert!(answer.text().await.unwrap().contains("201 Created"));
    assert_eq!((outcomes(&visit, "/_realm/side").await.len(), outcomes(&visit, "").await.len()), (1, 0));
    let outside = with(&request, "url", &request["url"].replace("/_realm/side", ""));
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    let answer = visit.click(&format!("/_realm/side{PATH}"), &form.extend_pairs(&outside).finish()).await;
    assert_eq!(answer.status(), 400, "another realm is another mock");
}
