//! The playground: a login played step by step in either protocol, changed on the way, and never sent anywhere else.

use crate::pages::{Visit, visit};
use serde_json::Value;
use std::collections::BTreeMap;

const PATH: &str = "/_mock/playground.html";

/// The boxes of the page's form, by their names.
type Boxes = BTreeMap<String, String>;

fn plain(text: &str) -> String {
    text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
}

/// What a browser would send of the form on a page.
fn boxes(page: &str) -> Boxes {
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
fn with(boxes: &Boxes, name: &str, value: &str) -> Boxes {
    let mut changed = boxes.clone();
    changed.insert(name.to_owned(), value.to_owned());
    changed
}

async fn send(visit: &Visit, boxes: &Boxes, button: &str) -> (u16, String) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(boxes).append_pair("do", button);
    let answer = visit.click(PATH, &form.finish()).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Sends the requests of a login as they are prepared, and gives back the status of each answer, and the last page.
async fn played(visit: &Visit, start: &str) -> (Vec<String>, String) {
    let mut page = visit.get(start).await.text().await.unwrap();
    let mut statuses = Vec::new();
    while !page.contains("data-test=\"done\"") {
        assert!(statuses.len() < 5, "{page}");
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
        assert!(status == 400 && page.contains(says) && !page.contains("<script>"), "{name}={value}: {page}");
    }
}

#[tokio::test]
async fn what_cannot_be_played_is_told() {
    let visit = visit().await;
    assert_eq!(visit.get(&format!("{PATH}?api=oidc")).await.status(), 400);
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
