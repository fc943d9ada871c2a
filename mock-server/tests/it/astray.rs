//! Who went astray on the mock's own pages: what a browser is shown, what a program gets, and in which realm one is.

use crate::own_pages::make_realm;
use crate::pages::{Visit, visit};
use crate::playground::plain;
use reqwest::Method;
use serde_json::Value;

/// What a browser gets.
async fn browse(visit: &Visit, path: &str) -> (u16, String) {
    let request = visit.http.get(format!("{}{path}", visit.mock.base_url()));
    let answer = request.header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_browser_that_went_astray_is_shown_a_page_that_leads_back_and_a_program_gets_json() {
    let visit = visit().await;
    for (path, status, says) in [
        ("/_mock/transactions/99999.html", 404, "There is no transaction 99999 yet."),
        ("/_mock/transactions/0.html", 404, "There is no transaction 0: they are counted from 1."),
        ("/_mock/docs/nope.html", 404, "There is no such chapter"),
        ("/_mock/personas/S0000000X.html", 404, "No persona has the id or name `S0000000X`"),
        ("/_mock/clients/NOBODY.html", 404, "The client `NOBODY` is not registered"),
        ("/_mock/nope.html", 404, "There is no /_mock/nope.html"),
        ("/_mock/?page=0", 400, "a number from 1 is expected"),
        ("/_realm/nope/_mock/", 404, "There is no realm `nope`"),
        ("/_realm/%3Cscript%3E/", 404, "There is no realm"),
        ("/_realm/default/_mock/", 404, "The default realm has no name: leave `/_realm/default` out of the address"),
    ] {
        let (told, page) = browse(&visit, path).await;
        let back = page.contains("data-test=\"back\"") && page.contains("href=\"/_mock/\"");
        assert!(told == status && back && page.contains("<!doctype html>"), "{path}: {told} {page}");
        let message = page.split("data-test=\"message\">").nth(1).unwrap().split("</dd>").next().unwrap();
        assert!(message.contains(says) && !page.contains("<script>"), "{path}: {message}");
        let answer = visit.get(path).await;
        assert_eq!(answer.status(), status, "{path}");
        let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert!(error["error"].is_string() || error["message"].is_string(), "{path}: {error}");
    }
}

#[tokio::test]
async fn pages_of_a_realm_say_in_which_one_is_and_lead_to_the_default_one() {
    let visit = visit().await;
    make_realm(&visit).await;
    let (_, page) = browse(&visit, "/_realm/side/_mock/").await;
    assert!(
        page.contains("data-test=\"realm\">This is the realm <strong>side</strong>. <a href=\"/_mock/\""),
        "{page}"
    );
    let (_, astray) = browse(&visit, "/_realm/side/_mock/nope.html").await;
    assert!(astray.contains("<strong>side</strong>") && astray.contains("href=\"/_realm/side/_mock/\""), "{astray}");
    assert!(!browse(&visit, "/_mock/").await.1.contains("data-test=\"realm\""));
}

#[tokio::test]
async fn an_unknown_realm_is_told_with_the_one_that_was_probably_meant() {
    let visit = visit().await;
    make_realm(&visit).await;
    let says = "there is no realm `sied`: make it with POST /_mock/realms; did you mean `side`?";
    for path in ["/_realm/sied/com/v3/token", "/_realm/sied/_mock/exchanges", "/_realm/sied"] {
        let told: Value = serde_json::from_str(&visit.page(path).await).unwrap();
        assert_eq!(told["message"], says, "{path}");
    }
    let page = plain(&browse(&visit, "/_realm/sied/_mock/").await.1);
    assert!(page.contains("; did you mean `side`?"), "{page}");
    assert!(!visit.page("/_realm/quite-another/").await.contains("did you mean"));
}

#[tokio::test]
async fn head_is_get_without_the_content_on_the_mocks_own_addresses_alone() {
    let visit = visit().await;
    make_realm(&visit).await;
    let ask = async |method: Method, path: &str| {
        let request = visit.http.request(method, format!("{}{path}", visit.mock.base_url()));
        request.header("accept", "text/html").send().await.unwrap()
    };
    for path in [
        "/",
        "/_mock",
        "/_mock/",
        "/_mock/style.css",
        "/_mock/page.js",
        "/_mock/health",
        "/_mock/openapi.json",
        "/_mock/docs/",
        "/_mock/docs/fapi.html",
        "/_mock/nope.html",
        "/_mock/personas",
        "/_realm/side/_mock/clock",
    ] {
        let (get, head) = (ask(Method::GET, path).await, ask(Method::HEAD, path).await);
        assert_eq!(head.status(), get.status(), "{path}");
        for header in ["content-type", "cache-control", "content-length"] {
            assert_eq!(head.headers().get(header), get.headers().get(header), "{header} of {path}");
        }
        assert!(head.headers()["content-length"] != "0" && head.bytes().await.unwrap().is_empty(), "{path}");
    }
    let streamed = ask(Method::HEAD, "/_mock/exchanges").await;
    assert!(streamed.status() == 200 && streamed.bytes().await.unwrap().is_empty());
    for path in ["/com/v3/authorise", "/.well-known/keys", "/fapi/.well-known/openid-configuration", "/_mock/reset"] {
        assert_eq!(ask(Method::HEAD, path).await.status(), 405, "{path}");
    }
    let refused = ask(Method::PUT, "/_mock/clock").await;
    assert_eq!(refused.headers()["allow"], "GET, HEAD, POST, DELETE");
}
